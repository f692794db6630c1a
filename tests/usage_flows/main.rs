//! What accounts do around calls, in virtual time: requests, subscriptions, publications.

mod bench;
mod publications;
mod requests;
mod subscriptions;
