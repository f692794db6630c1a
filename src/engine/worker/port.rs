//! The user's end of the audio on a worker: a sound card's rings, or WAV files in their place.

use crate::{
    base::units::{Gain, Level},
    device::{files::WavSink, ports::PortEnds},
    media::bridge::{Bridge, BridgeError, PortKey},
};

use super::{microphone::Microphone, play::Source};

/// Rings hold the device's period, a worker's tick and this much more, to the nearest frame.
const RING_MARGIN_MS: u32 = 5;

/// What plays into and hears the bridge for the user.
pub(super) struct UserPort {
    end: End,
    microphone: PortKey,
    loudspeaker: PortKey,
    samples: Vec<i16>,
    floats: Vec<f32>,
    levels: (Level, Level),
}

enum End {
    Card(Box<PortEnds>, Microphone),
    Files { microphone: Option<Source>, loudspeaker: Option<WavSink> },
}

impl UserPort {
    /// A sound card (or what is stepped like one).
    pub(super) fn card(bridge: &mut Bridge, ends: PortEnds) -> Result<Self, BridgeError> {
        let format = ends.format();
        let capture = format.capture_rate_hz;
        let playback = format.playback_rate_hz;
        let end = End::Card(Box::new(ends), Microphone::new(capture));
        Self::new(bridge, end, capture, playback)
    }

    /// WAV files; `rate_hz` is that of the loudspeaker's file.
    pub(super) fn files(
        bridge: &mut Bridge,
        microphone: Option<Source>,
        loudspeaker: Option<WavSink>,
        rate_hz: u32,
    ) -> Result<Self, BridgeError> {
        let capture = microphone.as_ref().map_or(rate_hz, Source::rate_hz);
        Self::new(bridge, End::Files { microphone, loudspeaker }, capture, rate_hz)
    }

    fn new(
        bridge: &mut Bridge,
        end: End,
        capture_hz: u32,
        playback_hz: u32,
    ) -> Result<Self, BridgeError> {
        let most = capture_hz.max(playback_hz) as usize / 100;
        Ok(Self {
            end,
            microphone: bridge.add_port(capture_hz)?,
            loudspeaker: bridge.add_port(playback_hz)?,
            samples: vec![0; most],
            floats: vec![0.0; most],
            levels: (Level::SILENCE, Level::SILENCE),
        })
    }

    /// Whether a clock of its own asks for audio.
    pub(super) fn is_card(&self) -> bool {
        matches!(self.end, End::Card(..))
    }

    /// Takes the port out of the bridge.
    pub(super) fn detach(self, bridge: &mut Bridge) {
        bridge.remove_port(self.microphone);
        bridge.remove_port(self.loudspeaker);
    }

    /// Lets the microphone into a call with a gain, or keeps it out.
    pub(super) fn speak(
        &self,
        bridge: &mut Bridge,
        send: PortKey,
        gain: Option<Gain>,
    ) -> Result<(), BridgeError> {
        match gain {
            Some(gain) => bridge.connect(self.microphone, send, gain),
            None => {
                bridge.disconnect(self.microphone, send);
                Ok(())
            }
        }
    }

    /// Lets the user hear a port with a gain, or no longer.
    pub(super) fn hear(
        &self,
        bridge: &mut Bridge,
        port: PortKey,
        gain: Option<Gain>,
    ) -> Result<(), BridgeError> {
        match gain {
            Some(gain) => bridge.connect(port, self.loudspeaker, gain),
            None => {
                bridge.disconnect(port, self.loudspeaker);
                Ok(())
            }
        }
    }

    /// Frames of 10 ms that the card's ring lacks, and what the card has played in all; `None`
    /// where no card leads, be it that it has gone.
    pub(super) fn lacking(&self, tick_ms: u32) -> Option<(u64, u32)> {
        let End::Card(ends, _) = &self.end else { return None };
        if ends.is_abandoned() {
            return None;
        }
        let format = ends.format();
        let frame = (format.playback_rate_hz / 100).max(1);
        let margin = format.playback_rate_hz / 1000 * (tick_ms + RING_MARGIN_MS);
        let target = (format.period_frames + margin) as usize;
        // Whole frames, to the nearer side of the target: always rounding up would cost 5 ms of delay
        // in the mean.
        let frame = frame as usize;
        let lacking = (target.saturating_sub(ends.playback_fill()) + frame / 2) / frame;
        Some((ends.shared().playback.frames(), lacking as u32))
    }

    /// Feeds 10 ms of microphone into the bridge. `running`: a call is there to hear it.
    pub(super) fn feed(&mut self, bridge: &mut Bridge, running: bool) {
        match &mut self.end {
            End::Card(ends, microphone) => {
                let frame = ends.format().capture_rate_hz as usize / 100;
                let floats = &mut self.floats[..frame];
                microphone.take(ends, floats);
                for (sample, value) in self.samples.iter_mut().zip(floats.iter()) {
                    *sample = (value * 32768.0).clamp(-32768.0, 32767.0) as i16;
                }
                bridge.feed(self.microphone, &self.samples[..frame]);
            }
            End::Files { microphone, .. } => {
                if let (Some(source), true) = (microphone.as_mut(), running) {
                    let frame = source.rate_hz() as usize / 100;
                    source.read(&mut self.samples[..frame]);
                    self.levels.0 = Level::of(&self.samples[..frame]);
                    bridge.feed(self.microphone, &self.samples[..frame]);
                }
            }
        }
    }

    /// Plays 10 ms of what the bridge mixed for the user.
    pub(super) fn play(&mut self, bridge: &Bridge, running: bool) {
        let mixed = bridge.mixed(self.loudspeaker);
        match &mut self.end {
            End::Card(ends, _) => {
                for (value, sample) in self.floats.iter_mut().zip(mixed) {
                    *value = f32::from(*sample) / 32768.0;
                }
                // What does not fit is dropped: the card has stalled.
                ends.push_playback(&self.floats[..mixed.len()]);
            }
            End::Files { loudspeaker, .. } => {
                self.levels.1 = Level::of(mixed);
                if let (Some(sink), true) = (loudspeaker.as_mut(), running) {
                    sink.write_mono(mixed);
                }
            }
        }
    }

    /// Levels now: microphone, loudspeaker.
    pub(super) fn levels(&self) -> (Level, Level) {
        match &self.end {
            End::Card(ends, _) => (ends.shared().capture.level(), ends.shared().playback.level()),
            End::Files { .. } => self.levels,
        }
    }

    /// In all: frames the card asked for in vain, and frames of its microphone that were missing or
    /// thrown away, here or by its callback.
    pub(super) fn lost(&self) -> (u64, u64) {
        match &self.end {
            End::Card(ends, microphone) => {
                let (playback, capture) = (&ends.shared().playback, &ends.shared().capture);
                (playback.xrun_frames(), capture.xrun_frames() + microphone.lost())
            }
            End::Files { .. } => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::ports::{PortFormat, port};

    #[test]
    fn a_card_that_is_gone_leads_no_longer() {
        let format =
            PortFormat { playback_rate_hz: 48_000, capture_rate_hz: 48_000, period_frames: 480 };
        let (ends, playback, _capture) = port(format);
        let user = UserPort::card(&mut Bridge::new(), ends).unwrap();
        assert_eq!(user.lacking(5), Some((0, 2)));
        drop(playback);
        assert_eq!(user.lacking(5), None);
    }
}
