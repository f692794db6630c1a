//! Audio out of memory: what is played into a call, or stands for the microphone.

use std::sync::Arc;

/// A WAV file's audio, mono, at one of the rates that the bridge takes.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Clip {
    pub(in crate::engine) rate_hz: u32,
    pub(in crate::engine) samples: Arc<[i16]>,
}

/// A clip and how far it has been played.
#[derive(Debug)]
pub(in crate::engine) struct Source {
    clip: Clip,
    position: usize,
    repeat: bool,
}

impl Source {
    pub(in crate::engine) fn new(clip: Clip, repeat: bool) -> Self {
        let repeat = repeat && !clip.samples.is_empty();
        Self { clip, position: 0, repeat }
    }

    pub(super) fn rate_hz(&self) -> u32 {
        self.clip.rate_hz
    }

    /// Fills `out`, with silence behind the end; `false` when nothing is left.
    pub(super) fn read(&mut self, out: &mut [i16]) -> bool {
        let mut filled = 0;
        while filled < out.len() {
            let rest = &self.clip.samples[self.position..];
            if rest.is_empty() {
                if !self.repeat {
                    break;
                }
                self.position = 0;
                continue;
            }
            let count = rest.len().min(out.len() - filled);
            out[filled..filled + count].copy_from_slice(&rest[..count]);
            filled += count;
            self.position += count;
        }
        out[filled..].fill(0);
        self.repeat || self.position < self.clip.samples.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(samples: &[i16]) -> Clip {
        Clip { rate_hz: 8000, samples: samples.into() }
    }

    #[test]
    fn reads_to_the_end_and_then_silence() {
        let mut source = Source::new(clip(&[1, 2, 3]), false);
        let mut out = [9; 2];
        assert!(source.read(&mut out));
        assert_eq!(out, [1, 2]);
        assert!(!source.read(&mut out));
        assert_eq!(out, [3, 0]);
    }

    #[test]
    fn repeats_across_its_end() {
        let mut source = Source::new(clip(&[1, 2, 3]), true);
        let mut out = [0; 7];
        assert!(source.read(&mut out));
        assert_eq!(out, [1, 2, 3, 1, 2, 3, 1]);
        assert!(!Source::new(clip(&[]), true).read(&mut out), "an empty clip has no end to repeat");
    }
}
