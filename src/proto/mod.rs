//! Floor 1: the wire formats. Subjects do not import each other.

#![forbid(unsafe_code)]

pub mod events;
pub mod rtp;
pub mod sdp;
pub mod sip;
pub mod srtp;
pub mod stun;
