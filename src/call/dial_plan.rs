//! What a user dials, made into what is called: a dial plan as desk phones have it, numbers in one
//! form, `tel:` URIs (RFC 3966).
//!
//! A plan is rules between bars, the first that fits the whole number decides; a number that none
//! fits goes out as it is:
//!
//! ```text
//! ( <0:+49>[1-9]x. | <:+4930>[2-9]xxxxx. | *xx. | 112 | 0900x.! )
//! ```
//!
//! `0`-`9 * # +` and letters stand for themselves, `x` for any digit, `[2-46]` for one of a set, a
//! point repeats what is before it, also not at all. `<a:b>` takes `a` and calls `b` instead; `!` at
//! the end bars the number. Commas (a second dial tone) and a closing `S0` or `T` are for phones
//! with keys, and are passed over.

use std::fmt;

use crate::proto::sip::wire::text;

/// How an account's numbers are dialled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialPlan {
    /// The rules, in order.
    rules: Vec<Rule>,
    /// How numbers are written before the rules see them.
    pub numbers: NumberForm,
}

/// One form for numbers, whatever way they are written. Empty parts do nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberForm {
    /// Country code, `49`. With it, national numbers become `+49…`.
    pub country_code: String,
    /// What is dialled before a number of another country, `00`; it becomes `+`.
    pub international_prefix: String,
    /// What is dialled before a number of another area, `0`. Needs `country_code`.
    pub national_prefix: String,
    /// What goes out for the leading `+`, for exchanges that do not take one: `00`, `011`.
    pub plus: String,
}

/// What is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialled {
    /// An address, as it was given.
    Address(String),
    /// A number: the user part of a URI at the account's domain, escapes not yet made.
    Number {
        /// The number, with the parameters of a `tel:` URI.
        user: String,
        /// It came as `tel:`, so the URI says `user=phone` (RFC 3261 §19.1.6).
        phone: bool,
    },
    /// A rule bars it.
    Barred,
}

/// Why a plan cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// A rule has something that none may have, at this byte of it.
    Rule {
        /// The rule.
        rule: String,
        /// Where.
        at: usize,
    },
    /// More rules, or a longer one, than is taken.
    TooLong,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::Rule { rule, at } => {
                write!(f, "the rule \"{rule}\" cannot be read at character {at}")
            }
            PlanError::TooLong => {
                write!(f, "more than {MOST_RULES} rules or {MOST_ELEMENTS} elements in one")
            }
        }
    }
}

impl std::error::Error for PlanError {}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    elements: Vec<Element>,
    barred: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Element {
    takes: Takes,
    /// Any number of times, also none.
    repeats: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Takes {
    /// One of these characters, which is called.
    OneOf(Vec<(char, char)>),
    /// These characters, in whose place others are called.
    Instead { dialled: String, called: String },
}

impl DialPlan {
    /// Reads the rules; an empty text has none.
    pub fn parse(plan: &str) -> Result<Self, PlanError> {
        let plan = plan.trim();
        let plan = plan.strip_prefix('(').and_then(|p| p.strip_suffix(')')).unwrap_or(plan);
        let rules: Vec<&str> = plan.split('|').map(str::trim).filter(|r| !r.is_empty()).collect();
        if rules.len() > MOST_RULES {
            return Err(PlanError::TooLong);
        }
        let rules = rules.into_iter().map(Rule::parse).collect::<Result<_, _>>()?;
        Ok(Self { rules, numbers: NumberForm::default() })
    }

    /// The same with numbers in one form.
    pub fn with_numbers(mut self, numbers: NumberForm) -> Self {
        self.numbers = numbers;
        self
    }

    /// What is called when `text` is dialled.
    pub fn apply(&self, text: &str) -> Dialled {
        let text = text.trim();
        let (number, params, phone) = match tel(text) {
            Some((number, params)) => (number, params, true),
            None if text.contains(['@', ':']) => return Dialled::Address(text.to_owned()),
            None => match number(text) {
                Some(number) => (number, String::new(), false),
                // A name: the rules are for numbers.
                None => return Dialled::Number { user: text.to_owned(), phone: false },
            },
        };
        let number = self.numbers.normalize(&number);
        let called = match self.rules.iter().find_map(|rule| Some((rule, rule.call(&number)?))) {
            Some((rule, _)) if rule.barred => return Dialled::Barred,
            Some((_, called)) => called,
            None => number,
        };
        Dialled::Number { user: format!("{}{params}", self.numbers.written(&called)), phone }
    }
}

impl NumberForm {
    fn normalize(&self, number: &str) -> String {
        let behind = |prefix: &str| number.strip_prefix(prefix).filter(|_| !prefix.is_empty());
        if let Some(rest) = behind(&self.international_prefix) {
            return format!("+{rest}");
        }
        match behind(&self.national_prefix) {
            Some(rest) if !self.country_code.is_empty() => format!("+{}{rest}", self.country_code),
            _ => number.to_owned(),
        }
    }

    fn written(&self, number: &str) -> String {
        match number.strip_prefix('+') {
            Some(rest) if !self.plus.is_empty() => format!("{}{rest}", self.plus),
            _ => number.to_owned(),
        }
    }
}

/// A `tel:` URI: its number, made global by its context, and the other parameters as written.
fn tel(text: &str) -> Option<(String, String)> {
    let (scheme, rest) = text.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("tel") {
        return None;
    }
    let (subscriber, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let mut number = number(subscriber)?;
    let mut kept = String::new();
    for param in params.split(';').filter(|param| !param.is_empty()) {
        match param.split_once('=') {
            // RFC 3966 §5.1.5: a context that is a number stands before a local number.
            Some((name, context))
                if name.eq_ignore_ascii_case("phone-context")
                    && context.starts_with('+')
                    && !number.starts_with('+') =>
            {
                number = format!("{}{number}", self::number(context)?);
            }
            _ => kept.push_str(&format!(";{param}")),
        }
    }
    Some((number, kept))
}

/// A number without visual separators (RFC 3966 §5.1.1); `None` for what is none.
fn number(text: &str) -> Option<String> {
    let bare: String =
        text.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')' | '/' | ' ')).collect();
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
    let fits = !digits.is_empty() && digits.len() <= MOST_DIGITS && digits.chars().all(dialled);
    (fits && digits.contains(|c: char| c.is_ascii_digit())).then_some(bare)
}

impl Rule {
    fn parse(text: &str) -> Result<Self, PlanError> {
        let mut rest = text;
        let mut rule = Self { elements: Vec::new(), barred: false };
        let wrong = |rest: &str| PlanError::Rule {
            rule: text::single_line(text),
            at: text.len() - rest.len(),
        };
        while let Some(c) = rest.chars().next() {
            let behind = &rest[c.len_utf8()..];
            if rule.barred || rule.elements.len() >= MOST_ELEMENTS {
                return Err(if rule.barred { wrong(rest) } else { PlanError::TooLong });
            }
            rest = match c {
                ' ' | ',' => behind,
                '.' => {
                    let last = rule.elements.last_mut().ok_or_else(|| wrong(rest))?;
                    if matches!(last.takes, Takes::Instead { .. }) {
                        return Err(wrong(rest));
                    }
                    last.repeats = true;
                    behind
                }
                '!' => {
                    rule.barred = true;
                    behind
                }
                'S' if behind.trim() == "0" => "",
                'T' if behind.trim().is_empty() => "",
                '[' => {
                    let (set, behind) = behind.split_once(']').ok_or_else(|| wrong(rest))?;
                    rule.push(Takes::OneOf(read_set(set).ok_or_else(|| wrong(rest))?));
                    behind
                }
                '<' => {
                    let (both, behind) = behind.split_once('>').ok_or_else(|| wrong(rest))?;
                    let (dialled, called) = both.split_once(':').unwrap_or((both, ""));
                    if !(dialled.chars().all(is_dialled) && called.chars().all(is_dialled)) {
                        return Err(wrong(rest));
                    }
                    let (dialled, called) = (dialled.to_owned(), called.to_owned());
                    rule.push(Takes::Instead { dialled, called });
                    behind
                }
                'x' | 'X' => {
                    rule.push(Takes::OneOf(vec![('0', '9')]));
                    behind
                }
                c if is_dialled(c) => {
                    rule.push(Takes::OneOf(vec![(c, c)]));
                    behind
                }
                _ => return Err(wrong(rest)),
            };
        }
        Ok(rule)
    }

    fn push(&mut self, takes: Takes) {
        self.elements.push(Element { takes, repeats: false });
    }

    /// What is called when the whole of `number` fits.
    fn call(&self, number: &str) -> Option<String> {
        let mut called = String::new();
        let mut steps = MOST_STEPS;
        fit(&self.elements, number, &mut called, &mut steps).then_some(called)
    }
}

/// Fits the elements to the whole of `number`, taking as much as possible first; gives up after so
/// many steps, which only a rule with many points needs.
fn fit(elements: &[Element], number: &str, called: &mut String, steps: &mut u32) -> bool {
    let Some((element, rest)) = elements.split_first() else { return number.is_empty() };
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    let length = called.len();
    match &element.takes {
        Takes::Instead { dialled, called: instead } => {
            let Some(behind) = number.strip_prefix(dialled.as_str()) else { return false };
            called.push_str(instead);
            if fit(rest, behind, called, steps) {
                return true;
            }
        }
        Takes::OneOf(set) => {
            let first = number.chars().next();
            let first = first.filter(|c| set.iter().any(|(low, high)| (low..=high).contains(&c)));
            if let Some(first) = first {
                called.push(first);
                let next = if element.repeats { elements } else { rest };
                if fit(next, &number[first.len_utf8()..], called, steps) {
                    return true;
                }
                called.truncate(length);
            }
            if element.repeats && fit(rest, number, called, steps) {
                return true;
            }
        }
    }
    called.truncate(length);
    false
}

fn read_set(set: &str) -> Option<Vec<(char, char)>> {
    let mut ranges = Vec::new();
    let mut chars = set.chars().peekable();
    while let Some(low) = chars.next() {
        let high = match chars.peek() {
            Some('-') => {
                chars.next();
                chars.next()?
            }
            _ => low,
        };
        if !is_dialled(low) || !is_dialled(high) || low > high {
            return None;
        }
        ranges.push((low, high));
    }
    (!ranges.is_empty()).then_some(ranges)
}

fn is_dialled(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+')
}

/// Most rules of a plan.
const MOST_RULES: usize = 256;
/// Most elements of a rule.
const MOST_ELEMENTS: usize = 64;
/// Longest number; E.164 has 15 digits, feature codes add some.
const MOST_DIGITS: usize = 64;
/// Steps that a rule is tried for: enough for any number and two points.
const MOST_STEPS: u32 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(plan: &DialPlan, dialled: &str) -> String {
        match plan.apply(dialled) {
            Dialled::Address(address) => address,
            Dialled::Number { user, phone } => {
                if phone {
                    format!("{user};user=phone")
                } else {
                    user
                }
            }
            Dialled::Barred => "barred".into(),
        }
    }

    #[test]
    fn the_first_rule_that_fits_the_whole_number_decides() {
        let text = "(<0:+49>[1-9]x.|<:+4930>[2-9]xxxxx.|*xx.|112|0900x.!|[1-35]xx|<9:>[0-9].S0)";
        let plan = DialPlan::parse(text).unwrap();
        for (dialled, called) in [
            ("030123456", "+4930123456"),
            ("0 30 / 12-34.56", "+4930123456"),
            ("234567", "+4930234567"),
            ("*98123", "*98123"),
            ("*9", "*9"),
            ("112", "112"),
            ("0900123", "+49900123"),
            ("00112", "00112"),
            ("301", "301"),
            ("9112", "112"),
            ("#31#", "#31#"),
            ("al", "al"),
            ("sip:200@h;transport=tcp", "sip:200@h;transport=tcp"),
            ("200@h", "200@h"),
        ] {
            assert_eq!(calls(&plan, dialled), called, "{dialled}");
        }
        let plan = DialPlan::parse("0900x.!|x.").unwrap();
        assert_eq!(plan.apply("0900123"), Dialled::Barred);
    }

    #[test]
    fn numbers_are_brought_into_one_form() {
        let numbers = NumberForm {
            country_code: "49".into(),
            international_prefix: "00".into(),
            national_prefix: "0".into(),
            plus: String::new(),
        };
        let plan = DialPlan::default().with_numbers(numbers.clone());
        for (dialled, called) in [
            ("0049 30 1234", "+49301234"),
            ("(030) 1234", "+49301234"),
            ("+43 1 234", "+431234"),
            ("200", "200"),
        ] {
            assert_eq!(calls(&plan, dialled), called, "{dialled}");
        }
        let plan = DialPlan::default().with_numbers(NumberForm { plus: "00".into(), ..numbers });
        assert_eq!(calls(&plan, "(030) 1234"), "0049301234");
    }

    #[test]
    fn tel_uris_become_users_with_their_parameters() {
        let plan = DialPlan::default();
        for (dialled, called) in [
            ("tel:+1-201-555-0123", "+12015550123;user=phone"),
            ("TEL:7042;phone-context=example.com", "7042;phone-context=example.com;user=phone"),
            ("tel:863-1234;phone-context=+1-914-555", "+19145558631234;user=phone"),
            ("tel:+49301;ext=12;isub=3", "+49301;ext=12;isub=3;user=phone"),
        ] {
            assert_eq!(calls(&plan, dialled), called, "{dialled}");
        }
        assert_eq!(plan.apply("tel:abc"), Dialled::Address("tel:abc".into()));
    }

    #[test]
    fn plans_that_cannot_be_read_say_where() {
        let at = |text: &str| match DialPlan::parse(text) {
            Err(PlanError::Rule { at, .. }) => at,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(at("1|2?"), 1);
        assert_eq!(at("12[3"), 2);
        assert_eq!(at("[5-2]"), 0);
        assert_eq!(at("."), 0);
        assert_eq!(at("<1:2>."), 5);
        assert_eq!(at("<1:é>"), 0);
        assert_eq!(at("1!2"), 2);
        assert_eq!(DialPlan::parse(&"1|".repeat(300)), Err(PlanError::TooLong));
        assert_eq!(DialPlan::parse(&"1".repeat(65)), Err(PlanError::TooLong));
        assert_eq!(DialPlan::parse(" "), Ok(DialPlan::default()));
    }

    #[test]
    fn a_rule_of_points_gives_up_in_bounded_time() {
        let plan = DialPlan::parse(&format!("{}#", "x.".repeat(30))).unwrap();
        let number = "1".repeat(64);
        assert_eq!(calls(&plan, &number), number);
    }
}
