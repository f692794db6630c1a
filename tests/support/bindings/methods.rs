//! What the parameters of a function are for, read from their types and names: so that a language can
//! give the function a form of its own.

use super::declarations::{Abi, Function, Parameter, Struct};

/// Functions whose form each language writes by hand: the life of an engine, its events, its
/// callbacks, its samples, what needs no engine.
pub const BY_HAND: [&str; 20] = [
    "sidetone_api_version",
    "sidetone_version",
    "sidetone_has_feature",
    "sidetone_strerror",
    "sidetone_last_error",
    "sidetone_engine_create",
    "sidetone_engine_destroy",
    "sidetone_multipart_count",
    "sidetone_multipart_read",
    "sidetone_multipart_write",
    "sidetone_event_next",
    "sidetone_event_thread_start",
    "sidetone_event_thread_stop",
    "sidetone_wakeup_set_function",
    "sidetone_wakeup_set_fd",
    "sidetone_wakeup_set_handle",
    "sidetone_wakeup_set_window",
    "sidetone_log_set",
    "sidetone_tap_read",
    "sidetone_inject_write",
];

/// A function as a method of an engine.
pub struct Method<'a> {
    pub function: &'a Function,
    /// Without the engine, which comes first.
    pub parts: Vec<Part<'a>>,
}

/// One or more parameters that belong together.
pub enum Part<'a> {
    /// A number.
    Number { name: &'a str, base: &'a str },
    /// UTF-8 and its length.
    Text { name: &'a str },
    /// Octets and their number.
    Octets { name: &'a str },
    /// A struct that the host fills; `optional`: it may be NULL.
    Settings { name: &'a str, kind: &'a Struct, optional: bool },
    /// A list of headers.
    Headers { name: &'a str },
    /// Gets a number.
    NumberOut { name: &'a str, base: &'a str },
    /// Gets the number of the request.
    Request,
    /// Gets text: buffer, capacity, needed.
    TextOut,
    /// Gets ids: array, capacity, count.
    IdsOut,
    /// Gets a struct.
    ValuesOut { kind: &'a Struct },
}

impl<'a> Method<'a> {
    /// The name without its prefix: "call_dial".
    pub fn name(&self) -> &'a str {
        stem(&self.function.name)
    }

    /// What it is for: the first paragraph of its comment, without marks.
    pub fn summary(&self) -> String {
        summary(&self.function.doc)
    }

    /// Whether there is a request to tell of.
    pub fn has_request(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Request))
    }
}

/// A name without its prefix.
pub fn stem(name: &str) -> &str {
    name.strip_prefix("sidetone_").or(name.strip_prefix("SIDETONE_")).unwrap_or(name)
}

/// The first paragraph of a comment, on one line.
pub fn summary(doc: &str) -> String {
    doc.split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

/// "call_dial" as "CallDial".
pub fn camel(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_uppercase() + rest
    };
    name.split('_').map(word).collect()
}

/// Every function that is a method by these rules.
pub fn methods(abi: &Abi) -> Vec<Method<'_>> {
    let by_rule = |function: &&Function| {
        let name = function.name.as_str();
        !BY_HAND.contains(&name) && !name.ends_with("_init")
    };
    abi.functions.iter().filter(by_rule).map(|function| method(abi, function)).collect()
}

fn method<'a>(abi: &'a Abi, function: &'a Function) -> Method<'a> {
    let [engine, rest @ ..] = function.parameters.as_slice() else {
        panic!("{} has no parameters", function.name)
    };
    assert!(engine.kind.is("sidetone_engine *"), "{}: by hand, or a rule", function.name);
    let (mut parts, mut rest) = (Vec::new(), rest);
    while !rest.is_empty() {
        let (part, taken) = part(abi, rest)
            .unwrap_or_else(|| panic!("{}: no rule for {:?}", function.name, rest[0]));
        parts.push(part);
        rest = &rest[taken..];
    }
    Method { function, parts }
}

/// The first part of these parameters, and how many it takes.
fn part<'a>(abi: &'a Abi, rest: &'a [Parameter]) -> Option<(Part<'a>, usize)> {
    let first = &rest[0];
    let name = first.name.as_str();
    let types: Vec<String> = rest.iter().take(3).map(|one| one.kind.c()).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let kind = abi.find(&first.kind.base);
    Some(match (types.as_slice(), kind) {
        (["const char *", "int32_t", ..], _) if rest[1].name.ends_with("length") => {
            (Part::Text { name }, 2)
        }
        (["const void *", "uint32_t", ..], _) if rest[1].name == "bytes" => {
            (Part::Octets { name }, 2)
        }
        (["char *", "uint32_t", "uint32_t *"], _) if rest.len() == 3 => (Part::TextOut, 3),
        (["uint64_t *", "uint32_t", "uint32_t *"], _) if rest.len() == 3 => (Part::IdsOut, 3),
        (["uint64_t *"], _) if name == "request" => (Part::Request, 1),
        (["uint64_t *" | "uint32_t *", ..], _) => {
            (Part::NumberOut { name, base: &first.kind.base }, 1)
        }
        (["const sidetone_headers *", ..], _) => (Part::Headers { name }, 1),
        ([_, ..], Some(kind)) if first.kind.pointers == 1 && first.kind.constant => {
            (Part::Settings { name, kind, optional: name == "options" }, 1)
        }
        ([_], Some(kind)) if first.kind.pointers == 1 => (Part::ValuesOut { kind }, 1),
        (["uint32_t" | "uint64_t" | "int32_t" | "float", ..], _) => {
            (Part::Number { name, base: &first.kind.base }, 1)
        }
        _ => return None,
    })
}

/// A text in lines of at most 98 columns, each after `indent` and `marks`.
pub fn wrapped(text: &str, indent: &str, marks: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("one at least");
        if last.len() + word.len() + indent.len() + marks.len() > 98 {
            lines.push(word.to_owned());
        } else {
            last.push_str(if last.is_empty() { "" } else { " " });
            last.push_str(word);
        }
    }
    lines.iter().map(|line| format!("{indent}{marks}{line}\n")).collect()
}
