//! Debian's baresip as a peer: an echo that answers, or a caller whose microphone is its own
//! loudspeaker.

use std::{fs, process::Command, time::Duration};

use super::child::{Folder, Running, free_port};

/// A running baresip.
pub struct Baresip {
    running: Running,
    _folder: Folder,
    /// What a phone dials to reach it.
    pub uri: String,
}

/// What it does with calls.
pub enum Role<'a> {
    /// Answers, and sends back what it hears.
    Answers,
    /// Calls this address, and sends back what it hears.
    Calls(&'a str),
}

impl Baresip {
    /// Starts it with one codec (its own name for it), and with SRTP or without.
    pub fn start(role: &Role<'_>, codec: &str, srtp: bool) -> Self {
        let folder = Folder::new("baresip");
        let (port, rtp) = (free_port(), free_port());
        let echo = match role {
            Role::Answers => "module_app echo.so\n",
            Role::Calls(_) => "module_app menu.so\n",
        };
        let config = format!(
            "poll_method epoll\nsip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\n\
             audio_player aubridge,loop\naudio_source aubridge,loop\naudio_channels 1\n\
             rtp_ports {rtp}-{}\nopus_bitrate 64000\nopus_stereo no\nopus_sprop_stereo no\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule opus.so\n\
             module aubridge.so\nmodule srtp.so\nmodule_app account.so\n{echo}",
            rtp + 3,
        );
        fs::write(folder.path("config"), config).unwrap();
        let secure = if srtp { ";mediaenc=srtp-mand" } else { "" };
        fs::write(
            folder.path("accounts"),
            format!("<sip:peer@127.0.0.1:{port}>;regint=0;audio_codecs={codec}{secure}\n"),
        )
        .unwrap();
        fs::write(folder.path("contacts"), "").unwrap();
        let mut command = Command::new("baresip");
        command.arg("-f").arg(folder.path(""));
        if let Role::Calls(target) = role {
            command.arg("-e").arg(format!("dsip:bench@{target}"));
        }
        let running = Running::start(command, &folder);
        running.wait_for("baresip is ready", Duration::from_secs(20));
        Self { running, _folder: folder, uri: format!("sip:peer@127.0.0.1:{port}") }
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("baresip said:\n{}", self.running.text());
        }
    }
}
