//! A call's taps and injections on a worker: the ends of the rings that hosts read and write.
//!
//! ```text
//!   stream.pull ──▶ Received taps          Sent taps ◀── mix of `send` ──▶ stream.push
//!   injections ──▶ a bridge port each ──▶ `send` (far end) or the loudspeaker (near end)
//! ```
//!
//! A tap is a clock: it gives a frame for each of its lengths, be it silence.

use std::time::Instant;

use super::fit::{FRAME_SAMPLES, Fit};
use crate::{
    base::units::Gain,
    device::pcm::{InjectReader, TapFrame, TapWriter},
    engine::taps::{InjectDirection, Joining, TapDirection},
    media::{
        bridge::{Bridge, BridgeError, PortKey},
        jitter::Rendered,
    },
};

/// The worker's end of a tap. Built by the host's thread.
#[derive(Debug)]
pub(in crate::engine) struct Tap {
    direction: TapDirection,
    rate_hz: u32,
    writer: TapWriter,
    fit: Fit,
    /// The frame that is being filled, how far it is, and what is told of it.
    frame: Box<[i16]>,
    filled: usize,
    told: TapFrame,
    /// What times count from.
    start: Instant,
}

impl Tap {
    pub(in crate::engine) fn new(
        direction: TapDirection,
        rate_hz: u32,
        writer: TapWriter,
        start: Instant,
    ) -> Self {
        Self {
            direction,
            rate_hz,
            frame: vec![0; writer.frame_samples()].into(),
            writer,
            fit: Fit::default(),
            filled: 0,
            told: TapFrame::default(),
            start,
        }
    }

    pub(in crate::engine) fn is_abandoned(&self) -> bool {
        self.writer.is_abandoned()
    }

    /// Takes 10 ms at a rate; `None`: there are none.
    fn hear(&mut self, heard: Option<(&[i16], u32)>, at: Instant, rendered: Rendered) {
        if self.filled == 0 {
            let time = at.saturating_duration_since(self.start);
            self.told = TapFrame { time, ..TapFrame::default() };
        }
        self.told.concealed |= rendered == Rendered::Concealed;
        self.told.absent |= rendered == Rendered::Silence;
        let end = self.filled + self.rate_hz as usize / 100;
        let Some(room) = self.frame.get_mut(self.filled..end) else { return };
        match heard {
            Some((pcm, rate_hz)) => {
                let mut fitted = [0i16; FRAME_SAMPLES];
                let fitted = self.fit.fit(pcm, rate_hz, self.rate_hz, &mut fitted);
                room.iter_mut().zip(fitted).for_each(|(room, sample)| *room = *sample);
            }
            None => room.fill(0),
        }
        self.filled = end;
        if end == self.frame.len() {
            self.writer.write(&self.frame, self.told);
            self.filled = 0;
        }
    }
}

/// The worker's end of an injection. Built by the host's thread.
#[derive(Debug)]
pub(in crate::engine) struct Injected {
    direction: InjectDirection,
    rate_hz: u32,
    reader: InjectReader,
    port: Option<PortKey>,
}

impl Injected {
    pub(in crate::engine) fn new(
        direction: InjectDirection,
        rate_hz: u32,
        reader: InjectReader,
    ) -> Self {
        Self { direction, rate_hz, reader, port: None }
    }

    pub(in crate::engine) fn is_abandoned(&self) -> bool {
        self.reader.is_abandoned()
    }

    /// Takes up a port; `send`: the one that the far end hears, if there is one yet.
    fn enter(&mut self, bridge: &mut Bridge, send: Option<PortKey>) -> Result<(), BridgeError> {
        let heard_by = match self.direction {
            InjectDirection::FarEnd => send,
            InjectDirection::NearEnd => None,
        };
        let waits = self.direction == InjectDirection::FarEnd && heard_by.is_none();
        if waits || self.port.is_some() {
            return Ok(());
        }
        let port = bridge.add_port(self.rate_hz)?;
        self.port = Some(port);
        heard_by.map_or(Ok(()), |send| bridge.connect(port, send, Gain::UNITY))
    }
}

/// All of one call.
#[derive(Debug, Default)]
pub(super) struct Taps {
    taps: Vec<Tap>,
    injected: Vec<Injected>,
}

impl Taps {
    /// Takes new ones in; those to be heard have no port yet.
    pub(super) fn admit(&mut self, joining: Vec<Joining>) {
        self.sweep();
        for one in joining {
            match one {
                Joining::Tap(tap) => self.taps.push(*tap),
                Joining::Injection(injected) => self.injected.push(*injected),
            }
        }
    }

    /// Takes up the ports; `send`: the one that the far end hears, if there is one yet.
    pub(super) fn enter(
        &mut self,
        bridge: &mut Bridge,
        send: Option<PortKey>,
    ) -> Result<(), BridgeError> {
        self.injected.iter_mut().try_for_each(|injected| injected.enter(bridge, send))
    }

    /// Takes the ports out of the bridge.
    pub(super) fn leave(&mut self, bridge: &mut Bridge) {
        for port in self.injected.iter_mut().filter_map(|injected| injected.port.take()) {
            bridge.remove_port(port);
        }
    }

    /// The ports that our user is to hear.
    pub(super) fn ears(&self) -> impl Iterator<Item = PortKey> {
        let near = self.injected.iter().filter(|one| one.direction == InjectDirection::NearEnd);
        near.filter_map(|injected| injected.port)
    }

    /// All ports that it has.
    pub(super) fn add_keys(&self, keys: &mut Vec<PortKey>) {
        keys.extend(self.injected.iter().filter_map(|injected| injected.port));
    }

    /// 10 ms of every injection into the bridge.
    pub(super) fn feed(&mut self, bridge: &mut Bridge) {
        self.injected.retain_mut(|injected| {
            if injected.is_abandoned() {
                injected.port.into_iter().for_each(|port| bridge.remove_port(port));
                return false;
            }
            if let Some(port) = injected.port {
                let mut frame = [0i16; FRAME_SAMPLES];
                let frame = &mut frame[..injected.rate_hz as usize / 100];
                if injected.reader.take(frame) > 0 {
                    bridge.feed(port, frame);
                }
            }
            true
        });
    }

    /// 10 ms of one way of the call to who listens to it.
    pub(super) fn hear(
        &mut self,
        direction: TapDirection,
        pcm: &[i16],
        rate_hz: u32,
        at: Instant,
        rendered: Rendered,
    ) {
        for tap in self.taps.iter_mut().filter(|tap| tap.direction == direction) {
            tap.hear(Some((pcm, rate_hz)), at, rendered);
        }
    }

    /// 10 ms without media.
    pub(super) fn hear_nothing(&mut self, at: Instant) {
        self.taps.iter_mut().for_each(|tap| tap.hear(None, at, Rendered::Silence));
    }

    /// Lets go of taps that were closed.
    pub(super) fn sweep(&mut self) {
        self.taps.retain(|tap| !tap.is_abandoned());
    }
}

#[cfg(test)]
mod tests;
