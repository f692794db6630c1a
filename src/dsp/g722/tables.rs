//! The tables of G.722 clause 6, and what follows from them: the quantizer's step and its inverse for
//! every logarithmic scale, and the code for every difference that is measured in steps.

/// Taps of either half of the quadrature mirror filters (table 11): the other half has them reversed.
pub const QMF: [i16; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// Decision levels of the lower band's encoder (table 14); a difference below the first has level 1.
const Q6: [i16; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];

/// What each code of the lower band stands for, in steps: 4, 5 and 6 of its bits (tables 17 and 18).
pub const QM4: [i16; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
/// See [`QM4`].
pub const QM5: [i16; 32] = [
    -280, -280, -23352, -17560, -14120, -11664, -9752, -8184, -6864, -5712, -4696, -3784, -2960,
    -2208, -1520, -880, 23352, 17560, 14120, 11664, 9752, 8184, 6864, 5712, 4696, 3784, 2960, 2208,
    1520, 880, 280, -280,
];
/// See [`QM4`].
pub const QM6: [i16; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
/// What each code of the higher band stands for, in steps.
pub const QM2: [i16; 4] = [-7408, -1616, 7408, 1616];

/// By how much each code of the lower band's upper 4 bits moves its scale (tables 19 and 20).
pub const WL: [i16; 16] =
    [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
/// By how much each code of the higher band moves its scale.
pub const WH: [i16; 4] = [798, -214, 798, -214];

/// The most that the scales grow to.
pub const SCALE_LOW_MAX: i32 = 18_432;
/// See [`SCALE_LOW_MAX`].
pub const SCALE_HIGH_MAX: i32 = 22_528;

/// A step of either band for every scale, `scale >> 6` (table 16 and block SCALE).
pub static STEP_LOW: [i16; (SCALE_LOW_MAX as usize >> 6) + 1] = steps(8);
/// See [`STEP_LOW`].
pub static STEP_HIGH: [i16; (SCALE_HIGH_MAX as usize >> 6) + 1] = steps(10);

/// `2^43 / STEP_LOW`, rounded up: multiplying by it and shifting divides exactly what
/// [`level_of`] divides.
pub static PER_STEP_LOW: [u64; STEP_LOW.len()] = inverses();

/// Code of a positive and of a negative difference by its quotient of [`level_of`].
static CODES: [[u8; QUOTIENT_MAX as usize + 1]; 2] = codes();

/// The last decision level: all above have one code.
const QUOTIENT_MAX: u32 = Q6[Q6.len() - 1] as u32;

const fn steps<const N: usize>(shift: i32) -> [i16; N] {
    const ILB: [i16; 32] = [
        2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774,
        2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838,
        3922, 4008,
    ];
    let mut table = [0; N];
    let mut at = 0;
    while at < N {
        let down = shift - (at as i32 >> 5);
        let mantissa = ILB[at & 31];
        table[at] = if down < 0 { mantissa << -down } else { mantissa >> down } << 2;
        at += 1;
    }
    table
}

const fn inverses() -> [u64; STEP_LOW.len()] {
    let steps: [i16; STEP_LOW.len()] = steps(8);
    let mut table = [0; STEP_LOW.len()];
    let mut at = 0;
    while at < table.len() {
        table[at] = (1u64 << 43).div_ceil(steps[at] as u64);
        at += 1;
    }
    table
}

const fn codes<const N: usize>() -> [[u8; N]; 2] {
    let mut table = [[0; N]; 2];
    let (mut quotient, mut level) = (0, 1);
    while quotient < N {
        while level <= Q6.len() && Q6[level - 1] as usize <= quotient {
            level += 1;
        }
        table[0][quotient] = 62 - level as u8;
        table[1][quotient] = if level < 3 { 64 - level as u8 } else { 34 - level as u8 };
        quotient += 1;
    }
    table
}

/// QUANTL: the 6-bit code of a difference from the prediction, at a step.
///
/// The recommendation looks for the first level with `magnitude < (level * step) >> 12`. The same is
/// `((magnitude + 1) << 12) - 1 < level * step`, and that a quotient which a table takes.
pub fn quantize_low(difference: i16, step: i16, per_step: u64) -> u8 {
    let negative = difference < 0;
    let magnitude = (if negative { !difference } else { difference }) as u32;
    let dividend = (((magnitude + 1) << 12) - 1).min(QUOTIENT_MAX * step as u32);
    let quotient = ((u64::from(dividend) * per_step) >> 43) as usize;
    CODES[usize::from(negative)][quotient.min(QUOTIENT_MAX as usize)]
}

/// QUANTH: the 2-bit code of a difference from the prediction, at a step.
pub fn quantize_high(difference: i16, step: i16) -> u8 {
    let negative = difference < 0;
    let magnitude = i32::from(if negative { !difference } else { difference });
    let small = magnitude < (564 * i32::from(step)) >> 12;
    u8::from(small) | if negative { 0 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the recommendation has it.
    fn searched(difference: i16, step: i16) -> u8 {
        let magnitude = i32::from(if difference < 0 { !difference } else { difference });
        let level = 1 + Q6
            .iter()
            .take_while(|&&q| magnitude >= (i32::from(q) * i32::from(step)) >> 12)
            .count() as u8;
        match (difference < 0, level) {
            (false, _) => 62 - level,
            (true, 1 | 2) => 64 - level,
            (true, _) => 34 - level,
        }
    }

    #[test]
    fn every_difference_at_every_step_has_the_code_that_the_search_finds() {
        for (&step, &per_step) in STEP_LOW.iter().zip(&PER_STEP_LOW) {
            for difference in (i16::MIN..=i16::MAX).step_by(7).chain(-400..=400) {
                assert_eq!(
                    quantize_low(difference, step, per_step),
                    searched(difference, step),
                    "{difference} at {step}"
                );
            }
        }
    }

    #[test]
    fn the_steps_begin_and_end_where_the_recommendation_says() {
        assert_eq!((STEP_LOW[0], STEP_HIGH[0]), (32, 8));
        assert_eq!((STEP_LOW[288], STEP_HIGH[352]), (16_384, 16_384));
    }
}
