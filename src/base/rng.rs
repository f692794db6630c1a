//! Random numbers from one seed, good enough for keys and replayable in tests.

use rand_chacha::{ChaCha20Rng, rand_core::Rng as _, rand_core::SeedableRng as _};

/// A ChaCha20 generator. A machine owns one; nothing draws from a global.
#[derive(Clone, Debug)]
pub struct Rng(ChaCha20Rng);

impl Rng {
    /// From 32 bytes of the operating system's entropy, or a test's own.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// For tests: a generator of its own for each small number.
    pub fn from_number(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A new generator seeded from this one, for a part that draws on its own.
    pub fn fork(&mut self) -> Self {
        let mut seed = [0u8; 32];
        self.fill(&mut seed);
        Self::from_seed(seed)
    }

    /// 32 random bits.
    pub fn u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// 64 random bits.
    pub fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound` (0 for a bound of 0).
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.u32()) * u64::from(bound)) >> 32) as u32
    }

    /// Fills a buffer.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        self.0.fill_bytes(buffer);
    }

    /// A token of `len` characters out of `[0-9a-v]`, 5 random bits each: tags, branches, nonces.
    pub fn token(&mut self, len: usize) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
        (0..len).map(|_| char::from(ALPHABET[(self.u32() & 31) as usize])).collect()
    }
}
