//! How calls end, as numbers.

use crate::engine::event::EndReason;

/// End of a call: it was never sent.
pub const SIDETONE_END_UNSENT: u32 = 1;
/// End of a call: we hung up, cancelled or refused.
pub const SIDETONE_END_LOCAL: u32 = 2;
/// End of a call: the far end hung up.
pub const SIDETONE_END_REMOTE: u32 = 3;
/// End of a call: the caller gave up.
pub const SIDETONE_END_CANCELLED: u32 = 4;
/// End of a call: another phone of ours took it.
pub const SIDETONE_END_ELSEWHERE: u32 = 5;
/// End of a call: the far end refused.
pub const SIDETONE_END_REFUSED: u32 = 6;
/// End of a call: nobody answered in time.
pub const SIDETONE_END_NO_ANSWER: u32 = 7;
/// End of a call: no response, or no acknowledgement, came.
pub const SIDETONE_END_TIMEOUT: u32 = 8;
/// End of a call: a message could not be sent.
pub const SIDETONE_END_TRANSPORT: u32 = 9;
/// End of a call: the credentials were refused.
pub const SIDETONE_END_AUTHENTICATION: u32 = 10;
/// End of a call: the two ends agree on no media.
pub const SIDETONE_END_MEDIA: u32 = 11;
/// End of a call: the far end broke the protocol.
pub const SIDETONE_END_PROTOCOL: u32 = 12;
/// End of a call: its session was not refreshed (RFC 4028).
pub const SIDETONE_END_SESSION: u32 = 13;
/// End of a call: we handed the far end over to somebody else.
pub const SIDETONE_END_TRANSFERRED: u32 = 14;
/// End of a call: we sent the caller elsewhere.
pub const SIDETONE_END_FORWARDED: u32 = 15;
/// End of a call: it was as long as a call may be.
pub const SIDETONE_END_MAX_DURATION: u32 = 16;
/// End of a call: no media came any more.
pub const SIDETONE_END_DEAD_MEDIA: u32 = 17;

/// The number of a reason; none: the call was never sent.
pub(super) fn number(reason: Option<EndReason>) -> u32 {
    let Some(reason) = reason else { return SIDETONE_END_UNSENT };
    match reason {
        EndReason::LocalHangup => SIDETONE_END_LOCAL,
        EndReason::RemoteHangup => SIDETONE_END_REMOTE,
        EndReason::RemoteCancel => SIDETONE_END_CANCELLED,
        EndReason::AnsweredElsewhere => SIDETONE_END_ELSEWHERE,
        EndReason::Refused => SIDETONE_END_REFUSED,
        EndReason::NoAnswer => SIDETONE_END_NO_ANSWER,
        EndReason::Timeout => SIDETONE_END_TIMEOUT,
        EndReason::Transport => SIDETONE_END_TRANSPORT,
        EndReason::Authentication => SIDETONE_END_AUTHENTICATION,
        EndReason::NoCodec | EndReason::SrtpRequired => SIDETONE_END_MEDIA,
        EndReason::Protocol => SIDETONE_END_PROTOCOL,
        EndReason::SessionExpired => SIDETONE_END_SESSION,
        EndReason::Transferred => SIDETONE_END_TRANSFERRED,
        EndReason::Forwarded => SIDETONE_END_FORWARDED,
        EndReason::MaxDuration => SIDETONE_END_MAX_DURATION,
        EndReason::DeadMedia => SIDETONE_END_DEAD_MEDIA,
    }
}
