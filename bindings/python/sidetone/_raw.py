"""The functions and structs of sidetone.h for ctypes.

Written by tests/bindings.rs from include/sidetone.h; change it there.
"""

import ctypes
from typing import Any, Dict, List, Tuple

from ._numbers import Float, I32, U32, U64, pointer


class sidetone_text(ctypes.Structure):
    _fields_ = [
        *pointer("data"),
        ("length", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_header(ctypes.Structure):
    _fields_ = [
        ("name", sidetone_text),
        ("value", sidetone_text),
    ]


class sidetone_headers(ctypes.Structure):
    _fields_ = [
        *pointer("data"),
        ("count", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_body_part(ctypes.Structure):
    _fields_ = [
        ("content_type", sidetone_text),
        ("body", sidetone_text),
    ]


class sidetone_engine_config(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("sip_port", ctypes.c_uint32),
        ("user_agent", sidetone_text),
        ("bind", sidetone_text),
        ("rtp_port_first", ctypes.c_uint32),
        ("rtp_port_last", ctypes.c_uint32),
        ("max_calls", ctypes.c_uint32),
        ("max_accounts", ctypes.c_uint32),
        ("media_workers", ctypes.c_uint32),
        ("accept_unknown", ctypes.c_uint32),
        ("t1_ms", ctypes.c_uint32),
        ("t2_ms", ctypes.c_uint32),
        ("t4_ms", ctypes.c_uint32),
        ("min_registration_ms", ctypes.c_uint32),
        ("min_session_ms", ctypes.c_uint32),
        ("retry_base_ms", ctypes.c_uint32),
        ("retry_max_ms", ctypes.c_uint32),
        ("max_calls_per_minute", ctypes.c_uint32),
        ("seed", ctypes.c_uint64),
        ("audio_kind", ctypes.c_uint32),
        ("audio_repeat", ctypes.c_uint32),
        ("microphone", sidetone_text),
        ("loudspeaker", sidetone_text),
        ("dns_server", sidetone_text),
        ("avoid_ms", ctypes.c_uint32),
        ("avoid_max_ms", ctypes.c_uint32),
        ("tls_ca_file", sidetone_text),
        ("tls_certificate_file", sidetone_text),
        ("tls_key_file", sidetone_text),
        ("websocket_path", sidetone_text),
        ("tls_verify", ctypes.c_uint32),
        ("tls_listen", ctypes.c_uint32),
        ("tls_port", ctypes.c_uint32),
        ("sip_dscp", ctypes.c_uint32),
        ("rtp_dscp", ctypes.c_uint32),
        ("keep_alive_stream_ms", ctypes.c_uint32),
        ("keep_alive_udp_ms", ctypes.c_uint32),
        ("keep_alive_udp", ctypes.c_uint32),
        ("keep_alive_answer_ms", ctypes.c_uint32),
        ("tcp_above_bytes", ctypes.c_uint32),
        ("host_methods", sidetone_text),
        ("message_types", sidetone_text),
        ("max_message_bytes", ctypes.c_uint32),
        ("max_subscriptions", ctypes.c_uint32),
    ]


class sidetone_account_config(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("transport", ctypes.c_uint32),
        ("aor", sidetone_text),
        ("display_name", sidetone_text),
        ("registrar", sidetone_text),
        ("auth_user", sidetone_text),
        ("password", sidetone_text),
        ("outbound_proxy", sidetone_text),
        ("local_port", ctypes.c_uint32),
        ("rtp_port_first", ctypes.c_uint32),
        ("rtp_port_last", ctypes.c_uint32),
        ("expires_s", ctypes.c_uint32),
        ("register_on_add", ctypes.c_uint32),
        ("ptime_ms", ctypes.c_uint32),
        ("srtp", ctypes.c_uint32),
        ("dtmf", ctypes.c_uint32),
        ("latch", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("codecs", ctypes.c_uint32 * 16),
        ("srtp_suites", ctypes.c_uint32 * 16),
        ("headers", sidetone_headers),
        ("instance_id", sidetone_text),
        ("outbound", ctypes.c_uint32),
        ("gruu", ctypes.c_uint32),
        ("public_address", sidetone_text),
        ("learn_contact", ctypes.c_uint32),
        ("reserved_2", ctypes.c_uint32),
        ("hold_music", sidetone_text),
        ("early_media", ctypes.c_uint32),
        ("prack", ctypes.c_uint32),
        ("offer", ctypes.c_uint32),
        ("session_expires_s", ctypes.c_uint32),
        ("realms", sidetone_text),
        ("opus_complexity", ctypes.c_uint32),
        ("opus_bitrate_bps", ctypes.c_uint32),
        ("opus_bandwidth", ctypes.c_uint32),
        ("opus_fec", ctypes.c_uint32),
        ("opus_dtx", ctypes.c_uint32),
        ("reserved_3", ctypes.c_uint32),
    ]


class sidetone_account_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("sip_code", ctypes.c_uint32),
        ("expires_s", ctypes.c_uint32),
        ("reach", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_dial_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("srtp", ctypes.c_uint32),
        ("ptime_ms", ctypes.c_uint32),
        ("no_answer_ms", ctypes.c_uint32),
        ("codecs", ctypes.c_uint32 * 16),
        ("headers", sidetone_headers),
        ("anonymous", ctypes.c_uint32),
        ("max_duration_s", ctypes.c_uint32),
        ("early_media", ctypes.c_uint32),
        ("prack", ctypes.c_uint32),
        ("offer", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("opus_complexity", ctypes.c_uint32),
        ("opus_bitrate_bps", ctypes.c_uint32),
        ("opus_bandwidth", ctypes.c_uint32),
        ("opus_fec", ctypes.c_uint32),
        ("opus_dtx", ctypes.c_uint32),
        ("reserved_2", ctypes.c_uint32),
    ]


class sidetone_answer_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("headers", sidetone_headers),
    ]


class sidetone_call_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("account", ctypes.c_uint64),
        ("outgoing", ctypes.c_uint32),
        ("sip_code", ctypes.c_uint32),
        ("codec", ctypes.c_uint32),
        ("ptime_ms", ctypes.c_uint32),
        ("direction", ctypes.c_uint32),
        ("srtp_suite", ctypes.c_uint32),
        ("latch", ctypes.c_uint32),
        ("muted", ctypes.c_uint32),
        ("connected_ms", ctypes.c_uint64),
        ("setup_ms", ctypes.c_uint64),
        ("hold", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_account_services(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("do_not_disturb", ctypes.c_uint32),
        ("call_waiting", ctypes.c_uint32),
        ("max_calls", ctypes.c_uint32),
        ("forward_always", sidetone_text),
        ("forward_busy", sidetone_text),
        ("forward_no_answer", sidetone_text),
        ("forward_after_ms", ctypes.c_uint32),
        ("auto_answer", ctypes.c_uint32),
        ("auto_answer_delay_ms", ctypes.c_uint32),
        ("transfer", ctypes.c_uint32),
        ("auto_answer_callers", sidetone_text),
        ("redirect", ctypes.c_uint32),
        ("redirect_hops", ctypes.c_uint32),
        ("trust_identity", ctypes.c_uint32),
        ("anonymous", ctypes.c_uint32),
        ("preferred_identity", sidetone_text),
        ("asserted_identity", sidetone_text),
        ("remote_party_id", ctypes.c_uint32),
        ("ring_time_ms", ctypes.c_uint32),
        ("max_duration_s", ctypes.c_uint32),
        ("dead_media_ms", ctypes.c_uint32),
        ("dial_plan", sidetone_text),
        ("country_code", sidetone_text),
        ("international_prefix", sidetone_text),
        ("national_prefix", sidetone_text),
        ("plus", sidetone_text),
    ]


class sidetone_play_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("repeat", ctypes.c_uint32),
        ("gain_db", ctypes.c_float),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_tap_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("direction", ctypes.c_uint32),
        ("sample_rate_hz", ctypes.c_uint32),
        ("frame_ms", ctypes.c_uint32),
        ("buffer_ms", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_tap_frame(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("samples", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint64),
        ("time_ns", ctypes.c_uint64),
        ("dropped", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_tap_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("frame_samples", ctypes.c_uint32),
        ("waiting", ctypes.c_uint32),
        ("ended", ctypes.c_uint32),
        ("dropped", ctypes.c_uint64),
    ]


class sidetone_inject_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("direction", ctypes.c_uint32),
        ("sample_rate_hz", ctypes.c_uint32),
        ("buffer_ms", ctypes.c_uint32),
    ]


class sidetone_inject_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("ended", ctypes.c_uint32),
        ("queued", ctypes.c_uint64),
        ("played", ctypes.c_uint64),
        ("underruns", ctypes.c_uint64),
        ("dropped", ctypes.c_uint64),
    ]


class sidetone_sip_request(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("method", sidetone_text),
        ("content_type", sidetone_text),
        ("body", sidetone_text),
        ("headers", sidetone_headers),
    ]


class sidetone_sip_answer(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("sip_code", ctypes.c_uint32),
        ("reason", sidetone_text),
        ("content_type", sidetone_text),
        ("body", sidetone_text),
        ("headers", sidetone_headers),
    ]


class sidetone_subscription_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("package", ctypes.c_uint32),
        ("expires_s", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("event", sidetone_text),
        ("accept", sidetone_text),
    ]


class sidetone_subscription_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("sip_code", ctypes.c_uint32),
        ("expires_s", ctypes.c_uint32),
        ("lamp", ctypes.c_uint32),
        ("dialogs", ctypes.c_uint32),
        ("presence", ctypes.c_uint32),
        ("messages_waiting", ctypes.c_uint32),
        ("voice_new", ctypes.c_uint32),
        ("voice_old", ctypes.c_uint32),
        ("voice_urgent_new", ctypes.c_uint32),
        ("voice_urgent_old", ctypes.c_uint32),
    ]


class sidetone_watched_dialog(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("direction", ctypes.c_uint32),
        ("held", ctypes.c_uint32),
    ]


class sidetone_presence(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("open", ctypes.c_uint32),
        ("activity", sidetone_text),
        ("note", sidetone_text),
    ]


class sidetone_audio(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("microphone", sidetone_text),
        ("loudspeaker", sidetone_text),
        ("repeat", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class sidetone_audio_levels(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("valid", ctypes.c_uint32),
        ("microphone_db", ctypes.c_float),
        ("loudspeaker_db", ctypes.c_float),
    ]


class sidetone_device_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
    ]


class sidetone_call_stats(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("valid", ctypes.c_uint32),
        ("packets_sent", ctypes.c_uint64),
        ("bytes_sent", ctypes.c_uint64),
        ("packets_received", ctypes.c_uint64),
        ("bytes_received", ctypes.c_uint64),
        ("packets_lost", ctypes.c_uint64),
        ("packets_late", ctypes.c_uint64),
        ("packets_duplicate", ctypes.c_uint64),
        ("packets_discarded", ctypes.c_uint64),
        ("srtp_failures", ctypes.c_uint64),
        ("played_ms", ctypes.c_uint64),
        ("concealed_ms", ctypes.c_uint64),
        ("accelerated_ms", ctypes.c_uint64),
        ("stretched_ms", ctypes.c_uint64),
        ("jitter_ms", ctypes.c_float),
        ("round_trip_ms", ctypes.c_float),
        ("remote_loss", ctypes.c_float),
        ("remote_jitter_ms", ctypes.c_float),
        ("target_delay_ms", ctypes.c_float),
        ("playout_delay_ms", ctypes.c_float),
        ("concealed", ctypes.c_float),
        ("level_received_db", ctypes.c_float),
        ("level_sent_db", ctypes.c_float),
        ("r_factor", ctypes.c_float),
        ("mos", ctypes.c_float),
        ("send_deviation_max_ms", ctypes.c_float),
    ]


class sidetone_engine_stats(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("calls", ctypes.c_uint32),
        ("ticks", ctypes.c_uint64),
        ("late_ticks", ctypes.c_uint64),
        ("sip_received", ctypes.c_uint64),
        ("sip_dropped", ctypes.c_uint64),
        ("events_lost", ctypes.c_uint64),
        ("log_lost", ctypes.c_uint64),
        ("device_underruns", ctypes.c_uint64),
        ("sip_over_rate", ctypes.c_uint64),
        ("sip_over_limit", ctypes.c_uint64),
        ("sip_unreachable", ctypes.c_uint64),
        ("microphone_lost", ctypes.c_uint64),
    ]


class sidetone_engine_health(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("workers", ctypes.c_uint32),
        ("playback_callbacks", ctypes.c_uint64),
        ("capture_callbacks", ctypes.c_uint64),
        ("deadline_misses", ctypes.c_uint64),
        ("rounds", ctypes.c_uint64),
        ("late_rounds", ctypes.c_uint64),
        ("callback_p50_us", ctypes.c_uint32),
        ("callback_p99_us", ctypes.c_uint32),
        ("callback_max_us", ctypes.c_uint32),
        ("round_late_p50_us", ctypes.c_uint32),
        ("round_late_p99_us", ctypes.c_uint32),
        ("round_late_max_us", ctypes.c_uint32),
        ("worker_priority", ctypes.c_uint32),
        ("worker_error", ctypes.c_int32),
        ("callback_priority", ctypes.c_uint32),
        ("callback_error", ctypes.c_int32),
    ]


class sidetone_event(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("sequence", ctypes.c_uint64),
        ("time_ns", ctypes.c_uint64),
        ("account", ctypes.c_uint64),
        ("call", ctypes.c_uint64),
        ("request", ctypes.c_uint64),
        ("state", ctypes.c_uint32),
        ("status", ctypes.c_int32),
        ("sip_code", ctypes.c_uint32),
        ("duration_ms", ctypes.c_uint32),
        ("expires_s", ctypes.c_uint32),
        ("codec", ctypes.c_uint32),
        ("srtp_suite", ctypes.c_uint32),
        ("digit", ctypes.c_uint32),
        ("count", ctypes.c_uint64),
        ("text", sidetone_text),
        ("from", sidetone_text),
        ("display_name", sidetone_text),
        ("to", sidetone_text),
        ("path", sidetone_text),
        ("loudspeaker", sidetone_text),
        ("microphone", sidetone_text),
        ("end", ctypes.c_uint32),
        ("q850_cause", ctypes.c_uint32),
        ("reason_sip_code", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("reason", sidetone_text),
        ("transaction", ctypes.c_uint64),
        ("subscription", ctypes.c_uint64),
        ("publication", ctypes.c_uint64),
        ("voice_new", ctypes.c_uint32),
        ("voice_old", ctypes.c_uint32),
        ("activity", sidetone_text),
        ("method", sidetone_text),
        ("content_type", sidetone_text),
        ("body", sidetone_text),
        ("headers", sidetone_headers),
    ]


#: The size of each struct, the same on every target.
SIZES: Dict[Any, int] = {
    sidetone_text: 16,
    sidetone_header: 32,
    sidetone_headers: 16,
    sidetone_body_part: 32,
    sidetone_engine_config: 312,
    sidetone_account_config: 408,
    sidetone_account_info: 24,
    sidetone_dial_options: 144,
    sidetone_answer_options: 24,
    sidetone_call_info: 72,
    sidetone_account_services: 240,
    sidetone_play_options: 16,
    sidetone_tap_options: 24,
    sidetone_tap_frame: 40,
    sidetone_tap_info: 24,
    sidetone_inject_options: 16,
    sidetone_inject_info: 40,
    sidetone_sip_request: 72,
    sidetone_sip_answer: 72,
    sidetone_subscription_options: 48,
    sidetone_subscription_info: 48,
    sidetone_watched_dialog: 16,
    sidetone_presence: 40,
    sidetone_audio: 48,
    sidetone_audio_levels: 16,
    sidetone_device_info: 8,
    sidetone_call_stats: 160,
    sidetone_engine_stats: 96,
    sidetone_engine_health: 88,
    sidetone_event: 344,
}

sidetone_event_fn = ctypes.CFUNCTYPE(None, ctypes.POINTER(sidetone_event), ctypes.c_void_p)

sidetone_wakeup_fn = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

sidetone_log_fn = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p)

#: Result and parameters of each function.
FUNCTIONS: Dict[str, Tuple[Any, List[Any]]] = {
    "sidetone_api_version": (ctypes.c_uint32, []),
    "sidetone_version": (ctypes.c_char_p, []),
    "sidetone_has_feature": (ctypes.c_int32, [ctypes.c_char_p, I32]),
    "sidetone_strerror": (ctypes.c_char_p, [I32]),
    "sidetone_last_error": (ctypes.c_int32, [
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_engine_config_init": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_engine_config),
        U32,
    ]),
    "sidetone_engine_create": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_engine_config),
        ctypes.POINTER(ctypes.c_void_p),
    ]),
    "sidetone_engine_shutdown": (ctypes.c_int32, [ctypes.c_void_p, U32]),
    "sidetone_engine_destroy": (ctypes.c_int32, [ctypes.c_void_p]),
    "sidetone_engine_address_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_account_config_init": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_account_config),
        U32,
    ]),
    "sidetone_account_add": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(sidetone_account_config),
        ctypes.POINTER(ctypes.c_uint64),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_account_update": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_account_config),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_account_remove": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_account_register": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_account_unregister": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_account_info_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_account_info),
    ]),
    "sidetone_account_text_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_account_list": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_uint64),
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_network_changed": (ctypes.c_int32, [ctypes.c_void_p]),
    "sidetone_dial_options_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_dial_options), U32]),
    "sidetone_answer_options_init": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_answer_options),
        U32,
    ]),
    "sidetone_call_dial": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(sidetone_dial_options),
        ctypes.POINTER(ctypes.c_uint64),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_ring": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_answer": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_answer_options),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_reject": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_hangup": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_mute": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_gain": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        Float,
        Float,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_route": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U64,
        Float,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_unroute": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_dtmf": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_info_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_call_info),
    ]),
    "sidetone_call_text_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_call_header_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_call_list": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_uint64),
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_account_services_init": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_account_services),
        U32,
    ]),
    "sidetone_account_services_set": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_account_services),
    ]),
    "sidetone_call_transfer": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_transfer_to": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_transfer_accept": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_transfer_reject": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_redirect": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_redirect_follow": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_hangup_with": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_headers_set": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.POINTER(sidetone_headers),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_message_header_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.c_char_p,
        I32,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_call_identity_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_call_privacy_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_call_progress": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_hold": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_resume": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_hold_music": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_conference_create": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_conference_destroy": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_conference_add": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_conference_remove": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_conference_gain": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U64,
        U64,
        Float,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_conference_calls": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_play_options_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_play_options), U32]),
    "sidetone_call_play": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(sidetone_play_options),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_play_stop": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_record": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_record_pause": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_record_resume": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_record_stop": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_capture": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_call_capture_stop": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_tap_options_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_tap_options), U32]),
    "sidetone_tap_open": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_tap_options),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_tap_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_int16),
        U32,
        I32,
        ctypes.POINTER(sidetone_tap_frame),
    ]),
    "sidetone_tap_info_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_tap_info),
    ]),
    "sidetone_tap_close": (ctypes.c_int32, [ctypes.c_void_p, U64]),
    "sidetone_inject_options_init": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_inject_options),
        U32,
    ]),
    "sidetone_inject_open": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_inject_options),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_inject_write": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_int16),
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_inject_flush": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_inject_info_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_inject_info),
    ]),
    "sidetone_inject_close": (ctypes.c_int32, [ctypes.c_void_p, U64]),
    "sidetone_message_send": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_sip_request_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_sip_request), U32]),
    "sidetone_sip_answer_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_sip_answer), U32]),
    "sidetone_request_send": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(sidetone_sip_request),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_request_answer": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_sip_answer),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_multipart_count": (ctypes.c_int32, [
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_multipart_read": (ctypes.c_int32, [
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
        ctypes.POINTER(ctypes.c_uint32),
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_multipart_write": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_body_part),
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_subscription_options_init": (ctypes.c_int32, [
        ctypes.POINTER(sidetone_subscription_options),
        U32,
    ]),
    "sidetone_subscription_add": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.POINTER(sidetone_subscription_options),
        ctypes.POINTER(ctypes.c_uint64),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_subscription_refresh": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_subscription_remove": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_subscription_info_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_subscription_info),
    ]),
    "sidetone_subscription_text_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_subscription_list": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_uint64),
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_subscription_dialog_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        ctypes.POINTER(sidetone_watched_dialog),
    ]),
    "sidetone_subscription_dialog_text_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        U32,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_presence_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_presence), U32]),
    "sidetone_presence_publish": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_presence),
        ctypes.POINTER(ctypes.c_uint64),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_presence_update": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_presence),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_publication_add": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_publication_update": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.c_char_p,
        I32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_publication_remove": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_audio_init": (ctypes.c_int32, [ctypes.POINTER(sidetone_audio), U32]),
    "sidetone_audio_select": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(sidetone_audio),
        ctypes.POINTER(ctypes.c_uint64),
    ]),
    "sidetone_audio_levels_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(sidetone_audio_levels),
    ]),
    "sidetone_device_list": (ctypes.c_int32, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint32)]),
    "sidetone_device_info_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(sidetone_device_info),
    ]),
    "sidetone_device_text_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U32,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_call_stats_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U64,
        ctypes.POINTER(sidetone_call_stats),
    ]),
    "sidetone_engine_stats_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(sidetone_engine_stats),
    ]),
    "sidetone_engine_health_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        ctypes.POINTER(sidetone_engine_health),
    ]),
    "sidetone_engine_priority_read": (ctypes.c_int32, [
        ctypes.c_void_p,
        U32,
        ctypes.c_void_p,
        U32,
        ctypes.POINTER(ctypes.c_uint32),
    ]),
    "sidetone_event_next": (ctypes.c_int32, [
        ctypes.c_void_p,
        I32,
        ctypes.POINTER(sidetone_event),
    ]),
    "sidetone_wake": (ctypes.c_int32, [ctypes.c_void_p]),
    "sidetone_event_thread_start": (ctypes.c_int32, [
        ctypes.c_void_p,
        sidetone_event_fn,
        ctypes.c_void_p,
    ]),
    "sidetone_event_thread_stop": (ctypes.c_int32, [ctypes.c_void_p]),
    "sidetone_wakeup_set_function": (ctypes.c_int32, [
        ctypes.c_void_p,
        sidetone_wakeup_fn,
        ctypes.c_void_p,
    ]),
    "sidetone_wakeup_set_fd": (ctypes.c_int32, [ctypes.c_void_p, I32]),
    "sidetone_log_set": (ctypes.c_int32, [
        ctypes.c_void_p,
        U32,
        sidetone_log_fn,
        ctypes.c_void_p,
    ]),
}

#: Result and parameters of each function.
WINDOWS_FUNCTIONS: Dict[str, Tuple[Any, List[Any]]] = {
    "sidetone_wakeup_set_handle": (ctypes.c_int32, [ctypes.c_void_p, ctypes.c_void_p]),
    "sidetone_wakeup_set_window": (ctypes.c_int32, [ctypes.c_void_p, ctypes.c_void_p, U32]),
}
