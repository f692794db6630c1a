//! The TLS handshakes that strangers have under way: so many, and of one source so many.

use std::{cell::RefCell, collections::HashMap, net::IpAddr, rc::Rc};

use crate::base::source::network_of;

/// Handshakes of strangers that run at once.
const MOST_HANDSHAKES: usize = 64;
/// Of them from one source.
const MOST_HANDSHAKES_OF_A_SOURCE: usize = 16;

/// The handshakes that run, by their source.
#[derive(Clone, Default)]
pub(super) struct Handshakes(Rc<RefCell<HashMap<IpAddr, usize>>>);

/// One of them, until it is dropped.
pub(super) struct Handshake {
    all: Handshakes,
    source: IpAddr,
}

impl Handshakes {
    /// One more, if there is room for it.
    pub(super) fn begin(&self, remote: IpAddr) -> Option<Handshake> {
        let (source, mut running) = (network_of(remote), self.0.borrow_mut());
        let of_source = running.get(&source).copied().unwrap_or(0);
        let room = of_source < MOST_HANDSHAKES_OF_A_SOURCE
            && running.values().sum::<usize>() < MOST_HANDSHAKES;
        room.then(|| {
            running.insert(source, of_source + 1);
            Handshake { all: self.clone(), source }
        })
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        let mut running = self.all.0.borrow_mut();
        if let Some(count) = running.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_does_not_take_the_handshakes_of_others() {
        let all = Handshakes::default();
        let from = |number: u8, count: usize| -> Vec<Handshake> {
            (0..count).filter_map(|_| all.begin([192, 0, 2, number].into())).collect()
        };
        let first = from(1, MOST_HANDSHAKES);
        assert_eq!(first.len(), MOST_HANDSHAKES_OF_A_SOURCE);
        let others: Vec<_> = (2..10).flat_map(|number| from(number, MOST_HANDSHAKES)).collect();
        assert_eq!(others.len(), MOST_HANDSHAKES - MOST_HANDSHAKES_OF_A_SOURCE);
        drop(first);
        assert_eq!(from(10, 99).len(), MOST_HANDSHAKES_OF_A_SOURCE, "places come back");
        drop(others);
        assert!(all.0.borrow().is_empty());
    }
}
