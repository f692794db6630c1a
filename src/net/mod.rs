//! Floor 3: sockets.
