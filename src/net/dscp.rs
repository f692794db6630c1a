//! What the network is told of a packet's urgency: the DSCP of its traffic class (RFC 2474).

use socket2::SockRef;

/// Voice: Expedited Forwarding (RFC 4594 §4.1).
pub const EXPEDITED_FORWARDING: u8 = 46;
/// Signalling: CS3 (RFC 4594 §4.2 has CS5; what is deployed marks call signalling CS3).
pub const CLASS_SELECTOR_3: u8 = 24;
/// The largest value that there is.
pub const MOST: u8 = 63;

/// Marks what leaves on a socket, 0 to 63. Not every system lets a program do so; that is no fault.
pub fn mark(socket: &SockRef<'_>, ipv4: bool, dscp: u8) {
    let class = u32::from(dscp.min(MOST)) << 2;
    if ipv4 {
        let _ = socket.set_tos_v4(class);
    } else {
        // Windows has no such call.
        #[cfg(unix)]
        let _ = socket.set_tclass_v6(class);
    }
}
