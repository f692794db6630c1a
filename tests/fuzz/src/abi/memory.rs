//! Memory that a host passes: text, structs and rooms, each of exactly the size that is told.

use std::ffi::c_char;

use sidetone::ffi::strings::{sidetone_header, sidetone_headers, sidetone_text};

use crate::support::Input;

/// Keeps what pointers of one call point to.
#[derive(Default)]
pub struct Memory {
    blocks: Vec<Box<[u8]>>,
    headers: Vec<Box<[sidetone_header]>>,
    lists: Vec<Box<[sidetone_headers]>>,
}

/// Text as it is passed: pointer and length.
#[derive(Clone, Copy)]
pub struct Text {
    /// First byte, or NULL.
    pub data: *const c_char,
    /// Bytes, or -1.
    pub length: i32,
}

impl Memory {
    /// A block of these bytes.
    pub fn block(&mut self, bytes: &[u8]) -> *mut u8 {
        self.blocks.push(bytes.into());
        let last = self.blocks.len() - 1;
        self.blocks[last].as_mut_ptr()
    }

    /// Text in one of the ways of the preface, or in a wrong one.
    pub fn text(&mut self, input: &mut Input<'_>) -> Text {
        let how = input.byte();
        let wrong = i32::from_le_bytes([how, 0, 0, 0x80]);
        match how & 15 {
            0 => Text { data: std::ptr::null(), length: -1 },
            1 => Text { data: std::ptr::null(), length: i32::from(how >> 4) },
            2 => Text { data: self.block(b"x").cast(), length: wrong },
            3 => Text { data: self.block(b"").cast(), length: 0 },
            4..10 => self.terminated(input.chunk()),
            // Longer than any text may be.
            10 => self.terminated(&vec![b'a'; 70_000]),
            _ => self.counted(input.chunk()),
        }
    }

    /// Text that ends with a NUL.
    pub fn terminated(&mut self, bytes: &[u8]) -> Text {
        Text { data: self.block(&[bytes, b"\0"].concat()).cast(), length: -1 }
    }

    fn counted(&mut self, bytes: &[u8]) -> Text {
        let length = i32::try_from(bytes.len()).expect("chunks are short");
        Text { data: self.block(bytes).cast(), length }
    }

    /// A path that leads to nothing that could be harmed.
    pub fn path(&mut self, input: &mut Input<'_>) -> Text {
        let how = input.byte();
        match how & 7 {
            0 => self.terminated(b"/dev/full"),
            1 => self.terminated(b"/"),
            2 => self.terminated(b""),
            3 => Text { data: std::ptr::null(), length: -1 },
            4 => self.terminated(b"/dev/null"),
            _ => {
                let bytes = [b"/nonexistent/", input.chunk()].concat();
                self.counted(&bytes)
            }
        }
    }

    /// The same as part of a struct.
    pub fn field(&mut self, input: &mut Input<'_>) -> sidetone_text {
        let text = self.text(input);
        field_of(text)
    }

    /// A list of headers.
    pub fn headers(&mut self, input: &mut Input<'_>) -> sidetone_headers {
        let how = input.byte();
        let none = sidetone_headers { data: std::ptr::null(), count: 0, reserved: 0 };
        match how & 7 {
            0..3 => none,
            3 => sidetone_headers { count: u32::from(how), ..none },
            _ => {
                let list: Box<[sidetone_header]> = (0..how & 3)
                    .map(|_| sidetone_header { name: self.field(input), value: self.field(input) })
                    .collect();
                let data = list.as_ptr();
                let count = list.len() as u32;
                self.headers.push(list);
                sidetone_headers { data, count, reserved: u32::from(how >> 7) }
            }
        }
    }

    /// A list of headers behind a pointer of its own; NULL for one that is empty.
    pub fn keep_headers(&mut self, headers: sidetone_headers) -> *const sidetone_headers {
        if headers.data.is_null() && headers.count == 0 {
            return std::ptr::null();
        }
        self.lists.push(Box::new([headers]));
        self.lists[self.lists.len() - 1].as_ptr()
    }

    /// A struct that says of itself to have `size` bytes, and has them.
    pub fn sized<T: Copy>(&mut self, size: u32, value: &T) -> *mut T {
        // Beyond the sizes that any version can mean only the size itself is looked at.
        let length = if (4..=4096).contains(&size) { size as usize } else { 4 };
        let mut bytes = vec![0; length];
        let known = length.min(size_of::<T>());
        // SAFETY: both have `known` bytes, and do not overlap.
        unsafe {
            std::ptr::copy_nonoverlapping(
                std::ptr::from_ref(value).cast::<u8>(),
                bytes.as_mut_ptr(),
                known,
            );
        }
        bytes[..4].copy_from_slice(&size.to_le_bytes());
        self.block(&bytes).cast()
    }

    /// Room for a struct.
    pub fn room<T>(&mut self, input: &mut Input<'_>) -> *mut T {
        let size = size::<T>(input);
        let length = if (4..=4096).contains(&size) { size as usize } else { 4 };
        let mut bytes = vec![0xa5; length];
        bytes[..4].copy_from_slice(&size.to_le_bytes());
        if input.byte() == 0xff { std::ptr::null_mut() } else { self.block(&bytes).cast() }
    }
}

/// Text as part of a struct.
pub fn field_of(text: Text) -> sidetone_text {
    sidetone_text { data: text.data, length: text.length, reserved: 0 }
}

/// The size of a struct as this header, an older or newer one, or nobody has it.
pub fn size<T>(input: &mut Input<'_>) -> u32 {
    let own = size_of::<T>() as u32;
    match input.byte() {
        0..0xe0 => own,
        0xe0..0xe8 => own + 8,
        0xe8..0xf0 => own - 4,
        0xf0..0xf8 => 4096,
        _ => u32::from_le_bytes(input.array()),
    }
}
