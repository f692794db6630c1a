//! Where media comes from and goes to: the address of the SDP, or the source that packets really
//! come from (symmetric RTP, RFC 4961; latching, RFC 7362 §4).
//!
//! ```text
//!             Off ── only the SDP's address
//!            Once ── first believed source ──> kept
//!       UntilRtcp ── each new believed source, until RTCP came from one ──> kept
//! ```
//!
//! Where the SDP names another address, whoever was latched before may go on for a while: the far end
//! of a transfer that has not heard of it, packets on their way. They are heard, and bind nothing
//! before 250 packets in a row are theirs alone.
//!
//! Believed means: authenticated when the stream has keys, a well-formed packet of an agreed payload
//! type otherwise. The caller asks [`Latch::admits`] before it spends work on a packet and tells
//! [`Latch::handle_believed`] after.

use std::net::SocketAddr;

use crate::base::plan::LatchPolicy;

/// The far end of one component.
#[derive(Clone, Debug)]
pub struct Latch {
    policy: LatchPolicy,
    /// What the SDP says.
    signalled: SocketAddr,
    /// What packets say.
    source: Option<SocketAddr>,
    kept: bool,
    /// The far end under the address before, and how many packets of it bind nothing yet.
    former: Option<(SocketAddr, u32)>,
}

impl Latch {
    /// For an address of the SDP.
    pub fn new(policy: LatchPolicy, signalled: SocketAddr) -> Self {
        Self { policy, signalled, source: None, kept: false, former: None }
    }

    /// Takes a new plan: another address or policy starts anew, the same changes nothing.
    pub fn apply(&mut self, policy: LatchPolicy, signalled: SocketAddr) {
        if (policy, signalled) != (self.policy, self.signalled) {
            let former = Some((self.destination(), FORMER_PACKETS));
            *self = Self { former, ..Self::new(policy, signalled) };
        }
    }

    /// Whether a packet from `source` may be looked at.
    pub fn admits(&self, source: SocketAddr) -> bool {
        match (self.policy, self.source) {
            (LatchPolicy::Off, _) => source == self.signalled,
            (_, Some(latched)) if self.kept => source == latched,
            _ => true,
        }
    }

    /// A packet from `source` was believed. Returns whether the far end is another one now.
    pub fn handle_believed(&mut self, source: SocketAddr) -> bool {
        if !self.admits(source) || self.policy == LatchPolicy::Off {
            return false;
        }
        if let Some((former, left)) = &mut self.former
            && *former == source
            && source != self.signalled
            && *left > 0
        {
            *left -= 1;
            return false;
        }
        let changed = self.destination() != source;
        self.former = None;
        self.source = Some(source);
        self.kept = self.kept || self.policy == LatchPolicy::Once;
        changed
    }

    /// Valid RTCP came from `source`. On the RTP component it may come from another port of the same
    /// host, when RTP and RTCP are not muxed.
    pub fn handle_rtcp(&mut self, source: SocketAddr) {
        if self.policy == LatchPolicy::UntilRtcp
            && self.source.is_some_and(|latched| latched.ip() == source.ip())
        {
            self.kept = true;
        }
    }

    /// Where packets come from; `None` before the first one was believed.
    pub fn source(&self) -> Option<SocketAddr> {
        self.source
    }

    /// What the SDP says.
    pub fn signalled(&self) -> SocketAddr {
        self.signalled
    }

    /// Where to send.
    pub fn destination(&self) -> SocketAddr {
        self.source.unwrap_or(self.signalled)
    }
}

/// Packets of a source that is not the far end's any more by the SDP, until it is one all the same:
/// five seconds of 20 ms, as long as a call that was replaced is waited for.
const FORMER_PACKETS: u32 = 250;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn off_takes_only_the_signalled_address() {
        let mut latch = Latch::new(LatchPolicy::Off, at(1));
        assert!(latch.admits(at(1)) && !latch.admits(at(2)));
        assert!(!latch.handle_believed(at(2)));
        assert_eq!(latch.destination(), at(1));
    }

    #[test]
    fn once_keeps_the_first_source() {
        let mut latch = Latch::new(LatchPolicy::Once, at(1));
        assert!(latch.admits(at(2)));
        assert!(latch.handle_believed(at(2)));
        assert!(!latch.admits(at(1)) && !latch.admits(at(3)));
        assert!(!latch.handle_believed(at(3)));
        assert_eq!(latch.destination(), at(2));
    }

    #[test]
    fn until_rtcp_follows_each_source_until_one_sent_rtcp() {
        let mut latch = Latch::new(LatchPolicy::UntilRtcp, at(1));
        latch.handle_rtcp(at(9));
        assert!(latch.handle_believed(at(2)));
        assert!(latch.handle_believed(at(3)));
        latch.handle_rtcp(at(4)); // same host, its RTCP port
        assert!(!latch.admits(at(2)));
        assert_eq!(latch.destination(), at(3));
    }

    #[test]
    fn a_new_signalled_address_starts_anew_and_the_same_does_not() {
        let mut latch = Latch::new(LatchPolicy::Once, at(1));
        latch.handle_believed(at(2));
        latch.apply(LatchPolicy::Once, at(1));
        assert_eq!(latch.destination(), at(2));
        latch.apply(LatchPolicy::Once, at(5));
        assert_eq!(latch.destination(), at(5));
        assert!(latch.admits(at(6)));
    }

    #[test]
    fn packets_of_the_one_before_do_not_bind_a_new_address() {
        let mut latch = Latch::new(LatchPolicy::Once, at(1));
        latch.handle_believed(at(2));
        latch.apply(LatchPolicy::Once, at(5));
        // It has not heard of it yet, and is heard; what is said goes to the new one.
        assert!(latch.admits(at(2)) && !latch.handle_believed(at(2)));
        assert_eq!(latch.destination(), at(5));
        assert!(latch.handle_believed(at(6)));
        assert!(!latch.admits(at(2)));
        assert_eq!(latch.destination(), at(6));
    }

    #[test]
    fn the_one_before_is_the_far_end_after_all_when_nobody_else_comes() {
        let mut latch = Latch::new(LatchPolicy::Once, at(1));
        latch.handle_believed(at(2));
        latch.apply(LatchPolicy::Once, at(5));
        for _ in 0..FORMER_PACKETS {
            assert!(!latch.handle_believed(at(2)));
        }
        assert!(latch.handle_believed(at(2)));
        assert_eq!(latch.destination(), at(2));
        // One that is named again is bound by its first packet.
        latch.apply(LatchPolicy::Once, at(7));
        latch.apply(LatchPolicy::Once, at(2));
        latch.handle_believed(at(2));
        assert!(!latch.admits(at(7)));
    }
}
