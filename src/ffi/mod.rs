//! Floor 5: the C ABI.
