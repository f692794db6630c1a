//! An INVITE that a proxy sent to several phones: early dialogs of their own, one that wins.

use crate::{
    changes::{change, renegotiated},
    pair::{Network, address, header},
};
use sidetone::{
    base::plan::{CodecKind, Direction},
    call::{
        CallState::{Connected, EarlyMedia, Ended, Ringing},
        EndReason, Input, Prack,
    },
    proto::sip::wire::HeaderId,
};

/// Phones 1 and 2 both get what phone 0 dials.
fn forked(seed: u64) -> Network {
    let mut net = Network::with_phones(3, seed);
    net.forks = vec![2];
    net.dial();
    net.run_ms(50);
    net
}

/// What phone 0 sent to phone `index`.
fn sent_to(net: &Network, index: usize) -> Vec<String> {
    let own = net.log.iter().filter(|d| d.from == address(0) && d.to == address(index));
    own.map(|d| d.what()).collect()
}

#[test]
fn each_fork_is_acknowledged_in_its_own_dialog_and_the_first_answer_wins() {
    for winner in [1, 2] {
        let loser = 3 - winner;
        let mut net = forked(150);
        net.input(1, Input::Progress);
        net.input(2, Input::Progress);
        net.run_ms(100);
        for index in [1, 2] {
            assert_eq!(net.count(index, "200 PRACK"), 1);
            let prack = net.log.iter().find(|d| d.what() == "PRACK" && d.to == address(index));
            let prack = &prack.unwrap().message;
            let progress = net.first(index, "183 INVITE");
            assert_eq!(prack.to_tag(), progress.to_tag());
            assert!(header(prack, HeaderId::RAck).starts_with(&header(progress, HeaderId::RSeq)));
        }
        assert_eq!(net.state(0), EarlyMedia);
        assert_eq!(net.plan(0).remote_rtp.port(), 4010, "the first that has media is heard");
        net.answer(winner);
        net.run_ms(100);
        assert_eq!((net.state(0), net.state(winner)), (Connected, Connected));
        assert_eq!(net.plan(0).remote_rtp.port(), 4000 + 10 * winner as u16);
        net.answer(loser);
        net.run_ms(200);
        let sent: Vec<_> =
            sent_to(&net, loser).into_iter().filter(|what| what != "INVITE").collect();
        assert_eq!(sent, ["PRACK", "ACK", "BYE"]);
        assert_eq!(net.count(loser, "200 BYE"), 1, "its CSeq goes on where the PRACK's was");
        assert_eq!(net.end(loser), Some((EndReason::RemoteHangup, 0)));
        assert_eq!((net.state(0), net.state(winner)), (Connected, Connected));
        net.input(0, Input::Hangup);
        net.assert_quiet();
    }
}

#[test]
fn forks_negotiate_apart_and_the_answer_of_one_is_not_the_others() {
    let mut net = Network::with_phones(3, 151);
    net.forks = vec![2];
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcma];
    net.phones[2].settings.audio.codecs = vec![CodecKind::Pcmu];
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(50);
    assert_eq!(net.plan(0).send.kind, CodecKind::Pcma);
    net.answer(2);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(2)), (Connected, Connected));
    assert_eq!(net.plan(0).send.kind, CodecKind::Pcmu);
    assert_eq!(net.plan(0).remote_rtp.port(), 4020);
    net.input(1, Input::Hangup);
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn a_fork_whose_answer_cannot_be_used_does_not_stop_the_others() {
    for others in [true, false] {
        let mut net = Network::with_phones(3, 152);
        net.forks = if others { vec![2] } else { vec![] };
        net.dial();
        net.run_ms(50);
        if others {
            net.input(2, Input::Ring);
            net.run_ms(50);
        }
        net.input(1, Input::Progress);
        let text = String::from_utf8(net.first(1, "183 INVITE").octets().to_vec()).unwrap();
        let useless = text.replace("m=audio 4010", "m=audio 0000");
        assert_ne!(text, useless);
        net.inject(address(1), address(0), useless.into());
        net.run_ms(5);
        assert_eq!(net.count(0, "PRACK"), 1, "it is acknowledged all the same");
        net.run_s(1);
        if others {
            net.answer(2);
            net.run_ms(100);
            assert_eq!((net.state(0), net.state(2)), (Connected, Connected));
            net.answer(1);
            net.run_s(1);
            net.input(0, Input::Hangup);
        } else {
            assert_eq!(net.end(0), Some((EndReason::NoCodec, 487)));
            assert_eq!(net.end(1).map(|end| end.0), Some(EndReason::RemoteCancel));
        }
        net.assert_quiet();
    }
}

#[test]
fn a_change_while_several_phones_ring_waits_for_the_one_that_answers() {
    let mut net = forked(153);
    net.input(1, Input::Progress);
    net.input(2, Input::Progress);
    net.run_ms(100);
    net.input(0, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!(net.count(0, "UPDATE"), 0);
    net.answer(2);
    net.run_ms(200);
    assert_eq!(renegotiated(&net, 0), [200]);
    assert_eq!(net.plan(2).direction, Direction::RecvOnly);
}

#[test]
fn a_change_that_is_under_way_in_a_fork_that_loses_is_made_with_the_winner() {
    let mut net = Network::with_phones(3, 154);
    net.forks = vec![2];
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(100);
    net.input(0, change(Direction::SendOnly));
    // The answer of the other is here before the UPDATE's.
    net.answer(2);
    net.run_ms(200);
    assert_eq!((net.count(0, "UPDATE"), net.count(0, "INVITE")), (1, 2));
    assert_eq!(renegotiated(&net, 0), [200]);
    assert_eq!(net.plan(2).direction, Direction::RecvOnly);
}

#[test]
fn all_forks_end_when_the_caller_gives_up() {
    let mut net = forked(155);
    for index in [1, 2] {
        net.phones[index].settings.prack = Prack::Required;
        net.input(index, Input::Ring);
    }
    net.run_ms(100);
    assert_eq!(net.state(0), Ringing);
    net.input(0, Input::Hangup);
    net.run_s(1);
    for index in [1, 2] {
        assert_eq!(net.end(index), Some((EndReason::RemoteCancel, 487)));
    }
    assert_eq!(net.state(0), Ended);
}

#[test]
fn a_late_answer_with_an_offer_is_acknowledged_with_a_refusing_answer() {
    let mut net = Network::with_phones(3, 156);
    net.forks = vec![2];
    net.phones[0].settings.delayed_offer = true;
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_ms(50);
    net.answer(2);
    net.run_ms(200);
    let ack = net.log.iter().find(|d| d.what() == "ACK" && d.to == address(2)).unwrap();
    assert!(String::from_utf8_lossy(ack.message.body()).contains("m=audio 0 "));
    assert_eq!(net.end(2).map(|end| end.0), Some(EndReason::NoCodec));
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    net.input(1, Input::Hangup);
    net.assert_quiet();
}
