//! Trends as drawings. Each stands beside its table, which says the same in numbers.

use crate::words::Words;
use askama::filters::{Html, escape};
use care::results::{Point, Series};
use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 28.0;
const PAD: f64 = 12.0;

/// Where values lie on the paper.
struct Scale {
    first: f64,
    last: f64,
    least: f64,
    most: f64,
    width: f64,
    height: f64,
    left: f64,
    bottom: f64,
}

impl Scale {
    /// For these points and numbers; `None` where there is no line to draw.
    fn of(points: &[(i64, f64)], more: &[f64], paper: (f64, f64, f64, f64)) -> Option<Scale> {
        let (width, height, left, bottom) = paper;
        let numbers = || points.iter().map(|(_, number)| *number).chain(more.iter().copied());
        let (least, most) =
            (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
        if points.len() < 2 || !least.is_finite() || !most.is_finite() {
            return None;
        }
        let room = if most > least { (most - least) * 0.08 } else { most.abs().max(1.0) * 0.1 };
        let times = || points.iter().map(|(at, _)| *at as f64);
        let (first, last) =
            (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max));
        Some(Scale { first, last, least: least - room, most: most + room, width, height, left, bottom })
    }

    fn x(&self, at: i64) -> f64 {
        let part =
            if self.last > self.first { (at as f64 - self.first) / (self.last - self.first) } else { 0.5 };
        self.left + part * (self.width - self.left - PAD)
    }

    fn y(&self, number: f64) -> f64 {
        let part = (number - self.least) / (self.most - self.least);
        PAD / 2.0 + (1.0 - part) * (self.height - self.bottom - PAD / 2.0)
    }

    fn path(&self, points: &[(i64, f64)]) -> String {
        let mut path = String::new();
        for (at, (time, number)) in points.iter().enumerate() {
            let verb = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{:.1} {:.1}", self.x(*time), self.y(*number));
        }
        path
    }
}

/// Points in the order of time.
fn points(series: &Series, number: impl Fn(&Point) -> Option<f64>) -> Vec<(i64, f64)> {
    let read = |point: &Point| Some((point.when.as_ref()?.order, number(point)?));
    let mut points: Vec<(i64, f64)> = series.points.iter().filter_map(read).collect();
    points.reverse();
    points
}

/// A trend as small as a word; empty where there are not two values.
pub(super) fn spark(series: &Series) -> String {
    let line = points(series, |point| point.number);
    let newest = line.get(line.len().saturating_sub(12)..).unwrap_or_default();
    let Some(scale) = Scale::of(newest, &[], (96.0, 24.0, 4.0, 4.0)) else { return String::new() };
    let (x, y) = newest.last().map(|(at, number)| (scale.x(*at), scale.y(*number))).unwrap_or_default();
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 96 24\" aria-hidden=\"true\" focusable=\"false\"><path d=\"{}\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/></svg>",
        scale.path(newest)
    )
}

/// A trend over the whole width, with the usual range as a band.
pub(super) fn trend(w: &Words, name: &str, series: &Series) -> String {
    let (line, second) = (points(series, |point| point.number), points(series, |point| point.second));
    let range = series.newest().map(|point| (point.low, point.high)).unwrap_or_default();
    let more: Vec<f64> = second.iter().map(|(_, n)| *n).chain(range.0).chain(range.1).collect();
    let Some(scale) = Scale::of(&line, &more, (WIDTH, HEIGHT, LEFT, BOTTOM)) else { return String::new() };
    let label = w.with("trend-of", "name", name);
    let label = escape(label.as_str(), Html).map(|text| text.to_string()).unwrap_or_default();
    let mut svg =
        format!("<svg class=\"trend\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">");
    if range.0.is_some() || range.1.is_some() {
        let (top, bottom) = (scale.y(range.1.unwrap_or(scale.most)), scale.y(range.0.unwrap_or(scale.least)));
        let _ = write!(
            svg,
            "<rect class=\"band\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            WIDTH - LEFT - PAD,
            (bottom - top).max(1.0)
        );
    }
    for number in ticks(scale.least, scale.most) {
        let (y, label) = (scale.y(number), tick(number));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{}\" y2=\"{y:.1}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - PAD,
            LEFT - 6.0,
            y + 4.0
        );
    }
    for (path, class) in [(&line, "line"), (&second, "line second")] {
        let _ = write!(svg, "<path class=\"{class}\" d=\"{}\"/>", scale.path(path));
        for (at, number) in path {
            let _ = write!(
                svg,
                "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\"/>",
                scale.x(*at),
                scale.y(*number)
            );
        }
    }
    for (point, anchor, x) in
        [(series.points.last(), "start", LEFT), (series.points.first(), "end", WIDTH - PAD)]
    {
        let when = point.map(|point| w.date_or(&point.when)).unwrap_or_default();
        let _ = write!(svg, "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{when}</text>", HEIGHT - 8.0);
    }
    svg.push_str("</svg>");
    svg
}

/// Round numbers between two ends: steps of 1, 2 or 5 times a power of ten.
fn ticks(least: f64, most: f64) -> Vec<f64> {
    let rough = (most - least) / 6.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|factor| factor * power).find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let first = (least / step).ceil() as i64;
    (first..).map(|at| at as f64 * step).take_while(|number| *number <= most).take(8).collect()
}

fn tick(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_lie_between_the_ends() {
        assert_eq!(ticks(3.2, 6.9), [4.0, 5.0, 6.0]);
        assert_eq!(ticks(60.0, 140.0), [60.0, 80.0, 100.0, 120.0, 140.0]);
        assert_eq!(tick(0.5), "0.5");
    }

    #[test]
    fn one_value_is_no_trend() {
        assert!(Scale::of(&[(1, 2.0)], &[], (10.0, 10.0, 0.0, 0.0)).is_none());
        assert!(Scale::of(&[(1, 2.0), (2, 2.0)], &[], (10.0, 10.0, 0.0, 0.0)).is_some());
        assert!(Scale::of(&[(1, f64::NAN), (2, f64::INFINITY)], &[], (10.0, 10.0, 0.0, 0.0)).is_none());
    }
}
