//! Floor 3: sound cards and what stands in for them.

pub mod ports;
pub mod stepped;
