//! Two endpoints and a network between them that loses, repeats and delays, in virtual time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use sidetone::{
    base::rng::Rng,
    proto::sip::{
        Flow, Transport,
        endpoint::{Endpoint, EndpointConfig, Output, TuEvent},
    },
};

/// What happens to a datagram, in percent.
#[derive(Clone, Copy)]
pub struct Weather {
    pub lost: u32,
    pub repeated: u32,
    pub longest_delay_ms: u32,
}

pub struct Network {
    pub ends: [Endpoint; 2],
    /// From end 0 to end 1; the other direction is its mirror.
    pub flow: Flow,
    pub now: Instant,
    weather: Weather,
    rng: Rng,
    in_flight: Vec<(Instant, u64, usize, Flow, Bytes)>,
    sent: u64,
}

impl Network {
    pub fn new(seed: u64, weather: Weather) -> Self {
        let mut rng = Rng::from_number(seed);
        let flow = Flow {
            transport: Transport::Udp,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.2:5060".parse().unwrap(),
        };
        let ends = [(); 2].map(|()| Endpoint::new(EndpointConfig::default(), rng.fork()));
        Self { ends, flow, now: Instant::now(), weather, rng, in_flight: Vec::new(), sent: 0 }
    }

    /// Runs until nothing is under way and no timer runs; the events of both ends go to `tu`.
    pub fn run(&mut self, mut tu: impl FnMut(&mut Endpoint, Instant, usize, TuEvent)) {
        loop {
            self.drain(&mut tu);
            let arrival = self.in_flight.iter().map(|(at, ..)| *at).min();
            let timers = self.ends.iter().filter_map(Endpoint::poll_timeout);
            let Some(next) = timers.chain(arrival).min() else { return };
            self.now = self.now.max(next);
            self.in_flight.sort_by_key(|(at, number, ..)| (*at, *number));
            let due = self.in_flight.partition_point(|(at, ..)| *at <= self.now);
            for (_, _, to, flow, bytes) in self.in_flight.drain(..due).collect::<Vec<_>>() {
                self.ends[to].handle_message(self.now, flow, bytes);
                self.drain(&mut tu);
            }
            for end in &mut self.ends {
                end.handle_timeout(self.now);
            }
        }
    }

    fn drain(&mut self, tu: &mut impl FnMut(&mut Endpoint, Instant, usize, TuEvent)) {
        let mut quiet = false;
        while !quiet {
            quiet = true;
            for end in 0..2 {
                while let Some(output) = self.ends[end].poll_output() {
                    quiet = false;
                    match output {
                        Output::Transmit { flow, bytes } => self.carry(1 - end, flow, &bytes),
                        Output::Event(event) => tu(&mut self.ends[end], self.now, end, event),
                    }
                }
            }
        }
    }

    fn carry(&mut self, to: usize, flow: Flow, bytes: &Bytes) {
        let arrived = Flow { local: flow.remote, remote: flow.local, ..flow };
        let copies = if self.rng.below(100) < self.weather.repeated { 2 } else { 1 };
        for _ in 0..copies {
            if self.rng.below(100) < self.weather.lost {
                continue;
            }
            let delay = 1 + self.rng.below(self.weather.longest_delay_ms);
            let at = self.now + Duration::from_millis(u64::from(delay));
            self.in_flight.push((at, self.sent, to, arrived, bytes.clone()));
            self.sent += 1;
        }
    }
}
