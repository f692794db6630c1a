//! Digits on their way out: telephone-event, INFO or tones.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::Session;
use crate::{
    base::ids::RequestId,
    call::{Input, MAX_INFO_DIGITS},
    dsp::tone::dtmf_samples,
    engine::{
        config::DtmfMethod,
        error::ErrorKind,
        event::CallState,
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
        if self.state != CallState::Connected {
            let text = "digits by INFO need a call that is connected";
            return self.reply(request, Some(ErrorKind::WrongState), text);
        }
        let digits: Vec<char> = digits.chars().collect();
        if !self.digits.push(digits.len(), request) {
            let text = "too many digits wait to be sent; try again when some are out";
            return self.reply(request, Some(ErrorKind::Busy), text);
        }
        for digit in digits {
            self.machine.handle_input(now, Input::Dtmf { digit, duration });
        }
    }

    /// Nobody answers any longer the digits that are under way by INFO.
    pub(super) fn drop_info_digits(&mut self, text: &str) {
        for digits in std::mem::take(&mut self.digits).0 {
            self.reply(digits.request, Some(ErrorKind::WrongState), text);
        }
    }
}

/// Digits that go by INFO, command by command, and who wants to know when the last is out. The
/// machine tells of each in the order in which it got them.
#[derive(Debug, Default)]
pub(super) struct InfoDigits(VecDeque<Digits>);

/// The digits of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) request: Option<RequestId>,
    left: usize,
    /// The far end did not take all of them.
    pub(super) refused: bool,
}

impl InfoDigits {
    /// Notes the digits of a command; `false` when the machine would not keep that many.
    fn push(&mut self, count: usize, request: Option<RequestId>) -> bool {
        let waiting: usize = self.0.iter().map(|digits| digits.left).sum();
        let free = waiting + count <= MAX_INFO_DIGITS;
        if free && count > 0 {
            self.0.push_back(Digits { request, left: count, refused: false });
        }
        free
    }

    /// Notes the outcome of one digit; gives the command whose last it was.
    pub(super) fn answered(&mut self, accepted: bool) -> Option<Digits> {
        let digits = self.0.front_mut()?;
        digits.left -= 1;
        digits.refused |= !accepted;
        if digits.left > 0 { None } else { self.0.pop_front() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_answered_with_its_last_digit_and_refused_with_any() {
        let mut digits = InfoDigits::default();
        let (first, second) = (Some(RequestId(1)), Some(RequestId(2)));
        assert!(digits.push(3, first) && digits.push(1, second));
        assert_eq!(digits.answered(true), None);
        assert_eq!(digits.answered(false), None);
        let refused = Digits { request: first, left: 0, refused: true };
        assert_eq!(digits.answered(true), Some(refused), "one of the three was");
        let sent = Digits { request: second, left: 0, refused: false };
        assert_eq!(digits.answered(true), Some(sent));
        assert_eq!(digits.answered(true), None, "nobody asked");
    }

    #[test]
    fn more_digits_than_the_machine_keeps_are_refused_as_a_whole() {
        let mut digits = InfoDigits::default();
        for _ in 0..MAX_INFO_DIGITS / 128 {
            assert!(digits.push(128, None));
        }
        assert!(!digits.push(1, Some(RequestId(1))));
        assert_eq!(digits.answered(true), None);
        assert!(digits.push(1, Some(RequestId(2))));
    }
}
