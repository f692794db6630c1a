//! Taps and injections: what is opened, read, written and closed, in any order.

use sidetone::ffi::{engine::sidetone_engine, inject::*, tap::*};

use super::{
    host::{Host, shared},
    memory::size,
};

impl Host<'_> {
    pub(super) unsafe fn pcm(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        unsafe {
            match function {
                0..3 => {
                    let (call, options, out) = (self.id(), self.tap_options(), self.number());
                    let status = sidetone_tap_open(engine, call, options, out);
                    self.keep(out);
                    status
                }
                3..6 => {
                    let tap = self.kept_id();
                    let (samples, capacity) = self.samples();
                    let timeout = self.timeout();
                    let frame = self.memory.room(&mut self.input);
                    sidetone_tap_read(engine, tap, samples, capacity, timeout, frame)
                }
                6 => {
                    let tap = self.kept_id();
                    sidetone_tap_info_read(engine, tap, self.memory.room(&mut self.input))
                }
                7 => sidetone_tap_close(engine, self.kept_id()),
                8..11 => {
                    let (call, options, out) = (self.id(), self.inject_options(), self.number());
                    let status = sidetone_inject_open(engine, call, options, out);
                    self.keep(out);
                    status
                }
                11 | 12 => {
                    let injection = self.kept_id();
                    let (samples, count) = self.samples();
                    let written = self.number().cast();
                    sidetone_inject_write(engine, injection, samples, count, written)
                }
                13 => {
                    let injection = self.kept_id();
                    sidetone_inject_flush(engine, injection, self.number())
                }
                14 => {
                    let injection = self.kept_id();
                    sidetone_inject_info_read(engine, injection, self.memory.room(&mut self.input))
                }
                _ => sidetone_inject_close(engine, self.kept_id()),
            }
        }
    }

    /// Closes what was opened.
    pub(super) fn close_pcm(&mut self) {
        for id in std::mem::take(&mut self.kept) {
            // SAFETY: the engine lives for ever; ids may be any numbers.
            unsafe {
                let _ = sidetone_tap_close(shared(), id);
                let _ = sidetone_inject_close(shared(), id);
            }
        }
    }

    pub(super) fn keep(&mut self, out: *mut u64) {
        if !out.is_null() {
            // SAFETY: `number` gives room for one.
            self.kept.push(unsafe { out.read_unaligned() });
        }
    }

    /// One that was opened, or any number.
    pub(super) fn kept_id(&mut self) -> u64 {
        let how = self.input.byte();
        match self.kept.get(usize::from(how & 15)) {
            Some(id) if how < 0xf0 => *id,
            _ => self.id(),
        }
    }

    fn samples(&mut self) -> (*mut i16, u32) {
        let count = u32::from(self.input.byte()) * 4;
        let room = vec![0x5a; count as usize * 2];
        let samples = match self.input.byte() {
            0..0xf8 => self.memory.block(&room).cast(),
            _ => std::ptr::null_mut(),
        };
        (samples, count)
    }

    fn rate(&mut self) -> u32 {
        match self.input.byte() {
            byte @ 0..0xf0 => [8_000, 16_000, 24_000, 48_000][usize::from(byte & 3)],
            _ => u32::from_le_bytes(self.input.array()),
        }
    }

    fn tap_options(&mut self) -> *const sidetone_tap_options {
        if self.input.byte() & 1 == 0 {
            return std::ptr::null();
        }
        let options = sidetone_tap_options {
            size: 0,
            direction: self.choice(2),
            sample_rate_hz: self.rate(),
            frame_ms: self.choice(2).wrapping_mul(10),
            buffer_ms: self.choice(250).wrapping_mul(50),
            reserved: self.choice(0),
        };
        let size = size::<sidetone_tap_options>(&mut self.input);
        self.memory.sized(size, &options)
    }

    fn inject_options(&mut self) -> *const sidetone_inject_options {
        if self.input.byte() & 1 == 0 {
            return std::ptr::null();
        }
        let options = sidetone_inject_options {
            size: 0,
            direction: self.choice(2),
            sample_rate_hz: self.rate(),
            buffer_ms: self.choice(250).wrapping_mul(250),
        };
        let size = size::<sidetone_inject_options>(&mut self.input);
        self.memory.sized(size, &options)
    }
}
