//! The keys of a stream and what they protect. One place where "no SRTP" and "SRTP" differ.

use std::fmt;

use crate::{
    base::plan::{MasterKey, SrtpPlan, SrtpSuite},
    proto::srtp::{
        Protect, SrtpError, Unprotect,
        webrtc::{WebrtcProtect, WebrtcUnprotect},
    },
};

/// How packets of a stream are protected.
#[derive(Default)]
pub enum Keying {
    /// Not at all.
    #[default]
    None,
    /// With keys out of the SDP (RFC 4568).
    Sdes(Box<Sdes>),
}

/// SRTP state of both directions.
pub struct Sdes {
    plan: SrtpPlan,
    protect: Box<dyn Protect>,
    unprotect: Box<dyn Unprotect>,
}

impl Keying {
    /// Takes a plan. A direction whose key stays keeps its state, so that indices go on and nothing
    /// can be replayed; one whose key is new starts anew (RFC 4568 §7.1.4).
    pub fn apply(&mut self, plan: Option<&SrtpPlan>) -> Result<(), SrtpError> {
        let Some(plan) = plan else {
            *self = Keying::None;
            return Ok(());
        };
        match self {
            Keying::Sdes(sdes) => sdes.apply(plan),
            Keying::None => {
                let protect = protect(plan.suite, &plan.send)?;
                let unprotect = unprotect(plan.suite, &plan.receive)?;
                *self = Keying::Sdes(Box::new(Sdes { plan: plan.clone(), protect, unprotect }));
                Ok(())
            }
        }
    }

    /// Suite in force.
    pub fn suite(&self) -> Option<SrtpSuite> {
        match self {
            Keying::None => None,
            Keying::Sdes(sdes) => Some(sdes.plan.suite),
        }
    }

    /// Protects an RTP packet.
    pub fn protect_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        match self {
            Keying::None => Ok(()),
            Keying::Sdes(sdes) => sdes.protect.protect_rtp(packet),
        }
    }

    /// Protects a compound RTCP packet.
    pub fn protect_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        match self {
            Keying::None => Ok(()),
            Keying::Sdes(sdes) => sdes.protect.protect_rtcp(packet),
        }
    }

    /// Opens an RTP packet in place; returns its length.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        match self {
            Keying::None => Ok(packet.len()),
            Keying::Sdes(sdes) => sdes.unprotect.unprotect_rtp(packet),
        }
    }

    /// Opens a compound RTCP packet in place; returns its length.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        match self {
            Keying::None => Ok(packet.len()),
            Keying::Sdes(sdes) => sdes.unprotect.unprotect_rtcp(packet),
        }
    }
}

impl fmt::Debug for Keying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keying").field(&self.suite()).finish()
    }
}

impl Sdes {
    fn apply(&mut self, plan: &SrtpPlan) -> Result<(), SrtpError> {
        let same_suite = plan.suite == self.plan.suite;
        if !same_suite || plan.send != self.plan.send {
            self.protect = protect(plan.suite, &plan.send)?;
        }
        if !same_suite || plan.receive != self.plan.receive {
            self.unprotect = unprotect(plan.suite, &plan.receive)?;
        }
        self.plan = plan.clone();
        Ok(())
    }
}

fn protect(suite: SrtpSuite, key: &MasterKey) -> Result<Box<dyn Protect>, SrtpError> {
    Ok(Box::new(WebrtcProtect::new(suite, key)?))
}

fn unprotect(suite: SrtpSuite, key: &MasterKey) -> Result<Box<dyn Unprotect>, SrtpError> {
    Ok(Box::new(WebrtcUnprotect::new(suite, key)?))
}
