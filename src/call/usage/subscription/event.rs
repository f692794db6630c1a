//! What a subscription tells its owner.

use std::time::Duration;

use crate::{call::usage::TerminationReason, proto::sip::wire::Message};

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Not begun.
    #[default]
    Idle,
    /// A SUBSCRIBE is under way, or its first NOTIFY.
    Subscribing,
    /// The notifier has not decided about it.
    Pending,
    /// It stands.
    Active,
    /// It was lost; it is tried again after a while.
    Retrying,
    /// It is being taken back.
    Unsubscribing,
    /// Over; only `subscribe` begins anew.
    Ended,
}

/// What a subscription tells its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubscriptionEvent {
    /// It changed.
    State {
        /// Its state now.
        state: SubscriptionState,
        /// Status code of the response behind it, 0 when there is none.
        code: u16,
        /// Reason phrase, or our own words.
        text: String,
        /// Why the notifier ended it.
        reason: Option<TerminationReason>,
        /// How long it lasts without a refresh.
        expires: Duration,
    },
    /// A NOTIFY with a body came.
    Notify {
        /// The request; it has been answered.
        message: Message,
    },
}
