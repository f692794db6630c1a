//! STUN from strangers, as it comes to a SIP port.

use sidetone::proto::stun::{self, Binding};

/// The input as one message; what is read of it is written anew and must read the same.
pub fn run(data: &[u8]) {
    let read = stun::parse(data);
    assert_eq!(stun::is_stun(data), read != Err(stun::StunError::NotStun));
    match read {
        Ok(Binding::Request(id)) => {
            assert_eq!(stun::parse(&stun::request(id)), Ok(Binding::Request(id)));
        }
        Ok(Binding::Success(id, Some(seen))) => {
            let written = stun::success(id, seen);
            assert_eq!(stun::parse(&written), Ok(Binding::Success(id, Some(seen))));
        }
        Ok(Binding::Success(_, None) | Binding::Error(_)) | Err(_) => {}
    }
}
