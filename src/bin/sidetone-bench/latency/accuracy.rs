//! Known delays are found: computed ones exactly, and those that a relay between two engines really
//! made within a millisecond.
//!
//! The relay keeps each packet for 0, 20, 60 or 120 ms, one after the other, and notes by the
//! kernel's stamps how long it really had it. A busy machine makes it late, and it then knows.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use sidetone::{
    base::{plan::CodecKind, rng::Rng},
    device::priority::{Urgency, promote_current_thread},
    dsp::{
        codec::Encode,
        g711::{G711Encoder, Law},
    },
    net::{
        ports::PortPool,
        rtp_udp::{Port, RtpSockets, Slab},
    },
};

use super::{
    Scratch,
    hops::{Found, HOPS, Journey, PERIOD, RATE_HZ, Steps, find},
    one_way,
};
use crate::{clicks::Clicks, live::Live, wire::Packet};

const CODEC: CodecKind = CodecKind::Pcmu;
/// What lies between the ends, ms.
const DELAYS_MS: [f64; 4] = [0.0, 20.0, 60.0, 120.0];
/// How exactly it is to be found, ms.
const WITHIN_MS: f64 = 1.0;

fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn whole_ms(journey: &Journey) -> f64 {
    journey.at_ms[5] - journey.at_ms[0]
}

/// Both ends as they would be with a network of `delay_ms`: packets leave 3 ms after their last
/// period, wait 40 ms at the far end, and are heard 15 ms after they were queued. A little
/// noise is in what is heard.
fn computed(delay_ms: f64) -> Found {
    let clicks = Clicks::new(RATE_HZ, 3.5);
    let began_ms = 1.7e12;
    let second_rate = f64::from(RATE_HZ) / 1000.0;
    let whole_ms = 10.0 + 20.0 + 3.0 + delay_ms + 40.0 + 15.0;
    // A chirp has nothing above 3 kHz: every sixth sample says it all.
    let pcm: Vec<i16> =
        clicks.samples.iter().step_by(6).map(|sample| (sample * 32_767.0) as i16).collect();
    let mut encoder = G711Encoder::new(Law::Mu);
    let packets: Vec<Packet> = pcm
        .chunks_exact(160)
        .enumerate()
        .map(|(number, frame)| {
            let mut payload = vec![0; 160];
            encoder.encode(frame, &mut payload).unwrap();
            let spoken_ms = began_ms - 10.0 + 20.0 * number as f64;
            Packet { time_ms: spoken_ms + 33.0, timestamp: 160 * number as u32, payload }
        })
        .collect();
    let came = packets
        .iter()
        .map(|packet| Packet { time_ms: packet.time_ms + delay_ms, ..packet.clone() })
        .collect::<Vec<_>>();
    // Heard at a step, spoken one period before one.
    let behind = ((whole_ms - 10.0) * second_rate).round() as usize;
    let mut rng = Rng::from_number(7);
    let mut heard: Vec<f32> = vec![0.0; behind];
    heard.extend(&clicks.samples);
    heard.resize(heard.len().next_multiple_of(PERIOD), 0.0);
    for sample in &mut heard {
        *sample = 0.8 * *sample + 0.005 * (rng.u32() as f32 / u32::MAX as f32 - 0.5);
    }
    let count = heard.len() / PERIOD;
    let steps = Steps {
        at_ms: (0..count).map(|step| began_ms + 10.0 * step as f64).collect(),
        taken: (0..count).map(|step| (step * PERIOD) as u64).collect(),
        queued: (0..10 * count)
            .map(|look| (began_ms + look as f64, ((look as f64 + 15.0) * second_rate) as u64))
            .collect(),
        heard,
    };
    find(&clicks, &steps, &packets, &came, CODEC)
}

#[test]
fn computed_delays_are_found_hop_by_hop() {
    let base = median(computed(0.0).whole_ms.iter().map(|(_, ms)| *ms)).unwrap();
    for delay_ms in DELAYS_MS {
        let found = computed(delay_ms);
        assert_eq!((found.whole_ms.len(), found.journeys.len()), (found.spoken, found.spoken));
        let whole = median(found.whole_ms.iter().map(|(_, ms)| *ms)).unwrap();
        assert!((whole - base - delay_ms).abs() < 0.05, "{delay_ms} ms: {base}, then {whole}");
        for journey in &found.journeys {
            let hops: Vec<f64> = (0..HOPS.len()).map(|hop| journey.hop_ms(hop)).collect();
            assert!((0.0..=10.0).contains(&hops[0]), "a period at most: {hops:?}");
            assert!((hops[2] - delay_ms).abs() < 0.01, "{delay_ms} ms: {hops:?}");
            // A look is a millisecond apart from the next.
            assert!((hops[4] - 15.0).abs() <= WITHIN_MS, "{hops:?}");
            let sum: f64 = hops.iter().sum();
            assert!((sum - whole_ms(journey)).abs() < 0.001, "{hops:?}");
        }
    }
}

#[test]
fn real_delays_between_two_engines_are_found_within_a_millisecond() {
    // A busy machine tears clicks now and then: with too few of them it is run again.
    let medians = (0..3).find_map(|_| found_and_made()).expect("clicks enough within three runs");
    println!("network hop found, and made by the relay, ms: {medians:.3?}");
    let (none_found, none_made) = medians[0];
    for ((found_ms, made_ms), asked_ms) in medians.iter().zip(DELAYS_MS) {
        assert!(*made_ms >= asked_ms - 0.1, "the relay hurried: {medians:?}");
        let (found, made) = (found_ms - none_found, made_ms - none_made);
        assert!((found - made).abs() < WITHIN_MS, "{medians:?}");
    }
}

/// Runs a call through the relay. Medians of the network hop for each of [`DELAYS_MS`]: as found, and
/// as the relay made it. `None`: not three clicks of each were found.
fn found_and_made() -> Option<Vec<(f64, f64)>> {
    let folder = Scratch::new().unwrap();
    let mut relay = None;
    let seconds = 1.0 + STRETCH.as_secs_f64() * DELAYS_MS.len() as f64;
    let one_way = one_way(CODEC, seconds, &folder.0, &Live::none(), |bob| {
        let (address, started) = Relay::start(bob);
        relay = Some(started);
        address
    })
    .unwrap();
    let kept = relay.unwrap().stop();
    let journeys = &one_way.found.journeys;
    for journey in journeys {
        let sum: f64 = (0..HOPS.len()).map(|hop| journey.hop_ms(hop)).sum();
        assert!((sum - whole_ms(journey)).abs() < 0.001, "{journey:?}");
    }
    let medians = (0..DELAYS_MS.len()).map(|asked| {
        let pairs: Vec<(f64, f64)> = journeys
            .iter()
            .filter_map(|journey| Some((journey.hop_ms(2), *kept.get(&journey.timestamp)?)))
            .filter(|(_, kept)| kept.asked == asked)
            .map(|(found_ms, kept)| (found_ms, kept.really_ms))
            .collect();
        let made = median(pairs.iter().map(|(_, made)| *made))?;
        (pairs.len() >= 3).then_some((median(pairs.iter().map(|(found, _)| *found))?, made))
    });
    medians.collect()
}

/// How long each delay is in force.
const STRETCH: Duration = Duration::from_secs(3);

/// How long the relay had a packet.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Which of [`DELAYS_MS`] was in force.
    asked: usize,
    really_ms: f64,
}

/// Passes SIP between two engines on, with its own address for that of their audio; audio goes
/// through it, late on its way to the one who was called.
struct Relay {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<HashMap<u32, Kept>>,
}

impl Relay {
    /// In front of `bob`; gives the address to call.
    fn start(bob: SocketAddr) -> (SocketAddr, Self) {
        let sip = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        sip.set_nonblocking(true).unwrap();
        let address = sip.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let asked_to_stop = stop.clone();
        let thread = std::thread::spawn(move || {
            promote_current_thread(Urgency::Callback);
            let mut work = Work::new(sip, bob);
            while !asked_to_stop.load(Relaxed) {
                work.pass_sip();
                work.pass_audio();
                std::thread::sleep(Duration::from_micros(500));
            }
            work.kept
        });
        (address, Self { stop, thread })
    }

    /// Ends it; gives how long each packet was kept, by its RTP timestamp.
    fn stop(self) -> HashMap<u32, Kept> {
        self.stop.store(true, Relaxed);
        self.thread.join().unwrap()
    }
}

struct Work {
    sip: UdpSocket,
    rtp: RtpSockets,
    slab: Slab,
    bob: SocketAddr,
    alice: Option<SocketAddr>,
    /// Where their audio is to go.
    bobs_audio: Option<SocketAddr>,
    alices_audio: Option<SocketAddr>,
    /// When the first packet came, and those that wait: since when, until when, of which delay.
    first: Option<Instant>,
    waiting: VecDeque<(Instant, Instant, usize, Vec<u8>)>,
    kept: HashMap<u32, Kept>,
}

impl Work {
    fn new(sip: UdpSocket, bob: SocketAddr) -> Self {
        let mut pool = PortPool::new(IpAddr::V4(Ipv4Addr::LOCALHOST), (0, 0), 0, 0).unwrap();
        Self {
            sip,
            rtp: RtpSockets::new(pool.bind_pair().unwrap()).unwrap(),
            slab: Slab::new(64),
            bob,
            alice: None,
            bobs_audio: None,
            alices_audio: None,
            first: None,
            waiting: VecDeque::new(),
            kept: HashMap::new(),
        }
    }

    fn pass_sip(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok((length, source)) = self.sip.recv_from(&mut buffer) {
            let mut text = String::from_utf8(buffer[..length].to_vec()).unwrap();
            let of_bob = source == self.bob;
            if !of_bob {
                self.alice = Some(source);
            }
            if let Some(port) = audio_port(&text) {
                let theirs = Some(SocketAddr::new(source.ip(), port));
                if of_bob {
                    self.bobs_audio = theirs;
                } else {
                    self.alices_audio = theirs;
                }
                let ours = self.rtp.local_rtp().port();
                // As long as before, so that Content-Length holds.
                assert_eq!(port.to_string().len(), ours.to_string().len());
                text = text.replace(&format!("m=audio {port} "), &format!("m=audio {ours} "));
            }
            let to = if of_bob { self.alice } else { Some(self.bob) };
            if let Some(to) = to {
                self.sip.send_to(text.as_bytes(), to).unwrap();
            }
        }
    }

    fn pass_audio(&mut self) {
        self.slab.begin();
        self.rtp.receive(Port::Rtp, &mut self.slab);
        let mut back = Vec::new();
        self.slab.drain(|arrival, _, source, bytes| {
            if Some(source) == self.bobs_audio {
                back.push(bytes.to_vec());
                return;
            }
            let first = *self.first.get_or_insert(arrival);
            let stretch = (arrival - first).as_secs_f64() / STRETCH.as_secs_f64();
            let asked = (stretch as usize).min(DELAYS_MS.len() - 1);
            let due = arrival + Duration::from_secs_f64(DELAYS_MS[asked] / 1000.0);
            self.waiting.push_back((arrival, due, asked, bytes.to_vec()));
        });
        if let Some(alice) = self.alices_audio {
            for bytes in back {
                self.rtp.send(Port::Rtp, alice, &bytes);
            }
        }
        while let Some((_, due, ..)) = self.waiting.front()
            && *due <= Instant::now()
            && let Some(bob) = self.bobs_audio
            && let Some((arrival, _, asked, bytes)) = self.waiting.pop_front()
        {
            let really_ms = arrival.elapsed().as_secs_f64() * 1000.0;
            self.rtp.send(Port::Rtp, bob, &bytes);
            if let Some(timestamp) = bytes.get(4..8) {
                let timestamp = u32::from_be_bytes(timestamp.try_into().unwrap());
                self.kept.insert(timestamp, Kept { asked, really_ms });
            }
        }
    }
}

/// The port of a message's audio.
fn audio_port(text: &str) -> Option<u16> {
    let line = text.lines().find_map(|line| line.strip_prefix("m=audio "))?;
    line.split(' ').next()?.parse().ok()
}
