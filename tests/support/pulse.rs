//! A PulseAudio server of a test's own, with null sinks, in a folder of its own.

use std::{
    io,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// A running server; dropping it ends it.
pub struct PulseServer {
    child: Child,
    runtime: PathBuf,
}

impl PulseServer {
    /// Starts a server with the null sinks `sinks` (48 kHz, stereo), the first of them the default,
    /// its monitor the default microphone. `folder` holds its socket and home.
    pub fn start(folder: &Path, sinks: &[&str]) -> io::Result<Self> {
        let runtime = folder.to_owned();
        std::fs::create_dir_all(&runtime)?;
        std::fs::set_permissions(&runtime, PermissionsExt::from_mode(0o700))?;
        let mut command = Command::new("pulseaudio");
        command
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no"])
            .args(["--high-priority=no", "--disallow-exit=yes", "--log-target=stderr"])
            .args(["-L", "module-native-protocol-unix auth-anonymous=1"])
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("HOME", &runtime)
            .env_remove("PULSE_SERVER")
            .env_remove("PULSE_RUNTIME_PATH")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(std::fs::File::create(folder.join("pulseaudio.log"))?));
        for sink in sinks {
            // Without norewinds the first gap is up to two seconds.
            let module = format!(
                "module-null-sink sink_name={sink} rate=48000 channels=2 norewinds=1 \
                 sink_properties=device.description={sink}"
            );
            command.args(["-L", &module]);
        }
        let child = command.spawn().map_err(|error| {
            io::Error::new(error.kind(), format!("pulseaudio does not start ({error}); install it"))
        })?;
        let server = Self { child, runtime };
        server.wait_until_it_answers()?;
        server.raise_priority();
        if let Some(first) = sinks.first() {
            server.control(&["set-default-sink", first])?;
            server.control(&["set-default-source", &format!("{first}.monitor")])?;
        }
        Ok(server)
    }

    /// Runs `pactl` against this server.
    pub fn control(&self, arguments: &[&str]) -> io::Result<Output> {
        let output = Command::new("pactl")
            .args(arguments)
            .env("XDG_RUNTIME_DIR", &self.runtime)
            .env("HOME", &self.runtime)
            .env_remove("PULSE_SERVER")
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(format!("pactl {arguments:?}: {output:?}")));
        }
        Ok(output)
    }

    /// The socket is there before the sinks are: asks until the server has them all.
    fn wait_until_it_answers(&self) -> io::Result<()> {
        let socket = self.runtime.join("pulse/native");
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = UnixStream::connect(&socket).and_then(|_| self.control(&["info"]));
            match answer {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Real-time scheduling, where the user may: without it a busy machine tears the sound.
    fn raise_priority(&self) {
        let _ = Command::new("chrt")
            .args(["-f", "-a", "-p", "50", &self.child.id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

impl Drop for PulseServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
