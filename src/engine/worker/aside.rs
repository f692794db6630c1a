//! What is heard in a call besides its two ends: the ringback tone in our user's ear, and music in
//! the far end's while we hold it. Each has a port of its own on the bridge.

use super::play::Source;
use crate::{
    base::units::Gain,
    call::Ear,
    dsp::tone::{ToneGenerator, ToneSpec},
    media::bridge::{Bridge, BridgeError, PortKey},
};

/// Rate of the tone, Hz; 425 Hz need no more.
const TONE_RATE_HZ: u32 = 8_000;
/// Longest frame: 10 ms at 48 kHz.
const FRAME_SAMPLES: usize = 480;

/// The asides of one call.
#[derive(Default)]
pub(super) struct Aside {
    ear: Ear,
    tone: Option<(ToneGenerator, PortKey)>,
    held: bool,
    music: Option<Source>,
    music_port: Option<PortKey>,
}

impl Aside {
    /// What our user is to hear.
    pub(super) fn listen(&mut self, ear: Ear, bridge: &mut Bridge) -> Result<(), BridgeError> {
        self.ear = ear;
        self.enter_tone(bridge)
    }

    /// Whether we hold the far end: neither end hears the other.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// What the far end hears while it is held.
    pub(super) fn set_music(&mut self, music: Option<Source>, bridge: &mut Bridge) {
        if let Some(port) = self.music_port.take() {
            bridge.remove_port(port);
        }
        self.music = music;
    }

    /// Whether the far end and our user's ear, and whether our user and the far end's ear, are
    /// connected.
    pub(super) fn connects(&self) -> (bool, bool) {
        (self.ear == Ear::Remote && !self.held, !self.held)
    }

    /// The port of the tone, while it sounds.
    pub(super) fn tone(&self) -> Option<PortKey> {
        self.tone.as_ref().map(|(_, port)| *port)
    }

    /// Takes up the ports; `send`: the one that the far end hears, if there is one yet.
    pub(super) fn enter(
        &mut self,
        bridge: &mut Bridge,
        send: Option<PortKey>,
    ) -> Result<(), BridgeError> {
        self.enter_tone(bridge)?;
        let wanted = self.music.as_ref().filter(|_| self.held);
        match (wanted, send, self.music_port) {
            (Some(music), Some(send), None) => {
                let port = bridge.add_port(music.rate_hz())?;
                self.music_port = Some(port);
                bridge.connect(port, send, Gain::UNITY)
            }
            (Some(_), Some(_), Some(_)) => Ok(()),
            (_, _, port) => {
                if let Some(port) = port {
                    bridge.remove_port(port);
                }
                self.music_port = None;
                Ok(())
            }
        }
    }

    fn enter_tone(&mut self, bridge: &mut Bridge) -> Result<(), BridgeError> {
        match (self.ear, &self.tone) {
            (Ear::Tone, None) => {
                let generator = ToneGenerator::new(&ToneSpec::ringback(), TONE_RATE_HZ);
                self.tone = Some((generator, bridge.add_port(TONE_RATE_HZ)?));
            }
            (Ear::Tone, Some(_)) => {}
            _ => self.leave_tone(bridge),
        }
        Ok(())
    }

    fn leave_tone(&mut self, bridge: &mut Bridge) {
        if let Some((_, port)) = self.tone.take() {
            bridge.remove_port(port);
        }
    }

    /// Takes the ports out of the bridge.
    pub(super) fn leave(&mut self, bridge: &mut Bridge) {
        self.leave_tone(bridge);
        if let Some(port) = self.music_port.take() {
            bridge.remove_port(port);
        }
    }

    /// Their ports.
    pub(super) fn add_keys(&self, keys: &mut Vec<PortKey>) {
        keys.extend(self.tone().into_iter().chain(self.music_port));
    }

    /// 10 ms of both into the bridge.
    pub(super) fn feed(&mut self, bridge: &mut Bridge) {
        let mut frame = [0i16; FRAME_SAMPLES];
        if let Some((generator, port)) = &mut self.tone {
            let frame = &mut frame[..TONE_RATE_HZ as usize / 100];
            generator.fill(frame);
            bridge.feed(*port, frame);
        }
        if let (Some(music), Some(port)) = (&mut self.music, self.music_port) {
            let samples = (music.rate_hz() as usize / 100).min(FRAME_SAMPLES);
            let frame = &mut frame[..samples];
            music.read(frame);
            bridge.feed(port, frame);
        }
    }
}
