//! The part of [`Engine`] that is about conferences: calls that hear each other, with a gain for
//! each pair and each way.
//!
//! ```text
//!             to: customer    agent     supervisor   our user (None)
//! from
//! customer        -           0 dB        0 dB          0 dB
//! agent          0 dB          -          0 dB          0 dB
//! supervisor    -inf          0 dB         -            0 dB      a whisper: only the agent hears it
//! our user       0 dB         0 dB        0 dB           -
//! ```
//!
//! Our user is heard by every call and hears every call, in a conference or not, where the engine has
//! a microphone and a loudspeaker: so a conference connects calls with each other, and its gains can
//! turn our user down in it. A call is in one conference at most.

use std::sync::{Arc, Mutex};

use super::{Engine, Error, ErrorKind, command::Command, shared::lock, validate};
use crate::base::{
    ids::{CallId, ConferenceId, RequestId},
    units::Gain,
};

/// A conference as the host's threads see it, written by S.
#[derive(Debug, Default)]
pub(super) struct ConferenceShared {
    pub(super) calls: Mutex<Vec<CallId>>,
}

/// One end of a gain: a call, or our own user.
pub(super) type Seat = Option<CallId>;

/// What is done with a conference.
#[derive(Debug)]
pub(super) enum Seating {
    /// The id is reserved already.
    Open(Arc<ConferenceShared>),
    Add(CallId),
    Remove(CallId),
    Gain {
        from: Seat,
        to: Seat,
        gain: Gain,
    },
    Close,
}

impl Engine {
    /// Makes a conference without calls. Errors: `Limit` (there are `max_calls` already), `Busy`,
    /// `Shutdown`.
    pub fn conference_create(&self) -> Result<ConferenceId, Error> {
        self.shared.check_running()?;
        let Some((conference, shared)) = self.shared.add_conference() else {
            let most = self.shared.config.max_calls;
            return Err(Error::new(
                ErrorKind::Limit,
                format!("there are {most} conferences already (max_calls); destroy some"),
            ));
        };
        let sent = self.send_seating(conference, Seating::Open(shared), None);
        sent.inspect_err(|_| self.shared.remove_conference(conference))?;
        Ok(conference)
    }

    /// Ends a conference. Its calls go on, each alone with our user.
    pub fn conference_destroy(
        &self,
        conference: ConferenceId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.conference(conference)?;
        self.send_seating(conference, Seating::Close, request)?;
        self.shared.remove_conference(conference);
        Ok(())
    }

    /// Lets a call and the calls of a conference hear each other, by the gains set for them. It may
    /// not be answered yet: it takes part as soon as it has media. It leaves by itself when it ends.
    /// The reply says `WrongState` for a call that is over or in another conference.
    pub fn conference_add(
        &self,
        conference: ConferenceId,
        call: CallId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.of_conference(conference, call, Seating::Add(call), request)
    }

    /// Takes a call out of a conference; what was set for it there is forgotten. The reply says
    /// `WrongState` for one that is not in it.
    pub fn conference_remove(
        &self,
        conference: ConferenceId,
        call: CallId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.of_conference(conference, call, Seating::Remove(call), request)
    }

    /// How loud `to` hears `from` in a conference, in dB: -96 to +24, 0 at first; minus infinity or
    /// -96 is silence. `None`: our own user. What is set for a call before it is added holds from
    /// its first sample on.
    pub fn conference_gain(
        &self,
        conference: ConferenceId,
        from: Option<CallId>,
        to: Option<CallId>,
        gain_db: f32,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.conference(conference)?;
        let gain = validate::seat_gain(gain_db)?;
        if from == to {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "from and to are the same; a conference gives nobody their own voice",
            ));
        }
        for call in [from, to].into_iter().flatten() {
            self.shared.call(call)?;
        }
        self.send_seating(conference, Seating::Gain { from, to, gain }, request)
    }

    /// The calls of a conference, in the order in which they came.
    pub fn conference_calls(&self, conference: ConferenceId) -> Result<Vec<CallId>, Error> {
        Ok(lock(&self.shared.conference(conference)?.calls).clone())
    }

    fn of_conference(
        &self,
        conference: ConferenceId,
        call: CallId,
        seating: Seating,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.conference(conference)?;
        self.shared.call(call)?;
        self.send_seating(conference, seating, request)
    }

    fn send_seating(
        &self,
        conference: ConferenceId,
        seating: Seating,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.send(Command::Conference { conference, seating, request })
    }
}
