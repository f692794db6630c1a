//! What a host that was built with an older header relies on.

use std::collections::HashMap;

use super::{
    declarations::{Abi, Function, Struct},
    targets::{TARGETS, layout},
};

/// What of an older header does not stand in a newer one any more.
pub fn broken(old: &Abi, new: &Abi) -> Vec<String> {
    let mut broken = Vec::new();
    let values: HashMap<&str, i64> =
        new.constants.iter().map(|one| (one.name.as_str(), one.value)).collect();
    for constant in &old.constants {
        let now = values.get(constant.name.as_str());
        // The interface's own version is the one that goes up.
        if now != Some(&constant.value) && constant.name != "SIDETONE_API_VERSION" {
            broken.push(format!("{} was {}, is {now:?}", constant.name, constant.value));
        }
    }
    for (old, new) in [(&old.callbacks, &new.callbacks), (&old.functions, &new.functions)] {
        for function in old {
            let now = new.iter().find(|now| now.name == function.name);
            if now.map(signature) != Some(signature(function)) {
                broken.push(format!("{} is not what it was", function.name));
            }
        }
    }
    for kind in &old.structs {
        match new.find(&kind.name) {
            Some(now) => broken.extend(moved(old, kind, new, now)),
            None => broken.push(format!("{} is gone", kind.name)),
        }
    }
    broken
}

/// The fields that are not what they were, on any target; new ones stand behind all old ones.
fn moved(old: &Abi, was: &Struct, new: &Abi, now: &Struct) -> Vec<String> {
    let mut moved = Vec::new();
    let sized = was.fields[0].name == "size";
    if !sized && was.fields.len() != now.fields.len() {
        moved.push(format!("{} has no size, and cannot grow", was.name));
    }
    for target in TARGETS {
        let (before, after) = (layout(old, was, target), layout(new, now, target));
        let mut fields = now.fields.iter().zip(&after.offsets);
        for (field, offset) in was.fields.iter().zip(&before.offsets) {
            let same = fields.next().is_some_and(|(now, at)| {
                now.name == field.name
                    && now.kind == field.kind
                    && now.entries == field.entries
                    && at == offset
            });
            if !same {
                moved.push(format!("{}: {}.{} has moved", target.name, was.name, field.name));
            }
        }
        for (field, offset) in fields {
            if *offset < before.size {
                let name = &field.name;
                moved.push(format!("{}: {}.{name} is not at the end", target.name, was.name));
            }
        }
        if before.align != after.align {
            moved.push(format!("{}: {} is aligned otherwise", target.name, was.name));
        }
    }
    moved
}

/// Everything of a function that a caller relies on; names of parameters do not count.
fn signature(function: &Function) -> (String, Vec<String>, bool) {
    let kinds = function.parameters.iter().map(|one| one.kind.c()).collect();
    (function.returns.c(), kinds, function.windows)
}
