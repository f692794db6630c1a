//! The little of SVG that plots need: a canvas, and axes with round numbers.

use std::fmt::Write;

/// Text that may stand in HTML and SVG, attributes too.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML 1.0 has no other control characters.
            '\t' | '\n' | '\r' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A drawing. Lengths in pixels of its own; the page scales it.
#[derive(Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    title: String,
    body: String,
}

/// Where a text stands against its point.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    /// Begins there.
    Start,
    /// Has its middle there.
    Middle,
    /// Ends there.
    End,
}

impl Svg {
    /// An empty drawing; `title` is read to those who cannot see it.
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        Self { width, height, title: title.to_owned(), body: String::new() }
    }

    /// A straight line of CSS class `class`.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (a, b, c, d) = (from.0, from.1, to.0, to.1);
        let _ = writeln!(
            self.body,
            "<line class=\"{class}\" x1=\"{a:.1}\" y1=\"{b:.1}\" x2=\"{c:.1}\" y2=\"{d:.1}\"/>"
        );
    }

    /// A rectangle; `hint` shows under the pointer.
    pub fn rect(&mut self, class: &str, at: (f64, f64), size: (f64, f64), hint: &str) {
        let (x, y, width, height) = (at.0, at.1, size.0.max(0.0), size.1.max(0.0));
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"><title>{}</title></rect>",
            escape(hint)
        );
    }

    /// A dot.
    pub fn dot(&mut self, class: &str, at: (f64, f64)) {
        let (x, y) = at;
        let _ =
            writeln!(self.body, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>");
    }

    /// A line through points.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut d = String::new();
        for (number, (x, y)) in points.iter().enumerate() {
            let _ = write!(d, "{}{x:.1} {y:.1}", if number == 0 { "M" } else { "L" });
        }
        let _ = writeln!(self.body, "<path class=\"{class}\" d=\"{d}\"/>");
    }

    /// A text.
    pub fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y) = at;
        let _ = writeln!(
            self.body,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        );
    }

    /// The drawing as an element of a page.
    pub fn finish(self) -> String {
        let (width, height, title) = (self.width, self.height, escape(&self.title));
        format!(
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
             <title>{title}</title>\n{}</svg>\n",
            self.body
        )
    }
}

/// A scale of values along a stretch of the drawing.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Values `low` to `high` lie between the places `from` and `to`.
    pub fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self { low, high, from, to }
    }

    /// The place of a value; outside values lie at the ends.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// About `count` round values on the scale.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        let step = round_step((self.high - self.low) / count.max(1) as f64);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last.min(first + 100)).map(|n| n as f64 * step).collect()
    }
}

/// A number as short as it can be told apart from its neighbours.
pub fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// 1, 2 or 5 times a power of ten, not less than `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.max(1e-9).log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= step * 0.999).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_lie_on_the_scale() {
        assert_eq!(Scale::new(0.0, 10.0, 0.0, 1.0).ticks(5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        let ticks = Scale::new(61.3, 82.9, 0.0, 1.0).ticks(4);
        assert_eq!(ticks, [70.0, 80.0]);
        assert_eq!(Scale::new(5.0, 5.0, 0.0, 1.0).ticks(2).len(), 3, "one value has a scale too");
    }

    #[test]
    fn places_run_from_end_to_end() {
        let scale = Scale::new(10.0, 20.0, 100.0, 0.0);
        assert_eq!([10.0, 15.0, 20.0, 99.0].map(|v| scale.at(v)), [100.0, 50.0, 0.0, 0.0]);
    }

    #[test]
    fn strange_text_cannot_leave_its_place() {
        assert_eq!(escape("<a & \"b'\u{1b}>"), "&lt;a &amp; &quot;b&#39;\u{fffd}&gt;");
    }

    #[test]
    fn numbers_are_short() {
        let told = [1234.56, 99.96, 61.25, 0.5, 3.0, -0.1234].map(number);
        assert_eq!(told, ["1235", "100", "61.2", "0.5", "3", "-0.123"]);
    }
}
