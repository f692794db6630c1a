//! The codecs of one stream: one encoder, and a decoder under each payload type that the far end may
//! send.

#[cfg(feature = "opus")]
use crate::dsp::opus::{OpusDecoder, OpusEncoder};
use crate::{
    base::plan::{CodecKind, CodecPlan},
    dsp::{
        codec::{CodecError, Decode, Encode},
        g711::{G711Decoder, G711Encoder, Law},
        g722::{G722Decoder, G722Encoder, Mode},
    },
    media::jitter::PayloadDecoder,
};

/// Makes the encoder of a plan.
pub(super) fn encoder(plan: &CodecPlan) -> Result<Box<dyn Encode>, CodecError> {
    Ok(match plan.kind {
        CodecKind::Pcmu => Box::new(G711Encoder::new(Law::Mu)),
        CodecKind::Pcma => Box::new(G711Encoder::new(Law::A)),
        CodecKind::G722 => Box::new(G722Encoder::new()),
        #[cfg(feature = "opus")]
        CodecKind::Opus => Box::new(OpusEncoder::new(&plan.opus)?),
        #[cfg(not(feature = "opus"))]
        CodecKind::Opus => return Err(CodecError::Setup),
    })
}

fn decoder(kind: CodecKind) -> Result<Box<dyn Decode>, CodecError> {
    Ok(match kind {
        CodecKind::Pcmu => Box::new(G711Decoder::new(Law::Mu)),
        CodecKind::Pcma => Box::new(G711Decoder::new(Law::A)),
        CodecKind::G722 => Box::new(G722Decoder::new(Mode::Kbit64)),
        #[cfg(feature = "opus")]
        CodecKind::Opus => Box::new(OpusDecoder::new()?),
        #[cfg(not(feature = "opus"))]
        CodecKind::Opus => return Err(CodecError::Setup),
    })
}

/// The decoders of a stream, each made when the first packet of its payload type comes: most far
/// ends use one of several.
pub(super) struct Decoders {
    /// Rate of the PCM given, whatever the codec.
    rate_hz: u32,
    entries: Vec<Entry>,
    /// The entry heard last, which conceals.
    last: usize,
    /// PCM at a codec's own rate, when that is another one.
    native: Vec<i16>,
}

struct Entry {
    plan: CodecPlan,
    decoder: Option<Box<dyn Decode>>,
}

impl Decoders {
    /// For PCM of `rate_hz`, out of the codecs of a plan; one whose kind and payload type stay keeps
    /// its state.
    pub fn apply(&mut self, rate_hz: u32, plans: &[CodecPlan]) {
        let mut old = std::mem::take(&mut self.entries);
        self.rate_hz = rate_hz;
        self.last = 0;
        for &plan in plans {
            let same = |entry: &mut Entry| {
                (entry.plan.kind, entry.plan.payload_type) == (plan.kind, plan.payload_type)
            };
            let decoder = old
                .iter_mut()
                .find_map(|entry| if same(entry) { entry.decoder.take() } else { None });
            self.entries.push(Entry { plan, decoder });
        }
    }

    /// The codec under a payload type.
    pub fn kind(&self, payload_type: u8) -> Option<CodecKind> {
        self.find(payload_type).map(|at| self.entries[at].plan.kind)
    }

    /// Makes the decoder of a payload type, unless it is there.
    pub fn prepare(&mut self, payload_type: u8) -> Result<(), CodecError> {
        let at = self.find(payload_type).ok_or(CodecError::Payload)?;
        let entry = &mut self.entries[at];
        if entry.decoder.is_none() {
            entry.decoder = Some(decoder(entry.plan.kind)?);
        }
        Ok(())
    }

    fn find(&self, payload_type: u8) -> Option<usize> {
        self.entries.iter().position(|entry| entry.plan.payload_type == payload_type)
    }

    fn open(&mut self, payload_type: u8) -> Result<(&mut dyn Decode, &mut Vec<i16>), CodecError> {
        let at = self.find(payload_type).ok_or(CodecError::Payload)?;
        self.last = at;
        let decoder = self.entries[at].decoder.as_mut().ok_or(CodecError::Setup)?;
        Ok((decoder.as_mut(), &mut self.native))
    }
}

impl Default for Decoders {
    fn default() -> Self {
        let rate_hz = CodecKind::Pcmu.sample_rate_hz();
        Self { rate_hz, entries: Vec::new(), last: 0, native: Vec::new() }
    }
}

impl PayloadDecoder for Decoders {
    fn clock_rate_hz(&self, payload_type: u8) -> Option<u32> {
        self.kind(payload_type).map(CodecKind::clock_rate_hz)
    }

    fn samples(&self, payload_type: u8, payload: &[u8]) -> Result<usize, CodecError> {
        let entry = self.find(payload_type).map(|at| &self.entries[at]);
        let decoder = entry.and_then(|entry| entry.decoder.as_ref()).ok_or(CodecError::Payload)?;
        Ok(scale(decoder.samples(payload)?, decoder.sample_rate_hz(), self.rate_hz))
    }

    fn decode(
        &mut self,
        payload_type: u8,
        payload: &[u8],
        pcm: &mut [i16],
    ) -> Result<usize, CodecError> {
        let rate_hz = self.rate_hz;
        let (decoder, native) = self.open(payload_type)?;
        let own_hz = decoder.sample_rate_hz();
        if own_hz == rate_hz {
            return decoder.decode(payload, pcm);
        }
        native.resize(decoder.samples(payload)?, 0);
        let samples = decoder.decode(payload, native)?;
        Ok(convert(&native[..samples], own_hz, pcm, rate_hz))
    }

    fn decode_fec(
        &mut self,
        payload_type: u8,
        payload: &[u8],
        pcm: &mut [i16],
    ) -> Result<bool, CodecError> {
        let rate_hz = self.rate_hz;
        let (decoder, native) = self.open(payload_type)?;
        let own_hz = decoder.sample_rate_hz();
        if own_hz == rate_hz {
            return decoder.decode_fec(payload, pcm);
        }
        native.resize(scale(pcm.len(), rate_hz, own_hz), 0);
        let found = decoder.decode_fec(payload, native)?;
        convert(native, own_hz, pcm, rate_hz);
        Ok(found)
    }

    fn conceal(&mut self, pcm: &mut [i16]) {
        let rate_hz = self.rate_hz;
        let Some(decoder) = self.entries.get_mut(self.last).and_then(|e| e.decoder.as_mut()) else {
            return pcm.fill(0);
        };
        let own_hz = decoder.sample_rate_hz();
        if own_hz == rate_hz {
            return decoder.conceal(pcm);
        }
        self.native.resize(scale(pcm.len(), rate_hz, own_hz), 0);
        decoder.conceal(&mut self.native);
        convert(&self.native, own_hz, pcm, rate_hz);
    }
}

fn scale(samples: usize, from_hz: u32, to_hz: u32) -> usize {
    samples * to_hz as usize / from_hz.max(1) as usize
}

/// Between the rates of two codecs, for a far end that sends another agreed codec than the one that
/// the stream's rate was chosen for: straight lines up, means down. Such a far end is rare; one that
/// keeps to it is heard dull, not broken. Returns the samples written.
fn convert(from: &[i16], from_hz: u32, to: &mut [i16], to_hz: u32) -> usize {
    let length = scale(from.len(), from_hz, to_hz).min(to.len());
    if to_hz >= from_hz {
        let step = from_hz as f32 / to_hz as f32;
        for (n, out) in to[..length].iter_mut().enumerate() {
            let at = n as f32 * step;
            let left = (at as usize).min(from.len() - 1);
            let right = (left + 1).min(from.len() - 1);
            let (a, b) = (f32::from(from[left]), f32::from(from[right]));
            *out = (a + (b - a) * (at - left as f32)) as i16;
        }
    } else {
        let group = (from_hz / to_hz.max(1)) as usize;
        for (group, out) in from.chunks_exact(group.max(1)).zip(&mut to[..length]) {
            let sum: i32 = group.iter().map(|&sample| i32::from(sample)).sum();
            *out = (sum / group.len() as i32) as i16;
        }
    }
    length
}
