//! Finding things in sound.

pub mod goertzel;
