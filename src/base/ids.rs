//! Generational ids: what a host holds instead of pointers.
//!
//! An id is 64 bits: kind (8) | generation (24) | index (32). A freed slot is used again under the
//! next generation, so an id that outlived its object is told apart from every later one until the
//! generation has gone round 2^24 times.

use std::fmt;

/// What an id names. The number is the top byte of the id and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum IdKind {
    /// An account.
    Account = 1,
    /// A call.
    Call = 2,
    /// A request of a far end that waits for the host's answer.
    Transaction = 3,
    /// Something that is watched.
    Subscription = 4,
    /// Something that is published.
    Publication = 5,
    /// A tap on a call's audio.
    Tap = 6,
    /// Audio that is put into a call.
    Injection = 7,
    /// A conference.
    Conference = 8,
}

const GENERATION_BITS: u32 = 24;
const GENERATION_MASK: u32 = (1 << GENERATION_BITS) - 1;

fn pack(kind: IdKind, generation: u32, index: u32) -> u64 {
    (u64::from(kind as u8) << 56)
        | (u64::from(generation & GENERATION_MASK) << 32)
        | u64::from(index)
}

/// Why a raw 64-bit id does not name a live object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// The id is of another kind (an account where a call is due), or 0.
    WrongKind,
    /// The object it named is gone, or never was.
    Stale,
}

macro_rules! typed_id {
    ($name:ident, $kind:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u64);

        impl $name {
            /// The id as the 64-bit number a host holds.
            pub fn raw(self) -> u64 {
                self.0
            }

            /// Takes a number that a host gave; the kind byte must fit.
            pub fn from_raw(raw: u64) -> Result<Self, IdError> {
                if (raw >> 56) as u8 == $kind as u8 {
                    Ok(Self(raw))
                } else {
                    Err(IdError::WrongKind)
                }
            }

            /// The slot in its table.
            pub fn index(self) -> usize {
                (self.0 & u64::from(u32::MAX)) as usize
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> u64 {
                id.0
            }
        }

        impl TypedId for $name {
            const KIND: IdKind = $kind;
            fn from_parts(generation: u32, index: u32) -> Self {
                Self(pack($kind, generation, index))
            }
            fn raw(self) -> u64 {
                self.0
            }
        }
    };
}

/// What [`IdTable`] needs of an id type.
pub trait TypedId: Copy {
    /// The kind byte.
    const KIND: IdKind;
    /// Builds an id from generation and slot.
    fn from_parts(generation: u32, index: u32) -> Self;
    /// The id as a number.
    fn raw(self) -> u64;
}

typed_id!(AccountId, IdKind::Account, "Names an account of one engine.");
typed_id!(
    CallId,
    IdKind::Call,
    "Names a call of one engine, from dial or arrival to its end event."
);

typed_id!(
    TransactionId,
    IdKind::Transaction,
    "Names a request of a far end, from its event until it is answered."
);
typed_id!(
    SubscriptionId,
    IdKind::Subscription,
    "Names a subscription of one engine, until it is removed."
);
typed_id!(
    PublicationId,
    IdKind::Publication,
    "Names a publication of one engine, until it is removed."
);

typed_id!(TapId, IdKind::Tap, "Names a tap on a call's audio, until it is closed.");
typed_id!(InjectionId, IdKind::Injection, "Names audio put into a call, until it is closed.");
typed_id!(
    ConferenceId,
    IdKind::Conference,
    "Names a conference of one engine, until it is destroyed."
);

/// Ties a REPLY event to the command that asked for it. 0 is never used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// Values under generational ids, at most `capacity` of them.
#[derive(Debug)]
pub struct IdTable<I, T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    capacity: usize,
    live: usize,
    _id: std::marker::PhantomData<fn() -> I>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<I: TypedId, T> IdTable<I, T> {
    /// An empty table that refuses more than `capacity` values at once.
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.min(u32::MAX as usize);
        Self { slots: Vec::new(), free: Vec::new(), capacity, live: 0, _id: Default::default() }
    }

    /// Stores the value that `make` builds for its id; `None` when the table is full.
    pub fn insert_with(&mut self, make: impl FnOnce(I) -> T) -> Option<I> {
        if self.live >= self.capacity {
            return None;
        }
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.slots.push(Slot { generation: 1, value: None });
                (self.slots.len() - 1) as u32
            }
        };
        let slot = &mut self.slots[index as usize];
        let id = I::from_parts(slot.generation, index);
        slot.value = Some(make(id));
        self.live += 1;
        Some(id)
    }

    /// The value under `id`, if it is live.
    pub fn find(&self, id: I) -> Option<&T> {
        let (generation, index) = parts(id.raw());
        let slot = self.slots.get(index)?;
        if slot.generation == generation { slot.value.as_ref() } else { None }
    }

    /// The value under `id`, to change.
    pub fn find_mut(&mut self, id: I) -> Option<&mut T> {
        let (generation, index) = parts(id.raw());
        let slot = self.slots.get_mut(index)?;
        if slot.generation == generation { slot.value.as_mut() } else { None }
    }

    /// Takes the value out; its id is stale from here on.
    pub fn remove(&mut self, id: I) -> Option<T> {
        let (generation, index) = parts(id.raw());
        let slot = self.slots.get_mut(index)?;
        if slot.generation != generation {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = match (slot.generation + 1) & GENERATION_MASK {
            0 => 1,
            next => next,
        };
        self.free.push(index as u32);
        self.live -= 1;
        Some(value)
    }

    /// How many values are live.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no value is live.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Every live id with its value, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            Some((I::from_parts(slot.generation, index as u32), slot.value.as_ref()?))
        })
    }
}

fn parts(raw: u64) -> (u32, usize) {
    (((raw >> 32) as u32) & GENERATION_MASK, (raw & u64::from(u32::MAX)) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_slot_makes_the_old_id_stale() {
        let mut table: IdTable<CallId, &str> = IdTable::new(1);
        let first = table.insert_with(|_| "first").unwrap();
        assert!(table.insert_with(|_| "second").is_none(), "the table holds one");
        assert_eq!(table.remove(first), Some("first"));
        let second = table.insert_with(|_| "second").unwrap();
        assert_ne!(first, second);
        assert_eq!(first.index(), second.index());
        assert_eq!(table.find(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.find(second), Some(&"second"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let mut table: IdTable<AccountId, ()> = IdTable::new(1);
        let account = table.insert_with(|_| ()).unwrap();
        assert_eq!(CallId::from_raw(account.raw()), Err(IdError::WrongKind));
        assert_eq!(CallId::from_raw(0), Err(IdError::WrongKind));
        assert_eq!(AccountId::from_raw(account.raw()), Ok(account));
    }
}
