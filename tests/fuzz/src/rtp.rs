//! RTP from strangers: one packet, a source's book-keeping, telephone-events, a whole stream.

use std::time::Duration;

use sidetone::{
    base::time::RtpTimestamp,
    media::{demux, stream::Component},
    proto::rtp::{dtmf::receiver::DtmfReceiver, packet::Packet, receiver::Receiver},
};

use crate::support::{self, Input, Rig};

/// The input as one packet; then its chunks as datagrams: `[what happens first][chunk]…` after a
/// byte that chooses the plan.
pub fn run(data: &[u8]) {
    let _ = demux::classify(data);
    if let Ok(packet) = Packet::parse(data) {
        assert!(packet.payload.len() <= data.len());
    }
    let mut input = Input::new(data);
    let choice = input.byte();
    books(Input::new(input.left()));
    stream(choice, input);
}

/// What a source's packets do to its books.
fn books(mut input: Input<'_>) {
    let mut now = support::start();
    let mut receiver = Receiver::new(7, 2);
    let mut digits = DtmfReceiver::default();
    while !input.is_empty() {
        now += Duration::from_millis(u64::from(input.byte()));
        let chunk = input.chunk();
        let Ok(packet) = Packet::parse(chunk) else { continue };
        let _ = receiver.handle_sequence(packet.sequence);
        receiver.handle_timing(now, packet.timestamp, 8000);
        digits.handle_packet(
            now,
            packet.ssrc,
            RtpTimestamp(packet.timestamp.0),
            packet.marker,
            packet.payload,
        );
        digits.handle_timeout(now);
        while let Some(digit) = digits.poll_digit() {
            assert!("0123456789*#ABCD!".contains(digit.digit));
        }
        let _ = (receiver.totals().lost(), receiver.jitter(), receiver.report_block(now));
    }
}

fn stream(choice: u8, mut input: Input<'_>) {
    let mut rig = Rig::new(&support::plan(choice, None));
    while !input.is_empty() {
        let op = input.byte();
        match op >> 5 {
            0..=3 => rig.ticks(u32::from(op >> 5)),
            4 => rig.ticks(u32::from(op & 0x1f)),
            5 => rig.sleep(Duration::from_millis(u64::from(op & 0x1f) * 200)),
            6 => {
                let digit = char::from(b'0' + (op & 15));
                let _ = rig.stream.send_dtmf(digit, Duration::from_millis(100));
            }
            _ => {
                let _ = rig.stream.apply(rig.now, &support::plan(input.byte(), None));
            }
        }
        let component = if op & 16 == 0 { Component::Rtp } else { Component::Rtcp };
        rig.datagram(component, op & 8 != 0, input.chunk());
    }
    rig.ticks(8);
    rig.stream.close(rig.now);
    rig.drain();
}
