//! Tests of the files thread.

use std::{
    io::{BufRead, BufReader, SeekFrom},
    process::{Command as Process, Stdio},
    sync::mpsc::channel,
};

use super::*;
use crate::device::wav;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sidetone-files-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Files, and what becomes of them.
fn files() -> (Files, Receiver<FileReport>) {
    let (sender, reports) = channel();
    let told = move |news| match news {
        FileNews::Opened(_) => {}
        // A test that needs no reports may be over.
        FileNews::Ended(report) => drop(sender.send(report)),
    };
    (Files::new(Box::new(told)), reports)
}

/// A file that holds `room` bytes.
struct SmallDisk {
    file: io::Cursor<Vec<u8>>,
    room: u64,
}

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = (self.room.saturating_sub(self.file.position()) as usize).min(bytes.len());
        if count == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write(&bytes[..count])
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for SmallDisk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn a_recording_holds_the_near_end_left_and_the_far_end_right() {
    let folder = folder("stereo");
    let path = folder.join("call.wav");
    let (files, reports) = files();
    let (id, mut sink) = files.open_wav(&path, 8000, 2).unwrap();
    for block in 0..100i16 {
        sink.write(&[block; 80], &[-block; 60]);
    }
    drop(sink);
    let report = reports.recv().unwrap();
    assert_eq!(report, FileReport { file: id, path, written: 8000, dropped: 0, error: None });
    let wav = wav::read(&report.path).unwrap();
    assert_eq!((wav.rate_hz, wav.frames()), (8000, 8000));
    assert_eq!((wav.channels[0][7999], wav.channels[1][7979]), (99, -99));
    assert_eq!(wav.channels[1][7980], 0, "the shorter side is silence");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_pause_is_marked_where_it_was_with_how_long_it_took() {
    let folder = folder("pause");
    let path = folder.join("call.wav");
    let (files, reports) = files();
    let (_, mut sink) = files.open_wav(&path, 8000, 2).unwrap();
    sink.write(&[1; 80], &[1; 80]);
    assert_eq!(sink.pause(), 80);
    assert_eq!(sink.resume(Duration::from_millis(12_340)), 80);
    sink.write(&[2; 80], &[2; 80]);
    assert_eq!(sink.pause(), 160, "and it ends in a pause");
    drop(sink);
    assert_eq!(reports.recv().unwrap().written, 160);
    let bytes = std::fs::read(&path).unwrap();
    let told = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    assert_eq!(told + 8, bytes.len(), "the file ends where its header says");
    let cue = bytes.windows(4).position(|four| four == b"cue ").unwrap();
    assert_eq!(cue, 44 + 160 * 4, "behind the samples");
    let frame = |mark: usize| {
        let at = cue + 12 + 24 * mark + 20;
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    };
    assert_eq!((bytes[cue + 8], frame(0), frame(1)), (2, 80, 160));
    let texts = String::from_utf8_lossy(&bytes[cue..]).into_owned();
    assert!(texts.contains("paused for 12.34 s\0") && texts.contains("paused\0"), "{texts}");
    assert_eq!(wav::read(&path).unwrap().frames(), 160);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn stopping_finishes_every_file_that_is_still_open() {
    let folder = folder("stop");
    let (files, reports) = files();
    let (_, mut wav) = files.open_wav(&folder.join("a.wav"), 48_000, 1).unwrap();
    let (_, [mut pcap]) = files.open_pcap(&folder.join("a.pcap")).unwrap();
    wav.write_mono(&[1000; 480]);
    let address = "127.0.0.1:9".parse().unwrap();
    pcap.datagram(std::time::Instant::now(), address, address, b"hello");
    assert!(files.stop(Duration::from_secs(60)));
    let mut written: Vec<u64> = reports.iter().map(|report| report.written).collect();
    written.sort_unstable();
    assert_eq!(written, [1, 480]);
    assert_eq!(std::fs::metadata(folder.join("a.pcap")).unwrap().len(), 24 + 16 + 28 + 5);
    assert!(wav.has_failed(), "the sink learns that nobody writes any more");
    let refused = files.open_wav(&folder.join("b.wav"), 8000, 1).unwrap_err();
    assert_eq!(refused.kind, FileErrorKind::Busy);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn frames_that_the_ring_cannot_take_are_counted_and_leave_silence_of_their_length() {
    let (samples, mut reader) = ring(1000);
    let status = Arc::new(FileStatus::default());
    let (pauses, _) = pauses::pauses();
    let sink_status = Arc::clone(&status);
    let mut sink =
        WavSink { samples, pauses, channels: 1, frames: 0, owed: 0, status: sink_status };
    for value in 1..=30 {
        sink.write_mono(&[value; 100]);
    }
    let mut file = Vec::new();
    let mut drain = |file: &mut Vec<i16>| {
        let mut samples = vec![0i16; reader.fill()];
        assert_eq!(reader.pop(&mut samples), samples.len());
        file.append(&mut samples);
    };
    drain(&mut file);
    assert!((0..10).all(|block| file[block * 100] == block as i16 + 1));
    // The disk runs again: the silence owed comes first, then what is new, at its own place.
    for value in 31..=60 {
        sink.write_mono(&[value; 100]);
        drain(&mut file);
        if sink.owed == 0 {
            assert_eq!(file.last(), Some(&value));
            assert_eq!(file.len(), 100 * value as usize, "nothing has moved in time");
            break;
        }
    }
    assert_eq!(sink.owed, 0, "the gap was closed");
    assert!(status.dropped.load(Relaxed) >= 2000);
}

#[test]
fn a_full_disk_ends_its_own_file_with_a_text_and_harms_no_other() {
    let folder = folder("full");
    let (files, reports) = files();
    let small = SmallDisk { file: io::Cursor::default(), room: 1044 };
    let (full, mut sink) = files
        .add_wav(Path::new("/small/disk.wav"), Box::new(|_| Ok(Box::new(small))), 8000, 1)
        .unwrap();
    let (good, mut other) = files.open_wav(&folder.join("good.wav"), 8000, 1).unwrap();
    sink.write_mono(&[1; 4000]);
    other.write_mono(&[1; 4000]);
    let report = reports.recv().unwrap();
    assert_eq!(report.file, full);
    let error = report.error.unwrap();
    assert_eq!(error.kind, FileErrorKind::DiskFull);
    assert!(error.text.contains("/small/disk.wav") && error.text.contains("free some"), "{error}");
    assert!(sink.has_failed());
    sink.write_mono(&[1; 80]);
    drop(other);
    let report = reports.recv().unwrap();
    assert_eq!((report.file, report.written, report.error), (good, 4000, None));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_unusable_path_is_told_by_the_thread() {
    let (files, reports) = files();
    let kind = |path: &str| {
        let (id, _sink) = files.open_wav(Path::new(path), 8000, 1).unwrap();
        let report = reports.recv().unwrap();
        assert_eq!((report.file, report.written), (id, 0));
        report.error.unwrap().kind
    };
    assert_eq!(kind("/nonexistent/folder/a.wav"), FileErrorKind::NotFound);
    assert_eq!(kind("/"), FileErrorKind::Io);
    #[cfg(target_os = "linux")]
    assert_eq!(kind("/dev/full"), FileErrorKind::DiskFull);
}

#[test]
fn opening_a_slow_disk_holds_up_neither_who_asks_nor_the_stop() {
    let (sender, news) = channel();
    let files = Files::new(Box::new(move |told| sender.send(told).unwrap()));
    let (release, held) = channel::<()>();
    let slow: Create = Box::new(move |_| {
        let _ = held.recv();
        Ok(Box::new(io::Cursor::new(Vec::new())))
    });
    let (id, mut sink) = files.add_wav(Path::new("/slow/disk.wav"), slow, 8000, 1).unwrap();
    sink.write_mono(&[1; 80]);
    assert!(news.try_recv().is_err(), "it is being opened");
    assert!(!files.stop(Duration::from_millis(1)), "the thread is left behind");
    drop(release);
    assert_eq!(news.recv().unwrap(), FileNews::Opened(id));
    let FileNews::Ended(report) = news.recv().unwrap() else { panic!("opened twice") };
    assert_eq!((report.written, report.error), (80, None), "what came meanwhile is in it");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_with_and_without_a_reader() {
    let folder = folder("pipe");
    let path = folder.join("pipe.wav");
    assert!(Process::new("mkfifo").arg(&path).status().unwrap().success());
    let (files, reports) = files();
    for reader in [false, true] {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = std::fs::File::options();
        let _reader =
            reader.then(|| options.read(true).custom_flags(libc::O_NONBLOCK).open(&path).unwrap());
        let (_, sink) = files.open_wav(&path, 8000, 1).unwrap();
        let error = reports.recv().unwrap().error.unwrap();
        assert!(error.text.contains("pipe.wav"), "{error}");
        assert!(sink.has_failed());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Run by the test below in a process of its own, which is killed meanwhile.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(path) = std::env::var_os("SIDETONE_TEST_RECORD_TO") else { return };
    let (files, _reports) = files();
    let (_, mut sink) = files.open_wav(Path::new(&path), 8000, 2).unwrap();
    let mut told = false;
    loop {
        if sink.samples.free() >= 160 {
            sink.write(&[1000; 80], &[-1000; 80]);
            if sink.frames == 800 {
                sink.pause();
                sink.resume(Duration::from_secs(1));
            }
        } else {
            thread::yield_now();
        }
        if !told && std::fs::metadata(&path).is_ok_and(|file| file.len() > 100_000) {
            told = true;
            println!("\nrecorded");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_recording_whose_process_is_killed_is_playable() {
    let folder = folder("killed");
    let path = folder.join("killed.wav");
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "device::files::tests::child_that_records_until_it_is_killed",
        ])
        .env("SIDETONE_TEST_RECORD_TO", &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "recorded"), "the child has recorded");
    child.kill().unwrap();
    child.wait().unwrap();

    let bytes = std::fs::read(&path).unwrap();
    let told = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
    // One round of draining moves 2 s of audio at most: 64 kB. The header was right before it.
    assert!(told + 44 <= bytes.len() && told > 30_000, "{told} of {} bytes", bytes.len());
    // The marks are part of the file but for the moment in which samples are written over them.
    let whole = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let marks = bytes.get(44 + told..44 + told + 4) == Some(b"cue ");
    assert!(whole == told + 36 || marks && 8 + whole <= bytes.len(), "{whole}, {told}");
    let wav = wav::read(&path).unwrap();
    assert_eq!((wav.rate_hz, wav.channels.len()), (8000, 2));
    assert!(wav.channels[0].iter().all(|&s| s == 1000));
    assert!(wav.channels[1].iter().all(|&s| s == -1000));
    std::fs::remove_dir_all(folder).unwrap();
}
