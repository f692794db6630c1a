//! Datagrams that wait to be sent. Buffers go round, so that a steady stream allocates nothing here.

use std::{collections::VecDeque, net::SocketAddr};

use super::Component;

/// A datagram as it goes on the wire, protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit<'a> {
    /// Which socket it leaves by: the RTP one for everything when muxed.
    pub component: Component,
    /// Where it goes.
    pub destination: SocketAddr,
    /// The datagram.
    pub bytes: &'a [u8],
}

#[derive(Debug)]
struct Waiting {
    component: Component,
    destination: SocketAddr,
    bytes: Vec<u8>,
}

/// The queue of one stream.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Waiting>,
    /// The one that the caller is looking at.
    current: Option<Waiting>,
    spare: Vec<Vec<u8>>,
}

impl Outbox {
    /// An empty buffer to write a datagram into.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES))
    }

    /// Gives a buffer back unsent.
    pub fn discard(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        if self.spare.len() < MAX_WAITING {
            self.spare.push(bytes);
        }
    }

    /// Queues a datagram. With [`MAX_WAITING`] unsent the oldest is dropped: late audio is worth
    /// nothing.
    pub fn queue(&mut self, component: Component, destination: SocketAddr, bytes: Vec<u8>) {
        if self.waiting.len() >= MAX_WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.discard(oldest.bytes);
        }
        self.waiting.push_back(Waiting { component, destination, bytes });
    }

    /// The next datagram to send.
    pub fn poll(&mut self) -> Option<Transmit<'_>> {
        if let Some(sent) = self.current.take() {
            self.discard(sent.bytes);
        }
        self.current = self.waiting.pop_front();
        let Waiting { component, destination, bytes } = self.current.as_ref()?;
        Some(Transmit { component: *component, destination: *destination, bytes })
    }
}

/// A worker drains after every call, so more than a burst of events and a report never waits.
const MAX_WAITING: usize = 16;
/// 20 ms of G.711 with header and tag; Opus grows it once.
const BUFFER_BYTES: usize = 192;
