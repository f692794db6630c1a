//! Files of calls: WAV played into them and recorded from them, PCAP captures.

use std::ffi::c_char;

use super::{
    call::call_id,
    codes,
    engine::sidetone_engine,
    guard::{Outcome, command, enter, guard, guard_command, invalid},
    sized::{self, Sized32},
    strings,
};
use crate::engine::PlayOptions;

/// How a WAV file is played. Fill it with sidetone_play_options_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_play_options {
    /// sizeof of this struct.
    pub size: u32,
    /// 1: start again at the end, until stopped; 0: once (default).
    pub repeat: u32,
    /// Gain in dB, -96 to 24; default 0.
    pub gain_db: f32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_play_options {
    const NAME: &'static str = "sidetone_play_options";
    const FIRST_SIZE: u32 = 16;
}

impl sidetone_play_options {
    fn defaults() -> Self {
        Self { size: size_of::<Self>() as u32, repeat: 0, gain_db: 0.0, reserved: 0 }
    }

    fn read(pointer: *const Self) -> Outcome<PlayOptions> {
        if pointer.is_null() {
            return Ok(PlayOptions::default());
        }
        let options = sized::read(pointer, Self::defaults())?;
        if !(-96.0..=24.0).contains(&options.gain_db) {
            return Err(invalid(format!("gain_db {}: give -96 to 24", options.gain_db)));
        }
        Ok(PlayOptions {
            repeat: codes::switch(options.repeat, "repeat")?,
            gain_db: options.gain_db,
        })
    }
}

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_play_options options;
/// sidetone_play_options_init(&options, sizeof options);
/// options.repeat = 1;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_play_options_init(
    options: *mut sidetone_play_options,
    size: u32,
) -> i32 {
    guard(|| sized::init(options, size, &sidetone_play_options::defaults()))
}

/// Plays a WAV file into a call: the far end hears it, with the microphone. One that is playing
/// already ends. SIDETONE_EVENT_PLAY_FINISHED follows.
///
/// `path`, `length` (bytes, -1: ends with a NUL): PCM of 8, 16, 24 or 32 bits or float, any rate.
/// `options`: NULL for the defaults. `request`: see "Requests"; the reply comes when it plays.
/// Returns SIDETONE_OK; SIDETONE_ERR_FILE_OPEN, SIDETONE_ERR_FILE_FORMAT, SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_play(engine, call, "announcement.wav", -1, NULL, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_play(
    engine: *mut sidetone_engine,
    call: u64,
    path: *const c_char,
    length: i32,
    options: *const sidetone_play_options,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let path = strings::path(path, length, "path")?;
        let options = sidetone_play_options::read(options)?;
        command(&engine, request, |request| engine.engine.play(id, &path, options, request))
    })
}

/// Ends the playing of sidetone_call_play(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_play_stop(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_play_stop(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.stop_playing(id, request))
    })
}

/// Records a call to a stereo WAV file: near end left, far end right. The file can be played at any
/// moment, also after a crash. A disk that is slow or full harms no call: what is lost then is told by
/// the event at the end. It ends with the call or with sidetone_call_record_stop(), and then
/// SIDETONE_EVENT_RECORD_FINISHED follows.
///
/// `path`, `length` (bytes, -1: ends with a NUL): replaced when it exists. `request`: see "Requests";
/// the reply says SIDETONE_ERR_FILE_OPEN when the file cannot be created.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_record(engine, call, "call.wav", -1, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_record(
    engine: *mut sidetone_engine,
    call: u64,
    path: *const c_char,
    length: i32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let path = strings::path(path, length, "path")?;
        command(&engine, request, |request| engine.engine.record(id, &path, request))
    })
}

/// Pauses the recording of sidetone_call_record(), for instance while a card number is said: what is
/// said until sidetone_call_record_resume() never comes near the file. The file goes on right behind
/// what was before, with a mark there (a cue point, its text "paused for 12.30 s") that audio editors
/// show. SIDETONE_EVENT_RECORD_PAUSED follows when it is so; what is to be left out may be said then.
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is not recorded.
/// Paused already: nothing happens, and no event comes.
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// sidetone_call_record_pause(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_record_pause(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.pause_recording(id, request))
    })
}

/// Goes on with a recording that is paused. SIDETONE_EVENT_RECORD_PAUSED follows, with `state` 0.
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is not recorded.
/// Not paused: nothing happens, and no event comes.
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// sidetone_call_record_resume(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_record_resume(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.resume_recording(id, request))
    })
}

/// Ends the recording of sidetone_call_record(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_record_stop(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_record_stop(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.stop_recording(id, request))
    })
}

/// Writes every RTP and RTCP datagram of a call, as it is on the wire, and its SIP messages to a
/// PCAP file, until the call ends or sidetone_call_capture_stop().
///
/// `path`, `length` (bytes, -1: ends with a NUL): replaced when it exists. `request`: see "Requests".
/// Returns as sidetone_call_record().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_capture(engine, call, "call.pcap", -1, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_capture(
    engine: *mut sidetone_engine,
    call: u64,
    path: *const c_char,
    length: i32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let path = strings::path(path, length, "path")?;
        command(&engine, request, |request| engine.engine.capture(id, &path, request))
    })
}

/// Ends the capture of sidetone_call_capture(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_capture_stop(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_capture_stop(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.stop_capture(id, request))
    })
}
