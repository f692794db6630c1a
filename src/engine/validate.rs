//! Checks of what a host gives, on the host's own thread: each failure says what would be right.

use std::{path::Path, time::Duration};

use super::{
    config::{AccountConfig, DialOptions, EngineConfig, SipTransport},
    content::{MAX_BODY_BYTES, SipAnswer, SipRequest},
    device_policy::AudioPolicy,
    error::{Error, ErrorKind},
    signaling::Prepared,
    watch::{OwnState, Package, SubscriptionOptions},
    worker::play::Clip,
};

use crate::{
    base::{
        opus::{BITRATE_MAX_BPS, BITRATE_MIN_BPS, COMPLEXITY_MAX, OpusSettings},
        plan::CodecKind,
        units::Gain,
    },
    call::{settings::is_own_header, usage::Outgoing},
    device::wav::{self, WavError},
    dsp::resample,
    net::{dscp, tls},
    proto::sip::{
        uri::{Scheme, Uri},
        wire::{self, Method},
    },
};

/// What a clip of an odd rate is converted to.
const CLIP_RATE_HZ: u32 = 48_000;

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// Settings of an engine.
pub(super) fn engine(config: &EngineConfig) -> Result<(), Error> {
    if !(1..=65_535).contains(&config.max_calls) {
        return Err(invalid("max_calls must be 1 to 65535"));
    }
    if !(1..=65_535).contains(&config.max_accounts) {
        return Err(invalid("max_accounts must be 1 to 65535"));
    }
    if !(1..=65_535).contains(&config.max_subscriptions) {
        return Err(invalid("max_subscriptions must be 1 to 65535"));
    }
    if config.media_workers > 256 {
        return Err(invalid("media_workers must be 0 (choose) to 256"));
    }
    ports(config.rtp_ports)?;
    text("user_agent", &config.user_agent)?;
    network(config)?;
    for method in config.host_methods.iter().filter(|method| *method != "*") {
        own_method(method)?;
    }
    for media_type in &config.message_types {
        content_type(media_type)?;
    }
    let timers = &config.timers;
    if timers.t1 < Duration::from_millis(10) || timers.t1 > Duration::from_secs(10) {
        return Err(invalid("T1 must be 10 ms to 10 s (RFC 3261 recommends 500 ms)"));
    }
    if timers.t2 < timers.t1 {
        return Err(invalid("T2 must not be less than T1"));
    }
    if timers.retry_base.is_zero() || timers.retry_max < timers.retry_base {
        return Err(invalid("retry_base must be above 0 and not above retry_max"));
    }
    if config.dns.avoid_max < config.dns.avoid {
        return Err(invalid("avoid must not be above avoid_max"));
    }
    Ok(())
}

/// TLS, WebSocket and marks.
fn network(config: &EngineConfig) -> Result<(), Error> {
    if config.sip_dscp.max(config.rtp_dscp) > dscp::MOST {
        return Err(invalid("a DSCP is 0 to 63"));
    }
    if config.keep_alive.answer.is_zero() {
        return Err(invalid(
            "the answer to a keep-alive may take more than no time (10 s is usual)",
        ));
    }
    text("websocket_path", &config.websocket_path)?;
    if !config.websocket_path.starts_with('/') || config.websocket_path.contains([' ', '#']) {
        return Err(invalid("websocket_path must be a path such as /ws"));
    }
    if config.tls.listen_port.is_some() && config.tls.certificate.is_none() {
        return Err(invalid("listening for TLS needs a certificate and its key"));
    }
    tls::check(&config.tls).map_err(|text| Error::new(ErrorKind::FileOpen, text))
}

/// What this build can speak.
fn transport(transport: SipTransport) -> Result<(), Error> {
    let (tls, websocket) = match transport {
        SipTransport::Auto | SipTransport::Udp | SipTransport::Tcp => (false, false),
        SipTransport::Tls => (true, false),
        SipTransport::Ws => (false, true),
        SipTransport::Wss => (true, true),
    };
    if (tls && !cfg!(feature = "tls")) || (websocket && !cfg!(feature = "ws")) {
        let text = format!("this build has no {transport:?} transport");
        return Err(Error::new(ErrorKind::Unsupported, text));
    }
    Ok(())
}

fn ports((first, last): (u16, u16)) -> Result<(), Error> {
    if (first, last) == (0, 0) {
        return Ok(());
    }
    if first < 1024 || last < first || last - first < 1 {
        return Err(invalid(
            "RTP ports must be a range of at least two ports above 1023, or 0 and 0 for free ones",
        ));
    }
    Ok(())
}

pub(super) fn text(name: &str, value: &str) -> Result<(), Error> {
    if value.chars().any(|c| c.is_control()) {
        return Err(invalid(format!("{name} must not hold control characters")));
    }
    Ok(())
}

pub(super) fn uri(name: &str, value: &str) -> Result<Uri, Error> {
    text(name, value)?;
    value.parse::<Uri>().ok().filter(|uri| uri.host().is_some()).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidUri,
            format!("{name} \"{value}\" is not a SIP URI; write sip:user@host or sip:host"),
        )
    })
}

/// Settings of an account.
pub(super) fn account(config: &AccountConfig) -> Result<(), Error> {
    transport(config.transport)?;
    uri("aor", &config.aor)?;
    if !config.registrar.is_empty() {
        uri("registrar", &config.registrar)?;
    }
    for proxy in proxy_list(&config.outbound_proxy) {
        proxy.map_err(|proxy| {
            let text = format!("outbound_proxy \"{proxy}\" is not a SIP URI; write sip:host;lr");
            Error::new(ErrorKind::InvalidUri, text)
        })?;
    }
    if !config.instance_id.is_empty() && !is_urn(&config.instance_id) {
        return Err(invalid("instance_id must be a URN such as urn:uuid:…"));
    }
    for (name, value) in [
        ("display_name", &config.display_name),
        ("auth_user", &config.auth_user),
        ("password", &config.password),
    ] {
        text(name, value)?;
    }
    config.realms.iter().try_for_each(|realm| text("realms", realm))?;
    ports(config.rtp_ports)?;
    codecs(&config.codecs)?;
    opus(config.opus)?;
    if config.expires < Duration::from_secs(1) {
        return Err(invalid("expires must be at least 1 s (300 s is usual)"));
    }
    if config.srtp_suites.is_empty() {
        return Err(invalid("srtp_suites must not be empty; to go without SRTP set srtp to off"));
    }
    headers(&config.headers)
}

/// The outbound proxies of an account, the first hop first: URIs with commas between them, in angle
/// brackets or without. `Err`: text that is none.
pub(super) fn proxy_list(text: &str) -> Vec<Result<Uri, String>> {
    let pieces = wire::text::split(text, ',').filter(|piece| !piece.is_empty());
    let read = |piece: &str| {
        let bare = piece.strip_prefix('<').and_then(|piece| piece.strip_suffix('>'));
        let uri = bare.unwrap_or(piece).parse::<Uri>().ok();
        uri.filter(|uri| uri.host().is_some()).ok_or_else(|| piece.to_owned())
    };
    pieces.map(read).collect()
}

/// A URN (RFC 8141 §2) of a length that fits into a header.
fn is_urn(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !"\"<>\\".contains(c);
    let name =
        text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("urn:")).map(|_| &text[4..]);
    text.len() <= 256
        && text.chars().all(fits)
        && name.is_some_and(|name| {
            name.split_once(':').is_some_and(|(space, rest)| !space.is_empty() && !rest.is_empty())
        })
}

/// Headers of a host.
pub(super) fn headers(headers: &[(String, String)]) -> Result<(), Error> {
    if headers.len() > 64 {
        return Err(invalid("at most 64 headers may be added"));
    }
    for (name, value) in headers {
        if !wire::text::is_token(name) {
            return Err(invalid(format!("\"{name}\" is not a header name")));
        }
        if is_own_header(name) {
            return Err(invalid(format!("the header {name} is written by the engine itself")));
        }
        if value.len() > 4096 {
            return Err(invalid(format!("the header {name} is longer than 4096 bytes")));
        }
        text(name, value)?;
    }
    Ok(())
}

/// What a host wants to dial, made into a URI: a bare user goes to the domain of `aor`.
pub(super) fn target(target: &str, aor: &str) -> Result<String, Error> {
    let target = target.trim();
    text("the target", target)?;
    if target.is_empty() {
        return Err(Error::new(ErrorKind::InvalidUri, "the target is empty"));
    }
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let full = if scheme.is_some_and(|scheme| scheme == "sip" || scheme == "sips") {
        target.to_owned()
    } else if target.contains('@') {
        format!("sip:{target}")
    } else if aor.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidUri,
            format!("\"{target}\" needs a host: write sip:{target}@host, or dial from an account"),
        ));
    } else {
        let domain = uri("aor", aor)?;
        let host = domain.host().map(ToString::to_string).unwrap_or_default();
        let port = domain.port().map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = if *domain.scheme() == Scheme::Sips { "sips" } else { "sip" };
        format!("{scheme}:{target}@{host}{port}")
    };
    uri("the target", &full)?;
    Ok(full)
}

/// Options of a dial.
pub(super) fn dial(options: &DialOptions) -> Result<(), Error> {
    headers(&options.headers)?;
    if options.no_answer.is_some_and(|time| time > Duration::from_secs(24 * 3600)) {
        return Err(invalid("no_answer must be 24 hours at most"));
    }
    options.codecs.as_deref().map_or(Ok(()), codecs)?;
    opus(options.opus)
}

/// A list of codecs: of those that this build has.
fn codecs(list: &[CodecKind]) -> Result<(), Error> {
    if list.is_empty() {
        return Err(Error::new(ErrorKind::NoCodec, "the list of codecs must not be empty"));
    }
    let lacking = list.iter().find(|codec| !CodecKind::BUILT.contains(codec));
    lacking.map_or(Ok(()), |codec| {
        let text = format!("this build has no codec {}", codec.name());
        Err(Error::new(ErrorKind::Unsupported, text))
    })
}

/// Settings of Opus.
fn opus(settings: OpusSettings) -> Result<(), Error> {
    if settings.complexity.is_some_and(|complexity| complexity > COMPLEXITY_MAX) {
        return Err(invalid("opus_complexity must be 0 to 10"));
    }
    let rates = BITRATE_MIN_BPS..=BITRATE_MAX_BPS;
    if settings.bitrate_bps.is_some_and(|rate| !rates.contains(&rate)) {
        return Err(invalid("opus_bitrate_bps must be 6000 to 510000"));
    }
    Ok(())
}

/// A method that a host may send and answer.
fn own_method(method: &str) -> Result<Method, Error> {
    const ENGINES: [Method; 8] = [
        Method::Invite,
        Method::Ack,
        Method::Cancel,
        Method::Bye,
        Method::Prack,
        Method::Update,
        Method::Register,
        Method::Subscribe,
    ];
    let parsed = Method::parse(method)
        .ok_or_else(|| invalid(format!("\"{method}\" is not a method: write a word like INFO")))?;
    if ENGINES.contains(&parsed) {
        return Err(invalid(format!("{method} is sent and answered by the engine itself")));
    }
    Ok(parsed)
}

fn content_type(value: &str) -> Result<(), Error> {
    text("the content type", value)?;
    let bare = value.split(';').next().unwrap_or_default().trim();
    match bare.split_once('/') {
        Some((kind, sub)) if wire::text::is_token(kind) && wire::text::is_token(sub) => Ok(()),
        _ => Err(invalid(format!("\"{value}\" is not a media type; write text/plain"))),
    }
}

fn body(media_type: &str, body: &[u8]) -> Result<(), Error> {
    if body.len() > MAX_BODY_BYTES {
        return Err(invalid(format!("a body may have {MAX_BODY_BYTES} octets at most")));
    }
    if body.is_empty() && media_type.is_empty() { Ok(()) } else { content_type(media_type) }
}

/// A request of a host's own.
pub(super) fn request(sip: SipRequest) -> Result<Outgoing, Error> {
    let method = own_method(&sip.method)?;
    headers(&sip.headers)?;
    body(&sip.content_type, &sip.body)?;
    Ok(Outgoing { method, headers: sip.headers, content_type: sip.content_type, body: sip.body })
}

/// How something is watched.
pub(super) fn subscription(options: &SubscriptionOptions) -> Result<(), Error> {
    if options.expires > Duration::from_secs(24 * 3600) {
        return Err(invalid("a subscription's expires must be 24 hours at most"));
    }
    package(options.package.event())?;
    if let Package::Other { accept, .. } = &options.package {
        if accept.len() > 16 {
            return Err(invalid("at most 16 media types may be accepted"));
        }
        accept.iter().try_for_each(|media_type| content_type(media_type))?;
    }
    Ok(())
}

fn package(event: &str) -> Result<(), Error> {
    text("the event package", event)?;
    let name = event.split(';').next().unwrap_or_default().trim();
    if wire::text::is_token(name) {
        return Ok(());
    }
    Err(invalid(format!("\"{event}\" is not an event package; write a word like presence")))
}

/// Event state to be published.
pub(super) fn published(event: &str, media_type: &str, octets: &[u8]) -> Result<(), Error> {
    package(event)?;
    if octets.is_empty() {
        return Err(invalid("there is nothing to publish; to end it remove the publication"));
    }
    body(media_type, octets)
}

/// Our own presence.
pub(super) fn presence(state: &OwnState) -> Result<(), Error> {
    text("the note", &state.note)?;
    text("the activity", &state.activity)?;
    if state.note.len() > 4096 || state.activity.len() > 64 {
        return Err(invalid("a note may have 4096 bytes, an activity 64"));
    }
    Ok(())
}

/// A host's answer to a request.
pub(super) fn answer(answer: &SipAnswer) -> Result<(), Error> {
    if !(200..=699).contains(&answer.code) {
        return Err(invalid(format!("{} is no final answer; use 200 to 699", answer.code)));
    }
    text("the reason", &answer.reason)?;
    headers(&answer.headers)?;
    body(&answer.content_type, &answer.body)
}

/// A refusal.
pub(super) fn reject(code: u16, reason: &str) -> Result<(), Error> {
    text("the reason", reason)?;
    if (300..=699).contains(&code) {
        Ok(())
    } else {
        Err(invalid(format!("{code} cannot refuse a call; use 300 to 699, such as 486 (busy)")))
    }
}

/// A gain in dB.
pub(super) fn gain(db: f32) -> Result<Gain, Error> {
    if db.is_finite() && (-96.0..=24.0).contains(&db) {
        Ok(Gain::from_db(db))
    } else {
        Err(invalid("a gain must be -96 (silence) to +24 dB"))
    }
}

/// A gain of a conference in dB: minus infinity is silence, too.
pub(super) fn seat_gain(db: f32) -> Result<Gain, Error> {
    if db == f32::NEG_INFINITY { Ok(Gain::MUTE) } else { gain(db) }
}

/// Digits and their length.
pub(super) fn dtmf(digits: &str, duration_ms: u32) -> Result<Duration, Error> {
    if digits.is_empty() || digits.chars().count() > 128 {
        return Err(invalid("1 to 128 digits may be sent at once"));
    }
    if let Some(other) = digits.chars().find(|&c| !"0123456789*#ABCDabcd!,".contains(c)) {
        return Err(invalid(format!(
            "'{other}' is no digit; there are 0-9, *, #, A-D, ! (hook flash) and , (pause)"
        )));
    }
    match duration_ms {
        0 => Ok(Duration::from_millis(160)),
        40..=6000 => Ok(Duration::from_millis(u64::from(duration_ms))),
        _ => Err(invalid("a digit lasts 40 to 6000 ms; 0 for the usual 160")),
    }
}

/// Reads a WAV file as the bridge can play it.
pub(super) fn clip(path: &Path) -> Result<Clip, Error> {
    let wav = wav::read(path).map_err(|error| {
        let kind = match &error {
            WavError::File(..) => ErrorKind::FileOpen,
            _ => ErrorKind::FileFormat,
        };
        Error::new(kind, format!("{}: {error}", path.display()))
    })?;
    let rate_hz = wav.rate_hz;
    let mono = wav.into_mono();
    if resample::is_supported(rate_hz) {
        return Ok(Clip { rate_hz, samples: mono.into() });
    }
    let samples = resample::convert(&mono, rate_hz, CLIP_RATE_HZ);
    Ok(Clip { rate_hz: CLIP_RATE_HZ, samples: samples.into() })
}

/// An audio policy, its files read.
pub(super) fn audio(policy: &AudioPolicy) -> Result<Prepared, Error> {
    Ok(match policy {
        AudioPolicy::Headless => Prepared::Headless,
        AudioPolicy::Devices(policy) => Prepared::Devices(policy.clone()),
        AudioPolicy::Stepped(device) => Prepared::Stepped(device.clone()),
        AudioPolicy::Wav(pair) => Prepared::Wav {
            microphone: pair.microphone.as_deref().map(clip).transpose()?,
            repeat: pair.repeat,
            loudspeaker: pair.loudspeaker.clone(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_user_is_dialled_at_the_accounts_domain() {
        assert_eq!(target("200", "sip:100@pbx.test:5070").unwrap(), "sip:200@pbx.test:5070");
        assert_eq!(target("bob@b.example", "").unwrap(), "sip:bob@b.example");
        assert_eq!(target("200", "sips:100@pbx.test").unwrap(), "sips:200@pbx.test");
        assert_eq!(target("SIPS:bob@b.example", "").unwrap(), "SIPS:bob@b.example");
        assert_eq!(target("200", "").unwrap_err().kind, ErrorKind::InvalidUri);
        assert_eq!(target("sip:", "").unwrap_err().kind, ErrorKind::InvalidUri);
        assert!(target("sip:a@b\r\nEvil: 1", "").is_err());
    }

    #[test]
    fn headers_of_the_engine_are_refused() {
        assert!(headers(&[("X-Crm".into(), "1".into())]).is_ok());
        assert!(headers(&[("via".into(), "1".into())]).is_err());
        assert!(headers(&[("X".into(), "1\r\nVia: 2".into())]).is_err());
        assert!(headers(&[("X Y".into(), "1".into())]).is_err());
    }

    #[test]
    fn digits_are_checked() {
        assert_eq!(dtmf("12,#", 0).unwrap(), Duration::from_millis(160));
        assert!(dtmf("12x", 0).is_err() && dtmf("", 0).is_err() && dtmf("1", 10).is_err());
    }
}
