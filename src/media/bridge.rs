//! The bridge: any ports to any ports, each way with a gain, in steps of 10 ms.
//!
//! A port is one voice in and one mix out, at a rate of its own: a call, a device, a file. Nothing
//! is connected by itself, so nobody hears their own voice unless a port is connected to itself. A
//! source is resampled once for each other rate that listens to it, however many listen.
//!
//! ```text
//! feed(port) -> gain in -> source --(rate differs: resampled once)--+-- x gain --> sum of each
//!                                                                   |              listener
//!                                          mixed(port) <- limiter <- gain out <----+
//! ```
//!
//! All memory is taken when ports and connections are made; a tick ([`Bridge::feed`] for whoever
//! has something, [`Bridge::mix`], [`Bridge::mixed`]) takes none. A bridge lives on one worker.

use crate::{
    base::units::Gain,
    dsp::{
        gain::Ramp,
        limiter::Limiter,
        resample::{RateError, Resampler},
    },
};

/// Names a port of one bridge; a removed port's key is never taken for another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PortKey {
    index: u32,
    generation: u32,
}

/// Why a bridge refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BridgeError {
    /// No such port (any more).
    UnknownPort,
    /// The rate is not one that the bridge can work at.
    Rate(u32),
}

impl std::fmt::Display for BridgeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BridgeError::UnknownPort => f.write_str("no such bridge port"),
            BridgeError::Rate(rate_hz) => write!(f, "no bridge port can run at {rate_hz} Hz"),
        }
    }
}

impl std::error::Error for BridgeError {}

impl From<RateError> for BridgeError {
    fn from(error: RateError) -> Self {
        BridgeError::Rate(error.from_hz)
    }
}

/// Gains change over so many milliseconds.
const RAMP_MS: u32 = 20;
/// A silent source's resampler runs on for so many ticks, so that its tail is heard.
const TAIL_TICKS: u8 = 2;

/// Ports and their connections.
#[derive(Debug, Default)]
pub struct Bridge {
    slots: Vec<Slot>,
    sum: Vec<f32>,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    port: Option<Port>,
}

#[derive(Debug)]
struct Port {
    rate_hz: u32,
    gain_in: Ramp,
    gain_out: Ramp,
    /// This tick's voice after the gain; silence when `live` is 0.
    voice: Vec<i16>,
    /// Ticks that `voice` and what is made of it still matter; full when fed this tick.
    live: u8,
    fed: bool,
    /// The voice at other rates, for whoever listens at them.
    views: Vec<View>,
    sources: Vec<Source>,
    limiter: Limiter,
    mixed: Vec<i16>,
}

#[derive(Debug)]
struct View {
    rate_hz: u32,
    listeners: u32,
    resampler: Resampler,
    pcm: Vec<i16>,
}

#[derive(Debug)]
struct Source {
    from: PortKey,
    gain: Ramp,
}

impl Bridge {
    /// A bridge without ports.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a port whose voice and mix run at `rate_hz`.
    pub fn add_port(&mut self, rate_hz: u32) -> Result<PortKey, BridgeError> {
        let samples = Resampler::new(rate_hz, rate_hz)?.input_samples();
        if self.sum.len() < samples {
            self.sum.resize(samples, 0.0);
        }
        let ramp = Ramp::new(1.0, rate_hz * RAMP_MS / 1000);
        let port = Port {
            rate_hz,
            gain_in: ramp,
            gain_out: ramp,
            voice: vec![0; samples],
            live: 0,
            fed: false,
            views: Vec::new(),
            sources: Vec::new(),
            limiter: Limiter::default(),
            mixed: vec![0; samples],
        };
        let free = self.slots.iter().position(|slot| slot.port.is_none());
        let index = free.unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, port: None });
            self.slots.len() - 1
        });
        let slot = &mut self.slots[index];
        slot.generation = slot.generation.wrapping_add(1);
        slot.port = Some(port);
        Ok(PortKey { index: index as u32, generation: slot.generation })
    }

    /// Takes a port out, with every connection from and to it.
    pub fn remove_port(&mut self, key: PortKey) {
        let Some(port) = self.port(key) else { return };
        let heard: Vec<PortKey> = port.sources.iter().map(|source| source.from).collect();
        for from in heard {
            self.disconnect(from, key);
        }
        for slot in &mut self.slots {
            if let Some(port) = &mut slot.port {
                port.sources.retain(|source| source.from != key);
            }
        }
        self.slots[key.index as usize].port = None;
    }

    /// Lets `to` hear `from`, or changes the gain of a connection that is there.
    pub fn connect(&mut self, from: PortKey, to: PortKey, gain: Gain) -> Result<(), BridgeError> {
        let from_rate = self.port(from).ok_or(BridgeError::UnknownPort)?.rate_hz;
        let listener = self.port_mut(to).ok_or(BridgeError::UnknownPort)?;
        let to_rate = listener.rate_hz;
        if let Some(source) = listener.sources.iter_mut().find(|source| source.from == from) {
            source.gain.set(gain.factor());
            return Ok(());
        }
        let view = match from_rate == to_rate {
            true => None,
            false => Some(Resampler::new(from_rate, to_rate)?),
        };
        let gain = Ramp::new(gain.factor(), to_rate * RAMP_MS / 1000);
        listener.sources.push(Source { from, gain });
        let (Some(resampler), Some(source)) = (view, self.port_mut(from)) else { return Ok(()) };
        match source.views.iter_mut().find(|view| view.rate_hz == to_rate) {
            Some(view) => view.listeners += 1,
            None => source.views.push(View {
                rate_hz: to_rate,
                listeners: 1,
                pcm: vec![0; resampler.output_samples()],
                resampler,
            }),
        }
        Ok(())
    }

    /// Ends a connection; nothing happens when there is none.
    pub fn disconnect(&mut self, from: PortKey, to: PortKey) {
        let Some(listener) = self.port_mut(to) else { return };
        let before = listener.sources.len();
        listener.sources.retain(|source| source.from != from);
        if listener.sources.len() == before {
            return;
        }
        let rate_hz = listener.rate_hz;
        let Some(source) = self.port_mut(from) else { return };
        if let Some(view) = source.views.iter_mut().find(|view| view.rate_hz == rate_hz) {
            view.listeners -= 1;
        }
        source.views.retain(|view| view.listeners > 0);
    }

    /// Whether `to` hears `from`.
    pub fn is_connected(&self, from: PortKey, to: PortKey) -> bool {
        self.port(to).is_some_and(|port| port.sources.iter().any(|source| source.from == from))
    }

    /// Gains of a port: of its voice before anyone hears it, and of its mix.
    pub fn set_port_gain(
        &mut self,
        key: PortKey,
        voice: Gain,
        mix: Gain,
    ) -> Result<(), BridgeError> {
        let port = self.port_mut(key).ok_or(BridgeError::UnknownPort)?;
        port.gain_in.set(voice.factor());
        port.gain_out.set(mix.factor());
        Ok(())
    }

    /// Rate of a port, Hz.
    pub fn rate_hz(&self, key: PortKey) -> Option<u32> {
        Some(self.port(key)?.rate_hz)
    }

    /// Gives a port's voice of this tick: 10 ms at its rate (what is missing is silence). A port
    /// that is not fed before [`Bridge::mix`] is silent.
    pub fn feed(&mut self, key: PortKey, pcm: &[i16]) {
        let Some(port) = self.port_mut(key) else { return };
        let count = pcm.len().min(port.voice.len());
        port.voice[..count].copy_from_slice(&pcm[..count]);
        port.voice[count..].fill(0);
        port.gain_in.apply_i16(&mut port.voice);
        port.fed = true;
    }

    /// Makes every port's mix of this tick.
    pub fn mix(&mut self) {
        self.slots.iter_mut().filter_map(|slot| slot.port.as_mut()).for_each(Port::settle);
        for index in 0..self.slots.len() {
            self.mix_at(index);
        }
    }

    /// Makes the mixes of some ports, which hear none but each other: theirs is a tick of its own.
    pub fn mix_among(&mut self, keys: &[PortKey]) {
        for key in keys {
            self.port_mut(*key).into_iter().for_each(Port::settle);
        }
        for key in keys {
            if self.port(*key).is_some() {
                self.mix_at(key.index as usize);
            }
        }
    }

    fn mix_at(&mut self, index: usize) {
        // The listener is out of its slot while its sources are read; it may be one of them.
        let Some(mut port) = self.slots[index].port.take() else { return };
        let own = PortKey { index: index as u32, generation: self.slots[index].generation };
        self.mix_into(&mut port, own);
        self.slots[index].port = Some(port);
    }

    /// A port's mix of the last tick: 10 ms at its rate; empty for an unknown port.
    pub fn mixed(&self, key: PortKey) -> &[i16] {
        self.port(key).map_or(&[], |port| &port.mixed)
    }

    fn mix_into(&mut self, port: &mut Port, own: PortKey) {
        let Port { sources, mixed, voice, live, rate_hz, .. } = port;
        let sum = &mut self.sum[..mixed.len()];
        sum.fill(0.0);
        let mut heard = 0;
        for source in sources {
            let pcm = if source.from == own {
                (*live > 0).then_some(voice.as_slice())
            } else {
                self.slots
                    .get(source.from.index as usize)
                    .filter(|slot| slot.generation == source.from.generation)
                    .and_then(|slot| slot.port.as_ref())
                    .and_then(|from| from.at_rate(*rate_hz))
            };
            if let Some(pcm) = pcm {
                source.gain.add(pcm, sum);
                heard += 1;
            }
        }
        if heard == 0 {
            mixed.fill(0);
            return;
        }
        port.gain_out.apply(sum);
        port.limiter.process(sum, mixed);
    }

    fn port(&self, key: PortKey) -> Option<&Port> {
        let slot = self.slots.get(key.index as usize)?;
        if slot.generation == key.generation { slot.port.as_ref() } else { None }
    }

    fn port_mut(&mut self, key: PortKey) -> Option<&mut Port> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation == key.generation { slot.port.as_mut() } else { None }
    }
}

impl Port {
    /// Closes the tick's intake: silence for who was not fed, other rates for who listens at them.
    fn settle(&mut self) {
        if std::mem::take(&mut self.fed) {
            self.live = TAIL_TICKS + 1;
        } else if self.live > 0 {
            self.voice.fill(0);
            self.live -= 1;
        }
        if self.live > 0 {
            for view in &mut self.views {
                view.resampler.process_i16(&self.voice, &mut view.pcm);
            }
        }
    }

    /// The voice at a rate, while there is any.
    fn at_rate(&self, rate_hz: u32) -> Option<&[i16]> {
        if self.live == 0 {
            None
        } else if rate_hz == self.rate_hz {
            Some(&self.voice)
        } else {
            self.views.iter().find(|view| view.rate_hz == rate_hz).map(|view| view.pcm.as_slice())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(bridge: &mut Bridge, voices: &[(PortKey, i16)]) {
        for &(port, level) in voices {
            let samples = bridge.rate_hz(port).unwrap() as usize / 100;
            bridge.feed(port, &vec![level; samples]);
        }
        bridge.mix();
    }

    fn level(bridge: &Bridge, port: PortKey) -> i16 {
        *bridge.mixed(port).last().unwrap()
    }

    #[test]
    fn each_hears_the_others_and_not_their_own_voice() {
        let mut bridge = Bridge::new();
        let ports: Vec<_> = (0..3).map(|_| bridge.add_port(8_000).unwrap()).collect();
        for &from in &ports {
            for &to in ports.iter().filter(|&&to| to != from) {
                bridge.connect(from, to, Gain::UNITY).unwrap();
            }
        }
        tick(&mut bridge, &[(ports[0], 100), (ports[1], 20), (ports[2], 3)]);
        assert_eq!(ports.iter().map(|&p| level(&bridge, p)).collect::<Vec<_>>(), [23, 103, 120]);
        tick(&mut bridge, &[(ports[0], 100)]);
        tick(&mut bridge, &[(ports[0], 100)]);
        assert_eq!(level(&bridge, ports[0]), 0, "who is not fed is silent");
        assert_eq!(level(&bridge, ports[1]), 100);
    }

    #[test]
    fn a_port_connected_to_itself_hears_itself_with_the_gain_given() {
        let mut bridge = Bridge::new();
        let port = bridge.add_port(8_000).unwrap();
        bridge.connect(port, port, Gain::from_db(-3.0)).unwrap();
        tick(&mut bridge, &[(port, 10_000)]);
        assert_eq!(level(&bridge, port), 7_079);
    }

    #[test]
    fn port_gains_act_on_voice_and_mix_without_a_jump() {
        let mut bridge = Bridge::new();
        let (a, b) = (bridge.add_port(16_000).unwrap(), bridge.add_port(16_000).unwrap());
        bridge.connect(a, b, Gain::UNITY).unwrap();
        tick(&mut bridge, &[(a, 8_000)]);
        bridge.set_port_gain(a, Gain::from_db(-6.0206), Gain::UNITY).unwrap();
        bridge.set_port_gain(b, Gain::UNITY, Gain::from_db(-6.0206)).unwrap();
        let mut before = 8_000;
        for _ in 0..3 {
            tick(&mut bridge, &[(a, 8_000)]);
            for &sample in bridge.mixed(b) {
                assert!((before - sample).abs() < 60);
                before = sample;
            }
        }
        assert_eq!(level(&bridge, b), 2_000);
        bridge.set_port_gain(a, Gain::MUTE, Gain::UNITY).unwrap();
        tick(&mut bridge, &[(a, 8_000)]);
        tick(&mut bridge, &[(a, 8_000)]);
        tick(&mut bridge, &[(a, 8_000)]);
        assert_eq!(level(&bridge, b), 0);
    }

    #[test]
    fn a_sum_over_full_scale_is_limited_not_clipped_round() {
        let mut bridge = Bridge::new();
        let ports: Vec<_> = (0..4).map(|_| bridge.add_port(8_000).unwrap()).collect();
        for &from in &ports[1..] {
            bridge.connect(from, ports[0], Gain::UNITY).unwrap();
        }
        let loud = [(ports[1], 20_000), (ports[2], 20_000), (ports[3], 20_000)];
        for _ in 0..3 {
            tick(&mut bridge, &loud);
        }
        assert!((31_900..=32_100).contains(&level(&bridge, ports[0])));
    }

    #[test]
    fn ports_of_different_rates_hear_each_other_through_one_resampler_a_rate() {
        let mut bridge = Bridge::new();
        let source = bridge.add_port(8_000).unwrap();
        let listeners: Vec<_> = [48_000, 48_000, 16_000, 44_100]
            .into_iter()
            .map(|rate| bridge.add_port(rate).unwrap())
            .collect();
        for &to in &listeners {
            bridge.connect(source, to, Gain::UNITY).unwrap();
        }
        assert_eq!(bridge.port(source).unwrap().views.len(), 3);
        for _ in 0..5 {
            tick(&mut bridge, &[(source, 5_000)]);
        }
        for &to in &listeners {
            assert_eq!(bridge.mixed(to).len(), bridge.rate_hz(to).unwrap() as usize / 100);
            assert!((level(&bridge, to) - 5_000).abs() < 20, "{}", level(&bridge, to));
        }
        bridge.disconnect(source, listeners[0]);
        assert_eq!(bridge.port(source).unwrap().views.len(), 3, "another listens at 48 kHz");
        bridge.remove_port(listeners[1]);
        assert_eq!(bridge.port(source).unwrap().views.len(), 2);
    }

    #[test]
    fn a_removed_port_is_heard_no_more_and_its_key_is_stale() {
        let mut bridge = Bridge::new();
        let (a, b) = (bridge.add_port(8_000).unwrap(), bridge.add_port(8_000).unwrap());
        bridge.connect(a, b, Gain::UNITY).unwrap();
        tick(&mut bridge, &[(a, 1_000)]);
        bridge.remove_port(a);
        let c = bridge.add_port(8_000).unwrap();
        assert_ne!(a, c);
        bridge.feed(a, &[1_000; 80]);
        tick(&mut bridge, &[(c, 500)]);
        assert_eq!(level(&bridge, b), 0);
        assert_eq!(bridge.connect(a, b, Gain::UNITY), Err(BridgeError::UnknownPort));
        assert!(bridge.mixed(a).is_empty());
        assert_eq!(bridge.add_port(11_025), Err(BridgeError::Rate(11_025)));
    }
}
