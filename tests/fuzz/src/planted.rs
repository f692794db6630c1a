//! A fault on purpose.

/// Panics when the input begins with [`MAGIC`]. One comparison for each byte, so that a fuzzer finds
/// it byte by byte.
pub fn run(data: &[u8]) {
    let is = |index: usize| data.get(index) == MAGIC.get(index);
    let found = is(0) && is(1) && is(2) && is(3) && is(4) && is(5);
    assert!(!found, "the planted panic");
}

/// The word.
pub const MAGIC: &[u8] = b"panic!";
