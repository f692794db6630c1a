//! The E-model (ITU-T G.107): R and MOS out of delay and loss, all other parameters at their
//! defaults and echo perfectly cancelled.
//!
//! ```text
//!   R = 93.2 - Idd(Ta) - Ie,eff(Ie, Bpl, Ppl, BurstR)        MOS = Annex B of R
//! ```

use crate::base::plan::CodecKind;

/// How a codec suffers: impairment without loss, and robustness against it (G.113 Appendix I).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impairment {
    /// Equipment impairment factor Ie.
    pub ie: f64,
    /// Packet-loss robustness factor Bpl.
    pub bpl: f64,
}

impl Impairment {
    /// Of a codec with the concealment that we have. G.113 gives G.711 with Appendix I's; it has no
    /// figures for Opus, which conceals at least as well, so the same stand for it.
    pub fn of(_codec: CodecKind) -> Self {
        Self { ie: 0.0, bpl: 25.1 }
    }
}

/// What a call suffers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// One-way delay Ta, mouth to ear, ms.
    pub delay_ms: f64,
    /// Loss at the decoder Ppl, percent.
    pub loss_percent: f64,
    /// Burst ratio: 1 for independent losses, more for bursts.
    pub burst_ratio: f64,
}

/// R factor; may fall below 0.
pub fn r_factor(codec: Impairment, conditions: Conditions) -> f64 {
    DEFAULT_R - delay_impairment(conditions.delay_ms) - loss_impairment(codec, conditions)
}

/// MOS of an R factor (Annex B), 1 to 4.5.
pub fn mos(r: f64) -> f64 {
    if r <= 0.0 {
        return 1.0;
    }
    if r >= 100.0 {
        return 4.5;
    }
    1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6
}

/// Idd (§7.4): nothing up to 100 ms.
fn delay_impairment(delay_ms: f64) -> f64 {
    if delay_ms <= 100.0 {
        return 0.0;
    }
    let x = (delay_ms / 100.0).log2();
    let root = |x: f64| (1.0 + x.powi(6)).powf(1.0 / 6.0);
    25.0 * (root(x) - 3.0 * root(x / 3.0) + 2.0)
}

/// Ie,eff (§7.5).
fn loss_impairment(codec: Impairment, conditions: Conditions) -> f64 {
    let loss = conditions.loss_percent.clamp(0.0, 100.0);
    let burst = conditions.burst_ratio.max(1.0);
    codec.ie + (95.0 - codec.ie) * loss / (loss / burst + codec.bpl)
}

/// R0 - Is + A with every parameter at its default (table 3 of G.107).
const DEFAULT_R: f64 = 93.2;

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = include_str!("../../tests/vectors/emodel/emodel.tsv");
    const MOS: &str = include_str!("../../tests/vectors/emodel/r_to_mos.tsv");

    #[test]
    fn meets_the_tables_within_their_tolerance() {
        let mut rows = 0;
        for row in TABLE.lines().filter(|row| !row.starts_with(['#', 'c'])) {
            let fields: Vec<&str> = row.split('\t').collect();
            let number = |at: usize| fields[at].parse::<f64>().unwrap();
            let codec = Impairment { ie: number(1), bpl: number(2) };
            let conditions =
                Conditions { delay_ms: number(3), loss_percent: number(4), burst_ratio: number(5) };
            let r = r_factor(codec, conditions);
            assert!((r - number(6)).abs() <= 0.2, "{row}: R is {r}");
            assert!((mos(r) - number(7)).abs() <= 0.02, "{row}: MOS is {}", mos(r));
            rows += 1;
        }
        assert_eq!(rows, 270);
    }

    #[test]
    fn mos_follows_annex_b() {
        for row in MOS.lines().filter(|row| !row.starts_with(['#', 'R'])) {
            let (r, expected) = row.split_once('\t').unwrap();
            let (r, expected): (f64, f64) = (r.parse().unwrap(), expected.parse().unwrap());
            assert!((mos(r) - expected).abs() <= 0.02, "{row}");
        }
        assert_eq!((mos(-20.0), mos(120.0)), (1.0, 4.5));
    }
}
