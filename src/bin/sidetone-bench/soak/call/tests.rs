//! The caller's side of a call in virtual time, against answers written by hand.

use serde_json::json;

use super::*;

const MS: Duration = Duration::from_millis(1);
const S: Duration = Duration::from_secs(1);

/// A call, its clock and what it sent.
struct Trial {
    call: Call,
    now: Duration,
    sip: Vec<String>,
    rtp: u64,
    told: Vec<String>,
}

impl Trial {
    fn new(conduct: Conduct) -> Self {
        let mut rng = Rng::from_number(3);
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let dialog = Dialog::new(address(5061), 4_000, address(5060), rng.fork());
        let call = Call::new(dialog, conduct, S * 3, rng, Duration::ZERO);
        Self { call, now: Duration::ZERO, sip: Vec::new(), rtp: 0, told: Vec::new() }
    }

    fn take(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Sip(octets) => self.sip.push(String::from_utf8_lossy(&octets).into_owned()),
                Output::Rtp(to, _) => {
                    assert_eq!(to.port(), 6_000);
                    self.rtp += 1;
                }
                Output::Tell(command) => self.told.push(command),
            }
        }
    }

    /// Lets time go by in steps of 5 ms.
    fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            let mut out = Vec::new();
            self.call.poll(self.now, &mut out);
            self.take(out);
            self.now += MS * 5;
        }
    }

    /// The requests of a method so far.
    fn sent(&self, method: &str) -> Vec<&String> {
        self.sip.iter().filter(|text| text.starts_with(&format!("{method} "))).collect()
    }

    /// The phone's response to the latest request of a method.
    fn respond(&mut self, method: &str, status: &str) {
        let request = self.sent(method).last().unwrap().to_string();
        let body = if status.starts_with("200") && method == "INVITE" {
            "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 6000 RTP/AVP 0\r\n"
        } else {
            ""
        };
        let header = |name: &str| {
            request.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned()
        };
        let tag = if header("To:").contains(";tag=") { "" } else { ";tag=phone" };
        let text = format!(
            "SIP/2.0 {status}\r\n{}\r\n{}\r\n{}{tag}\r\n{}\r\n{}\r\n\
             Contact: <sip:bench@127.0.0.1:5099>\r\nContent-Length: {}\r\n\r\n{body}",
            header("Via:"),
            header("From:"),
            header("To:"),
            header("Call-ID:"),
            header("CSeq:"),
            body.len()
        );
        self.hear(&text);
    }

    fn hear(&mut self, text: &str) {
        let message = Message::parse(text.as_bytes().to_vec().into()).unwrap();
        let mut out = Vec::new();
        self.call.handle_message(self.now, &message, &mut out);
        self.take(out);
    }

    fn word(&mut self, word: Value) {
        let mut out = Vec::new();
        self.call.handle_word(self.now, &word, &mut out);
        self.take(out);
    }

    /// The phone's BYE.
    fn bye(&mut self) {
        let id = self.call.id().to_owned();
        self.hear(&format!(
            "BYE sip:soak@127.0.0.1:5061 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n\
             From: <sip:bench@127.0.0.1>;tag=phone\r\nTo: <sip:soak@127.0.0.1>;tag=x\r\n\
             Call-ID: {id}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
        ));
    }

    /// Up to the answer.
    fn answered(conduct: Conduct) -> Self {
        let mut trial = Self::new(conduct);
        trial.run(MS * 10);
        trial.word(json!({"incoming": "x"}));
        trial.respond("INVITE", "200 OK");
        trial
    }

    fn counters(&mut self, received: u64) {
        self.word(json!({"stats": "x", "sent": 0, "received": received, "lost": 0,
                         "discarded": self.call.speaker.garbage, "duplicate": 0}));
    }

    fn over(&self) -> bool {
        self.call.is_over(self.now)
    }
}

#[test]
fn a_good_call_speaks_asks_and_hangs_up() {
    let mut trial = Trial::answered(Conduct::Good);
    assert_eq!(trial.sent("ACK").len(), 1);
    assert!(trial.sent("ACK")[0].starts_with("ACK sip:bench@127.0.0.1:5099 "));
    trial.run(S * 3);
    assert!((149..=151).contains(&trial.rtp), "{}", trial.rtp);
    trial.run(MS * 400);
    let said = trial.rtp;
    assert_eq!(trial.told.len(), 1);
    trial.counters(said - 1);
    assert!(trial.sent("BYE").is_empty(), "it asks again while the counters do not add up");
    trial.run(MS * 300);
    trial.counters(said);
    trial.run(MS * 10);
    assert_eq!((trial.told.len(), trial.sent("BYE").len()), (2, 1));
    trial.respond("BYE", "200 OK");
    assert!(!trial.over(), "the phone has not told its host yet");
    trial.word(json!({"ended": "x", "reason": "RemoteHangup"}));
    assert!(trial.over());
    let facts = trial.call.facts();
    assert_eq!(facts.broken(), Vec::<String>::new());
    assert_eq!((facts.sent, facts.garbage), (said, 0));
}

#[test]
fn requests_go_out_again_after_500_ms_and_then_twice_as_late() {
    let mut trial = Trial::new(Conduct::Good);
    trial.run(MS * 490);
    assert_eq!(trial.sent("INVITE").len(), 1);
    trial.run(MS * 1_100);
    assert_eq!(trial.sent("INVITE").len(), 3);
    trial.respond("INVITE", "100 Trying");
    trial.run(S * 10);
    assert_eq!(trial.sent("INVITE").len(), 3);
}

#[test]
fn a_call_that_nobody_ends_is_stuck_in_the_end() {
    let mut trial = Trial::answered(Conduct::Waits);
    trial.run(S * 4);
    trial.counters(trial.rtp);
    assert_eq!(trial.told.last().unwrap(), &format!("hangup {}", trial.call.id()));
    trial.run(S * 88);
    assert!(!trial.over());
    trial.run(S * 5);
    assert!(trial.over());
    assert!(trial.call.facts().broken()[0].contains("stuck in Leaving"));
}

#[test]
fn who_vanishes_says_nothing_more() {
    let mut trial = Trial::answered(Conduct::Vanishes);
    trial.run(S * 4);
    let (sip, rtp) = (trial.sip.len(), trial.rtp);
    trial.run(S * 8);
    trial.bye();
    assert_eq!((trial.sip.len(), trial.rtp, trial.told.len()), (sip, rtp, 0));
    trial.word(json!({"ended": "x", "reason": "DeadMedia"}));
    assert!(trial.over() && trial.call.facts().broken().is_empty());
}

#[test]
fn a_call_that_is_cancelled_at_once_may_end_in_two_ways() {
    let mut trial = Trial::new(Conduct::CancelsEarly);
    trial.run(MS * 10);
    let branch = |text: &str| text.split("branch=").nth(1).unwrap()[..19].to_owned();
    assert_eq!(branch(trial.sent("INVITE")[0]), branch(trial.sent("CANCEL")[0]));
    trial.respond("CANCEL", "200 OK");
    trial.respond("INVITE", "487 Request Terminated");
    assert_eq!(branch(trial.sent("ACK")[0]), branch(trial.sent("INVITE")[0]));
    assert!(!trial.over(), "the phone may yet tell of it");
    trial.run(S * 3);
    assert!(trial.over() && trial.call.facts().broken().is_empty());

    let mut trial = Trial::answered(Conduct::CancelsEarly);
    trial.run(MS * 10);
    assert_eq!((trial.sent("ACK").len(), trial.sent("BYE").len(), trial.rtp), (1, 1, 0));
    trial.respond("BYE", "200 OK");
    trial.word(json!({"ended": "x", "reason": "RemoteHangup"}));
    assert!(trial.over() && trial.call.facts().broken().is_empty());
}

#[test]
fn an_answer_is_never_acknowledged_and_the_phone_s_bye_ends_it() {
    let mut trial = Trial::answered(Conduct::NoAck);
    trial.respond("INVITE", "200 OK");
    trial.run(S * 30);
    assert_eq!((trial.sent("ACK").len(), trial.rtp), (0, 0));
    trial.bye();
    trial.word(json!({"ended": "x", "reason": "Timeout"}));
    assert!(trial.over() && trial.call.facts().broken().is_empty());
}

#[test]
fn each_misdeed_is_done() {
    for (conduct, method, count) in [
        (Conduct::Reinvites, "INVITE", 21),
        (Conduct::CancelsLate, "CANCEL", 20),
        (Conduct::Good, "INVITE", 1),
    ] {
        let mut trial = Trial::answered(conduct);
        trial.run(S * 2);
        assert_eq!(trial.sent(method).len(), count, "{conduct:?}");
    }
    let mut trial = Trial::answered(Conduct::Pauses);
    trial.run(S * 4);
    assert!((20..30).contains(&trial.rtp), "{}", trial.rtp);
    let mut trial = Trial::answered(Conduct::Malformed);
    let before = trial.sip.len();
    trial.run(S * 2);
    assert_eq!(trial.sip.len(), before + 20);
    let mut trial = Trial::answered(Conduct::Garbage);
    trial.run(S * 2);
    assert_eq!(trial.call.facts().garbage, 20);
}

#[test]
fn every_final_answer_to_an_invite_within_the_call_is_acknowledged() {
    let mut trial = Trial::answered(Conduct::Reinvites);
    trial.run(S);
    let acks = trial.sent("ACK").len();
    trial.respond("INVITE", "500 Server Internal Error");
    trial.respond("INVITE", "100 Trying");
    assert_eq!(trial.sent("ACK").len(), acks + 1);
    trial.respond("INVITE", "200 OK");
    assert_eq!(trial.sent("ACK").len(), acks + 2);
}
