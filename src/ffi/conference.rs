//! Conferences: calls that hear each other, with a gain for each pair.

use super::{
    call::call_id,
    codes,
    engine::sidetone_engine,
    guard::{Out, Outcome, command, enter, guard, guard_command, id_error, invalid},
    strings,
};
use crate::base::ids::{CallId, ConferenceId};

fn conference_id(raw: u64) -> Outcome<ConferenceId> {
    ConferenceId::from_raw(raw).map_err(|error| id_error(error, "a conference", raw))
}

/// A call, or our own user.
fn seat(raw: u64) -> Outcome<Option<CallId>> {
    if raw == codes::SIDETONE_ID_NONE { Ok(None) } else { call_id(raw).map(Some) }
}

/// Makes a conference: calls that are added to it hear each other. Our own user is heard by every call
/// and hears every call, in a conference or not, where the engine has a microphone and a loudspeaker
/// (sidetone_audio_select()); sidetone_conference_gain() turns them down in it. A file for everybody
/// is played into each of its calls.
///
/// `conference`: gets the id, SIDETONE_ID_NONE on failure; it lives until
/// sidetone_conference_destroy(), with calls or without.
/// Returns SIDETONE_OK; SIDETONE_ERR_LIMIT (as many as `max_calls`), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// if (sidetone_conference_create(engine, &conference) == SIDETONE_OK) {
///   sidetone_conference_add(engine, conference, call, NULL);
///   sidetone_conference_add(engine, conference, other_call, NULL);
/// }
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_conference_create(
    engine: *mut sidetone_engine,
    conference: *mut u64,
) -> i32 {
    guard(|| {
        let out = Out::required(conference, "conference")?;
        out.put(codes::SIDETONE_ID_NONE);
        let engine = enter(engine)?;
        out.put(engine.engine.conference_create()?.raw());
        Ok(())
    })
}

/// Ends a conference. The calls that are in it go on, each alone with our user; hang them up where
/// they are to end, too.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_destroy(engine, conference, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_conference_destroy(
    engine: *mut sidetone_engine,
    conference: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = conference_id(conference)?;
        command(&engine, request, |request| engine.engine.conference_destroy(id, request))
    })
}

/// Lets a call and the calls of a conference hear each other, each with the gain that is set for the
/// pair. It need not be answered: it takes part as soon as it has media. It leaves by itself when it
/// ends, and a hold parts it from the others as from our user. A call is in one conference at most;
/// added again, nothing changes. Between its calls use no sidetone_call_route().
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is in another
/// conference, or over; after SIDETONE_ERR_BUSY add it again.
/// Returns as sidetone_conference_destroy().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_add(engine, conference, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_conference_add(
    engine: *mut sidetone_engine,
    conference: u64,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let (id, call) = (conference_id(conference)?, call_id(call)?);
        command(&engine, request, |request| engine.engine.conference_add(id, call, request))
    })
}

/// Takes a call out of a conference; it goes on, and the gains that were set for it are forgotten.
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is not in it.
/// Returns as sidetone_conference_destroy().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_add(engine, conference, call, NULL);
/// sidetone_conference_remove(engine, conference, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_conference_remove(
    engine: *mut sidetone_engine,
    conference: u64,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let (id, call) = (conference_id(conference)?, call_id(call)?);
        command(&engine, request, |request| engine.engine.conference_remove(id, call, request))
    })
}

/// Sets how loud `to` hears `from` in a conference; within 20 ms. The other way keeps its own gain. So
/// a supervisor who is to whisper has a gain of -INFINITY towards the customer, one who only listens
/// towards everybody, and one who barges in has none. What is set for a call before it is added holds
/// from its first sample on.
///
/// `from`, `to`: calls, or SIDETONE_ID_NONE for our own user (`from`: the microphone, `to`: the
/// loudspeaker); not both the same. `gain_db`: -96 to 24, 0 at first; -96 and -INFINITY are silence.
/// `request`: see "Requests".
/// Returns as sidetone_conference_destroy(), SIDETONE_ERR_INVALID_ARGUMENT.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_gain(engine, conference, other_call, call, -96.0f, NULL);
/// sidetone_conference_add(engine, conference, call, NULL);
/// sidetone_conference_add(engine, conference, other_call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_conference_gain(
    engine: *mut sidetone_engine,
    conference: u64,
    from: u64,
    to: u64,
    gain_db: f32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let (id, from, to) = (conference_id(conference)?, seat(from)?, seat(to)?);
        if gain_db != f32::NEG_INFINITY && !(-96.0..=24.0).contains(&gain_db) {
            let text = format!("gain_db {gain_db}: give -96 (silence) to 24 dB, or -INFINITY");
            return Err(invalid(text));
        }
        command(&engine, request, |request| {
            engine.engine.conference_gain(id, from, to, gain_db, request)
        })
    })
}

/// The ids of the calls of a conference, in the order in which they were added.
///
/// `calls`: gets at most `capacity` ids; may be NULL with `capacity` 0. `count`: gets how many
/// there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL (as many as fit were stored), SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference, calls[16];
/// uint32_t count = 0;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_calls(engine, conference, calls, 16, &count);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_conference_calls(
    engine: *mut sidetone_engine,
    conference: u64,
    calls: *mut u64,
    capacity: u32,
    count: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let ids = engine.engine.conference_calls(conference_id(conference)?)?;
        strings::copy_ids(ids.into_iter().map(CallId::raw), calls, capacity, count)
    })
}
