//! The DNS, through hickory-resolver. It is made with the first name that neither the numbers nor
//! the hosts file answer, and reads the system's configuration then.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use hickory_resolver::{
    Hosts, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::Query,
        rr::{Name, RData, RecordType},
    },
};

use tokio::sync::OnceCell;

use super::{
    aside::Aside,
    resolve::{self, LOOKUP_TIMEOUT},
};
use crate::base::dns::{Answer, Naptr, Question, Srv};

/// How long one server is waited for, and how often it is asked.
const TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;
/// Answers kept, each for as long as its TTL.
const CACHE: u64 = 256;
/// How long a name is believed that the hosts file or the system's own resolver gave, neither of
/// which tells.
const UNTIMED: Duration = Duration::from_secs(30);
/// How long nothing found stays so: the questions before the one that counts.
const NOTHING: Duration = Duration::from_secs(30);
/// What was found is kept for so long where one of the questions got no answer: some routers drop
/// those that they do not know.
const FAILED: Duration = Duration::from_secs(30);

/// Look-ups by the system's own resolver that run at once; each may hang for as long as it likes.
pub const MOST_LOOKUPS: usize = 4;
/// Threads that read files at once.
const MOST_READERS: usize = 2;

/// Where names are looked up. Cheap to clone; copies share resolver and threads.
#[derive(Clone, Debug)]
pub struct Dns {
    /// A server to ask instead of the system's.
    server: Option<SocketAddr>,
    /// Made when a name first needs it; one that could not be made is tried again with the next.
    resolver: Arc<OnceCell<TokioResolver>>,
    system: Aside,
    files: Aside,
}

impl Dns {
    /// Asks `server`, or the system's own ones. Nothing is opened yet.
    pub fn new(server: Option<SocketAddr>) -> Self {
        let (system, files) = (Aside::new(MOST_LOOKUPS), Aside::new(MOST_READERS));
        Self { server, resolver: Arc::default(), system, files }
    }

    /// Forgets the system's configuration and all answers: the network has changed.
    pub fn reset(&mut self) {
        self.resolver = Arc::default();
    }

    /// What the hosts file says about a name.
    pub async fn in_hosts_file(&self, name: &str) -> Option<(Answer, Duration)> {
        let name = name.to_owned();
        self.files.run(LOOKUP_TIMEOUT, move || in_hosts_file(&name)).await.ok()?
    }

    /// Answers one question, with how long that is valid.
    pub async fn ask(&self, question: &Question) -> (Answer, Duration) {
        match question {
            Question::Naptr(name) => {
                records(self.query(name, RecordType::NAPTR).await, Answer::Naptr, naptr)
            }
            Question::Srv(name) => {
                records(self.query(name, RecordType::SRV).await, Answer::Srv, srv)
            }
            Question::Addresses(name) => self.addresses(name).await,
        }
    }

    async fn addresses(&self, name: &str) -> (Answer, Duration) {
        let (v4, v6) =
            tokio::join!(self.query(name, RecordType::A), self.query(name, RecordType::AAAA));
        let address = |data: &RData| data.ip_addr();
        let found = [v4, v6].map(|found| records(found, Answer::Addresses, address));
        let (mut addresses, mut lifetime, mut failure) = (Vec::new(), UNTIMED, None);
        for (answer, valid) in found {
            match answer {
                Answer::Addresses(more) if !more.is_empty() => {
                    lifetime = if addresses.is_empty() { valid } else { lifetime.min(valid) };
                    addresses.extend(more);
                }
                Answer::Failed(text) => failure = Some(text),
                _ => {}
            }
        }
        if !addresses.is_empty() {
            return (Answer::Addresses(addresses), lifetime);
        }
        // The system may know what the DNS does not: mDNS, NetBIOS, a VPN's own names.
        if self.server.is_none()
            && let Ok(found) = resolve::ask_system(&self.system, name).await
            && !found.is_empty()
        {
            return (Answer::Addresses(found), UNTIMED);
        }
        (failure.map_or(Answer::Addresses(addresses), Answer::Failed), NOTHING)
    }

    async fn query(
        &self,
        name: &str,
        kind: RecordType,
    ) -> Result<(Vec<RData>, Duration), NetError> {
        let resolver = self.resolver.get_or_try_init(|| make(self.server, &self.files)).await?;
        // With dots it is a whole name: the search list is for single words.
        let whole = if name.contains('.') { format!("{name}.") } else { name.to_owned() };
        let found = resolver.lookup(whole, kind).await?;
        let valid = found.valid_until().saturating_duration_since(Instant::now());
        let fitting = found.answers().iter().filter(|record| record.record_type() == kind);
        Ok((fitting.map(|record| record.data.clone()).collect(), valid))
    }
}

async fn make(server: Option<SocketAddr>, files: &Aside) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.map(|mut connection| {
                connection.port = server.port();
                connection
            });
            let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => files.run(LOOKUP_TIMEOUT, TokioResolver::builder_tokio).await??,
    };
    let options = builder.options_mut();
    options.timeout = TIMEOUT;
    options.attempts = ATTEMPTS;
    options.cache_size = CACHE;
    // The hosts file was asked before.
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

fn in_hosts_file(name: &str) -> Option<(Answer, Duration)> {
    let hosts = Hosts::from_system().ok()?;
    let mut name = Name::from_utf8(name).ok()?;
    name.set_fqdn(true);
    let of = |kind| hosts.lookup_static_host(&Query::query(name.clone(), kind));
    let found = [RecordType::A, RecordType::AAAA].into_iter().filter_map(of);
    let addresses: Vec<IpAddr> = found
        .flat_map(|found| {
            found.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>()
        })
        .collect();
    (!addresses.is_empty()).then_some((Answer::Addresses(addresses), UNTIMED))
}

fn records<T>(
    found: Result<(Vec<RData>, Duration), NetError>,
    answer: fn(Vec<T>) -> Answer,
    read: fn(&RData) -> Option<T>,
) -> (Answer, Duration) {
    match found {
        Ok((records, valid)) => (answer(records.iter().filter_map(read).collect()), valid),
        Err(error) if error.is_no_records_found() => (answer(Vec::new()), NOTHING),
        Err(error) => (Answer::Failed(error.to_string()), FAILED),
    }
}

fn naptr(data: &RData) -> Option<Naptr> {
    let RData::NAPTR(record) = data else { return None };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Naptr {
        order: record.order,
        preference: record.preference,
        flags: text(&record.flags),
        service: text(&record.services),
        regexp: text(&record.regexp),
        replacement: plain(&record.replacement),
    })
}

fn srv(data: &RData) -> Option<Srv> {
    let RData::SRV(record) = data else { return None };
    Some(Srv {
        priority: record.priority,
        weight: record.weight,
        port: record.port,
        target: plain(&record.target),
    })
}

/// A name without its final dot; the root is empty.
fn plain(name: &Name) -> String {
    let text = name.to_utf8();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_hosts_file_needs_no_resolver() {
        let found = in_hosts_file("localhost");
        let Some((Answer::Addresses(addresses), _)) = found else {
            panic!("localhost is in the hosts file: {found:?}")
        };
        assert!(addresses.iter().all(IpAddr::is_loopback));
        assert_eq!(in_hosts_file("no-such-name.invalid"), None);
    }
}
