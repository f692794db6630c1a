//! Connections to a far end, through as many layers as its transport has.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use super::{
    sip_tcp,
    stream::{self, Stream, StreamReader, StreamWriter},
    tls, ws,
};

/// TLS: whom we trust, and who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// Servers must show a certificate of the domain that was asked for, signed by an authority
    /// that we trust; default `true`. `false` takes whatever comes, and warns in the log.
    pub verify: bool,
    /// Authorities to trust, PEM; also single certificates to trust as they are. `None`: the
    /// system's.
    pub ca_file: Option<PathBuf>,
    /// Our certificate and what leads to its authority, PEM: shown to servers that ask for it, and
    /// by `listen_port`.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
    /// Listen for TLS on this port, 0 for a free one; `None` (the default): not at all.
    pub listen_port: Option<u16>,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self { verify: true, ca_file: None, certificate: None, key: None, listen_port: None }
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For people.
    pub text: String,
    /// It is a matter of certificates.
    pub certificate: bool,
}

impl Refusal {
    /// The network's fault, or the server's.
    pub fn network(text: impl Into<String>) -> Self {
        Self { text: text.into(), certificate: false }
    }

    /// A certificate's fault.
    pub fn certificate(text: impl Into<String>) -> Self {
        Self { text: text.into(), certificate: true }
    }
}

/// What lies on top of TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// TLS.
    pub tls: bool,
    /// WebSocket.
    pub websocket: bool,
}

/// Whom to reach.
#[derive(Clone, Debug)]
pub struct Target {
    /// Address to come from; unspecified: whichever the system picks.
    pub from: IpAddr,
    /// Address and port.
    pub remote: SocketAddr,
    /// The domain that was asked for: what the certificate must be for.
    pub domain: String,
    /// What lies on top of TCP.
    pub layers: Layers,
}

/// A connection that was made.
#[derive(Debug)]
pub struct Opened {
    /// Its writing end.
    pub writer: StreamWriter,
    /// Its reading end.
    pub reader: StreamReader,
    /// The server's certificate where there is TLS, DER.
    pub certificate: Vec<u8>,
}

/// Makes the connections of one engine.
#[derive(Debug)]
pub struct Connector {
    /// DSCP of their packets.
    pub dscp: u8,
    /// TLS.
    pub tls: TlsConfig,
    /// Path of WebSocket servers, with its slash.
    pub websocket_path: String,
    client: tls::Client,
}

impl Connector {
    /// A connector; files are not read yet.
    pub fn new(dscp: u8, tls: TlsConfig, websocket_path: String) -> Self {
        Self { dscp, tls, websocket_path, client: Default::default() }
    }

    /// Opens a connection within `patience`, not counting its upper layers.
    pub async fn open(&self, target: &Target, patience: Duration) -> Result<Opened, Refusal> {
        let stream = sip_tcp::connect(target.remote, target.from, self.dscp, patience)
            .await
            .map_err(|error| Refusal::network(reason(&error)))?;
        let (stream, certificate) = match target.layers.tls {
            true => self.client.connect(&self.tls, stream, &target.domain).await?,
            false => (Box::new(stream) as Stream, Vec::new()),
        };
        let (writer, reader) = match target.layers.websocket {
            true => self.upgrade(stream, target).await?,
            false => stream::open(stream),
        };
        Ok(Opened { writer, reader, certificate })
    }

    async fn upgrade(
        &self,
        stream: Stream,
        target: &Target,
    ) -> Result<(StreamWriter, StreamReader), Refusal> {
        let port = target.remote.port();
        let host = match &target.domain {
            v6 if v6.contains(':') => format!("[{v6}]:{port}"),
            name => format!("{name}:{port}"),
        };
        let upgrade = ws::upgrade(stream, &host, &self.websocket_path);
        match tokio::time::timeout(UPGRADE_TIMEOUT, upgrade).await {
            Ok(upgraded) => upgraded.map_err(Refusal::network),
            Err(_) => Err(Refusal::network("the server does not finish the WebSocket handshake")),
        }
    }

    /// Whether a certificate that a server showed is for this domain too. Always, where nothing is
    /// verified.
    pub fn is_for(&self, certificate: &[u8], domain: &str) -> Result<(), Refusal> {
        if self.tls.verify { tls::is_for(certificate, domain) } else { Ok(()) }
    }
}

/// How long the handshake of a WebSocket may take.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a connection broke, for people.
pub fn reason(error: &io::Error) -> String {
    if let Some(text) = tls::reason(error) {
        return text;
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody takes connections there".to_owned(),
        io::ErrorKind::ConnectionReset => "the far end reset the connection".to_owned(),
        _ => error.to_string(),
    }
}
