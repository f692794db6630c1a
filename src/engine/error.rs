//! The one error type of the engine: a kind that a program decides by, a message for people.

use std::fmt;

use crate::net::connector::Refusal;

/// What went wrong, in the blocks of the C status codes (`sidetone.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorKind {
    // -1 … -99: how the call was made.
    /// An argument is outside its range; the message names it.
    InvalidArgument = -1,
    /// The id named an object that is gone.
    StaleId = -2,
    /// The id is of another kind.
    WrongKind = -3,
    /// The engine's command queue is full; try again shortly.
    Busy = -4,
    /// A limit of the configuration is reached (calls, accounts).
    Limit = -5,
    /// Not possible in the object's present state.
    WrongState = -6,
    /// Not allowed on this thread (destroy from an event callback).
    WrongThread = -7,
    /// Caught panic: a fault of this library.
    Panic = -8,
    /// An earlier fault left the engine unusable; destroy it.
    Faulted = -9,
    /// The engine is shutting down or gone.
    Shutdown = -10,
    /// The time given ran out.
    Timeout = -11,
    /// The caller's buffer is too small; the needed size was stored.
    TooSmall = -12,
    /// Not in this build or on this platform.
    Unsupported = -13,
    /// A fault inside; the message tells where.
    Internal = -14,
    /// A pointer was NULL that must not be.
    NullPointer = -15,
    /// Text is not UTF-8.
    NotUtf8 = -16,
    /// A struct's `size` is none that this library knows.
    StructSize = -17,

    // -100 … -199: signalling.
    /// Not a SIP URI that can be dialled.
    InvalidUri = -100,
    /// The transport could not be opened, or broke.
    Transport = -101,
    /// The host name has no address.
    Resolve = -102,
    /// The credentials were refused.
    Authentication = -103,
    /// The far end refused with a final response; its code is in the event.
    Refused = -104,
    /// No answer came in time.
    NoAnswer = -105,
    /// The far end's certificate was not good, or it did not take ours.
    Certificate = -106,

    // -200 … -299: media.
    /// No codec in common, or none left in the account's list.
    NoCodec = -200,
    /// The account demands SRTP and the far end has none that fits.
    SrtpRequired = -201,
    /// No free RTP port in the account's range.
    NoPort = -202,
    /// The call is over: nothing is left in the tap, or nothing more is played.
    Ended = -203,

    // -300 … -399: audio devices.
    /// No device of that name, or none at all.
    NoDevice = -300,
    /// The device is there but cannot be opened as asked.
    DeviceOpen = -301,

    // -400 … -499: files.
    /// The file cannot be opened or created.
    FileOpen = -400,
    /// The file is not one that can be played (PCM or float WAV).
    FileFormat = -401,
    /// Writing failed; the disk may be full.
    FileWrite = -402,
}

impl ErrorKind {
    /// What a connection that was not made is to a host.
    pub(super) fn of_refusal(refusal: &Refusal) -> Self {
        if refusal.certificate { ErrorKind::Certificate } else { ErrorKind::Transport }
    }
}

/// An error of the engine's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What to decide by.
    pub kind: ErrorKind,
    /// What happened and what to do about it, for people.
    pub message: String,
}

impl Error {
    /// Puts kind and message together.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
