//! What [`super::tls`] is in a build without the feature `tls`: every secure connection is refused,
//! with that reason.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use tokio::net::TcpStream;

use super::{
    connector::{Refusal, TlsConfig},
    stream::Stream,
};

const NONE: &str = "this build has no TLS";

/// The client side.
#[derive(Debug, Default)]
pub struct Client;

impl Client {
    /// Refuses.
    pub async fn connect(
        &self,
        _: &TlsConfig,
        _: TcpStream,
        _: &str,
    ) -> Result<(Stream, Vec<u8>), Refusal> {
        Err(Refusal::network(NONE))
    }
}

/// There are no certificates here.
pub fn is_for(_: &[u8], _: &str) -> Result<(), Refusal> {
    Err(Refusal::network(NONE))
}

/// Refuses whatever was set.
pub fn check(config: &TlsConfig) -> Result<(), String> {
    if *config == TlsConfig::default() { Ok(()) } else { Err(NONE.to_owned()) }
}

/// No error is one of TLS.
pub fn reason(_: &io::Error) -> Option<String> {
    None
}

/// Cannot be made.
#[derive(Clone, Debug)]
pub struct Server;

impl Server {
    /// Refuses.
    pub fn new(_: &TlsConfig) -> Result<Self, String> {
        Err(NONE.to_owned())
    }
}

/// Cannot be made.
#[derive(Debug)]
pub struct Listener {
    /// Where it would listen.
    pub address: SocketAddr,
}

impl Listener {
    /// Refuses.
    pub fn new(_: Server, _: TcpListener) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, NONE))
    }

    /// There is none.
    pub fn server(&self) -> Server {
        Server
    }

    /// Never runs.
    pub async fn serve<F, D>(self, _: F, _: impl Fn(SocketAddr)) -> io::Result<()>
    where
        F: FnMut(SocketAddr, Stream) -> D + Clone + 'static,
        D: Future<Output = bool>,
    {
        Ok(())
    }
}
