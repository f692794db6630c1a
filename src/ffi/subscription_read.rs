//! What subscriptions have told.

use std::ffi::c_char;

use super::{
    engine::{seconds, sidetone_engine},
    guard::{Outcome, enter, guard, invalid},
    sized::{self, Sized32},
    strings::{copy_ids, copy_out},
    subscription::subscription_id,
};
use crate::{
    base::ids::SubscriptionId,
    engine::{
        Notified, SubscriptionInfo,
        watch::{WatchedDialog, WatchedState},
    },
};

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
