//! How the caller of a soak behaves in a call: nine of ten as they should.

/// One way to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Conduct {
    /// Speaks, and hangs up.
    Good,
    /// Speaks, and waits for the phone to hang up.
    Waits,
    /// Goes away without BYE, and answers nothing any more.
    Vanishes,
    /// Sends datagrams that are no RTP among those that are.
    Garbage,
    /// Sends INVITE after INVITE within the call without waiting for an answer.
    Reinvites,
    /// Sends no media for some seconds, and then goes on.
    Pauses,
    /// Sends pieces of SIP messages.
    Malformed,
    /// Goes on as another source with every packet for a while.
    Sources,
    /// Cancels the INVITE when it was long answered.
    CancelsLate,
    /// Cancels it at once, before anything was answered.
    CancelsEarly,
    /// Never acknowledges the answer.
    NoAck,
}

/// Those that no phone should meet.
pub const BAD: [Conduct; 9] = [
    Conduct::Garbage,
    Conduct::Vanishes,
    Conduct::CancelsEarly,
    Conduct::Reinvites,
    Conduct::Pauses,
    Conduct::Malformed,
    Conduct::CancelsLate,
    Conduct::Sources,
    Conduct::NoAck,
];

impl Conduct {
    /// That of call number `number`: every tenth is bad, each kind in its turn.
    pub fn of(number: u64) -> Self {
        match number % 10 {
            4 => BAD[(number / 10) as usize % BAD.len()],
            9 => Conduct::Waits,
            _ => Conduct::Good,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Conduct::Good => "good",
            Conduct::Waits => "phone_hangs_up",
            Conduct::Vanishes => "vanishes",
            Conduct::Garbage => "garbage_rtp",
            Conduct::Reinvites => "reinvite_storm",
            Conduct::Pauses => "media_stops",
            Conduct::Malformed => "malformed_sip",
            Conduct::Sources => "wrong_ssrc",
            Conduct::CancelsLate => "cancel_late",
            Conduct::CancelsEarly => "cancel_early",
            Conduct::NoAck => "no_ack",
        }
    }

    /// The reasons with which the phone's call may end.
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Conduct::Waits => &["LocalHangup"],
            Conduct::Vanishes => &["DeadMedia"],
            // The answer may overtake the CANCEL, and BYE follows then.
            Conduct::CancelsEarly => &["RemoteCancel", "RemoteHangup"],
            Conduct::NoAck => &["Timeout", "DeadMedia"],
            _ => &["RemoteHangup"],
        }
    }

    /// Whether every packet has to be found in the phone's counters.
    pub fn is_counted(self) -> bool {
        // Counters begin anew with a source, and the others have no end at which to ask.
        !matches!(
            self,
            Conduct::Sources | Conduct::Vanishes | Conduct::CancelsEarly | Conduct::NoAck
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_in_ten_is_bad_and_every_kind_has_its_turn() {
        let calls: Vec<Conduct> = (0..900).map(Conduct::of).collect();
        for bad in BAD {
            assert_eq!(calls.iter().filter(|c| **c == bad).count(), 10, "{bad:?}");
        }
        assert_eq!(calls.iter().filter(|c| **c == Conduct::Waits).count(), 90);
    }
}
