//! Watching others: messages waiting, busy lamps, presence, and any other event package.

use std::{ffi::c_char, time::Duration};

use super::{
    account::account_id,
    codes::SIDETONE_ID_NONE,
    engine::{list, seconds, sidetone_engine, within},
    guard::{Out, Outcome, command, enter, guard, guard_command, id_error, invalid},
    sized::{self, Sized32},
    strings::{self, copy_ids, copy_out, sidetone_text},
};
use crate::{
    base::ids::SubscriptionId,
    engine::{
        Notified, Package, SubscriptionInfo, SubscriptionOptions,
        watch::{WatchedDialog, WatchedState},
    },
};

/// Package: messages waiting in a mailbox (RFC 3842).
pub const SIDETONE_PACKAGE_MESSAGE_SUMMARY: u32 = 1;
/// Package: whether somebody talks, for busy lamps (RFC 4235); the default.
pub const SIDETONE_PACKAGE_DIALOG: u32 = 2;
/// Package: presence (RFC 3856).
pub const SIDETONE_PACKAGE_PRESENCE: u32 = 3;
/// Package: any other, named by `event`; the host reads its documents.
pub const SIDETONE_PACKAGE_OTHER: u32 = 4;

/// State of a subscription: SUBSCRIBE is under way, or the first NOTIFY.
pub const SIDETONE_SUBSCRIPTION_SUBSCRIBING: u32 = 0;
/// State of a subscription: the far end has not decided about it.
pub const SIDETONE_SUBSCRIPTION_PENDING: u32 = 1;
/// State of a subscription: it stands.
pub const SIDETONE_SUBSCRIPTION_ACTIVE: u32 = 2;
/// State of a subscription: it was lost; it is tried again after a while.
pub const SIDETONE_SUBSCRIPTION_RETRYING: u32 = 3;
/// State of a subscription: it is being taken back.
pub const SIDETONE_SUBSCRIPTION_UNSUBSCRIBING: u32 = 4;
/// State of a subscription: refused for good, ended by the far end, or (`sip_code` 200) the one look
/// that was asked for has been told; only sidetone_subscription_refresh() begins anew.
pub const SIDETONE_SUBSCRIPTION_ENDED: u32 = 5;

/// Busy lamp: nothing is known yet.
pub const SIDETONE_LAMP_UNKNOWN: u32 = 0;
/// Busy lamp: no call.
pub const SIDETONE_LAMP_IDLE: u32 = 1;
/// Busy lamp: somebody calls who is watched.
pub const SIDETONE_LAMP_RINGING: u32 = 2;
/// Busy lamp: who is watched calls or talks.
pub const SIDETONE_LAMP_BUSY: u32 = 3;
/// Busy lamp: all calls of who is watched are on hold.
pub const SIDETONE_LAMP_HELD: u32 = 4;

/// Presence: not said.
pub const SIDETONE_PRESENCE_UNKNOWN: u32 = 0;
/// Presence: can be reached.
pub const SIDETONE_PRESENCE_OPEN: u32 = 1;
/// Presence: cannot be reached.
pub const SIDETONE_PRESENCE_CLOSED: u32 = 2;

/// State of a watched dialog: INVITE sent or received.
pub const SIDETONE_DIALOG_TRYING: u32 = 0;
/// State of a watched dialog: somebody works on it.
pub const SIDETONE_DIALOG_PROCEEDING: u32 = 1;
/// State of a watched dialog: it rings.
pub const SIDETONE_DIALOG_EARLY: u32 = 2;
/// State of a watched dialog: it talks.
pub const SIDETONE_DIALOG_CONFIRMED: u32 = 3;

/// Text of a subscription: what is watched.
pub const SIDETONE_SUBSCRIPTION_TEXT_URI: u32 = 1;
/// Text of a subscription: its event package.
pub const SIDETONE_SUBSCRIPTION_TEXT_EVENT: u32 = 2;
/// Text of a subscription: the note of a presence.
pub const SIDETONE_SUBSCRIPTION_TEXT_NOTE: u32 = 3;
/// Text of a subscription: the activity of a presence, a name of RFC 4480, "on-the-phone" say.
pub const SIDETONE_SUBSCRIPTION_TEXT_ACTIVITY: u32 = 4;
/// Text of a subscription: URI of the mailbox.
pub const SIDETONE_SUBSCRIPTION_TEXT_MAILBOX: u32 = 5;

/// Text of a watched dialog: its id within the subscription.
pub const SIDETONE_DIALOG_TEXT_ID: u32 = 1;
/// Text of a watched dialog: SIP Call-ID; with both tags what picks the call up (Replaces).
pub const SIDETONE_DIALOG_TEXT_CALL_ID: u32 = 2;
/// Text of a watched dialog: tag of who is watched.
pub const SIDETONE_DIALOG_TEXT_LOCAL_TAG: u32 = 3;
/// Text of a watched dialog: tag of the far end.
pub const SIDETONE_DIALOG_TEXT_REMOTE_TAG: u32 = 4;
/// Text of a watched dialog: URI of the far end.
pub const SIDETONE_DIALOG_TEXT_REMOTE_URI: u32 = 5;
/// Text of a watched dialog: display name of the far end.
pub const SIDETONE_DIALOG_TEXT_REMOTE_NAME: u32 = 6;

/// How something is watched. Fill it with sidetone_subscription_options_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_subscription_options {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_PACKAGE_*; default SIDETONE_PACKAGE_DIALOG.
    pub package: u32,
    /// Lifetime asked for, 0 to 86400 seconds, default 3600; 0: one look and no more, with which
    /// the subscription ends and the reply comes.
    pub expires_s: u32,
    /// 0.
    pub reserved: u32,
    /// Event package of SIDETONE_PACKAGE_OTHER.
    pub event: sidetone_text,
    /// Its media types, separated by commas.
    pub accept: sidetone_text,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_subscription_options {
    const NAME: &'static str = "sidetone_subscription_options";
    const FIRST_SIZE: u32 = 48;
}

impl sidetone_subscription_options {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            package: SIDETONE_PACKAGE_DIALOG,
            expires_s: 3600,
            reserved: 0,
            event: sidetone_text::EMPTY,
            accept: sidetone_text::EMPTY,
        }
    }

    fn read(pointer: *const Self) -> Outcome<SubscriptionOptions> {
        let defaults = Self::defaults();
        let options = if pointer.is_null() { defaults } else { sized::read(pointer, defaults)? };
        let package = match options.package {
            SIDETONE_PACKAGE_MESSAGE_SUMMARY => Package::MessageSummary,
            SIDETONE_PACKAGE_DIALOG => Package::Dialog,
            SIDETONE_PACKAGE_PRESENCE => Package::Presence,
            SIDETONE_PACKAGE_OTHER => Package::Other {
                event: options.event.read("event")?,
                accept: list(&options.accept.read("accept")?),
            },
            other => return Err(invalid(format!("package {other}: give SIDETONE_PACKAGE_*"))),
        };
        let expires_s = within(options.expires_s, 0, 86_400, "expires_s")?;
        Ok(SubscriptionOptions { package, expires: Duration::from_secs(expires_s.into()) })
    }
}

/// A subscription as it stands. Set `size` before it is read.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_subscription_info {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_SUBSCRIPTION_*.
    pub state: u32,
    /// Last SIP status code; 0: none.
    pub sip_code: u32,
    /// Lifetime granted, seconds.
    pub expires_s: u32,
    /// SIDETONE_LAMP_*.
    pub lamp: u32,
    /// How many dialogs there are, for sidetone_subscription_dialog_read().
    pub dialogs: u32,
    /// SIDETONE_PRESENCE_*.
    pub presence: u32,
    /// 1: new messages wait; 0: none.
    pub messages_waiting: u32,
    /// New voice messages.
    pub voice_new: u32,
    /// Old voice messages.
    pub voice_old: u32,
    /// Urgent ones of the new.
    pub voice_urgent_new: u32,
    /// Urgent ones of the old.
    pub voice_urgent_old: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_subscription_info {
    const NAME: &'static str = "sidetone_subscription_info";
    const FIRST_SIZE: u32 = 48;
}

impl sidetone_subscription_info {
    fn of(info: &SubscriptionInfo) -> Self {
        let mut out = Self {
            size: size_of::<Self>() as u32,
            state: info.state as u32,
            sip_code: info.code.into(),
            expires_s: seconds(info.expires),
            lamp: SIDETONE_LAMP_UNKNOWN,
            dialogs: 0,
            presence: SIDETONE_PRESENCE_UNKNOWN,
            messages_waiting: 0,
            voice_new: 0,
            voice_old: 0,
            voice_urgent_new: 0,
            voice_urgent_old: 0,
        };
        match &info.latest {
            Notified::Messages(summary) => {
                let voice = summary.voice();
                out.messages_waiting = summary.waiting.into();
                (out.voice_new, out.voice_old) = (voice.new, voice.old);
                (out.voice_urgent_new, out.voice_urgent_old) = (voice.urgent_new, voice.urgent_old);
            }
            Notified::Dialogs { lamp, dialogs } => {
                out.lamp = *lamp as u32;
                out.dialogs = u32::try_from(dialogs.len()).unwrap_or(u32::MAX);
            }
            Notified::Presence(presence) => out.presence = open_number(presence.open()),
            Notified::Other => {}
        }
        out
    }
}

/// A dialog of somebody who is watched. Set `size` before it is read.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_watched_dialog {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_DIALOG_*.
    pub state: u32,
    /// 1: who is watched calls; 2: is called; 0: not told.
    pub direction: u32,
    /// 1: on hold.
    pub held: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_watched_dialog {
    const NAME: &'static str = "sidetone_watched_dialog";
    const FIRST_SIZE: u32 = 16;
}

impl sidetone_watched_dialog {
    fn of(dialog: &WatchedDialog) -> Self {
        Self {
            size: size_of::<Self>() as u32,
            state: match dialog.state {
                WatchedState::Trying => SIDETONE_DIALOG_TRYING,
                WatchedState::Proceeding => SIDETONE_DIALOG_PROCEEDING,
                WatchedState::Early => SIDETONE_DIALOG_EARLY,
                WatchedState::Confirmed | WatchedState::Terminated => SIDETONE_DIALOG_CONFIRMED,
            },
            direction: match dialog.initiator {
                Some(true) => 1,
                Some(false) => 2,
                None => 0,
            },
            held: dialog.held.into(),
        }
    }
}

/// SIDETONE_PRESENCE_* of a presence.
pub(super) fn open_number(open: Option<bool>) -> u32 {
    match open {
        Some(true) => SIDETONE_PRESENCE_OPEN,
        Some(false) => SIDETONE_PRESENCE_CLOSED,
        None => SIDETONE_PRESENCE_UNKNOWN,
    }
}

fn subscription_id(raw: u64) -> Outcome<SubscriptionId> {
    SubscriptionId::from_raw(raw).map_err(|error| id_error(error, "a subscription", raw))
}

/// The dialog of a subscription under an index.
fn dialog_of(info: &SubscriptionInfo, index: u32) -> Outcome<&WatchedDialog> {
    let dialogs = match &info.latest {
        Notified::Dialogs { dialogs, .. } => dialogs.as_slice(),
        _ => &[],
    };
    let count = dialogs.len();
    let found = dialogs.get(index as usize);
    found.ok_or_else(|| invalid(format!("index {index}: the subscription has {count} dialogs")))
}

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_subscription_options options;
/// sidetone_subscription_options_init(&options, sizeof options);
/// options.package = SIDETONE_PACKAGE_PRESENCE;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_options_init(
    options: *mut sidetone_subscription_options,
    size: u32,
) -> i32 {
    guard(|| sized::init(options, size, &sidetone_subscription_options::defaults()))
}

/// Watches somebody, or a mailbox. The subscription is kept up, and begun anew after failures, until
/// sidetone_subscription_remove(). Its changes are SIDETONE_EVENT_SUBSCRIPTION, what it tells
/// SIDETONE_EVENT_MESSAGE_WAITING, SIDETONE_EVENT_LAMP, SIDETONE_EVENT_PRESENCE or
/// SIDETONE_EVENT_NOTIFY. Where a proxy asks several far ends, the first that tells something is
/// watched; the others are refused (481), so that they stop.
///
/// `account`: who watches, or SIDETONE_ID_NONE. `uri`, `length` (bytes, -1: ends with a NUL): as in
/// sidetone_call_dial(). `options`: NULL for the defaults, a busy lamp. `subscription`: gets the id.
/// `request`: see "Requests"; the reply comes when the subscription stands, or does not.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_LIMIT (max_subscriptions), SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t lamp = SIDETONE_ID_NONE;
/// sidetone_subscription_add(engine, account, "201", -1, NULL, &lamp, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_add(
    engine: *mut sidetone_engine,
    account: u64,
    uri: *const c_char,
    length: i32,
    options: *const sidetone_subscription_options,
    subscription: *mut u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let out = Out::required(subscription, "subscription")?;
        out.put(SIDETONE_ID_NONE);
        let account = match account {
            SIDETONE_ID_NONE => None,
            raw => Some(account_id(raw)?),
        };
        let uri = strings::required(uri, length, "uri")?;
        let options = sidetone_subscription_options::read(options)?;
        let id = command(&engine, request, |request| {
            engine.engine.subscription_add(account, uri, options, request)
        })?;
        out.put(id.raw());
        Ok(())
    })
}

/// Refreshes a subscription at once; begins one anew that has ended.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_SUBSCRIPTION && event.state == SIDETONE_SUBSCRIPTION_ENDED)
///   sidetone_subscription_refresh(engine, event.subscription, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_refresh(
    engine: *mut sidetone_engine,
    subscription: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = subscription_id(subscription)?;
        command(&engine, request, |request| engine.engine.subscription_refresh(id, request))
    })
}

/// Takes a subscription back. Its id is stale at once, and no event of it follows but those that
/// wait already.
///
/// `request`: see "Requests"; the reply comes when the far end knows.
/// Returns as sidetone_subscription_refresh().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_subscription_remove(engine, event.subscription, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_remove(
    engine: *mut sidetone_engine,
    subscription: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = subscription_id(subscription)?;
        command(&engine, request, |request| engine.engine.subscription_remove(id, request))
    })
}

/// Reads how a subscription stands, and what it told last.
///
/// `info`: `size` set by the host.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_subscription_info info;
/// info.size = sizeof info;
/// sidetone_subscription_info_read(engine, event.subscription, &info);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_info_read(
    engine: *mut sidetone_engine,
    subscription: u64,
    info: *mut sidetone_subscription_info,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        sized::check_out(info)?;
        let read = engine.engine.subscription_info(subscription_id(subscription)?)?;
        sized::write(info, &sidetone_subscription_info::of(&read))
    })
}

/// Reads a text of a subscription.
///
/// `which`: SIDETONE_SUBSCRIPTION_TEXT_*. `buffer`, `capacity`, `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char note[200];
/// sidetone_subscription_text_read(engine, event.subscription, SIDETONE_SUBSCRIPTION_TEXT_NOTE,
///                                 note, sizeof note, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_text_read(
    engine: *mut sidetone_engine,
    subscription: u64,
    which: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let info = engine.engine.subscription_info(subscription_id(subscription)?)?;
        let text = match (which, &info.latest) {
            (SIDETONE_SUBSCRIPTION_TEXT_URI, _) => info.uri.as_str(),
            (SIDETONE_SUBSCRIPTION_TEXT_EVENT, _) => info.event.as_str(),
            (SIDETONE_SUBSCRIPTION_TEXT_NOTE, Notified::Presence(presence)) => presence.note(),
            (SIDETONE_SUBSCRIPTION_TEXT_ACTIVITY, Notified::Presence(presence)) => {
                presence.activity()
            }
            (SIDETONE_SUBSCRIPTION_TEXT_MAILBOX, Notified::Messages(summary)) => &summary.account,
            (SIDETONE_SUBSCRIPTION_TEXT_NOTE..=SIDETONE_SUBSCRIPTION_TEXT_MAILBOX, _) => "",
            (other, _) => {
                return Err(invalid(format!("which {other}: give SIDETONE_SUBSCRIPTION_TEXT_*")));
            }
        };
        copy_out(text, buffer, capacity, needed)
    })
}

/// Lists the subscriptions that were not removed.
///
/// `array`: gets up to `capacity` ids; NULL with 0. `count`: gets how many there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t watched[100];
/// uint32_t count = 0;
/// sidetone_subscription_list(engine, watched, 100, &count);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_list(
    engine: *mut sidetone_engine,
    array: *mut u64,
    capacity: u32,
    count: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let ids = engine.engine.subscriptions();
        copy_ids(ids.into_iter().map(SubscriptionId::raw), array, capacity, count)
    })
}

/// Reads one dialog of somebody who is watched.
///
/// `index`: from 0 to less than `dialogs` of sidetone_subscription_info. `dialog`: `size` set by the
/// host.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (no such dialog), SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_watched_dialog dialog;
/// dialog.size = sizeof dialog;
/// sidetone_subscription_dialog_read(engine, event.subscription, 0, &dialog);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_dialog_read(
    engine: *mut sidetone_engine,
    subscription: u64,
    index: u32,
    dialog: *mut sidetone_watched_dialog,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        sized::check_out(dialog)?;
        let info = engine.engine.subscription_info(subscription_id(subscription)?)?;
        sized::write(dialog, &sidetone_watched_dialog::of(dialog_of(&info, index)?))
    })
}

/// Reads a text of a dialog of somebody who is watched.
///
/// `index`: as in sidetone_subscription_dialog_read(). `which`: SIDETONE_DIALOG_TEXT_*. `buffer`,
/// `capacity`, `needed`: see "Text".
/// Returns as sidetone_subscription_dialog_read(), SIDETONE_ERR_TOO_SMALL.
/// Threads: any. Since 0.1.
///
/// ```c
/// char caller[200];
/// sidetone_subscription_dialog_text_read(engine, event.subscription, 0,
///                                        SIDETONE_DIALOG_TEXT_REMOTE_URI, caller, sizeof caller,
///                                        NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_subscription_dialog_text_read(
    engine: *mut sidetone_engine,
    subscription: u64,
    index: u32,
    which: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let info = engine.engine.subscription_info(subscription_id(subscription)?)?;
        let dialog = dialog_of(&info, index)?;
        let text = match which {
            SIDETONE_DIALOG_TEXT_ID => &dialog.id,
            SIDETONE_DIALOG_TEXT_CALL_ID => &dialog.call_id,
            SIDETONE_DIALOG_TEXT_LOCAL_TAG => &dialog.local_tag,
            SIDETONE_DIALOG_TEXT_REMOTE_TAG => &dialog.remote_tag,
            SIDETONE_DIALOG_TEXT_REMOTE_URI => &dialog.remote.uri,
            SIDETONE_DIALOG_TEXT_REMOTE_NAME => &dialog.remote.display_name,
            other => return Err(invalid(format!("which {other}: give SIDETONE_DIALOG_TEXT_*"))),
        };
        copy_out(text, buffer, capacity, needed)
    })
}
