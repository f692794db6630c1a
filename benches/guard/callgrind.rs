//! Runs the benches under callgrind and reads what it counted.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::compare::Counts;

/// Where callgrind begins and where it ends to count: the same function, see `benches/measure`. Of two
/// options with one pattern it would take the first.
const BEGINS: &str = "*::counted_rounds*";
const ENDS: &str = "*counted_rounds*";

/// Counts every path of these benches, each bench in a process of its own.
pub fn count(benches: &[&str], planted: bool) -> Result<Counts, String> {
    let folder = env::temp_dir().join(format!("sidetone-guard-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let counts = benches.iter().map(|bench| count_bench(bench, planted, &folder)).collect();
    let _ = fs::remove_dir_all(&folder);
    let counts: Result<Vec<Counts>, String> = counts;
    Ok(counts?.concat())
}

fn count_bench(bench: &str, planted: bool, folder: &Path) -> Result<Counts, String> {
    let dump = folder.join(bench);
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet"]);
    command.arg(format!("--callgrind-out-file={}", dump.display()));
    command.arg(format!("--zero-before={BEGINS}")).arg(format!("--dump-after={ENDS}"));
    command.arg(this_program()?).args(["count", bench]).args(planted.then_some("--plant"));
    // The environment lies on the stack, and the counts are not to depend on it.
    command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
    let output = command.output().map_err(|error| format!("valgrind: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{bench} under callgrind: {}\n{errors}", output.status));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let counted = printed.lines().filter_map(|line| line.strip_prefix("counted\t"));
    counted
        .enumerate()
        .map(|(n, line)| {
            let (rounds, path) = line.split_once('\t').ok_or("a path without a name")?;
            let rounds: u64 = rounds.parse().map_err(|_| "a path without its rounds")?;
            let dump = format!("{}.{}", dump.display(), n + 1);
            let total = total(&dump).map_err(|error| format!("{path}, {dump}: {error}"))?;
            Ok((path.to_owned(), total / rounds.max(1)))
        })
        .collect()
}

/// The instructions of a dump.
fn total(dump: &str) -> io::Result<u64> {
    let text = fs::read_to_string(dump)?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = totals.and_then(|totals| totals.trim().parse().ok());
    total.ok_or_else(|| io::Error::other("callgrind counted nothing"))
}

/// This program's file.
pub fn this_program() -> Result<PathBuf, String> {
    env::current_exe().map_err(|error| format!("this program: {error}"))
}

/// What decides about the counts beside the code and `Cargo.lock`: compilers, valgrind, and what it
/// shows of the machine's instruction sets.
pub fn toolchain() -> Result<String, String> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let first_line = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output();
        let output = output.map_err(|error| format!("{program} {argument}: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok::<_, String>(text.lines().next().unwrap_or_default().trim().to_owned())
    };
    let (rustc, cc) = (first_line(&rustc, "-V")?, first_line("cc", "--version")?);
    let valgrind = first_line("valgrind", "--version")?;
    Ok(format!("{rustc}; {cc}; {valgrind}; {}{}", env::consts::ARCH, vectors()))
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> &'static str {
    if std::is_x86_feature_detected!("avx2") { " with AVX2" } else { "" }
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> &'static str {
    ""
}
