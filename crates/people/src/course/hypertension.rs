//! Essential hypertension: found, stepped up until controlled, then seen twice or three times a year.

use super::onset;
use crate::body::Shift;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::plan::Aim;
use crate::chart::visit::At;
use crate::chart::vitals::MMHG;
use crate::code::drug::Drug;
use crate::code::{condition, drug, lab, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::place;
use crate::value::quantity;
use crate::when::Day;

/// What one step of treatment takes off the systolic pressure.
const STEP: i32 = 13;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("hypertension");
    let likely = match chart.age(chart.end) {
        0..=29 => 0,
        30..=44 => 10,
        45..=59 => 30,
        _ => 50,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(begun) = onset(chart, &mut dice, 28) else { return };
    let raised = dice.range(24, 46);
    let found = begun.plus(dice.range(20, 300)).max(chart.person.since.plus(dice.range(0, 90)));
    let visits = visits(chart, &mut dice, found);
    let Some(first) = visits.first().copied() else { return };
    let steps = (raised - 6) / STEP;
    let condition = chart.diagnose(first, &condition::HYPERTENSION, begun, None);
    chart.panel(first, &lab::METABOLIC, &mut dice, &[]);
    chart.panel(first, &lab::LIPID, &mut dice, &[]);
    agree(chart, first, &condition);
    let mut from = begun;
    let mut level = 0;
    let mut taken = Vec::new();
    for (number, at) in visits.iter().enumerate() {
        chart.review(*at, &condition);
        pressure(chart, from, at.day(), raised - level * STEP);
        from = at.day().plus(1);
        if level < steps && (level == 0 || number % 2 == 0) {
            level += 1;
            taken.push((*at, level));
        }
        if number % 5 == 4 {
            chart.panel(*at, &lab::METABOLIC, &mut dice, &[]);
        }
    }
    pressure(chart, from, chart.end, raised - level * STEP);
    treat(chart, &taken, &condition);
}

fn visits(chart: &mut Chart, dice: &mut Dice, found: Day) -> Vec<At> {
    let mut visits = Vec::new();
    let mut day = found;
    while day <= chart.end && visits.len() < 16 {
        visits.extend(chart.follow_up(day, Job::General, &other::FOLLOW_UP));
        day = day.plus(if visits.len() < 4 { dice.range(30, 60) } else { dice.range(140, 260) });
    }
    visits
}

fn pressure(chart: &mut Chart, from: Day, until: Day, systolic: i32) {
    chart.body.shift(Shift { from, until, systolic, oxygen: 0, weight: 0 });
}

/// Medicines by step; a later step may replace an earlier one.
fn treat(chart: &mut Chart, taken: &[(At, i32)], condition: &str) {
    let second: &'static Drug =
        if chart.person.house == place::SAGUARO { &drug::LISINOPRIL } else { &drug::LOSARTAN };
    let third = taken.iter().find(|(_, level)| *level == 3).map(|(at, _)| at.day());
    for (at, level) in taken {
        let order = match level {
            1 => {
                let until = third.map(|day| at.day().days_to(day));
                Order::daily(&drug::AMLODIPINE, 1, 1).until(until)
            }
            2 => Order::daily(second, 1, 1),
            _ => Order::daily(&drug::AMLODIPINE_10, 1, 1),
        };
        chart.prescribe(*at, order.when("MORN").because(condition));
    }
    if let Some((at, _)) = taken.get(2) {
        chart.prescribe(*at, Order::daily(&drug::HYDROCHLOROTHIAZIDE, 1, 1).when("MORN").because(condition));
    }
}

fn agree(chart: &mut Chart, at: At, condition: &str) {
    let aim = Aim {
        text: "Systolic blood pressure below 140 mmHg",
        measure: &other::SYSTOLIC,
        high: quantity(140, 0, MMHG),
        state: ("in-progress", "In Progress"),
    };
    let goal = chart.aim(at, aim, condition);
    let plan = ["Less salt", "Walk half an hour a day", "Measure blood pressure at home every week"];
    chart.plan(at, "Blood pressure plan", &plan, &[goal], None, condition);
}
