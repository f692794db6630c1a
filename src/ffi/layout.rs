//! Where every field of every struct stands: the same on all targets, checked when this compiles,
//! and by the C compilers through `tests/c_abi.rs`, which writes a file of assertions from
//! [`LAYOUT`].
//!
//! A field of eight bytes stands at a multiple of eight, a pointer takes eight bytes with its
//! padding, and there are no gaps: so alignment rules cannot move anything.

use std::mem::{offset_of, size_of};

use super::{
    account::sidetone_account_config,
    account_read::sidetone_account_info,
    audio::{sidetone_audio, sidetone_audio_levels, sidetone_device_info},
    call::{sidetone_answer_options, sidetone_dial_options},
    call_read::sidetone_call_info,
    engine::sidetone_engine_config,
    event::sidetone_event,
    files::sidetone_play_options,
    health::sidetone_engine_health,
    inject::{sidetone_inject_info, sidetone_inject_options},
    presence::sidetone_presence,
    request::{sidetone_sip_answer, sidetone_sip_request},
    services::sidetone_account_services,
    stats::{sidetone_call_stats, sidetone_engine_stats},
    strings::{sidetone_body_part, sidetone_header, sidetone_headers, sidetone_text},
    subscription::sidetone_subscription_options,
    subscription_read::{sidetone_subscription_info, sidetone_watched_dialog},
    tap::{sidetone_tap_frame, sidetone_tap_info, sidetone_tap_options},
};

/// A struct: name, size, and its fields with their offsets.
pub type Layout = (&'static str, usize, &'static [(&'static str, usize)]);

/// The reserved fields of a struct, with their offsets.
pub(super) fn reserved_of(name: &str) -> impl Iterator<Item = (&'static str, usize)> {
    let of_name = LAYOUT.iter().filter(move |(known, ..)| *known == name);
    let fields = of_name.flat_map(|(.., fields)| fields.iter().copied());
    fields.filter(|(field, _)| field.starts_with("reserved"))
}

/// Whether a struct of `size` bytes ends within one of its fields: no version of the struct does, and
/// half a pointer is none.
pub(super) fn cuts_a_field(name: &str, size: usize) -> bool {
    let of_name = LAYOUT.iter().find(|(known, ..)| *known == name);
    of_name.is_some_and(|(_, whole, fields)| {
        size < *whole && fields.iter().all(|(_, offset)| *offset != size)
    })
}

macro_rules! layouts {
    ($($name:ident: $size:literal { $($field:ident: $offset:literal,)* })*) => {
        $(const _: () = {
            assert!(size_of::<$name>() == $size);
            $(assert!(offset_of!($name, $field) == $offset);)*
        };)*

        /// Every struct of the ABI.
        pub const LAYOUT: &[Layout] =
            &[$((stringify!($name), $size, &[$((stringify!($field), $offset),)*]),)*];
    };
}

layouts! {
    sidetone_text: 16 { data: 0, length: 8, reserved: 12, }
    sidetone_header: 32 { name: 0, value: 16, }
    sidetone_headers: 16 { data: 0, count: 8, reserved: 12, }
    sidetone_body_part: 32 { content_type: 0, body: 16, }
    sidetone_engine_config: 312 {
        size: 0, sip_port: 4, user_agent: 8, bind: 24, rtp_port_first: 40, rtp_port_last: 44,
        max_calls: 48, max_accounts: 52, media_workers: 56, accept_unknown: 60, t1_ms: 64,
        t2_ms: 68, t4_ms: 72, min_registration_ms: 76, min_session_ms: 80, retry_base_ms: 84,
        retry_max_ms: 88, max_calls_per_minute: 92, seed: 96, audio_kind: 104, audio_repeat: 108,
        microphone: 112, loudspeaker: 128, dns_server: 144, avoid_ms: 160, avoid_max_ms: 164,
        tls_ca_file: 168, tls_certificate_file: 184, tls_key_file: 200, websocket_path: 216,
        tls_verify: 232, tls_listen: 236, tls_port: 240, sip_dscp: 244, rtp_dscp: 248,
        keep_alive_stream_ms: 252, keep_alive_udp_ms: 256, keep_alive_udp: 260,
        keep_alive_answer_ms: 264, tcp_above_bytes: 268, host_methods: 272, message_types: 288,
        max_message_bytes: 304, max_subscriptions: 308,
    }
    sidetone_audio: 48 {
        size: 0, kind: 4, microphone: 8, loudspeaker: 24, repeat: 40, reserved: 44,
    }
    sidetone_account_config: 408 {
        size: 0, transport: 4, aor: 8, display_name: 24, registrar: 40, auth_user: 56,
        password: 72, outbound_proxy: 88, local_port: 104, rtp_port_first: 108,
        rtp_port_last: 112, expires_s: 116, register_on_add: 120, ptime_ms: 124, srtp: 128,
        dtmf: 132, latch: 136, reserved: 140, codecs: 144, srtp_suites: 208, headers: 272,
        instance_id: 288, outbound: 304, gruu: 308,
        public_address: 312, learn_contact: 328, reserved_2: 332,
        hold_music: 336, early_media: 352, prack: 356, offer: 360, session_expires_s: 364,
        realms: 368, opus_complexity: 384, opus_bitrate_bps: 388, opus_bandwidth: 392,
        opus_fec: 396, opus_dtx: 400, reserved_3: 404,
    }
    sidetone_account_info: 24 {
        size: 0, state: 4, sip_code: 8, expires_s: 12, reach: 16, reserved: 20,
    }
    sidetone_account_services: 240 {
        size: 0, do_not_disturb: 4, call_waiting: 8, max_calls: 12, forward_always: 16,
        forward_busy: 32, forward_no_answer: 48, forward_after_ms: 64, auto_answer: 68,
        auto_answer_delay_ms: 72, transfer: 76, auto_answer_callers: 80, redirect: 96,
        redirect_hops: 100, trust_identity: 104, anonymous: 108, preferred_identity: 112,
        asserted_identity: 128, remote_party_id: 144, ring_time_ms: 148, max_duration_s: 152,
        dead_media_ms: 156, dial_plan: 160, country_code: 176, international_prefix: 192,
        national_prefix: 208, plus: 224,
    }
    sidetone_dial_options: 144 {
        size: 0, srtp: 4, ptime_ms: 8, no_answer_ms: 12, codecs: 16, headers: 80,
        anonymous: 96, max_duration_s: 100, early_media: 104, prack: 108, offer: 112,
        reserved: 116, opus_complexity: 120, opus_bitrate_bps: 124, opus_bandwidth: 128,
        opus_fec: 132, opus_dtx: 136, reserved_2: 140,
    }
    sidetone_answer_options: 24 { size: 0, reserved: 4, headers: 8, }
    sidetone_call_info: 72 {
        size: 0, state: 4, account: 8, outgoing: 16, sip_code: 20, codec: 24, ptime_ms: 28,
        direction: 32, srtp_suite: 36, latch: 40, muted: 44, connected_ms: 48, setup_ms: 56,
        hold: 64, reserved: 68,
    }
    sidetone_play_options: 16 { size: 0, repeat: 4, gain_db: 8, reserved: 12, }
    sidetone_tap_options: 24 {
        size: 0, direction: 4, sample_rate_hz: 8, frame_ms: 12, buffer_ms: 16, reserved: 20,
    }
    sidetone_tap_frame: 40 {
        size: 0, samples: 4, timestamp: 8, time_ns: 16, dropped: 24, flags: 32, reserved: 36,
    }
    sidetone_tap_info: 24 { size: 0, frame_samples: 4, waiting: 8, ended: 12, dropped: 16, }
    sidetone_inject_options: 16 { size: 0, direction: 4, sample_rate_hz: 8, buffer_ms: 12, }
    sidetone_inject_info: 40 {
        size: 0, ended: 4, queued: 8, played: 16, underruns: 24, dropped: 32,
    }
    sidetone_device_info: 8 { size: 0, flags: 4, }
    sidetone_audio_levels: 16 { size: 0, valid: 4, microphone_db: 8, loudspeaker_db: 12, }
    sidetone_call_stats: 160 {
        size: 0, valid: 4, packets_sent: 8, bytes_sent: 16, packets_received: 24,
        bytes_received: 32, packets_lost: 40, packets_late: 48, packets_duplicate: 56,
        packets_discarded: 64, srtp_failures: 72, played_ms: 80, concealed_ms: 88,
        accelerated_ms: 96, stretched_ms: 104, jitter_ms: 112, round_trip_ms: 116,
        remote_loss: 120, remote_jitter_ms: 124, target_delay_ms: 128, playout_delay_ms: 132,
        concealed: 136, level_received_db: 140, level_sent_db: 144, r_factor: 148, mos: 152,
        send_deviation_max_ms: 156,
    }
    sidetone_engine_stats: 96 {
        size: 0, calls: 4, ticks: 8, late_ticks: 16, sip_received: 24, sip_dropped: 32,
        events_lost: 40, log_lost: 48, device_underruns: 56, sip_over_rate: 64,
        sip_over_limit: 72, sip_unreachable: 80, microphone_lost: 88,
    }
    sidetone_engine_health: 88 {
        size: 0, workers: 4, playback_callbacks: 8, capture_callbacks: 16, deadline_misses: 24,
        rounds: 32, late_rounds: 40, callback_p50_us: 48, callback_p99_us: 52,
        callback_max_us: 56, round_late_p50_us: 60, round_late_p99_us: 64, round_late_max_us: 68,
        worker_priority: 72, worker_error: 76, callback_priority: 80, callback_error: 84,
    }
    sidetone_sip_request: 72 {
        size: 0, reserved: 4, method: 8, content_type: 24, body: 40, headers: 56,
    }
    sidetone_sip_answer: 72 {
        size: 0, sip_code: 4, reason: 8, content_type: 24, body: 40, headers: 56,
    }
    sidetone_event: 344 {
        size: 0, kind: 4, sequence: 8, time_ns: 16, account: 24, call: 32, request: 40, state: 48,
        status: 52, sip_code: 56, duration_ms: 60, expires_s: 64, codec: 68, srtp_suite: 72,
        digit: 76, count: 80, text: 88, from: 104, display_name: 120, to: 136, path: 152,
        loudspeaker: 168, microphone: 184, end: 200, q850_cause: 204, reason_sip_code: 208,
        flags: 212, reason: 216, transaction: 232, subscription: 240, publication: 248,
        voice_new: 256, voice_old: 260, activity: 264, method: 280, content_type: 296, body: 312,
        headers: 328,
    }
    sidetone_subscription_options: 48 {
        size: 0, package: 4, expires_s: 8, reserved: 12, event: 16, accept: 32,
    }
    sidetone_subscription_info: 48 {
        size: 0, state: 4, sip_code: 8, expires_s: 12, lamp: 16, dialogs: 20, presence: 24,
        messages_waiting: 28, voice_new: 32, voice_old: 36, voice_urgent_new: 40,
        voice_urgent_old: 44,
    }
    sidetone_watched_dialog: 16 {
        size: 0, state: 4, direction: 8, held: 12,
    }
    sidetone_presence: 40 {
        size: 0, open: 4, activity: 8, note: 24,
    }
}
