//! Tests of WAV files.

use std::io::Cursor;

use super::*;

fn file(tag: u16, bits: u16, channels: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = header(8000, channels, data.len() as u32, 0).to_vec();
    bytes[20..22].copy_from_slice(&tag.to_le_bytes());
    bytes[34..36].copy_from_slice(&bits.to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}

#[test]
fn what_was_written_is_read() {
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, 16_000, 2).unwrap();
    writer.write(&[1, -1, 2, -2]).unwrap();
    writer.sync_header().unwrap();
    writer.write(&[3, -3]).unwrap();
    assert_eq!(writer.frames(), 3);
    let before = parse(writer.out.get_ref()).unwrap();
    assert_eq!(before.channels, [vec![1, 2], vec![-1, -2]], "what no header tells yet");
    writer.sync_header().unwrap();
    let wav = parse(file.get_ref()).unwrap();
    assert_eq!((wav.rate_hz, wav.frames()), (16_000, 3));
    assert_eq!(wav.channels, [vec![1, 2, 3], vec![-1, -2, -3]]);
    assert_eq!(wav.into_mono(), [0, 0, 0]);
}

/// The chunks of a file as far as its header says: id and body.
fn chunks(bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (mut at, end) = (12, 8 + number(4));
    assert!(end <= bytes.len(), "the header tells of {end} bytes of {}", bytes.len());
    let mut chunks = Vec::new();
    while at < end {
        let size = number(at + 4);
        chunks.push((&bytes[at..at + 4], &bytes[at + 8..at + 8 + size]));
        at += 8 + size + size % 2;
    }
    assert_eq!(at, end, "the sizes of the chunks add up to that of the file");
    chunks
}

#[test]
fn marks_stand_behind_the_samples_and_the_file_is_whole_at_every_moment() {
    let mut writer = WavWriter::new(Cursor::new(Vec::new()), 8000, 1).unwrap();
    assert!(writer.mark(0, "begin".into()));
    writer.sync_header().unwrap();
    assert_eq!(chunks(writer.out.get_ref()).len(), 2, "no sample to mark yet");
    writer.write(&[7; 40]).unwrap();
    assert!(writer.mark(30, "?".into()));
    writer.mark_again("second".into());
    writer.sync_header().unwrap();
    let told = |bytes: &[u8]| -> Vec<(u32, String)> {
        let chunks = chunks(bytes);
        assert_eq!(chunks[2].0, b"cue ");
        assert_eq!((chunks[3].0, &chunks[3].1[..4]), (&b"LIST"[..], &b"adtl"[..]));
        let mut texts = &chunks[3].1[4..];
        let mut told = Vec::new();
        for point in chunks[2].1[4..].chunks_exact(24) {
            assert_eq!((&point[8..12], &texts[..4]), (&b"data"[..], &b"labl"[..]));
            assert_eq!(point[..4], texts[8..12], "the text is that of the point");
            let size = u32::from_le_bytes(texts[4..8].try_into().unwrap()) as usize;
            let text = String::from_utf8(texts[12..8 + size - 1].to_vec()).unwrap();
            told.push((u32::from_le_bytes(point[20..24].try_into().unwrap()), text));
            texts = &texts[8 + size + size % 2..];
        }
        told
    };
    let marks = [(0, "begin".to_owned()), (30, "second".to_owned())];
    assert_eq!(told(writer.out.get_ref()), marks);
    // Killed here, with samples over the marks: a file of what the header knows.
    writer.write(&[7; 4]).unwrap();
    assert_eq!(chunks(writer.out.get_ref()).len(), 2);
    assert_eq!(parse(writer.out.get_ref()).unwrap().into_mono(), [7; 40]);
    writer.write(&[7; 400]).unwrap();
    writer.sync_header().unwrap();
    assert_eq!(told(writer.out.get_ref()), marks);
    assert_eq!(parse(writer.out.get_ref()).unwrap().into_mono(), [7; 444]);
    assert!((2..MOST_MARKS).all(|_| writer.mark(1, String::new())));
    assert!(!writer.mark(1, String::new()), "it has the most");
}

#[cfg(unix)]
#[test]
fn a_device_that_never_ends_is_left_after_its_first_bytes() {
    assert_eq!(read(Path::new("/dev/zero")), Err(WavError::NotWav));
}

#[test]
fn every_coding_gives_the_same_samples() {
    let half = 16_384i16;
    let cases: [(u16, u16, Vec<u8>); 6] = [
        (PCM, 8, vec![192, 64]),
        (PCM, 16, [half.to_le_bytes(), (-half).to_le_bytes()].concat()),
        (PCM, 24, vec![9, 0, 64, 9, 0, 192]),
        (PCM, 32, vec![9, 9, 0, 64, 9, 9, 0, 192]),
        (FLOAT, 32, [0.500_02f32.to_le_bytes(), (-0.500_02f32).to_le_bytes()].concat()),
        (FLOAT, 64, [0.500_02f64.to_le_bytes(), (-0.500_02f64).to_le_bytes()].concat()),
    ];
    for (tag, bits, data) in cases {
        let wav = parse(&file(tag, bits, 1, &data)).unwrap();
        assert_eq!(wav.into_mono(), [half, -half], "tag {tag}, {bits} bits");
    }
}

#[test]
fn sizes_left_by_killed_and_piping_writers_are_forgiven() {
    for size in [0u32, u32::MAX, 1_000_000] {
        let mut bytes = file(PCM, 16, 1, &[1, 0, 2, 0, 3]);
        bytes[40..44].copy_from_slice(&size.to_le_bytes());
        assert_eq!(parse(&bytes).unwrap().into_mono(), [1, 2], "data size {size}");
    }
}

#[test]
fn chunks_before_the_data_are_passed_over() {
    let mut bytes = file(PCM, 16, 1, &[1, 0]);
    bytes.splice(36..36, *b"LIST\x03\0\0\0abc\0");
    assert_eq!(parse(&bytes).unwrap().into_mono(), [1]);
}

#[test]
fn what_is_no_wav_is_refused_with_a_text_that_helps() {
    assert_eq!(parse(b"RIFX"), Err(WavError::NotWav));
    assert_eq!(parse(b"RIFF\0\0\0\0WAVE"), Err(WavError::NotWav));
    assert_eq!(parse(&file(PCM, 16, 1, &[])), Err(WavError::Empty));
    assert_eq!(parse(&file(7, 8, 1, &[0])), Err(WavError::Format(7, 8)));
    assert_eq!(parse(&file(PCM, 16, 0, &[0, 0])), Err(WavError::Channels(0)));
    let mut bytes = file(PCM, 16, 1, &[0, 0]);
    bytes[24..28].copy_from_slice(&0u32.to_le_bytes());
    assert_eq!(parse(&bytes), Err(WavError::Rate(0)));
    assert!(WavError::Format(7, 8).to_string().contains("sox"));
    let missing = read(Path::new("/nonexistent.wav")).unwrap_err();
    assert!(missing.to_string().contains("check its path"), "{missing}");
    assert!(read(Path::new("/")).is_err());
}

#[test]
fn no_prefix_of_a_file_and_no_flipped_byte_makes_the_reader_panic() {
    let bytes = file(PCM, 16, 2, &[1, 0, 2, 0, 3, 0, 4, 0]);
    for end in 0..bytes.len() {
        let _ = parse(&bytes[..end]);
    }
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let _ = parse(&changed);
        }
    }
}
