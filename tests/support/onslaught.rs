//! Writes the calls of `tests/c/onslaught.c`: for each function of the header one that calls it with
//! arguments thrown by the dice of `tests/c/dice.h`.

use std::{collections::BTreeSet, fmt::Write as _};

use super::declarations::{Abi, Function, Parameter, Struct, Type};

/// Functions that are called with care: the bodies of their calls.
const BY_HAND: [(&str, &str); 8] = [
    (
        "sidetone_engine_create",
        "sidetone_engine *made = NULL;\n\
         int32_t status = sidetone_engine_create(any_sidetone_engine_config(dice),\n\
         roll(dice, 10) == 0 ? NULL : &made);\n\
         (void)engine;\n\
         if (status == SIDETONE_OK) EXPECT(OK, sidetone_engine_destroy(made));\n\
         CHECK((status == SIDETONE_OK) == (made != NULL));\n\
         return status;",
    ),
    ("sidetone_engine_destroy", "(void)dice; (void)engine;\nreturn sidetone_engine_destroy(NULL);"),
    (
        "sidetone_engine_shutdown",
        "return sidetone_engine_shutdown(roll(dice, 2) == 0 ? NULL : engine, 60001);",
    ),
    (
        "sidetone_event_next",
        "sidetone_event *event = (sidetone_event *)any_room(dice, sizeof(sidetone_event));\n\
         int32_t status = sidetone_event_next(engine, any_timeout(dice), event);\n\
         if (status == SIDETONE_OK) note_event(dice->slot, event);\n\
         return status;",
    ),
    (
        "sidetone_event_thread_start",
        "return sidetone_event_thread_start(engine, roll(dice, 2) == 0 ? NULL : on_event,\n\
         dice->slot);",
    ),
    (
        "sidetone_wakeup_set_function",
        "return sidetone_wakeup_set_function(engine, roll(dice, 3) == 0 ? NULL : on_wakeup,\n\
         dice->slot);",
    ),
    (
        "sidetone_wakeup_set_fd",
        "return sidetone_wakeup_set_fd(engine, roll(dice, 3) == 0 ? wakeups[1]\n\
         : -1 - (int32_t)roll(dice, 3));",
    ),
    (
        "sidetone_log_set",
        "return sidetone_log_set(engine, roll(dice, 8), roll(dice, 3) == 0 ? NULL : on_log,\n\
         dice->slot);",
    ),
];

/// Statuses that no function may give, whatever its arguments.
const NEVER: [&str; 3] = ["SIDETONE_ERR_PANIC", "SIDETONE_ERR_FAULTED", "SIDETONE_ERR_INTERNAL"];

/// The functions that are called, in the order of their calls: all but those of Windows.
pub fn functions(abi: &Abi) -> impl Iterator<Item = &Function> {
    abi.functions.iter().filter(|function| !function.windows)
}

/// The text of `onslaught_calls.h`.
pub fn calls(abi: &Abi) -> String {
    let mut text = String::new();
    for kind in abi.structs.iter().filter(|kind| abi.is_settings(kind)) {
        text += &settings(kind);
    }
    for function in functions(abi) {
        write!(
            text,
            "static int32_t call_{}(struct dice *dice, sidetone_engine *engine) {{\n{}\n}}\n",
            function.name,
            body(abi, function)
        )
        .unwrap();
    }
    text += "static const struct { const char *name; int32_t (*call)(struct dice *, sidetone_engine *);\n\
             int32_t allowed[24]; } functions[] = {\n";
    for function in functions(abi) {
        let allowed = statuses(abi, function).into_iter().chain(["0".to_owned()]);
        let allowed = allowed.collect::<Vec<_>>().join(", ");
        writeln!(text, "{{\"{0}\", call_{0}, {{{allowed}}}}},", function.name).unwrap();
    }
    text + "};\nenum { FUNCTIONS = sizeof functions / sizeof functions[0] };\n"
}

/// What makes a struct that the host fills: its defaults, of which some are changed.
fn settings(kind: &Struct) -> String {
    let name = &kind.name;
    let mut text = format!(
        "static {name} *any_{name}(struct dice *dice) {{\n{name} value;\n\
         uint32_t odds = roll(dice, 3) * {};\n\
         if (roll(dice, 25) == 0) return NULL;\n\
         EXPECT(OK, {name}_init(&value, sizeof value));\nsettle(\"{name}\", &value);\n",
        kind.fields.len() / 2 + 1
    );
    for field in kind.fields.iter().filter(|field| !["size", "bind"].contains(&&*field.name)) {
        let place = format!("value.{}", field.name);
        let set = match field.kind.base.as_str() {
            "sidetone_text" => format!("put_text(dice, &{place})"),
            "sidetone_headers" => format!("put_headers(dice, &{place})"),
            base => {
                let index = if field.entries.is_some() { "[roll(dice, 3)]" } else { "" };
                format!("{place}{index} = ({base}){}", any(&field.kind))
            }
        };
        writeln!(text, "if (odds > 0 && roll(dice, odds) == 0) {set};").unwrap();
    }
    text + &format!(
        "return ({name} *)sized(dice, &value, sizeof value, any_size(dice, sizeof value));\n}}\n"
    )
}

/// The dice for a number.
fn any(kind: &Type) -> &'static str {
    match kind.base.as_str() {
        "float" => "any_float(dice)",
        "uint64_t" => "any_id(dice, CALL_KIND)",
        _ => "any_number(dice)",
    }
}

/// The kind of object that an id is for (the top byte of its ids).
fn kind_of(name: &str) -> u32 {
    match name {
        "account" => 1,
        "transaction" => 3,
        "subscription" => 4,
        "publication" => 5,
        "tap" => 6,
        "injection" => 7,
        "conference" => 8,
        _ => 2,
    }
}

/// Text that a function takes, as C writes it; NULL for an address.
fn fit(function: &str, name: &str) -> &'static str {
    match name {
        "uri" | "target" => "NULL",
        "digits" => "\"12#\"",
        "path" if function.contains("record") => "\"heard.wav\"",
        "path" if function.contains("capture") => "\"heard.pcap\"",
        "path" => "\"slide.wav\"",
        "event" => "\"presence\"",
        "content_type" if function.contains("multipart") => "\"multipart/mixed; boundary=x\"",
        "content_type" => "\"text/plain\"",
        "name" if function.contains("feature") => "\"srtp\"",
        "name" if function.contains("multipart") => "\"Content-Type\"",
        "name" => "\"To\"",
        _ => "\"busy\"",
    }
}

/// The body of a call.
fn body(abi: &Abi, function: &Function) -> String {
    let name = &function.name;
    if let Some((_, body)) = BY_HAND.iter().find(|(by_hand, _)| by_hand == name) {
        return (*body).to_owned();
    }
    let mut writer = Writer { abi, ..Writer::default_of(abi) };
    let mut rest = function.parameters.as_slice();
    while !rest.is_empty() {
        let taken = writer.part(name, rest);
        rest = &rest[taken..];
    }
    let arguments = writer.arguments.join(", ");
    let call = match (function.returns.pointers, function.returns.base.as_str()) {
        (0, "int32_t") => format!("int32_t status = {name}({arguments});\n"),
        (0, _) => format!("int32_t status = {name}({arguments}) > 0 ? SIDETONE_OK : -1;\n"),
        _ => format!("int32_t status = {name}({arguments}) != NULL ? SIDETONE_OK : -1;\n"),
    };
    let unused = if writer.uses_engine { "" } else { "(void)engine;\n" };
    let after = writer.after;
    format!("{}{call}(void)dice;\n{unused}{after}return status;", writer.before)
}

/// Writes the arguments of one call.
struct Writer<'a> {
    abi: &'a Abi,
    before: String,
    arguments: Vec<String>,
    after: String,
    uses_engine: bool,
}

impl<'a> Writer<'a> {
    fn default_of(abi: &'a Abi) -> Self {
        Self {
            abi,
            before: String::new(),
            arguments: Vec::new(),
            after: String::new(),
            uses_engine: false,
        }
    }

    fn declare(&mut self, text: &str) {
        self.before += text;
        self.before.push('\n');
    }

    /// Writes the next one or two parameters; how many.
    fn part(&mut self, function: &str, rest: &[Parameter]) -> usize {
        let (first, name) = (&rest[0].kind, rest[0].name.as_str());
        let second = rest.get(1).map(|one| one.name.clone()).unwrap_or_default();
        let array = |kind: &str| {
            format!(
                "uint32_t {second} = roll(dice, 6) == 0 ? 0 : roll(dice, 2000);\n\
                 {kind} *{name} = roll(dice, 20) == 0 ? NULL\n\
                 : ({kind} *)take(dice, {second} * sizeof({kind}));"
            )
        };
        let mut pair = |text: String| {
            self.declare(&text);
            self.arguments.extend([name.to_owned(), second.clone()]);
            2
        };
        match first.c().as_str() {
            "sidetone_engine *" => self.argument("engine", true),
            "const char *" => {
                self.declare(&format!(
                    "struct text {name} = fit_text(dice, {});",
                    fit(function, name)
                ));
                self.arguments.extend([format!("{name}.data"), format!("{name}.length")]);
                2
            }
            "char *" | "void *" => pair(array("char")),
            "const void *" if function.contains("multipart") => {
                self.declare(
                    "struct text body = fit_text(dice, \"--x\\r\\n\\r\\nhi\\r\\n--x--\");",
                );
                let bytes = "body.data == NULL ? 0 : (uint32_t)strlen(body.data)";
                self.arguments.extend(["body.data".to_owned(), bytes.to_owned()]);
                2
            }
            "const void *" => pair(array("unsigned char")),
            "const int16_t *" | "int16_t *" => pair(array("int16_t")),
            "uint64_t *" if second == "capacity" => pair(array("uint64_t")),
            "const sidetone_body_part *" => pair(format!(
                "uint32_t {second} = roll(dice, 4), index;\n\
                 sidetone_body_part *{name} =\n\
                 (sidetone_body_part *)take(dice, {second} * sizeof(sidetone_body_part));\n\
                 for (index = 0; index < {second}; ++index) {{\n\
                 put_text(dice, &{name}[index].content_type);\n\
                 put_text(dice, &{name}[index].body);\n}}"
            )),
            "const sidetone_headers *" => {
                self.declare("sidetone_headers headers;\nput_headers(dice, &headers);");
                self.argument("roll(dice, 20) == 0 ? NULL : &headers", false)
            }
            "uint64_t *" | "uint32_t *" => {
                let base = &first.base;
                self.declare(&format!("{base} {name} = 0;"));
                if name == "call" {
                    self.after += "if (status == SIDETONE_OK) note_dial(dice->slot, call);\n";
                } else if base == "uint64_t" && name != "request" && name != "flushed" {
                    self.after += &format!("if (status == SIDETONE_OK) keep_id({name});\n");
                }
                self.argument(&format!("roll(dice, 10) == 0 ? NULL : &{name}"), false)
            }
            "uint64_t" => self.argument(&format!("any_id(dice, {})", kind_of(name)), false),
            "float" => self.argument("any_float(dice)", false),
            "int32_t" if name == "timeout_ms" => self.argument("any_timeout(dice)", false),
            "int32_t" => self.argument("(int32_t)any_number(dice)", false),
            "uint32_t" if name == "sip_code" => {
                self.argument("roll(dice, 2) == 0 ? 486 : any_number(dice)", false)
            }
            "uint32_t" => self.argument("any_number(dice)", false),
            c => {
                let kind = self.abi.find(&first.base);
                let kind = kind.unwrap_or_else(|| panic!("{function}: no dice for {c}{name}"));
                let kind = kind.name.clone();
                if second == "size" {
                    self.declare(&format!(
                        "uint32_t size = any_size(dice, sizeof({kind}));\n\
                         {kind} *{name} = roll(dice, 20) == 0 ? NULL : ({kind} *)take(dice, size);"
                    ));
                    self.arguments.extend([name.to_owned(), "size".to_owned()]);
                    return 2;
                }
                if first.constant {
                    return self.argument(&format!("any_{kind}(dice)"), false);
                }
                self.argument(&format!("({kind} *)any_room(dice, sizeof({kind}))"), false)
            }
        }
    }

    fn argument(&mut self, text: &str, is_engine: bool) -> usize {
        self.uses_engine |= is_engine;
        self.arguments.push(text.to_owned());
        1
    }
}

/// What a function may return by its comment, and by those of the functions that it refers to.
fn statuses(abi: &Abi, function: &Function) -> BTreeSet<String> {
    let (_, returns) = function.doc.split_once("Returns ").unwrap_or_default();
    let returns = returns.split("```").next().unwrap_or_default();
    let returns = returns.split("Threads:").next().unwrap_or_default();
    let (direct, _) = returns.split_once("The reply ").unwrap_or((returns, ""));
    let words = direct.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut found = BTreeSet::new();
    for word in words {
        if word.starts_with("SIDETONE_ERR_") && !NEVER.contains(&word) {
            found.insert(word.to_owned());
        }
        let mut others = abi.functions.iter().filter(|other| other.name != function.name);
        if let Some(other) = others.find(|other| other.name == word) {
            found.extend(statuses(abi, other));
        }
    }
    found
}
