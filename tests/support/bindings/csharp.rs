//! C#: imports, structs, settings and methods, in what a compiler of C# 7 takes.

use super::{
    declarations::{Abi, Constant, Field, Function, Struct, Type},
    methods::{Method, Part, camel, methods, stem, summary},
};

const HEAD: &str = "// Written by tests/bindings.rs from include/sidetone.h; change it there.\n";

/// (path, text) of every file that is written.
pub fn files(abi: &Abi) -> Vec<(&'static str, String)> {
    vec![
        ("bindings/csharp/SidetoneNative.cs", native(abi)),
        ("bindings/csharp/SidetoneMethods.cs", calls(abi)),
    ]
}

/// "SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_80" as "SuiteAesCm128HmacSha1_80".
pub fn constant_name(name: &str) -> String {
    let mut text = String::new();
    for word in stem(name).to_lowercase().split('_') {
        let digit = |end: Option<char>| end.is_some_and(|c| c.is_ascii_digit());
        if digit(text.chars().last()) && digit(word.chars().next()) {
            text.push('_');
        }
        text += &camel(word);
    }
    text
}

/// Structs that the host sees as they are have names of their own, the others are raw.
pub fn struct_name(abi: &Abi, kind: &Struct) -> String {
    let seen = abi.is_values(kind) && !has_text(kind);
    format!("{}{}", if seen { "" } else { "Raw" }, camel(stem(&kind.name)))
}

/// A name that C# leaves us.
fn free(name: &str) -> String {
    if ["event", "function"].contains(&name) { format!("@{name}") } else { name.to_owned() }
}

/// "no_answer_ms" as "noAnswerMs".
fn local(name: &str) -> String {
    let (first, rest) = name.split_once('_').unwrap_or((name, ""));
    free(&format!("{first}{}", camel(rest)))
}

fn has_text(kind: &Struct) -> bool {
    kind.fields.iter().any(|field| field.kind.base.starts_with("sidetone_"))
}

fn comment(text: &str, indent: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    super::methods::wrapped(&format!("<summary>{text}</summary>"), indent, "/// ")
}

fn number(base: &str) -> &str {
    match base {
        "int16_t" => "short",
        "int32_t" => "int",
        "uint32_t" => "uint",
        "int64_t" => "long",
        "uint64_t" => "ulong",
        "char" => "byte",
        other => other,
    }
}

fn native(abi: &Abi) -> String {
    let mut text = format!(
        "// The constants, structs and functions of sidetone.h.\n//\n{HEAD}using System;\n\
         using System.Runtime.InteropServices;\n\nnamespace Sidetone\n{{\n    \
         /// <summary>The constants of sidetone.h.</summary>\n    public static class Constants\n    {{\n"
    );
    for one in &abi.constants {
        text += &comment(&summary(&one.doc), "        ");
        text += &format!(
            "        public const {} {} = {};\n",
            constant_kind(one),
            constant_name(&one.name),
            one.value
        );
    }
    text += "    }\n";
    for kind in &abi.structs {
        text += &structure(abi, kind);
    }
    text += "\n    internal static unsafe class Native\n    {\n        private const string Library = \"sidetone\";\n\n        \
             /// <summary>Whether every struct has the size that the library knows.</summary>\n        \
             internal static bool SizesHold()\n        {\n            return true";
    for kind in &abi.structs {
        text +=
            &format!("\n                && sizeof({}) == {}", struct_name(abi, kind), kind.size);
    }
    text += ";\n        }\n";
    for function in &abi.functions {
        text += &import(abi, function);
    }
    text + "    }\n}\n"
}

fn constant_kind(one: &Constant) -> &'static str {
    if one.value < 0 || one.name == "SIDETONE_OK" { "int" } else { "uint" }
}

fn structure(abi: &Abi, kind: &Struct) -> String {
    let name = struct_name(abi, kind);
    let seen = if name.starts_with("Raw") { "internal" } else { "public" };
    let mut text = format!(
        "\n{}    [StructLayout(LayoutKind.Explicit, Size = {})]\n    {seen} unsafe struct {name}\n    {{\n",
        comment(&summary(&kind.doc), "    "),
        kind.size
    );
    for field in &kind.fields {
        let hidden = field.name == "size" || Struct::is_reserved(field);
        let seen = if hidden { "internal" } else { seen };
        if !name.starts_with("Raw") && !hidden {
            text += &comment(&field.doc.replace('\n', " "), "        ");
        }
        let (label, base) = (camel(&field.name), field_kind(abi, field));
        text += &format!("        [FieldOffset({})] ", field.offset);
        text += &match field.entries {
            Some(entries) => format!("{seen} fixed {base} {label}[{entries}];\n"),
            None => format!("{seen} {base} {label};\n"),
        };
    }
    text + "    }\n"
}

fn field_kind(abi: &Abi, field: &Field) -> String {
    match abi.find(&field.kind.base) {
        _ if field.kind.pointers > 0 => "IntPtr".to_owned(),
        Some(kind) => struct_name(abi, kind),
        None => number(&field.kind.base).to_owned(),
    }
}

fn import(abi: &Abi, function: &Function) -> String {
    let parameters = function.parameters.iter().map(|one| {
        let kind = match parameter_kind(abi, &one.kind) {
            // The handle's own end.
            kind if kind == "EngineHandle" && function.name == "sidetone_engine_destroy" => {
                "IntPtr".to_owned()
            }
            kind => kind,
        };
        format!("{kind} {}", local(&one.name))
    });
    let parameters: Vec<String> = parameters.collect();
    format!(
        "\n        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]\n        \
         internal static extern {} {}({});\n",
        parameter_kind(abi, &function.returns),
        function.name,
        parameters.join(", ")
    )
}

fn parameter_kind(abi: &Abi, kind: &Type) -> String {
    match (kind.base.as_str(), kind.pointers) {
        ("sidetone_engine", 1) => "EngineHandle".to_owned(),
        ("sidetone_engine", _) => "IntPtr*".to_owned(),
        ("void", _) => "IntPtr".to_owned(),
        (base, 0) if base.starts_with("sidetone_") => "IntPtr".to_owned(),
        (base, 0) => number(base).to_owned(),
        (base, _) => match abi.find(base) {
            Some(found) => format!("{}*", struct_name(abi, found)),
            None => format!("{}*", number(base)),
        },
    }
}

fn calls(abi: &Abi) -> String {
    let mut text = format!(
        "// Settings and events with texts and lists of C#, and the functions of sidetone.h that take an\n\
         // engine, as its methods. Every command gives the number of its request: its outcome comes as\n\
         // an event EventReply.\n//\n{HEAD}using System;\n\nnamespace Sidetone\n{{\n"
    );
    for kind in &abi.structs {
        if abi.is_settings(kind) {
            text += &settings(abi, kind);
        } else if abi.is_values(kind) && has_text(kind) {
            text += &copy(abi, kind);
        }
    }
    text += "    public sealed unsafe partial class Engine\n    {\n";
    let methods: Vec<String> = methods(abi).iter().map(|method| defined(abi, method)).collect();
    text + &methods.join("\n") + "    }\n}\n"
}

/// The type of a property, and whether it needs a question mark to be absent.
fn property(field: &Field) -> (&str, bool) {
    match (field.kind.base.as_str(), field.entries) {
        ("sidetone_text", _) if field.name == "body" => ("byte[]", false),
        ("sidetone_text", _) => ("string", false),
        ("sidetone_headers", _) => ("Headers", false),
        (_, Some(_)) => ("uint[]", false),
        (base, _) => (number(base), true),
    }
}

fn settings(abi: &Abi, kind: &Struct) -> String {
    let (name, raw) = (camel(stem(&kind.name)), struct_name(abi, kind));
    let mut text =
        comment(&format!("{} What is null has the library's default.", summary(&kind.doc)), "    ");
    text += &format!("    public sealed unsafe class {name}\n    {{\n");
    let mut fill = String::new();
    for field in kind.meaningful() {
        let (label, (base, nullable)) = (camel(&field.name), property(field));
        text += &comment(&field.doc.replace('\n', " "), "        ");
        text += &format!(
            "        public {base}{} {label} {{ get; set; }}\n",
            if nullable { "?" } else { "" }
        );
        fill += &format!("            if ({label} != null) ");
        fill += &match base {
            "string" => format!("raw->{label} = borrowed.Text({label});\n"),
            "byte[]" => format!("raw->{label} = borrowed.Octets({label});\n"),
            "Headers" => format!("raw->{label} = borrowed.List({label});\n"),
            "uint[]" => {
                format!("Borrowed.Fill(raw->{label}, {}, {label});\n", field.entries.unwrap_or(0))
            }
            _ => format!("raw->{label} = {label}.Value;\n"),
        };
    }
    text += &format!(
        "\n        internal {raw}* Fill(Borrowed borrowed)\n        {{\n            \
         var raw = ({raw}*)borrowed.Take(sizeof({raw}));\n            \
         SidetoneException.Check(Native.{}_init(raw, (uint)sizeof({raw})));\n{fill}            \
         return raw;\n        }}\n    }}\n\n",
        kind.name
    );
    text
}

fn copy(abi: &Abi, kind: &Struct) -> String {
    let (name, raw) = (camel(stem(&kind.name)), struct_name(abi, kind));
    let mut text = comment(&summary(&kind.doc), "    ");
    text += &format!("    public sealed unsafe class {name}\n    {{\n");
    let mut set = String::new();
    for field in kind.meaningful() {
        let (label, (base, _)) = (camel(&field.name), property(field));
        text += &comment(&field.doc.replace('\n', " "), "        ");
        text += &format!("        public {base} {label} {{ get; }}\n");
        set += &match base {
            "string" => format!("            {label} = Borrowed.Copy(raw->{label});\n"),
            "byte[]" => format!("            {label} = Borrowed.CopyOctets(raw->{label});\n"),
            "Headers" => format!("            {label} = Borrowed.Copy(raw->{label});\n"),
            _ => format!("            {label} = raw->{label};\n"),
        };
    }
    text + &format!(
        "\n        internal {name}({raw}* raw)\n        {{\n{set}        }}\n    }}\n\n"
    )
}

fn defined(abi: &Abi, method: &Method<'_>) -> String {
    let (mut list, mut arguments) = (Vec::new(), vec!["handle".to_owned()]);
    let (mut before, mut after, mut result) = (String::new(), String::new(), "void".to_owned());
    let mut found = None;
    let made = method.parts.iter().any(|part| matches!(part, Part::NumberOut { .. }));
    for part in &method.parts {
        match part {
            Part::Number { name, base } => {
                list.push(format!("{} {}", number(base), local(name)));
                arguments.push(local(name));
            }
            Part::Text { name } => {
                let default = if ["reason", "text"].contains(name) { " = \"\"" } else { "" };
                let name = if *name == "text" { "reason" } else { name };
                list.push(format!("string {}{default}", local(name)));
                before += &format!("var {name}Text = borrowed.Text({});\n", local(name));
                arguments.push(format!("(byte*){name}Text.Data, {name}Text.Length"));
            }
            Part::Octets { name } => {
                list.push(format!("byte[] {name}"));
                before += &format!("var {name}Octets = borrowed.Octets({name});\n");
                arguments.push(format!("{name}Octets.Data, (uint){name}Octets.Length"));
            }
            Part::Settings { name, kind, optional } => {
                let default =
                    if *optional && !(made && method.has_request()) { " = null" } else { "" };
                list.push(format!("{} {name}{default}", camel(stem(&kind.name))));
                arguments.push(match optional {
                    true => format!("{name} == null ? null : {name}.Fill(borrowed)"),
                    false => format!("{name}.Fill(borrowed)"),
                });
            }
            Part::Headers { name } => {
                list.push(format!("Headers {name}"));
                before += &format!("var list = borrowed.List({name});\n");
                arguments.push("&list".to_owned());
            }
            Part::NumberOut { name, base } => {
                result = number(base).to_owned();
                before += &format!("{result} {name} = 0;\n");
                arguments.push(format!("&{name}"));
                after = format!("return {name};\n");
            }
            Part::Request => {
                before += "ulong number = 0;\n";
                arguments.push("&number".to_owned());
                if made {
                    list.push("out ulong request".to_owned());
                    after = format!("request = number;\n{after}");
                } else {
                    result = "ulong".to_owned();
                    after = "return number;\n".to_owned();
                }
            }
            Part::TextOut => {
                result = "string".to_owned();
                arguments.push("(byte*)found.Data, found.Capacity, &needed".to_owned());
                found = Some("TextOut");
            }
            Part::IdsOut => {
                result = "ulong[]".to_owned();
                arguments.push("(ulong*)found.Data, found.Capacity, &needed".to_owned());
                found = Some("IdsOut");
            }
            Part::ValuesOut { kind } => {
                result = struct_name(abi, kind);
                before +=
                    &format!("var values = new {result} {{ Size = (uint)sizeof({result}) }};\n");
                arguments.push("&values".to_owned());
                after = "return values;\n".to_owned();
            }
        }
    }
    let call = format!("Native.{}({})", method.function.name, arguments.join(", "));
    let body = match found {
        Some(kind) => format!(
            "var found = new {kind}(borrowed);\nuint needed = 0;\n\
             while (!found.Done({call}, needed)) {{ }}\nreturn found.Value;\n"
        ),
        None => format!("SidetoneException.Check({call});\n"),
    };
    let needs_memory = (before.clone() + &body).contains("borrowed");
    let lines = before + &body + &after;
    let mut text = comment(&method.summary(), "        ");
    text += &format!(
        "        public {result} {}({})\n        {{\n",
        camel(method.name()),
        list.join(", ")
    );
    let indent = if needs_memory { "                " } else { "            " };
    if needs_memory {
        text += "            using (var borrowed = new Borrowed())\n            {\n";
    }
    for line in lines.lines() {
        text += &format!("{indent}{line}\n");
    }
    text += if needs_memory { "            }\n" } else { "" };
    text + "        }\n"
}
