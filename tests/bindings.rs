//! The bindings have every constant, struct, field and function of the header, and make calls.
//!
//! `SIDETONE_BLESS=1 cargo test --test bindings` writes the parts anew that follow the header.

#[path = "support/bindings/mod.rs"]
#[allow(dead_code)]
mod bindings;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/tone_peer.rs"]
mod tone_peer;

use std::{
    collections::HashSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use bindings::{
    csharp,
    declarations::Abi,
    methods::{self, Method, Part},
    pascal, python, table,
    trial::{first_call, scenario},
};
use child::Folder;
use sidetone::ffi::layout::LAYOUT;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn header() -> String {
    fs::read_to_string(root().join("include/sidetone.h")).expect("include/sidetone.h")
}

/// (path, text) of every file that follows the header.
fn written(abi: &Abi) -> Vec<(&'static str, String)> {
    let mut files = vec![("tests/abi/1/abi.tsv", table::table(abi))];
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

/// The shared library that cargo built together with this test.
fn library() -> PathBuf {
    let test = env::current_exe().expect("this test has a path");
    let folders = test.ancestors().skip(1).take(2);
    let mut paths = folders.map(|folder| folder.join("libsidetone.so"));
    paths.find(|path| path.exists()).expect("cargo builds libsidetone.so with the tests")
}

/// Debian's, which has pip and setuptools when they are installed.
fn python() -> &'static str {
    if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" }
}

fn python_program(source: &Path) -> Command {
    let mut command = Command::new(python());
    command.args(["-B", "-X", "dev", "-W", "error"]);
    command.arg(source);
    command.env("PYTHONPATH", root().join("bindings/python"));
    command.env("SIDETONE_LIBRARY", library());
    command
}

fn output(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}{errors}");
    said
}

/// The lines of the table that a program which knows no types can tell.
fn names_values_and_offsets(abi: &Abi) -> String {
    let line = |line: &str| {
        let columns = if line.starts_with("field") { 4 } else { 3 };
        let columns = if line.starts_with("function") { 2 } else { columns };
        line.split('\t').take(columns).collect::<Vec<_>>().join("\t") + "\n"
    };
    let table = table::table(abi);
    table.lines().filter(|line| !line.starts_with("callback")).map(line).collect()
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

/// Compiles a Pascal program; a warning fails it.
fn pascal_program(source: &Path, folder: &Folder) -> Command {
    let library = library();
    let library = library.parent().expect("it lies in a folder");
    let name = source.file_stem().expect("a name");
    let mut fpc = Command::new("fpc");
    fpc.args(["-l-", "-v0ew", "-Sew", "-O1", "-gl"]);
    fpc.arg(format!("-Fu{}", root().join("bindings/delphi").display()));
    fpc.arg(format!("-FU{}", folder.path("").display()));
    fpc.arg(format!("-o{}", folder.path("").join(name).display()));
    fpc.arg(format!("-Fl{}", library.display())).arg(source);
    output(fpc);
    let mut program = Command::new(folder.path("").join(name));
    program.env("LD_LIBRARY_PATH", library);
    program
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

/// Compiles a C# program together with the binding; a warning fails it.
fn csharp_program(source: &Path, folder: &Folder) -> Command {
    let program = folder.path("program.exe");
    let mut mcs = Command::new("mcs");
    mcs.args(["-unsafe", "-langversion:7", "-warn:4", "-warnaserror", "-d:SIDETONE_ASYNC_STREAMS"]);
    mcs.arg(format!("-out:{}", program.display())).arg(source);
    for file in ["Sidetone.cs", "SidetoneNative.cs", "SidetoneMethods.cs"] {
        mcs.arg(root().join("bindings/csharp").join(file));
    }
    output(mcs);
    let mut mono = Command::new("mono");
    mono.arg("--debug").arg(program);
    mono.env("LD_LIBRARY_PATH", library().parent().expect("it lies in a folder"));
    mono
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
fn cpp_calls_a_phone() {
    let folder = Folder::new("cpp");
    let (program, library) = (folder.path("scenario"), library());
    let mut compiler = Command::new("g++");
    compiler.args(["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o"]).arg(&program);
    for headers in ["include", "bindings/cpp", "tests/c"] {
        compiler.arg("-I").arg(root().join(headers));
    }
    compiler.arg(root().join("tests/bindings/scenario.cpp")).arg(&library).arg("-lpthread");
    let folder = library.parent().expect("it lies in a folder");
    output({
        compiler.arg(format!("-Wl,-rpath,{}", folder.display()));
        compiler
    });
    scenario(Command::new(program), 3);
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
    let mut pip = Command::new(python());
    pip.args(["-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]);
    pip.args(["--disable-pip-version-check", "--no-cache-dir", "-w"]).arg(folder.path("wheels"));
    output({
        pip.arg(&project);
        pip
    });
    let wheel = fs::read_dir(folder.path("wheels")).expect("wheels").next().expect("one");
    let mut unpack = Command::new(python());
    unpack.args(["-m", "zipfile", "-e"]).arg(wheel.expect("a file").path());
    unpack.arg(folder.path("site"));
    output(unpack);
    let mut program = Command::new(python());
    program.args(["-c", "import sidetone; print(sidetone.__file__, sidetone.version())"]);
    program.env("PYTHONPATH", folder.path("site")).env_remove("SIDETONE_LIBRARY");
    let said = output(program);
    let site = folder.path("site").to_string_lossy().into_owned();
    assert!(said.starts_with(&site) && said.ends_with(" 0.1.0\n"), "{said}");
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
const CALLERS: [&[&str]; 3] = [
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
        "- field\tsidetone_event\tstate\t48\tuint32_t",
        "- field\tsidetone_event\tstatus\t52\tint32_t",
        "+ field\tsidetone_event\tstate\t52\tuint32_t",
        "+ field\tsidetone_event\tstatus\t48\tint32_t",
    ];
    assert_eq!(differences, expected);

    let gone = header.replace("SIDETONE_API int32_t sidetone_wake(", "int32_t sidetone_wake(");
    let differences = table::differences(&table, &table::table(&Abi::read(&gone)));
    assert_eq!(differences, ["- function\tsidetone_wake\tint32_t (sidetone_engine *engine)"]);
}

/// The first program of a binding's README, which has to be short.
fn readme_program(folder: &Folder, binding: &str, fence: &str, file: &str) -> PathBuf {
    let readme = root().join("bindings").join(binding).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md");
    let (_, rest) = readme.split_once(&format!("```{fence}\n")).expect("a program");
    let (program, _) = rest.split_once("```").expect("an end");
    assert!(program.lines().count() < 30, "the first call should be short:\n{program}");
    let path = folder.path(file);
    fs::write(&path, program).expect("it is written");
    path
}
