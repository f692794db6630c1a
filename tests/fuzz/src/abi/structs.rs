//! The structs that the host passes.

use std::ptr::null;

use sidetone::ffi::{
    account::sidetone_account_config,
    audio::{SIDETONE_AUDIO_DEVICES, sidetone_audio},
    call::{sidetone_answer_options, sidetone_dial_options},
    engine::sidetone_engine_config,
    files::sidetone_play_options,
    strings::sidetone_text,
};

use super::{
    host::{Host, defaults},
    memory::{field_of, size},
};

impl Host<'_> {
    /// A number that is mostly one that is legal.
    pub(super) fn choice(&mut self, legal: u32) -> u32 {
        match self.input.byte() {
            byte @ 0..0xf8 => u32::from(byte) % (legal + 1),
            _ => u32::from_le_bytes(self.input.array()),
        }
    }

    fn list(&mut self, legal: u32) -> [u32; 16] {
        let count = usize::from(self.input.byte() & 15);
        std::array::from_fn(|index| if index < count { self.choice(legal) } else { 0 })
    }

    pub(super) fn account_config(&mut self) -> *const sidetone_account_config {
        let config = sidetone_account_config {
            size: 0,
            transport: self.choice(3),
            aor: self.memory.field(&mut self.input),
            display_name: self.memory.field(&mut self.input),
            registrar: self.memory.field(&mut self.input),
            auth_user: self.memory.field(&mut self.input),
            password: self.memory.field(&mut self.input),
            outbound_proxy: self.memory.field(&mut self.input),
            local_port: if self.input.byte() < 0xf0 { 0 } else { self.choice(70_000) },
            rtp_port_first: if self.input.byte() < 0xf0 { 0 } else { self.choice(70_000) },
            rtp_port_last: if self.input.byte() < 0xf0 { 0 } else { self.choice(70_000) },
            expires_s: self.choice(300),
            register_on_add: self.choice(1),
            ptime_ms: self.choice(7).wrapping_mul(10),
            srtp: self.choice(3),
            dtmf: self.choice(3),
            latch: self.choice(3),
            reserved: self.choice(0),
            codecs: self.list(4),
            srtp_suites: self.list(6),
            headers: self.memory.headers(&mut self.input),
            instance_id: self.memory.field(&mut self.input),
            outbound: self.choice(3),
            gruu: self.choice(3),
            public_address: self.memory.field(&mut self.input),
            learn_contact: self.choice(1),
            reserved_2: self.choice(0),
            hold_music: field_of(self.path()),
            early_media: self.choice(4),
            prack: self.choice(3),
            offer: self.choice(2),
            session_expires_s: self.choice(300),
            realms: self.memory.field(&mut self.input),
            opus_complexity: self.choice(10),
            opus_bitrate_bps: self.choice(200).wrapping_mul(6_000),
            opus_bandwidth: self.choice(5),
            opus_fec: self.choice(2),
            opus_dtx: self.choice(2),
            reserved_3: self.choice(0),
        };
        let size = size::<sidetone_account_config>(&mut self.input);
        self.memory.sized(size, &config)
    }

    pub(super) fn engine_config(&mut self) -> *const sidetone_engine_config {
        let mut config = defaults();
        config.bind = field_of(self.memory.terminated(b"127.0.0.1"));
        config.user_agent = self.memory.field(&mut self.input);
        config.max_calls = self.choice(20);
        config.max_accounts = self.choice(20);
        config.media_workers = 1 + self.choice(2) % 4;
        config.accept_unknown = self.choice(1);
        config.t1_ms = self.choice(1000);
        config.t2_ms = self.choice(1000);
        config.min_session_ms = self.choice(100_000);
        config.seed = self.input.byte().into();
        // Names are not to leave the machine.
        config.dns_server = field_of(self.memory.terminated(b"127.0.0.1:9"));
        (config.audio_kind, config.microphone, config.loudspeaker) = self.audio_fields();
        let size = size::<sidetone_engine_config>(&mut self.input);
        self.memory.sized(size, &config)
    }

    /// Never sound cards: what they do is not ours to test here.
    fn audio_fields(&mut self) -> (u32, sidetone_text, sidetone_text) {
        let kind = self.choice(3);
        let paths = (field_of(self.path()), field_of(self.path()));
        (if kind == SIDETONE_AUDIO_DEVICES { 0 } else { kind }, paths.0, paths.1)
    }

    pub(super) fn audio(&mut self) -> *const sidetone_audio {
        let (kind, microphone, loudspeaker) = self.audio_fields();
        let repeat = self.choice(1);
        let audio = sidetone_audio { size: 0, kind, microphone, loudspeaker, repeat, reserved: 0 };
        let size = size::<sidetone_audio>(&mut self.input);
        self.memory.sized(size, &audio)
    }

    pub(super) fn dial_options(&mut self) -> *const sidetone_dial_options {
        if self.input.byte() & 1 == 0 {
            return null();
        }
        let options = sidetone_dial_options {
            size: 0,
            srtp: self.choice(3),
            ptime_ms: self.choice(7).wrapping_mul(10),
            no_answer_ms: self.choice(100),
            codecs: self.list(4),
            headers: self.memory.headers(&mut self.input),
            anonymous: self.choice(1),
            max_duration_s: self.choice(100),
            early_media: self.choice(4),
            prack: self.choice(3),
            offer: self.choice(2),
            reserved: self.choice(0),
            opus_complexity: self.choice(10),
            opus_bitrate_bps: self.choice(200).wrapping_mul(6_000),
            opus_bandwidth: self.choice(5),
            opus_fec: self.choice(2),
            opus_dtx: self.choice(2),
            reserved_2: self.choice(0),
        };
        let size = size::<sidetone_dial_options>(&mut self.input);
        self.memory.sized(size, &options)
    }

    pub(super) fn answer_options(&mut self) -> *const sidetone_answer_options {
        if self.input.byte() & 1 == 0 {
            return null();
        }
        let headers = self.memory.headers(&mut self.input);
        let options = sidetone_answer_options { size: 0, reserved: 0, headers };
        let size = size::<sidetone_answer_options>(&mut self.input);
        self.memory.sized(size, &options)
    }

    pub(super) fn play_options(&mut self) -> *const sidetone_play_options {
        if self.input.byte() & 1 == 0 {
            return null();
        }
        let (repeat, gain_db) = (self.choice(1), self.float());
        let options = sidetone_play_options { size: 0, repeat, gain_db, reserved: 0 };
        let size = size::<sidetone_play_options>(&mut self.input);
        self.memory.sized(size, &options)
    }
}
