//! Calls and registrations in virtual time: two endpoints on a scripted network.

#[path = "../support/office.rs"]
mod office;
#[path = "../support/pair.rs"]
mod pair;
#[path = "../support/phone.rs"]
mod phone;

mod answers;
mod changes;
mod credentials;
mod early_media;
mod forks;
mod offers;
mod redirects;
mod registrars;
mod registrations;
mod reliable;
mod reoffers;
mod rough_networks;
mod routes;
mod services;
mod session_timers;
mod surviving;
mod transfers;
mod updates;
mod whole_calls;
