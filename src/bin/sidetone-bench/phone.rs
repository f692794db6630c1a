//! Phones to measure: ours and Debian's baresip, each started in a process of its own and ended with
//! its handle, and any that runs already.

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

pub use crate::target::Target;

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
    /// Our engine, as this program in another process.
    pub fn sidetone(setup: &Setup) -> io::Result<Self> {
        const GAIN_DB: f64 = -3.0;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["subject", "--codec", setup.codec.name()]);
        command.args(["--calls", &(setup.calls + 1).to_string()]);
        command.args(["--gain", &GAIN_DB.to_string()]);
        if setup.srtp {
            command.arg("--srtp");
        }
        if let Some((address, user, password)) = &setup.register {
            command.args(["--register", &format!("sip:{user}:{password}@{address}")]);
        }
        let (child, stdin, lines) = spawn(command)?;
        let name = format!("sidetone {}", env!("CARGO_PKG_VERSION"));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut phone = Self {
            child: Some(child),
            stdin,
            lines,
            folder: None,
            address,
            user: USER.to_owned(),
            name,
            gain_db: Some(GAIN_DB),
        };
        let first = phone.line(|line| line.contains("address"))?;
        let address = serde_json::from_str::<Value>(&first).ok();
        phone.address = address
            .and_then(|value| value["address"].as_str()?.parse().ok())
            .ok_or_else(|| io::Error::other("the phone did not tell its address"))?;
        if setup.register.is_some() {
            phone.line(|line| line.contains("registered"))?;
        }
        Ok(phone)
    }

    /// Debian's baresip with its echo module.
    pub fn baresip(setup: &Setup) -> io::Result<Self> {
        let port = UdpSocket::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("sidetone-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("config"), config(port, setup.calls))?;
        fs::write(folder.join("accounts"), account(port, setup))?;
        fs::write(folder.join("contacts"), "")?;
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder);
        let (child, stdin, lines) = spawn(command).map_err(|e| {
            io::Error::new(e.kind(), format!("baresip: {e}; apt-get install baresip-core"))
        })?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut phone = Self {
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
        if self.folder.is_some() {
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
        // Ours ends with its stdin; baresip has to be told.
        drop(self.stdin.take());
        let Some(child) = &mut self.child else { return };
        let patience = if self.folder.is_some() { 0 } else { 100 };
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
