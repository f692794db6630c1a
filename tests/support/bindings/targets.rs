//! Where the fields of a struct stand by the alignment rules of a target. The structs are made so that
//! it is the same everywhere; this is what says so.

use super::declarations::{Abi, Struct, Type};

/// A target, as far as structs in C are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Column of the table.
    pub name: &'static str,
    /// As clang names it.
    pub triple: &'static str,
    /// What has gcc lay structs out as the target does.
    pub gcc: &'static [&'static str],
    /// Bytes of a pointer.
    pointer: usize,
    /// What numbers of eight bytes are aligned to.
    wide: usize,
}

/// Linux and Windows on x64 are alike here; on x86 they differ in where eight bytes may stand.
pub const TARGETS: [Target; 3] = [
    Target { name: "x64", triple: "x86_64-unknown-linux-gnu", gcc: &[], pointer: 8, wide: 8 },
    Target {
        name: "win32",
        triple: "i686-pc-windows-msvc",
        gcc: &["-m32", "-malign-double"],
        pointer: 4,
        wide: 8,
    },
    Target {
        name: "linux-x86",
        triple: "i686-unknown-linux-gnu",
        gcc: &["-m32"],
        pointer: 4,
        wide: 4,
    },
];

/// A struct on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub size: usize,
    pub align: usize,
    /// Of each field, in their order.
    pub offsets: Vec<usize>,
}

/// What a C compiler for the target makes of a struct.
pub fn layout(abi: &Abi, kind: &Struct, target: Target) -> Layout {
    let mut layout = Layout { size: 0, align: 1, offsets: Vec::new() };
    for field in &kind.fields {
        let (size, align) = measure(abi, &field.kind, target);
        let offset = layout.size.next_multiple_of(align);
        layout.offsets.push(offset);
        layout.size = offset + size * field.entries.unwrap_or(1);
        layout.align = layout.align.max(align);
        if field.kind.pointers > 0 && target.pointer == 4 {
            // SIDETONE_POINTER: the field of padding.
            layout.size += 4;
        }
    }
    layout.size = layout.size.next_multiple_of(layout.align);
    layout
}

fn measure(abi: &Abi, kind: &Type, target: Target) -> (usize, usize) {
    match kind.base.as_str() {
        _ if kind.pointers > 0 => (target.pointer, target.pointer),
        "int16_t" | "uint16_t" => (2, 2),
        "int32_t" | "uint32_t" | "float" => (4, 4),
        "int64_t" | "uint64_t" | "double" => (8, target.wide),
        name => {
            let inner = layout(abi, abi.find(name).expect("a struct before"), target);
            (inner.size, inner.align)
        }
    }
}
