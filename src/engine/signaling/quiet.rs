//! After many calls, when the last of them is gone with all that it asked the network: the memory that
//! they took goes back to the system.

use super::Signaling;
use crate::device::memory;

/// Fewer calls leave nothing worth the while.
const MANY: u32 = 100;

impl Signaling {
    /// Gives memory back, if now is the time. Transactions outlive their call by half a minute
    /// (RFC 3261 §17), so this is not done between one call and the next.
    pub(super) fn rest(&mut self) {
        // In this order: this is asked after every input.
        if self.ended < MANY
            || !self.calls.is_empty()
            || self.endpoint.open_transactions() != (0, 0)
        {
            return;
        }
        self.ended = 0;
        self.endpoint.shrink();
        self.calls.shrink_to_fit();
        self.dialogs.shrink_to_fit();
        self.clients.shrink_to_fit();
        self.servers.shrink_to_fit();
        memory::give_back();
    }
}
