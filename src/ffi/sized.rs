//! Structs that begin with their size, so that a host and a library of different age understand
//! each other.
//!
//! ```text
//! host's header older            host's header newer
//! [size][fields]                 [size][fields][new fields]
//! [size][fields][new fields]     [size][fields]
//!               └ defaults                     └ must be zero in, are zeroed out
//! ```

use std::{mem::MaybeUninit, ptr};

use super::{
    guard::{Outcome, null},
    layout,
    strings::is_zero,
};
use crate::engine::{Error, ErrorKind};

/// A struct of the ABI.
///
/// # Safety
///
/// `repr(C)`, begins with a `u32` size, has no implicit padding, and every bit pattern of every
/// field is a value of its type (numbers and raw pointers only).
pub(super) unsafe trait Sized32: Copy {
    /// Its name in the header.
    const NAME: &'static str;
    /// Its size when it first appeared: the least that a host can mean.
    const FIRST_SIZE: u32;
}

/// More than any struct here will ever have; a greater size is an uninitialised one.
const LARGEST: u32 = 4096;

fn size_of<T: Sized32>(pointer: *const T) -> Outcome<u32> {
    if pointer.is_null() {
        return Err(null(T::NAME));
    }
    // SAFETY: not NULL, so it points to a struct that begins with its size (preface, "Structs").
    let size = unsafe { pointer.cast::<u32>().read_unaligned() };
    check::<T>(size)
}

fn check<T: Sized32>(size: u32) -> Outcome<u32> {
    if (T::FIRST_SIZE..=LARGEST).contains(&size) && !layout::cuts_a_field(T::NAME, size as usize) {
        return Ok(size);
    }
    Err(Error::new(
        ErrorKind::StructSize,
        format!("{} with a size of {size}; set it to sizeof of the struct", T::NAME),
    ))
}

/// Reads a struct that a host filled; fields that the host's header did not have yet are those of
/// `defaults`.
pub(super) fn read<T: Sized32>(pointer: *const T, defaults: T) -> Outcome<T> {
    let size = size_of(pointer)? as usize;
    let known = std::mem::size_of::<T>();
    let mut value = MaybeUninit::new(defaults);
    // SAFETY: both sides have the bytes that are copied: the host's struct `size` of them, ours
    // `known`; any bytes are a value (`Sized32`).
    let value = unsafe {
        ptr::copy_nonoverlapping(
            pointer.cast::<u8>(),
            value.as_mut_ptr().cast::<u8>(),
            size.min(known),
        );
        value.assume_init()
    };
    for offset in known..size {
        // SAFETY: less than the host's `size`.
        if unsafe { pointer.cast::<u8>().add(offset).read() } != 0 {
            return Err(Error::new(
                ErrorKind::StructSize,
                format!(
                    "{} of a newer header with a field set that this library does not know",
                    T::NAME
                ),
            ));
        }
    }
    check_reserved(&value)?;
    Ok(value)
}

/// What has no meaning yet has to be 0, or it could never get one.
fn check_reserved<T: Sized32>(value: &T) -> Outcome {
    for (field, offset) in layout::reserved_of(T::NAME) {
        // SAFETY: `layout` asserts that a reserved field stands there in the struct; it is a `u32`
        // as every one is.
        let number =
            unsafe { ptr::from_ref(value).cast::<u8>().add(offset).cast::<u32>().read_unaligned() };
        is_zero(number, format_args!("{}.{field}", T::NAME))?;
    }
    Ok(())
}

/// Refuses a struct that cannot be written; done before the work whose result goes there.
pub(super) fn check_out<T: Sized32>(pointer: *mut T) -> Outcome {
    size_of(pointer.cast_const()).map(drop)
}

/// Writes a result into a host's struct. Its `size` stays; what is beyond ours becomes zero.
pub(super) fn write<T: Sized32>(pointer: *mut T, value: &T) -> Outcome {
    let size = size_of(pointer.cast_const())?;
    put(pointer, size, value);
    Ok(())
}

/// Fills a host's struct of `size` bytes with a value, `size` set.
pub(super) fn init<T: Sized32>(pointer: *mut T, size: u32, value: &T) -> Outcome {
    if pointer.is_null() {
        return Err(null(T::NAME));
    }
    let size = check::<T>(size)?;
    put(pointer, size, value);
    Ok(())
}

fn put<T: Sized32>(pointer: *mut T, size: u32, value: &T) {
    let bytes = size as usize;
    let known = std::mem::size_of::<T>().min(bytes);
    // SAFETY: the host's struct has `size` bytes, at least four of them; `known` is not more than
    // either side has; a reference of ours and the host's memory do not overlap.
    unsafe {
        let target = pointer.cast::<u8>();
        ptr::copy_nonoverlapping(ptr::from_ref(value).cast::<u8>(), target, known);
        ptr::write_bytes(target.add(known), 0, bytes - known);
        target.cast::<u32>().write_unaligned(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second version of a struct that began with eight bytes.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Grown {
        size: u32,
        first: u32,
        second: u64,
    }

    // SAFETY: repr(C), numbers, no gaps.
    unsafe impl Sized32 for Grown {
        const NAME: &'static str = "grown";
        const FIRST_SIZE: u32 = 8;
    }

    const DEFAULTS: Grown = Grown { size: 16, first: 1, second: 2 };

    #[test]
    fn an_older_host_gets_the_defaults_of_fields_it_does_not_know() {
        let old = [8u32, 5];
        let read = read(old.as_ptr().cast::<Grown>(), DEFAULTS).unwrap();
        assert_eq!((read.first, read.second), (5, 2));
    }

    #[test]
    fn an_older_host_is_not_written_beyond_its_struct() {
        let mut memory = [8u32, 0, 0xAAAA_AAAA, 0xAAAA_AAAA];
        write(memory.as_mut_ptr().cast::<Grown>(), &Grown { size: 0, first: 9, second: 9 })
            .unwrap();
        assert_eq!(memory, [8, 9, 0xAAAA_AAAA, 0xAAAA_AAAA]);
        init(memory.as_mut_ptr().cast::<Grown>(), 8, &DEFAULTS).unwrap();
        assert_eq!(memory, [8, 1, 0xAAAA_AAAA, 0xAAAA_AAAA]);
    }

    #[test]
    fn a_newer_host_must_leave_at_zero_what_is_not_known_here() {
        let mut newer = [24u32, 5, 6, 0, 0, 0];
        assert_eq!(read(newer.as_ptr().cast::<Grown>(), DEFAULTS).unwrap().second, 6);
        newer[5] = 1;
        let error = read(newer.as_ptr().cast::<Grown>(), DEFAULTS).unwrap_err();
        assert_eq!(error.kind, ErrorKind::StructSize);
        write(newer.as_mut_ptr().cast::<Grown>(), &DEFAULTS).unwrap();
        assert_eq!(newer, [24, 1, 2, 0, 0, 0]);
    }

    #[test]
    fn a_size_that_ends_within_a_field_is_none() {
        let name = "sidetone_engine_config";
        // Before, within and after the pointer of `dns_server`; the whole struct, and a newer one.
        let sizes = [144, 148, 152, 160, 312, 400];
        let cut = sizes.map(|size| layout::cuts_a_field(name, size));
        assert_eq!(cut, [false, true, true, false, false, false]);
    }

    #[test]
    fn unaligned_structs_are_read_and_written() {
        let mut bytes = [0u8; 20];
        let place = bytes[1..].as_mut_ptr().cast::<Grown>();
        init(place, 16, &DEFAULTS).unwrap();
        assert_eq!(read(place, Grown { size: 0, first: 0, second: 0 }).unwrap(), DEFAULTS);
        assert_eq!(bytes[17..], [0; 3]);
    }
}
