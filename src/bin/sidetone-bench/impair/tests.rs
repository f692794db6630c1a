//! What becomes of whole streams.

use super::*;

const GRID: Duration = Duration::from_millis(20);

/// Arrivals of `count` packets of PCMU.
fn through(spec: &str, stream: u64, count: u32) -> Vec<Vec<Duration>> {
    let mut path = Path::new(&spec.parse().unwrap(), stream);
    (0..count).map(|n| path.pass(GRID * n, 172)).collect()
}

/// Delay of the first copy of each packet that arrives, ms.
fn delays(fates: &[Vec<Duration>]) -> Vec<f64> {
    (0u32..)
        .zip(fates)
        .filter_map(|(n, copies)| Some((*copies.first()? - GRID * n).as_secs_f64() * 1000.0))
        .collect()
}

#[test]
fn a_good_network_lets_everything_through_at_once() {
    assert!(through("", 0, 100).iter().zip(0..).all(|(copies, n)| copies == &[GRID * n]));
}

#[test]
fn the_same_seed_gives_the_same_fates_and_another_seed_or_stream_others() {
    let spec = "delay=20,jitter=uniform:40,loss=5,burst=2:3,reorder=1,duplicate=1";
    assert_eq!(through(spec, 3, 2_000), through(spec, 3, 2_000));
    assert_ne!(through(spec, 3, 2_000), through(spec, 4, 2_000));
    assert_ne!(through(spec, 3, 2_000), through(&format!("{spec},seed=2"), 3, 2_000));
}

#[test]
fn loss_takes_packets_out_and_leaves_the_others_as_they_were() {
    let whole = through("jitter=uniform:40", 0, 20_000);
    let holed = through("jitter=uniform:40,loss=5", 0, 20_000);
    let lost = holed.iter().filter(|copies| copies.is_empty()).count();
    assert!((900..1_100).contains(&lost), "{lost}");
    assert!(holed.iter().zip(&whole).all(|(h, w)| h.is_empty() || h == w));
}

#[test]
fn jitter_beyond_the_packet_time_reorders_unless_told_not_to() {
    let overtakes = |spec: &str| {
        let fates = through(spec, 0, 20_000);
        fates.windows(2).filter(|pair| pair[1][0] < pair[0][0]).count()
    };
    // Of two uniform delays of 0 to 40 ms, one is 20 ms above the other in an eighth of the cases.
    let free = overtakes("jitter=uniform:40");
    assert!((2_300..2_700).contains(&free), "{free}");
    assert_eq!(overtakes("jitter=uniform:40,order=keep"), 0);
    let kept = delays(&through("delay=10,jitter=uniform:40,order=keep", 0, 20_000));
    assert!(kept.iter().all(|d| (10.0..50.0).contains(d)));
}

#[test]
fn a_normal_delay_is_never_negative() {
    let delays = delays(&through("delay=5,jitter=normal:20", 0, 5_000));
    assert!(delays.iter().all(|d| *d >= 0.0) && delays.contains(&0.0));
}

#[test]
fn held_packets_come_later_and_copies_come_after() {
    let fates = through("reorder=10:30,duplicate=20", 0, 10_000);
    let late = delays(&fates).iter().filter(|d| **d == 30.0).count();
    assert!((900..1_100).contains(&late), "{late}");
    let twice: Vec<_> = fates.iter().filter(|copies| copies.len() == 2).collect();
    assert!((1_850..2_150).contains(&twice.len()), "{}", twice.len());
    assert!(twice.iter().all(|copies| copies[1] > copies[0]));
}

#[test]
fn a_slow_link_delays_up_to_its_queue_and_loses_the_rest() {
    // 200 octets on the wire each 20 ms are 80 kbit/s.
    let fates = through("rate=60:100", 0, 1_000);
    let lost = fates.iter().filter(|copies| copies.is_empty()).count();
    assert!((230..260).contains(&lost), "{lost}");
    let delays = delays(&fates);
    assert!(delays.iter().all(|d| *d < 127.0) && delays.iter().any(|d| *d > 110.0));
    assert!(self::delays(&through("rate=80", 0, 100)).iter().all(|d| (d - 20.0).abs() < 1e-3));
}

#[test]
fn a_trace_is_followed_from_a_place_of_each_stream_s_own() {
    let trace = Trace::parse("0\t0\t5000\n1\t20000\t-1\n2\t40000\t47000\n").unwrap();
    let impairment = "delay=10".parse::<Impairment>().unwrap().with_trace(trace);
    let fates = |stream| {
        let mut path = Path::new(&impairment, stream);
        let fates: Vec<_> = (0..6).map(|n| path.pass(GRID * n, 172)).collect();
        (fates.iter().map(Vec::is_empty).collect::<Vec<_>>(), delays(&fates))
    };
    let lost = vec![false, true, false, false, true, false];
    assert_eq!(fates(0), (lost, vec![15.0, 17.0, 15.0, 17.0]));
    assert_eq!(fates(1).0, vec![true, false, false, true, false, false]);
}
