//! The manual (`docs`) and the READMEs say what is so: names that the header has, files that are there,
//! snippets that compile.

#[path = "support/c_programs.rs"]
#[allow(dead_code)]
mod c_programs;

use std::{collections::HashSet, fs, path::PathBuf, process::Command};

use c_programs::{C99, CPP17, CompilerOptions, folder, header, root, syntax};

/// Everything that people read, and its text.
fn papers() -> Vec<(PathBuf, String)> {
    let mut paths: Vec<PathBuf> =
        ["README.md", "docs/embedding.md", "docs/archive.md"].map(|name| root().join(name)).into();
    for binding in fs::read_dir(root().join("bindings")).expect("bindings") {
        paths.push(binding.expect("a folder").path().join("README.md"));
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

fn manual() -> String {
    fs::read_to_string(root().join("docs/embedding.md")).expect("docs/embedding.md")
}

/// Words of the C interface.
fn words(text: &str) -> HashSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = |word: &&str| word.starts_with("sidetone_") || word.starts_with("SIDETONE_");
    words.filter(ours).collect()
}

/// Names in a text that a header does not have; `sidetone_wakeup_set_*` stands for several.
fn unknown<'a>(text: &'a str, header: &str) -> Vec<&'a str> {
    let known = words(header);
    // Of the bindings and the programs, not of C.
    let others = ["SIDETONE_LIBRARY", "SIDETONE_BLESS", "SIDETONE_ASYNC_STREAMS"];
    let own = ["SIDETONE_API_VERSION_VALUE"];
    let mut unknown: Vec<&str> = words(text)
        .into_iter()
        .filter(|word| match word.strip_suffix('_') {
            Some(_) => !known.iter().any(|name| name.starts_with(*word)),
            None => !known.contains(word) && !others.contains(word) && !own.contains(word),
        })
        .collect();
    unknown.sort_unstable();
    unknown
}

#[test]
fn every_name_of_c_is_in_the_header() {
    let header = header();
    for (path, text) in papers() {
        assert_eq!(unknown(&text, &header), [""; 0], "{}", path.display());
    }
    let planted = "`sidetone_call_teleport()` of sidetone_call_* and `SIDETONE_OK`";
    assert_eq!(unknown(planted, &header), ["sidetone_call_teleport"]);
}

#[test]
fn every_file_that_is_named_is_there_and_has_what_is_said_of_it() {
    for (path, text) in papers() {
        let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
        let folders = ["src/", "tests/", "bindings/", "examples-c/", "docs/", "include/"];
        for name in quoted.iter().filter(|name| folders.iter().any(|f| name.starts_with(f))) {
            assert!(root().join(name).exists(), "{}: {name} is not there", path.display());
        }
        for name in quoted.iter().filter(|name| name.starts_with("examples/")) {
            let file = path.with_file_name(name);
            assert!(file.exists(), "{}: {name} is not there", path.display());
        }
    }
    for (path, text) in papers() {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            assert!(path.with_file_name(link).exists(), "{}: {link}", path.display());
        }
    }
    let manual = manual();
    let mut named = 0;
    for (at, _) in manual.match_indices("` in") {
        let name = manual[..at].rsplit('`').next().unwrap_or_default();
        let rest = manual[at + 4..].trim_start();
        let Some(file) = rest.strip_prefix("`src/").and_then(|rest| rest.split('`').next()) else {
            continue;
        };
        let source = fs::read_to_string(root().join("src").join(file)).expect(file);
        assert!(source.contains(name), "{file} has no {name}");
        named += 1;
    }
    assert!(named > 5, "only {named}");
}

/// Blocks of a fence, in order.
fn blocks<'a>(text: &'a str, fence: &str) -> Vec<&'a str> {
    let fence = format!("\n```{fence}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// The least of a library that is not here, as a snippet needs it.
const GLIB: &str = "typedef int gboolean; typedef int gint; typedef void *gpointer;\n\
    typedef unsigned int guint; typedef int GIOCondition; enum { G_IO_IN = 1 };\n\
    #define G_SOURCE_CONTINUE 1\n\
    typedef gboolean (*GUnixFDSourceFunc)(gint fd, GIOCondition condition, gpointer user);\n\
    extern guint g_unix_fd_add(gint fd, GIOCondition when, GUnixFDSourceFunc call, gpointer user);\n\
    extern gboolean g_source_remove(guint source);\n";
const QT: &str = "struct QObject { template <typename Sender, typename Signal, typename Slot>\n\
    static void connect(Sender *, Signal, Slot) {} };\n\
    struct QSocketNotifier : QObject { enum Type { Read }; QSocketNotifier(int, Type) {}\n\
    void activated() {} };\n\
    struct QWinEventNotifier : QObject { explicit QWinEventNotifier(void *) {}\n\
    void activated() {} };\n";

fn write(name: &str, text: &str) -> PathBuf {
    let source = folder().join(name);
    fs::write(&source, text).expect("it is written");
    source
}

#[test]
fn the_snippets_in_c_and_cpp_compile() {
    let manual = manual();
    let c = blocks(&manual, "c").join("\n");
    assert!(c.contains("g_unix_fd_add") && c.contains("static void end("));
    let system = "#include <stdio.h>\n#include <sys/eventfd.h>\n#include <unistd.h>\n";
    let source = write("manual.c", &format!("{system}#include \"sidetone.h\"\n{GLIB}{c}\n"));
    syntax(C99, &source, &["-Wno-unused-function"]);

    let cpp = blocks(&manual, "cpp").join("\n");
    assert!(cpp.contains("QSocketNotifier") && cpp.contains("QWinEventNotifier"));
    let host = format!("#include \"sidetone.hpp\"\n{QT}{cpp}\n");
    let source = write("manual.cpp", &format!("{system}{host}"));
    syntax(CPP17, &source, &[]);
    let windows_host = write("manual_windows.cpp", &format!("#include <windows.h>\n{host}"));

    let windows = blocks(&manual, "c windows").join("\n");
    assert!(windows.contains("sidetone_wakeup_set_window"));
    let pump = blocks(&manual, "c")[0];
    let text = format!(
        "#include <stdio.h>\n#include <windows.h>\n#include \"sidetone.h\"\n{pump}\n{windows}\n"
    );
    let source = write("manual_windows.c", &text);
    for (compiler, plus) in [
        ("x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++"),
        ("i686-w64-mingw32-gcc", "i686-w64-mingw32-g++"),
    ] {
        if Command::new(compiler).arg("--version").output().is_ok() {
            syntax(CompilerOptions { compiler, ..C99 }, &source, &["-Wno-unused-function"]);
            syntax(CompilerOptions { compiler: plus, ..CPP17 }, &windows_host, &[]);
        }
    }
}

/// The least of Windows Forms and WPF that the snippets need, and what is theirs to be pasted into.
const WINDOWS_OF_NET: &str = "using System;
namespace System.Windows.Forms {
public enum CloseReason { None, WindowsShutDown }
public class FormClosingEventArgs { public bool Cancel; public CloseReason CloseReason; }
public class Form { protected string Text; protected event Action<object, object> FormClosed;
protected event Action<object, FormClosingEventArgs> FormClosing; protected void Hide() { }
protected void Close() { FormClosing?.Invoke(this, new FormClosingEventArgs());
FormClosed?.Invoke(this, null); Console.WriteLine(Text); } } }
namespace System.Windows {
public class Window { protected string Title; protected event Action<object, object> Closed;
protected void Close() { Closed?.Invoke(this, null); Console.WriteLine(Title); } } }
public partial class Main { private void InitializeComponent() { } }
public partial class MainWindow { private void InitializeComponent() { } }
";

#[test]
fn the_snippets_in_csharp_compile() {
    let manual = manual();
    let [form, end, window, loader] = blocks(&manual, "cs")[..] else { panic!("not four") };
    let end = format!(
        "using System.Windows.Forms; using Sidetone;\n\
         public class Slow : Form {{ private readonly Engine engine = new Engine();\n\
         public Slow() {{\n{end}\n}} }}\n"
    );
    let loader =
        format!("static class Loader {{\n{loader}\nstatic void Run() {{ LoadNative(); }} }}\n");
    let texts = [WINDOWS_OF_NET, form, &end, window, &loader];
    let mut mcs = Command::new("mcs");
    mcs.args(["-unsafe", "-langversion:7", "-target:library"]);
    for (number, text) in texts.iter().enumerate() {
        mcs.arg(write(&format!("manual_{number}.cs"), text));
    }
    mcs.arg(format!("-out:{}", folder().join("manual.dll").display()));
    for file in ["Sidetone.cs", "SidetoneNative.cs", "SidetoneMethods.cs"] {
        mcs.arg(root().join("bindings/csharp").join(file));
    }
    let output = mcs.output().expect("mcs runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_snippets_in_pascal_compile() {
    let snippets = blocks(&manual(), "pascal").join("\n");
    let text = format!(
        "unit manual_form;\n{{$mode delphi}}\ninterface\n\
         uses Sidetone, SidetoneMethods, SidetoneClient;\n\
         type TMain = class\nprivate FClient: TSidetoneClient;\nCaption: UnicodeString;\n\
         procedure FormCreate(Sender: TObject);\nprocedure FormDestroy(Sender: TObject);\n\
         procedure SomebodyCalls(Sender: TObject; const Event: TSidetoneEvent);\nend;\n\
         implementation\n{snippets}\nend.\n"
    );
    let source = write("manual_form.pas", &text);
    let mut fpc = Command::new("fpc");
    fpc.args(["-l-", "-v0ew", "-Sew"]).arg(&source);
    fpc.arg(format!("-Fu{}", root().join("bindings/delphi").display()));
    fpc.arg(format!("-FU{}", folder().display()));
    let output = fpc.output().expect("fpc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Its contents are by hand.
#[test]
fn the_contents_of_the_manual_lead_to_its_chapters() {
    let manual = manual();
    let (before, _) = manual.split_once("\n## ").expect("chapters");
    let links: Vec<&str> =
        before.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let chapters = manual.lines().filter_map(|line| line.strip_prefix("## "));
    let anchors: Vec<String> = chapters.map(|name| name.to_lowercase().replace(' ', "-")).collect();
    assert_eq!(links, anchors);
}

/// rustdoc shows the manual, and would take a block without a language for Rust.
#[test]
fn every_block_of_the_manual_says_its_language() {
    for (number, fence) in manual().lines().filter(|line| line.starts_with("```")).enumerate() {
        assert_eq!(fence.len() > 3, number % 2 == 0, "fence {number}: {fence}");
    }
}
