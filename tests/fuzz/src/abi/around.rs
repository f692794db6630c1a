//! What there is around calls: messages, requests, multipart bodies, subscriptions, presence.

use std::ptr::null;

use sidetone::ffi::{
    audio::*, engine::sidetone_engine, message::*, multipart::*, presence::*, request::*,
    strings::sidetone_body_part, subscription::*, subscription_read::*, version::*,
};

use super::{
    host::{Host, shared},
    memory::{Text, size},
};

impl Host<'_> {
    pub(super) unsafe fn around(&mut self, engine: *mut sidetone_engine) -> i32 {
        let function = self.input.byte() % 32;
        unsafe {
            match function {
                0..12 => self.watch(function, engine),
                12..20 => self.publish(function - 12, engine),
                20..24 => self.send(function - 20, engine),
                24..27 => self.multipart(function - 24),
                27 => sidetone_device_list(engine, self.number().cast()),
                _ => {
                    let (room, size) = self.init_room();
                    match function {
                        28 => sidetone_sip_request_init(room.cast(), size),
                        29 => sidetone_sip_answer_init(room.cast(), size),
                        30 => sidetone_subscription_options_init(room.cast(), size),
                        _ => sidetone_presence_init(room.cast(), size),
                    }
                }
            }
        }
    }

    unsafe fn watch(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let request = self.number();
        unsafe {
            match function {
                0..4 => {
                    let (account, uri) = (self.id(), self.target());
                    let (options, out) = (self.subscription_options(), self.number());
                    let (data, length) = (uri.data, uri.length);
                    let status = sidetone_subscription_add(
                        engine, account, data, length, options, out, request,
                    );
                    self.keep(out);
                    status
                }
                4 => sidetone_subscription_refresh(engine, self.kept_id(), request),
                5 => sidetone_subscription_remove(engine, self.kept_id(), request),
                6 => {
                    let (id, room) = (self.kept_id(), self.memory.room(&mut self.input));
                    sidetone_subscription_info_read(engine, id, room)
                }
                7 => {
                    let (id, which) = (self.kept_id(), self.choice(4));
                    let (room, capacity, needed) = self.buffer();
                    sidetone_subscription_text_read(engine, id, which, room, capacity, needed)
                }
                8 => {
                    let (array, capacity, count) = self.ids_room();
                    sidetone_subscription_list(engine, array, capacity, count)
                }
                9 => {
                    let (id, index) = (self.kept_id(), self.choice(3));
                    let room = self.memory.room(&mut self.input);
                    sidetone_subscription_dialog_read(engine, id, index, room)
                }
                _ => {
                    let (id, index, which) = (self.kept_id(), self.choice(3), self.choice(4));
                    let (room, capacity, needed) = self.buffer();
                    sidetone_subscription_dialog_text_read(
                        engine, id, index, which, room, capacity, needed,
                    )
                }
            }
        }
    }

    unsafe fn publish(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let request = self.number();
        unsafe {
            match function {
                0 | 1 => {
                    let (account, presence, out) = (self.id(), self.presence(), self.number());
                    let status = sidetone_presence_publish(engine, account, presence, out, request);
                    self.keep(out);
                    status
                }
                2 => {
                    let (id, presence) = (self.kept_id(), self.presence());
                    sidetone_presence_update(engine, id, presence, request)
                }
                3 | 4 => {
                    let (account, event) = (self.id(), self.text());
                    let (kind, (body, bytes), out) = (self.text(), self.octets(), self.number());
                    let status = sidetone_publication_add(
                        engine,
                        account,
                        event.data,
                        event.length,
                        kind.data,
                        kind.length,
                        body.cast(),
                        bytes,
                        out,
                        request,
                    );
                    self.keep(out);
                    status
                }
                5 | 6 => {
                    let (id, kind, (body, bytes)) = (self.kept_id(), self.text(), self.octets());
                    let (data, length) = (kind.data, kind.length);
                    sidetone_publication_update(
                        engine,
                        id,
                        data,
                        length,
                        body.cast(),
                        bytes,
                        request,
                    )
                }
                _ => sidetone_publication_remove(engine, self.kept_id(), request),
            }
        }
    }

    unsafe fn send(&mut self, function: u8, engine: *mut sidetone_engine) -> i32 {
        let (id, request) = (self.id(), self.number());
        unsafe {
            match function {
                0 => {
                    let (uri, kind, (body, bytes)) = (self.target(), self.text(), self.octets());
                    sidetone_message_send(
                        engine,
                        id,
                        uri.data,
                        uri.length,
                        kind.data,
                        kind.length,
                        body.cast(),
                        bytes,
                        request,
                    )
                }
                1 | 2 => {
                    let (uri, sip) = (self.target(), self.sip_request());
                    sidetone_request_send(engine, id, uri.data, uri.length, sip, request)
                }
                _ => {
                    let answer = self.sip_answer();
                    sidetone_request_answer(engine, id, answer, request)
                }
            }
        }
    }

    unsafe fn multipart(&mut self, function: u8) -> i32 {
        unsafe {
            // Both say what they say, whatever is asked.
            assert_eq!(sidetone_api_version(), SIDETONE_API_VERSION);
            assert!(!sidetone_version().is_null());
            if function == 2 {
                return self.multipart_write();
            }
            let (kind, (body, bytes)) = (self.text(), self.octets());
            let (data, length) = (kind.data, kind.length);
            if function == 0 {
                let count = self.number().cast();
                return sidetone_multipart_count(data, length, body.cast(), bytes, count);
            }
            let (index, offset, part) = (self.choice(3), self.number(), self.number());
            let (name, (room, capacity, needed)) = (self.text(), self.buffer());
            sidetone_multipart_read(
                data,
                length,
                body.cast(),
                bytes,
                index,
                offset.cast(),
                part.cast(),
                name.data,
                name.length,
                room,
                capacity,
                needed,
            )
        }
    }

    unsafe fn multipart_write(&mut self) -> i32 {
        let count = self.input.byte() & 3;
        let parts: Vec<sidetone_body_part> = (0..count)
            .map(|_| sidetone_body_part {
                content_type: self.memory.field(&mut self.input),
                body: self.memory.field(&mut self.input),
            })
            .collect();
        let parts_pointer = if parts.is_empty() { null() } else { parts.as_ptr() };
        let ((kind, kind_room, _), (body, room, needed)) = (self.buffer(), self.buffer());
        unsafe {
            sidetone_multipart_write(
                parts_pointer,
                count.into(),
                kind,
                kind_room,
                body.cast(),
                room,
                needed,
            )
        }
    }

    /// Removes what was subscribed and published.
    pub(super) fn remove_kept(&mut self) {
        for id in &self.kept {
            // SAFETY: the engine lives for ever; ids may be any numbers.
            unsafe {
                let _ = sidetone_subscription_remove(shared(), *id, std::ptr::null_mut());
                let _ = sidetone_publication_remove(shared(), *id, std::ptr::null_mut());
            }
        }
    }

    /// Octets, or none.
    fn octets(&mut self) -> (*mut u8, u32) {
        match self.input.byte() {
            0xff => (std::ptr::null_mut(), 0),
            0xfe => (std::ptr::null_mut(), 7),
            _ => {
                let chunk = self.input.chunk();
                (self.memory.block(chunk), chunk.len() as u32)
            }
        }
    }

    fn subscription_options(&mut self) -> *const sidetone_subscription_options {
        if self.input.byte() & 1 == 0 {
            return null();
        }
        let options = sidetone_subscription_options {
            size: 0,
            package: self.choice(4),
            expires_s: self.choice(300),
            reserved: self.choice(0),
            event: self.memory.field(&mut self.input),
            accept: self.memory.field(&mut self.input),
        };
        let size = size::<sidetone_subscription_options>(&mut self.input);
        self.memory.sized(size, &options)
    }

    fn presence(&mut self) -> *const sidetone_presence {
        let presence = sidetone_presence {
            size: 0,
            open: self.choice(1),
            activity: self.memory.field(&mut self.input),
            note: self.memory.field(&mut self.input),
        };
        let size = size::<sidetone_presence>(&mut self.input);
        self.memory.sized(size, &presence)
    }

    fn sip_request(&mut self) -> *const sidetone_sip_request {
        let method: Text = match self.input.byte() & 3 {
            0 => self.memory.terminated(b"OPTIONS"),
            1 => self.memory.terminated(b"MESSAGE"),
            _ => self.text(),
        };
        let sip = sidetone_sip_request {
            size: 0,
            reserved: self.choice(0),
            method: super::memory::field_of(method),
            content_type: self.memory.field(&mut self.input),
            body: self.memory.field(&mut self.input),
            headers: self.memory.headers(&mut self.input),
        };
        let size = size::<sidetone_sip_request>(&mut self.input);
        self.memory.sized(size, &sip)
    }

    fn sip_answer(&mut self) -> *const sidetone_sip_answer {
        let answer = sidetone_sip_answer {
            size: 0,
            sip_code: 200 + self.choice(500),
            reason: self.memory.field(&mut self.input),
            content_type: self.memory.field(&mut self.input),
            body: self.memory.field(&mut self.input),
            headers: self.memory.headers(&mut self.input),
        };
        let size = size::<sidetone_sip_answer>(&mut self.input);
        self.memory.sized(size, &answer)
    }
}
