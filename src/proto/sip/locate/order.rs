//! The order of SRV records (RFC 2782, "Usage rules").

use crate::base::{dns::Srv, rng::Rng};

/// Lower priorities first; within one, drawn by weight.
pub(super) fn ordered(mut records: Vec<Srv>, rng: &mut Rng) -> Vec<Srv> {
    // Those of weight 0 stand first, so that they are drawn hardly ever.
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority;
        let group = records.partition_point(|record| record.priority == priority);
        let total: u32 = records.iter().take(group).map(|record| u32::from(record.weight)).sum();
        let drawn = rng.below(total.saturating_add(1));
        let mut sum = 0;
        let chosen = records.iter().take(group).position(|record| {
            sum += u32::from(record.weight);
            sum >= drawn
        });
        ordered.push(records.remove(chosen.unwrap_or(0)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use proptest::{collection, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn record(priority: u16, weight: u16, target: &str) -> Srv {
        Srv { priority, weight, port: 5060, target: target.to_owned() }
    }

    #[test]
    fn the_load_is_shared_by_weight_within_a_priority() {
        let records = [record(20, 100, "last"), record(10, 30, "a"), record(10, 90, "b")];
        let mut rng = Rng::from_number(1);
        let mut first_b = 0;
        for _ in 0..1000 {
            let order = ordered(records.to_vec(), &mut rng);
            assert_eq!(order[2].target, "last");
            first_b += usize::from(order[0].target == "b");
        }
        assert!((700..=800).contains(&first_b), "{first_b} of 1000, three quarters are due");
    }

    #[test]
    fn a_weight_of_zero_is_hardly_ever_drawn_first() {
        let records = [record(1, 0, "spare"), record(1, 99, "main")];
        let mut rng = Rng::from_number(2);
        let spare = (0..1000).filter(|_| ordered(records.to_vec(), &mut rng)[0].target == "spare");
        assert!((1..40).contains(&spare.count()), "one in a hundred is due");
    }

    proptest! {
        #[test]
        fn every_record_is_tried_once_and_priorities_never_mix(
            records in collection::vec((0u16..4, 0u16..=u16::MAX), 0..20), seed: u64,
        ) {
            let records: Vec<Srv> = records
                .iter()
                .enumerate()
                .map(|(at, (priority, weight))| record(*priority, *weight, &at.to_string()))
                .collect();
            let order = ordered(records.clone(), &mut Rng::from_number(seed));
            prop_assert!(order.windows(2).all(|two| two[0].priority <= two[1].priority));
            let mut seen: Vec<_> = order.iter().map(|record| record.target.clone()).collect();
            let mut all: Vec<_> = records.iter().map(|record| record.target.clone()).collect();
            seen.sort();
            all.sort();
            prop_assert_eq!(seen, all);
        }
    }
}
