//! What an account does with its calls without asking the host.

use std::time::Duration;

use super::{
    account::account_id,
    codes,
    engine::{sidetone_engine, within},
    guard::{Outcome, enter, guard, invalid},
    sized::{self, Sized32},
    strings::sidetone_text,
};
use crate::engine::{
    AccountServices,
    services::{
        AutoAnswer, DoNotDisturb, Follow, Forwarding, NumberForm, Presentation, Reception,
        RedirectPolicy, TransferPolicy, text,
    },
};

/// Do not disturb: calls come through; the default.
pub const SIDETONE_DISTURB_ALLOWED: u32 = 1;
/// Do not disturb: callers hear busy (486).
pub const SIDETONE_DISTURB_BUSY: u32 = 2;
/// Do not disturb: callers hear that nobody is there (480).
pub const SIDETONE_DISTURB_UNAVAILABLE: u32 = 3;

/// Automatic answer: never; the default.
pub const SIDETONE_AUTO_ANSWER_OFF: u32 = 1;
/// Automatic answer: calls that ask for it (Call-Info or Alert-Info with answer-after, X-AUTOANSWER,
/// Answer-Mode of RFC 5373).
pub const SIDETONE_AUTO_ANSWER_ON_REQUEST: u32 = 2;
/// Automatic answer: every call.
pub const SIDETONE_AUTO_ANSWER_ALWAYS: u32 = 3;

/// Policy: the host decides. The default for transfers.
pub const SIDETONE_POLICY_ASK: u32 = 1;
/// Policy: it is done. The default for redirects.
pub const SIDETONE_POLICY_ALWAYS: u32 = 2;
/// Policy: it is not done.
pub const SIDETONE_POLICY_NEVER: u32 = 3;

/// What an account does with its calls without asking. Fill it with
/// sidetone_account_services_init(), then change what should differ. Empty text: none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_account_services {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_DISTURB_*; default allowed.
    pub do_not_disturb: u32,
    /// 1: a second call may ring (default); 0: the account is busy (486) with one.
    pub call_waiting: u32,
    /// Most calls at once, in both directions; 0: as many as the engine takes (default).
    pub max_calls: u32,
    /// SIP URI that every call is sent on to, by 302 with a Diversion header (RFC 5806).
    pub forward_always: sidetone_text,
    /// SIP URI that calls are sent on to while the account is busy or does not want to be disturbed.
    pub forward_busy: sidetone_text,
    /// SIP URI that calls are sent on to when nobody answers for `forward_after_ms`.
    pub forward_no_answer: sidetone_text,
    /// See `forward_no_answer`, 1000 to 600000 ms; default 20000.
    pub forward_after_ms: u32,
    /// SIDETONE_AUTO_ANSWER_*; default off.
    pub auto_answer: u32,
    /// How long such a call rings when the caller does not say, 0 to 120000 ms; default 0.
    pub auto_answer_delay_ms: u32,
    /// SIDETONE_POLICY_*: what is done when a far end wants us to call somebody else.
    pub transfer: u32,
    /// Who may have a call answered by itself: users or addresses divided by commas, `*` for any
    /// characters ("200, 3*, *@example.com"); empty: everybody.
    pub auto_answer_callers: sidetone_text,
    /// SIDETONE_POLICY_*: what is done when a far end sends our call elsewhere (3xx).
    pub redirect: u32,
    /// How many times a call may be sent elsewhere, 1 to 100; default 5.
    pub redirect_hops: u32,
    /// 1: P-Asserted-Identity and Remote-Party-ID are believed, the network sees to it; 0: only
    /// From counts (default).
    pub trust_identity: u32,
    /// 1: calls do not say who calls: From is anonymous and the network is asked for privacy
    /// (RFC 3323, 3325); 0: they do (default).
    pub anonymous: u32,
    /// P-Preferred-Identity of calls, "sip:al@example.com", "tel:+49301234" or "Al <sip:…>".
    pub preferred_identity: sidetone_text,
    /// P-Asserted-Identity of calls, for a network that trusts us.
    pub asserted_identity: sidetone_text,
    /// 1: calls carry Remote-Party-ID, for old networks; 0: they do not (default).
    pub remote_party_id: u32,
    /// A call that came in is refused with 480 when nobody answers it for so long, 1000 to 3600000
    /// ms; 0: 180000 (default).
    pub ring_time_ms: u32,
    /// A call ends when it has been connected for so long, seconds; 0: any time (default).
    pub max_duration_s: u32,
    /// A call ends when no RTP came for so long while it should, 1000 to 3600000 ms; 0: never
    /// (default).
    pub dead_media_ms: u32,
    /// Rules for numbers, as desk phones have them: "(<0:+49>[1-9]x.|*xx.|0900x.!)". Between bars;
    /// the first that fits the whole number counts. `x` is any digit, `[2-46]` one of a set, `.`
    /// repeats what is before it, `<a:b>` calls b for a, `!` at the end bars the number.
    pub dial_plan: sidetone_text,
    /// Country code, "49": national numbers become "+49…".
    pub country_code: sidetone_text,
    /// What is dialled before numbers of other countries, "00": becomes "+".
    pub international_prefix: sidetone_text,
    /// What is dialled before numbers of other areas, "0".
    pub national_prefix: sidetone_text,
    /// What goes out for a leading "+", for exchanges that take none: "00" or "011".
    pub plus: sidetone_text,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_account_services {
    const NAME: &'static str = "sidetone_account_services";
    const FIRST_SIZE: u32 = 240;
}

impl sidetone_account_services {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            do_not_disturb: SIDETONE_DISTURB_ALLOWED,
            call_waiting: 1,
            max_calls: 0,
            forward_always: sidetone_text::EMPTY,
            forward_busy: sidetone_text::EMPTY,
            forward_no_answer: sidetone_text::EMPTY,
            forward_after_ms: 20_000,
            auto_answer: SIDETONE_AUTO_ANSWER_OFF,
            auto_answer_delay_ms: 0,
            transfer: SIDETONE_POLICY_ASK,
            auto_answer_callers: sidetone_text::EMPTY,
            redirect: SIDETONE_POLICY_ALWAYS,
            redirect_hops: RedirectPolicy::default().hops,
            trust_identity: 0,
            anonymous: 0,
            preferred_identity: sidetone_text::EMPTY,
            asserted_identity: sidetone_text::EMPTY,
            remote_party_id: 0,
            ring_time_ms: 0,
            max_duration_s: 0,
            dead_media_ms: 0,
            dial_plan: sidetone_text::EMPTY,
            country_code: sidetone_text::EMPTY,
            international_prefix: sidetone_text::EMPTY,
            national_prefix: sidetone_text::EMPTY,
            plus: sidetone_text::EMPTY,
        }
    }

    fn to_services(self) -> Outcome<AccountServices> {
        let numbers = NumberForm {
            country_code: self.country_code.read("country_code")?,
            international_prefix: self.international_prefix.read("international_prefix")?,
            national_prefix: self.national_prefix.read("national_prefix")?,
            plus: self.plus.read("plus")?,
        };
        let plan = text::dial_plan(&self.dial_plan.read("dial_plan")?)?;
        Ok(AccountServices {
            reception: self.reception()?,
            auto_answer: self.auto_answer()?,
            transfer: match self.transfer {
                0 | SIDETONE_POLICY_ASK => TransferPolicy::Ask,
                SIDETONE_POLICY_ALWAYS => TransferPolicy::Accept,
                SIDETONE_POLICY_NEVER => TransferPolicy::Refuse,
                other => return Err(unknown("transfer", other)),
            },
            redirect: RedirectPolicy {
                follow: match self.redirect {
                    SIDETONE_POLICY_ASK => Follow::Ask,
                    0 | SIDETONE_POLICY_ALWAYS => Follow::Always,
                    SIDETONE_POLICY_NEVER => Follow::Never,
                    other => return Err(unknown("redirect", other)),
                },
                hops: within(self.redirect_hops, 1, 100, "redirect_hops")?,
            },
            presentation: self.presentation()?,
            trust_identity: codes::switch(self.trust_identity, "trust_identity")?,
            dial_plan: plan.with_numbers(numbers),
            ring_time: time(self.ring_time_ms, "ring_time_ms")?,
            max_duration: (self.max_duration_s != 0)
                .then(|| Duration::from_secs(self.max_duration_s.into())),
            dead_media: time(self.dead_media_ms, "dead_media_ms")?,
        })
    }

    fn reception(&self) -> Outcome<Reception> {
        let target = |target: &sidetone_text, name| text::uri(name, &target.read(name)?);
        let after = within(self.forward_after_ms, 1_000, 600_000, "forward_after_ms")?;
        Ok(Reception {
            do_not_disturb: match self.do_not_disturb {
                0 | SIDETONE_DISTURB_ALLOWED => DoNotDisturb::Off,
                SIDETONE_DISTURB_BUSY => DoNotDisturb::Busy,
                SIDETONE_DISTURB_UNAVAILABLE => DoNotDisturb::Unavailable,
                other => return Err(unknown("do_not_disturb", other)),
            },
            call_waiting: codes::switch(self.call_waiting, "call_waiting")?,
            max_calls: self.max_calls,
            forwarding: Forwarding {
                always: target(&self.forward_always, "forward_always")?,
                busy: target(&self.forward_busy, "forward_busy")?,
                no_answer: target(&self.forward_no_answer, "forward_no_answer")?,
                after: Duration::from_millis(after.into()),
            },
        })
    }

    fn auto_answer(&self) -> Outcome<AutoAnswer> {
        let (on_request, always) = match self.auto_answer {
            0 | SIDETONE_AUTO_ANSWER_OFF => (false, false),
            SIDETONE_AUTO_ANSWER_ON_REQUEST => (true, false),
            SIDETONE_AUTO_ANSWER_ALWAYS => (true, true),
            other => return Err(unknown("auto_answer", other)),
        };
        let callers = self.auto_answer_callers.read("auto_answer_callers")?;
        let callers = callers.split(',').map(str::trim).filter(|caller| !caller.is_empty());
        let delay = within(self.auto_answer_delay_ms, 0, 120_000, "auto_answer_delay_ms")?;
        Ok(AutoAnswer {
            on_request,
            always,
            callers: callers.map(str::to_owned).collect(),
            delay: Duration::from_millis(delay.into()),
        })
    }

    fn presentation(&self) -> Outcome<Presentation> {
        let address = |address: &sidetone_text, name| text::address(name, &address.read(name)?);
        Ok(Presentation {
            anonymous: codes::switch(self.anonymous, "anonymous")?,
            preferred: address(&self.preferred_identity, "preferred_identity")?,
            asserted: address(&self.asserted_identity, "asserted_identity")?,
            remote_party: codes::switch(self.remote_party_id, "remote_party_id")?,
        })
    }
}

fn unknown(field: &str, number: u32) -> crate::engine::Error {
    invalid(format!("{field} {number} is not one that this library knows"))
}

/// 0: none.
fn time(ms: u32, name: &str) -> Outcome<Option<Duration>> {
    if ms == 0 {
        return Ok(None);
    }
    let ms = within(ms, 1_000, 3_600_000, name)?;
    Ok(Some(Duration::from_millis(ms.into())))
}

/// Fills services with the defaults.
///
/// `services`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_services services;
/// sidetone_account_services_init(&services, sizeof services);
/// services.forward_busy.data = "sip:mailbox@example.com";
/// services.max_duration_s = 4 * 3600;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_services_init(
    services: *mut sidetone_account_services,
    size: u32,
) -> i32 {
    guard(|| sized::init(services, size, &sidetone_account_services::defaults()))
}

/// Replaces what an account does without asking, for calls that begin from now on. An account that
/// was given none has the defaults; sidetone_account_update() leaves them as they are.
///
/// `services`: copied.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_URI,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_services services;
/// sidetone_account_services_init(&services, sizeof services);
/// services.do_not_disturb = SIDETONE_DISTURB_BUSY;
/// sidetone_account_services_set(engine, account, &services);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_services_set(
    engine: *mut sidetone_engine,
    account: u64,
    services: *const sidetone_account_services,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = account_id(account)?;
        let services = sized::read(services, sidetone_account_services::defaults())?;
        engine.engine.account_services_set(id, services.to_services()?)
    })
}
