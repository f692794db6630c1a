//! Digits on their way out: telephone-event, INFO or tones.

use std::time::{Duration, Instant};

use super::Session;
use crate::{
    base::ids::RequestId,
    call::Input,
    dsp::tone::dtmf_samples,
    engine::{
        config::DtmfMethod,
        error::ErrorKind,
        worker::{
            WorkerCmd,
            play::{Clip, Source},
        },
    },
    proto::sip::wire::Method,
};

/// Rate of digits as tones: their highest frequency is 1633 Hz.
const TONE_RATE_HZ: u32 = 8_000;

impl Session {
    pub(super) fn send_digits(
        &mut self,
        now: Instant,
        digits: String,
        duration: Duration,
        request: Option<RequestId>,
    ) {
        let Some(plan) = &self.plan else {
            self.reply(request, Some(ErrorKind::WrongState), "digits need a call with media");
            return;
        };
        let events = plan.dtmf.is_some_and(|dtmf| dtmf.send_payload_type.is_some());
        let info = self.machine.machine().far_end_allows(&Method::Info) == Some(true);
        let call = self.call;
        match self.dtmf {
            DtmfMethod::Rtp if !events => {
                let text = "the far end takes no telephone-event; allow others with dtmf = auto";
                self.reply(request, Some(ErrorKind::Unsupported), text);
            }
            DtmfMethod::Auto | DtmfMethod::Rtp if events => {
                self.rtp_digits.extend(request);
                self.to_worker(WorkerCmd::Dtmf { call, digits, duration, request });
            }
            DtmfMethod::Info => self.send_digits_by_info(now, &digits, duration, request),
            DtmfMethod::Auto if info => self.send_digits_by_info(now, &digits, duration, request),
            _ if digits.contains('!') => {
                self.reply(request, Some(ErrorKind::Unsupported), "a hook flash has no tone");
            }
            _ => {
                let ms = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
                let samples = dtmf_samples(&digits, ms, TONE_RATE_HZ);
                let clip = Clip { rate_hz: TONE_RATE_HZ, samples: samples.into() };
                self.rtp_digits.extend(request);
                let tones = Source::new(clip, false);
                self.to_worker(WorkerCmd::Tones { call, tones, request });
            }
        }
    }

    /// Each INFO waits for the answer to the one before, and for the pauses among them.
    fn send_digits_by_info(
        &mut self,
        now: Instant,
        digits: &str,
        duration: Duration,
        request: Option<RequestId>,
    ) {
        let digits: Vec<char> = digits.chars().collect();
        for (index, &digit) in digits.iter().enumerate() {
            self.digits.push_back(request.filter(|_| index + 1 == digits.len()));
            self.machine.handle_input(now, Input::Dtmf { digit, duration });
        }
    }
}
