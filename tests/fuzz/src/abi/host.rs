//! The host: makes calls out of bytes.

use std::{
    ffi::{c_char, c_void},
    ptr::null_mut,
    sync::OnceLock,
};

use sidetone::ffi::{
    account::*, account_read::*, audio::*, call::*, call_read::*, engine::*, event::*,
    event_kinds::*, event_thread::*, files::*, inject::*, log::*, stats::*, status::*, tap::*,
    version::*, wakeup::*,
};

use super::memory::{Memory, Text, field_of};
use crate::support::Input;

/// The engine that all inputs share; a number, as pointers do not go from thread to thread.
pub(super) fn shared() -> *mut sidetone_engine {
    static ENGINE: OnceLock<usize> = OnceLock::new();
    let create = || {
        let mut memory = Memory::default();
        let mut config = defaults();
        config.bind = field_of(memory.terminated(b"127.0.0.1"));
        config.max_calls = 8;
        config.max_accounts = 8;
        config.media_workers = 1;
        config.accept_unknown = 1;
        // Calls that nobody answers are over soon.
        (config.t1_ms, config.t2_ms, config.t4_ms) = (10, 20, 20);
        let mut engine = null_mut();
        // SAFETY: both are ours; text in the config lives until the call is over.
        let status = unsafe { sidetone_engine_create(&raw const config, &raw mut engine) };
        assert_eq!(status, SIDETONE_OK, "an engine on loopback");
        engine as usize
    };
    *ENGINE.get_or_init(create) as *mut sidetone_engine
}

pub(super) fn defaults() -> sidetone_engine_config {
    let mut config = std::mem::MaybeUninit::<sidetone_engine_config>::uninit();
    // SAFETY: there is room; init fills it.
    unsafe {
        let size = size_of::<sidetone_engine_config>() as u32;
        assert_eq!(sidetone_engine_config_init(config.as_mut_ptr(), size), SIDETONE_OK);
        config.assume_init()
    }
}

/// A host during one input.
pub struct Host<'a> {
    pub(super) input: Input<'a>,
    pub(super) memory: Memory,
    /// Taps, injections, subscriptions, publications and conferences that this input opened.
    pub(super) kept: Vec<u64>,
    engines_left: u32,
}

/// What every status must be: no fault of the library.
fn check(status: i32) {
    assert_ne!(status, SIDETONE_ERR_PANIC, "a panic behind the ABI");
    assert_ne!(status, SIDETONE_ERR_FAULTED, "the engine is broken");
    // SAFETY: the function takes any number and returns text that ends with a NUL.
    let text = unsafe { std::ffi::CStr::from_ptr(sidetone_strerror(status)) };
    assert!(text.to_str().is_ok_and(|text| !text.is_empty() && text != "unknown status"));
}

impl<'a> Host<'a> {
    pub fn new(input: Input<'a>) -> Self {
        Self { input, memory: Memory::default(), kept: Vec::new(), engines_left: 1 }
    }

    /// One call; false when the input is over.
    pub fn step(&mut self) -> bool {
        if self.input.is_empty() {
            return false;
        }
        self.memory = Memory::default();
        let function = self.input.byte();
        let engine = if function & 0x80 == 0 { shared() } else { null_mut() };
        let function = function & 0x7f;
        // SAFETY: every pointer is NULL or points to a block that is as long as the ABI is told and
        // lives until the next step; the engine lives for ever.
        let status = unsafe {
            match function {
                0..16 => self.account(function, engine),
                16..32 => self.call(function - 16, engine),
                32..48 => self.media(function - 32, engine),
                48..64 => self.other(function - 48, engine),
                64..80 => self.inits(),
                80..88 => self.service(engine),
                88..96 => self.around(engine),
                96..112 => self.pcm(function - 96, engine),
                _ => self.centre(function - 112, engine),
            }
        };
        check(status);
        let takes_engine = matches!(function, 0..48 | 96..128);
        assert!(!engine.is_null() || !takes_engine || status < 0);
        true
    }

    unsafe fn account(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let id = self.id();
        let request = self.number();
        unsafe {
            match function {
                0..4 => {
                    let (config, account) = (self.account_config(), self.number());
                    sidetone_account_add(engine, config, account, request)
                }
                4 | 5 => {
                    let config = self.account_config();
                    sidetone_account_update(engine, id, config, request)
                }
                6 => sidetone_account_remove(engine, id, request),
                7 | 8 => sidetone_account_register(engine, id, request),
                9 => sidetone_account_unregister(engine, id, request),
                10 => sidetone_account_info_read(engine, id, self.memory.room(&mut self.input)),
                11 | 12 => {
                    let which = u32::from(self.input.byte());
                    let (buffer, capacity, needed) = self.buffer();
                    sidetone_account_text_read(engine, id, which, buffer, capacity, needed)
                }
                _ => {
                    let (array, capacity, count) = self.ids_room();
                    sidetone_account_list(engine, array, capacity, count)
                }
            }
        }
    }

    unsafe fn call(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let id = self.id();
        let request = self.number();
        unsafe {
            match function {
                0..3 => {
                    let (uri, options) = (self.target(), self.dial_options());
                    let call = self.number();
                    sidetone_call_dial(engine, id, uri.data, uri.length, options, call, request)
                }
                3 => sidetone_call_ring(engine, id, request),
                4 => {
                    let options = self.answer_options();
                    sidetone_call_answer(engine, id, options, request)
                }
                5 => {
                    let code = u32::from(u16::from_le_bytes(self.input.array()));
                    let reason = self.text();
                    sidetone_call_reject(engine, id, code, reason.data, reason.length, request)
                }
                6 => sidetone_call_hangup(engine, id, request),
                7 => sidetone_call_mute(engine, id, u32::from(self.input.byte()), request),
                8 => {
                    let (send, receive) = (self.float(), self.float());
                    sidetone_call_gain(engine, id, send, receive, request)
                }
                9 => {
                    let (to, gain) = (self.id(), self.float());
                    sidetone_call_route(engine, id, to, gain, request)
                }
                10 => {
                    let to = self.id();
                    sidetone_call_unroute(engine, id, to, request)
                }
                11 => {
                    let (digits, ms) = (self.text(), u16::from_le_bytes(self.input.array()));
                    let (data, length) = (digits.data, digits.length);
                    sidetone_call_dtmf(engine, id, data, length, ms.into(), request)
                }
                12 => sidetone_call_info_read(engine, id, self.memory.room(&mut self.input)),
                13 => {
                    let which = u32::from(self.input.byte());
                    let (buffer, capacity, needed) = self.buffer();
                    sidetone_call_text_read(engine, id, which, buffer, capacity, needed)
                }
                14 => {
                    let name = self.text();
                    let (buffer, room, needed) = self.buffer();
                    let (data, length) = (name.data, name.length);
                    sidetone_call_header_read(engine, id, data, length, buffer, room, needed)
                }
                _ => {
                    let (array, capacity, count) = self.ids_room();
                    sidetone_call_list(engine, array, capacity, count)
                }
            }
        }
    }

    unsafe fn media(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let id = self.id();
        let request = self.number();
        unsafe {
            match function {
                0 | 1 => {
                    let (path, options) = (self.path(), self.play_options());
                    sidetone_call_play(engine, id, path.data, path.length, options, request)
                }
                2 => sidetone_call_play_stop(engine, id, request),
                3 => {
                    let path = self.path();
                    sidetone_call_record(engine, id, path.data, path.length, request)
                }
                4 => sidetone_call_record_stop(engine, id, request),
                5 => {
                    let path = self.path();
                    sidetone_call_capture(engine, id, path.data, path.length, request)
                }
                6 => sidetone_call_capture_stop(engine, id, request),
                7 | 8 => {
                    let audio = self.audio();
                    sidetone_audio_select(engine, audio, request)
                }
                9 => sidetone_audio_levels_read(engine, self.memory.room(&mut self.input)),
                10 => {
                    let index = u32::from_le_bytes(self.input.array());
                    sidetone_device_info_read(engine, index, self.memory.room(&mut self.input))
                }
                11 => {
                    let index = u32::from_le_bytes(self.input.array());
                    let which = u32::from(self.input.byte());
                    let (buffer, capacity, needed) = self.buffer();
                    sidetone_device_text_read(engine, index, which, buffer, capacity, needed)
                }
                12 => sidetone_call_stats_read(engine, id, self.memory.room(&mut self.input)),
                _ => sidetone_engine_stats_read(engine, self.memory.room(&mut self.input)),
            }
        }
    }

    unsafe fn other(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        unsafe {
            match function {
                0..3 => {
                    sidetone_event_next(engine, self.timeout(), self.memory.room(&mut self.input))
                }
                3 => sidetone_wake(engine),
                4 => {
                    let level = u32::from(self.input.byte() & 7);
                    let function: sidetone_log_fn =
                        if level & 1 == 0 { None } else { Some(on_log) };
                    sidetone_log_set(engine, level, function, null_mut())
                }
                5 => {
                    // Numbers of descriptors that are open belong to others here.
                    let fd = -i32::from(self.input.byte());
                    sidetone_wakeup_set_fd(engine, if fd == 0 { i32::MAX } else { fd })
                }
                6 => sidetone_wakeup_set_function(engine, None, null_mut()),
                7 => sidetone_event_thread_start(engine, None, null_mut()),
                8 => sidetone_event_thread_stop(engine),
                9 => {
                    let transport = u32::from(self.input.byte());
                    let (buffer, capacity, needed) = self.buffer();
                    sidetone_engine_address_read(engine, transport, buffer, capacity, needed)
                }
                10 => {
                    let name = self.text();
                    sidetone_has_feature(name.data, name.length)
                }
                11 => {
                    let (buffer, capacity, needed) = self.buffer();
                    let _ = sidetone_last_error(buffer, capacity, needed);
                    let _ = sidetone_strerror(i32::from_le_bytes(self.input.array()));
                    SIDETONE_OK
                }
                _ => self.create(),
            }
        }
    }

    /// An engine of its own, destroyed at once.
    unsafe fn create(&mut self) -> i32 {
        if self.engines_left == 0 {
            return SIDETONE_OK;
        }
        let config = self.engine_config();
        let mut engine = null_mut();
        let wanted = self.input.byte() != 0xff;
        unsafe {
            let out = if wanted { &raw mut engine } else { null_mut() };
            let status = sidetone_engine_create(config, out);
            assert_eq!(status == SIDETONE_OK, !engine.is_null());
            if status == SIDETONE_OK {
                self.engines_left -= 1;
                check(sidetone_engine_shutdown(engine, 0));
                check(sidetone_engine_destroy(engine));
            }
            status
        }
    }

    unsafe fn inits(&mut self) -> i32 {
        let which = self.input.byte();
        let (room, size) = self.init_room();
        let room = if which & 0x80 == 0 { room } else { null_mut() };
        unsafe {
            match which & 7 {
                0 => sidetone_account_config_init(room.cast(), size),
                1 => sidetone_engine_config_init(room.cast(), size),
                2 => sidetone_dial_options_init(room.cast(), size),
                3 => sidetone_answer_options_init(room.cast(), size),
                4 => sidetone_play_options_init(room.cast(), size),
                5 => sidetone_audio_init(room.cast(), size),
                6 => sidetone_tap_options_init(room.cast(), size),
                _ => sidetone_inject_options_init(room.cast(), size),
            }
        }
    }

    /// Room for whatever size the library could believe, and a size.
    pub(super) fn init_room(&mut self) -> (*mut u8, u32) {
        (self.memory.block(&[0; 4096]), u32::from_le_bytes(self.input.array()))
    }

    /// Ends calls, removes accounts, takes all events.
    pub fn clear(&mut self) {
        self.remove_kept();
        self.destroy_kept();
        self.close_pcm();
        let engine = shared();
        let mut ids = [0u64; 16];
        let (mut count, mut turns) = (0, 0);
        // SAFETY: all rooms are ours and as long as told.
        unsafe {
            check(sidetone_call_list(engine, ids.as_mut_ptr(), 16, &raw mut count));
            for id in &ids[..count as usize] {
                check(sidetone_call_hangup(engine, *id, null_mut()));
            }
            check(sidetone_account_list(engine, ids.as_mut_ptr(), 16, &raw mut count));
            for id in &ids[..count as usize] {
                check(sidetone_account_remove(engine, *id, null_mut()));
            }
            loop {
                let mut event = std::mem::MaybeUninit::<sidetone_event>::zeroed().assume_init();
                event.size = size_of::<sidetone_event>() as u32;
                let status = sidetone_event_next(engine, 0, &raw mut event);
                check(status);
                assert_ne!(event.kind, SIDETONE_EVENT_FAULTED, "a thread of the engine broke");
                turns += 1;
                if status != SIDETONE_OK || turns > 5000 {
                    break;
                }
            }
        }
    }

    /// An id: of an account or call that is there, or any number.
    pub(super) fn id(&mut self) -> u64 {
        let how = self.input.byte();
        let mut ids = [0u64; 8];
        let mut count = 0;
        // SAFETY: the array has 8 entries.
        unsafe {
            match how >> 6 {
                0 => {
                    let _ = sidetone_account_list(shared(), ids.as_mut_ptr(), 8, &raw mut count);
                }
                1 => {
                    let _ = sidetone_call_list(shared(), ids.as_mut_ptr(), 8, &raw mut count);
                }
                2 => return u64::from_le_bytes(self.input.array()),
                _ => return 0,
            }
        }
        let id = ids[usize::from(how & 7)];
        // An id that may be stale, or of another generation.
        id ^ u64::from(how & 0x20) << 27
    }

    pub(super) fn number(&mut self) -> *mut u64 {
        if self.input.byte() & 3 == 3 { null_mut() } else { self.memory.block(&[0xa5; 8]).cast() }
    }

    pub(super) fn float(&mut self) -> f32 {
        let byte = self.input.byte();
        if byte == 0xff { f32::from_le_bytes(self.input.array()) } else { f32::from(byte) - 110.0 }
    }

    pub(super) fn text(&mut self) -> Text {
        self.memory.text(&mut self.input)
    }

    pub(super) fn path(&mut self) -> Text {
        self.memory.path(&mut self.input)
    }

    pub(super) fn timeout(&mut self) -> i32 {
        // Never waits: only 0 and what is refused.
        if self.input.byte() < 0xf0 { 0 } else { -2 }
    }

    pub(super) fn buffer(&mut self) -> (*mut c_char, u32, *mut u32) {
        let capacity = self.input.byte();
        let needed = if capacity & 3 == 3 { null_mut() } else { self.memory.block(&[0; 4]).cast() };
        let room = vec![0xa5; usize::from(capacity)];
        let buffer = if capacity & 7 == 5 { null_mut() } else { self.memory.block(&room).cast() };
        (buffer, capacity.into(), needed)
    }

    pub(super) fn ids_room(&mut self) -> (*mut u64, u32, *mut u32) {
        let capacity = u32::from(self.input.byte() & 15);
        let room = vec![0xa5; 8 * capacity as usize];
        let array = if capacity == 5 { null_mut() } else { self.memory.block(&room).cast() };
        let count = if capacity == 6 { null_mut() } else { self.memory.block(&[0; 4]).cast() };
        (array, capacity, count)
    }

    /// Whom to dial: anybody, or ourselves.
    pub(super) fn target(&mut self) -> Text {
        if self.input.byte() & 1 == 0 {
            return self.text();
        }
        let mut buffer = [0u8; 64];
        // SAFETY: the buffer has 64 bytes.
        unsafe {
            let room = buffer.as_mut_ptr().cast();
            let _ = sidetone_engine_address_read(shared(), 1, room, 64, null_mut());
        }
        let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
        self.memory.terminated(&[b"sip:us@", &buffer[..end]].concat())
    }
}

unsafe extern "C" fn on_log(
    _level: u32,
    _module: *const c_char,
    text: *const c_char,
    length: i32,
    _user: *mut c_void,
) {
    // SAFETY: the library says that the text has this length.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length as usize) };
    assert!(std::str::from_utf8(bytes).is_ok(), "log lines are UTF-8");
}
