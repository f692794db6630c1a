//! What phones do with each other through a proxy: hold, transfers, messages, forks. The phones are
//! ours and Debian's baresip, the proxy its kamailio. What each of our hosts is told is compared
//! whole, in its order.

#[path = "support/baresip.rs"]
#[allow(dead_code)]
mod baresip;
#[path = "support/certificates.rs"]
#[allow(dead_code)]
mod certificates;
#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/kamailio.rs"]
#[allow(dead_code)]
mod kamailio;
#[path = "support/registered.rs"]
#[allow(dead_code)]
mod registered;
#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;
#[path = "support/tshark.rs"]
#[allow(dead_code)]
mod tshark;

use std::time::Duration;

use baresip::{Baresip, Control};
use child::Folder;
use host::Host;
use kamailio::{DOMAIN, Kamailio, Way, password};
use registered::{connect, dial, hears, hears_nothing, phone, register, user};
use sidetone::{
    base::{
        ids::{AccountId, CallId},
        plan::{CodecKind, Direction},
    },
    device::wav,
    engine::{
        AccountConfig, AudioPolicy, CallState, EngineConfig, ErrorKind, EventKind, HoldMusic,
        SrtpPolicy, TransferState, WavPair,
        services::{MessageKind, TransferPolicy},
    },
};
use tshark::Reading;

const RATE_HZ: u32 = 8_000;
/// What alice says, and what she plays to whom she holds.
const VOICE_HZ: f64 = 600.0;
const MUSIC_HZ: f64 = 1_500.0;

/// A registered phone that does as it is told when somebody transfers it. It speaks in the clear, so
/// that Wireshark can listen.
fn obedient(name: &str, kamailio: &Kamailio, way: Way) -> (Host, AccountId) {
    let config = AccountConfig { srtp: SrtpPolicy::Off, ..user(name, kamailio, way) };
    let (host, account) = register(Host::headless(), config);
    let mut services = host.engine.account_services(account).unwrap();
    services.transfer = TransferPolicy::Accept;
    host.engine.account_services_set(account, services).unwrap();
    (host, account)
}

/// A baresip that is registered and says silence, and what steers it.
fn baresip(kamailio: &Kamailio, folder: &Folder, answers: bool) -> (Baresip, Control) {
    let says = folder.path("says.wav");
    wav::write(&says, RATE_HZ, 1, &vec![0; 60 * RATE_HZ as usize]).unwrap();
    let peer = Baresip::start(&baresip::Terms {
        codec: "pcmu/8000/1",
        encryption: "",
        says: &says,
        dials: None,
        registers: Some(baresip::Registration {
            aor: format!("sip:baresip@{DOMAIN}"),
            password: password("baresip"),
            proxy: format!("sip:{}", kamailio.address(Way::Udp)),
        }),
        answers,
        writes_to: Some(format!("sip:alice@{DOMAIN}")),
    });
    let mut control = peer.control();
    control.registered();
    (peer, control)
}

/// Calls baresip, and waits until it answers.
fn call_baresip(host: &mut Host, account: AccountId, control: &mut Control) -> CallId {
    let call = dial(host, account, "baresip");
    host.reaches(call, CallState::Connected);
    control.wait("CALL_ESTABLISHED");
    call
}

fn transfer_is(host: &mut Host, wanted: TransferState) -> u16 {
    host.wait(&format!("{wanted:?}"), |event| match event {
        EventKind::Transfer { state, code, .. } if *state == wanted => Some(*code),
        _ => None,
    })
}

/// Waits until a call has another far end; gives its address.
fn replaced(host: &mut Host, wanted: CallId) -> String {
    host.wait("another far end", |event| match event {
        EventKind::Replaced { call, uri, .. } if *call == wanted => Some(uri.clone()),
        _ => None,
    })
}

/// Waits for a hold's change: by us, by the far end.
fn hold_is(host: &mut Host, wanted: (bool, bool)) {
    host.wait(&format!("hold {wanted:?}"), |event| match event {
        EventKind::Hold { local, remote, .. } => ((*local, *remote) == wanted).then_some(()),
        _ => None,
    });
}

fn direction(host: &Host, call: CallId) -> Direction {
    host.engine.call_info(call).unwrap().direction
}

/// What a host was told of a call, without how a transfer went meanwhile: its NOTIFYs may overtake
/// each other, and what is old is not told any more.
fn steps(host: &Host, call: CallId) -> Vec<String> {
    let mut story = host.story(call);
    story.retain(|words| !words.starts_with("Progress"));
    story
}

/// Hangs up, and both ends hear of it.
fn hang_up(host: &mut Host, call: CallId, other: &mut Host, answered: CallId) {
    host.engine.hangup(call, None).unwrap();
    host.reaches(call, CallState::Ended);
    other.reaches(answered, CallState::Ended);
}

/// The directions in the descriptions of a capture, in their order, each once in a row.
fn directions(capture: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(capture);
    let mut found: Vec<String> = Vec::new();
    for line in text.split("\r\n").filter_map(|line| line.strip_prefix("a=")) {
        let is_one = ["sendrecv", "sendonly", "recvonly", "inactive"].contains(&line);
        if is_one && found.last().is_none_or(|last| last != line) {
            found.push(line.to_owned());
        }
    }
    found
}

#[test]
fn a_held_phone_hears_music_and_is_silent_until_it_is_resumed() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("held");
    let [voice, music, heard, capture] =
        ["voice.wav", "music.wav", "heard.wav", "held.pcap"].map(|name| folder.path(name));
    wav::write(&voice, RATE_HZ, 1, &tones::tone(VOICE_HZ, RATE_HZ, 2.0)).unwrap();
    wav::write(&music, RATE_HZ, 1, &tones::tone(MUSIC_HZ, RATE_HZ, 2.0)).unwrap();
    let microphone = WavPair { microphone: Some(voice), repeat: true, loudspeaker: None };
    let speaking = Host::with(EngineConfig {
        bind: [127, 0, 0, 1].into(),
        audio: AudioPolicy::Wav(microphone),
        ..EngineConfig::default()
    });
    let codecs = vec![CodecKind::Pcma];
    let config = AccountConfig { codecs, ..user("alice", &kamailio, Way::Tcp) };
    let (mut alice, account) = register(speaking, config);
    let (mut bob, _) = phone("bob", &kamailio, Way::Udp);
    let (call, answered) = connect(&mut alice, account, &mut bob, "bob");
    bob.engine.capture(answered, &capture, None).unwrap();
    bob.engine.record(answered, &heard, None).unwrap();
    alice.engine.hold_music(call, Some(HoldMusic::open(&music).unwrap()), None).unwrap();
    hears(&mut alice, call);
    hears(&mut bob, answered);
    bob.run(Duration::from_millis(500));

    alice.engine.hold(call, None).unwrap();
    hold_is(&mut alice, (true, false));
    hold_is(&mut bob, (false, true));
    assert_eq!(direction(&alice, call), Direction::SendOnly);
    assert_eq!(direction(&bob, answered), Direction::RecvOnly);
    hears_nothing(&mut alice, call);
    hears(&mut bob, answered);
    bob.run(Duration::from_millis(500));

    // Bob holds as well: nobody sends. Then each takes his own hold back.
    bob.engine.hold(answered, None).unwrap();
    hold_is(&mut bob, (true, true));
    hold_is(&mut alice, (true, true));
    assert_eq!(direction(&alice, call), Direction::Inactive);
    hears_nothing(&mut bob, answered);
    bob.engine.resume(answered, None).unwrap();
    hold_is(&mut bob, (false, true));
    hold_is(&mut alice, (true, false));
    alice.engine.resume(call, None).unwrap();
    hold_is(&mut alice, (false, false));
    hold_is(&mut bob, (false, false));
    assert_eq!(direction(&bob, answered), Direction::SendRecv);
    hears(&mut alice, call);
    hears(&mut bob, answered);
    bob.run(Duration::from_millis(500));
    hang_up(&mut alice, call, &mut bob, answered);

    let holds = |us: bool, them: bool| format!("Hold by us {us}, by them {them}");
    let own = [(true, false), (true, true), (true, false), (false, false)];
    let mut story = vec!["Dialing".to_owned(), "Connected".into()];
    story.extend(own.map(|(us, them)| holds(us, them)));
    story.extend(["Ending".to_owned(), "Ended 0 LocalHangup".into()]);
    assert_eq!(alice.story(call), story);
    let mut story = vec![format!("from sip:alice@{DOMAIN}"), "Connected".into()];
    story.extend(own.map(|(them, us)| holds(us, them)));
    story.extend(["Ending".to_owned(), "Ended 0 RemoteHangup".into()]);
    assert_eq!(bob.story(answered), story);
    bob.engine.shutdown(Duration::from_secs(2));
    // Each offers what it wants itself, whatever the other does; the answer has what both allow.
    let said = ["sendonly", "recvonly", "sendonly", "inactive", "sendrecv", "sendonly", "sendrecv"];
    assert_eq!(directions(&std::fs::read(&capture).unwrap()), said);
    let mut far = wav::read(&heard).unwrap();
    far.channels.remove(0);
    let sounds = tones::sounds(&far, &[VOICE_HZ, MUSIC_HZ]);
    assert_eq!(sounds, [VOICE_HZ, MUSIC_HZ, VOICE_HZ]);
}

#[test]
fn we_hold_baresip_and_it_holds_us() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("held");
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    let (_peer, mut control) = baresip(&kamailio, &folder, true);
    let call = call_baresip(&mut alice, account, &mut control);
    hears(&mut alice, call);

    alice.engine.hold(call, None).unwrap();
    hold_is(&mut alice, (true, false));
    assert_eq!(direction(&alice, call), Direction::SendOnly);
    hears_nothing(&mut alice, call);
    alice.engine.resume(call, None).unwrap();
    hold_is(&mut alice, (false, false));
    hears(&mut alice, call);

    control.command("hold", "");
    hold_is(&mut alice, (false, true));
    assert_eq!(direction(&alice, call), Direction::RecvOnly);
    control.command("resume", "");
    hold_is(&mut alice, (false, false));
    assert_eq!(direction(&alice, call), Direction::SendRecv);
    hears(&mut alice, call);
    control.command("hangup", "");
    assert_eq!(alice.reaches(call, CallState::Ended), 0);
    assert_eq!(
        alice.story(call),
        [
            "Dialing",
            "Ringing",
            "Connected",
            "Hold by us true, by them false",
            "Hold by us false, by them false",
            "Hold by us false, by them true",
            "Hold by us false, by them false",
            "Ending",
            "Ended 0 RemoteHangup",
        ]
    );
}

#[test]
fn a_blind_transfer_leaves_the_other_two_in_one_call() {
    let kamailio = Kamailio::start();
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    let (mut bob, _) = obedient("bob", &kamailio, Way::Tcp);
    let (mut carol, _) = phone("carol", &kamailio, Way::Udp);
    let (call, answered) = connect(&mut alice, account, &mut bob, "bob");
    alice.engine.transfer(call, "carol", false, None).unwrap();
    let third = carol.incoming();
    let by = carol.engine.message_header(third, MessageKind::Invite, "Referred-By", 0).unwrap();
    assert_eq!(by, Some(format!("<sip:alice@{DOMAIN}>")));
    carol.engine.ring(third, None).unwrap();
    transfer_is(&mut bob, TransferState::Progress);
    carol.engine.answer(third, Vec::new(), None).unwrap();
    carol.reaches(third, CallState::Connected);
    assert_eq!(alice.reaches(call, CallState::Ended), 0);
    assert_eq!(replaced(&mut bob, answered), format!("sip:carol@{DOMAIN}"));
    hears(&mut bob, answered);
    hears(&mut carol, third);
    hang_up(&mut carol, third, &mut bob, answered);

    let end = ["Done 200", "Ending", "Ended 0 Transferred"];
    assert_eq!(steps(&alice, call), [&["Dialing", "Connected"][..], &end].concat());
    assert!(alice.story(call).contains(&"Progress 100".to_owned()), "{:?}", alice.story(call));
    assert_eq!(
        bob.story(answered),
        [
            "from sip:alice@pbx.test",
            "Connected",
            "asked to call sip:carol@pbx.test",
            "Progress 180",
            "Done 200",
            "now with sip:carol@pbx.test",
            "Ending",
            "Ended 0 RemoteHangup",
        ]
    );
    assert_eq!(
        carol.story(third),
        ["from sip:bob@pbx.test", "Ringing", "Connected", "Ending", "Ended 0 LocalHangup"]
    );
}

#[test]
fn a_transfer_to_whoever_is_busy_leaves_the_call_as_it_was() {
    let kamailio = Kamailio::start();
    let (mut alice, account) = phone("alice", &kamailio, Way::Tcp);
    let (mut bob, _) = obedient("bob", &kamailio, Way::Udp);
    let (mut carol, _) = phone("carol", &kamailio, Way::Udp);
    let (call, answered) = connect(&mut alice, account, &mut bob, "bob");
    alice.engine.transfer(call, "carol", false, None).unwrap();
    let third = carol.incoming();
    carol.engine.reject(third, 486, "", None).unwrap();
    carol.reaches(third, CallState::Ended);
    assert_eq!(transfer_is(&mut bob, TransferState::Failed), 486);
    assert_eq!(transfer_is(&mut alice, TransferState::Failed), 486);
    hears(&mut alice, call);
    hears(&mut bob, answered);
    hang_up(&mut bob, answered, &mut alice, call);
    let end = ["Failed 486", "Ending", "Ended 0 RemoteHangup"];
    assert_eq!(steps(&alice, call), [&["Dialing", "Connected"][..], &end].concat());
}

#[test]
fn an_attended_transfer_replaces_the_call_that_the_target_has() {
    let kamailio = Kamailio::start();
    let (mut alice, account) = phone("alice", &kamailio, Way::Tcp);
    let (mut bob, _) = obedient("bob", &kamailio, Way::Udp);
    let (mut carol, _) = phone("carol", &kamailio, Way::Udp);
    let (to_bob, in_bob) = connect(&mut alice, account, &mut bob, "bob");
    let folder = Folder::new("attended");
    let capture = folder.path("attended.pcap");
    bob.engine.capture(in_bob, &capture, None).unwrap();
    alice.engine.hold(to_bob, None).unwrap();
    hold_is(&mut alice, (true, false));
    let (to_carol, in_carol) = connect(&mut alice, account, &mut carol, "carol");
    alice.engine.transfer_to(to_bob, to_carol, None).unwrap();
    assert_eq!(replaced(&mut carol, in_carol), format!("sip:bob@{DOMAIN}"));
    assert!(replaced(&mut bob, in_bob).starts_with("sip:carol@"));
    let mut left = 2;
    while left > 0 {
        alice.wait("the end of both calls", |event| {
            matches!(event, EventKind::Call { state: CallState::Ended, .. }).then_some(())
        });
        left -= 1;
    }
    hears(&mut bob, in_bob);
    hears(&mut carol, in_carol);
    hang_up(&mut bob, in_bob, &mut carol, in_carol);

    assert_eq!(
        steps(&alice, to_bob),
        [
            "Dialing",
            "Connected",
            "Hold by us true, by them false",
            "Done 200",
            "Ending",
            "Ended 0 Transferred",
        ]
    );
    assert_eq!(alice.story(to_carol)[..2], ["Dialing", "Connected"]);
    let story = steps(&bob, in_bob).split_off(2);
    assert_eq!(story[0], "Hold by us false, by them true");
    assert!(story[1].starts_with("asked to call sip:carol@"), "{story:?}");
    assert_eq!(story[2], "Done 200");
    assert_eq!(story[3], "Hold by us false, by them false", "the new far end holds nobody");
    assert!(story[4].starts_with("now with sip:carol@"), "{story:?}");
    assert_eq!(story[5..], ["Ending", "Ended 0 LocalHangup"]);
    let story = carol.story(in_carol).split_off(2);
    assert_eq!(story, ["now with sip:bob@pbx.test", "Ending", "Ended 0 RemoteHangup"]);

    bob.engine.shutdown(Duration::from_secs(2));
    let reading = Reading::at(&capture);
    assert_eq!(reading.complaints(), []);
    assert!(reading.count("rtp && rtp.setup-method==\"SDP\"") > 20);
    let asked = "sip.Method==\"REFER\" && sip.Refer-To contains \"Replaces=\"";
    assert_eq!(reading.count(asked), 1);
    // Bob says so to the proxy, which does not know him from the REFER: the second has credentials.
    let replacing = reading.fields("sip.Replaces", &["sip.Method", "sip.Require"]);
    assert_eq!(replacing, [["INVITE", "replaces"], ["INVITE", "replaces"]]);
    let told = reading.fields("sipfrag", &["sip.Subscription-State", "sipfrag.line"]);
    assert!(told.iter().all(|notify| notify[1].starts_with("SIP/2.0 ")), "{told:?}");
    let [state, line] = told.last().unwrap().as_slice() else { panic!("{told:?}") };
    assert!(state.starts_with("terminated;reason=noresource"), "{told:?}");
    assert_eq!(line, "SIP/2.0 200 OK");
}

#[test]
fn we_transfer_baresip_to_a_phone_of_ours() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("transferee");
    let (mut alice, account) = phone("alice", &kamailio, Way::Tcp);
    let (mut carol, _) = phone("carol", &kamailio, Way::Udp);
    let (_peer, mut control) = baresip(&kamailio, &folder, true);
    let call = call_baresip(&mut alice, account, &mut control);
    let carols = format!("sip:carol@{DOMAIN}");
    alice.engine.transfer(call, &carols, false, None).unwrap();
    let third = carol.incoming();
    carol.engine.answer(third, Vec::new(), None).unwrap();
    carol.reaches(third, CallState::Connected);
    assert!(control.wait("CALL_ESTABLISHED").starts_with(&carols));
    alice.reaches(call, CallState::Ended);
    hears(&mut carol, third);
    carol.engine.hangup(third, None).unwrap();
    carol.reaches(third, CallState::Ended);
    let end = ["Done 200", "Ending", "Ended 0 Transferred"];
    assert_eq!(steps(&alice, call), [&["Dialing", "Ringing", "Connected"][..], &end].concat());
    assert_eq!(carol.story(third)[0], format!("from sip:baresip@{DOMAIN}"));
}

#[test]
fn baresip_transfers_us_to_another_phone_of_ours() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("transferor");
    let (mut alice, account) = obedient("alice", &kamailio, Way::Udp);
    let (mut carol, _) = phone("carol", &kamailio, Way::Tcp);
    let (_peer, mut control) = baresip(&kamailio, &folder, true);
    let call = call_baresip(&mut alice, account, &mut control);
    control.command("transfer", &format!("sip:carol@{DOMAIN}"));
    let third = carol.incoming();
    carol.engine.answer(third, Vec::new(), None).unwrap();
    carol.reaches(third, CallState::Connected);
    assert_eq!(replaced(&mut alice, call), format!("sip:carol@{DOMAIN}"));
    control.wait("CALL_CLOSED");
    hears(&mut alice, call);
    hears(&mut carol, third);
    hang_up(&mut alice, call, &mut carol, third);
    assert_eq!(
        steps(&alice, call),
        [
            "Dialing",
            "Ringing",
            "Connected",
            "asked to call sip:carol@pbx.test",
            "Done 200",
            "now with sip:carol@pbx.test",
            "Ending",
            "Ended 0 LocalHangup",
        ]
    );
}

#[test]
fn a_phone_of_ours_is_transferred_to_baresip() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("target");
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    let (mut bob, _) = obedient("bob", &kamailio, Way::Udp);
    let (_peer, mut control) = baresip(&kamailio, &folder, true);
    let (call, answered) = connect(&mut alice, account, &mut bob, "bob");
    alice.engine.transfer(call, "baresip", false, None).unwrap();
    assert_eq!(replaced(&mut bob, answered), format!("sip:baresip@{DOMAIN}"));
    assert!(control.wait("CALL_ESTABLISHED").starts_with("sip:bob@"));
    alice.reaches(call, CallState::Ended);
    hears(&mut bob, answered);
    control.command("hangup", "");
    bob.reaches(answered, CallState::Ended);
    assert_eq!(
        steps(&bob, answered),
        [
            "from sip:alice@pbx.test",
            "Connected",
            "asked to call sip:baresip@pbx.test",
            "Done 200",
            "now with sip:baresip@pbx.test",
            "Ending",
            "Ended 0 RemoteHangup",
        ]
    );
}

#[test]
fn an_attended_transfer_to_baresip_which_knows_no_replaces_fails_and_both_calls_stand() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("target");
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    let (mut bob, _) = obedient("bob", &kamailio, Way::Tcp);
    let (_peer, mut control) = baresip(&kamailio, &folder, true);
    let (call, answered) = connect(&mut alice, account, &mut bob, "bob");
    let asked = call_baresip(&mut alice, account, &mut control);
    alice.engine.transfer_to(call, asked, None).unwrap();
    // Our INVITE requires `replaces`, so that baresip does not take it for one more call.
    assert_eq!(transfer_is(&mut bob, TransferState::Failed), 420);
    assert_eq!(transfer_is(&mut alice, TransferState::Failed), 420);
    hears(&mut alice, call);
    hears(&mut alice, asked);
    hears(&mut bob, answered);
    control.command("hangup", "");
    alice.reaches(asked, CallState::Ended);
    hang_up(&mut alice, call, &mut bob, answered);
    let end = ["Failed 420", "Ending", "Ended 0 LocalHangup"];
    assert_eq!(steps(&alice, call), [&["Dialing", "Connected"][..], &end].concat());
}

/// Sends a message; the outcome as its host is told.
fn write(host: &mut Host, account: AccountId, to: &str, text: &str) -> (Option<ErrorKind>, u16) {
    let wanted = host.engine.new_request();
    let (to, body) = (format!("sip:{to}@{DOMAIN}"), text.as_bytes());
    host.engine.message_send(Some(account), &to, "text/plain", body, Some(wanted)).unwrap();
    host.wait("the outcome", |event| match event {
        EventKind::Reply { request, error, code, .. } if *request == wanted => {
            Some((*error, *code))
        }
        _ => None,
    })
}

/// Waits for a message: who wrote it, to whom, and what.
fn read(host: &mut Host) -> (String, String, String) {
    host.wait("a message", |event| match event {
        EventKind::Message { from, to, content, .. } => {
            Some((from.clone(), to.clone(), content.text()))
        }
        _ => None,
    })
}

#[test]
fn messages_are_delivered_both_ways_and_their_outcome_is_told() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("message");
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    let (mut bob, bobs) = phone("bob", &kamailio, Way::Tcp);
    let message = |from: &str, to: &str, text: &str| {
        (format!("sip:{from}@{DOMAIN}"), format!("sip:{to}@{DOMAIN}"), text.to_owned())
    };
    assert_eq!(write(&mut alice, account, "bob", "lunch at noon?"), (None, 200));
    assert_eq!(read(&mut bob), message("alice", "bob", "lunch at noon?"));
    assert_eq!(write(&mut bob, bobs, "alice", "gern, um zwölf"), (None, 200));
    assert_eq!(read(&mut alice), message("bob", "alice", "gern, um zwölf"));
    let refused = write(&mut alice, account, "dave", "anybody there?");
    assert_eq!(refused, (Some(ErrorKind::Refused), 480));

    let (peer, mut control) = baresip(&kamailio, &folder, true);
    assert_eq!(write(&mut alice, account, "baresip", "can you read this"), (None, 200));
    control.command("message", "yes, every word");
    assert_eq!(read(&mut alice), message("baresip", "alice", "yes, every word"));
    let said = peer.last_words();
    assert!(said.contains("can you read this"), "{said}");
}

#[test]
fn a_call_rings_at_our_phone_and_at_baresip_and_whoever_answers_has_it() {
    let kamailio = Kamailio::start();
    let folder = Folder::new("fork");
    let (mut alice, account) = phone("alice", &kamailio, Way::Tcp);
    let (mut desk, _) = phone("baresip", &kamailio, Way::Udp);
    let (_peer, mut control) = baresip(&kamailio, &folder, false);
    for it_answers in [true, false] {
        let call = dial(&alice, account, "baresip");
        let at_desk = desk.incoming();
        desk.engine.ring(at_desk, None).unwrap();
        assert!(control.wait("CALL_INCOMING").starts_with("sip:alice@"));
        alice.reaches(call, CallState::Ringing);
        if it_answers {
            control.command("accept", "");
            alice.reaches(call, CallState::Connected);
            control.wait("CALL_ESTABLISHED");
            assert_eq!(desk.reaches(at_desk, CallState::Ended), 487);
        } else {
            desk.engine.answer(at_desk, Vec::new(), None).unwrap();
            alice.reaches(call, CallState::Connected);
            desk.reaches(at_desk, CallState::Connected);
            control.wait("CALL_CLOSED");
        }
        hears(&mut alice, call);
        alice.engine.hangup(call, None).unwrap();
        alice.reaches(call, CallState::Ended);
        let end = if it_answers {
            control.wait("CALL_CLOSED");
            // The proxy tells why it cancels (RFC 3326).
            "Ended 487 AnsweredElsewhere"
        } else {
            desk.reaches(at_desk, CallState::Ended);
            "Ended 0 RemoteHangup"
        };
        let story = alice.story(call);
        assert_eq!(story, ["Dialing", "Ringing", "Connected", "Ending", "Ended 0 LocalHangup"]);
        assert_eq!(desk.story(at_desk).last().unwrap(), end);
    }
}
