//! Two engines in one call.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    engine::{
        AccountConfig, AudioPolicy, CallState, CallStats, DialOptions, EngineConfig, Error,
        ErrorKind, EventKind, SipTransport, SrtpPolicy,
    },
};

use crate::live::Live;

/// Alice has called Bob.
pub struct Pair {
    /// The caller.
    pub alice: Engine,
    /// The one who answered.
    pub bob: Engine,
    /// The call at the caller's.
    pub alices_call: CallId,
    /// The call at the other's.
    pub bobs_call: CallId,
}

impl Pair {
    /// Makes both and lets Alice call what `way` makes of Bob's address: that itself, or something
    /// between them.
    pub fn connect(
        codec: CodecKind,
        alice: AudioPolicy,
        bob: AudioPolicy,
        way: impl FnOnce(SocketAddr) -> SocketAddr,
    ) -> Result<Self, Error> {
        let (alice, bob) = (engine(codec, alice)?, engine(codec, bob)?);
        let address = way(bob.local_address(SipTransport::Udp)?);
        let account = alice.accounts().first().copied();
        let target = format!("sip:bob@{address}");
        let alices_call = alice.dial(account, &target, DialOptions::default(), None)?;
        let mut bobs_call = None;
        let until = Instant::now() + Duration::from_secs(10);
        while alice.call_info(alices_call)?.state != CallState::Connected {
            if Instant::now() > until {
                return Err(Error::new(
                    ErrorKind::NoAnswer,
                    "the two engines did not come together within 10 s",
                ));
            }
            let event = bob.next_event(Some(Duration::from_millis(10)))?;
            if let Some(EventKind::IncomingCall { call, .. }) = event.map(|e| e.kind) {
                bobs_call = Some(call);
                bob.answer(call, Vec::new(), None)?;
            }
        }
        let bobs_call = bobs_call
            .ok_or_else(|| Error::new(ErrorKind::Internal, "connected without a call at bob's"))?;
        Ok(Self { alice, bob, alices_call, bobs_call })
    }

    /// The port from which Alice's packets leave.
    pub fn alices_port(&self) -> Result<u16, Error> {
        Ok(port(&self.alice.call_info(self.alices_call)?.local_rtp))
    }

    /// The port from which they come to Bob: Alice's, or that of what is between.
    pub fn port_towards_bob(&self) -> Result<u16, Error> {
        Ok(port(&self.bob.call_info(self.bobs_call)?.remote_rtp))
    }

    /// Lets the call run for `length`, and tells of it meanwhile.
    pub fn run_for(&self, length: Duration, live: &Live) -> Result<(), Error> {
        let began = Instant::now();
        while let Some(left) = length.checked_sub(began.elapsed()) {
            self.tell(began.elapsed(), length, live);
            self.alice.next_event(Some(left.min(Duration::from_millis(250))))?;
        }
        Ok(())
    }

    /// Tells how the call does at Bob's.
    pub fn tell(&self, done: Duration, of: Duration, live: &Live) {
        if live.is_shown()
            && let Ok(stats) = self.bob.call_stats(self.bobs_call)
        {
            live.say(done.as_millis() as u64, of.as_millis() as u64, so_far(&stats));
        }
    }

    /// Hangs up, and lets both engines write their files to the end.
    pub fn end(&self) -> Result<(), Error> {
        self.alice.hangup(self.alices_call, None)?;
        self.alice.shutdown(Duration::from_secs(2));
        self.bob.shutdown(Duration::from_secs(2));
        Ok(())
    }
}

fn port(address: &str) -> u16 {
    address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0)
}

fn so_far(stats: &CallStats) -> String {
    let mut text = format!("{} packets", stats.packets_received);
    if let Some(lost) = stats.packets_lost.filter(|lost| *lost > 0) {
        text += &format!(", {lost} lost");
    }
    let told = [
        ("jitter", stats.jitter_ms, "ms"),
        ("playout delay", stats.playout_delay_ms, "ms"),
        ("MOS", stats.mos, ""),
    ];
    for (name, value, unit) in told {
        if let Some(value) = value {
            text += &format!(", {name} {value:.1} {unit}");
        }
    }
    text.trim_end().to_owned()
}

fn engine(codec: CodecKind, audio: AudioPolicy) -> Result<Engine, Error> {
    let engine = Engine::new(EngineConfig {
        bind: [127, 0, 0, 1].into(),
        audio,
        ..EngineConfig::default()
    })?;
    let account = AccountConfig {
        aor: "sip:bench@127.0.0.1".into(),
        codecs: vec![codec],
        srtp: SrtpPolicy::Off,
        ..AccountConfig::default()
    };
    engine.account_add(account, None)?;
    Ok(engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_known_and_no_more() {
        let mut stats = CallStats { packets_received: 7, ..CallStats::default() };
        assert_eq!(so_far(&stats), "7 packets");
        stats.packets_lost = Some(2);
        stats.jitter_ms = Some(1.25);
        stats.mos = Some(4.41);
        assert_eq!(so_far(&stats), "7 packets, 2 lost, jitter 1.2 ms, MOS 4.4");
    }
}
