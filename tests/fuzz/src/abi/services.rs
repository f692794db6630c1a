//! What there is of calls beyond talking: transfers, redirects, hold, headers, identities, services.

use sidetone::ffi::{
    engine::sidetone_engine, hold::*, messages::*, network::*, services::*, transfer::*,
};

use super::{host::Host, memory::size};

impl Host<'_> {
    pub(super) unsafe fn service(&mut self, engine: *mut sidetone_engine) -> i32 {
        let function = self.input.byte();
        let id = self.id();
        let request = self.number();
        unsafe {
            match function % 18 {
                0 => {
                    let services = self.services();
                    sidetone_account_services_set(engine, id, services)
                }
                1 => {
                    let (target, silent) = (self.target(), self.choice(1));
                    let (data, length) = (target.data, target.length);
                    sidetone_call_transfer(engine, id, data, length, silent, request)
                }
                2 => {
                    let other = self.id();
                    sidetone_call_transfer_to(engine, id, other, request)
                }
                3 => sidetone_call_transfer_accept(engine, id, request),
                4 => sidetone_call_transfer_reject(engine, id, request),
                5 => {
                    let target = self.target();
                    sidetone_call_redirect(engine, id, target.data, target.length, request)
                }
                6 => {
                    let follow = self.choice(1);
                    sidetone_call_redirect_follow(engine, id, follow, request)
                }
                7 => {
                    let (cause, text) = (self.choice(127), self.text());
                    let (data, length) = (text.data, text.length);
                    sidetone_call_hangup_with(engine, id, cause, data, length, request)
                }
                8 => {
                    let message = self.choice(11);
                    let headers = self.memory.headers(&mut self.input);
                    let headers = self.memory.keep_headers(headers);
                    sidetone_call_headers_set(engine, id, message, headers, request)
                }
                9 => {
                    let (message, name, index) = (self.choice(11), self.text(), self.choice(3));
                    let (data, length) = (name.data, name.length);
                    let (room, capacity, needed) = self.buffer();
                    sidetone_call_message_header_read(
                        engine, id, message, data, length, index, room, capacity, needed,
                    )
                }
                10 => {
                    let (which, index) = (self.choice(6), self.choice(3));
                    let (room, capacity, needed) = self.buffer();
                    sidetone_call_identity_read(engine, id, which, index, room, capacity, needed)
                }
                11 => sidetone_call_privacy_read(engine, id, self.number().cast()),
                12 => sidetone_call_progress(engine, id, request),
                13 => sidetone_call_hold(engine, id, request),
                14 => sidetone_call_resume(engine, id, request),
                15 => {
                    let path = self.path();
                    sidetone_call_hold_music(engine, id, path.data, path.length, request)
                }
                16 => sidetone_network_changed(engine),
                _ => {
                    let (room, size) = self.init_room();
                    sidetone_account_services_init(room.cast(), size)
                }
            }
        }
    }

    fn services(&mut self) -> *const sidetone_account_services {
        let services = sidetone_account_services {
            size: 0,
            do_not_disturb: self.choice(3),
            call_waiting: self.choice(1),
            max_calls: self.choice(3),
            forward_always: self.memory.field(&mut self.input),
            forward_busy: self.memory.field(&mut self.input),
            forward_no_answer: self.memory.field(&mut self.input),
            forward_after_ms: self.choice(1000),
            auto_answer: self.choice(3),
            auto_answer_delay_ms: self.choice(100),
            transfer: self.choice(3),
            auto_answer_callers: self.memory.field(&mut self.input),
            redirect: self.choice(3),
            redirect_hops: self.choice(5),
            trust_identity: self.choice(1),
            anonymous: self.choice(1),
            preferred_identity: self.memory.field(&mut self.input),
            asserted_identity: self.memory.field(&mut self.input),
            remote_party_id: self.choice(1),
            ring_time_ms: self.choice(1000),
            max_duration_s: self.choice(3),
            dead_media_ms: self.choice(1000),
            dial_plan: self.memory.field(&mut self.input),
            country_code: self.memory.field(&mut self.input),
            international_prefix: self.memory.field(&mut self.input),
            national_prefix: self.memory.field(&mut self.input),
            plus: self.memory.field(&mut self.input),
        };
        let size = size::<sidetone_account_services>(&mut self.input);
        self.memory.sized(size, &services)
    }
}
