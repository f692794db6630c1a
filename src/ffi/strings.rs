//! Text across the ABI: pointer and length in, the caller's buffer out.

use std::{
    ffi::{CStr, c_char, c_void},
    fmt,
    path::PathBuf,
    slice,
};

use super::guard::{Out, Outcome, invalid, null};
use crate::engine::{Error, ErrorKind};

/// Text in a struct: UTF-8, borrowed. For the host it is described in `cbindgen.toml`, where its C
/// form is written by hand, as cbindgen has none for the padding of a pointer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_text {
    /// First byte.
    pub data: *const c_char,
    /// Fills the pointer up to 8 bytes; 0.
    #[cfg(target_pointer_width = "32")]
    pub data_padding: u32,
    /// Length in bytes, or -1: ends with a NUL.
    pub length: i32,
    /// 0.
    pub reserved: u32,
}

/// One SIP header; its C form stands beside that of text.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_header {
    /// Name, for instance `X-Campaign`.
    pub name: sidetone_text,
    /// Value, without line breaks.
    pub value: sidetone_text,
}

/// A list of headers in a struct; its C form stands beside that of text.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_headers {
    /// The first; NULL for none.
    pub data: *const sidetone_header,
    /// Fills the pointer up to 8 bytes; 0.
    #[cfg(target_pointer_width = "32")]
    pub data_padding: u32,
    /// How many, 0 to SIDETONE_HEADERS_MAX.
    pub count: u32,
    /// 0.
    pub reserved: u32,
}

/// One part of a multipart body; its C form stands beside that of text.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_body_part {
    /// Media type, for instance `text/plain`.
    pub content_type: sidetone_text,
    /// Content: any octets.
    pub body: sidetone_text,
}

/// The longest text that is taken, in bytes.
pub const SIDETONE_TEXT_MAX: u32 = 65535;

/// The most headers in one list.
pub const SIDETONE_HEADERS_MAX: u32 = 64;

impl sidetone_text {
    pub(super) const EMPTY: Self = Self {
        data: std::ptr::null(),
        #[cfg(target_pointer_width = "32")]
        data_padding: 0,
        length: -1,
        reserved: 0,
    };

    /// Text that the library lends out; `bytes` end with the NUL.
    pub(super) fn lent(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr().cast(),
            length: i32::try_from(bytes.len().saturating_sub(1)).unwrap_or(i32::MAX),
            ..Self::EMPTY
        }
    }

    /// The text as the engine takes it.
    pub(super) fn read(&self, name: &str) -> Outcome<String> {
        is_zero(self.reserved, format_args!("{name}.reserved"))?;
        optional(self.data, self.length, name).map(str::to_owned)
    }

    /// The octets as the engine takes them: any at all, or those before a NUL.
    pub(super) fn read_octets(&self, name: &str) -> Outcome<Vec<u8>> {
        is_zero(self.reserved, format_args!("{name}.reserved"))?;
        match u32::try_from(self.length) {
            Ok(length) => octets(self.data.cast(), length, name).map(<[u8]>::to_owned),
            Err(_) => optional(self.data, self.length, name).map(|text| text.as_bytes().to_owned()),
        }
    }
}

/// Refuses a reserved field that is set.
pub(super) fn is_zero(reserved: u32, field: fmt::Arguments<'_>) -> Outcome {
    match reserved {
        0 => Ok(()),
        number => Err(invalid(format!("{field} is {number}; it has to be 0"))),
    }
}

/// Text of an argument that must not be NULL.
pub(super) fn required<'a>(data: *const c_char, length: i32, name: &str) -> Outcome<&'a str> {
    if data.is_null() {
        return Err(null(name));
    }
    optional(data, length, name)
}

/// Text of an argument; NULL is empty.
pub(super) fn optional<'a>(data: *const c_char, length: i32, name: &str) -> Outcome<&'a str> {
    if length < -1 {
        return Err(invalid(format!("{name}: a length of {length}; give bytes, or -1")));
    }
    if data.is_null() {
        return if length > 0 { Err(null(name)) } else { Ok("") };
    }
    let bytes = if length == -1 {
        // SAFETY: not NULL and length -1, so it ends with a NUL (preface, "Pointers").
        unsafe { CStr::from_ptr(data) }.to_bytes()
    } else {
        // SAFETY: not NULL, so it points to `length` bytes (preface, "Pointers"); not negative.
        unsafe { slice::from_raw_parts(data.cast::<u8>(), length as usize) }
    };
    if bytes.len() > SIDETONE_TEXT_MAX as usize {
        return Err(invalid(format!("{name} is longer than {SIDETONE_TEXT_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Error::new(ErrorKind::NotUtf8, format!("{name} is not UTF-8 at byte {at}"))
    })?;
    if text.contains('\0') {
        return Err(invalid(format!("{name} has a NUL inside")));
    }
    Ok(text)
}

/// Octets of an argument; NULL is empty.
pub(super) fn octets<'a>(data: *const c_void, bytes: u32, name: &str) -> Outcome<&'a [u8]> {
    if data.is_null() {
        return if bytes > 0 { Err(null(name)) } else { Ok(&[]) };
    }
    if bytes > SIDETONE_TEXT_MAX {
        return Err(invalid(format!("{name} is longer than {SIDETONE_TEXT_MAX} bytes")));
    }
    // SAFETY: not NULL, so it points to `bytes` octets (preface, "Pointers").
    Ok(unsafe { slice::from_raw_parts(data.cast::<u8>(), bytes as usize) })
}

/// A file's path.
pub(super) fn path(data: *const c_char, length: i32, name: &str) -> Outcome<PathBuf> {
    let text = required(data, length, name)?;
    if text.is_empty() {
        return Err(invalid(format!("{name} is empty")));
    }
    Ok(PathBuf::from(text))
}

impl sidetone_headers {
    pub(super) const EMPTY: Self = Self {
        data: std::ptr::null(),
        #[cfg(target_pointer_width = "32")]
        data_padding: 0,
        count: 0,
        reserved: 0,
    };

    /// Headers that the library lends out.
    pub(super) fn lent(headers: &[sidetone_header]) -> Self {
        Self {
            data: headers.as_ptr(),
            count: u32::try_from(headers.len()).unwrap_or(u32::MAX),
            ..Self::EMPTY
        }
    }

    /// The headers as the engine takes them.
    pub(super) fn read(&self) -> Outcome<Vec<(String, String)>> {
        is_zero(self.reserved, format_args!("headers.reserved"))?;
        if self.count == 0 {
            return Ok(Vec::new());
        }
        if self.data.is_null() {
            return Err(null("headers"));
        }
        if self.count > SIDETONE_HEADERS_MAX {
            return Err(invalid(format!("more than {SIDETONE_HEADERS_MAX} headers")));
        }
        (0..self.count as usize)
            .map(|index| {
                // SAFETY: not NULL, so it points to `count` headers (preface, "Pointers").
                let header = unsafe { self.data.add(index).read_unaligned() };
                let name = header.name.read("header name")?;
                if name.is_empty() {
                    return Err(invalid("a header has no name"));
                }
                Ok((name, header.value.read("header value")?))
            })
            .collect()
    }
}

/// Copies text into a caller's buffer, with a NUL. `needed` gets the bytes with the NUL. A NULL
/// buffer asks for the size; a buffer too small gets the characters that fit, and `TooSmall`.
pub(super) fn copy_out(
    text: &str,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> Outcome {
    let size = u32::try_from(text.len() + 1).unwrap_or(u32::MAX);
    Out::optional(needed).put(size);
    if buffer.is_null() {
        return if capacity == 0 { Ok(()) } else { Err(null("buffer")) };
    }
    if capacity > 0 {
        let room = (capacity as usize - 1).min(text.len());
        let fits = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        // SAFETY: the buffer has `capacity` bytes (preface, "Pointers") and `fits` is less; text of
        // ours and a buffer of the host do not overlap.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast::<u8>(), fits);
            buffer.add(fits).write(0);
        }
    }
    if capacity < size {
        return Err(Error::new(
            ErrorKind::TooSmall,
            format!("the buffer has {capacity} bytes and {size} are needed"),
        ));
    }
    Ok(())
}

/// Copies octets into a caller's buffer, all or none. `needed` gets how many there are. A NULL
/// buffer asks for the size.
pub(super) fn copy_octets(
    octets: &[u8],
    buffer: *mut c_void,
    capacity: u32,
    needed: *mut u32,
) -> Outcome {
    let size = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    Out::optional(needed).put(size);
    if buffer.is_null() {
        return if capacity == 0 { Ok(()) } else { Err(null("buffer")) };
    }
    if capacity < size {
        return Err(Error::new(
            ErrorKind::TooSmall,
            format!("the buffer has {capacity} bytes and {size} are needed"),
        ));
    }
    // SAFETY: the buffer has `capacity` bytes (preface, "Pointers"), not fewer than are copied;
    // octets of ours and a buffer of the host do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(octets.as_ptr(), buffer.cast::<u8>(), octets.len());
    }
    Ok(())
}

/// Copies ids into a caller's array; `count` gets how many there are in all.
pub(super) fn copy_ids(
    ids: impl ExactSizeIterator<Item = u64>,
    array: *mut u64,
    capacity: u32,
    count: *mut u32,
) -> Outcome {
    let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    Out::required(count, "count")?.put(total);
    if array.is_null() {
        return if capacity == 0 { Ok(()) } else { Err(null("array")) };
    }
    for (index, id) in ids.take(capacity as usize).enumerate() {
        // SAFETY: the array has `capacity` entries (preface, "Pointers") and `index` is less.
        unsafe { array.add(index).write_unaligned(id) }
    }
    if capacity < total {
        return Err(Error::new(
            ErrorKind::TooSmall,
            format!("the array has {capacity} entries and {total} are needed"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_by_length_or_by_its_nul() {
        let bytes = b"abc\0def";
        let data = bytes.as_ptr().cast();
        assert_eq!(required(data, -1, "text"), Ok("abc"));
        assert_eq!(required(data, 2, "text"), Ok("ab"));
        assert_eq!(required(data, 0, "text"), Ok(""));
        assert_eq!(required(data, 5, "text").unwrap_err().kind, ErrorKind::InvalidArgument);
        assert_eq!(required(data, -2, "text").unwrap_err().kind, ErrorKind::InvalidArgument);
        assert_eq!(optional(std::ptr::null(), -1, "text"), Ok(""));
        assert_eq!(optional(std::ptr::null(), 1, "text").unwrap_err().kind, ErrorKind::NullPointer);
    }

    #[test]
    fn text_goes_out_in_whole_characters_and_with_a_nul() {
        let mut needed = 0;
        for (capacity, kept) in
            [(0u32, None), (1, Some("")), (2, Some("")), (3, Some("é")), (4, Some("éa"))]
        {
            let mut buffer = [b'x'; 6];
            let outcome = copy_out("éa", buffer.as_mut_ptr().cast(), capacity, &mut needed);
            assert_eq!((outcome.is_ok(), needed), (capacity == 4, 4), "{capacity}");
            let Some(kept) = kept else { continue };
            assert_eq!(&buffer[..kept.len()], kept.as_bytes());
            assert_eq!(buffer[kept.len()], 0);
            assert!(buffer[kept.len() + 1..].iter().all(|&byte| byte == b'x'));
        }
        assert!(copy_out("éa", std::ptr::null_mut(), 0, std::ptr::null_mut()).is_ok());
    }
}
