//! A case of the matrix: a scenario, our settings, and what our host does.

use sidetone::{
    base::plan::CodecKind,
    engine::{AccountConfig, EngineConfig, SrtpPolicy, services::AccountServices},
};

use super::scene::Scene;

/// Who begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// sipp turns to us.
    Called,
    /// We turn to sipp.
    Calling,
}

/// One row of the matrix.
#[derive(Clone, Copy)]
pub struct Case {
    /// Name of the file in `tests/sipp`, without `.xml`.
    pub scenario: &'static str,
    /// Who begins.
    pub role: Role,
    /// Further arguments of sipp.
    pub sipp: &'static [&'static str],
    /// Changes of the engine's settings.
    pub engine: fn(&mut EngineConfig),
    /// Changes of the account's.
    pub account: fn(&mut AccountConfig),
    /// Changes of what the account does by itself.
    pub services: fn(&mut AccountServices),
    /// What the host does before sipp starts.
    pub first: fn(&mut Scene),
    /// What the host does and what it must hear.
    pub host: fn(&mut Scene),
}

/// sipp calls us.
pub const fn called(scenario: &'static str, host: fn(&mut Scene)) -> Case {
    Case {
        scenario,
        role: Role::Called,
        sipp: &[],
        engine: |_| {},
        account: |_| {},
        services: |_| {},
        first: |_| {},
        host,
    }
}

/// We call sipp, or register with it.
pub const fn calling(scenario: &'static str, host: fn(&mut Scene)) -> Case {
    Case { role: Role::Calling, ..called(scenario, host) }
}

impl Case {
    /// With these arguments of sipp.
    pub const fn sipp(self, sipp: &'static [&'static str]) -> Self {
        Self { sipp, ..self }
    }

    /// With these settings of the engine.
    pub const fn engine(self, engine: fn(&mut EngineConfig)) -> Self {
        Self { engine, ..self }
    }

    /// With these settings of the account.
    pub const fn account(self, account: fn(&mut AccountConfig)) -> Self {
        Self { account, ..self }
    }

    /// With the account doing so by itself.
    pub const fn services(self, services: fn(&mut AccountServices)) -> Self {
        Self { services, ..self }
    }

    /// With this done before sipp starts.
    pub const fn first(self, first: fn(&mut Scene)) -> Self {
        Self { first, ..self }
    }

    /// Whether it runs over TCP.
    pub fn is_tcp(&self) -> bool {
        self.sipp.contains(&"t1")
    }
}

/// Alice, who speaks PCMU in clear, as her settings are before a case changes them.
pub fn alice() -> AccountConfig {
    AccountConfig {
        aor: "sip:alice@127.0.0.1".into(),
        codecs: vec![CodecKind::Pcmu],
        srtp: SrtpPolicy::Off,
        ..AccountConfig::default()
    }
}
