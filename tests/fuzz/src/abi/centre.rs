//! What a call centre does: conferences, recordings that are paused, a look at the threads.

use sidetone::ffi::{conference::*, engine::sidetone_engine, files::*, health::*};

use super::host::{Host, shared};

impl Host<'_> {
    pub(super) unsafe fn centre(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let (id, request) = (self.id(), self.number());
        unsafe {
            match function {
                0 | 1 => {
                    let out = self.number();
                    let status = sidetone_conference_create(engine, out);
                    self.keep(out);
                    status
                }
                2 => sidetone_conference_destroy(engine, self.kept_id(), request),
                3..6 => sidetone_conference_add(engine, self.kept_id(), id, request),
                6 => sidetone_conference_remove(engine, self.kept_id(), id, request),
                7..10 => {
                    let (conference, to, gain_db) = (self.kept_id(), self.id(), self.float());
                    sidetone_conference_gain(engine, conference, id, to, gain_db, request)
                }
                10 => {
                    let conference = self.kept_id();
                    let (array, capacity, count) = self.ids_room();
                    sidetone_conference_calls(engine, conference, array, capacity, count)
                }
                11 | 12 => sidetone_call_record_pause(engine, id, request),
                13 => sidetone_call_record_resume(engine, id, request),
                14 => sidetone_engine_health_read(engine, self.memory.room(&mut self.input)),
                _ => {
                    let threads = self.choice(3);
                    let (buffer, capacity, needed) = self.buffer();
                    sidetone_engine_priority_read(engine, threads, buffer, capacity, needed)
                }
            }
        }
    }

    /// Destroys what was created.
    pub(super) fn destroy_kept(&mut self) {
        for id in &self.kept {
            // SAFETY: the engine lives for ever; ids may be any numbers.
            let _ = unsafe { sidetone_conference_destroy(shared(), *id, std::ptr::null_mut()) };
        }
    }
}
