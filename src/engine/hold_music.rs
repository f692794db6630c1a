//! What the far end of a held call hears.

use std::path::Path;

use super::{
    error::Error,
    validate,
    worker::play::{Clip, Source},
};

/// A WAV file's audio, played from the beginning and over again while a call is held. Cheap to
/// clone: the calls of an account share it.
#[derive(Clone, Debug)]
pub struct HoldMusic(Clip);

impl HoldMusic {
    /// Reads a WAV file, now and whole. Errors: `FileOpen`, `FileFormat`.
    pub fn open(path: &Path) -> Result<Self, Error> {
        validate::clip(path).map(Self)
    }

    /// It, to be played.
    pub(super) fn source(&self) -> Source {
        Source::new(self.0.clone(), true)
    }
}

impl PartialEq for HoldMusic {
    fn eq(&self, other: &Self) -> bool {
        self.0.rate_hz == other.0.rate_hz && self.0.samples == other.0.samples
    }
}

impl Eq for HoldMusic {}
