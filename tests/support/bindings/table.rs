//! The ABI as a table: one line for each constant, struct, field, callback and function.

use std::{collections::BTreeSet, fmt::Write as _};

use super::declarations::{Abi, Function};

/// The lines, in the order of the header. Offsets are those of every target, 32 or 64 bits.
pub fn table(abi: &Abi) -> String {
    let mut text = String::new();
    for constant in &abi.constants {
        writeln!(text, "constant\t{}\t{}", constant.name, constant.value).unwrap();
    }
    for kind in &abi.structs {
        writeln!(text, "struct\t{}\t{}", kind.name, kind.size).unwrap();
        for field in &kind.fields {
            let entries = field.entries.map(|entries| format!("[{entries}]")).unwrap_or_default();
            let (name, offset, c) = (&field.name, field.offset, field.kind.c());
            writeln!(text, "field\t{}\t{name}\t{offset}\t{c}{entries}", kind.name).unwrap();
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
