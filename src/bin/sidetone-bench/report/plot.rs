//! Plots of a distribution: shares below a value, values over time, how many of each, and the parts
//! of a whole. Each is an SVG element of the page's colours.

use serde_json::{Map, Value};

use super::{
    samples,
    svg::{Anchor, Scale, Svg, number},
    words,
};

/// The share of measurements that are not above each value, with p50, p95, p99 and max marked.
pub fn cumulative(title: &str, unit: &str, summary: &Value) -> Option<String> {
    let (mut values, _) = samples::of(summary);
    values.sort_by(f64::total_cmp);
    let (first, last) = (*values.first()?, *values.last()?);
    let marks = marks(summary);
    let (high, beyond) = cut(first, last, &marks);
    let x = Scale::new(first, high, LEFT, WIDTH - RIGHT);
    let y = Scale::new(0.0, 100.0, HEIGHT - BOTTOM, TOP);
    let mut svg = Svg::new(WIDTH, HEIGHT, &format!("{title}: cumulative distribution"));
    axes(&mut svg, (&x, unit), (&y, "%"));
    let steps = values.len().min(MOST_POINTS);
    let rank = |step: usize| step * (values.len() - 1) / (steps - 1).max(1);
    let mut points = vec![(x.at(first), y.at(0.0))];
    let mut share = y.at(0.0);
    for at in (0..steps).map(rank).take_while(|&at| values[at] <= high) {
        let place = x.at(values[at]);
        points.push((place, share));
        share = y.at(100.0 * (at + 1) as f64 / values.len() as f64);
        points.push((place, share));
    }
    svg.path("curve", &points);
    for (row, (name, value)) in marks.iter().enumerate() {
        let beyond = beyond && *value > high;
        let label =
            format!("{name} {}{}", number(*value), if beyond { " (beyond the axis)" } else { "" });
        mark(&mut svg, &x, *value, row, &label);
    }
    Some(svg.finish())
}

/// Values in the order in which they were measured, over time where that is known.
pub fn over_time(title: &str, unit: &str, summary: &Value) -> Option<String> {
    let (values, times) = samples::of(summary);
    if values.len() < 3 {
        return None;
    }
    let timed = times.is_some();
    let times = times.unwrap_or_else(|| (1..=values.len()).map(|n| n as f64).collect());
    let (low, high) = range(&values);
    let x = Scale::new(times[0], times[times.len() - 1], LEFT, WIDTH - RIGHT);
    // Values that lie close together far from nothing would be one line above it.
    let low = if low < high && low > high * CLOSE { low } else { low.min(0.0) };
    let y = Scale::new(low, high, HEIGHT - BOTTOM, TOP_PLAIN);
    let mut svg = Svg::new(WIDTH, HEIGHT, &format!("{title}: over time"));
    let below = if timed { "s" } else { "measurement" };
    axes(&mut svg, (&x, below), (&y, unit));
    if values.len() <= MOST_POINTS {
        for (time, value) in times.iter().zip(&values) {
            svg.dot("dot", (x.at(*time), y.at(*value)));
        }
        return Some(svg.finish());
    }
    // More than can be told apart: least to most in each stretch, and the middle as a line.
    let mut middles = Vec::new();
    let stretch = values.len().div_ceil(MOST_POINTS / 2);
    for (times, values) in times.chunks(stretch).zip(values.chunks(stretch)) {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = x.at(times[times.len() / 2]);
        svg.line("band", (at, y.at(sorted[0])), (at, y.at(sorted[sorted.len() - 1])));
        middles.push((at, y.at(sorted[sorted.len() / 2])));
    }
    svg.path("curve", &middles);
    Some(svg.finish())
}

/// How many measurements lie in each of forty stretches, with p50 to max marked.
pub fn histogram(title: &str, unit: &str, summary: &Value) -> Option<String> {
    let (values, _) = samples::of(summary);
    if values.is_empty() {
        return None;
    }
    let marks = marks(summary);
    let (first, last) = range(&values);
    let (high, beyond) = cut(first, last, &marks);
    let x = Scale::new(first, high, LEFT, WIDTH - RIGHT);
    let width = (high - first).max(f64::MIN_POSITIVE) / BINS as f64;
    let mut counts = [0usize; BINS];
    for value in values.iter().filter(|value| **value <= high) {
        let bin = ((value - first) / width) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or(1) as f64;
    let y = Scale::new(0.0, most, HEIGHT - BOTTOM, TOP);
    let mut svg = Svg::new(WIDTH, HEIGHT, &format!("{title}: histogram"));
    axes(&mut svg, (&x, unit), (&y, "count"));
    let pixels = (WIDTH - RIGHT - LEFT) / BINS as f64;
    for (bin, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (low, high) = (first + bin as f64 * width, first + (bin + 1) as f64 * width);
        let hint = format!("{} to {} {unit}: {count}", number(low), number(high));
        let top = y.at(*count as f64);
        let at = (LEFT + bin as f64 * pixels, top);
        svg.rect("bar", at, (pixels - 1.0, HEIGHT - BOTTOM - top), &hint);
    }
    for (row, (name, value)) in marks.iter().enumerate() {
        let beyond = beyond && *value > high;
        let label =
            format!("{name} {}{}", number(*value), if beyond { " (beyond the axis)" } else { "" });
        mark(&mut svg, &x, *value, row, &label);
    }
    Some(svg.finish())
}

/// The parts of a whole as stacked bars: those of the measurements whose wholes are the median, p95,
/// p99 and max. Parts of one measurement add up, percentiles of parts do not.
pub fn stacked(title: &str, unit: &str, parts: &Map<String, Value>) -> Option<String> {
    let mut parts: Vec<(usize, String, Vec<f64>)> = parts
        .iter()
        .enumerate()
        .map(|(number, (name, part))| {
            let (colour, title) = words::hop(name)
                .map_or((number, name.clone()), |(at, title)| (at, title.to_owned()));
            (colour, title, samples::of(part).0)
        })
        .collect();
    parts.sort_by_key(|(colour, ..)| *colour);
    let count = parts.first()?.2.len();
    if count == 0 || parts.iter().any(|(_, _, values)| values.len() != count) {
        return None;
    }
    let whole = |at: usize| parts.iter().map(|(_, _, values)| values[at]).sum::<f64>();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| whole(*a).total_cmp(&whole(*b)));
    let rows = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)];
    let height = STACK_TOP + rows.len() as f64 * STACK_ROW + BOTTOM;
    let mut svg = Svg::new(WIDTH, height, &format!("{title}: parts of the whole"));
    let x = Scale::new(0.0, whole(order[count - 1]), LEFT, WIDTH - STACK_RIGHT);
    for tick in x.ticks(6) {
        svg.line("grid", (x.at(tick), STACK_TOP), (x.at(tick), height - BOTTOM));
        svg.text("axis", (x.at(tick), height - BOTTOM + 16.0), Anchor::Middle, &number(tick));
    }
    svg.text("axis", (WIDTH - STACK_RIGHT, height - 4.0), Anchor::End, unit);
    let mut at = LEFT;
    for (colour, name, _) in &parts {
        svg.rect(&format!("hop{}", colour % COLOURS), (at, 8.0), (12.0, 12.0), name);
        svg.text("label", (at + 17.0, 18.5), Anchor::Start, name);
        at += 32.0 + 6.6 * name.chars().count() as f64;
    }
    for (row, (label, share)) in rows.iter().enumerate() {
        let chosen = order[((count - 1) as f64 * share).round() as usize];
        let top = STACK_TOP + row as f64 * STACK_ROW + 4.0;
        svg.text("label", (LEFT - 8.0, top + 16.0), Anchor::End, label);
        let mut so_far = 0.0;
        for (colour, name, values) in &parts {
            let (from, to) = (x.at(so_far), x.at(so_far + values[chosen]));
            let hint = format!("{name}: {} {unit}", number(values[chosen]));
            // A gap of a pixel and a half keeps neighbours apart.
            let size = (to - from - 1.5, STACK_ROW - 8.0);
            svg.rect(&format!("hop{}", colour % COLOURS), (from, top), size, &hint);
            if to - from > 34.0 {
                let middle = ((from + to) / 2.0, top + 16.0);
                svg.text("inside", middle, Anchor::Middle, &number(values[chosen]));
            }
            so_far += values[chosen];
        }
        svg.text("label", (x.at(so_far) + 6.0, top + 16.0), Anchor::Start, &number(so_far));
    }
    Some(svg.finish())
}

fn marks(summary: &Value) -> Vec<(&'static str, f64)> {
    let value = |name: &'static str| Some((name, summary.get(name)?.as_f64()?));
    super::figures::STATISTICS.into_iter().filter_map(value).collect()
}

/// Where the axis of values ends, and whether that cuts values off: one straggler must not press
/// all others into a corner.
fn cut(first: f64, last: f64, marks: &[(&str, f64)]) -> (f64, bool) {
    let p99 = marks.iter().find(|(name, _)| *name == "p99").map_or(last, |(_, value)| *value);
    let enough = first + 2.0 * (p99 - first);
    if p99 > first && last > first + 4.0 * (p99 - first) { (enough, true) } else { (last, false) }
}

fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// A line at a value, and its label in a row of its own above the plot.
fn mark(svg: &mut Svg, x: &Scale, value: f64, row: usize, label: &str) {
    let at = x.at(value);
    let top = 12.0 + row as f64 * 14.0;
    svg.line("mark", (at, top + 3.0), (at, HEIGHT - BOTTOM));
    let right = at > WIDTH * 0.6;
    let (anchor, place) = if right { (Anchor::End, at - 4.0) } else { (Anchor::Start, at + 4.0) };
    svg.text("label", (place, top + 6.0), anchor, label);
}

fn axes(svg: &mut Svg, x: (&Scale, &str), y: (&Scale, &str)) {
    for tick in y.0.ticks(4) {
        let at = y.0.at(tick);
        svg.line("grid", (LEFT, at), (WIDTH - RIGHT, at));
        svg.text("axis", (LEFT - 6.0, at + 4.0), Anchor::End, &number(tick));
    }
    for tick in x.0.ticks(6) {
        let place = (x.0.at(tick), HEIGHT - BOTTOM + 16.0);
        svg.text("axis", place, Anchor::Middle, &number(tick));
    }
    svg.line("base", (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM));
    svg.text("axis", (WIDTH - RIGHT, HEIGHT - 4.0), Anchor::End, x.1);
    svg.text("axis", (4.0, 10.0), Anchor::Start, y.1);
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 14.0;
const BOTTOM: f64 = 34.0;
/// Room for four rows of marks.
const TOP: f64 = 68.0;
/// Without marks.
const TOP_PLAIN: f64 = 18.0;
const STACK_TOP: f64 = 30.0;
const STACK_ROW: f64 = 32.0;
/// Room for the whole beside its bar.
const STACK_RIGHT: f64 = 60.0;
/// Points beyond which a curve is thinned and dots become bands.
const MOST_POINTS: usize = 600;
const BINS: usize = 40;
/// The axis begins at the least value, and not at nothing, where that is this share of the greatest.
const CLOSE: f64 = 0.8;
/// Colours for parts, in `page.css`.
const COLOURS: usize = 6;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::{series, summary};

    fn parsed(svg: &str) -> roxmltree::Document<'_> {
        roxmltree::Document::parse(svg).expect("well-formed")
    }

    fn with_class(document: &roxmltree::Document<'_>, class: &str) -> Vec<String> {
        let nodes = document.descendants().filter(|n| n.attribute("class") == Some(class));
        nodes
            .map(|n| n.text().or(n.attribute("d")).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    }

    #[test]
    fn the_curve_rises_to_all_and_the_percentiles_are_marked() {
        let values: Vec<f64> = (1..=1000).map(f64::from).collect();
        let svg = cumulative("delay", "ms", &summary(&values)).unwrap();
        let document = parsed(&svg);
        let labels = with_class(&document, "label");
        assert_eq!(labels, ["p50 501", "p95 950", "p99 990", "max 1000"]);
        let curve = &with_class(&document, "curve")[0];
        assert!(curve.ends_with(&format!("L{:.1} {TOP:.1}", WIDTH - RIGHT)), "{curve}");
        let heights: Vec<f64> = curve[1..]
            .split('L')
            .map(|point| point.split(' ').nth(1).unwrap().parse().unwrap())
            .collect();
        assert!(heights.windows(2).all(|pair| pair[1] <= pair[0]), "never falls");
    }

    #[test]
    fn a_straggler_is_named_but_does_not_stretch_the_axis() {
        let mut values: Vec<f64> = (0..1000).map(|n| f64::from(n) / 100.0).collect();
        values.push(500.0);
        let svg = histogram("spacing", "ms", &summary(&values)).unwrap();
        let document = parsed(&svg);
        assert_eq!(with_class(&document, "label")[3], "max 500 (beyond the axis)");
        let bars = document.descendants().filter(|n| n.attribute("class") == Some("bar"));
        let counted: usize = bars
            .filter_map(|bar| bar.first_element_child()?.text()?.rsplit(' ').next()?.parse().ok())
            .collect::<Vec<usize>>()
            .iter()
            .sum();
        assert_eq!(counted, 1000);
    }

    #[test]
    fn values_that_lie_close_together_are_told_apart() {
        let close = series(&[(0.0, 19.9), (1.0, 20.0), (2.0, 20.2)]);
        let svg = over_time("interval", "ms", &close).unwrap();
        let document = parsed(&svg);
        let heights: Vec<f64> = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("dot"))
            .filter_map(|node| node.attribute("cy")?.parse().ok())
            .collect();
        assert_eq!(heights.len(), 3);
        assert!(heights[0] - heights[2] > 0.9 * (HEIGHT - BOTTOM - TOP_PLAIN), "{heights:?}");
    }

    #[test]
    fn few_values_are_dots_and_many_a_band() {
        let few = series(&[(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]);
        let few = over_time("delay", "ms", &few).unwrap();
        assert_eq!(with_class(&parsed(&few), "dot").len(), 3);
        let many: Vec<f64> = (0..5_000).map(|n| f64::from(n % 7)).collect();
        let many = over_time("delay", "ms", &summary(&many)).unwrap();
        assert!(with_class(&parsed(&many), "dot").is_empty());
        assert!(with_class(&parsed(&many), "band").len() > 200);
        assert_eq!(over_time("delay", "ms", &summary(&[1.0, 2.0])), None);
    }

    #[test]
    fn parts_of_one_measurement_are_stacked_in_the_order_of_the_way() {
        let parts = json!({
            "playout": summary(&[5.0, 50.0, 1.0]),
            "capture": summary(&[1.0, 2.0, 3.0]),
            "network": summary(&[10.0, 20.0, 30.0]),
        });
        let svg = stacked("hops", "ms", parts.as_object().unwrap()).unwrap();
        let document = parsed(&svg);
        let labels = with_class(&document, "label");
        assert_eq!(labels[..3], ["capture", "network", "playout"]);
        // Wholes are 16, 72 and 34.
        assert_eq!(labels[3..], ["p50", "34", "p95", "72", "p99", "72", "max", "72"]);
        let uneven = json!({ "a": summary(&[1.0]), "b": summary(&[1.0, 2.0]) });
        assert_eq!(stacked("hops", "ms", uneven.as_object().unwrap()), None);
    }

    #[test]
    fn one_and_the_same_value_has_its_plots_too() {
        let same = summary(&[2.0, 2.0, 2.0]);
        for plot in [cumulative, over_time, histogram] {
            parsed(&plot("a < b", "ms", &same).unwrap());
        }
        assert_eq!(cumulative("nothing", "ms", &Value::Null), None);
    }
}
