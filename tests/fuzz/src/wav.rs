//! WAV files from anywhere.

use sidetone::device::wav;

/// The input is a file.
pub fn run(data: &[u8]) {
    let Ok(file) = wav::parse(data) else { return };
    assert!(file.frames() <= data.len(), "more frames than bytes");
    let frames = file.frames();
    assert_eq!(file.into_mono().len(), frames);
}
