//! Hypothyroidism: thyrotropin comes down as levothyroxine goes up.

use super::onset;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::code::{condition, drug, lab, other};
use crate::house::staff::Job;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("thyroid");
    let likely = match (chart.age(chart.end), chart.person.female) {
        (0..=17, _) => 0,
        (_, true) => 12,
        (_, false) => 3,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(begun) = onset(chart, &mut dice, 18) else { return };
    let mut day = begun.plus(60).max(chart.person.since.plus(dice.range(0, 100)));
    // Thyrotropin in hundredths of mIU/L, levothyroxine in micrograms.
    let mut thyrotropin = dice.range(900, 2800);
    let mut doses: Vec<(crate::chart::visit::At, i32)> = Vec::new();
    let mut condition = None;
    for number in 0..12 {
        let Some(at) = chart.follow_up(day, Job::General, &other::FOLLOW_UP) else { break };
        let known =
            condition.take().unwrap_or_else(|| chart.diagnose(at, &condition::HYPOTHYROID, begun, None));
        chart.review(at, &known);
        condition = Some(known);
        if number == 0 {
            let free = dice.range(45, 76);
            chart.panel(
                at,
                &lab::THYROID_FULL,
                &mut dice,
                &[(&lab::TSH, thyrotropin), (&lab::FREE_T4, free)],
            );
        } else {
            chart.panel(at, &lab::THYROID, &mut dice, &[(&lab::TSH, thyrotropin)]);
        }
        let dose = doses.last().map_or(0, |(_, dose)| *dose);
        if thyrotropin > 450 && dose < 125 {
            doses.push((at, dose + 25));
            thyrotropin = thyrotropin * dice.range(40, 62) / 100;
            day = day.plus(dice.range(45, 75));
        } else {
            thyrotropin = (thyrotropin + dice.around(0, 60)).max(60);
            day = day.plus(dice.range(170, 370));
        }
    }
    let Some(condition) = condition else { return };
    for (number, (at, dose)) in doses.iter().enumerate() {
        let until = doses.get(number + 1).map(|(next, _)| at.day().days_to(next.day()));
        let order =
            Order::daily(&drug::LEVOTHYROXINE, *dose, 1).until(until).when("MORN").because(&condition);
        chart.prescribe(*at, order);
    }
}
