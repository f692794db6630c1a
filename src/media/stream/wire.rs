//! The last step out: header, payload, protection, queue.

use std::net::SocketAddr;

use super::{Component, outbox::Outbox};
use crate::{media::keying::Keying, proto::rtp::packet::Header};

/// Borrowed parts of a stream that a packet passes on its way out.
pub(super) struct Wire<'a> {
    pub keying: &'a mut Keying,
    pub outbox: &'a mut Outbox,
    pub destination: SocketAddr,
    /// Packets that could not be protected.
    pub failures: &'a mut u64,
}

impl Wire<'_> {
    /// Sends an RTP packet; nothing leaves for an address that is none (RFC 3264 §8.4 holds with
    /// 0.0.0.0, and port 0 refuses a stream).
    pub fn send_rtp(&mut self, header: Header, payload: &[u8]) {
        if !is_reachable(self.destination) {
            return;
        }
        let mut bytes = self.outbox.buffer();
        header.write(&mut bytes);
        bytes.extend_from_slice(payload);
        match self.keying.protect_rtp(&mut bytes) {
            Ok(()) => self.outbox.queue(Component::Rtp, self.destination, bytes),
            Err(_) => {
                *self.failures += 1;
                self.outbox.discard(bytes);
            }
        }
    }

    /// Sends a compound RTCP packet that is already written; returns its size on the wire.
    pub fn send_rtcp(&mut self, component: Component, mut bytes: Vec<u8>) -> usize {
        if is_reachable(self.destination) && self.keying.protect_rtcp(&mut bytes).is_ok() {
            let size = bytes.len();
            self.outbox.queue(component, self.destination, bytes);
            return size;
        }
        let size = bytes.len();
        self.outbox.discard(bytes);
        size
    }
}

fn is_reachable(address: SocketAddr) -> bool {
    address.port() != 0 && !address.ip().is_unspecified()
}
