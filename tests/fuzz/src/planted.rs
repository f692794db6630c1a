//! A fault on purpose.

/// Panics when the input begins with a magic word, found byte by byte.
pub fn run(data: &[u8]) {
    let mut steps = 0;
    for (byte, wanted) in data.iter().zip(MAGIC) {
        if byte != wanted {
            break;
        }
        steps += 1;
    }
    assert!(steps < MAGIC.len(), "the planted panic");
}

/// The word.
pub const MAGIC: &[u8] = b"panic!";
