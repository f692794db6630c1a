//! Multipart bodies (RFC 5621), read and written in the host's own memory.

use std::ffi::{c_char, c_void};

use super::{
    guard::{Out, Outcome, guard, invalid, null},
    strings::{self, copy_octets, copy_out, sidetone_body_part},
};
use crate::engine::content::{self, BodyPart};

/// Most parts that are put together.
pub const SIDETONE_BODY_PARTS_MAX: u32 = 64;

fn part_of(
    content_type: *const c_char,
    length: i32,
    body: *const c_void,
    bytes: u32,
) -> Outcome<Vec<BodyPart>> {
    let content_type = strings::required(content_type, length, "content_type")?;
    Ok(content::parts(content_type, strings::octets(body, bytes, "body")?))
}

/// Counts the parts of a body. One that is not multipart has none.
///
/// `content_type`, `length` (bytes, -1: ends with a NUL): Content-Type with its boundary. `body`:
/// `bytes` octets. `count`: gets how many parts there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t count = 0;
/// sidetone_multipart_count(event.content_type.data, -1, event.body.data,
///                          (uint32_t)event.body.length, &count);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_multipart_count(
    content_type: *const c_char,
    length: i32,
    body: *const c_void,
    bytes: u32,
    count: *mut u32,
) -> i32 {
    guard(|| {
        let out = Out::required(count, "count")?;
        let parts = part_of(content_type, length, body, bytes)?;
        out.put(u32::try_from(parts.len()).unwrap_or(u32::MAX));
        Ok(())
    })
}

/// Finds one part of a body: where its content stands, and a header of it.
///
/// `content_type`, `length`, `body`, `bytes`: as in sidetone_multipart_count(). `index`: from 0.
/// `offset`, `part_bytes`: get where the content begins in `body`, and its length; NULL for either.
/// `name`, `name_length`: a header of the part, "Content-Type" for its media type; NULL for none.
/// `buffer`, `capacity`, `needed`: the header's value, see "Text"; empty when the part has none.
/// Returns as sidetone_multipart_count(), SIDETONE_ERR_INVALID_ARGUMENT for an index beyond the last
/// part; SIDETONE_ERR_TOO_SMALL.
/// Threads: any. Since 0.1.
///
/// ```c
/// char media_type[128];
/// uint32_t offset = 0, bytes = 0;
/// sidetone_multipart_read(event.content_type.data, -1, event.body.data,
///                         (uint32_t)event.body.length, 0, &offset, &bytes, "Content-Type", -1,
///                         media_type, sizeof media_type, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_multipart_read(
    content_type: *const c_char,
    length: i32,
    body: *const c_void,
    bytes: u32,
    index: u32,
    offset: *mut u32,
    part_bytes: *mut u32,
    name: *const c_char,
    name_length: i32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let parts = part_of(content_type, length, body, bytes)?;
        let part = parts
            .get(index as usize)
            .ok_or_else(|| invalid(format!("index {index}: the body has {} parts", parts.len())))?;
        let name = strings::optional(name, name_length, "name")?;
        // What stands in a body that a u32 measures is measured by one too.
        Out::optional(offset).put(part.offset as u32);
        Out::optional(part_bytes).put(part.body.len() as u32);
        let value = if name.eq_ignore_ascii_case("Content-Type") {
            part.content_type.as_str()
        } else {
            let mut lines = part.headers.iter();
            let line = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
            line.map_or("", |(_, value)| value.as_str())
        };
        copy_out(value, buffer, capacity, needed)
    })
}

/// Puts parts together to a body of the type multipart/mixed, with a boundary that none of them has.
///
/// `parts`: `count` of them, 1 to SIDETONE_BODY_PARTS_MAX. `type_buffer`, `type_capacity`: get the
/// Content-Type with the boundary; 64 bytes are enough. `body`, `capacity`: get the body, without a
/// NUL. `needed`, if not NULL, gets the size of the body; with NULL and 0 for `body` and `capacity`
/// it is only asked for.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// char media_type[64], body[1024];
/// uint32_t bytes = 0;
/// sidetone_body_part parts[2];
/// sidetone_body_part_set(&parts[0], "text/plain", "see the map", -1);
/// sidetone_body_part_set(&parts[1], "application/x-map", "52.5,13.4", -1);
/// sidetone_multipart_write(parts, 2, media_type, sizeof media_type, body, sizeof body, &bytes);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_multipart_write(
    parts: *const sidetone_body_part,
    count: u32,
    type_buffer: *mut c_char,
    type_capacity: u32,
    body: *mut c_void,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        if parts.is_null() {
            return Err(null("parts"));
        }
        if !(1..=SIDETONE_BODY_PARTS_MAX).contains(&count) {
            return Err(invalid(format!("{count} parts; give 1 to {SIDETONE_BODY_PARTS_MAX}")));
        }
        let parts: Vec<BodyPart> = (0..count as usize)
            .map(|index| {
                // SAFETY: not NULL, so it points to `count` parts (preface, "Pointers").
                let part = unsafe { parts.add(index).read_unaligned() };
                Ok(BodyPart {
                    content_type: part.content_type.read("content_type")?,
                    body: part.body.read_octets("body")?,
                    ..BodyPart::default()
                })
            })
            .collect::<Outcome<_>>()?;
        let (content_type, octets) = content::multipart("multipart/mixed", &parts);
        copy_octets(&octets, body, capacity, needed)?;
        copy_out(&content_type, type_buffer, type_capacity, std::ptr::null_mut())
    })
}
