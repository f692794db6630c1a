//! Taps: the audio of a call as PCM, for a program to listen to.

use super::{
    call::call_id,
    engine::sidetone_engine,
    event,
    guard::{Out, Outcome, enter, guard, guard_value, id_error, invalid, null},
    sized::{self, Sized32},
    status,
};
use crate::{
    base::ids::TapId,
    engine::{Error, ErrorKind, TapDirection, TapFrame, TapOptions},
};

/// Tap: what the far end says, before the gain of what we hear; the default.
pub const SIDETONE_TAP_RECEIVED: u32 = 1;
/// Tap: what is sent to the far end: everything that is mixed for it, as it is encoded.
pub const SIDETONE_TAP_SENT: u32 = 2;

/// Flag of a frame: 10 ms of it at least were made up in the place of packets lost or late.
pub const SIDETONE_TAP_FLAG_CONCEALED: u32 = 1;
/// Flag of a frame: for 10 ms of it at least there was nothing to be heard (no media yet, or of what
/// is received none, as on hold); it is silence there.
pub const SIDETONE_TAP_FLAG_ABSENT: u32 = 2;

/// Samples of the longest frame: 20 ms at 48000 Hz.
pub const SIDETONE_TAP_SAMPLES_MAX: u32 = 960;

/// How a call is tapped. Fill it with sidetone_tap_options_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_tap_options {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_TAP_RECEIVED (default) or SIDETONE_TAP_SENT.
    pub direction: u32,
    /// 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
    pub sample_rate_hz: u32,
    /// Length of a frame, 10 or 20 ms (default).
    pub frame_ms: u32,
    /// Audio that waits to be read at most, 100 to 10000 ms, default 1000: as long as the host may
    /// stall without a gap.
    pub buffer_ms: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_tap_options {
    const NAME: &'static str = "sidetone_tap_options";
    const FIRST_SIZE: u32 = 24;
}

impl sidetone_tap_options {
    fn defaults() -> Self {
        let options = TapOptions::default();
        Self {
            size: size_of::<Self>() as u32,
            direction: SIDETONE_TAP_RECEIVED,
            sample_rate_hz: options.sample_rate_hz,
            frame_ms: options.frame_ms,
            buffer_ms: options.buffer_ms,
            reserved: 0,
        }
    }

    fn read(pointer: *const Self) -> Outcome<TapOptions> {
        if pointer.is_null() {
            return Ok(TapOptions::default());
        }
        let options = sized::read(pointer, Self::defaults())?;
        Ok(TapOptions {
            direction: match options.direction {
                SIDETONE_TAP_RECEIVED => TapDirection::Received,
                SIDETONE_TAP_SENT => TapDirection::Sent,
                number => return Err(invalid(format!("direction {number}: give 1 or 2"))),
            },
            sample_rate_hz: options.sample_rate_hz,
            frame_ms: options.frame_ms,
            buffer_ms: options.buffer_ms,
        })
    }
}

/// What is told of a frame.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_tap_frame {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// Samples of the frame.
    pub samples: u32,
    /// Samples from the first one of the tap to the first one of this frame, dropped ones included.
    pub timestamp: u64,
    /// When it was made, since the engine was created, on the monotonic clock, ns.
    pub time_ns: u64,
    /// Frames dropped between this one and the one before it, because the host did not read in time.
    pub dropped: u64,
    /// Sum of SIDETONE_TAP_FLAG_*.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_tap_frame {
    const NAME: &'static str = "sidetone_tap_frame";
    const FIRST_SIZE: u32 = 40;
}

impl sidetone_tap_frame {
    fn of(frame: &TapFrame, samples: usize) -> Self {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        Self {
            size: 0,
            samples: samples as u32,
            timestamp: frame.timestamp,
            time_ns: u64::try_from(frame.time.as_nanos()).unwrap_or(u64::MAX),
            dropped: frame.dropped,
            flags: flag(frame.concealed, SIDETONE_TAP_FLAG_CONCEALED)
                + flag(frame.absent, SIDETONE_TAP_FLAG_ABSENT),
            reserved: 0,
        }
    }
}

/// How a tap does.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_tap_info {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// Samples of a frame.
    pub frame_samples: u32,
    /// Frames that wait to be read.
    pub waiting: u32,
    /// 1: the call is over, nothing follows what waits.
    pub ended: u32,
    /// Frames dropped in all, because the host did not read in time.
    pub dropped: u64,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_tap_info {
    const NAME: &'static str = "sidetone_tap_info";
    const FIRST_SIZE: u32 = 24;
}

fn tap_id(raw: u64) -> Outcome<TapId> {
    TapId::from_raw(raw).map_err(|error| id_error(error, "a tap", raw))
}

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_tap_options options;
/// sidetone_tap_options_init(&options, sizeof options);
/// options.direction = SIDETONE_TAP_SENT;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_tap_options_init(
    options: *mut sidetone_tap_options,
    size: u32,
) -> i32 {
    guard(|| sized::init(options, size, &sidetone_tap_options::defaults()))
}

/// Taps a call: one way of its audio as frames of 16-bit mono PCM, at a rate of the host's choice.
/// The tap is a clock: from when the call has media (a call that was dialled: once its far end was
/// found) to its end there is a frame for every 10 or 20 ms, silence when nothing is received. It
/// goes on through hold and changes of codec. Several taps of a call do not know of each other; one
/// that is not read loses frames of its own and disturbs nothing else.
///
/// `options`: NULL for the defaults. `tap`: gets the tap, SIDETONE_ID_NONE on failure; it lives until
/// sidetone_tap_close(), also when the call is over.
/// Returns SIDETONE_OK; SIDETONE_ERR_LIMIT (8 taps of one call), SIDETONE_ERR_ENDED,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// if (sidetone_tap_open(engine, call, NULL, &tap) == SIDETONE_OK)
///   sidetone_tap_close(engine, tap);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_tap_open(
    engine: *mut sidetone_engine,
    call: u64,
    options: *const sidetone_tap_options,
    tap: *mut u64,
) -> i32 {
    guard(|| {
        let out = Out::required(tap, "tap")?;
        out.put(0);
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let options = sidetone_tap_options::read(options)?;
        out.put(engine.engine.tap_open(id, options)?.raw());
        Ok(())
    })
}

/// Takes the next frame of a tap. It never makes the call wait, nor another tap. A host that does not
/// read for longer than `buffer_ms` loses the newest frames: what waits stays, and the first frame
/// after the gap says in `dropped` how many are missing before it.
///
/// `samples`, `capacity` (samples): get the frame; SIDETONE_TAP_SAMPLES_MAX is enough for each.
/// `timeout_ms`: how long to wait; 0: not at all, -1: for ever (sidetone_wake() does not end it; the
/// end of the call does, sidetone_tap_close() and the end of the engine). A host without a thread
/// for it reads with 0, for instance every 20 ms, until nothing is left. `frame`: `size` set by the
/// host, the rest by this function.
/// Returns SIDETONE_OK with a frame; SIDETONE_ERR_TIMEOUT when none came (the error text stays as it
/// was), SIDETONE_ERR_ENDED when the call is over and all was read, SIDETONE_ERR_TOO_SMALL (nothing
/// is taken; `frame->samples` says how many there are), SIDETONE_ERR_STALE_ID (closed),
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any; of several that read one tap each gets frames of its own. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// int16_t samples[SIDETONE_TAP_SAMPLES_MAX];
/// sidetone_tap_frame frame;
/// frame.size = sizeof frame;
/// sidetone_tap_open(engine, call, NULL, &tap);
/// while (sidetone_tap_read(engine, tap, samples, SIDETONE_TAP_SAMPLES_MAX, 1000, &frame) ==
///        SIDETONE_OK)
///   printf("%u samples at %llu\n", (unsigned)frame.samples, (unsigned long long)frame.timestamp);
/// sidetone_tap_close(engine, tap);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_tap_read(
    engine: *mut sidetone_engine,
    tap: u64,
    samples: *mut i16,
    capacity: u32,
    timeout_ms: i32,
    frame: *mut sidetone_tap_frame,
) -> i32 {
    guard_value(|| {
        let engine = enter(engine)?;
        let id = tap_id(tap)?;
        sized::check_out(frame)?;
        let timeout = event::timeout(timeout_ms)?;
        let length = engine.engine.tap_info(id)?.frame_samples;
        if (capacity as usize) < length {
            sized::write(frame, &sidetone_tap_frame::of(&TapFrame::default(), length))?;
            let text = format!("samples: room for {capacity}, a frame has {length}");
            return Err(Error::new(ErrorKind::TooSmall, text));
        }
        if samples.is_null() {
            return Err(null("samples"));
        }
        let mut pcm = [0i16; SIDETONE_TAP_SAMPLES_MAX as usize];
        let Some(told) = engine.engine.tap_read(id, &mut pcm, timeout)? else {
            return Ok(status::SIDETONE_ERR_TIMEOUT);
        };
        sized::write(frame, &sidetone_tap_frame::of(&told, length))?;
        let bytes = length * size_of::<i16>();
        // SAFETY: not NULL, and room for `capacity` samples (preface, "Pointers"), which is no less
        // than `length`; copied as bytes, whatever the alignment.
        unsafe { samples.cast::<u8>().copy_from_nonoverlapping(pcm.as_ptr().cast(), bytes) };
        Ok(status::SIDETONE_OK)
    })
}

/// How a tap does; after the end of its call, too.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// sidetone_tap_info info;
/// info.size = sizeof info;
/// sidetone_tap_open(engine, call, NULL, &tap);
/// if (sidetone_tap_info_read(engine, tap, &info) == SIDETONE_OK && info.dropped > 0)
///   printf("%llu frames lost\n", (unsigned long long)info.dropped);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_tap_info_read(
    engine: *mut sidetone_engine,
    tap: u64,
    info: *mut sidetone_tap_info,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = tap_id(tap)?;
        sized::check_out(info)?;
        let found = engine.engine.tap_info(id)?;
        sized::write(
            info,
            &sidetone_tap_info {
                size: 0,
                frame_samples: found.frame_samples as u32,
                waiting: found.waiting as u32,
                ended: u32::from(found.ended),
                dropped: found.dropped,
            },
        )
    })
}

/// Ends a tap; what waits in it is thrown away, and a read that waits for it ends with
/// SIDETONE_ERR_STALE_ID.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// sidetone_tap_open(engine, call, NULL, &tap);
/// sidetone_tap_close(engine, tap);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_tap_close(engine: *mut sidetone_engine, tap: u64) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        engine.engine.tap_close(tap_id(tap)?)
    })
}
