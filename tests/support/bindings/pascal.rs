//! Pascal, for Delphi and Free Pascal: imports, records and methods.

use super::{
    declarations::{Abi, Field, Function, Struct, Type},
    methods::{Method, Part, camel, methods, stem, summary, wrapped},
};

const HEAD: &str = "// Written by tests/bindings.rs from include/sidetone.h; change it there.\n";

const RAW_HEAD: &str = "unit Sidetone;

{$ifdef FPC}{$mode delphi}{$endif}
{$Z4}

interface

{$if SizeOf(Pointer) = 4}{$define SIDETONE_PADDED}{$ifend}

const
  SIDETONE_LIBRARY = {$ifdef MSWINDOWS}'sidetone.dll'{$else}'libsidetone.so'{$endif};
";

const RESERVED: [&str; 12] = [
    "array", "begin", "end", "file", "function", "object", "repeat", "set", "string", "to", "type",
    "unit",
];

/// (path, text) of every file that is written.
pub fn files(abi: &Abi) -> Vec<(&'static str, String)> {
    vec![
        ("bindings/delphi/Sidetone.pas", raw(abi)),
        ("bindings/delphi/SidetoneMethods.pas", calls(abi)),
    ]
}

/// A name that Pascal leaves us.
pub fn free(name: &str) -> String {
    let taken = RESERVED.contains(&name.to_lowercase().as_str());
    if taken { format!("{name}_") } else { name.to_owned() }
}

/// What a constant is called: no two names may differ in their case only.
pub fn constant(abi: &Abi, name: &str) -> String {
    let taken = abi.functions.iter().any(|function| function.name.eq_ignore_ascii_case(name));
    if taken { format!("{name}_VALUE") } else { name.to_owned() }
}

fn raw(abi: &Abi) -> String {
    let mut text = format!("// The constants, records and functions of sidetone.h.\n//\n{HEAD}");
    text += RAW_HEAD;
    for one in &abi.constants {
        text += &format!("\n{}", wrapped(&summary(&one.doc), "  ", "// "));
        text += &format!("  {} = {};\n", constant(abi, &one.name), one.value);
    }
    text += "\ntype\n  Psidetone_engine = Pointer;\n";
    for kind in &abi.structs {
        text += &record(kind);
    }
    for callback in &abi.callbacks {
        let parameters = parameters(callback);
        text += &format!("\n  {} = procedure({parameters}); cdecl;\n", callback.name);
    }
    text += "\n";
    let mut windows = false;
    for function in &abi.functions {
        if function.windows != windows {
            windows = function.windows;
            text += if windows { "{$ifdef MSWINDOWS}\n" } else { "{$endif}\n" };
        }
        text += &format!(
            "function {}{}: {}; cdecl;\n  external SIDETONE_LIBRARY name '{0}';\n",
            function.name,
            if function.parameters.is_empty() {
                String::new()
            } else {
                format!("({})", parameters(function))
            },
            kind_name(&function.returns),
        );
    }
    text + "\nimplementation\n\nend.\n"
}

fn record(kind: &Struct) -> String {
    let (name, size) = (&kind.name, kind.size);
    let mut text = format!("\n  P{name} = ^{name};\n  {name} = packed record\n");
    for field in &kind.fields {
        let (label, base) = (free(&field.name), kind_name(&field.kind));
        text += &match field.entries {
            Some(entries) => format!("    {label}: array[0..{}] of {base};\n", entries - 1),
            None => format!("    {label}: {base};\n"),
        };
        if field.kind.pointers > 0 {
            text += "    {$ifdef SIDETONE_PADDED}";
            text += &format!("{label}_padding: UInt32;{{$endif}}\n");
        }
    }
    let fault = format!("{name} has not the size that the library knows");
    text + &format!(
        "  end;\n  {{$if SizeOf({name}) <> {size}}}{{$message fatal '{fault}'}}{{$ifend}}\n"
    )
}

fn parameters(function: &Function) -> String {
    let one = |name: &str, kind: &Type| format!("{}: {}", free(name), kind_name(kind));
    let list = function.parameters.iter().map(|parameter| one(&parameter.name, &parameter.kind));
    list.collect::<Vec<_>>().join("; ")
}

fn number(base: &str) -> &str {
    match base {
        "int16_t" => "SmallInt",
        "int32_t" => "Int32",
        "uint32_t" => "UInt32",
        "int64_t" => "Int64",
        "uint64_t" => "UInt64",
        "float" => "Single",
        other => other,
    }
}

fn kind_name(kind: &Type) -> String {
    let base = number(&kind.base);
    match (base, kind.pointers) {
        ("char", _) => "PAnsiChar".to_owned(),
        ("void", _) => "Pointer".to_owned(),
        (_, 2) => "PPointer".to_owned(),
        (base, 1) => format!("P{base}"),
        (base, _) => base.to_owned(),
    }
}

/// "sidetone_dial_options" as "TSidetoneDialOptions".
pub fn class(kind: &Struct) -> String {
    format!("TSidetone{}", camel(stem(&kind.name)))
}

fn has_text(kind: &Struct) -> bool {
    kind.fields.iter().any(|field| field.kind.base.starts_with("sidetone_"))
}

fn calls(abi: &Abi) -> String {
    let methods = methods(abi);
    let kinds: Vec<&Struct> =
        abi.structs.iter().filter(|kind| kind.fields[0].name == "size").collect();
    let (settings, values): (Vec<&Struct>, Vec<&Struct>) =
        kinds.into_iter().partition(|kind| abi.is_settings(kind));
    let values: Vec<&Struct> = values.into_iter().filter(|kind| has_text(kind)).collect();
    let mut text = format!(
        "// What the host fills and the library fills, with texts and lists of Pascal, and the functions\n\
         // of sidetone.h that take an engine, as methods. A command that gets a place for the number of\n\
         // its request is answered by an event SIDETONE_EVENT_REPLY.\n//\n{HEAD}\
         unit SidetoneMethods;\n\n{{$ifdef FPC}}{{$mode delphi}}{{$endif}}\n\ninterface\n\n\
         uses\n  SysUtils, Sidetone, SidetoneValues;\n\ntype\n"
    );
    for kind in &settings {
        text += &managed(
            kind,
            "    // What the library sets.\n    class function Defaults: NAME; static;\n    \
             // Sets a C struct, which borrows what `Kept` keeps.\n    \
             procedure Fill(out Raw: RAW; var Kept: TSidetoneKept);\n",
        );
    }
    for kind in &values {
        text += &managed(
            kind,
            "    // A copy of a C struct.\n    \
             class function Copied(const Raw: RAW): NAME; static;\n",
        );
    }
    text += &declared(abi, &methods);
    text += "\nimplementation\n";
    for kind in &settings {
        text += &defaults_and_fill(kind);
    }
    for kind in &values {
        text += &copied(kind);
    }
    text += HANDLERS;
    for method in &methods {
        text += &defined(method);
    }
    text + "\nend.\n"
}

fn managed(kind: &Struct, functions: &str) -> String {
    let name = class(kind);
    let mut text = format!(
        "{}  P{} = ^{name};\n  {name} = record\n",
        wrapped(&summary(&kind.doc), "  ", "// "),
        &name[1..]
    );
    for field in kind.meaningful() {
        text += &wrapped(&field.doc.replace('\n', " "), "    ", "// ");
        text += &format!("    {}: {};\n", free(&camel(&field.name)), field_class(field));
    }
    text + &functions.replace("NAME", &name).replace("RAW", &kind.name) + "  end;\n\n"
}

fn field_class(field: &Field) -> &str {
    match (field.kind.base.as_str(), field.entries) {
        ("sidetone_text", _) if field.name == "body" => "TBytes",
        ("sidetone_text", _) => "UnicodeString",
        ("sidetone_headers", _) => "TSipHeaders",
        (_, Some(_)) => "TSidetoneNumbers",
        (base, _) => number(base),
    }
}

fn declared(abi: &Abi, methods: &[Method<'_>]) -> String {
    let events = abi.constants.iter().filter(|one| one.name.starts_with("SIDETONE_EVENT_"));
    let events: Vec<_> = events.filter(|one| one.value != 0).collect();
    let last = events.iter().map(|one| one.value).max().unwrap_or_default();
    let mut text = format!(
        "  TSidetoneEventHandler = procedure(Sender: TObject; const Event: TSidetoneEvent) of object;\n\n  \
         // Methods of an engine; see TSidetoneClient.\n  TSidetoneMethods = class\n  private\n    \
         FHandlers: array[0..{last}] of TSidetoneEventHandler;\n    \
         function GetHandler(Kind: Integer): TSidetoneEventHandler;\n    \
         procedure SetHandler(Kind: Integer; Value: TSidetoneEventHandler);\n  protected\n    \
         FEngine: Psidetone_engine;\n    \
         // What is called for a kind of event; nil: nothing.\n    \
         function HandlerOf(Kind: UInt32): TSidetoneEventHandler;\n  public\n"
    );
    for method in methods {
        text += &wrapped(&method.summary(), "    ", "// ");
        text += &format!("    {};\n", heading(method, "", true));
    }
    for event in events {
        let name = camel(&event.name["SIDETONE_EVENT_".len()..].to_lowercase());
        text += &wrapped(&summary(&event.doc), "    ", "// ");
        text += &format!(
            "    property On{name}: TSidetoneEventHandler index {}\n      \
             read GetHandler write SetHandler;\n",
            event.name
        );
    }
    text + "  end;\n"
}

const HANDLERS: &str = "
function TSidetoneMethods.GetHandler(Kind: Integer): TSidetoneEventHandler;
begin
  Result := FHandlers[Kind];
end;

procedure TSidetoneMethods.SetHandler(Kind: Integer; Value: TSidetoneEventHandler);
begin
  FHandlers[Kind] := Value;
end;

function TSidetoneMethods.HandlerOf(Kind: UInt32): TSidetoneEventHandler;
begin
  Result := nil;
  if Kind <= High(FHandlers) then
    Result := FHandlers[Kind];
end;
";

fn defaults_and_fill(kind: &Struct) -> String {
    let (name, raw) = (class(kind), &kind.name);
    let mut defaults = String::new();
    let mut fill = String::new();
    for field in kind.meaningful() {
        let (ours, theirs) = (free(&camel(&field.name)), format!("Raw.{}", free(&field.name)));
        fill += &match field_class(field) {
            "UnicodeString" => format!("  Kept.Text({theirs}, {ours});\n"),
            "TBytes" => format!("  Kept.Octets({theirs}, {ours});\n"),
            "TSipHeaders" => format!("  Kept.Headers({theirs}, {ours});\n"),
            "TSidetoneNumbers" => format!("  SidetoneList({theirs}, {ours});\n"),
            _ => {
                defaults += &format!("  Result.{ours} := {theirs};\n");
                format!("  {theirs} := {ours};\n")
            }
        };
    }
    format!(
        "\nclass function {name}.Defaults: {name};\nvar\n  Raw: {raw};\nbegin\n  \
         Result := Default({name});\n  SidetoneCheck({raw}_init(@Raw, SizeOf(Raw)));\n{defaults}end;\n\n\
         procedure {name}.Fill(out Raw: {raw}; var Kept: TSidetoneKept);\nbegin\n  \
         SidetoneCheck({raw}_init(@Raw, SizeOf(Raw)));\n{fill}end;\n"
    )
}

fn copied(kind: &Struct) -> String {
    let name = class(kind);
    let mut text = format!(
        "\nclass function {name}.Copied(const Raw: {}): {name};\nbegin\n  Result := Default({name});\n",
        kind.name
    );
    for field in kind.meaningful() {
        let (ours, theirs) = (free(&camel(&field.name)), format!("Raw.{}", free(&field.name)));
        text += &match field_class(field) {
            "UnicodeString" => format!("  Result.{ours} := SidetoneText({theirs});\n"),
            "TBytes" => format!("  Result.{ours} := SidetoneOctets({theirs});\n"),
            "TSipHeaders" => format!("  Result.{ours} := SidetoneHeaders({theirs});\n"),
            _ => format!("  Result.{ours} := {theirs};\n"),
        };
    }
    text + "end;\n"
}

/// The heading of a method; `declared`: with defaults.
fn heading(method: &Method<'_>, class_name: &str, declared: bool) -> String {
    let default = |value: &str| if declared { format!(" = {value}") } else { String::new() };
    let (mut list, mut result) = (Vec::new(), None);
    for part in &method.parts {
        match part {
            Part::Number { name, base } => {
                list.push(format!("{}: {}", free(&camel(name)), number(base)))
            }
            Part::Text { name } => {
                list.push(format!("const {}: UnicodeString", free(&camel(name))))
            }
            Part::Octets { name } => list.push(format!("const {}: TBytes", camel(name))),
            Part::Settings { name, kind, optional: true } => {
                let name = camel(name);
                list.push(format!("{name}: P{}{}", &class(kind)[1..], default("nil")));
            }
            Part::Settings { name, kind, .. } => {
                list.push(format!("const {}: {}", camel(name), class(kind)));
            }
            Part::Headers { name } => list.push(format!("const {}: TSipHeaders", camel(name))),
            Part::NumberOut { base, .. } => result = Some(number(base).to_owned()),
            Part::Request => list.push(format!("Request: PUInt64{}", default("nil"))),
            Part::TextOut => result = Some("UnicodeString".to_owned()),
            Part::IdsOut => result = Some("TSidetoneIds".to_owned()),
            Part::ValuesOut { kind } => result = Some(kind.name.clone()),
        }
    }
    let list = if list.is_empty() { String::new() } else { format!("({})", list.join("; ")) };
    let name = camel(method.name());
    match result {
        Some(result) => format!("function {class_name}{name}{list}: {result}"),
        None => format!("procedure {class_name}{name}{list}"),
    }
}

fn defined(method: &Method<'_>) -> String {
    let (mut variables, mut before) = (String::new(), String::new());
    let mut arguments = vec!["FEngine".to_owned()];
    let (mut repeated, mut after) = (None, "");
    for part in &method.parts {
        match part {
            Part::Number { name, .. } => arguments.push(free(&camel(name))),
            Part::Text { name } => {
                let (name, utf8) = (free(&camel(name)), format!("{}Utf8", camel(name)));
                variables += &format!("  {utf8}: RawByteString;\n");
                before += &format!("  {utf8} := SidetoneUtf8({name});\n");
                arguments.push(format!("PAnsiChar({utf8}), Length({utf8})"));
            }
            Part::Octets { name } => {
                let name = camel(name);
                arguments.push(format!("Pointer({name}), Length({name})"));
            }
            Part::Settings { name, kind, optional } => {
                let (name, raw) = (camel(name), &kind.name);
                variables += &format!("  Raw{name}: {raw};\n  Kept: TSidetoneKept;\n");
                if *optional {
                    variables += &format!("  Given: P{raw};\n");
                    before += &format!(
                        "  Given := nil;\n  if {name} <> nil then\n  begin\n    \
                         {name}^.Fill(Raw{name}, Kept);\n    Given := @Raw{name};\n  end;\n"
                    );
                    arguments.push("Given".to_owned());
                } else {
                    before += &format!("  {name}.Fill(Raw{name}, Kept);\n");
                    arguments.push(format!("@Raw{name}"));
                }
            }
            Part::Headers { name } => {
                let name = camel(name);
                variables += &format!("  Raw{name}: sidetone_headers;\n  Kept: TSidetoneKept;\n");
                before += &format!("  Kept.Headers(Raw{name}, {name});\n");
                arguments.push(format!("@Raw{name}"));
            }
            Part::NumberOut { .. } => {
                before += "  Result := 0;\n";
                arguments.push("@Result".to_owned());
            }
            Part::Request => arguments.push("Request".to_owned()),
            Part::TextOut => {
                variables += "  Found: TSidetoneTextOut;\n";
                repeated = Some("Found");
                arguments.push("Found.Data, Found.Capacity, @Found.Needed".to_owned());
                after = "  Result := Found.Value;\n";
            }
            Part::IdsOut => {
                variables += "  Found: TSidetoneIdsOut;\n";
                repeated = Some("Found");
                arguments.push("Found.Data, Found.Capacity, @Found.Count".to_owned());
                after = "  Result := Found.Value;\n";
            }
            Part::ValuesOut { kind } => {
                before += &format!(
                    "  Result := Default({});\n  Result.size := SizeOf(Result);\n",
                    kind.name
                );
                arguments.push("@Result".to_owned());
            }
        }
    }
    let call = format!("{}({})", method.function.name, arguments.join(", "));
    let body = match repeated {
        Some(found) => format!("  {found}.Start;\n  repeat\n  until {found}.Done({call});\n"),
        None => format!("  SidetoneCheck({call});\n"),
    };
    let variables = if variables.is_empty() { String::new() } else { format!("var\n{variables}") };
    let heading = heading(method, "TSidetoneMethods.", false);
    format!("\n{heading};\n{variables}begin\n{before}{body}{after}end;\n")
}
