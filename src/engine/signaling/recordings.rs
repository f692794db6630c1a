//! Recordings and captures of calls. The files thread creates the files, for a disk may be slow; what
//! comes meanwhile waits in their rings. The host's reply comes when the file is there.

use std::{collections::HashMap, path::Path};

use super::{Signaling, audio::device_failed};
use crate::{
    base::ids::{CallId, RequestId},
    device::{
        files::{FileErrorKind, FileId, FileNews, FileReport},
        pcap::PcapSink,
    },
    engine::{
        command::CallCommand,
        error::ErrorKind,
        event::EventKind,
        log::LogLevel,
        session::CUT_OFF,
        shared::lock,
        worker::{Worker, WorkerCmd, recording::Recording},
    },
};

/// The files of calls, from the command to their end.
#[derive(Debug, Default)]
pub(super) struct CallFiles(HashMap<FileId, CallFile>);

#[derive(Debug)]
struct CallFile {
    call: CallId,
    kind: Kind,
    /// Who waits for it to be created.
    asked: Option<RequestId>,
    opened: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Recording,
    Capture,
}

impl CallFiles {
    /// Whether the end of a file is still to be told.
    pub(super) fn writes(&self) -> bool {
        !self.0.is_empty()
    }

    fn insert(&mut self, file: FileId, call: CallId, kind: Kind, asked: Option<RequestId>) {
        self.0.insert(file, CallFile { call, kind, asked, opened: false });
    }
}

impl Signaling {
    /// What the host wants of a call's recording or capture.
    pub(super) fn file_of_call(
        &mut self,
        call: CallId,
        command: CallCommand,
        request: Option<RequestId>,
    ) {
        let Some(entry) = self.calls.get_mut(&call) else { return };
        let worker = entry.worker;
        let command = match command {
            CallCommand::Record { path } => return self.record(call, &path, request),
            CallCommand::Capture { path } => return self.capture(call, &path, request),
            CallCommand::PauseRecording(_) if entry.recording.is_none() => {
                let text = "the call is not being recorded";
                return self.reply(request, Some(ErrorKind::WrongState), text);
            }
            CallCommand::PauseRecording(paused) => WorkerCmd::PauseRecording { call, paused },
            CallCommand::StopRecording => {
                entry.recording = None;
                WorkerCmd::StopRecording { call }
            }
            _ => {
                entry.capture = None;
                WorkerCmd::StopCapture { call }
            }
        };
        self.media_command(worker, command, request);
    }

    fn record(&mut self, call: CallId, path: &Path, request: Option<RequestId>) {
        let Some(entry) = self.calls.get(&call) else { return };
        let worker = entry.worker;
        let rate_hz = {
            let info = lock(&entry.shared.info);
            // Before the codec is known: wide enough for whatever comes.
            info.codec.map_or(48_000, |codec| codec.sample_rate_hz())
        };
        match self.files.open_wav(path, rate_hz, 2) {
            Ok((file, sink)) => {
                let recording = Box::new(Recording::new(sink, rate_hz));
                let command = WorkerCmd::Record { call, recording };
                let asked = self.file_command(worker, command, request);
                self.call_files.insert(file, call, Kind::Recording, asked);
                self.calls.entry(call).and_modify(|entry| entry.recording = Some(file));
            }
            Err(error) => {
                self.reply(request, Some(ErrorKind::FileOpen), &error.text);
                let error = (ErrorKind::FileOpen, error.text.as_str());
                self.recording_ended(call, path, 0, Some(error));
            }
        }
    }

    fn capture(&mut self, call: CallId, path: &Path, request: Option<RequestId>) {
        let Some(entry) = self.calls.get_mut(&call) else { return };
        match self.files.open_pcap::<2>(path) {
            Ok((file, sinks)) => {
                let begun =
                    begin_capture(&self.workers[entry.worker], call, sinks, &mut entry.capture);
                let asked = request.filter(|_| begun);
                if !begun {
                    self.reply(request, Some(ErrorKind::Busy), WORKER_BUSY);
                }
                self.call_files.insert(file, call, Kind::Capture, asked);
            }
            Err(error) => self.reply(request, Some(ErrorKind::FileOpen), &error.text),
        }
    }

    /// Hands a file's sink to a worker; gives who is to be told that the file is there.
    fn file_command(
        &self,
        worker: usize,
        command: WorkerCmd,
        request: Option<RequestId>,
    ) -> Option<RequestId> {
        if self.workers[worker].send(command) {
            return request;
        }
        self.reply(request, Some(ErrorKind::Busy), WORKER_BUSY);
        None
    }

    pub(super) fn handle_file(&mut self, news: &FileNews) {
        match news {
            FileNews::Opened(file) => {
                let Some(file) = self.call_files.0.get_mut(file) else { return };
                file.opened = true;
                let asked = file.asked.take();
                self.reply(asked, None, "");
            }
            FileNews::Ended(report) => self.file_ended(report),
        }
    }

    fn file_ended(&mut self, report: &FileReport) {
        let path = report.path.as_path();
        if report.dropped > 0 {
            self.log(LogLevel::Warning, "engine", || {
                format!("{}: {} frames dropped, the disk is slow", path.display(), report.dropped)
            });
        }
        let text = report.error.as_ref().map(|error| error.text.as_str());
        let Some(file) = self.call_files.0.remove(&report.file) else {
            return text.into_iter().for_each(|text| self.shared.emit(device_failed(text)));
        };
        let kind = report.error.as_ref().map(|error| match error.kind {
            _ if !file.opened => ErrorKind::FileOpen,
            FileErrorKind::NotFound | FileErrorKind::PermissionDenied => ErrorKind::FileOpen,
            _ => ErrorKind::FileWrite,
        });
        self.reply(file.asked, kind, text.unwrap_or_default());
        match file.kind {
            Kind::Recording => {
                if let Some(entry) = self.calls.get_mut(&file.call) {
                    entry.recording.take_if(|recording| *recording == report.file);
                }
                self.recording_ended(file.call, path, report.dropped, kind.zip(text));
            }
            Kind::Capture if file.opened => {
                text.into_iter().for_each(|text| self.shared.emit(device_failed(text)));
            }
            Kind::Capture => {}
        }
    }

    fn recording_ended(
        &self,
        call: CallId,
        path: &Path,
        dropped: u64,
        error: Option<(ErrorKind, &str)>,
    ) {
        let (error, text) = error.unzip();
        self.shared.emit(EventKind::RecordFinished {
            call,
            path: path.display().to_string(),
            dropped,
            error,
            text: text.unwrap_or_default().to_owned(),
        });
    }

    /// The engine stops: who waits for a file to be created waits no longer.
    pub(super) fn give_up_files(&mut self) {
        for file in std::mem::take(&mut self.call_files).0.into_values() {
            self.reply(file.asked, Some(ErrorKind::Shutdown), CUT_OFF);
        }
    }
}

/// Begins the capture of a call's media and signalling, in the place of an earlier one, or of
/// neither: `false` when the worker takes no commands now.
fn begin_capture(
    worker: &Worker,
    call: CallId,
    [signaling, media]: [PcapSink; 2],
    capture: &mut Option<PcapSink>,
) -> bool {
    let taken = worker.send(WorkerCmd::Capture { call, sink: media });
    if taken {
        *capture = Some(signaling);
    }
    taken
}

/// Why a command for media comes to nothing.
pub(in crate::engine) const WORKER_BUSY: &str = "the media worker takes no commands now";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::ids::IdKind, device::files::Files};

    #[test]
    fn a_capture_that_the_worker_does_not_take_is_not_begun() {
        let folder = std::env::temp_dir().join(format!("sidetone-captures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let files = Files::new(Box::new(|_| {}));
        let sinks = |name| files.open_pcap::<2>(&folder.join(name)).unwrap().1;
        let call = CallId::from_raw((IdKind::Call as u64) << 56).unwrap();
        let (worker, _held) = Worker::stuck();
        let mut capture = None;
        assert!(begin_capture(&worker, call, sinks("first.pcap"), &mut capture));
        assert!(capture.take().is_some(), "it waits in the inbox");
        assert!(!begin_capture(&worker, call, sinks("second.pcap"), &mut capture));
        assert!(capture.is_none(), "half a capture");
        drop(files);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
