//! Accounts.

use std::{net::IpAddr, time::Duration};

use super::{
    codes::{self, LIST},
    engine::{sidetone_engine, within},
    guard::{Out, Outcome, command, enter, guard, guard_command, id_error, invalid},
    hold, opus,
    sized::{self, Sized32},
    strings::{sidetone_headers, sidetone_text},
};
use crate::{
    base::ids::AccountId,
    engine::{AccountConfig, Gruu, Outbound},
};

/// Registration: not registered, and not trying.
pub const SIDETONE_REGISTRATION_UNREGISTERED: u32 = 0;
/// Registration: a REGISTER is under way.
pub const SIDETONE_REGISTRATION_REGISTERING: u32 = 1;
/// Registration: registered; it is refreshed before it expires.
pub const SIDETONE_REGISTRATION_REGISTERED: u32 = 2;
/// Registration: failed; it is tried again after a while.
pub const SIDETONE_REGISTRATION_RETRYING: u32 = 3;
/// Registration: failed for good (credentials refused); only sidetone_account_register() tries again.
pub const SIDETONE_REGISTRATION_FAILED: u32 = 4;
/// Registration: being taken back.
pub const SIDETONE_REGISTRATION_UNREGISTERING: u32 = 5;

/// Reach: a registration is not wanted, or was given up.
pub const SIDETONE_REACH_IDLE: u32 = 0;
/// Reach: the registrar knows where we are.
pub const SIDETONE_REACH_UP: u32 = 1;
/// Reach: the registrar was not reached, or refused; it is tried again.
pub const SIDETONE_REACH_LOST: u32 = 2;
/// Reach: a REGISTER is out that will tell.
pub const SIDETONE_REACH_PROBING: u32 = 3;
/// Reach: our own address has changed, and a REGISTER with the new one is out.
pub const SIDETONE_REACH_MOVED: u32 = 4;

/// Outbound (RFC 5626): over connections, not over UDP; the default.
pub const SIDETONE_OUTBOUND_AUTO: u32 = 1;
/// Outbound: never.
pub const SIDETONE_OUTBOUND_OFF: u32 = 2;
/// Outbound: always.
pub const SIDETONE_OUTBOUND_ON: u32 = 3;

/// GRUU (RFC 5627): far ends get the public name of this device, where the registrar gives one.
pub const SIDETONE_GRUU_PUBLIC: u32 = 1;
/// GRUU: far ends get the temporary name, which does not tell who we are.
pub const SIDETONE_GRUU_TEMPORARY: u32 = 2;
/// GRUU: none is asked for, far ends get our address; the default, since some proxies hand such names
/// out and do not route requests within calls that are sent to them.
pub const SIDETONE_GRUU_OFF: u32 = 3;

/// Settings of an account. Fill it with sidetone_account_config_init(), then change what should
/// differ. Lists end with 0; an empty list is the default.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_account_config {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_TRANSPORT_*; default AUTO: what the URI or the domain's DNS says, else UDP.
    pub transport: u32,
    /// Address of record, "sip:alice@example.com". Must be set.
    pub aor: sidetone_text,
    /// Display name in From; may be empty.
    pub display_name: sidetone_text,
    /// Registrar, "sip:example.com"; empty: none, the account only places and takes calls.
    pub registrar: sidetone_text,
    /// User name for digest; empty: the user part of `aor`.
    pub auth_user: sidetone_text,
    /// Password for digest. It is copied, and never logged. It is used in the account's own realms
    /// only: see `realms`.
    pub password: sidetone_text,
    /// Outbound proxy, "sip:proxy.example.com;lr"; empty: none. Several, with commas between them: the
    /// way through all of them.
    pub outbound_proxy: sidetone_text,
    /// SIP port of its own, UDP and TCP; 0: the engine's (default).
    pub local_port: u32,
    /// First RTP port of its own, 1024 or above; 0: the engine's (default).
    pub rtp_port_first: u32,
    /// Last RTP port of its own.
    pub rtp_port_last: u32,
    /// Registration lifetime asked for, seconds, 1 to 86400; default 300.
    pub expires_s: u32,
    /// 1: register at once when added, if there is a registrar (default); 0: wait for
    /// sidetone_account_register().
    pub register_on_add: u32,
    /// Packet time asked for, ms: 10, 20, 30, 40, 50 or 60; 0: 20 (default).
    pub ptime_ms: u32,
    /// SIDETONE_SRTP_*; default optional.
    pub srtp: u32,
    /// SIDETONE_DTMF_*; default auto.
    pub dtmf: u32,
    /// SIDETONE_LATCH_*; default once.
    pub latch: u32,
    /// 0.
    pub reserved: u32,
    /// SIDETONE_CODEC_* in order of preference; default Opus, G.722, PCMA, PCMU.
    pub codecs: [u32; 16],
    /// SIDETONE_SUITE_* in order of preference; default all.
    pub srtp_suites: [u32; 16],
    /// Headers added to every request of this account.
    pub headers: sidetone_headers,
    /// Which device this is towards the registrar, "urn:uuid:...", the same for ever (RFC 5626);
    /// empty: one that lasts as long as the engine (default).
    pub instance_id: sidetone_text,
    /// SIDETONE_OUTBOUND_*; default auto.
    pub outbound: u32,
    /// SIDETONE_GRUU_*; default off.
    pub gruu: u32,
    /// IP address that others reach us at, for Via, Contact and SDP in the place of our own; empty:
    /// our own (default).
    pub public_address: sidetone_text,
    /// 1: Contact is where the registrar sees us, as it tells in `received` and `rport` (RFC 3581;
    /// default); 0: our own address.
    pub learn_contact: u32,
    /// 0.
    pub reserved_2: u32,
    /// A WAV file that the far end of a held call hears; it is read when the account is added or
    /// updated; empty: silence (default).
    pub hold_music: sidetone_text,
    /// SIDETONE_EARLY_MEDIA_*; default auto.
    pub early_media: u32,
    /// SIDETONE_PRACK_*; default supported.
    pub prack: u32,
    /// SIDETONE_OFFER_*; default early.
    pub offer: u32,
    /// Interval of the session timer that we ask for (RFC 4028), seconds, 90 to 86400; 0: we ask for
    /// none, and keep to the far end's (default).
    pub session_expires_s: u32,
    /// Realms whose challenges are answered with the password, whoever asks, by their exact names, with
    /// commas between them; one that has a comma itself stands in quotes: `pbx,"Acme, Inc."`; "*": any
    /// realm. Empty (default): those of the account's own servers, in requests that really go where
    /// the hosts of `aor`, `registrar`, `outbound_proxy` or of the registrar's Service-Route were found,
    /// or where the REGISTER went; what a far end says of the way counts for nothing. They are these
    /// hosts by name; the realms that challenged a REGISTER of this account, the latest 8; and while
    /// there is none such, the realm that first challenges a request outside of calls. Any other
    /// challenge ends its request as it would without a password, and the reason names the realm. To be
    /// named here, and the registrar's realm beside it: that of a proxy which is not the registrar's,
    /// and that of a server at another address than these (RFC 3261 22.3).
    pub realms: sidetone_text,
    /// Complexity of the Opus encoder: 1 to 10, or SIDETONE_OPUS_COMPLEXITY_LEAST; 0: 5 (default).
    pub opus_complexity: u32,
    /// Bit rate of Opus, 6000 to 510000: ours on average, and the most that far ends are asked to
    /// send; 0: 32000, or what the far end allows up to 64000, and far ends as they like (default).
    pub opus_bitrate_bps: u32,
    /// SIDETONE_OPUS_BANDWIDTH_*: the widest that we send, and that far ends are asked for; 0: full
    /// (default).
    pub opus_bandwidth: u32,
    /// SIDETONE_OPUS_ON: in-band FEC is asked for, and sent where the far end takes it; 0: the same
    /// (default).
    pub opus_fec: u32,
    /// SIDETONE_OPUS_ON: DTX is asked for, and used where we send; 0: used where the far end asks for
    /// it (default).
    pub opus_dtx: u32,
    /// 0.
    pub reserved_3: u32,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_account_config {
    const NAME: &'static str = "sidetone_account_config";
    const FIRST_SIZE: u32 = 288;
}

impl sidetone_account_config {
    fn defaults() -> Self {
        let config = AccountConfig::default();
        Self {
            size: size_of::<Self>() as u32,
            transport: codes::SIDETONE_TRANSPORT_AUTO,
            aor: sidetone_text::EMPTY,
            display_name: sidetone_text::EMPTY,
            registrar: sidetone_text::EMPTY,
            auth_user: sidetone_text::EMPTY,
            password: sidetone_text::EMPTY,
            outbound_proxy: sidetone_text::EMPTY,
            local_port: 0,
            rtp_port_first: 0,
            rtp_port_last: 0,
            expires_s: u32::try_from(config.expires.as_secs()).unwrap_or(u32::MAX),
            register_on_add: config.register_on_add.into(),
            ptime_ms: config.ptime.ms(),
            srtp: codes::SIDETONE_SRTP_OPTIONAL,
            dtmf: codes::SIDETONE_DTMF_AUTO,
            latch: codes::latch_number(config.latch),
            reserved: 0,
            codecs: [0; LIST],
            srtp_suites: [0; LIST],
            headers: sidetone_headers::EMPTY,
            instance_id: sidetone_text::EMPTY,
            outbound: SIDETONE_OUTBOUND_AUTO,
            gruu: SIDETONE_GRUU_OFF,
            public_address: sidetone_text::EMPTY,
            learn_contact: config.learn_contact.into(),
            reserved_2: 0,
            hold_music: sidetone_text::EMPTY,
            early_media: hold::SIDETONE_EARLY_MEDIA_AUTO,
            prack: hold::SIDETONE_PRACK_SUPPORTED,
            offer: hold::SIDETONE_OFFER_EARLY,
            session_expires_s: 0,
            realms: sidetone_text::EMPTY,
            opus_complexity: 0,
            opus_bitrate_bps: 0,
            opus_bandwidth: 0,
            opus_fec: 0,
            opus_dtx: 0,
            reserved_3: 0,
        }
    }

    fn to_config(self) -> Outcome<AccountConfig> {
        let defaults = AccountConfig::default();
        let aor = self.aor.read("aor")?;
        if aor.is_empty() {
            return Err(invalid("aor is empty; give the address of record, sip:user@host"));
        }
        Ok(AccountConfig {
            aor,
            display_name: self.display_name.read("display_name")?,
            registrar: self.registrar.read("registrar")?,
            auth_user: self.auth_user.read("auth_user")?,
            password: self.password.read("password")?,
            realms: realms(&self.realms.read("realms")?),
            outbound_proxy: self.outbound_proxy.read("outbound_proxy")?,
            transport: codes::transport(self.transport)?,
            local_port: codes::port(self.local_port, "local_port")?,
            rtp_ports: codes::port_range(self.rtp_port_first, self.rtp_port_last)?,
            expires: Duration::from_secs(within(self.expires_s, 1, 86_400, "expires_s")?.into()),
            register_on_add: codes::switch(self.register_on_add, "register_on_add")?,
            codecs: codes::codecs(&self.codecs)?.unwrap_or(defaults.codecs),
            opus: opus::Fields {
                complexity: self.opus_complexity,
                bitrate_bps: self.opus_bitrate_bps,
                bandwidth: self.opus_bandwidth,
                fec: self.opus_fec,
                dtx: self.opus_dtx,
            }
            .read()?,
            ptime: codes::ptime(self.ptime_ms)?.unwrap_or(defaults.ptime),
            srtp: codes::srtp(self.srtp)?.unwrap_or(defaults.srtp),
            srtp_suites: codes::suites(&self.srtp_suites)?.unwrap_or(defaults.srtp_suites),
            dtmf: codes::dtmf(self.dtmf)?,
            latch: codes::latch(self.latch)?,
            headers: self.headers.read()?,
            instance_id: self.instance_id.read("instance_id")?,
            outbound: match self.outbound {
                0 | SIDETONE_OUTBOUND_AUTO => Outbound::Auto,
                SIDETONE_OUTBOUND_OFF => Outbound::Off,
                SIDETONE_OUTBOUND_ON => Outbound::On,
                other => return Err(invalid(format!("outbound {other} is not known"))),
            },
            gruu: match self.gruu {
                SIDETONE_GRUU_PUBLIC => Gruu::Public,
                SIDETONE_GRUU_TEMPORARY => Gruu::Temporary,
                0 | SIDETONE_GRUU_OFF => Gruu::Off,
                other => return Err(invalid(format!("gruu {other} is not known"))),
            },
            public_address: address(&self.public_address, "public_address")?,
            learn_contact: codes::switch(self.learn_contact, "learn_contact")?,
            early_media: hold::early_media(self.early_media)?.unwrap_or_default(),
            prack: hold::prack(self.prack)?.unwrap_or_default(),
            delayed_offer: hold::offer(self.offer)?.unwrap_or_default(),
            session_expires: session_expires(self.session_expires_s)?,
            hold_music: hold::music(&self.hold_music.read("hold_music")?)?,
        })
    }
}

/// An IP address, `None` when empty.
fn address(text: &sidetone_text, name: &str) -> Outcome<Option<IpAddr>> {
    let text = text.read(name)?;
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = text.parse::<IpAddr>();
    parsed.map(Some).map_err(|_| invalid(format!("{name} \"{text}\" is not an IP address")))
}

/// `None` for 0.
fn session_expires(seconds: u32) -> Outcome<Option<Duration>> {
    match seconds {
        0 => Ok(None),
        _ => {
            let seconds = within(seconds, 90, 86_400, "session_expires_s")?;
            Ok(Some(Duration::from_secs(seconds.into())))
        }
    }
}

pub(super) fn account_id(raw: u64) -> Outcome<AccountId> {
    AccountId::from_raw(raw).map_err(|error| id_error(error, "an account", raw))
}

fn read_config(config: *const sidetone_account_config) -> Outcome<AccountConfig> {
    sized::read(config, sidetone_account_config::defaults())?.to_config()
}

/// Fills a config with the defaults.
///
/// `config`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_config config;
/// sidetone_account_config_init(&config, sizeof config);
/// config.codecs[0] = SIDETONE_CODEC_PCMA;
/// config.srtp = SIDETONE_SRTP_MANDATORY;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_config_init(
    config: *mut sidetone_account_config,
    size: u32,
) -> i32 {
    guard(|| sized::init(config, size, &sidetone_account_config::defaults()))
}

/// Adds an account, and registers it when it has a registrar and `register_on_add`. How the
/// registration does is told by SIDETONE_EVENT_REGISTRATION.
///
/// `config`: copied. `account`: gets its id. `request`: see "Requests"; the reply comes when the
/// account stands.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_LIMIT (max_accounts), SIDETONE_ERR_TRANSPORT (local_port is taken),
/// SIDETONE_ERR_FILE_OPEN and SIDETONE_ERR_FILE_FORMAT (`hold_music`), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_config config;
/// uint64_t alice = SIDETONE_ID_NONE;
/// sidetone_account_config_init(&config, sizeof config);
/// config.aor.data = "sip:alice@example.com";
/// config.registrar.data = "sip:example.com";
/// config.password.data = "secret";
/// sidetone_account_add(engine, &config, &alice, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_add(
    engine: *mut sidetone_engine,
    config: *const sidetone_account_config,
    account: *mut u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let out = Out::required(account, "account")?;
        out.put(codes::SIDETONE_ID_NONE);
        let config = read_config(config)?;
        let id = command(&engine, request, |request| engine.engine.account_add(config, request))?;
        out.put(id.raw());
        Ok(())
    })
}

/// Replaces the settings of an account. Calls that are up keep the old ones; a registration is made
/// anew.
///
/// `config`: copied. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND and those of
/// sidetone_account_add().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_config config;
/// sidetone_account_config_init(&config, sizeof config);
/// config.aor.data = "sip:alice@example.com";
/// config.display_name.data = "Alice";
/// sidetone_account_update(engine, account, &config, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_update(
    engine: *mut sidetone_engine,
    account: u64,
    config: *const sidetone_account_config,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = account_id(account)?;
        let config = read_config(config)?;
        command(&engine, request, |request| engine.engine.account_update(id, config, request))
    })
}

/// Unregisters and removes an account. Its calls go on; its id is stale at once.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_remove(engine, account, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_remove(
    engine: *mut sidetone_engine,
    account: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = account_id(account)?;
        command(&engine, request, |request| engine.engine.account_remove(id, request))
    })
}

/// Registers an account, or registers it again at once.
///
/// `request`: see "Requests"; the reply comes with the registrar's final answer, or says
/// SIDETONE_ERR_WRONG_STATE when the account has no registrar.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t request = 0;
/// sidetone_account_register(engine, account, &request);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_register(
    engine: *mut sidetone_engine,
    account: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = account_id(account)?;
        command(&engine, request, |request| engine.engine.account_register(id, request))
    })
}

/// Takes an account's registration back. The account stays.
///
/// `request`: see "Requests"; the reply comes with the registrar's final answer.
/// Returns as sidetone_account_register().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_unregister(engine, account, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_unregister(
    engine: *mut sidetone_engine,
    account: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = account_id(account)?;
        command(&engine, request, |request| engine.engine.account_unregister(id, request))
    })
}

/// Realms with commas between them; one that has commas itself stands in quotes.
fn realms(text: &str) -> Vec<String> {
    let mut quoted = false;
    let mut begins = true;
    let entries = text.split(|letter: char| {
        quoted = if letter == '"' { begins && !quoted } else { quoted };
        let ends = letter == ',' && !quoted;
        begins = ends || (begins && letter.is_whitespace());
        ends
    });
    let bare = |entry: &str| {
        let entry = entry.trim();
        let inner = entry.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.unwrap_or(entry).to_owned()
    };
    entries.map(bare).filter(|realm| !realm.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_with_a_comma_stands_in_quotes() {
        for (text, wanted) in [
            ("", &[][..]),
            ("pbx", &["pbx"]),
            (" pbx , proxy,", &["pbx", "proxy"]),
            (r#"pbx, "Acme, Inc." ,*"#, &["pbx", "Acme, Inc.", "*"]),
            (r#"Joe "the" pbx,proxy"#, &["Joe \"the\" pbx", "proxy"]),
            (r#""never closed, they say"#, &["\"never closed, they say"]),
        ] {
            assert_eq!(realms(text), wanted, "{text}");
        }
    }
}
