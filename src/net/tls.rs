//! TLS under SIP, as client and as server (RFC 3261 §26.2, RFC 5922), by rustls with ring.
//!
//! Trust: the authorities of `ca_file` where one is given, else those of the system, which are read
//! on the first connection and not before, beside the signaling thread. Names: a server has to be the
//! one that was asked for, as `sip:` URI, host name or address in its subjectAltName (RFC 5922 §7.2;
//! wildcards are taken, as hosted exchanges use them). A certificate that stands in `ca_file` itself is trusted for what it
//! is, whoever signed it: exchanges that sign for themselves need no more.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener as StdListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::OnceCell,
};
use tokio_rustls::{
    TlsAcceptor, TlsConnector,
    rustls::{
        AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError,
        RootCertStore, ServerConfig, SignatureScheme,
        client::{
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
            verify_server_cert_signed_by_trust_anchor, verify_server_name,
        },
        crypto::{
            CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature,
            verify_tls13_signature,
        },
        pki_types::{
            CertificateDer, PrivateKeyDer, ServerName, UnixTime,
            pem::{self, PemObject},
        },
        server::ParsedCertificate,
    },
};

use super::{
    aside::Aside,
    connector::{Refusal, TlsConfig},
    handshakes::Handshakes,
    sip_tcp,
    stream::Stream,
};

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The client side of one engine. Nothing is read before the first connection, and what could not be
/// read then is tried again with the next.
pub struct Client {
    connector: OnceCell<TlsConnector>,
    files: Aside,
}

impl Default for Client {
    fn default() -> Self {
        Self { connector: OnceCell::new(), files: Aside::new(1) }
    }
}

impl Client {
    /// Makes a connection secure. `domain` is what the certificate must be for. Gives that
    /// certificate too, for [`is_for`].
    pub async fn connect(
        &self,
        config: &TlsConfig,
        stream: TcpStream,
        domain: &str,
    ) -> Result<(Stream, Vec<u8>), Refusal> {
        let connector = self.connector.get_or_try_init(|| self.make(config)).await?;
        let name = server_name(domain)?;
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, connector.connect(name, stream)).await {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates();
                let certificate = shown.and_then(|chain| chain.first());
                let certificate = certificate.map(|own| own.to_vec()).unwrap_or_default();
                Ok((Box::new(stream), certificate))
            }
            Ok(Err(error)) => Err(refusal(&error, domain)),
            Err(_) => Err(Refusal::network(format!("{domain} does not finish the TLS handshake"))),
        }
    }

    async fn make(&self, config: &TlsConfig) -> Result<TlsConnector, Refusal> {
        let config = config.clone();
        let read = self.files.run(HANDSHAKE_TIMEOUT, move || client_config(&config)).await;
        match read {
            Ok(made) => made.map(TlsConnector::from).map_err(Refusal::certificate),
            Err(error) => Err(Refusal::network(format!("certificates cannot be read: {error}"))),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tls::Client")
    }
}

/// The server side: shows our certificate, asks for none. Cheap to clone.
#[derive(Clone)]
pub struct Server(TlsAcceptor);

impl Server {
    /// Reads our certificate and its key.
    pub fn new(config: &TlsConfig) -> Result<Self, String> {
        let Some((chain, key)) = identity(config)? else {
            return Err("listening for TLS needs a certificate and its key".to_owned());
        };
        let server = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| format!("our certificate cannot be used: {error}"))?;
        Ok(Self(TlsAcceptor::from(Arc::new(server))))
    }
}

/// A port on which the server side listens.
pub struct Listener {
    tcp: StdListener,
    server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Listener {
    /// For connections of `tcp`.
    pub fn new(server: Server, tcp: StdListener) -> io::Result<Self> {
        let address = tcp.local_addr()?;
        Ok(Self { tcp, server, address })
    }

    /// What it shows.
    pub fn server(&self) -> Server {
        self.server.clone()
    }

    /// Accepts connections and delivers each once its handshake is through. Handshakes run beside
    /// each other, 64 at most, 16 of one source: who comes then is dropped, and `turned_away` called.
    pub async fn serve<F, D>(
        self,
        deliver: F,
        turned_away: impl Fn(SocketAddr) + 'static,
    ) -> io::Result<()>
    where
        F: FnMut(SocketAddr, Stream) -> D + Clone + 'static,
        D: Future<Output = bool>,
    {
        let (tcp, Server(acceptor)) = (TcpListener::from_std(self.tcp)?, self.server);
        let handshakes = Handshakes::default();
        sip_tcp::accept(tcp, move |remote, stream| {
            let Some(place) = handshakes.begin(remote.ip()) else {
                turned_away(remote);
                return std::future::ready(true);
            };
            let (acceptor, mut deliver) = (acceptor.clone(), deliver.clone());
            tokio::task::spawn_local(async move {
                let _place = place;
                let handshake = acceptor.accept(stream);
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
                    deliver(remote, Box::new(stream)).await;
                }
            });
            std::future::ready(true)
        })
        .await;
        Ok(())
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tls::Listener({})", self.address)
    }
}

/// Whether a certificate that was found good for one domain is for another one as well.
pub fn is_for(certificate: &[u8], domain: &str) -> Result<(), Refusal> {
    let certificate = CertificateDer::from(certificate);
    let parsed = ParsedCertificate::try_from(&certificate);
    let checked = parsed.and_then(|parsed| check_name(&parsed, &server_name(domain)?, domain));
    checked.map_err(|error| Refusal::certificate(words(&error, domain)))
}

/// Reads the files of a config, so that a wrong path is told at once.
pub fn check(config: &TlsConfig) -> Result<(), String> {
    if let Some(path) = &config.ca_file {
        certificates(path)?;
    }
    identity(config).map(|_| ())
}

/// What a broken TLS connection says of itself, if `error` comes of one.
pub fn reason(error: &io::Error) -> Option<String> {
    rustls_error(error).map(|error| words(error, "the far end"))
}

fn client_config(config: &TlsConfig) -> Result<Arc<ClientConfig>, String> {
    let provider = provider();
    let verifier = Verifier::new(config, provider.signature_verification_algorithms)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let client = match identity(config)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("our certificate cannot be used: {error}"))?,
        None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(client))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Our certificate with its chain, and its key.
fn identity(config: &TlsConfig) -> Result<Option<Identity>, String> {
    match (&config.certificate, &config.key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let read = PrivateKeyDer::from_pem_file(key);
            let read = read.map_err(|error| unreadable("private key", key, &error))?;
            Ok(Some((certificates(certificate)?, read)))
        }
        _ => Err("a certificate and its key are given both or not at all".to_owned()),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(|certificates| certificates.collect());
    match read {
        Ok(found) if found.is_empty() => {
            Err(format!("{} holds no certificate in PEM form", path.display()))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(unreadable("certificate", path, &error)),
    }
}

fn unreadable(what: &str, path: &Path, error: &pem::Error) -> String {
    format!("no {what} can be read from {}: {error}", path.display())
}

fn server_name(domain: &str) -> Result<ServerName<'static>, Refused> {
    ServerName::try_from(domain.to_owned())
        .map_err(|_| Refused(format!("no certificate can be for the name {domain}")))
}

/// Decides about a server's certificate.
#[derive(Debug)]
struct Verifier {
    verify: bool,
    roots: RootCertStore,
    /// What `ca_file` holds: good as they are, too.
    pinned: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(config: &TlsConfig, algorithms: WebPkiSupportedAlgorithms) -> Result<Self, String> {
        let (mut roots, mut pinned) = (RootCertStore::empty(), Vec::new());
        match &config.ca_file {
            _ if !config.verify => {}
            Some(path) => {
                pinned = certificates(path)?;
                // One that cannot be an authority may still be shown as it is.
                roots.add_parsable_certificates(pinned.iter().cloned());
            }
            None => {
                let found = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(found.certs);
                if roots.is_empty() {
                    return Err("the system has no certificates to trust; give a CA file".into());
                }
            }
        }
        Ok(Self { verify: config.verify, roots, pinned, algorithms })
    }

    fn check(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        if !self.pinned.iter().any(|pinned| pinned == certificate) {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                &self.roots,
                intermediates,
                now,
                self.algorithms.all,
            )?;
        }
        check_name(&parsed, name, &name.to_str())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.verify {
            self.check(end_entity, intermediates, server_name, now)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// RFC 5922 §7.2: a `sip:` URI of the domain, else its name (or address).
fn check_name(
    parsed: &ParsedCertificate<'_>,
    name: &ServerName<'_>,
    domain: &str,
) -> Result<(), Error> {
    let Err(error) = verify_server_name(parsed, name) else { return Ok(()) };
    let presented = presented(parsed);
    let wanted = format!("sip:{domain}");
    if presented.iter().any(|name| name.eq_ignore_ascii_case(&wanted)) {
        return Ok(());
    }
    let Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }) = error else {
        return Err(error);
    };
    let names = match presented.as_slice() {
        [] => "nobody by name".to_owned(),
        names => names.join(", "),
    };
    Err(Refused(format!("the certificate of {domain} is for {names}")).into())
}

/// The names in a certificate: hosts, addresses and URIs, as far as rustls tells them. It does so
/// in its own form, `DnsName("a.example")`, when none of them is the one wanted.
fn presented(parsed: &ParsedCertificate<'_>) -> Vec<String> {
    let nobody = ServerName::try_from("nobody.invalid");
    let error = nobody.map(|nobody| verify_server_name(parsed, &nobody));
    let Ok(Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext {
        presented,
        ..
    }))) = error
    else {
        return Vec::new();
    };
    let inner = |name: &String| {
        let (_, rest) = name.split_once('(')?;
        Some(rest.strip_suffix(')')?.trim_matches('"').to_owned())
    };
    presented.iter().filter_map(inner).collect()
}

/// A refusal in words of ours, carried through rustls.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refused))))
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Refusal::certificate(refused.0)
    }
}

fn rustls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref::<Error>()
}

fn refusal(error: &io::Error, domain: &str) -> Refusal {
    match rustls_error(error) {
        Some(cause @ (Error::InvalidCertificate(_) | Error::AlertReceived(_))) => {
            Refusal::certificate(words(cause, domain))
        }
        Some(cause) => Refusal::network(words(cause, domain)),
        None => Refusal::network(format!("{domain} broke off the TLS handshake: {error}")),
    }
}

/// What went wrong, for people.
fn words(error: &Error, domain: &str) -> String {
    match error {
        Error::InvalidCertificate(fault) => match fault {
            CertificateError::Other(OtherError(own)) if own.is::<Refused>() => own.to_string(),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("the certificate of {domain} has expired")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("the certificate of {domain} is not valid yet")
            }
            CertificateError::UnknownIssuer => {
                format!("the certificate of {domain} is of an unknown issuer")
            }
            CertificateError::Revoked => format!("the certificate of {domain} is revoked"),
            fault => format!("the certificate of {domain} is not good: {fault}"),
        },
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied,
        ) => format!("{domain} does not take our certificate, or wants one: {error}"),
        Error::InvalidMessage(_) => format!("{domain} does not speak TLS there"),
        error => format!("TLS with {domain} failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_read_again_with_the_next_connection() {
        let path = std::env::temp_dir().join(format!("sidetone-tls-{}.pem", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let config = TlsConfig { ca_file: Some(path.clone()), ..TlsConfig::default() };
        let client = Client::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let connect = async || {
                let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
                drop(far);
                client.connect(&config, near.unwrap(), "localhost").await.err().unwrap()
            };
            let refusal = connect().await;
            let named = refusal.text.contains(&path.display().to_string());
            assert!(refusal.certificate && named, "{refusal:?}");
            let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            std::fs::write(&path, signed.cert.pem()).unwrap();
            let refusal = connect().await;
            assert!(!refusal.certificate, "only the far end is away now: {refusal:?}");
        });
        std::fs::remove_file(&path).unwrap();
    }
}
