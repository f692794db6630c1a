//! What the caller hears before the answer: a ringback tone of our own, the far end, or nothing.
//!
//! A response only says that something may come: 180 comes with media and 183 without. So the tone
//! starts with 180 and ends with the first RTP packet, and with nothing else (RFC 3960 §3.2).

use super::{
    io::Output,
    machine::{Machine, Phase},
    settings::EarlyMedia,
};

/// What reaches our user's ear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ear {
    /// What the far end sends.
    #[default]
    Remote,
    /// The ringback tone.
    Tone,
    /// Nothing.
    Silence,
}

/// What is known about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Listening {
    /// A phone rings.
    pub(super) rung: bool,
    /// RTP comes.
    pub(super) heard: bool,
    /// What was told last.
    told: Ear,
}

impl Machine {
    /// The first RTP packet came.
    pub(super) fn handle_media_heard(&mut self) {
        self.listening.heard = true;
        self.tell_ear();
    }

    /// A phone rings.
    pub(super) fn note_ringing(&mut self) {
        self.listening.rung = true;
        self.tell_ear();
    }

    /// Says what is to be heard, if that has changed.
    pub(super) fn tell_ear(&mut self) {
        let ear = self.ear();
        if std::mem::replace(&mut self.listening.told, ear) != ear {
            self.outputs.push_back(Output::Listen(ear));
        }
    }

    fn ear(&self) -> Ear {
        let Listening { rung, heard, told } = self.listening;
        match self.phase {
            Phase::Calling => {}
            Phase::Cancelling | Phase::Ended if told == Ear::Tone => return Ear::Silence,
            Phase::Cancelling | Phase::Ended => return told,
            _ => return Ear::Remote,
        }
        match self.settings.early_media {
            EarlyMedia::Auto if rung && !heard => Ear::Tone,
            EarlyMedia::Auto | EarlyMedia::Remote => Ear::Remote,
            EarlyMedia::Local if rung => Ear::Tone,
            EarlyMedia::Local | EarlyMedia::Silence => Ear::Silence,
        }
    }
}
