//! The thread `sidetone-files`: writes recordings and packet captures, so that no disk ever makes a
//! media worker wait.
//!
//! ```text
//! M, S ──▶ WavSink / PcapSink ──ring, lossy, counted──▶ thread sidetone-files ──▶ disk
//!                                                            └──▶ FileReport
//! ```
//!
//! The thread starts with the first file and sleeps without a wake-up while none is open. Every
//! 200 ms it empties all rings and brings the headers up to date: a process that is killed
//! leaves a playable file that lacks the last moment at most. A ring holds two seconds of audio; on
//! a disk that stalls for longer, frames are dropped and counted, and silence of the same length
//! takes their place, so that what follows keeps its time. An error ends its own file only.
//!
//! A recording that is paused says so in the file: a mark where it stopped tells for how long.

mod opening;
mod pauses;
mod sink;

use std::{
    fmt,
    io::{self, Seek, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

pub use self::sink::WavSink;
use self::{
    opening::{Create, NewFile, NewKind},
    pauses::PauseMarks,
};
use super::{
    pcap::{PcapInputs, PcapJob, PcapSink},
    ring::{RingReader, ring},
    wav::WavWriter,
};

/// Names a file of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u64);

/// What the files thread tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNews {
    /// A file was created; what its sinks took meanwhile is being written.
    Opened(FileId),
    /// A file is done, or could not be created. The last of each file.
    Ended(FileReport),
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Which.
    pub file: FileId,
    /// Where.
    pub path: PathBuf,
    /// Frames (WAV) or packets (PCAP) written.
    pub written: u64,
    /// Frames or packets dropped because the disk was too slow.
    pub dropped: u64,
    /// `None`: its sinks were closed and all is on disk. Otherwise what ended it before its time;
    /// what was written until then is a whole file.
    pub error: Option<FileError>,
}

/// Why a file cannot be written. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// What to decide by.
    pub kind: FileErrorKind,
    /// For people.
    pub text: String,
}

/// Kinds of [`FileError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// No space or quota left.
    DiskFull,
    /// The folder does not exist.
    NotFound,
    /// Not allowed there.
    PermissionDenied,
    /// The file has the most that its format or the system allows.
    TooLarge,
    /// The files thread cannot take more files now, or has stopped.
    Busy,
    /// Anything else of the system.
    Io,
}

impl FileError {
    fn of(path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        let (kind, text) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
                FileErrorKind::DiskFull,
                format!("no space left for {path}; free some, or write to another disk"),
            ),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => (
                FileErrorKind::NotFound,
                format!("cannot create {path}: its folder does not exist; create it first"),
            ),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
                FileErrorKind::PermissionDenied,
                format!("not allowed to write {path}; choose another place or mend permissions"),
            ),
            io::ErrorKind::FileTooLarge => (
                FileErrorKind::TooLarge,
                format!("{path} has reached the largest size allowed; go on in a new file"),
            ),
            _ => (FileErrorKind::Io, format!("cannot write {path}: {error}")),
        };
        Self { kind, text }
    }

    fn busy() -> Self {
        Self {
            kind: FileErrorKind::Busy,
            text: "too many files are being opened, or the engine stops; try again later".into(),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for FileError {}

/// Where [`FileNews`] go; called on the files thread, must not wait.
pub type FileReports = Box<dyn Fn(FileNews) + Send>;

/// The files of one engine. Any thread may open one; the writing is done by the thread.
pub struct Files {
    state: Mutex<State>,
    ids: AtomicU64,
}

struct State {
    /// Until the thread starts.
    reports: Option<FileReports>,
    thread: Option<Thread>,
}

struct Thread {
    /// Its end is the thread's, when all files are finished.
    inbox: SyncSender<Box<NewFile>>,
    /// Nothing comes on it; it closes with the thread's end.
    ended: Receiver<()>,
    handle: JoinHandle<()>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

impl Files {
    /// Starts nothing yet.
    pub fn new(reports: FileReports) -> Self {
        let state = State { reports: Some(reports), thread: None };
        Self { state: Mutex::new(state), ids: AtomicU64::new(1) }
    }

    /// Has a WAV file of 1 or 2 channels created (or emptied) and gives the end to write it with,
    /// which takes audio at once. Whether the path can be used is told by [`FileNews`]. Error:
    /// `Busy`.
    pub fn open_wav(
        &self,
        path: &Path,
        rate_hz: u32,
        channels: u16,
    ) -> Result<(FileId, WavSink), FileError> {
        self.add_wav(path, Box::new(opening::create), rate_hz, channels)
    }

    /// The same with a PCAP file and `N` ends, one for each thread that has packets for it.
    pub fn open_pcap<const N: usize>(
        &self,
        path: &Path,
    ) -> Result<(FileId, [PcapSink; N]), FileError> {
        let status = Arc::new(FileStatus::default());
        let (inputs, sinks) = PcapInputs::new(&status);
        let create = Box::new(opening::create);
        Ok((self.add(path, create, NewKind::Pcap(inputs), status)?, sinks))
    }

    /// Finishes every file and ends the thread; later openings are refused. `false`: a disk held the
    /// thread up for longer than `wait`, and it is left behind.
    pub fn stop(&self, wait: Duration) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reports = None;
        let thread = state.thread.take();
        drop(state);
        let Some(Thread { inbox, ended, handle }) = thread else { return true };
        drop(inbox);
        if ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            return false;
        }
        // It is at its end. A panic there has lost files, and nothing can be done about them.
        let _ = handle.join();
        true
    }

    fn add_wav(
        &self,
        path: &Path,
        create: Create,
        rate_hz: u32,
        channels: u16,
    ) -> Result<(FileId, WavSink), FileError> {
        let channels = channels.clamp(1, 2);
        let status = Arc::new(FileStatus::default());
        let capacity = u64::from(rate_hz) * u64::from(channels) * RING_MS / 1000;
        let (samples, reader) = ring(capacity as usize);
        let (pauses, marks) = pauses::pauses();
        let kind = NewKind::Wav { samples: reader, marks, rate_hz, channels };
        let status_of_sink = Arc::clone(&status);
        let sink =
            WavSink { samples, pauses, channels, frames: 0, owed: 0, status: status_of_sink };
        Ok((self.add(path, create, kind, status)?, sink))
    }

    fn add(
        &self,
        path: &Path,
        create: Create,
        kind: NewKind,
        status: Arc<FileStatus>,
    ) -> Result<FileId, FileError> {
        let id = FileId(self.ids.fetch_add(1, Relaxed));
        let file = NewFile { id, path: path.to_owned(), kind, status, create };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reports) = state.reports.take() {
            let (inbox, new_files) = sync_channel(OPENINGS);
            let (running, ended) = channel::<()>();
            let handle = thread::Builder::new()
                .name("sidetone-files".into())
                .spawn(move || {
                    run(&new_files, &reports);
                    drop(running);
                })
                .map_err(|error| FileError::of(path, &error))?;
            state.thread = Some(Thread { inbox, ended, handle });
        }
        let thread = state.thread.as_ref().ok_or_else(FileError::busy)?;
        thread.inbox.try_send(Box::new(file)).map_err(|_| FileError::busy())?;
        Ok(id)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.stop(DROP_WAIT);
    }
}

/// What sinks and the thread tell each other.
#[derive(Debug, Default)]
pub struct FileStatus {
    failed: AtomicBool,
    dropped: AtomicU64,
}

impl FileStatus {
    /// Whether an error ended the file.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Relaxed)
    }

    fn fail(&self) {
        self.failed.store(true, Relaxed);
    }

    /// Counts what found no place.
    pub fn add_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Relaxed);
    }
}

/// What a file is written to.
pub(super) trait Output: Write + Seek + Send {}
impl<T: Write + Seek + Send> Output for T {}

struct OpenFile {
    id: FileId,
    path: PathBuf,
    job: Job,
    status: Arc<FileStatus>,
}

enum Job {
    Wav(WavJob),
    Pcap(PcapJob),
}

struct WavJob {
    samples: RingReader<i16>,
    marks: PauseMarks,
    writer: WavWriter<Box<dyn Output>>,
}

impl WavJob {
    fn drain(&mut self) -> io::Result<()> {
        // Before the samples: what stands before a mark is there when the mark is.
        let marked = self.marks.drain(&mut self.writer);
        let mut block = [0i16; BLOCK_SAMPLES];
        // What is there now; what comes meanwhile is the next round's, after the header.
        let mut rest = self.samples.fill();
        let wrote = rest > 0 || marked;
        while rest > 0 {
            let (wanted, _) = block.split_at_mut(rest.min(BLOCK_SAMPLES));
            let count = self.samples.pop(wanted);
            self.writer.write(&wanted[..count])?;
            rest -= count.max(1);
        }
        if wrote { self.writer.sync_header() } else { Ok(()) }
    }
}

impl OpenFile {
    /// Writes what waits. Gives the report when the file is done, by its sinks or by an error.
    fn drain(&mut self, stopping: bool) -> Option<FileReport> {
        // Asked first: what a sink wrote before it was dropped is drained after this.
        let closed = stopping
            || match &self.job {
                Job::Wav(wav) => wav.samples.is_abandoned(),
                Job::Pcap(pcap) => pcap.is_abandoned(),
            };
        let result = match &mut self.job {
            Job::Wav(wav) => wav.drain(),
            Job::Pcap(pcap) => pcap.drain(),
        };
        if result.is_ok() && !closed {
            return None;
        }
        self.status.fail();
        if let (Err(_), Job::Wav(wav)) = (&result, &mut self.job) {
            // In place, so a full disk takes it: what was written before the error is played.
            let _ = wav.writer.sync_header();
        }
        Some(FileReport {
            file: self.id,
            path: self.path.clone(),
            written: match &self.job {
                Job::Wav(wav) => wav.writer.frames(),
                Job::Pcap(pcap) => pcap.packets(),
            },
            dropped: self.status.dropped.load(Relaxed),
            error: result.err().map(|error| FileError::of(&self.path, &error)),
        })
    }
}

fn run(inbox: &Receiver<Box<NewFile>>, reports: &FileReports) {
    let mut files: Vec<OpenFile> = Vec::new();
    loop {
        let new = if files.is_empty() {
            inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            inbox.recv_timeout(DRAIN_EVERY)
        };
        let stopping = match new.map(|file| file.open()) {
            Ok(Ok(file)) => {
                reports(FileNews::Opened(file.id));
                files.push(file);
                continue;
            }
            Ok(Err(refused)) => {
                reports(FileNews::Ended(refused));
                continue;
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        files.retain_mut(|file| match file.drain(stopping) {
            Some(report) => {
                reports(FileNews::Ended(report));
                false
            }
            None => true,
        });
        if stopping {
            return;
        }
    }
}

/// How often rings are emptied: five wake-ups a second while a file is open.
const DRAIN_EVERY: Duration = Duration::from_millis(200);
/// Length of a ring: a disk may stall for this long without a loss.
const RING_MS: u64 = 2000;
/// Openings that may wait for the thread.
const OPENINGS: usize = 256;
/// How long a disk may take at the end, when nobody says otherwise.
const DROP_WAIT: Duration = Duration::from_secs(2);
/// Samples moved at a time, on the stack.
const BLOCK_SAMPLES: usize = 512;

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
