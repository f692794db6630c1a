//! Debian's kamailio as a child process: registrar and proxy of the domain [`DOMAIN`] on loopback,
//! over UDP, TCP, TLS, WebSocket and secure WebSocket at once.
//!
//! Users are whoever is in [`USERS`], with [`password`]; where they are is kept in memory only, so a
//! restart forgets it. Requests to the domain are challenged (MD5, or SHA-256 when asked), then
//! relayed to every contact of the user at once, with Record-Route; other requests go where they say.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    certificates::Identity,
    child::{Folder, free_port, tail},
};

/// The domain that it serves. No resolver knows it: phones get there by [`Kamailio::proxy`].
pub const DOMAIN: &str = "pbx.test";
/// Whoever may register.
pub const USERS: [&str; 5] = ["alice", "bob", "carol", "dave", "baresip"];

/// A user's password.
pub fn password(user: &str) -> String {
    format!("secret of {user}").replace(' ', "-")
}

/// What it is started with.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Digest by SHA-256 (RFC 8760) in the place of MD5.
    pub sha256: bool,
    /// Certificate of TLS and secure WebSocket; without one both are off.
    pub identity: Option<Identity>,
    /// Phones must show a certificate that this authority (a PEM file) signed.
    pub client_authority: Option<PathBuf>,
    /// More modules, by name, such as `presence`.
    pub modules: Vec<&'static str>,
    /// More lines of its configuration ahead of the routes: `modparam`s. `@FOLDER@` stands for its
    /// folder, whose `db` holds dbtext tables.
    pub parameters: String,
    /// Script that a request outside of dialogs runs through once it is authenticated, before it is
    /// looked up. `exit;` there takes it out of the usual way.
    pub route: String,
    /// The same for requests with a To tag that no Route leads past it.
    pub dialog_route: String,
}

/// A transport that it listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// WebSocket.
    Ws,
    /// Secure WebSocket.
    Wss,
}

/// A running kamailio. It is a group of processes, all of which end with this handle.
pub struct Kamailio {
    child: Option<Child>,
    folder: Folder,
    terms: Terms,
    port: u16,
}

impl Kamailio {
    /// Starts one with MD5 and without certificates.
    pub fn start() -> Self {
        Self::start_with(Terms::default())
    }

    /// Starts one, ready to serve.
    pub fn start_with(terms: Terms) -> Self {
        Self::start_in(Folder::new("kamailio"), terms)
    }

    /// The same in a folder that holds files of the terms already.
    pub fn start_in(folder: Folder, terms: Terms) -> Self {
        let mut kamailio = Self { child: None, folder, terms, port: 0 };
        // A port may be gone between our look and its bind: others then.
        for _ in 0..3 {
            kamailio.port = free_port();
            configure(&kamailio.folder, kamailio.port, &kamailio.terms);
            kamailio.child = Some(launch(&kamailio.folder));
            if kamailio.listens() {
                return kamailio;
            }
            eprintln!("kamailio does not start:\n{}", kamailio.log());
            kamailio.kill();
        }
        panic!("kamailio does not start; scripts/setup-debian.sh test");
    }

    /// Where a phone sends everything, as its outbound proxy.
    pub fn proxy(&self, way: Way) -> String {
        let address = self.address(way);
        match way {
            Way::Udp => format!("sip:{address};lr"),
            Way::Tcp => format!("sip:{address};transport=tcp;lr"),
            Way::Tls => format!("sip:{address};transport=tls;lr"),
            Way::Ws => format!("sip:{address};transport=ws;lr"),
            Way::Wss => format!("sip:{address};transport=wss;lr"),
        }
    }

    /// The address of one transport.
    pub fn address(&self, way: Way) -> SocketAddr {
        let port = match way {
            Way::Udp | Way::Tcp => self.port,
            Way::Tls => self.port + 1,
            Way::Ws => self.port + 2,
            Way::Wss => self.port + 3,
        };
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// Kills it without a farewell: no connection is closed in order, no binding is kept.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = child.wait();
    }

    /// Starts it again at the same ports, after [`Kamailio::kill`].
    pub fn restart(&mut self) {
        self.kill();
        self.child = Some(launch(&self.folder));
        assert!(self.listens(), "kamailio does not start again:\n{}", self.log());
    }

    /// The end of what it has to say.
    pub fn log(&self) -> String {
        tail(&self.folder.path("log"))
    }

    /// Waits until it takes connections; `false` if it ended before.
    fn listens(&mut self) -> bool {
        let last = if self.terms.identity.is_some() { Way::Wss } else { Way::Ws };
        let address = self.address(last);
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            let ended = self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some());
            if ended {
                return false;
            }
            if TcpStream::connect(address).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("kamailio said:\n{}", self.log());
        }
    }
}

/// A group of its own, so that all of its processes can be ended together; `timeout` ends it should
/// this process be killed.
fn launch(folder: &Folder) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.path("log")).unwrap();
    let mut command = Command::new("timeout");
    command.args(["180", "kamailio", "-DD", "-E", "-m", "32", "-M", "4", "-f"]);
    command.arg(folder.path("kamailio.cfg")).arg("-Y").arg(folder.path(""));
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
    command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}; scripts/setup-debian.sh test"))
}

fn configure(folder: &Folder, port: u16, terms: &Terms) {
    fs::create_dir_all(folder.path("db")).unwrap();
    let version = "table_name(string) table_version(int)\nsubscriber:7\n";
    fs::write(folder.path("db/version"), version).unwrap();
    let mut subscriber = "username(string) domain(string) password(string)\n".to_owned();
    for user in USERS {
        subscriber += &format!("{user}:{DOMAIN}:{}\n", password(user));
    }
    fs::write(folder.path("db/subscriber"), subscriber).unwrap();
    let mut config = String::from(
        "#!KAMAILIO\nlog_stderror=yes\nfork=yes\nchildren=1\ntcp_children=1\nauto_aliases=no\n\
         tcp_accept_no_cl=yes\ndns=no\nrev_dns=no\n",
    );
    if terms.identity.is_some() {
        config += "enable_tls=yes\n";
    }
    for module in MODULES.iter().chain(&terms.modules) {
        config += &format!("loadmodule \"{module}.so\"\n");
    }
    config += &format!("alias=\"{DOMAIN}\"\n");
    config += &format!("listen=udp:127.0.0.1:{port}\nlisten=tcp:127.0.0.1:{port}\n");
    config += &format!("listen=tcp:127.0.0.1:{}\n", port + 2);
    if let Some(identity) = &terms.identity {
        config += &tls(folder, port, identity, terms);
    }
    config += PARAMETERS;
    config += &format!("modparam(\"auth_db\", \"db_url\", \"text://{}/db\")\n", at(folder));
    if terms.sha256 {
        config += "modparam(\"auth\", \"algorithm\", \"SHA-256\")\n";
    }
    config += &terms.parameters;
    config += &ROUTES.replace("@ROUTE@", &terms.route).replace("@DIALOG@", &terms.dialog_route);
    fs::write(folder.path("kamailio.cfg"), config.replace("@FOLDER@", &at(folder))).unwrap();
}

/// Writes the file of its TLS module, gives the lines that lead there.
fn tls(folder: &Folder, port: u16, identity: &Identity, terms: &Terms) -> String {
    let demands = match &terms.client_authority {
        Some(authority) => format!(
            "verify_certificate = yes\nrequire_certificate = yes\nca_list = {}\n",
            authority.display()
        ),
        None => "verify_certificate = no\nrequire_certificate = no\n".to_owned(),
    };
    let (certificate, key) = (identity.certificate.display(), identity.key.display());
    let file = format!(
        "[server:default]\nmethod = TLSv1.2+\n{demands}private_key = {key}\n\
         certificate = {certificate}\n\
         [client:default]\nverify_certificate = no\nrequire_certificate = no\n"
    );
    fs::write(folder.path("tls.cfg"), file).unwrap();
    format!(
        "loadmodule \"tls.so\"\nlisten=tls:127.0.0.1:{}\nlisten=tls:127.0.0.1:{}\n\
         modparam(\"tls\", \"config\", \"{}/tls.cfg\")\n",
        port + 1,
        port + 3,
        at(folder)
    )
}

fn at(folder: &Folder) -> String {
    folder.path("").display().to_string().trim_end_matches('/').to_owned()
}

const MODULES: [&str; 18] = [
    "kex",
    "corex",
    "tm",
    "sl",
    "rr",
    "pv",
    "maxfwd",
    "textops",
    "siputils",
    "xlog",
    "usrloc",
    "registrar",
    "db_text",
    "auth",
    "auth_db",
    "xhttp",
    "nathelper",
    "path",
];

/// GRUUs are off, as in the configuration that Debian's kamailio comes with: in dialogs they would
/// have to be looked up.
const PARAMETERS: &str = r#"
loadmodule "websocket.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", 10)
modparam("registrar", "min_expires", 1)
modparam("registrar", "gruu_enabled", 0)
modparam("auth_db", "calculate_ha1", 1)
modparam("auth_db", "password_column", "password")
modparam("auth_db", "load_credentials", "")
modparam("auth_db", "use_domain", 0)
modparam("nathelper|registrar", "received_avp", "$avp(RCV)")
"#;

/// Whoever comes on a stream is reached on it again: aliases for dialogs (RFC 5923 in spirit),
/// the source of REGISTER for what is looked up.
const ROUTES: &str = r#"
request_route {
 if (proto != UDP) { force_rport(); add_contact_alias(); }
 if (is_method("OPTIONS") && uri == myself && !has_totag() && $rU == $null) { sl_send_reply("200", "Here"); exit; }
 if (has_totag()) {
  if (loose_route()) { handle_ruri_alias(); t_relay(); exit; }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  @DIALOG@
  sl_send_reply("404", "Not here"); exit;
 }
 if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
 if (is_method("REGISTER")) {
  if (!www_authenticate("pbx.test", "subscriber")) { www_challenge("pbx.test", "0"); exit; }
  consume_credentials(); fix_nated_register(); save("location"); exit;
 }
 if (!proxy_authenticate("pbx.test", "subscriber")) { proxy_challenge("pbx.test", "0"); exit; }
 consume_credentials();
 @ROUTE@
 record_route();
 if (uri == myself && !lookup("location")) { sl_send_reply("480", "Not registered"); exit; }
 handle_ruri_alias();
 if (!t_relay()) sl_reply_error();
}
event_route[xhttp:request] {
 if ($hdr(Upgrade) =~ "websocket" && $hdr(Connection) =~ "Upgrade") { if (ws_handle_handshake()) exit; }
 xhttp_reply("404", "Not Found", "", "");
}
"#;
