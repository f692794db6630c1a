//! RTCP from strangers: compound packets, and what they do to a stream.

use std::time::Duration;

use sidetone::{
    media::stream::Component,
    proto::rtp::rtcp::{self, Packet},
};

use crate::support::{self, Input, Rig};

/// The input as one compound packet; then its chunks as datagrams of a stream whose plan the first
/// byte chooses: `[what happens first][chunk]…`.
pub fn run(data: &[u8]) {
    if let Ok(packets) = rtcp::parse(data) {
        assert!(packets.len() <= data.len() / 4);
        for packet in packets {
            if let Packet::Sdes(chunks) = packet {
                assert!(chunks.len() < 32);
            }
        }
    }
    let mut input = Input::new(data);
    let mut rig = Rig::new(&support::plan(input.byte(), None));
    while !input.is_empty() {
        let op = input.byte();
        match op >> 6 {
            0 => {}
            1 => rig.ticks(u32::from(op & 7)),
            2 => rig.sleep(Duration::from_millis(u64::from(op & 7) * 1000)),
            // A packet from the source that the reports speak of.
            _ => rig.datagram(Component::Rtp, false, &rtp(op)),
        }
        let component = if op & 16 == 0 { Component::Rtcp } else { Component::Rtp };
        let mut chunk = input.chunk().to_vec();
        if op & 8 != 0 && chunk.len() >= 32 {
            // Reports speak of us when they are to be believed.
            let ssrc = rig.stream.ssrc().to_be_bytes();
            let at = if chunk[1] == 200 { 28 } else { 8 };
            chunk[at..at + 4].copy_from_slice(&ssrc);
        }
        rig.datagram(component, op & 32 != 0, &chunk);
    }
    rig.ticks(2);
    rig.stream.close(rig.now);
    rig.drain();
}

fn rtp(op: u8) -> [u8; 172] {
    let mut packet = [0xd5; 172];
    packet[..12].copy_from_slice(&[0x80, 0, 0, op & 7, 0, 0, op & 7, 0, 0, 0, 0, 7]);
    packet
}
