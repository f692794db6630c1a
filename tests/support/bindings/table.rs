//! The ABI as a table: one line for each constant, struct, field, callback and function.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    declarations::{Abi, Function},
    targets::{TARGETS, layout},
};

/// The lines, in the order of the header. A field has its offset on x64, its type, and its offsets on
/// the other targets; a struct its size and alignment on each. The first line names the targets.
pub fn table(abi: &Abi) -> String {
    let mut text = String::from("columns");
    for target in TARGETS {
        write!(text, "\t{}", target.name).unwrap();
    }
    text.push('\n');
    for constant in &abi.constants {
        writeln!(text, "constant\t{}\t{}", constant.name, constant.value).unwrap();
    }
    for kind in &abi.structs {
        let [x64, others @ ..] = TARGETS.map(|target| layout(abi, kind, target));
        write!(text, "struct\t{}\t{}\t{}", kind.name, x64.size, x64.align).unwrap();
        for other in &others {
            write!(text, "\t{}\t{}", other.size, other.align).unwrap();
        }
        text.push('\n');
        for (index, field) in kind.fields.iter().enumerate() {
            let entries = field.entries.map(|entries| format!("[{entries}]")).unwrap_or_default();
            let (name, offset, c) = (&field.name, x64.offsets[index], field.kind.c());
            write!(text, "field\t{}\t{name}\t{offset}\t{c}{entries}", kind.name).unwrap();
            for other in &others {
                write!(text, "\t{}", other.offsets[index]).unwrap();
            }
            text.push('\n');
        }
    }
    let functions = abi.functions.iter().map(|function| ("function", function));
    let callbacks = abi.callbacks.iter().map(|function| ("callback", function));
    for (kind, function) in callbacks.chain(functions) {
        let system = if function.windows { "\twindows" } else { "" };
        writeln!(text, "{kind}\t{}\t{}{system}", function.name, signature(function)).unwrap();
    }
    text
}

fn signature(function: &Function) -> String {
    let parameters = function.parameters.iter().map(|one| one.c());
    let parameters: Vec<String> = parameters.collect();
    format!("{} ({})", function.returns.c(), parameters.join(", "))
}

/// What was removed or changed since (`-`), and what was added (`+`).
pub fn differences(committed: &str, fresh: &str) -> Vec<String> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (committed, fresh) = (lines(committed), lines(fresh));
    let gone = committed.difference(&fresh).map(|line| format!("- {line}"));
    gone.chain(fresh.difference(&committed).map(|line| format!("+ {line}"))).collect()
}
