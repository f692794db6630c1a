//! Debian's baresip as a child process: one phone on loopback, on a free port, that speaks from a
//! WAV file and writes down what it hears.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use sidetone::device::wav::{self, Wav};

use super::child::{Folder, Running, free_port};

/// Longest wait for a step of it; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it is started with.
pub struct Terms<'a> {
    /// In its words: `pcmu/8000/1`, `opus/48000/2`.
    pub codec: &'a str,
    /// In its words: `srtp-mand`; empty for none.
    pub encryption: &'a str,
    /// What it says: a file of the codec's rate and channels. At its end it hangs up.
    pub says: &'a Path,
    /// Dialled at once; `None`: it takes the first call that comes.
    pub dials: Option<String>,
    /// Where it registers; `None`: nowhere.
    pub registers: Option<Registration>,
}

/// An account of it.
pub struct Registration {
    /// Address of record.
    pub aor: String,
    /// Its password.
    pub password: String,
    /// Where it sends everything.
    pub proxy: String,
}

/// A running baresip.
pub struct Baresip {
    running: Running,
    folder: Folder,
    port: u16,
}

impl Baresip {
    /// Starts one, ready to be called.
    pub fn start(terms: &Terms) -> Self {
        let folder = Folder::new("baresip");
        // The port may be gone between our look and its bind: another one then.
        for _ in 0..3 {
            let port = free_port();
            configure(&folder, port, terms);
            let mut command = Command::new("baresip");
            // It ends by itself should this process be killed.
            command.args(["-4", "-t", "120", "-f"]).arg(folder.path(""));
            if let Some(uri) = &terms.dials {
                command.args(["-e", &format!("/dial {uri}")]);
            }
            let mut running = Running::start(command, &folder);
            if listens(&mut running, port) {
                return Self { running, folder, port };
            }
        }
        panic!("baresip does not start; scripts/setup-debian.sh test");
    }

    /// What a phone dials to reach it.
    pub fn uri(&self) -> String {
        format!("sip:baresip@127.0.0.1:{}", self.port)
    }

    /// Ends it in an orderly way; gives what it heard, decoded and not yet resampled.
    pub fn finish(mut self) -> Wav {
        self.running.terminate();
        let status = self.running.wait(PATIENCE);
        assert!(status.is_some(), "baresip does not end");
        let files = fs::read_dir(self.folder.path("")).unwrap().map(|entry| entry.unwrap().path());
        let heard: Vec<PathBuf> =
            files.filter(|path| path.to_string_lossy().ends_with("-dec.wav")).collect();
        let [heard] = heard.as_slice() else { panic!("one call, and it heard {heard:?}") };
        wav::read(heard).unwrap()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Its words come with its end only: they go to a file, and it does not flush.
            self.running.terminate();
            self.running.wait(PATIENCE);
            eprintln!("baresip said:\n{}", self.running.text());
        }
    }
}

/// Writes its two files. Without `net_interface` it refuses loopback; its RTP sockets are bound to
/// all addresses, and it tries other ports of its range when one is taken.
fn configure(folder: &Folder, port: u16, terms: &Terms) {
    let (says, hears) = (terms.says.display(), folder.path(""));
    let config = format!(
        "poll_method epoll\n\
         net_interface 127.0.0.1\n\
         sip_listen 127.0.0.1:{port}\n\
         rtp_ports 10000-20000\n\
         audio_source aufile,{says}\n\
         audio_player aubridge,nobody\n\
         audio_alert aubridge,nobody\n\
         snd_path {}\n\
         module_path /usr/lib/baresip/modules\n\
         module g711.so\n\
         module opus.so\n\
         module srtp.so\n\
         module aufile.so\n\
         module aubridge.so\n\
         module sndfile.so\n\
         module_tmp account.so\n\
         module_app menu.so\n",
        hears.display(),
    );
    let encryption = match terms.encryption {
        "" => String::new(),
        name => format!(";mediaenc={name}"),
    };
    let (aor, register) = match &terms.registers {
        None => ("sip:baresip@127.0.0.1".to_owned(), "regint=0".to_owned()),
        Some(there) => (
            there.aor.clone(),
            format!("regint=60;auth_pass={};outbound=\"{}\"", there.password, there.proxy),
        ),
    };
    let account =
        format!("<{aor}>;{register};answermode=auto;audio_codecs={}{encryption}\n", terms.codec);
    fs::write(folder.path("config"), config).unwrap();
    fs::write(folder.path("accounts"), account).unwrap();
}

/// Waits until its SIP socket is there, as the kernel lists it; `false` if it ended before.
fn listens(running: &mut Running, port: u16) -> bool {
    let socket = format!(" 0100007F:{port:04X} ");
    let listening = || fs::read_to_string("/proc/net/udp").is_ok_and(|all| all.contains(&socket));
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if listening() {
            return true;
        }
        if running.wait(Duration::from_millis(20)).is_some() {
            return false;
        }
    }
    false
}
