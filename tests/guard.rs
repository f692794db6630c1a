//! That the guard of `benches/guard.rs` notices what it is there for, on counts that are made up.

#[path = "../benches/guard/compare.rs"]
mod compare;

use compare::{ALLOWED_PERCENT, Baseline, Comparison, Counts};

fn counts(rows: &[(&str, u64)]) -> Counts {
    rows.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
}

#[test]
fn notices_a_path_that_is_five_percent_slower() {
    let before = counts(&[("parse", 4_000), ("protect", 9_000)]);
    let comparison = Comparison::new(&before, &counts(&[("parse", 4_000), ("protect", 9_450)]));
    assert!(!comparison.holds());
    let table = comparison.to_string();
    let worse: Vec<_> = table.lines().filter(|line| line.ends_with("WORSE")).collect();
    let [line] = worse[..] else { panic!("one path is worse:\n{table}") };
    let columns: Vec<_> = line.split_whitespace().collect();
    assert_eq!(columns, ["protect", "9000", "9450", "+5.00", "%", "WORSE"]);
}

#[test]
fn allows_what_is_within_the_bound_and_whatever_is_faster() {
    let before = counts(&[("parse", 10_000), ("protect", 10_000), ("mix", 10_000)]);
    let at_bound = 10_000 + (100.0 * ALLOWED_PERCENT) as u64;
    let now = counts(&[("parse", at_bound), ("protect", 2_000), ("mix", 10_000)]);
    assert!(Comparison::new(&before, &now).holds());
    let beyond = counts(&[("parse", at_bound + 1), ("protect", 2_000), ("mix", 10_000)]);
    assert!(!Comparison::new(&before, &beyond).holds());
}

#[test]
fn a_path_that_nobody_accepted_and_one_that_is_no_longer_counted_do_not_pass() {
    let before = counts(&[("parse", 100), ("mix", 100)]);
    let new = counts(&[("parse", 100), ("mix", 100), ("protect", 100)]);
    assert!(!Comparison::new(&before, &new).holds());
    let gone = Comparison::new(&before, &counts(&[("parse", 100)]));
    assert!(!gone.holds());
    assert!(gone.to_string().lines().any(|line| line.starts_with("mix") && line.ends_with("gone")));
    assert!(!Comparison::new(&before, &Counts::new()).holds(), "nothing was counted");
}

#[test]
fn the_table_is_read_as_it_was_written() {
    let mut table = Baseline::default();
    table.accept("rustc 1", &counts(&[("INVITE: parse, read", 4_000), ("mix", 7)]));
    table.accept("rustc 2", &counts(&[("mix", 8)]));
    assert_eq!(Baseline::parse(&table.to_string()), Ok(table.clone()));
    assert_eq!(table.of("rustc 1").unwrap().len(), 2);
    assert_eq!(table.of("rustc 2"), Some(counts(&[("mix", 8)])));
    assert_eq!(table.of("rustc 3"), None);
    assert!(Baseline::parse("rustc 1\tmix\tmany\n").is_err());
    assert!(Baseline::parse("mix 7\n").is_err());
}

#[test]
fn counts_of_another_toolchain_go_when_this_ones_change() {
    let mut table = Baseline::default();
    table.accept("rustc 1", &counts(&[("mix", 7)]));
    table.accept("rustc 2", &counts(&[("mix", 8)]));
    table.accept("rustc 2", &counts(&[("mix", 8)]));
    assert_eq!(table.of("rustc 1"), Some(counts(&[("mix", 7)])), "nothing has changed");
    table.accept("rustc 2", &counts(&[("mix", 9)]));
    assert_eq!((table.of("rustc 1"), table.of("rustc 2")), (None, Some(counts(&[("mix", 9)]))));
}

#[test]
fn the_committed_table_can_be_read_and_has_every_bench() {
    let text = std::fs::read_to_string("benches/guard/baseline.tsv").unwrap();
    assert!(Baseline::parse(&text).is_ok());
    for path in ["INVITE: parse", "transaction:", "AEAD_AES_256_GCM protect", "clean network"] {
        assert!(text.contains(path), "{path}");
    }
    for path in ["conference of 10", "PCMU encode", "G.722 decode", "Opus 32 kbit/s encode"] {
        assert!(text.contains(path), "{path}");
    }
}
