//! Python: constants, ctypes, dataclasses and methods.

use super::{
    declarations::{Abi, Field, Function, Struct, Type},
    methods::{Method, Part, camel, methods, stem, summary, wrapped},
};

const HEAD: &str = "Written by tests/bindings.rs from include/sidetone.h; change it there.";

/// (path, text) of every file that is written.
pub fn files(abi: &Abi) -> Vec<(&'static str, String)> {
    vec![
        ("bindings/python/sidetone/constants.py", constants(abi)),
        ("bindings/python/sidetone/_raw.py", raw(abi)),
        ("bindings/python/sidetone/structs.py", structs(abi)),
        ("bindings/python/sidetone/_methods.py", calls(abi)),
    ]
}

/// A name that Python leaves us.
fn free(name: &str) -> String {
    let taken = ["from", "import", "class", "def", "is", "in", "not", "pass", "global"];
    if taken.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

fn docstring(text: &str, indent: &str) -> String {
    let text = wrapped(&format!("\"\"\"{text}"), indent, "");
    format!("{}\"\"\"\n", text.trim_end())
}

fn constants(abi: &Abi) -> String {
    let mut text =
        format!("\"\"\"The constants of sidetone.h, without their prefix.\n\n{HEAD}\n\"\"\"\n");
    for constant in &abi.constants {
        text += &format!("\n{}", wrapped(&summary(&constant.doc), "", "#: "));
        text += &format!("{} = {}\n", stem(&constant.name), constant.value);
    }
    text
}

fn raw(abi: &Abi) -> String {
    let mut text = format!(
        "\"\"\"The functions and structs of sidetone.h for ctypes.\n\n{HEAD}\n\"\"\"\n\n\
         import ctypes\nfrom typing import Any, Dict, List, Tuple\n\n\
         from ._numbers import Float, I32, U32, U64, pointer\n"
    );
    for kind in &abi.structs {
        text += &format!("\n\nclass {}(ctypes.Structure):\n    _fields_ = [\n", kind.name);
        for field in &kind.fields {
            text += &match (field.kind.pointers, field.entries) {
                (0, None) => {
                    format!("        (\"{}\", {}),\n", field.name, field_type(&field.kind))
                }
                (0, Some(entries)) => {
                    let one = field_type(&field.kind);
                    format!("        (\"{}\", {one} * {entries}),\n", field.name)
                }
                _ => format!("        *pointer(\"{}\"),\n", field.name),
            };
        }
        text += "    ]\n";
    }
    text +=
        "\n\n#: The size of each struct, the same on every target.\nSIZES: Dict[Any, int] = {\n";
    for kind in &abi.structs {
        text += &format!("    {}: {},\n", kind.name, kind.size);
    }
    text += "}\n";
    for callback in &abi.callbacks {
        let types: Vec<String> =
            callback.parameters.iter().map(|one| callback_type(&one.kind)).collect();
        text += &format!("\n{} = ctypes.CFUNCTYPE(None, {})\n", callback.name, types.join(", "));
    }
    for (name, windows) in [("FUNCTIONS", false), ("WINDOWS_FUNCTIONS", true)] {
        text += &format!(
            "\n#: Result and parameters of each function.\n{name}: Dict[str, Tuple[Any, List[Any]]] = {{\n"
        );
        for function in abi.functions.iter().filter(|function| function.windows == windows) {
            text += &prototype(function);
        }
        text += "}\n";
    }
    text
}

fn field_type(kind: &Type) -> String {
    match kind.base.as_str() {
        "float" => "ctypes.c_float".to_owned(),
        base if base.ends_with("_t") => format!("ctypes.c_{}", base.trim_end_matches("_t")),
        base => base.to_owned(),
    }
}

fn callback_type(kind: &Type) -> String {
    match (kind.c().as_str(), kind.pointers) {
        ("const char *", _) => "ctypes.c_char_p".to_owned(),
        (_, 0) => field_type(kind),
        ("void *", _) => "ctypes.c_void_p".to_owned(),
        _ => format!("ctypes.POINTER({})", kind.base),
    }
}

fn prototype(function: &Function) -> String {
    let types = function.parameters.iter().map(|one| argument_type(&one.kind));
    let types: Vec<String> = types.collect();
    let result = match function.returns.c().as_str() {
        "const char *" => "ctypes.c_char_p".to_owned(),
        _ => field_type(&function.returns),
    };
    bracketed(&format!("    \"{}\": ({result}, [", function.name), &types, "]),", "    ")
}

fn argument_type(kind: &Type) -> String {
    match kind.c().as_str() {
        "int32_t" => "I32".to_owned(),
        "uint32_t" => "U32".to_owned(),
        "uint64_t" => "U64".to_owned(),
        "float" => "Float".to_owned(),
        "const char *" => "ctypes.c_char_p".to_owned(),
        "char *" | "void *" | "const void *" | "sidetone_engine *" => "ctypes.c_void_p".to_owned(),
        "sidetone_engine **" => "ctypes.POINTER(ctypes.c_void_p)".to_owned(),
        _ if kind.pointers == 1 => format!("ctypes.POINTER({})", field_type(kind)),
        _ => kind.base.clone(),
    }
}

fn structs(abi: &Abi) -> String {
    let mut text = format!(
        "\"\"\"What the host fills, and what the library fills, as dataclasses.\n\n\
         A field that is None has the library's default.\n\n{HEAD}\n\"\"\"\n\n\
         from dataclasses import dataclass\nfrom typing import ClassVar, Optional, Sequence, Tuple\n\n\
         from . import _raw\n\n\
         #: Header lines of a message, (name, value).\nHeaders = Sequence[Tuple[str, str]]\n"
    );
    for kind in &abi.structs {
        let settings = abi.is_settings(kind);
        if !settings && !abi.is_values(kind) {
            continue;
        }
        let frozen = if settings { "" } else { "(frozen=True)" };
        text += &format!("\n\n@dataclass{frozen}\nclass {}:\n", camel(stem(&kind.name)));
        text += &docstring(&summary(&kind.doc), "    ");
        text += &format!("\n    RAW: ClassVar = _raw.{}\n", kind.name);
        if settings {
            text += &format!("    INIT: ClassVar[str] = \"{}_init\"\n", kind.name);
        }
        for field in kind.meaningful() {
            text += &format!("\n{}", wrapped(&field.doc, "    ", "#: "));
            let (name, hint) = (free(&field.name), hint(field));
            text += &match settings {
                true => format!("    {name}: Optional[{hint}] = None\n"),
                false => format!("    {name}: {hint}\n"),
            };
        }
    }
    text
}

fn hint(field: &Field) -> &'static str {
    match (field.kind.base.as_str(), field.entries) {
        ("sidetone_text", _) if field.name == "body" => "bytes",
        ("sidetone_text", _) => "str",
        ("sidetone_headers", _) => "Headers",
        (_, Some(_)) => "Sequence[int]",
        ("float", _) => "float",
        _ => "int",
    }
}

fn calls(abi: &Abi) -> String {
    let methods = methods(abi);
    let names: Vec<String> =
        used_structs(&methods).iter().map(|kind| camel(stem(&kind.name))).collect();
    let mut text = format!(
        "\"\"\"The functions of sidetone.h that take an engine, as its methods.\n\n{HEAD}\n\"\"\"\n\n\
         import ctypes\nfrom typing import Any, List, Optional, Tuple, Type\n\n\
         from ._convert import Values, header_list, octets, text\nfrom .structs import (\n"
    );
    for name in names.iter().map(String::as_str).chain(["Headers"]) {
        text += &format!("    {name},\n");
    }
    text += ")\n\n\nclass Methods:\n    \"\"\"Methods of an engine; see Engine.\"\"\"\n\n    \
             # What the engine gives them.\n    \
             def _call(self, name: str, *arguments: Any) -> int:\n        \
             raise NotImplementedError\n\n    \
             def _settings(self, options: Any) -> Any:\n        \
             raise NotImplementedError\n\n    \
             def _text(self, name: str, *arguments: Any) -> Optional[str]:\n        \
             raise NotImplementedError\n\n    \
             def _ids(self, name: str, *arguments: Any) -> List[int]:\n        \
             raise NotImplementedError\n\n    \
             def _values(self, kind: Type[Values], name: str, *arguments: Any) -> Values:\n        \
             raise NotImplementedError\n";
    for method in &methods {
        text += &python_method(method);
    }
    text
}

/// The structs that methods take or give, each once, by name.
fn used_structs<'a>(methods: &[Method<'a>]) -> Vec<&'a Struct> {
    let parts = methods.iter().flat_map(|method| &method.parts);
    let mut kinds: Vec<&Struct> = parts
        .filter_map(|part| match part {
            Part::Settings { kind, .. } | Part::ValuesOut { kind } => Some(*kind),
            _ => None,
        })
        .collect();
    kinds.sort_by_key(|kind| camel(&kind.name));
    kinds.dedup_by_key(|kind| &kind.name);
    kinds
}

/// A list in brackets, on one line if it fits.
fn bracketed(head: &str, items: &[String], tail: &str, indent: &str) -> String {
    let one_line = format!("{head}{}{tail}\n", items.join(", "));
    if one_line.len() <= 99 {
        return one_line;
    }
    let items: String = items.iter().map(|item| format!("{indent}    {item},\n")).collect();
    format!("{head}\n{items}{indent}{tail}\n")
}

fn python_method(method: &Method<'_>) -> String {
    let mut signature = vec!["self".to_owned()];
    let mut arguments = vec![format!("\"{}\"", method.function.name)];
    let (mut outputs, mut types) = (Vec::new(), Vec::new());
    let mut reader = "self._call".to_owned();
    for part in &method.parts {
        match part {
            Part::Number { name, base } => {
                let kind = if *base == "float" { "float" } else { "int" };
                signature.push(format!("{}: {kind}", free(name)));
                arguments.push(free(name));
            }
            Part::Text { name } => {
                let default = if ["reason", "text"].contains(name) { " = \"\"" } else { "" };
                let name = if *name == "text" { "reason" } else { name };
                signature.push(format!("{}: str{default}", free(name)));
                arguments.push(format!("*text({})", free(name)));
            }
            Part::Octets { name } => {
                signature.push(format!("{name}: bytes"));
                arguments.push(format!("*octets({name})"));
            }
            Part::Settings { name, kind, optional } => {
                let kind = camel(stem(&kind.name));
                signature.push(match optional {
                    true => format!("{name}: Optional[{kind}] = None"),
                    false => format!("{name}: {kind}"),
                });
                arguments.push(format!("self._settings({name})"));
            }
            Part::Headers { name } => {
                signature.push(format!("{name}: Headers"));
                arguments.push(format!("header_list({name})"));
            }
            Part::NumberOut { name, base } => {
                outputs.push((*name, format!("ctypes.c_{}", base.trim_end_matches("_t"))));
                arguments.push((*name).to_owned());
                types.push("int".to_owned());
            }
            Part::Request => {
                outputs.push(("request", "ctypes.c_uint64".to_owned()));
                arguments.push("request".to_owned());
                types.push("int".to_owned());
            }
            Part::TextOut => {
                reader = "return self._text".to_owned();
                types.push("Optional[str]".to_owned());
            }
            Part::IdsOut => {
                reader = "return self._ids".to_owned();
                types.push("List[int]".to_owned());
            }
            Part::ValuesOut { kind } => {
                let name = camel(stem(&kind.name));
                reader = "return self._values".to_owned();
                arguments.insert(0, name.clone());
                types.push(name);
            }
        }
    }
    let result = match types.as_slice() {
        [] => "None".to_owned(),
        [one] => one.clone(),
        several => format!("Tuple[{}]", several.join(", ")),
    };
    let head = format!("    def {}(", method.name());
    let mut text =
        format!("\n{}", bracketed(&head, &signature, &format!(") -> {result}:"), "    "));
    text += &docstring(&method.summary(), "        ");
    for (name, kind) in &outputs {
        text += &format!("        {name} = {kind}()\n");
    }
    text += &bracketed(&format!("        {reader}("), &arguments, ")", "        ");
    if !outputs.is_empty() {
        let values: Vec<String> = outputs.iter().map(|(name, _)| format!("{name}.value")).collect();
        text += &format!("        return {}\n", values.join(", "));
    }
    text
}
