//! Who is on the ward today.

use super::infection::pneumonia;
use crate::chart::Chart;

/// A few people were admitted in the last days and have not gone home.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("ward");
    if !chart.is_alive() || chart.age(chart.end) < 4 || !dice.chance(3) {
        return;
    }
    let day = chart.end.plus(-dice.range(1, 3));
    if pneumonia(chart, &mut dice, day, 6).is_some_and(|at| chart.over(at).is_none()) {
        let at = chart.beginnings().last().copied();
        if let Some(at) = at {
            chart.flag(at, ("clinical", "Clinical"), "On oxygen: target saturation 94-98 %");
        }
    }
}
