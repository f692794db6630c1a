use std::time::Duration;

use actix::{Actor, Context, Handler, System};

use super::*;
use crate::{
    base::{ids::TypedId, rng::Rng},
    engine::{
        config::EngineConfig,
        shared::CallShared,
        worker::{Reports, WorkerReport},
    },
    media::stream::{NtpAnchor, Stream, StreamConfig},
    net::rtp_udp::RtpSockets,
};

/// In the place of a session.
#[derive(Default)]
struct Listener(Vec<WorkerReport>);

impl Actor for Listener {
    type Context = Context<Self>;
}

impl Handler<WorkerReport> for Listener {
    type Result = ();

    fn handle(&mut self, report: WorkerReport, _: &mut Self::Context) {
        self.0.push(report);
    }
}

/// Asks for what has come.
#[derive(actix::Message)]
#[rtype(result = "Vec<WorkerReport>")]
struct Told;

impl Handler<Told> for Listener {
    type Result = actix::MessageResult<Told>;

    fn handle(&mut self, _: Told, _: &mut Self::Context) -> Self::Result {
        actix::MessageResult(std::mem::take(&mut self.0))
    }
}

fn media(call: CallId, reports: Reports) -> Box<CallMedia> {
    let socket = || {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    };
    let sockets = RtpSockets::new((socket(), socket())).unwrap();
    let config = StreamConfig {
        cname: "work".to_owned(),
        ntp: NtpAnchor { at: Instant::now(), ntp: 0 },
        rtp_timeout: Duration::from_secs(60),
        dtmf_with_audio: false,
    };
    let stream = Stream::new(config, Rng::from_number(1));
    Box::new(CallMedia::new(call, Arc::new(CallShared::default()), reports, sockets, stream))
}

/// Runs a test that has a listener and a worker's loop without its thread.
fn with_work(test: impl AsyncFnOnce(actix::Addr<Listener>, Work<'_>)) {
    System::new().block_on(async {
        let shared = Arc::new(Shared::new(EngineConfig::default(), Instant::now()));
        let (_inbox, commands) = Inbox::new(8);
        test(Listener::default().start(), Work::new(&commands, &shared)).await;
    });
}

fn ids(work: &Work<'_>) -> Vec<CallId> {
    work.calls.iter().map(|call| call.id()).collect()
}

#[test]
fn a_call_that_fails_while_it_is_taken_over_ends_alone() {
    with_work(async |listener, mut work| {
        let [broken, other] = [1, 2].map(|index| CallId::from_parts(1, index));
        work.handle(WorkerCmd::Open(media(other, listener.clone().recipient())));
        work.handle(WorkerCmd::Expect { call: broken });
        work.handle(WorkerCmd::Fail { call: broken });
        work.handle(WorkerCmd::Mute { call: broken, muted: true });
        work.handle(WorkerCmd::MigrateIn(media(broken, listener.clone().recipient())));
        assert_eq!(ids(&work), [other]);
        assert!(work.early.is_empty() && work.expected.is_empty());
        let told = listener.send(Told).await.unwrap();
        assert!(matches!(told[..], [WorkerReport::Panicked]), "{told:?}");
    });
}

#[test]
fn a_call_reaches_a_worker_that_takes_no_other_commands_and_ends_there() {
    with_work(async |listener, mut work| {
        let call = CallId::from_parts(1, 1);
        work.handle(WorkerCmd::Open(media(call, listener.recipient())));
        let (full, arrived) = Inbox::new(0);
        work.handle(WorkerCmd::MigrateOut { call, to: full });
        work.handle(WorkerCmd::Mute { call, muted: true });
        work.handle(WorkerCmd::Close { call });
        assert!(ids(&work).is_empty());
        let arrived: Vec<WorkerCmd> = arrived.try_iter().collect();
        assert!(matches!(arrived[..], [WorkerCmd::MigrateIn(_), WorkerCmd::Close { .. }]));
    });
}

#[test]
fn a_call_that_is_to_go_on_before_it_has_come_goes_on_when_it_comes_or_not_at_all() {
    with_work(async |listener, mut work| {
        let [call, closed] = [1, 2].map(|index| CallId::from_parts(1, index));
        let (next, arrived) = Inbox::new(8);
        for call in [call, closed] {
            work.handle(WorkerCmd::Expect { call });
            work.handle(WorkerCmd::MigrateOut { call, to: next.clone() });
            work.handle(WorkerCmd::Mute { call, muted: true });
        }
        assert!(arrived.try_recv().is_err(), "neither is here yet");
        work.handle(WorkerCmd::MigrateIn(media(call, listener.recipient())));
        work.handle(WorkerCmd::NotComing { call: closed });
        assert!(ids(&work).is_empty() && work.early.is_empty() && work.expected.is_empty());
        let arrived: Vec<WorkerCmd> = arrived.try_iter().collect();
        assert!(matches!(
            arrived[..],
            [
                WorkerCmd::MigrateIn(_),
                WorkerCmd::Mute { .. },
                WorkerCmd::NotComing { call: id },
            ] if id == closed
        ));
    });
}

#[test]
fn calls_that_hear_each_other_make_their_audio_together() {
    with_work(async |listener, mut work| {
        let id = |index| CallId::from_parts(1, index);
        for index in 1..=4 {
            work.handle(WorkerCmd::Open(media(id(index), listener.clone().recipient())));
        }
        for (from, to) in [(1, 1), (4, 2), (2, 4)] {
            let gain = Some(Gain::UNITY);
            work.handle(WorkerCmd::Route { from: id(from), to: id(to), gain });
        }
        let now = Instant::now();
        assert!(work.work(now, now) > now);
        let groups = |work: &Work<'_>| {
            let ids = ids(work);
            let mut groups: Vec<Vec<CallId>> = work
                .groups
                .places()
                .map(|group| group.iter().map(|&at| ids[at]).collect())
                .collect();
            groups.iter_mut().for_each(|group| group.sort());
            groups.sort();
            groups
        };
        assert_eq!(groups(&work), [vec![id(1)], vec![id(2), id(4)], vec![id(3)]]);
        assert_eq!(work.calls[1].rhythm(), work.calls[3].rhythm(), "one rhythm for both");
        work.handle(WorkerCmd::Close { call: id(2) });
        work.work(now, now);
        assert_eq!(groups(&work), [vec![id(1)], vec![id(3)], vec![id(4)]]);
        work.handle(WorkerCmd::Attach(UserAudio::Files {
            microphone: None,
            loudspeaker: None,
            rate_hz: 8_000,
        }));
        work.work(now, now);
        assert_eq!(groups(&work), [[id(1), id(3), id(4)]], "our user hears them all");
    });
}

#[test]
fn rounds_are_spread_over_the_packet_time_and_none_is_forgotten() {
    with_work(async |listener, mut work| {
        let mut now = work.epoch;
        for index in 1..=8 {
            let mut call = media(CallId::from_parts(1, index), listener.clone().recipient());
            let begins = work.epoch + Duration::from_micros(2_500) * index;
            call.set_rhythm(Rhythm::new(work.epoch, begins));
            work.calls.push(call);
        }
        work.groups.stale = true;
        let rounds = |work: &Work<'_>| work.shared.counters.ticks.load(Ordering::Relaxed);
        for _ in 0..24 {
            let before = rounds(&work);
            now = work.work(now, now);
            assert!(rounds(&work) - before <= 1, "one at a time");
        }
        assert!((19..=24).contains(&rounds(&work)), "{}", rounds(&work));
        // A stall of 100 ms is made up for, one of a minute is not.
        for (stall_ms, made) in [(100, 8 * 5), (60_000, 8)] {
            let before = rounds(&work);
            now += Duration::from_millis(stall_ms);
            now = work.work(now, now);
            let rounds = rounds(&work) - before;
            assert!((made..=made + 16).contains(&rounds), "{stall_ms} ms: {rounds} rounds");
        }
    });
}
