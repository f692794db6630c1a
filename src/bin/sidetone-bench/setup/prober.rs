//! Calls at leisure beside a load, to see how long an answer takes.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use sidetone::base::plan::CodecKind;

use crate::probe::sip::Caller;

/// Places calls one after the other.
pub struct Prober {
    caller: Caller,
    // Its port is where the phone sends its media.
    _rtp: UdpSocket,
}

impl Prober {
    /// For the phone at `target`.
    pub fn new(target: SocketAddr) -> io::Result<Self> {
        let rtp = UdpSocket::bind((target.ip(), 0))?;
        let caller = Caller::new(target, rtp.local_addr()?, CodecKind::Pcmu, false)?;
        Ok(Self { caller, _rtp: rtp })
    }

    /// One call, hung up at once: INVITE to 200.
    pub fn call(&mut self) -> io::Result<Duration> {
        let dialog = self.caller.dial("bench")?;
        self.caller.hang_up(&dialog)?;
        Ok(dialog.setup)
    }

    /// Calls every `interval` while `wanted`, which is told the times so far. Gives INVITE to 200 of
    /// each, ms, and how many had no answer.
    pub fn run_while(
        &mut self,
        interval: Duration,
        wanted: impl Fn(&[f64]) -> bool,
    ) -> (Vec<f64>, u64) {
        let (mut setup_ms, mut refused) = (Vec::new(), 0);
        let mut next = Instant::now();
        while wanted(&setup_ms) {
            match self.call() {
                Ok(setup) => setup_ms.push(setup.as_secs_f64() * 1000.0),
                Err(_) => refused += 1,
            }
            next += interval;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        (setup_ms, refused)
    }
}
