//! Goodbye (RFC 3550 §6.6).

use rtcp_types as wire;

/// BYE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bye {
    /// Sources that leave.
    pub sources: Vec<u32>,
}

impl Bye {
    pub(super) fn from_wire(bye: &wire::Bye<'_>) -> Self {
        Self { sources: bye.ssrcs().collect() }
    }
}

pub(super) fn to_wire(ssrc: u32) -> wire::ByeBuilder<'static> {
    wire::Bye::builder().add_source(ssrc)
}
