//! A file from the moment it is asked for until its header is written. That is the files thread's
//! work, too: a disk may be slow to create it, or a network away.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    FileError, FileId, FileReport, FileStatus, Job, OpenFile, Output, WavJob, pauses::PauseMarks,
};
use crate::device::{
    pcap::{PcapInputs, PcapJob},
    ring::RingReader,
    wav::WavWriter,
};

/// Makes what a file is written to.
pub(super) type Create = Box<dyn FnOnce(&Path) -> io::Result<Box<dyn Output>> + Send>;

/// A file that is to be created.
pub(super) struct NewFile {
    pub(super) id: FileId,
    pub(super) path: PathBuf,
    pub(super) kind: NewKind,
    pub(super) status: Arc<FileStatus>,
    pub(super) create: Create,
}

/// What it will hold.
pub(super) enum NewKind {
    Wav { samples: RingReader<i16>, marks: PauseMarks, rate_hz: u32, channels: u16 },
    Pcap(PcapInputs),
}

impl NewFile {
    /// Creates it and writes its header.
    pub(super) fn open(self) -> Result<OpenFile, FileReport> {
        let Self { id, path, kind, status, create } = self;
        let job = create(&path).and_then(|out| match kind {
            NewKind::Wav { samples, marks, rate_hz, channels } => {
                let writer = WavWriter::new(out, rate_hz, channels)?;
                Ok(Job::Wav(WavJob { samples, marks, writer }))
            }
            NewKind::Pcap(inputs) => PcapJob::start(out, inputs).map(Job::Pcap),
        });
        match job {
            Ok(job) => Ok(OpenFile { id, path, job, status }),
            Err(error) => {
                status.fail();
                let error = Some(FileError::of(&path, &error));
                Err(FileReport { file: id, path, written: 0, dropped: 0, error })
            }
        }
    }
}

/// Creates or empties a file. A pipe is refused: nothing can be put right in it afterwards, and it
/// would hold the thread up until somebody reads.
pub(super) fn create(path: &Path) -> io::Result<Box<dyn Output>> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Without it even to open a pipe waits for a reader; on a file it means nothing.
        options.custom_flags(libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file.metadata()?.file_type().is_fifo() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "it is a pipe"));
        }
    }
    Ok(Box::new(file))
}
