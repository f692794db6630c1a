//! Hold: the packets that arrived and were not played yet, in order.

use std::collections::VecDeque;

/// One packet.
#[derive(Debug)]
pub struct Held {
    /// Sequence number of [`super::history::Placed`].
    pub sequence: i64,
    /// Media time of its first sample.
    pub media: i64,
    /// PCM samples in it; 0: a number that carries no audio.
    pub samples: i64,
    /// RTP payload type.
    pub payload_type: u8,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Packets by sequence number. Payload buffers are used again, so that a steady stream allocates
/// nothing and memory follows the deepest backlog there was.
#[derive(Debug)]
pub struct PacketBuffer {
    packets: VecDeque<Held>,
    spare: Vec<Vec<u8>>,
    capacity: usize,
}

/// Buffers made at once.
const SPARE_AT_START: usize = 4;
/// Bytes of each: 20 ms of G.711, most Opus packets.
const SPARE_BYTES: usize = 176;

impl PacketBuffer {
    /// Holds `capacity` packets at most.
    pub fn new(capacity: usize) -> Self {
        let mut spare = Vec::with_capacity(SPARE_AT_START * 2);
        spare.extend((0..SPARE_AT_START).map(|_| Vec::with_capacity(SPARE_BYTES)));
        Self { packets: VecDeque::with_capacity(SPARE_AT_START * 2), spare, capacity }
    }

    /// Stores a copy of the payload at its place; `false` when the number is there already or the
    /// buffer is full of newer ones. A full buffer drops its oldest packet.
    pub fn insert(&mut self, held: Held, payload: &[u8]) -> bool {
        let at = self.packets.iter().rposition(|p| p.sequence <= held.sequence);
        if at.is_some_and(|at| self.packets[at].sequence == held.sequence) {
            return false;
        }
        let mut at = at.map_or(0, |at| at + 1);
        if self.packets.len() >= self.capacity {
            if at == 0 {
                return false;
            }
            self.pop();
            at -= 1;
        }
        let mut bytes = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(SPARE_BYTES));
        bytes.clear();
        bytes.extend_from_slice(payload);
        self.packets.insert(at, Held { payload: bytes, ..held });
        true
    }

    /// The oldest packet.
    pub fn front(&self) -> Option<&Held> {
        self.packets.front()
    }

    /// Drops the oldest packet.
    pub fn pop(&mut self) {
        if let Some(held) = self.packets.pop_front() {
            self.spare.push(held.payload);
        }
    }

    /// Packets held.
    pub fn len(&self) -> usize {
        self.packets.len()
    }
}
