//! What the host knows of the network.

use super::{
    engine::sidetone_engine,
    guard::{enter, guard},
};

/// Says that the network has changed, or that the machine has woken up: call it from the system's
/// notification. What was found by DNS is forgotten, every account is registered anew, and calls
/// whose own address has changed are told so by re-INVITE; their media goes on with the same keys.
/// The engine notices much of this by itself, but later: when a registration is refreshed, when
/// something cannot be sent, when a connection breaks.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY, SIDETONE_ERR_FAULTED,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_network_changed(engine);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_network_changed(engine: *mut sidetone_engine) -> i32 {
    guard(|| enter(engine)?.engine.network_changed())
}
