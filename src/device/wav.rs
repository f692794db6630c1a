//! WAV files: read whole into memory, written block by block.
//!
//! The reader takes what people have: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, any rate and
//! channel count, `WAVE_FORMAT_EXTENSIBLE`, and files whose sizes are wrong because their writer
//! was killed or wrote to a pipe (then what is there counts). The writer makes 16-bit PCM and its
//! header can be brought up to date at any time, so that the file is playable whenever its writer
//! ends. Marks in it are a `cue ` chunk and their texts a `LIST` of type `adtl`, both behind the
//! samples: what is written over them, while there are more samples, is no part of the file before
//! the header is brought up to date again.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Audio of a file, one vector of samples per channel, all of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wav {
    /// Sample rate, Hz.
    pub rate_hz: u32,
    /// 16-bit samples, channel by channel; at least one channel.
    pub channels: Vec<Vec<i16>>,
}

impl Wav {
    /// The mean of all channels.
    pub fn into_mono(mut self) -> Vec<i16> {
        if self.channels.len() == 1 {
            return self.channels.swap_remove(0);
        }
        let count = self.channels.len().max(1) as i32;
        let frames = self.channels.first().map_or(0, Vec::len);
        (0..frames)
            .map(|frame| {
                let sum: i32 = self.channels.iter().map(|channel| i32::from(channel[frame])).sum();
                (sum / count) as i16
            })
            .collect()
    }

    /// Length in samples per channel.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }
}

/// Why a WAV file cannot be used. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WavError {
    /// It cannot be opened or read.
    File(io::ErrorKind, String),
    /// It is not a WAV file.
    NotWav,
    /// A coding that is not read here: format tag and bits per sample.
    Format(u16, u16),
    /// Sample rate of 0 or above 384 kHz.
    Rate(u32),
    /// No channel, or more than 32.
    Channels(u16),
    /// Holds no sample.
    Empty,
    /// Longer than [`MAX_BYTES`].
    TooLong(u64),
}

impl fmt::Display for WavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WavError::File(_, text) => {
                write!(f, "cannot read the file ({text}); check its path and permissions")
            }
            WavError::NotWav => write!(f, "not a WAV file; convert it: ffmpeg -i FILE out.wav"),
            WavError::Format(tag, bits) => write!(
                f,
                "WAV coding {tag:#x} with {bits} bits is not read; convert the file to 16-bit PCM: \
                 sox FILE -e signed -b 16 out.wav"
            ),
            WavError::Rate(rate) => {
                write!(f, "sample rate of {rate} Hz; rates of 1 to 384000 Hz are read")
            }
            WavError::Channels(count) => write!(f, "{count} channels; 1 to 32 are read"),
            WavError::Empty => write!(f, "the file holds no audio"),
            WavError::TooLong(bytes) => write!(
                f,
                "the file holds {} MB of audio and at most {} are read; cut it into pieces",
                bytes >> 20,
                MAX_BYTES >> 20
            ),
        }
    }
}

impl std::error::Error for WavError {}

impl From<io::Error> for WavError {
    fn from(error: io::Error) -> Self {
        WavError::File(error.kind(), error.to_string())
    }
}

/// Reads a whole WAV file.
pub fn read(path: &Path) -> Result<Wav, WavError> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(WavError::File(io::ErrorKind::IsADirectory, "it is a folder".into()));
    }
    if metadata.len() > MAX_BYTES {
        return Err(WavError::TooLong(metadata.len()));
    }
    let mut bytes = Vec::new();
    // A device or pipe tells no length: it is read on only if it begins as a WAV file does, and the
    // limit holds for what comes, too.
    (&mut file).take(RIFF_BYTES).read_to_end(&mut bytes)?;
    if !is_wav(&bytes) {
        return Err(WavError::NotWav);
    }
    (&mut file).take(MAX_BYTES + 1 - RIFF_BYTES).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(WavError::TooLong(bytes.len() as u64));
    }
    parse(&bytes)
}

/// Whether the first bytes are those of a WAV file.
fn is_wav(bytes: &[u8]) -> bool {
    bytes.get(0..4) == Some(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")
}

/// Reads a WAV file that is in memory.
pub fn parse(bytes: &[u8]) -> Result<Wav, WavError> {
    if !is_wav(bytes) {
        return Err(WavError::NotWav);
    }
    let mut format = None;
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let (Some(id), Some(size)) = (rest.get(0..4), rest.get(4..8)) {
        let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
        let body = rest.get(8..).unwrap_or_default();
        if id == b"data" {
            let format = format.ok_or(WavError::NotWav)?;
            // 0 and !0 are what writers to a pipe leave; too much is what a killed one may.
            let data = if size == 0 { body } else { body.get(..size).unwrap_or(body) };
            return decode(format, data);
        }
        if id == b"fmt " {
            format = Some(Format::parse(body.get(..size).unwrap_or(body))?);
        }
        // Chunks are padded to even sizes.
        rest = body.get(size + (size & 1)..).unwrap_or_default();
    }
    Err(if format.is_some() { WavError::Empty } else { WavError::NotWav })
}

#[derive(Clone, Copy, Debug)]
struct Format {
    coding: Coding,
    channels: u16,
    rate_hz: u32,
}

#[derive(Clone, Copy, Debug)]
enum Coding {
    U8,
    S16,
    S24,
    S32,
    F32,
    F64,
}

impl Format {
    fn parse(body: &[u8]) -> Result<Self, WavError> {
        let u16_at = |at: usize| {
            let bytes = body.get(at..at + 2).ok_or(WavError::NotWav)?;
            Ok::<u16, WavError>(u16::from_le_bytes([bytes[0], bytes[1]]))
        };
        let mut tag = u16_at(0)?;
        let channels = u16_at(2)?;
        let rate_hz = u32::from(u16_at(4)?) | u32::from(u16_at(6)?) << 16;
        let bits = u16_at(14)?;
        if tag == EXTENSIBLE {
            // The sub-format's first two bytes are the tag of old.
            tag = u16_at(24)?;
        }
        if !(1..=32).contains(&channels) {
            return Err(WavError::Channels(channels));
        }
        if !(1..=384_000).contains(&rate_hz) {
            return Err(WavError::Rate(rate_hz));
        }
        let coding = match (tag, bits) {
            (PCM, 8) => Coding::U8,
            (PCM, 16) => Coding::S16,
            (PCM, 24) => Coding::S24,
            (PCM, 32) => Coding::S32,
            (FLOAT, 32) => Coding::F32,
            (FLOAT, 64) => Coding::F64,
            _ => return Err(WavError::Format(tag, bits)),
        };
        Ok(Self { coding, channels, rate_hz })
    }
}

fn decode(format: Format, data: &[u8]) -> Result<Wav, WavError> {
    let width = match format.coding {
        Coding::U8 => 1,
        Coding::S16 => 2,
        Coding::S24 => 3,
        Coding::S32 | Coding::F32 => 4,
        Coding::F64 => 8,
    };
    let count = usize::from(format.channels);
    let frames = data.len() / (width * count);
    if frames == 0 {
        return Err(WavError::Empty);
    }
    let mut channels: Vec<Vec<i16>> = (0..count).map(|_| Vec::with_capacity(frames)).collect();
    for frame in data.chunks_exact(width * count) {
        for (channel, sample) in channels.iter_mut().zip(frame.chunks_exact(width)) {
            channel.push(sample_of(format.coding, sample));
        }
    }
    Ok(Wav { rate_hz: format.rate_hz, channels })
}

/// One sample of `coding`; `bytes` is exactly as long as it is.
fn sample_of(coding: Coding, bytes: &[u8]) -> i16 {
    let unit = |value: f64| (value.clamp(-1.0, 1.0) * 32_767.0).round() as i16;
    match (coding, bytes) {
        (Coding::U8, &[a]) => (i16::from(a) - 128) << 8,
        (Coding::S16, &[a, b]) => i16::from_le_bytes([a, b]),
        (Coding::S24, &[_, b, c]) => i16::from_le_bytes([b, c]),
        (Coding::S32, &[_, _, c, d]) => i16::from_le_bytes([c, d]),
        (Coding::F32, &[a, b, c, d]) => unit(f64::from(f32::from_le_bytes([a, b, c, d]))),
        (Coding::F64, &[a, b, c, d, e, f, g, h]) => {
            unit(f64::from_le_bytes([a, b, c, d, e, f, g, h]))
        }
        _ => 0,
    }
}

/// Writes 16-bit PCM. [`WavWriter::sync_header`] makes all that was written part of the file.
#[derive(Debug)]
pub struct WavWriter<W> {
    out: W,
    rate_hz: u32,
    channels: u16,
    data_bytes: u64,
    marks: Vec<Mark>,
    /// They stand behind the samples on disk, and the header tells of them.
    marked: bool,
}

/// A place in a file and its text.
#[derive(Debug)]
struct Mark {
    frame: u64,
    text: String,
}

impl<W: Write + Seek> WavWriter<W> {
    /// Starts a file of 1 or more channels: writes the header of an empty one.
    pub fn new(mut out: W, rate_hz: u32, channels: u16) -> io::Result<Self> {
        let channels = channels.max(1);
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&header(rate_hz, channels, 0, 0))?;
        let marks = Vec::new();
        Ok(Self { out, rate_hz, channels, data_bytes: 0, marks, marked: false })
    }

    /// Marks a place, in samples per channel from the begin, with a text. It is part of the file after
    /// the next [`WavWriter::sync_header`]. `false`: the file has [`MOST_MARKS`] already.
    pub fn mark(&mut self, frame: u64, text: String) -> bool {
        if self.marks.len() >= MOST_MARKS {
            return false;
        }
        self.marks.push(Mark { frame, text });
        true
    }

    /// Gives the last mark another text.
    pub fn mark_again(&mut self, text: String) {
        if let Some(last) = self.marks.last_mut() {
            last.text = text;
        }
    }

    /// Appends interleaved samples. Error `FileTooLarge` at the 4 GiB that a WAV file can hold.
    pub fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        if self.data_bytes + 2 * samples.len() as u64 > MAX_DATA_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if std::mem::take(&mut self.marked) {
            // Whoever reads the file meanwhile, or after a crash, finds one without marks.
            self.write_header(0)?;
        }
        let mut bytes = [0u8; 4096];
        for block in samples.chunks(bytes.len() / 2) {
            for (pair, sample) in bytes.chunks_exact_mut(2).zip(block) {
                pair.copy_from_slice(&sample.to_le_bytes());
            }
            self.out.write_all(&bytes[..2 * block.len()])?;
            self.data_bytes += 2 * block.len() as u64;
        }
        Ok(())
    }

    /// Rewrites the header for what was written so far, and the marks behind it. Where there is no
    /// space for these the samples are told of all the same.
    pub fn sync_header(&mut self) -> io::Result<()> {
        let marks = self.mark_chunks();
        let marked = match marks.is_empty() {
            true => Ok(()),
            false => self.seek_end().and_then(|()| self.out.write_all(&marks)),
        };
        self.marked = marked.is_ok() && !marks.is_empty();
        self.write_header(if self.marked { marks.len() as u32 } else { 0 })?;
        self.out.flush()?;
        marked
    }

    /// Leaves the place where the next sample goes.
    fn write_header(&mut self, mark_bytes: u32) -> io::Result<()> {
        let header = header(self.rate_hz, self.channels, self.data_bytes as u32, mark_bytes);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.seek_end()
    }

    fn seek_end(&mut self) -> io::Result<()> {
        let end = HEADER_BYTES + self.data_bytes;
        self.out.seek(SeekFrom::Start(end)).map(drop)
    }

    /// The chunks `cue ` and `LIST`; nothing without marks, or without samples for them.
    fn mark_chunks(&self) -> Vec<u8> {
        if self.marks.is_empty() || self.data_bytes == 0 {
            return Vec::new();
        }
        let count = (self.marks.len() as u32).to_le_bytes();
        let (mut cue, mut texts) = (count.to_vec(), b"adtl".to_vec());
        for (number, mark) in (1u32..).zip(&self.marks) {
            let number = number.to_le_bytes();
            let frame = (mark.frame.min(self.frames()) as u32).to_le_bytes();
            let none = [0u8; 4];
            for field in [&number, &frame, b"data", &none, &none, &frame] {
                cue.extend_from_slice(field);
            }
            let text = [&number[..], mark.text.as_bytes(), &[0]].concat();
            chunk(&mut texts, b"labl", &text);
        }
        let mut chunks = Vec::new();
        chunk(&mut chunks, b"cue ", &cue);
        chunk(&mut chunks, b"LIST", &texts);
        chunks
    }

    /// Samples per channel written so far.
    pub fn frames(&self) -> u64 {
        self.data_bytes / (2 * u64::from(self.channels))
    }
}

/// Writes a whole 16-bit file at once; `samples` are interleaved.
pub fn write(path: &Path, rate_hz: u32, channels: u16, samples: &[i16]) -> io::Result<()> {
    let mut writer = WavWriter::new(File::create(path)?, rate_hz, channels)?;
    writer.write(samples)?;
    writer.sync_header()
}

/// Appends a chunk, padded to an even size.
fn chunk(to: &mut Vec<u8>, id: &[u8; 4], body: &[u8]) {
    to.extend_from_slice(id);
    to.extend_from_slice(&(body.len() as u32).to_le_bytes());
    to.extend_from_slice(body);
    to.resize(to.len() + body.len() % 2, 0);
}

/// The canonical 44 bytes; `mark_bytes`: of the chunks behind the samples.
fn header(rate_hz: u32, channels: u16, data_bytes: u32, mark_bytes: u32) -> [u8; 44] {
    let frame_bytes = 2 * channels;
    let mut header = [0u8; HEADER_BYTES as usize];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &data_bytes.saturating_add(mark_bytes).saturating_add(36).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16u32.to_le_bytes(),
        &PCM.to_le_bytes(),
        &channels.to_le_bytes(),
        &rate_hz.to_le_bytes(),
        &rate_hz.saturating_mul(u32::from(frame_bytes)).to_le_bytes(),
        &frame_bytes.to_le_bytes(),
        &16u16.to_le_bytes(),
        b"data",
        &data_bytes.to_le_bytes(),
    ];
    let mut at = 0;
    for field in fields {
        header[at..at + field.len()].copy_from_slice(field);
        at += field.len();
    }
    header
}

/// The most that [`read`] takes into memory: 46 minutes of 48 kHz mono in 16 bits.
pub const MAX_BYTES: u64 = 256 << 20;
/// `RIFF`, a size, `WAVE`.
const RIFF_BYTES: u64 = 12;
/// Of the files that are written.
const HEADER_BYTES: u64 = 44;
/// Marks of one file, at most: with texts of 40 bytes they take less than 100 kB.
pub const MOST_MARKS: usize = 1000;
/// What the 32-bit sizes of RIFF leave beside the marks, in whole frames of any channel count.
const MAX_DATA_BYTES: u64 = (u32::MAX - (1 << 17)) as u64;
/// Format tags of the WAV header.
const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xfffe;

#[cfg(test)]
#[path = "wav_tests.rs"]
mod tests;
