//! Floor 2: the pure machines of a call and of a registration.

#![forbid(unsafe_code)]
