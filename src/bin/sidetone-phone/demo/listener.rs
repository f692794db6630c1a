//! A listener without the key: what decoders make of payloads as they were on the wire.

use sidetone::dsp::{
    codec::Decode,
    g711::{G711Decoder, Law},
    g722::{G722Decoder, Mode},
    opus::OpusDecoder,
};

use super::{check::Track, wire::Packet};

/// What each decoder of this engine makes of the packets; what one refuses is silence.
pub fn decoded(packets: &[Packet]) -> Vec<Track> {
    let mut decoders: Vec<Box<dyn Decode>> = vec![
        Box::new(G711Decoder::new(Law::Mu)),
        Box::new(G711Decoder::new(Law::A)),
        Box::new(G722Decoder::new(Mode::Kbit64)),
    ];
    if let Ok(opus) = OpusDecoder::new() {
        decoders.push(Box::new(opus));
    }
    decoders.iter_mut().map(|decoder| decode(packets, decoder.as_mut())).collect()
}

fn decode(packets: &[Packet], decoder: &mut dyn Decode) -> Track {
    let rate_hz = decoder.sample_rate_hz();
    let mut pcm = vec![0i16; 5_760];
    let mut samples = Vec::new();
    for packet in packets {
        let length = match decoder.samples(&packet.payload) {
            Ok(length) if length <= pcm.len() => decoder.decode(&packet.payload, &mut pcm),
            _ => Ok(0),
        };
        match length {
            Ok(length) if length > 0 => {
                samples.extend(pcm[..length].iter().map(|&s| f32::from(s) / 32768.0));
            }
            _ => samples.resize(samples.len() + rate_hz as usize / 50, 0.0),
        }
    }
    Track { rate_hz, samples }
}
