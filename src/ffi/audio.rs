//! How audio reaches the user: sound cards, or WAV files in their place.

use std::{ffi::c_char, path::PathBuf};

use super::{
    codes,
    engine::sidetone_engine,
    guard::{Out, Outcome, command, enter, guard, guard_command, invalid, lock},
    sized::{self, Sized32},
    strings::{self, sidetone_text},
};
use crate::engine::{AudioPolicy, DeviceInfo, DevicePolicy, WavPair};

/// Audio: no device; calls hear what is played or routed into them. The default.
pub const SIDETONE_AUDIO_HEADLESS: u32 = 0;
/// Audio: sound cards, opened with the first call and closed after the last.
pub const SIDETONE_AUDIO_DEVICES: u32 = 1;
/// Audio: WAV files in the place of a sound card.
pub const SIDETONE_AUDIO_WAV: u32 = 2;

/// A sound card can capture.
pub const SIDETONE_DEVICE_CAPTURES: u32 = 1;
/// A sound card can play.
pub const SIDETONE_DEVICE_PLAYS: u32 = 2;
/// A sound card is the system's default microphone.
pub const SIDETONE_DEVICE_DEFAULT_CAPTURE: u32 = 4;
/// A sound card is the system's default loudspeaker.
pub const SIDETONE_DEVICE_DEFAULT_PLAYBACK: u32 = 8;

/// Text of a sound card: the id to select it by.
pub const SIDETONE_DEVICE_TEXT_ID: u32 = 1;
/// Text of a sound card: its name, for people.
pub const SIDETONE_DEVICE_TEXT_NAME: u32 = 2;

/// How the audio of calls reaches the user. Fill it with sidetone_audio_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_audio {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_AUDIO_*.
    pub kind: u32,
    /// Devices: id or name of the microphone; empty: the system's default, followed when it changes.
    /// WAV: the file that is played as the microphone; empty: silence.
    pub microphone: sidetone_text,
    /// Devices: id or name of the loudspeaker; empty: the system's default. WAV: the file that is
    /// written with what a loudspeaker would play; empty: none.
    pub loudspeaker: sidetone_text,
    /// WAV: 1: the microphone file starts again at its end; 0: silence follows.
    pub repeat: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_audio {
    const NAME: &'static str = "sidetone_audio";
    const FIRST_SIZE: u32 = 48;
}

impl sidetone_audio {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            kind: SIDETONE_AUDIO_HEADLESS,
            microphone: sidetone_text::EMPTY,
            loudspeaker: sidetone_text::EMPTY,
            repeat: 0,
            reserved: 0,
        }
    }
}

/// The engine's form of a choice.
pub(super) fn policy(
    kind: u32,
    microphone: &sidetone_text,
    loudspeaker: &sidetone_text,
    repeat: u32,
) -> Outcome<AudioPolicy> {
    let microphone = microphone.read("microphone")?;
    let loudspeaker = loudspeaker.read("loudspeaker")?;
    let repeat = codes::switch(repeat, "repeat")?;
    let file = |path: String| (!path.is_empty()).then(|| PathBuf::from(path));
    match kind {
        SIDETONE_AUDIO_HEADLESS => Ok(AudioPolicy::Headless),
        SIDETONE_AUDIO_DEVICES => {
            Ok(AudioPolicy::Devices(DevicePolicy { microphone, loudspeaker }))
        }
        SIDETONE_AUDIO_WAV => Ok(AudioPolicy::Wav(WavPair {
            microphone: file(microphone),
            repeat,
            loudspeaker: file(loudspeaker),
        })),
        _ => Err(invalid(format!("audio kind {kind} is not one that this library knows"))),
    }
}

/// A sound card.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_device_info {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// Sum of SIDETONE_DEVICE_*.
    pub flags: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_device_info {
    const NAME: &'static str = "sidetone_device_info";
    const FIRST_SIZE: u32 = 8;
}

/// Levels at the sound card, in dB relative to full scale; -96 is silence.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_audio_levels {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// 1: a device is open and the levels were measured; 0: they were not, and are 0.
    pub valid: u32,
    /// Microphone.
    pub microphone_db: f32,
    /// Loudspeaker.
    pub loudspeaker_db: f32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_audio_levels {
    const NAME: &'static str = "sidetone_audio_levels";
    const FIRST_SIZE: u32 = 16;
}

/// Fills a description with the defaults: headless.
///
/// `audio`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_audio audio;
/// sidetone_audio_init(&audio, sizeof audio);
/// audio.kind = SIDETONE_AUDIO_WAV;
/// audio.microphone.data = "speech.wav";
/// audio.loudspeaker.data = "heard.wav";
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_audio_init(audio: *mut sidetone_audio, size: u32) -> i32 {
    guard(|| sized::init(audio, size, &sidetone_audio::defaults()))
}

/// Chooses how audio reaches the user. Calls that are up change over.
///
/// `audio`: copied. `request`: see "Requests"; the reply comes when the choice stands, with the
/// error when a device or file cannot be opened.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_UNSUPPORTED (built without sound
/// cards), SIDETONE_ERR_FILE_OPEN, SIDETONE_ERR_FILE_FORMAT, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_audio audio;
/// sidetone_audio_init(&audio, sizeof audio);
/// audio.kind = SIDETONE_AUDIO_DEVICES;
/// sidetone_audio_select(engine, &audio, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_audio_select(
    engine: *mut sidetone_engine,
    audio: *const sidetone_audio,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let audio = sized::read(audio, sidetone_audio::defaults())?;
        let policy = policy(audio.kind, &audio.microphone, &audio.loudspeaker, audio.repeat)?;
        command(&engine, request, |request| engine.engine.select_audio(policy, request))
    })
}

/// Levels at the sound card now. Reading often is cheap.
///
/// `levels`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_audio_levels levels;
/// levels.size = sizeof levels;
/// if (sidetone_audio_levels_read(engine, &levels) == SIDETONE_OK && levels.valid)
///   printf("microphone %.0f dB\n", levels.microphone_db);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_audio_levels_read(
    engine: *mut sidetone_engine,
    levels: *mut sidetone_audio_levels,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        sized::check_out(levels)?;
        let found = engine.engine.levels();
        let valid = found.microphone_db.is_some() || found.loudspeaker_db.is_some();
        let or_silence = |level: Option<f32>| level.unwrap_or(if valid { -96.0 } else { 0.0 });
        sized::write(
            levels,
            &sidetone_audio_levels {
                size: 0,
                valid: valid.into(),
                microphone_db: or_silence(found.microphone_db),
                loudspeaker_db: or_silence(found.loudspeaker_db),
            },
        )
    })
}

/// Looks the sound cards up, and keeps the list in the engine until the next call. Waits for the
/// system, at most five seconds.
///
/// `count`: gets how many there are; they are read by index, 0 to `count` - 1.
/// Returns SIDETONE_OK; SIDETONE_ERR_UNSUPPORTED (built without sound cards), SIDETONE_ERR_TIMEOUT,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t count = 0;
/// if (sidetone_device_list(engine, &count) == SIDETONE_OK)
///   printf("%u sound cards\n", (unsigned)count);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_device_list(
    engine: *mut sidetone_engine,
    count: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let out = Out::required(count, "count")?;
        out.put(0);
        let devices = engine.engine.devices()?;
        out.put(u32::try_from(devices.len()).unwrap_or(u32::MAX));
        *lock(&engine.devices) = devices;
        Ok(())
    })
}

/// What a sound card of the list can do.
///
/// `index`: in the list of the latest sidetone_device_list(). `info`: `size` set by the host.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (`index`), SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_device_info info;
/// info.size = sizeof info;
/// if (sidetone_device_info_read(engine, 0, &info) == SIDETONE_OK &&
///     (info.flags & SIDETONE_DEVICE_DEFAULT_CAPTURE))
///   puts("the first one is the default microphone");
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_device_info_read(
    engine: *mut sidetone_engine,
    index: u32,
    info: *mut sidetone_device_info,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        sized::check_out(info)?;
        let device = device(&engine, index)?;
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let flags = flag(device.captures, SIDETONE_DEVICE_CAPTURES)
            | flag(device.plays, SIDETONE_DEVICE_PLAYS)
            | flag(device.default_capture, SIDETONE_DEVICE_DEFAULT_CAPTURE)
            | flag(device.default_playback, SIDETONE_DEVICE_DEFAULT_PLAYBACK);
        sized::write(info, &sidetone_device_info { size: 0, flags })
    })
}

/// A text of a sound card of the list.
///
/// `index`: in the list of the latest sidetone_device_list(). `which`: SIDETONE_DEVICE_TEXT_*.
/// `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`index`, `which`),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char name[256];
/// if (sidetone_device_text_read(engine, 0, SIDETONE_DEVICE_TEXT_NAME, name, sizeof name, NULL) ==
///     SIDETONE_OK)
///   puts(name);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_device_text_read(
    engine: *mut sidetone_engine,
    index: u32,
    which: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let device = device(&engine, index)?;
        let text = match which {
            SIDETONE_DEVICE_TEXT_ID => &device.id,
            SIDETONE_DEVICE_TEXT_NAME => &device.name,
            _ => return Err(invalid(format!("text {which} of a sound card is not known"))),
        };
        strings::copy_out(text, buffer, capacity, needed)
    })
}

fn device(engine: &sidetone_engine, index: u32) -> Outcome<DeviceInfo> {
    let devices = lock(&engine.devices);
    devices.get(index as usize).cloned().ok_or_else(|| {
        let count = devices.len();
        invalid(format!("sound card {index} of {count}; call sidetone_device_list() first"))
    })
}
