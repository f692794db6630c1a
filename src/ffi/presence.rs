//! Telling about oneself: presence, and event state of any other package (RFC 3903).

use std::ffi::{c_char, c_void};

use super::{
    account::account_id,
    codes::{self, SIDETONE_ID_NONE},
    engine::sidetone_engine,
    guard::{Out, Outcome, command, enter, guard, guard_command, id_error},
    sized::{self, Sized32},
    strings::{self, sidetone_text},
};
use crate::{base::ids::PublicationId, engine::OwnState};

/// State of a publication: PUBLISH is under way.
pub const SIDETONE_PUBLICATION_PUBLISHING: u32 = 0;
/// State of a publication: the server has it.
pub const SIDETONE_PUBLICATION_PUBLISHED: u32 = 1;
/// State of a publication: it failed; it is tried again after a while.
pub const SIDETONE_PUBLICATION_RETRYING: u32 = 2;
/// State of a publication: it is being removed.
pub const SIDETONE_PUBLICATION_REMOVING: u32 = 3;
/// State of a publication: refused for good; only another state begins anew.
pub const SIDETONE_PUBLICATION_ENDED: u32 = 4;

/// Our own presence. Fill it with sidetone_presence_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_presence {
    /// sizeof of this struct.
    pub size: u32,
    /// 1: can be reached (default); 0: cannot.
    pub open: u32,
    /// What we do, a name of RFC 4480: "on-the-phone", "away", "busy", "meeting"; empty: not said.
    pub activity: sidetone_text,
    /// For people; empty: none.
    pub note: sidetone_text,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_presence {
    const NAME: &'static str = "sidetone_presence";
    const FIRST_SIZE: u32 = 40;
}

impl sidetone_presence {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            open: 1,
            activity: sidetone_text::EMPTY,
            note: sidetone_text::EMPTY,
        }
    }

    fn read(pointer: *const Self) -> Outcome<OwnState> {
        let presence = sized::read(pointer, Self::defaults())?;
        Ok(OwnState {
            open: codes::switch(presence.open, "open")?,
            activity: presence.activity.read("activity")?,
            note: presence.note.read("note")?,
        })
    }
}

fn publication_id(raw: u64) -> Outcome<PublicationId> {
    PublicationId::from_raw(raw).map_err(|error| id_error(error, "a publication", raw))
}

/// Fills a presence with the defaults: can be reached, nothing else is said.
///
/// `presence`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_presence presence;
/// sidetone_presence_init(&presence, sizeof presence);
/// presence.note.data = "back at five";
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_presence_init(
    presence: *mut sidetone_presence,
    size: u32,
) -> i32 {
    guard(|| sized::init(presence, size, &sidetone_presence::defaults()))
}

/// Publishes the presence of an account. It is refreshed until sidetone_publication_remove(); its
/// changes are SIDETONE_EVENT_PUBLICATION.
///
/// `publication`: gets the id. `request`: see "Requests"; the reply comes when the server has it, or
/// refuses.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_LIMIT (max_subscriptions),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t publication = SIDETONE_ID_NONE;
/// sidetone_presence presence;
/// sidetone_presence_init(&presence, sizeof presence);
/// presence.activity.data = "on-the-phone";
/// sidetone_presence_publish(engine, account, &presence, &publication, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_presence_publish(
    engine: *mut sidetone_engine,
    account: u64,
    presence: *const sidetone_presence,
    publication: *mut u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let out = Out::required(publication, "publication")?;
        out.put(SIDETONE_ID_NONE);
        let account = account_id(account)?;
        let presence = sidetone_presence::read(presence)?;
        let id = command(&engine, request, |request| {
            engine.engine.presence_publish(account, &presence, request)
        })?;
        out.put(id.raw());
        Ok(())
    })
}

/// Publishes another presence in the place of the one before.
///
/// `publication`: that of sidetone_presence_publish(). `request`: see "Requests".
/// Returns as sidetone_presence_publish().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_presence presence;
/// sidetone_presence_init(&presence, sizeof presence);
/// presence.open = 0;
/// sidetone_presence_update(engine, event.publication, &presence, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_presence_update(
    engine: *mut sidetone_engine,
    publication: u64,
    presence: *const sidetone_presence,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = publication_id(publication)?;
        let presence = sidetone_presence::read(presence)?;
        command(&engine, request, |request| engine.engine.presence_update(id, &presence, request))
    })
}

/// Publishes event state of any package under an account. It is refreshed until
/// sidetone_publication_remove().
///
/// `event`, `event_length` (bytes, -1: ends with a NUL): the package, "presence" say.
/// `content_type`, `type_length`: media type of the body. `body`: `bytes` octets, 1 to
/// SIDETONE_BODY_MAX. `publication`: gets the id. `request`: see "Requests".
/// Returns as sidetone_presence_publish().
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t publication = SIDETONE_ID_NONE;
/// sidetone_publication_add(engine, account, "x-lamp", -1, "text/plain", -1, "on", 2, &publication,
///                          NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_publication_add(
    engine: *mut sidetone_engine,
    account: u64,
    event: *const c_char,
    event_length: i32,
    content_type: *const c_char,
    type_length: i32,
    body: *const c_void,
    bytes: u32,
    publication: *mut u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let out = Out::required(publication, "publication")?;
        out.put(SIDETONE_ID_NONE);
        let account = account_id(account)?;
        let event = strings::required(event, event_length, "event")?;
        let content_type = strings::required(content_type, type_length, "content_type")?;
        let body = strings::octets(body, bytes, "body")?;
        let id = command(&engine, request, |request| {
            engine.engine.publication_add(account, event, content_type, body, request)
        })?;
        out.put(id.raw());
        Ok(())
    })
}

/// Publishes another state of any package in the place of the one before.
///
/// `content_type`, `type_length`, `body`, `bytes`: as in sidetone_publication_add(). `request`: see
/// "Requests".
/// Returns as sidetone_presence_publish().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_publication_update(engine, event.publication, "text/plain", -1, "off", 3, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_publication_update(
    engine: *mut sidetone_engine,
    publication: u64,
    content_type: *const c_char,
    type_length: i32,
    body: *const c_void,
    bytes: u32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = publication_id(publication)?;
        let content_type = strings::required(content_type, type_length, "content_type")?;
        let body = strings::octets(body, bytes, "body")?;
        command(&engine, request, |request| {
            engine.engine.publication_update(id, content_type, body, request)
        })
    })
}

/// Removes what is published. Its id is stale at once, and no event of it follows but those that
/// wait already.
///
/// `request`: see "Requests"; the reply comes when the server knows.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_publication_remove(engine, event.publication, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_publication_remove(
    engine: *mut sidetone_engine,
    publication: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = publication_id(publication)?;
        command(&engine, request, |request| engine.engine.publication_remove(id, request))
    })
}
