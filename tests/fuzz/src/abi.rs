//! Hosts that call the C ABI with anything: text that is no text, structs of any size, stale ids and
//! ids of another kind, NULL. What the header's preface forbids (pointers that point nowhere) is not
//! done; every block is exactly as long as it says, so that a sanitizer sees a step beyond.
//!
//! One engine, on loopback, serves all inputs; what an input leaves behind is cleared after it.

mod around;
mod centre;
mod host;
mod memory;
mod pcm;
mod services;
mod structs;

use host::Host;

use crate::support::Input;

/// The input is a list of calls: `[function][its arguments]…`, at most 40.
pub fn run(data: &[u8]) {
    let mut host = Host::new(Input::new(data));
    for _ in 0..40 {
        if !host.step() {
            break;
        }
    }
    host.clear();
}
