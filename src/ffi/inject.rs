//! Injections: PCM of a program put into a call.

use std::slice;

use super::{
    call::call_id,
    engine::sidetone_engine,
    guard::{Out, Outcome, enter, guard, id_error, invalid, null},
    sized::{self, Sized32},
};
use crate::{
    base::ids::InjectionId,
    engine::{InjectDirection, InjectOptions},
};

/// Injection: heard by the far end, with the microphone; the default.
pub const SIDETONE_INJECT_FAR_END: u32 = 1;
/// Injection: heard by our own user, with the calls.
pub const SIDETONE_INJECT_NEAR_END: u32 = 2;

/// How audio is put into a call. Fill it with sidetone_inject_options_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_inject_options {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_INJECT_FAR_END (default) or SIDETONE_INJECT_NEAR_END.
    pub direction: u32,
    /// 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
    pub sample_rate_hz: u32,
    /// Audio that may be written ahead, 100 to 60000 ms, default 5000.
    pub buffer_ms: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_inject_options {
    const NAME: &'static str = "sidetone_inject_options";
    const FIRST_SIZE: u32 = 16;
}

impl sidetone_inject_options {
    fn defaults() -> Self {
        let options = InjectOptions::default();
        Self {
            size: size_of::<Self>() as u32,
            direction: SIDETONE_INJECT_FAR_END,
            sample_rate_hz: options.sample_rate_hz,
            buffer_ms: options.buffer_ms,
        }
    }

    fn read(pointer: *const Self) -> Outcome<InjectOptions> {
        if pointer.is_null() {
            return Ok(InjectOptions::default());
        }
        let options = sized::read(pointer, Self::defaults())?;
        Ok(InjectOptions {
            direction: match options.direction {
                SIDETONE_INJECT_FAR_END => InjectDirection::FarEnd,
                SIDETONE_INJECT_NEAR_END => InjectDirection::NearEnd,
                number => return Err(invalid(format!("direction {number}: give 1 or 2"))),
            },
            sample_rate_hz: options.sample_rate_hz,
            buffer_ms: options.buffer_ms,
        })
    }
}

/// How an injection does. All but `queued` count from its opening.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_inject_info {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// 1: the call is over, nothing more is played.
    pub ended: u32,
    /// Samples that wait to be played.
    pub queued: u64,
    /// Samples played.
    pub played: u64,
    /// How often it ran empty while it played: the host was late, or had no more to say.
    pub underruns: u64,
    /// Samples that writes did not take for want of room.
    pub dropped: u64,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_inject_info {
    const NAME: &'static str = "sidetone_inject_info";
    const FIRST_SIZE: u32 = 40;
}

fn injection_id(raw: u64) -> Outcome<InjectionId> {
    InjectionId::from_raw(raw).map_err(|error| id_error(error, "an injection", raw))
}

/// Samples of a host.
fn pcm<'a>(samples: *const i16, count: u32) -> Outcome<&'a [i16]> {
    if count == 0 {
        return Ok(&[]);
    }
    if samples.is_null() {
        return Err(null("samples"));
    }
    if !samples.is_aligned() {
        return Err(invalid("samples: an odd address"));
    }
    // SAFETY: not NULL, so it points to `count` samples (preface, "Pointers"); aligned as seen.
    Ok(unsafe { slice::from_raw_parts(samples, count as usize) })
}

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_inject_options options;
/// sidetone_inject_options_init(&options, sizeof options);
/// options.sample_rate_hz = 24000;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_inject_options_init(
    options: *mut sidetone_inject_options,
    size: u32,
) -> i32 {
    guard(|| sized::init(options, size, &sidetone_inject_options::defaults()))
}

/// Opens a source of audio in a call, to which the host writes 16-bit mono PCM. It is mixed with
/// whatever else is heard there: the microphone goes on beside it, and sidetone_call_mute() mutes the
/// microphone only, so a program that is to speak in its place mutes. The gains of
/// sidetone_call_gain() hold for it as for the rest of what is sent. What is written for the far end
/// waits until the call has media.
///
/// `options`: NULL for the defaults. `injection`: gets the injection, SIDETONE_ID_NONE on failure; it
/// lives until sidetone_inject_close(), also when the call is over.
/// Returns SIDETONE_OK; SIDETONE_ERR_LIMIT (8 injections of one call), SIDETONE_ERR_ENDED,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection;
/// if (sidetone_inject_open(engine, call, NULL, &injection) == SIDETONE_OK)
///   sidetone_call_mute(engine, call, 1, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_inject_open(
    engine: *mut sidetone_engine,
    call: u64,
    options: *const sidetone_inject_options,
    injection: *mut u64,
) -> i32 {
    guard(|| {
        let out = Out::required(injection, "injection")?;
        out.put(0);
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let options = sidetone_inject_options::read(options)?;
        out.put(engine.engine.inject_open(id, options)?.raw());
        Ok(())
    })
}

/// Queues samples behind those that wait, as many as there is room for. It never waits. What is
/// queued is played at the pace of the call, 10 ms at a time; a source that makes its samples as they
/// are needed writes ahead by as much as it may be late.
///
/// `samples`, `count`: any number, 0 too. `written`: gets how many were taken; NULL: not wanted. The
/// rest can be given again later, sidetone_inject_info_read() says when there is room.
/// Returns SIDETONE_OK, also when not all were taken; SIDETONE_ERR_ENDED (the call is over),
/// SIDETONE_ERR_STALE_ID (closed), SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT (samples at
/// an odd address), SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any; the samples of one call stay together. Since 0.1.
///
/// ```c
/// static const int16_t silence[1600] = {0};
/// uint64_t injection;
/// uint32_t written;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// sidetone_inject_write(engine, injection, silence, 1600, &written);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_inject_write(
    engine: *mut sidetone_engine,
    injection: u64,
    samples: *const i16,
    count: u32,
    written: *mut u32,
) -> i32 {
    guard(|| {
        let out = Out::optional(written);
        out.put(0);
        let engine = enter(engine)?;
        let id = injection_id(injection)?;
        let taken = engine.engine.inject_write(id, pcm(samples, count)?)?;
        out.put(taken as u32);
        Ok(())
    })
}

/// Throws away what was written and not yet played: the far end interrupts. What has left the queue
/// (10 ms, and what a packet holds) is still heard; what is written afterwards is played next.
///
/// `flushed`: gets how many samples were thrown away; NULL: not wanted.
/// Returns SIDETONE_OK; SIDETONE_ERR_ENDED, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection, flushed;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// if (sidetone_inject_flush(engine, injection, &flushed) == SIDETONE_OK)
///   printf("%llu samples were not heard\n", (unsigned long long)flushed);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_inject_flush(
    engine: *mut sidetone_engine,
    injection: u64,
    flushed: *mut u64,
) -> i32 {
    guard(|| {
        let out = Out::optional(flushed);
        out.put(0);
        let engine = enter(engine)?;
        out.put(engine.engine.inject_flush(injection_id(injection)?)?);
        Ok(())
    })
}

/// How an injection does; after the end of its call, too.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection;
/// sidetone_inject_info info;
/// info.size = sizeof info;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// if (sidetone_inject_info_read(engine, injection, &info) == SIDETONE_OK && info.queued == 0)
///   puts("all was said");
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_inject_info_read(
    engine: *mut sidetone_engine,
    injection: u64,
    info: *mut sidetone_inject_info,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = injection_id(injection)?;
        sized::check_out(info)?;
        let found = engine.engine.inject_info(id)?;
        sized::write(
            info,
            &sidetone_inject_info {
                size: 0,
                ended: u32::from(found.ended),
                queued: found.queued,
                played: found.played,
                underruns: found.underruns,
                dropped: found.dropped,
            },
        )
    })
}

/// Ends an injection; what waits in it is thrown away. To have all of it heard, close it when
/// `queued` is 0.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// sidetone_inject_close(engine, injection);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_inject_close(
    engine: *mut sidetone_engine,
    injection: u64,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        engine.engine.inject_close(injection_id(injection)?)
    })
}
