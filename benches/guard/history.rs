//! What to compare with under a toolchain of which nothing was accepted: the commit that last changed
//! the table, built and counted here and now.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{callgrind::this_program, compare::Counts};

/// What the counts come of.
const SOURCES: [&str; 4] = ["src", "benches", "Cargo.toml", "Cargo.lock"];

/// The commit that last changed the table, unless its sources are those that lie here. `Err` says
/// why there is none to be had.
pub fn base_commit(table: &str) -> Result<Option<String>, String> {
    let commit = output(git().args(["log", "-1", "--format=%H", "--", table]))?;
    let commit = commit.trim().to_owned();
    if commit.is_empty() {
        return Err(format!("no commit has {table}"));
    }
    let mut diff = git();
    diff.args(["diff", "--quiet", &commit, "--"]).args(SOURCES);
    let same = diff.status().map_err(|error| format!("git diff: {error}"))?.success();
    Ok((!same).then_some(commit))
}

/// Builds and counts a commit, in a folder of its own beside what this program was built into, and
/// with the same packages.
pub fn count(commit: &str) -> Result<Counts, String> {
    let program = this_program()?;
    let target = program.ancestors().nth(3).ok_or("this program lies in no target folder")?;
    let folder = target.join("guard-base");
    let _ = fs::remove_dir_all(&folder);
    extract(commit, &folder)?;
    eprintln!("building {commit}, for there is nothing accepted of this toolchain");
    let mut cargo = Command::new(folder.join("scripts/cargo"));
    cargo.args(["bench", "--locked", "--no-default-features", "--features", "opus"]);
    cargo.args(["--profile", "guard", "--bench", "guard", "--", "counts"]);
    cargo.current_dir(&folder).env("CARGO_TARGET_DIR", target).stderr(Stdio::inherit());
    let printed = output(&mut cargo)?;
    let _ = fs::remove_dir_all(&folder);
    let row = |line: &str| {
        let (path, count) = line.split_once('\t')?;
        Some((path.to_owned(), count.parse().ok()?))
    };
    let counts: Option<Counts> = printed.lines().map(row).collect();
    counts.filter(|counts| !counts.is_empty()).ok_or(format!("{commit} counts nothing"))
}

fn extract(commit: &str, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let archive = folder.join("archive.tar");
    output(git().args(["archive", "--format=tar", "-o"]).arg(&archive).arg(commit))?;
    output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder))?;
    Ok(())
}

/// git, whoever owns the folder.
fn git() -> Command {
    let mut git = Command::new("git");
    git.args(["-c", "safe.directory=*"]);
    git
}

/// Runs a command that must end well; what it printed.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{errors}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
