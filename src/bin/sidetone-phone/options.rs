//! Arguments that several commands share, and what they mean to the engine.

use std::{
    fs::{self, OpenOptions},
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use sidetone::{
    base::plan::CodecKind,
    engine::{
        AccountConfig, AudioPolicy, Bind, DevicePolicy, EngineConfig, Error, ErrorKind,
        SipTransport, SrtpPolicy, TlsConfig, WavPair,
    },
    proto::rtp::dtmf,
};

/// Who we are to registrars, and where we listen.
#[derive(Clone, Debug, Args)]
pub struct PlaceOptions {
    /// Account: sip:user:password@host[:port][;transport=tls]; may be given more than once
    #[arg(long, short, value_name = "URI")]
    pub account: Vec<String>,
    /// Outbound proxy of the accounts, sip:host[:port]
    #[arg(long, value_name = "URI", requires = "account")]
    pub proxy: Option<String>,
    /// Realm that the passwords are for, when it is not the one of the account's own servers; may be
    /// given more than once, * for any that asks
    #[arg(long, value_name = "REALM", requires = "account")]
    pub realm: Vec<String>,
    /// Local address to use, or interface by its name; 0.0.0.0 for all
    #[arg(long, default_value = "0.0.0.0")]
    pub bind: Bind,
    /// Local SIP port, 0 for a free one
    #[arg(long, default_value_t = 0)]
    pub sip_port: u16,
    #[command(flatten)]
    pub network: NetworkOptions,
}

/// How to get there.
#[derive(Clone, Debug, Args)]
pub struct NetworkOptions {
    /// SIP transport of accounts that name none, and of calls without an account
    #[arg(long, value_enum, default_value_t = TransportName::Auto)]
    pub transport: TransportName,
    /// TLS: PEM file of authorities (or single certificates) to trust in the place of the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// TLS: PEM file of our own certificate
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// TLS: PEM file of its private key
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// TLS: take any certificate, whoever shows it
    #[arg(long)]
    pub no_verify: bool,
    /// TLS: listen on this port, 0 for a free one
    #[arg(long, value_name = "PORT", requires = "client_cert")]
    pub tls_port: Option<u16>,
    /// Path of WebSocket servers
    #[arg(long, value_name = "PATH", default_value = "/ws")]
    pub ws_path: String,
    /// Address that others reach us at, to write in the place of our own
    #[arg(long, value_name = "ADDRESS")]
    pub public_address: Option<IpAddr>,
}

/// A transport as the command line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TransportName {
    /// What the domain's DNS records choose, else UDP
    Auto,
    /// UDP
    Udp,
    /// TCP
    Tcp,
    /// TLS
    Tls,
    /// WebSocket
    Ws,
    /// WebSocket over TLS
    Wss,
}

impl From<TransportName> for SipTransport {
    fn from(name: TransportName) -> Self {
        match name {
            TransportName::Auto => SipTransport::Auto,
            TransportName::Udp => SipTransport::Udp,
            TransportName::Tcp => SipTransport::Tcp,
            TransportName::Tls => SipTransport::Tls,
            TransportName::Ws => SipTransport::Ws,
            TransportName::Wss => SipTransport::Wss,
        }
    }
}

/// Who calls, and how.
#[derive(Clone, Debug, Args)]
pub struct LineOptions {
    #[command(flatten)]
    pub place: PlaceOptions,
    /// Use the accounts without registering them
    #[arg(long)]
    pub no_register: bool,
    /// Codecs in order of preference: opus, g722, pcma, pcmu
    #[arg(long, short, value_delimiter = ',', value_parser = codec)]
    pub codec: Vec<CodecKind>,
    /// Bit rate of Opus, 6000 to 510000 bit/s
    #[arg(long, value_name = "BPS")]
    pub opus_bitrate: Option<u32>,
    /// Complexity of Opus, 0 to 10
    #[arg(long, value_name = "N")]
    pub opus_complexity: Option<u8>,
    /// SRTP
    #[arg(long, value_enum, default_value_t = Srtp::Optional)]
    pub srtp: Srtp,
}

/// Where the voice comes from and goes to.
#[derive(Clone, Debug, Args)]
pub struct AudioOptions {
    /// WAV file in the place of the microphone
    #[arg(long, value_name = "FILE")]
    pub from_wav: Option<PathBuf>,
    /// Start the file again at its end
    #[arg(long, requires = "from_wav")]
    pub repeat: bool,
    /// WAV file in the place of the loudspeaker
    #[arg(long, value_name = "FILE")]
    pub to_wav: Option<PathBuf>,
    /// Sound card by name, `default`, or `none`
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub device: String,
    /// Record both ends to a stereo WAV file: near end left, far end right
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write the call's packets to a PCAP file
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
}

/// SRTP as the command line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Srtp {
    /// Plain RTP only
    Off,
    /// Encrypted where the far end has it
    Optional,
    /// Encrypted, or no call
    Mandatory,
}

impl From<Srtp> for SrtpPolicy {
    fn from(srtp: Srtp) -> Self {
        match srtp {
            Srtp::Off => SrtpPolicy::Off,
            Srtp::Optional => SrtpPolicy::Optional,
            Srtp::Mandatory => SrtpPolicy::Mandatory,
        }
    }
}

impl PlaceOptions {
    /// The engine's settings under these options.
    pub fn engine_config(&self, audio: AudioPolicy) -> EngineConfig {
        let network = &self.network;
        EngineConfig {
            bind: self.bind.clone(),
            sip_port: self.sip_port,
            tls: TlsConfig {
                verify: !network.no_verify,
                ca_file: network.ca_file.clone(),
                certificate: network.client_cert.clone(),
                key: network.client_key.clone(),
                listen_port: network.tls_port,
            },
            websocket_path: network.ws_path.clone(),
            audio,
            ..EngineConfig::default()
        }
    }

    /// The accounts that were given.
    pub fn accounts(&self) -> Result<Vec<AccountConfig>, Error> {
        self.account.iter().map(|text| self.account(text)).collect()
    }

    fn account(&self, text: &str) -> Result<AccountConfig, Error> {
        let outbound_proxy = self.proxy.clone().unwrap_or_default();
        let account = parse_account(text, self.network.transport.into())?;
        let public_address = self.network.public_address;
        let realms = self.realm.clone();
        Ok(AccountConfig { outbound_proxy, public_address, realms, ..account })
    }

    fn local_host(&self) -> String {
        match &self.bind {
            Bind::Address(ip) if !ip.is_unspecified() => ip.to_string(),
            _ => "localhost".into(),
        }
    }
}

impl LineOptions {
    /// The engine's settings under these options.
    pub fn engine_config(&self, audio: AudioPolicy) -> EngineConfig {
        self.place.engine_config(audio)
    }

    /// The accounts that were given, and one without a registrar when none was: it carries the
    /// codecs and the SRTP policy.
    pub fn accounts(&self) -> Result<Vec<AccountConfig>, Error> {
        let mut accounts = self.place.accounts()?;
        if accounts.is_empty() {
            let aor = format!("sip:sidetone@{}", self.place.local_host());
            let NetworkOptions { transport, public_address, .. } = self.place.network;
            let transport = transport.into();
            accounts.push(AccountConfig {
                aor,
                transport,
                public_address,
                ..AccountConfig::default()
            });
        }
        for account in &mut accounts {
            if self.no_register {
                account.registrar.clear();
            }
            if !self.codec.is_empty() {
                account.codecs.clone_from(&self.codec);
            }
            account.opus.bitrate_bps = self.opus_bitrate;
            account.opus.complexity = self.opus_complexity;
            account.srtp = self.srtp.into();
        }
        Ok(accounts)
    }

    /// Whether no account was given: the one that stands in has no domain in which a name or a
    /// number would mean something.
    pub fn is_homeless(&self) -> bool {
        self.place.account.is_empty()
    }
}

impl AudioOptions {
    /// Refuses files that cannot be written, before anybody is called. Leaves none behind.
    pub fn check(&self) -> Result<(), Error> {
        let files = [&self.to_wav, &self.record, &self.pcap];
        files.into_iter().flatten().try_for_each(|path| {
            check_writable(path).map_err(|error| {
                let text = format!("{} cannot be written: {error}", path.display());
                Error::new(ErrorKind::FileOpen, text)
            })
        })
    }

    /// The audio policy that these options ask for. A WAV file excludes the sound card.
    pub fn policy(&self) -> AudioPolicy {
        if self.from_wav.is_some() || self.to_wav.is_some() {
            return AudioPolicy::Wav(WavPair {
                microphone: self.from_wav.clone(),
                repeat: self.repeat,
                loudspeaker: self.to_wav.clone(),
            });
        }
        match self.device.as_str() {
            "none" => AudioPolicy::Headless,
            "default" => AudioPolicy::Devices(DevicePolicy::default()),
            name => AudioPolicy::Devices(DevicePolicy {
                microphone: name.to_owned(),
                loudspeaker: name.to_owned(),
            }),
        }
    }
}

/// Whether `target` says at which host it is.
pub fn names_host(target: &str) -> bool {
    let scheme = target.split(':').next().unwrap_or_default().to_ascii_lowercase();
    target.contains('@') || ["sip", "sips"].contains(&scheme.as_str())
}

fn check_writable(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => fs::remove_file(path),
        // A pipe or a device is not opened before its time: that may wait for a reader.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if path.is_file() => OpenOptions::new().write(true).open(path).map(drop),
        Err(_) if path.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Err(_) => Ok(()),
    }
}

/// The file of call number `number`, from 1: `path` for the first, `name-2.wav` for the second.
pub fn numbered(path: &Path, number: u32) -> PathBuf {
    if number < 2 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Reads `sip:user:password@host[:port][;transport=tls]`; `sip:` may be left out, `sips:` may stand
/// in its place. `transport` is that of an account that names none.
pub fn parse_account(text: &str, mut transport: SipTransport) -> Result<AccountConfig, Error> {
    let wrong = |why: &str| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("account `{}`: {why}; write sip:user:password@host", scrubbed(text)),
        )
    };
    let (scheme, bare) = match text.strip_prefix("sips:") {
        Some(bare) => ("sips", bare),
        None => ("sip", text.strip_prefix("sip:").unwrap_or(text)),
    };
    let (user_part, rest) = bare.rsplit_once('@').ok_or_else(|| wrong("it has no @"))?;
    let (user, password) = user_part.split_once(':').unwrap_or((user_part, ""));
    let (host, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    if user.is_empty() || host.is_empty() {
        return Err(wrong("user or host is empty"));
    }
    if scheme == "sips" {
        transport = SipTransport::Tls;
    }
    for parameter in parameters.split(';').filter(|p| !p.is_empty()) {
        let name = parameter.split_once('=').filter(|(name, _)| *name == "transport");
        match name.and_then(|(_, value)| TransportName::from_str(value, true).ok()) {
            Some(named) => transport = named.into(),
            None => return Err(wrong("only ;transport=udp, tcp, tls, ws and wss are known")),
        }
    }
    let password = match password {
        "" => std::env::var("SIDETONE_PASSWORD").unwrap_or_default(),
        given => given.to_owned(),
    };
    Ok(AccountConfig {
        aor: format!("{scheme}:{user}@{host}"),
        registrar: format!("{scheme}:{host}"),
        password,
        transport,
        ..AccountConfig::default()
    })
}

/// An account's text without its password, for messages.
fn scrubbed(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((user, host)) => {
            let scheme = ["sip:", "sips:"].into_iter().find(|scheme| user.starts_with(scheme));
            let scheme = scheme.unwrap_or_default();
            let user = user.strip_prefix("sip:").unwrap_or(user);
            format!("{scheme}{}@{host}", user.split(':').next().unwrap_or(user))
        }
        None => "(without @)".to_owned(),
    }
}

/// Seconds on the command line; fractions are fine.
pub fn seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .and_then(|s| Duration::try_from_secs_f64(s).ok())
        .ok_or_else(|| format!("`{text}` is not a number of seconds"))
}

/// Digits on the command line.
pub fn digits(text: &str) -> Result<String, String> {
    match text.chars().find(|&c| c != ',' && dtmf::code_of(c).is_none()) {
        Some(other) => Err(format!(
            "'{other}' is no digit; there are 0-9, *, #, A-D, ! (hook flash) and , (pause)"
        )),
        None if (1..=MOST_DIGITS).contains(&text.len()) => Ok(text.to_owned()),
        None => Err(format!("1 to {MOST_DIGITS} digits may be sent at once")),
    }
}

/// A gain in dB on the command line.
pub fn gain(text: &str) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|db| (-96.0..=24.0).contains(db))
        .ok_or_else(|| "a gain is -96 (silence) to +24 dB".to_owned())
}

/// What the engine takes at once.
const MOST_DIGITS: usize = 128;

/// A codec's name on the command line.
pub fn codec(text: &str) -> Result<CodecKind, String> {
    CodecKind::from_name(text).ok_or_else(|| format!("`{text}`: known are opus, g722, pcma, pcmu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_account_with_password_port_and_transport() {
        let text = "sip:alice:s:e@c@example.com:5070;transport=TCP";
        let account = parse_account(text, SipTransport::Udp).unwrap();
        assert_eq!(account.aor, "sip:alice@example.com:5070");
        assert_eq!(account.registrar, "sip:example.com:5070");
        assert_eq!(account.password, "s:e@c");
        assert_eq!(account.transport, SipTransport::Tcp);
        let secure = parse_account("sips:bob:pw@example.com", SipTransport::Udp).unwrap();
        assert_eq!(secure.registrar, "sips:example.com");
        assert_eq!(secure.transport, SipTransport::Tls);
        let web = parse_account("bob:pw@example.com", SipTransport::Wss).unwrap();
        assert_eq!(web.transport, SipTransport::Wss);
    }

    #[test]
    fn the_files_of_later_calls_carry_their_number() {
        let name = |path: &str, number| numbered(Path::new(path), number).display().to_string();
        assert_eq!(name("/a.b/call.wav", 1), "/a.b/call.wav");
        assert_eq!(name("/a.b/call.wav", 2), "/a.b/call-2.wav");
        assert_eq!(name("/a.b/call", 10), "/a.b/call-10");
    }

    #[test]
    fn digits_and_gains_are_checked_before_anybody_is_called() {
        assert!(digits("12,#").is_ok() && digits("xyz").is_err() && digits("").is_err());
        assert!(digits(&"1".repeat(129)).is_err());
        assert!(gain("-3").is_ok() && gain("100").is_err() && gain("nan").is_err());
    }

    #[test]
    fn refuses_an_account_without_host_and_keeps_the_password_out_of_the_message() {
        for text in
            ["alice", "sip:alice:geheim@", "sip::geheim@h", "sips:a:geheim@h;transport=sctp"]
        {
            let error = parse_account(text, SipTransport::Udp).unwrap_err();
            assert!(!error.message.contains("geheim"), "{}", error.message);
        }
    }
}
