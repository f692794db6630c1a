//! The bindings have every constant, struct, field and function of the header, and make calls.
//!
//! `SIDETONE_BLESS=1 cargo test --test bindings` writes the parts anew that follow the header.

#[path = "support/bindings/mod.rs"]
#[allow(dead_code)]
mod bindings;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "bindings/endings.rs"]
mod endings;

use std::{collections::HashSet, env, fs, process::Command};

use bindings::{
    csharp,
    declarations::{Abi, Field},
    methods::{self, Method, Part},
    pascal,
    programs::{
        cpp_program, csharp_program, library, output, pascal_program, python as python_interpreter,
        python_program, readme_program, root,
    },
    python, table,
    trial::{first_call, scenario},
};
use child::Folder;
use sidetone::ffi::layout::LAYOUT;

fn header() -> String {
    fs::read_to_string(root().join("include/sidetone.h")).expect("include/sidetone.h")
}

/// (path, text) of every file that follows the header.
fn written(abi: &Abi) -> Vec<(&'static str, String)> {
    let mut files = vec![("tests/abi/abi.tsv", table::table(abi))];
    files.extend(python::files(abi));
    files.extend(pascal::files(abi));
    files.extend(csharp::files(abi));
    files
}

#[test]
fn what_follows_the_header_is_up_to_date() {
    for (path, fresh) in written(&Abi::read(&header())) {
        let committed = root().join(path);
        if env::var_os("SIDETONE_BLESS").is_some() {
            fs::create_dir_all(committed.parent().expect("a folder")).expect("it is made");
            fs::write(&committed, &fresh).expect("it is written");
        }
        let committed = fs::read_to_string(&committed).unwrap_or_default();
        let differences = table::differences(&committed, &fresh);
        assert!(
            committed == fresh,
            "{path} does not follow the header; write it anew with SIDETONE_BLESS=1 \
             cargo test --test bindings\n{}",
            differences.join("\n")
        );
    }
}

/// The lines of the table that a program which knows no types can tell.
fn names_values_and_offsets(abi: &Abi) -> String {
    let line = |line: &str| {
        let columns = if line.starts_with("field") { 4 } else { 3 };
        let columns = if line.starts_with("function") { 2 } else { columns };
        line.split('\t').take(columns).collect::<Vec<_>>().join("\t") + "\n"
    };
    let table = table::table(abi);
    let told = |line: &&str| !["callback", "columns"].contains(&line.split('\t').next().unwrap());
    table.lines().filter(told).map(line).collect()
}

#[test]
fn the_table_has_what_the_compiler_makes_of_the_structs() {
    let abi = Abi::read(&header());
    assert_eq!(abi.structs.len(), LAYOUT.len());
    for (name, size, fields) in LAYOUT {
        let kind = abi.find(name).unwrap_or_else(|| panic!("{name} was not read"));
        assert_eq!(kind.size, *size, "{name}");
        let read: Vec<_> = kind.fields.iter().map(|one| (one.name.as_str(), one.offset)).collect();
        assert_eq!(read, *fields, "{name}");
    }
}

#[test]
fn python_has_every_constant_field_and_function() {
    let told = output(python_program(&root().join("tests/bindings/layout.py")));
    let differences = table::differences(&names_values_and_offsets(&Abi::read(&header())), &told);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn python_calls_a_phone() {
    scenario(python_program(&root().join("tests/bindings/scenario.py")), 3);
}

#[test]
fn the_program_in_the_readme_for_python_makes_a_call() {
    let folder = Folder::new("python");
    first_call(python_program(&readme_program(&folder, "python", "python", "call.py")));
}

/// A program that tells what the compiler makes of the records and constants.
fn pascal_layout(abi: &Abi) -> String {
    let mut text = "program layout;\n{$mode delphi}\nuses Sidetone;\nbegin\n".to_owned();
    for constant in &abi.constants {
        let name = pascal::constant(abi, &constant.name);
        text += &format!("WriteLn('constant'#9'{}'#9, {name});\n", constant.name);
    }
    for kind in &abi.structs {
        let name = &kind.name;
        text += &format!("WriteLn('struct'#9'{name}'#9, SizeOf({name}));\n");
        for field in &kind.fields {
            let (field, ours) = (&field.name, pascal::free(&field.name));
            text += &format!(
                "WriteLn('field'#9'{name}'#9'{field}'#9, PtrUInt(@P{name}(nil)^.{ours}));\n"
            );
        }
    }
    for function in &abi.functions {
        if !function.windows {
            text += &format!("if @{0} <> nil then WriteLn('function'#9'{0}');\n", function.name);
        }
    }
    text + "end.\n"
}

#[test]
fn pascal_has_every_constant_field_and_function() {
    let folder = Folder::new("pascal");
    let abi = Abi::read(&header());
    let source = folder.path("layout.pas");
    fs::write(&source, pascal_layout(&abi)).expect("it is written");
    let told = output(pascal_program(&source, &folder));
    let windows = abi.functions.iter().filter(|function| function.windows);
    let expected = windows.fold(names_values_and_offsets(&abi), |text, function| {
        without(&text, &format!("function\t{}", function.name))
    });
    let differences = table::differences(&expected, &told);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A program that calls each method with what means nothing: it must come as far as the library.
fn pascal_methods(abi: &Abi) -> String {
    let mut text = "program methods;\n{$mode delphi}\n\
        uses cthreads, SysUtils, Sidetone, SidetoneValues, SidetoneMethods, SidetoneClient;\n\
        var Client: TSidetoneClient; Headers: TSipHeaders; Octets: TBytes;\n\
        procedure Known(const Name: string; const Error: ESidetone);\nbegin\n\
        case Error.Status of SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT,\n\
        SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_UNSUPPORTED:;\n\
        else raise Exception.Create(Name + ': ' + Error.Message); end; end;\nbegin\n\
        Client := TSidetoneClient.Create;\nHeaders := nil;\nOctets := TBytes.Create(1);\n"
        .to_owned();
    let without_end = |method: &&Method<'_>| method.name() != "engine_shutdown";
    for method in methods::methods(abi).iter().filter(without_end) {
        let given = method.parts.iter().filter_map(|part| match part {
            Part::Number { .. } => Some("0".to_owned()),
            Part::Text { .. } => Some("'x'".to_owned()),
            Part::Octets { .. } => Some("Octets".to_owned()),
            Part::Headers { .. } => Some("Headers".to_owned()),
            Part::Settings { optional: true, .. } => Some("nil".to_owned()),
            Part::Settings { kind, .. } => Some(format!("{}.Defaults", pascal::class(kind))),
            Part::Request => Some("nil".to_owned()),
            _ => None,
        });
        let (name, given) = (methods::camel(method.name()), given.collect::<Vec<_>>().join(", "));
        let call = if given.is_empty() { name.clone() } else { format!("{name}({given})") };
        text += &format!(
            "try Client.{call}; except on Error: ESidetone do Known('{name}', Error); end;\n\
             WriteLn('{name}');\n"
        );
    }
    text + "Client.Free;\nend.\n"
}

#[test]
fn every_method_of_pascal_comes_as_far_as_the_library() {
    let folder = Folder::new("pascal");
    let abi = Abi::read(&header());
    let source = folder.path("methods.pas");
    fs::write(&source, pascal_methods(&abi)).expect("it is written");
    let told = output(pascal_program(&source, &folder));
    assert_eq!(told.lines().count(), methods::methods(&abi).len() - 1, "{told}");
}

#[test]
fn pascal_calls_a_phone() {
    let folder = Folder::new("pascal");
    scenario(pascal_program(&root().join("tests/bindings/scenario.pas"), &folder), 3);
}

#[test]
fn the_program_in_the_readme_for_pascal_makes_a_call() {
    let folder = Folder::new("pascal");
    let source = readme_program(&folder, "delphi", "pascal", "call.pas");
    first_call(pascal_program(&source, &folder));
}

/// A program that tells what the compiler makes of the structs and constants, and whether the library
/// has the functions.
fn csharp_layout(abi: &Abi) -> String {
    let mut text = "using System; using Sidetone;\n\
        static unsafe class Layout { static void Main() {\n\
        foreach (var one in typeof(Native).GetMethods((System.Reflection.BindingFlags)(-1)))\n\
        if (one.Name.StartsWith(\"sidetone_\")) {\n\
        if (!one.Name.Contains(\"_set_handle\") && !one.Name.Contains(\"_set_window\"))\n\
        System.Runtime.InteropServices.Marshal.Prelink(one);\n\
        Console.WriteLine(\"function\\t\" + one.Name); }\n"
        .to_owned();
    let mut line = |what: &str, value: &str| {
        text += &format!("Console.WriteLine(\"{what}\\t\" + {value});\n");
    };
    for one in &abi.constants {
        let value = format!("Constants.{}", csharp::constant_name(&one.name));
        line(&format!("constant\\t{}", one.name), &value);
    }
    for kind in &abi.structs {
        let (name, ours) = (&kind.name, csharp::struct_name(abi, kind));
        line(&format!("struct\\t{name}"), &format!("sizeof({ours})"));
        for field in &kind.fields {
            let own = format!("default({ours})");
            let label = methods::camel(&field.name);
            let take = if field.entries.is_some() { "" } else { "&" };
            let offset = format!(
                "new Func<long>(() => {{ var v = {own}; return (byte*){take}v.{label} - (byte*)&v; }})()"
            );
            line(&format!("field\\t{name}\\t{}", field.name), &offset);
        }
    }
    text + "} }\n"
}

#[test]
fn csharp_has_every_constant_field_and_function() {
    let folder = Folder::new("csharp");
    let abi = Abi::read(&header());
    let source = folder.path("layout.cs");
    fs::write(&source, csharp_layout(&abi)).expect("it is written");
    let told = output(csharp_program(&source, &folder));
    let differences = table::differences(&names_values_and_offsets(&abi), &told);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn csharp_calls_a_phone_while_garbage_is_collected() {
    let folder = Folder::new("csharp");
    scenario(csharp_program(&root().join("tests/bindings/Scenario.cs"), &folder), 3 + 200);
}

#[test]
fn the_program_in_the_readme_for_csharp_makes_a_call() {
    let folder = Folder::new("csharp");
    first_call(csharp_program(&readme_program(&folder, "csharp", "csharp", "call.cs"), &folder));
}

#[test]
fn a_wheel_carries_the_library_that_lies_beside_the_package() {
    let folder = Folder::new("wheel");
    let project = folder.path("project");
    let package = project.join("sidetone");
    fs::create_dir_all(&package).expect("a folder");
    for file in ["pyproject.toml", "README.md"] {
        fs::copy(root().join("bindings/python").join(file), project.join(file)).expect(file);
    }
    for file in fs::read_dir(root().join("bindings/python/sidetone")).expect("the package") {
        let file = file.expect("a file");
        if file.file_type().expect("a type").is_file() {
            fs::copy(file.path(), package.join(file.file_name())).expect("copied");
        }
    }
    fs::copy(library(), package.join("libsidetone.so")).expect("the library is copied");
    let mut pip = Command::new(python_interpreter());
    pip.args(["-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]);
    pip.args(["--disable-pip-version-check", "--no-cache-dir", "-w"]).arg(folder.path("wheels"));
    output({
        pip.arg(&project);
        pip
    });
    let wheel = fs::read_dir(folder.path("wheels")).expect("wheels").next().expect("one");
    let mut unpack = Command::new(python_interpreter());
    unpack.args(["-m", "zipfile", "-e"]).arg(wheel.expect("a file").path());
    unpack.arg(folder.path("site"));
    output(unpack);
    let mut program = Command::new(python_interpreter());
    program.args(["-c", "import sidetone; print(sidetone.__file__, sidetone.version())"]);
    program.env("PYTHONPATH", folder.path("site")).env_remove("SIDETONE_LIBRARY");
    let said = output(program);
    let site = folder.path("site").to_string_lossy().into_owned();
    assert!(said.starts_with(&site) && said.ends_with(" 0.1.0\n"), "{said}");
}

#[test]
fn python_says_what_to_do_without_the_library() {
    let folder = Folder::new("python");
    let source = readme_program(&folder, "python", "python", "call.py");
    let mut program = python_program(&source);
    program.env("SIDETONE_LIBRARY", folder.path("none.so")).arg("sip:bob@127.0.0.1");
    let output = program.output().expect("python runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("Sidetone's library was not found; set SIDETONE_LIBRARY"), "{said}");
}

/// What a program that has all of it but one line would tell.
fn without(text: &str, line: &str) -> String {
    let kept = text.lines().filter(|one| !one.starts_with(line));
    kept.map(|one| format!("{one}\n")).collect()
}

#[test]
fn an_omission_is_noticed() {
    let whole = names_values_and_offsets(&Abi::read(&header()));
    for planted in [
        "function\tsidetone_call_hold",
        "constant\tSIDETONE_CALL_ENDED\t",
        "field\tsidetone_event\theaders\t",
        "struct\tsidetone_presence\t",
    ] {
        let differences = table::differences(&whole, &without(&whole, planted));
        assert!(differences.iter().all(|line| line.starts_with("- ")), "{differences:?}");
        assert!(!differences.is_empty(), "{planted} was not missed");
    }
}

/// Where each language calls the functions that it imports.
const CALLERS: [&[&str]; 4] = [
    &[
        "cpp/sidetone/base.hpp",
        "cpp/sidetone/settings.hpp",
        "cpp/sidetone/message.hpp",
        "cpp/sidetone/audio.hpp",
        "cpp/sidetone/call.hpp",
        "cpp/sidetone/conference.hpp",
        "cpp/sidetone/account.hpp",
        "cpp/sidetone/event.hpp",
        "cpp/sidetone/engine.hpp",
    ],
    &[
        "python/sidetone/_methods.py",
        "python/sidetone/engine.py",
        "python/sidetone/library.py",
        "python/sidetone/structs.py",
    ],
    &["delphi/SidetoneMethods.pas", "delphi/SidetoneClient.pas", "delphi/SidetoneValues.pas"],
    &["csharp/SidetoneMethods.cs", "csharp/Sidetone.cs"],
];

/// The functions that a language imports and never calls.
fn never_called(abi: &Abi, files: &[&str]) -> Vec<String> {
    let text: String = files
        .iter()
        .map(|file| fs::read_to_string(root().join("bindings").join(file)).expect(file))
        .collect();
    let text: Vec<&str> =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let text = text.join("\n");
    let words: HashSet<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let names = abi.functions.iter().map(|function| function.name.clone());
    names.filter(|name| !words.contains(name.as_str())).collect()
}

#[test]
fn every_function_has_a_form_of_its_own_in_each_language() {
    let mut abi = Abi::read(&header());
    for files in CALLERS {
        assert_eq!(never_called(&abi, files), [""; 0], "{files:?}");
    }
    let mut planted = abi.functions[0].clone();
    planted.name = "sidetone_call_teleport".to_owned();
    abi.functions.push(planted);
    for files in CALLERS {
        assert_eq!(never_called(&abi, files), ["sidetone_call_teleport"], "{files:?}");
    }
}

/// What is appended to a struct of settings has to reach C++, where it is written by hand.
#[test]
fn cpp_has_every_text_of_the_settings() {
    let abi = Abi::read(&header());
    let settings = fs::read_to_string(root().join("bindings/cpp/sidetone/settings.hpp"));
    let settings = settings.expect("settings.hpp");
    let lists = ["sidetone_text", "sidetone_headers"];
    for kind in abi.structs.iter().filter(|kind| settings.contains(&format!("{} raw", kind.name))) {
        let (_, own) = settings.split_once(&format!("{} raw", kind.name)).expect("it is there");
        let own = own.split("\n};").next().unwrap_or_default();
        let hand =
            |field: &&Field| lists.contains(&field.kind.base.as_str()) || field.entries.is_some();
        for field in kind.meaningful().filter(hand) {
            assert!(own.contains(&format!("raw.{}", field.name)), "{}.{}", kind.name, field.name);
        }
    }
}

#[test]
fn cpp_calls_a_phone() {
    let folder = Folder::new("cpp");
    scenario(cpp_program(&root().join("tests/bindings/scenario.cpp"), &folder), 3);
}

#[test]
fn cpp_says_which_version_it_needs() {
    let headers =
        ["include", "bindings/cpp"].map(|path| format!("-I{}", root().join(path).display()));
    let ends = |version: &str| {
        let mut cpp = Command::new("g++");
        cpp.args(["-fsyntax-only", "-x", "c++", version]).args(&headers);
        let output = cpp.arg(root().join("bindings/cpp/sidetone.hpp")).output().expect("g++");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let old = ends("-std=c++14");
    assert!(!old.0 && old.1.contains("#error \"sidetone.hpp needs C++17\""), "{old:?}");
    let new = ends("-std=c++17");
    assert!(new.0, "{new:?}");
}

#[test]
fn the_program_in_the_readme_for_cpp_makes_a_call() {
    let folder = Folder::new("cpp");
    first_call(cpp_program(&readme_program(&folder, "cpp", "cpp", "call.cpp"), &folder));
}

#[test]
fn the_table_notices_a_swap_of_fields_and_a_function_that_is_gone() {
    let header = header();
    let table = table::table(&Abi::read(&header));
    let (state, status) = ("  uint32_t state;\n  /// SIDETONE_OK or", "  int32_t status;\n");
    assert!(header.contains(state) && header.contains(status));
    let swapped = header.replace(state, "  int32_t status;\n  /// SIDETONE_OK or");
    let (begin, end) = swapped.split_at(swapped.find("/// SIDETONE_OK or").expect("there"));
    let swapped = begin.to_owned() + &end.replacen(status, "  uint32_t state;\n", 1);
    let differences = table::differences(&table, &table::table(&Abi::read(&swapped)));
    let expected = [
        "- field\tsidetone_event\tstate\t48\tuint32_t\t48\t48",
        "- field\tsidetone_event\tstatus\t52\tint32_t\t52\t52",
        "+ field\tsidetone_event\tstate\t52\tuint32_t\t52\t52",
        "+ field\tsidetone_event\tstatus\t48\tint32_t\t48\t48",
    ];
    assert_eq!(differences, expected);

    let gone = header.replace("SIDETONE_API int32_t sidetone_wake(", "int32_t sidetone_wake(");
    let differences = table::differences(&table, &table::table(&Abi::read(&gone)));
    assert_eq!(differences, ["- function\tsidetone_wake\tint32_t (sidetone_engine *engine)"]);
}
