//! All rows, in the order in which they are measured and printed.

use super::{
    figure::Row,
    idle::Idle,
    jitter::Jitter,
    load::{CONFERENCE_40, G722_100, OPUS_30, PCMU_1, PCMU_100, PCMU_500, TURN_OPUS, TURN_PCMU},
    most::Most,
    signalling::{Calls, Churn, Invite},
    srtp::Srtp,
};

/// The rows.
pub const ROWS: [&dyn Row; 15] = [
    &PCMU_1,
    &PCMU_100,
    &PCMU_500,
    &Most,
    &Srtp,
    &G722_100,
    &OPUS_30,
    &CONFERENCE_40,
    &TURN_PCMU,
    &TURN_OPUS,
    &Jitter,
    &Invite,
    &Calls,
    &Churn,
    &Idle,
];

/// The index of the row of that name.
pub fn index(name: &str) -> Result<usize, String> {
    ROWS.iter().position(|row| row.name() == name).ok_or_else(|| {
        let known: Vec<&str> = ROWS.iter().map(|row| row.name()).collect();
        format!("known are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_of_its_own_and_figures() {
        for (at, row) in ROWS.iter().enumerate() {
            assert_eq!(index(row.name()), Ok(at));
            assert!(!row.figures().is_empty(), "{}", row.name());
        }
        assert!(index("pcmu").unwrap_err().contains("pcmu-100"));
    }
}
