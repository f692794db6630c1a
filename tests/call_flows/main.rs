//! Calls and registrations in virtual time: two endpoints on a scripted network.

#[path = "../support/pair.rs"]
mod pair;
#[path = "../support/phone.rs"]
mod phone;

mod changes;
mod credentials;
mod offers;
mod registrations;
mod rough_networks;
mod session_timers;
mod whole_calls;
