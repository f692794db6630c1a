//! Watching others: messages waiting, busy lamps, presence, and any other event package.

use std::{ffi::c_char, time::Duration};

use super::{
    account::account_id,
    codes::SIDETONE_ID_NONE,
    engine::{list, sidetone_engine, within},
    guard::{Out, Outcome, command, enter, guard, guard_command, id_error, invalid},
    sized::{self, Sized32},
    strings::{self, sidetone_text},
};
use crate::{
    base::ids::SubscriptionId,
    engine::{Package, SubscriptionOptions},
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

pub(super) fn subscription_id(raw: u64) -> Outcome<SubscriptionId> {
    SubscriptionId::from_raw(raw).map_err(|error| id_error(error, "a subscription", raw))
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
