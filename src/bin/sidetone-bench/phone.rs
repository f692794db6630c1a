//! Phones to measure: ours, Debian's baresip, and the reflector that is no phone but the floor under
//! them, each started in a process of its own and ended with its handle; and any that runs already.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, UdpSocket},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::Value;
use sidetone::base::plan::CodecKind;

use crate::place::Place;
pub use crate::target::Target;

/// Which phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Our engine; each call hears itself.
    Sidetone,
    /// Our engine; each call hears all others.
    Conference,
    /// Debian's baresip with its echo module.
    Baresip,
    /// What sends packets back as they came.
    Reflector,
}

impl Kind {
    /// The phone that is named so as a peer.
    pub fn of_peer(name: &str) -> Self {
        if name == "reflector" { Self::Reflector } else { Self::Baresip }
    }
}

/// How a phone is to be set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Codec of its calls.
    pub codec: CodecKind,
    /// Calls to make room for.
    pub calls: usize,
    /// SRTP or no call.
    pub srtp: bool,
    /// Registrar: address, user, password.
    pub register: Option<(SocketAddr, String, String)>,
}

/// A running phone that sends back what it hears.
#[derive(Debug)]
pub struct Phone {
    /// None of one that was not started here.
    kind: Option<Kind>,
    /// None of one that was not started here.
    child: Option<Child>,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    folder: Option<PathBuf>,
    /// Its SIP address.
    pub address: SocketAddr,
    /// Whom to call there: a user, or user, host and port.
    pub user: String,
    /// Name and version.
    pub name: String,
    /// What it does to the level of what it sends back, dB; `None`: to be measured.
    pub gain_db: Option<f64>,
}

impl Phone {
    /// One of that kind, at a place.
    pub fn start(kind: Kind, setup: &Setup, place: Place) -> io::Result<Self> {
        let phone = match kind {
            Kind::Sidetone | Kind::Conference => Self::ours(kind, setup, place),
            Kind::Baresip => Self::other(setup, place),
            Kind::Reflector => Self::reflector(place),
        }?;
        place.level(phone.pid());
        Ok(phone)
    }

    /// Our engine, as this program in another process.
    pub fn sidetone(setup: &Setup) -> io::Result<Self> {
        Self::start(Kind::Sidetone, setup, Place::default())
    }

    /// Debian's baresip with its echo module.
    pub fn baresip(setup: &Setup) -> io::Result<Self> {
        Self::start(Kind::Baresip, setup, Place::default())
    }

    fn ours(kind: Kind, setup: &Setup, place: Place) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["subject", "--codec", setup.codec.name()]);
        command.args(["--calls", &(setup.calls + 1).to_string()]);
        let gain_db: f64 = if kind == Kind::Conference {
            command.arg("--conference");
            CONFERENCE_GAIN_DB
        } else {
            GAIN_DB
        };
        command.args(["--gain", &gain_db.to_string()]);
        if setup.srtp {
            command.arg("--srtp");
        }
        if let Some((address, user, password)) = &setup.register {
            command.args(["--register", &format!("sip:{user}:{password}@{address}")]);
        }
        let name = format!("sidetone {}", env!("CARGO_PKG_VERSION"));
        let mut phone = Self::with_address(kind, place.phone(command), name)?;
        phone.gain_db = Some(gain_db);
        if setup.register.is_some() {
            phone.line(|line| line.contains("registered"))?;
        }
        Ok(phone)
    }

    fn reflector(place: Place) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("reflector");
        Self::with_address(Kind::Reflector, place.phone(command), "reflector".to_owned())
    }

    /// This program in another process, which tells its address in its first line.
    fn with_address(kind: Kind, command: Command, name: String) -> io::Result<Self> {
        let (child, stdin, lines) = spawn(command)?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut phone = Self {
            kind: Some(kind),
            child: Some(child),
            stdin,
            lines,
            folder: None,
            address,
            user: USER.to_owned(),
            name,
            gain_db: Some(0.0),
        };
        let first = phone.line(|line| line.contains("address"))?;
        let address = serde_json::from_str::<Value>(&first).ok();
        phone.address = address
            .and_then(|value| value["address"].as_str()?.parse().ok())
            .ok_or_else(|| io::Error::other("the phone did not tell its address"))?;
        Ok(phone)
    }

    fn other(setup: &Setup, place: Place) -> io::Result<Self> {
        let port = UdpSocket::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("sidetone-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("config"), config(port, setup.calls))?;
        fs::write(folder.join("accounts"), account(port, setup))?;
        fs::write(folder.join("contacts"), "")?;
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder);
        let missing = |e: io::Error| {
            io::Error::new(e.kind(), format!("baresip: {e}; apt-get install baresip-core"))
        };
        let (child, stdin, lines) = spawn(place.phone(command)).map_err(missing)?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut phone = Self {
            kind: Some(Kind::Baresip),
            child: Some(child),
            stdin,
            lines,
            folder: Some(folder),
            address,
            user: USER.to_owned(),
            name: "baresip".to_owned(),
            gain_db: Some(0.0),
        };
        let banner = phone.line(|line| line.starts_with("baresip v"))?;
        phone.name = banner.split(' ').take(2).collect::<Vec<_>>().join(" ");
        phone.line(|line| line.contains("baresip is ready"))?;
        if setup.register.is_some() {
            phone.line(|line| line.contains("200 OK"))?;
        }
        Ok(phone)
    }

    /// One that runs already, here or elsewhere, and sends back what it hears.
    pub fn target(target: &Target) -> io::Result<Self> {
        let user = target.called();
        Ok(Self {
            kind: None,
            child: None,
            stdin: None,
            lines: channel().1,
            folder: None,
            address: target.address()?,
            name: format!("sip:{user}"),
            user,
            gain_db: None,
        })
    }

    /// Whether it was started here, so that its process can be looked at.
    pub fn is_ours_to_watch(&self) -> bool {
        self.child.is_some()
    }

    /// Its process; 0 for one that was not started here.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// What our engine says of itself; `None` for others.
    pub fn numbers(&mut self) -> Option<Value> {
        if !matches!(self.kind, Some(Kind::Sidetone | Kind::Conference)) {
            return None;
        }
        writeln!(self.stdin.as_mut()?, "numbers").ok()?;
        let line = self.line(|line| line.contains("ticks")).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// The next line of its output that fits, within ten seconds.
    fn line(&mut self, fits: impl Fn(&str) -> bool) -> io::Result<String> {
        loop {
            match self.lines.recv_timeout(Duration::from_secs(10)) {
                Ok(line) if fits(&line) => return Ok(line),
                Ok(_) => {}
                Err(_) => return Err(io::Error::other(format!("{} says nothing", self.name))),
            }
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        // Ours end with their stdin; baresip has to be told.
        drop(self.stdin.take());
        let Some(child) = &mut self.child else { return };
        let patience = if self.kind == Some(Kind::Baresip) { 0 } else { 100 };
        for _ in 0..patience {
            if matches!(child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        let _ = child.wait();
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// What our engine does to the level of what it sends back, dB: told from what was sent.
const GAIN_DB: f64 = -3.0;
/// In a conference, dB: the sum of forty is then as loud as one of them.
const CONFERENCE_GAIN_DB: f64 = -16.0;

type Spawned = (Child, Option<ChildStdin>, Receiver<String>);

fn spawn(mut command: Command) -> io::Result<Spawned> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let stdin = child.stdin.take();
    let (sender, lines) = channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    // Nobody listens any more, but the pipe has to be kept empty.
                    continue;
                }
            }
        });
    }
    Ok((child, stdin, lines))
}

fn config(port: u16, calls: usize) -> String {
    // A quarter of the ports, so that runs at the same time rarely meet.
    let first = 20_000 + u32::from(port) % 16 * 2_500;
    format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\n\
         call_max_calls {}\naudio_player aubridge,x\naudio_source aubridge,x\naudio_channels 1\n\
         rtp_ports {first}-{}\nopus_bitrate 32000\nopus_complexity 5\nopus_stereo no\n\
         opus_sprop_stereo no\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\n\
         module g722.so\nmodule opus.so\nmodule aubridge.so\nmodule srtp.so\nmodule_app account.so\n\
         module_app echo.so\n",
        calls + 1,
        first + 2_400,
    )
}

fn account(port: u16, setup: &Setup) -> String {
    let codec = match setup.codec {
        CodecKind::Opus => "opus/48000/2".to_owned(),
        codec => codec.name().to_owned(),
    };
    let mediaenc = if setup.srtp { ";mediaenc=srtp" } else { "" };
    let (who, register) = match &setup.register {
        Some((address, user, password)) => {
            (format!("{user}@{address}"), format!("300;auth_pass={password}"))
        }
        None => (format!("bench@127.0.0.1:{port}"), "0".to_owned()),
    };
    format!("<sip:{who}>;regint={register};audio_codecs={codec}{mediaenc}\n")
}

/// User that phones started here are called by.
const USER: &str = "bench";
