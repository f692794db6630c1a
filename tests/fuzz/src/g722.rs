//! G.722 from strangers: octets in payloads of any length, with losses between.

use sidetone::dsp::{
    codec::{Decode, Encode},
    g722::{G722Decoder, G722Encoder, Mode},
};

use crate::support::Input;

/// The input is a byte that chooses the mode, then chunks: each a payload; an empty one is a loss.
/// What was heard is said again.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mode = [Mode::Kbit64, Mode::Kbit56, Mode::Kbit48][usize::from(input.byte() % 3)];
    let (mut decoder, mut encoder) = (G722Decoder::new(mode), G722Encoder::new());
    let (mut pcm, mut again) = ([0i16; 1_200], [0; 600]);
    while !input.is_empty() {
        let payload = input.chunk();
        let heard = match decoder.decode(payload, &mut pcm) {
            Ok(samples) => {
                assert_eq!(samples, 2 * payload.len());
                samples
            }
            Err(_) => {
                decoder.conceal(&mut pcm[..320]);
                320
            }
        };
        assert_eq!(encoder.encode(&pcm[..heard], &mut again), Ok(heard / 2));
    }
}
