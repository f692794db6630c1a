//! A call's part in a round: what it hears, what it is heard with, what it sends.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use super::{CallMedia, local, port};
use crate::{
    engine::{taps::TapDirection, worker::fit::FRAME_SAMPLES},
    media::{
        bridge::{Bridge, PortKey},
        jitter::{Rendered, Slack},
    },
};

impl CallMedia {
    /// What a round of so many frames at `at` has left. It waits for a packet that it lacks, `grace`
    /// at most.
    pub(in crate::engine::worker) fn slack(
        &mut self,
        at: Instant,
        frames: usize,
        grace: Duration,
    ) -> Option<Slack> {
        if self.ports.is_some() { self.stream.slack(at, frames, grace) } else { None }
    }

    /// Rounds come later by so many nanoseconds from now on, or earlier.
    pub(in crate::engine::worker) fn shift(&mut self, nanos: i64) {
        if nanos != 0 {
            self.stream.shift(nanos);
        }
    }

    /// So many frames of 10 ms of what the far end says, to be heard from `at` on.
    pub(in crate::engine::worker) fn pull(&mut self, at: Instant, frames: usize) {
        let Some(ports) = self.ports else { return };
        let samples = frames * ports.receive_rate_hz as usize / 100;
        self.rendered = self.stream.pull(at, &mut self.far[..samples]);
    }

    /// One of them, by its number, and 10 ms of what is played, into the bridge; `at`: its time.
    pub(in crate::engine::worker) fn feed(
        &mut self,
        frame: usize,
        at: Instant,
        bridge: &mut Bridge,
    ) {
        self.aside.feed(bridge);
        self.taps.feed(bridge);
        let Some(ports) = self.ports else { return self.taps.hear_nothing(at) };
        let far = &self.far[part(frame, ports.receive_rate_hz)];
        bridge.feed(ports.receive, far);
        self.taps.hear(TapDirection::Received, far, ports.receive_rate_hz, at, self.rendered);
        self.feed_played(bridge);
        self.feed_tones(bridge);
    }

    /// The ports of the call and of what goes into it.
    pub(in crate::engine::worker) fn add_keys(&self, keys: &mut Vec<PortKey>) {
        keys.extend(self.ports.into_iter().flat_map(|ports| [ports.receive, ports.send]));
        keys.extend(self.played.as_ref().and_then(|played| played.port));
        keys.extend(self.tone_port);
        self.aside.add_keys(keys);
        self.taps.add_keys(keys);
    }

    fn feed_played(&mut self, bridge: &mut Bridge) {
        let Some(played) = &mut self.played else { return };
        let Some(port) = played.port else { return };
        let mut frame = [0i16; FRAME_SAMPLES];
        let frame = &mut frame[..played.source.rate_hz() as usize / 100];
        let more = played.source.read(frame);
        bridge.feed(port, frame);
        if !more {
            self.stop_playing(bridge);
        }
    }

    /// 10 ms of the mix, made for `at`, to the far end; `frame`: their number in the round.
    pub(in crate::engine::worker) fn push(
        &mut self,
        now: Instant,
        at: Instant,
        frame: usize,
        bridge: &mut Bridge,
    ) {
        let Some(ports) = self.ports else { return };
        let near = bridge.mixed(ports.send);
        self.stream.push(now, near);
        self.taps.hear(TapDirection::Sent, near, ports.send_rate_hz, at, Rendered::Audio);
        if let Some(recording) = &mut self.recording {
            let far = &self.far[part(frame, ports.receive_rate_hz)];
            recording.write(near, ports.send_rate_hz, far, ports.receive_rate_hz);
        }
        self.transmit();
    }

    pub(super) fn transmit(&mut self) {
        while let Some(transmit) = self.stream.poll_transmit() {
            let (port, destination) = (port(transmit.component), transmit.destination);
            if let Some(sink) = &mut self.capture {
                // The round began before the packet was encoded.
                let leaves = Instant::now();
                sink.datagram(leaves, local(&self.sockets, port), destination, transmit.bytes);
            }
            // A datagram that the system does not take is lost, as on the wire.
            let _ = self.sockets.send(port, destination, transmit.bytes);
        }
    }
}

/// The samples of a frame of 10 ms, by its number.
fn part(frame: usize, rate_hz: u32) -> Range<usize> {
    let samples = rate_hz as usize / 100;
    frame * samples..(frame + 1) * samples
}
