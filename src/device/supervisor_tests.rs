//! Tests of the device thread's logic, on a made-up audio system and made-up time.

use std::{cell::RefCell, rc::Rc, sync::Mutex};

use super::*;
use crate::device::{
    backend::OpenPair,
    ports::{CaptureEnd, PlaybackEnd, port},
    realtime::{Capture, Playback},
};

#[derive(Default)]
struct World {
    list: Vec<DeviceEntry>,
    refuses: bool,
    opened: Vec<(String, String)>,
    callbacks: Option<(Playback, Capture)>,
    fault: Option<DeviceError>,
    rested: u32,
}

struct Fake(Rc<RefCell<World>>);
struct FakeStreams(Rc<RefCell<World>>);

impl Backend for Fake {
    fn list(&mut self) -> Result<Vec<DeviceEntry>, DeviceError> {
        Ok(self.0.borrow().list.clone())
    }

    fn open(&mut self, pair: &DevicePair) -> Result<OpenPair, DeviceError> {
        let mut world = self.0.borrow_mut();
        if world.refuses {
            return Err(error("busy"));
        }
        world.fault = None;
        world.opened.push(pair.names());
        let (ends, playback, capture): (PortEnds, PlaybackEnd, CaptureEnd) = port(PortFormat {
            playback_rate_hz: 48_000,
            capture_rate_hz: 48_000,
            period_frames: 480,
        });
        world.callbacks = Some((Playback::new(playback, 2), Capture::new(capture, 1)));
        Ok(OpenPair { ends, streams: Box::new(FakeStreams(Rc::clone(&self.0))) })
    }

    fn rest(&mut self) {
        self.0.borrow_mut().rested += 1;
    }
}

impl Streams for FakeStreams {
    fn fault(&self) -> Option<DeviceError> {
        self.0.borrow().fault.clone()
    }
}

impl Drop for FakeStreams {
    fn drop(&mut self) {
        self.0.borrow_mut().callbacks = None;
    }
}

fn error(text: &str) -> DeviceError {
    DeviceError { kind: DeviceErrorKind::Other, text: text.into() }
}

fn card(name: &str, default: bool) -> DeviceEntry {
    DeviceEntry {
        id: format!("id:{name}"),
        name: name.into(),
        captures: true,
        plays: true,
        default_capture: default,
        default_playback: default,
    }
}

struct Bench {
    world: Rc<RefCell<World>>,
    supervision: Supervision,
    reports: Arc<Mutex<Vec<DeviceReport>>>,
    start: Instant,
    now: Instant,
    stalled: bool,
}

impl Bench {
    fn new(list: Vec<DeviceEntry>) -> Self {
        let world = Rc::new(RefCell::new(World { list, ..World::default() }));
        let reports = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&reports);
        let supervision = Supervision::new(
            Box::new(Fake(Rc::clone(&world))),
            Box::new(move |report| sink.lock().unwrap().push(report)),
        );
        let start = Instant::now();
        Self { world, supervision, reports, start, now: start, stalled: false }
    }

    fn command(&mut self, command: DeviceCmd) {
        self.supervision.handle_command(self.now, command);
    }

    /// Lets time pass in steps of 10 ms, in which the callbacks run.
    fn pass_ms(&mut self, ms: u64) {
        for _ in 0..ms / 10 {
            self.now += Duration::from_millis(10);
            if !self.stalled
                && let Some((playback, capture)) = &mut self.world.borrow_mut().callbacks
            {
                playback.fill(&mut [0f32; 960], 0);
                capture.take(&[0f32; 480], 0);
            }
            if self.supervision.poll_timeout().is_some_and(|at| at <= self.now) {
                self.supervision.handle_timeout(self.now);
            }
        }
    }

    fn told(&mut self) -> Vec<String> {
        let tell = |report: DeviceReport| match report {
            DeviceReport::Listed { ticket, result } => {
                format!("listed {ticket}: {}", result.unwrap().len())
            }
            DeviceReport::Opened(pair) => format!("opened {} {}", pair.loudspeaker, pair.text),
            DeviceReport::Changed(pair) => format!("changed {} {}", pair.loudspeaker, pair.text),
            DeviceReport::Lost(error) => format!("lost: {error}"),
            DeviceReport::Failed(error) => format!("failed: {error}"),
            DeviceReport::Closed => "closed".into(),
        };
        self.reports.lock().unwrap().drain(..).map(tell).collect()
    }
}

#[test]
fn sleeps_without_a_timer_while_nothing_is_open() {
    let mut bench = Bench::new(vec![card("Card", true)]);
    assert_eq!(bench.supervision.poll_timeout(), None);
    bench.command(DeviceCmd::List { ticket: 7 });
    assert_eq!(bench.told(), ["listed 7: 1"]);
    assert_eq!(bench.supervision.poll_timeout(), None);
    bench.command(DeviceCmd::Open(DeviceChoice::default()));
    assert!(bench.supervision.poll_timeout().is_some());
    bench.command(DeviceCmd::Close);
    assert_eq!(bench.told(), ["opened Card ", "closed"]);
    assert_eq!(bench.supervision.poll_timeout(), None);
    assert_eq!(bench.world.borrow().rested, 2);
    assert!(bench.world.borrow().callbacks.is_none(), "the streams were dropped");
}

#[test]
fn a_device_that_works_is_left_alone() {
    let mut bench = Bench::new(vec![card("Card", true)]);
    bench.command(DeviceCmd::Open(DeviceChoice::default()));
    bench.pass_ms(60_000);
    assert_eq!(bench.told(), ["opened Card "]);
    assert_eq!(bench.world.borrow().opened.len(), 1);
}

#[test]
fn a_stalled_callback_is_noticed_and_the_device_opened_again() {
    let mut bench = Bench::new(vec![card("Card", true)]);
    bench.command(DeviceCmd::Open(DeviceChoice::default()));
    bench.pass_ms(5_000);
    bench.stalled = true;
    bench.pass_ms(200);
    assert_eq!(bench.told(), ["opened Card "], "a gap of 200 ms is not yet a loss");
    bench.pass_ms(220);
    assert_eq!(bench.told(), ["lost: Card has stopped working; it is opened again"]);
    bench.stalled = false;
    bench.pass_ms(200);
    assert_eq!(bench.told(), ["changed Card "]);
}

#[test]
fn a_fault_is_answered_with_back_off_until_the_device_is_back() {
    let mut bench = Bench::new(vec![card("Card", true)]);
    bench.command(DeviceCmd::Open(DeviceChoice::default()));
    bench.pass_ms(3_000);
    bench.told();
    bench.world.borrow_mut().fault = Some(error("pulled out"));
    bench.world.borrow_mut().refuses = true;
    bench.pass_ms(100);
    assert_eq!(bench.told(), ["lost: pulled out"]);
    let mut waits = Vec::new();
    for _ in 0..6 {
        let due = bench.supervision.poll_timeout().unwrap();
        waits.push(due.duration_since(bench.now).as_millis());
        bench.now = due;
        bench.supervision.handle_timeout(due);
    }
    assert_eq!(waits, [200, 400, 800, 1600, 2000, 2000]);
    assert!(bench.told().is_empty(), "a loss is told once");
    bench.world.borrow_mut().refuses = false;
    bench.pass_ms(2_000);
    assert_eq!(bench.told(), ["changed Card "]);
    assert!(bench.start < bench.now);
}

#[test]
fn follows_a_new_default_and_a_named_device_that_comes_back() {
    let mut bench = Bench::new(vec![card("Old", true)]);
    let choice = DeviceChoice { loudspeaker: "Headset".into(), ..DeviceChoice::default() };
    bench.command(DeviceCmd::Open(choice));
    let told = bench.told();
    assert!(told[0].starts_with("opened Old the loudspeaker \"Headset\" is not there"), "{told:?}");
    bench.world.borrow_mut().list.push(card("Headset", false));
    bench.pass_ms(500);
    assert_eq!(bench.told(), ["changed Headset "]);
    assert_eq!(bench.world.borrow().opened.last().unwrap().0, "Old", "the microphone is default");
    bench.world.borrow_mut().list = vec![card("Old", false), card("New", true)];
    bench.pass_ms(500);
    assert!(bench.told()[0].starts_with("changed New "));
    bench.world.borrow_mut().list.clear();
    bench.pass_ms(500);
    assert!(bench.told()[0].starts_with("lost: the sound card was unplugged"));
    bench.world.borrow_mut().list.push(card("Old", true));
    bench.pass_ms(2_000);
    assert!(bench.told()[0].starts_with("changed Old "));
}

#[test]
fn a_first_opening_that_fails_is_told_and_tried_again() {
    let mut bench = Bench::new(Vec::new());
    bench.command(DeviceCmd::Open(DeviceChoice::default()));
    assert!(bench.told()[0].starts_with("failed: no sound card found; plug one in"));
    bench.pass_ms(10_000);
    assert!(bench.told().is_empty());
    bench.world.borrow_mut().list.push(card("Late", true));
    bench.pass_ms(2_000);
    assert_eq!(bench.told(), ["opened Late "]);
}

#[test]
fn the_thread_opens_and_stops() {
    struct Empty;
    impl Backend for Empty {
        fn list(&mut self) -> Result<Vec<DeviceEntry>, DeviceError> {
            Ok(Vec::new())
        }
        fn open(&mut self, _: &DevicePair) -> Result<OpenPair, DeviceError> {
            Err(error("none"))
        }
    }
    let (sender, reports) = mpsc::channel();
    let supervisor =
        Supervisor::start(|| Box::new(Empty), Box::new(move |report| sender.send(report).unwrap()))
            .unwrap();
    assert!(supervisor.send(DeviceCmd::List { ticket: 1 }));
    assert!(matches!(reports.recv().unwrap(), DeviceReport::Listed { ticket: 1, .. }));
    assert!(supervisor.send(DeviceCmd::Open(DeviceChoice::default())));
    assert!(matches!(reports.recv().unwrap(), DeviceReport::Failed(_)));
    assert!(supervisor.stop(Duration::from_secs(5)));
}

#[test]
fn what_is_missing_is_told_by_its_name() {
    let open = |list, name: &str| {
        let mut bench = Bench::new(list);
        let (microphone, loudspeaker) = (name.to_owned(), name.to_owned());
        bench.command(DeviceCmd::Open(DeviceChoice { microphone, loudspeaker }));
        bench.told().concat()
    };
    assert!(open(vec![card("Card", false)], "gone").contains("no sound card \"gone\""));
    assert!(open(vec![card("Card", false)], "").contains("no default sound card"));
    assert!(open(Vec::new(), "").starts_with("failed: no sound card found"));
    assert!(open(vec![card("Card", false)], "card").starts_with("opened"));
}
