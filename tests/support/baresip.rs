//! Debian's baresip as a child process: one phone on loopback, on a free port, that speaks from a
//! WAV file and writes down what it hears.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sidetone::device::wav::{self, Wav};

use super::child::{Folder, Running, free_port};

/// Longest wait for a step of it; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it is started with.
pub struct Terms<'a> {
    /// In its words: `pcmu/8000/1`, `g722/16000/1`, `opus/48000/2`.
    pub codec: &'a str,
    /// In its words: `srtp-mand`; empty for none.
    pub encryption: &'a str,
    /// What it says: a file of the codec's rate and channels. At its end it hangs up.
    pub says: &'a Path,
    /// Dialled at once; `None`: it takes the first call that comes.
    pub dials: Option<String>,
    /// Where it registers; `None`: nowhere.
    pub registers: Option<Registration>,
    /// Whether it answers by itself; else it rings until it is told to.
    pub answers: bool,
    /// Whom its command `message` writes to.
    pub writes_to: Option<String>,
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
    control_port: u16,
}

/// What steers it, and tells how its calls do: netstrings of JSON on a connection to its `ctrl_tcp`.
pub struct Control {
    stream: TcpStream,
    unread: Vec<u8>,
    /// Type of each event so far, with the address of the call's other end.
    pub events: Vec<(String, String)>,
}

impl Baresip {
    /// Starts one, ready to be called.
    pub fn start(terms: &Terms) -> Self {
        let folder = Folder::new("baresip");
        // The port may be gone between our look and its bind: another one then.
        for _ in 0..3 {
            let (port, control_port) = (free_port(), free_port());
            configure(&folder, port, control_port, terms);
            let mut command = Command::new("baresip");
            // It ends by itself should this process be killed.
            command.args(["-4", "-t", "120", "-f"]).arg(folder.path(""));
            if let Some(uri) = &terms.dials {
                command.args(["-e", &format!("/dial {uri}")]);
            }
            let mut running = Running::start(command, &folder);
            if listens(&mut running, port) {
                return Self { running, folder, port, control_port };
            }
        }
        panic!("baresip does not start; scripts/setup-debian.sh test");
    }

    /// What a phone dials to reach it.
    pub fn uri(&self) -> String {
        format!("sip:baresip@127.0.0.1:{}", self.port)
    }

    /// Connects to what steers it; it serves one connection.
    pub fn control(&self) -> Control {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.control_port)) {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                return Control { stream, unread: Vec::new(), events: Vec::new() };
            }
            assert!(Instant::now() < until, "baresip cannot be steered");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it in an orderly way; gives all that it said.
    pub fn last_words(mut self) -> String {
        self.running.terminate();
        assert!(self.running.wait(PATIENCE).is_some(), "baresip does not end");
        self.running.text()
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

impl Control {
    /// Gives a command in its words; what it says to it.
    pub fn command(&mut self, command: &str, parameters: &str) -> String {
        let text = json!({ "command": command, "params": parameters, "token": "t" }).to_string();
        self.stream.write_all(format!("{}:{text},", text.len()).as_bytes()).unwrap();
        loop {
            let value = self.next();
            if value["response"] == true {
                assert_eq!(value["ok"], true, "{command} {parameters}: {value}");
                return value["data"].as_str().unwrap_or_default().to_owned();
            }
        }
    }

    /// Waits until its account is registered.
    pub fn registered(&mut self) {
        let until = Instant::now() + PATIENCE;
        while !self.command("reginfo", "").contains("OK") {
            assert!(Instant::now() < until, "baresip does not register");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for an event of this type that was not waited for yet; gives the other end's address.
    pub fn wait(&mut self, wanted: &str) -> String {
        let mut seen = 0;
        loop {
            while let Some((kind, peer)) = self.events.get(seen) {
                seen += 1;
                if kind == wanted {
                    let peer = peer.clone();
                    self.events.drain(..seen);
                    return peer;
                }
            }
            self.next();
        }
    }

    /// The next message; an event is written down.
    fn next(&mut self) -> Value {
        loop {
            if let Some(value) = self.take() {
                if value["event"] == true {
                    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
                    self.events.push((text("type"), text("peeruri")));
                }
                return value;
            }
            let mut more = [0; 4096];
            let length = self.stream.read(&mut more).unwrap_or(0);
            assert!(length > 0, "baresip says nothing more; it said {:?}", self.events);
            self.unread.extend_from_slice(&more[..length]);
        }
    }

    /// A netstring that has come whole.
    fn take(&mut self) -> Option<Value> {
        let colon = self.unread.iter().position(|octet| *octet == b':')?;
        let length: usize = std::str::from_utf8(&self.unread[..colon]).unwrap().parse().unwrap();
        let text = self.unread.get(colon + 1..colon + 1 + length)?;
        let value = serde_json::from_slice(text).unwrap();
        let comma = 1;
        (self.unread.len() >= colon + 1 + length + comma).then(|| {
            self.unread.drain(..colon + 1 + length + comma);
            value
        })
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
fn configure(folder: &Folder, port: u16, control_port: u16, terms: &Terms) {
    let (says, hears) = (terms.says.display(), folder.path(""));
    let config = format!(
        "poll_method epoll\n\
         net_interface 127.0.0.1\n\
         sip_listen 127.0.0.1:{port}\n\
         rtp_ports 10000-20000\n\
         audio_source aufile,{says}\n\
         audio_player aubridge,nobody\n\
         audio_alert aubridge,nobody\n\
         ctrl_tcp_listen 127.0.0.1:{control_port}\n\
         snd_path {}\n\
         module_path /usr/lib/baresip/modules\n\
         module stdio.so\n\
         module g711.so\n\
         module g722.so\n\
         module opus.so\n\
         module srtp.so\n\
         module aufile.so\n\
         module aubridge.so\n\
         module sndfile.so\n\
         module_tmp account.so\n\
         module_app contact.so\n\
         module_app menu.so\n\
         module_app ctrl_tcp.so\n",
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
    let mode = if terms.answers { "auto" } else { "manual" };
    let account = format!(
        "<{aor}>;{register};answermode={mode};call_transfer=yes;audio_codecs={}{encryption}\n",
        terms.codec
    );
    let contact = terms.writes_to.as_ref().map(|uri| format!("\"Whom it writes to\" <{uri}>\n"));
    fs::write(folder.path("contacts"), contact.unwrap_or_default()).unwrap();
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
