//! The questions for one next hop (RFC 3263 §4.1, §4.2).
//!
//! ```text
//! address ──────────────────────────────────────────────────────────────────► Done
//! name:port ───────────────────────────────────────► Addresses ─────────────► Done
//! name, transport known ─────────► Srv ─┬─ records ─► Addresses of each ────► Done
//!                                       └─ none ────► Addresses ────────────► Done
//! name alone ─► Naptr ─┬─ "s" ───► Srv ─┘
//!                      ├─ "a" ───────────────────────► Addresses ───────────► Done
//!                      └─ none ──► Srv of every transport ─ as above
//! ```

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use super::{SERVICES, Service, Sought, Target, order::ordered, service, usual_transports};
use crate::{
    base::{
        dns::{Answer, Naptr, Question, Srv},
        rng::Rng,
    },
    proto::sip::{Transport, uri::Host},
};

/// Most records of one answer that are looked at; a hostile zone could have thousands.
const MOST_RECORDS: usize = 16;
/// Most targets of one next hop.
const MOST_TARGETS: usize = 32;

/// Why a next hop has no target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocateError {
    /// The name has neither SRV nor address records.
    NotFound,
    /// The domain says that it offers no such service (RFC 2782: a target of ".").
    NoService,
    /// The resolver failed, with what it said.
    Resolver(String),
}

impl fmt::Display for LocateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LocateError::NotFound => "the name has no address",
            LocateError::NoService => "the domain says that it offers no SIP over this transport",
            LocateError::Resolver(text) => return write!(f, "the resolver failed: {text}"),
        })
    }
}

impl std::error::Error for LocateError {}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask all of these, then give their answers in the same order.
    Ask(Vec<Question>),
    /// The search is over; the first target is tried first.
    Done(Result<Vec<Target>, LocateError>),
}

/// The search for one next hop.
#[derive(Debug)]
pub struct Locator {
    sought: Sought,
    /// What counts as UDP or TCP when neither URI nor DNS says (RFC 3263 §4.1: UDP).
    fallback: Transport,
    ipv4_first: bool,
    rng: Rng,
    stage: Stage,
}

/// One SRV name or host on the way to addresses.
#[derive(Clone, Debug)]
struct Lead {
    transport: Transport,
    host: String,
    port: u16,
    rank: u16,
}

#[derive(Debug)]
enum Stage {
    Start,
    Naptr,
    /// SRV names of these transports were asked for; with NAPTR the ranks of their records.
    Srv(Vec<Transport>),
    Addresses(Vec<Lead>),
    Over,
}

impl Locator {
    /// A search for `sought`. `fallback` is the transport when nobody names one; `rng` shares the
    /// load by the weights of SRV.
    pub fn new(sought: Sought, fallback: Transport, ipv4_first: bool, rng: Rng) -> Self {
        Self { sought, fallback, ipv4_first, rng, stage: Stage::Start }
    }

    /// The first step.
    pub fn start(&mut self) -> Step {
        let transport = self.sought.transport.unwrap_or(self.fallback);
        match (&self.sought.host, self.sought.port, self.sought.transport) {
            (Host::Ip(ip), port, _) => {
                let port = port.unwrap_or(transport.default_port());
                self.finish(vec![Target {
                    transport,
                    address: SocketAddr::new(*ip, port),
                    rank: 0,
                }])
            }
            (Host::Name(name), Some(port), _) => {
                let host = bare(name);
                self.ask_addresses(vec![Lead { transport, host, port, rank: 0 }])
            }
            (Host::Name(_), None, Some(transport)) => self.ask_services(vec![transport]),
            // A name without dots is of the local network, which has no NAPTR records.
            (Host::Name(name), None, None) if !bare(name).contains('.') => self.ask_host(),
            (Host::Name(name), None, None) => {
                self.stage = Stage::Naptr;
                Step::Ask(vec![Question::Naptr(bare(name))])
            }
        }
    }

    /// Takes the answers to the questions of the last step, in their order.
    pub fn handle_answers(&mut self, answers: Vec<Answer>) -> Step {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Naptr => self.handle_naptr(answers),
            Stage::Srv(transports) => self.handle_srv(&transports, answers),
            Stage::Addresses(leads) => self.handle_addresses(&leads, answers),
            Stage::Start | Stage::Over => Step::Done(Err(LocateError::NotFound)),
        }
    }

    fn handle_naptr(&mut self, answers: Vec<Answer>) -> Step {
        let mut records: Vec<Naptr> = answers
            .into_iter()
            .flat_map(|answer| match answer {
                Answer::Naptr(records) => records,
                // Many home routers drop what they do not know: SRV and A may still be there.
                _ => Vec::new(),
            })
            .take(MOST_RECORDS)
            .collect();
        records.sort_by_key(|record| (record.order, record.preference));
        let usable: Vec<(&Service, Naptr)> = records
            .into_iter()
            .filter(|record| record.regexp.is_empty() && !record.replacement.is_empty())
            .filter_map(|record| {
                let of = |known: &&Service| known.naptr.eq_ignore_ascii_case(&record.service);
                SERVICES.iter().find(of).map(|service| (service, record))
            })
            .collect();
        let srv = |record: &Naptr| record.flags.eq_ignore_ascii_case("s");
        let services: Vec<_> = usable.iter().filter(|(_, record)| srv(record)).collect();
        if !services.is_empty() {
            let transports = services.iter().map(|(service, _)| service.transport).collect();
            let names = services.iter().map(|(_, record)| Question::Srv(bare(&record.replacement)));
            let names = names.collect();
            self.stage = Stage::Srv(transports);
            return Step::Ask(names);
        }
        let hosts = usable.iter().filter(|(_, record)| record.flags.eq_ignore_ascii_case("a"));
        let leads: Vec<Lead> = (0u16..)
            .zip(hosts)
            .map(|(rank, (service, record))| Lead {
                transport: service.transport,
                host: bare(&record.replacement),
                port: service.transport.default_port(),
                rank,
            })
            .collect();
        match leads.is_empty() {
            true => self.ask_services(usual_transports()),
            false => self.ask_addresses(leads),
        }
    }

    fn ask_services(&mut self, transports: Vec<Transport>) -> Step {
        let Host::Name(name) = &self.sought.host else { return self.finish(Vec::new()) };
        let name = bare(name);
        if !name.contains('.') {
            return self.ask_host();
        }
        let names = transports.iter().map(|transport| service(*transport).srv);
        let questions = names.map(|srv| Question::Srv(format!("{srv}.{name}"))).collect();
        self.stage = Stage::Srv(transports);
        Step::Ask(questions)
    }

    fn handle_srv(&mut self, transports: &[Transport], answers: Vec<Answer>) -> Step {
        let (mut leads, mut rank, mut refused) = (Vec::new(), 0u16, false);
        for (transport, answer) in transports.iter().zip(answers) {
            let Answer::Srv(mut records) = answer else { continue };
            records.truncate(MOST_RECORDS);
            refused |= matches!(records.as_slice(), [Srv { target, .. }] if target.is_empty());
            records.retain(|record| !record.target.is_empty());
            let mut priority = None;
            for record in ordered(records, &mut self.rng) {
                if priority.replace(record.priority).is_some_and(|last| last != record.priority) {
                    rank = rank.saturating_add(1);
                }
                leads.push(Lead {
                    transport: *transport,
                    host: bare(&record.target),
                    port: record.port,
                    rank,
                });
            }
            // The next transport comes after this one.
            rank = rank.saturating_add(u16::from(priority.is_some()));
        }
        match (leads.is_empty(), refused) {
            (false, _) => self.ask_addresses(leads),
            (true, true) => Step::Done(Err(LocateError::NoService)),
            (true, false) => self.ask_host(),
        }
    }

    /// The host itself at the transport's own port (§4.2, last paragraph).
    fn ask_host(&mut self) -> Step {
        let Host::Name(name) = &self.sought.host else { return self.finish(Vec::new()) };
        let host = bare(name);
        let transport = self.sought.transport.unwrap_or(self.fallback);
        let port = transport.default_port();
        self.ask_addresses(vec![Lead { transport, host, port, rank: 0 }])
    }

    fn ask_addresses(&mut self, mut leads: Vec<Lead>) -> Step {
        leads.truncate(MOST_TARGETS);
        let questions = leads.iter().map(|lead| Question::Addresses(lead.host.clone())).collect();
        self.stage = Stage::Addresses(leads);
        Step::Ask(questions)
    }

    fn handle_addresses(&mut self, leads: &[Lead], answers: Vec<Answer>) -> Step {
        let (mut targets, mut failure) = (Vec::<Target>::new(), None);
        for (lead, answer) in leads.iter().zip(answers) {
            let mut addresses = match answer {
                Answer::Addresses(addresses) => addresses,
                Answer::Failed(text) => {
                    failure = Some(text);
                    continue;
                }
                Answer::Naptr(_) | Answer::Srv(_) => continue,
            };
            addresses.truncate(MOST_RECORDS);
            addresses.sort_by_key(|ip: &IpAddr| ip.is_ipv4() != self.ipv4_first);
            for ip in addresses {
                let address = SocketAddr::new(ip, lead.port);
                let target = Target { transport: lead.transport, address, rank: lead.rank };
                let same =
                    |t: &Target| (t.transport, t.address) == (target.transport, target.address);
                if !targets.iter().any(same) && targets.len() < MOST_TARGETS {
                    targets.push(target);
                }
            }
        }
        match (targets.is_empty(), failure) {
            (true, Some(text)) => Step::Done(Err(LocateError::Resolver(text))),
            _ => self.finish(targets),
        }
    }

    fn finish(&mut self, targets: Vec<Target>) -> Step {
        self.stage = Stage::Over;
        Step::Done(if targets.is_empty() { Err(LocateError::NotFound) } else { Ok(targets) })
    }
}

/// A name without its final dot.
fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_owned()
}
