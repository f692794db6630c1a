//! Calls and registrations in virtual time: two endpoints on a scripted network.

#[path = "../support/pair.rs"]
mod pair;
#[path = "../support/phone.rs"]
mod phone;

mod changes;
mod credentials;
mod offers;
mod registrars;
mod registrations;
mod rough_networks;
mod routes;
mod session_timers;
mod surviving;
mod whole_calls;
