//! Digits of a call: telephone-events, and tones where the far end takes none.

use std::time::Duration;

use super::{
    super::{WorkerReport, fit::FRAME_SAMPLES, play::Source},
    CallMedia,
};
use crate::{
    base::{ids::RequestId, units::Gain},
    engine::error::ErrorKind,
    media::bridge::{Bridge, BridgeError},
};

impl CallMedia {
    /// Tones get a port of their own, heard by the far end only.
    pub(super) fn add_tone_port(&mut self, bridge: &mut Bridge) -> Result<(), BridgeError> {
        let (None, Some(ports)) = (self.tone_port, self.ports) else { return Ok(()) };
        let Some((tones, _)) = self.tones.front() else { return Ok(()) };
        let port = bridge.add_port(tones.rate_hz())?;
        self.tone_port = Some(port);
        bridge.connect(port, ports.send, Gain::UNITY)
    }

    /// Plays digits as tones, behind those that play; all are of one rate.
    pub(in crate::engine::worker) fn play_tones(
        &mut self,
        tones: Source,
        request: Option<RequestId>,
        bridge: &mut Bridge,
    ) {
        self.tones.push_back((tones, request));
        if let Err(error) = self.add_tone_port(bridge) {
            self.fail(&error);
        }
    }

    pub(super) fn feed_tones(&mut self, bridge: &mut Bridge) {
        let (Some(port), Some((tones, _))) = (self.tone_port, self.tones.front_mut()) else {
            return;
        };
        let mut frame = [0i16; FRAME_SAMPLES];
        let frame = &mut frame[..tones.rate_hz() as usize / 100];
        let more = tones.read(frame);
        bridge.feed(port, frame);
        if more {
            return;
        }
        if let Some((_, request)) = self.tones.pop_front() {
            self.report(WorkerReport::DtmfSent { request, error: None });
        }
        if self.tones.is_empty() {
            self.tone_port = None;
            bridge.remove_port(port);
        }
    }

    pub(in crate::engine::worker) fn send_digits(
        &mut self,
        digits: &str,
        duration: Duration,
        request: Option<RequestId>,
    ) {
        let queued = digits.chars().try_for_each(|digit| self.stream.send_dtmf(digit, duration));
        match queued {
            Ok(()) => self.digits.push_back(request),
            Err(error) => {
                let error = Some((ErrorKind::WrongState, error.to_string()));
                self.report(WorkerReport::DtmfSent { request, error });
            }
        }
    }

    /// Digits of several commands leave in one row: they are told when the last is out.
    pub(super) fn check_digits(&mut self) {
        if !self.digits.is_empty() && self.stream.is_dtmf_idle() {
            for request in std::mem::take(&mut self.digits) {
                self.report(WorkerReport::DtmfSent { request, error: None });
            }
        }
    }
}
