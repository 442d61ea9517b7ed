//! Dengue in and after the monsoon: fever, platelets that fall and come back, sometimes a few nights on the ward.

use super::some_day;
use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::visit::{At, Setting};
use crate::code::{condition, drug, lab, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::when::Day;

/// Writes the course, in India only.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("dengue");
    if !chart.person.culture.is_indian() || chart.age(chart.end) < 3 || !dice.chance(9) {
        return;
    }
    let Some(some) = some_day(chart, &mut dice, 30) else { return };
    let day = Day::of(some.year(), dice.range(8, 11), dice.range(1, 28));
    let Some(at) = chart.visit(day, Setting::Emergency, Job::Emergency, &other::EMERGENCY_VISIT) else {
        return;
    };
    chart.presents(at, &condition::FEVER, Acute { fever: dice.range(18, 32), breathless: 0 });
    let begun = at.day().plus(-dice.range(2, 4));
    let condition = chart.diagnose(at, &condition::DENGUE, begun, Some(begun.plus(11)));
    chart.finding(at, &lab::DENGUE_NS1, &other::POSITIVE);
    let platelets = dice.range(48, 140);
    count(chart, &mut dice, at, platelets);
    if chart.age(at.day()) < 14 {
        chart.prescribe(
            at,
            Order::daily(&drug::PARACETAMOL_LIQUID, 250, 4).days(4).as_needed().because(&condition),
        );
    } else {
        chart.prescribe(at, Order::daily(&drug::PARACETAMOL, 1, 4).days(4).as_needed().because(&condition));
    }
    chart.tell(
        at,
        ("instruction", "Instruction"),
        "Drink plenty. Come back at once for bleeding, belly pain or faintness. No ibuprofen or aspirin.",
    );
    if platelets < 100 {
        admit(chart, &mut dice, at.day().plus(1), platelets, &condition);
    } else if let Some(at) = chart.visit(at.day().plus(3), Setting::Clinic, Job::General, &other::FOLLOW_UP) {
        chart.review(at, &condition);
        count(chart, &mut dice, at, platelets + 35);
    }
}

fn admit(chart: &mut Chart, dice: &mut Dice, day: Day, platelets: i32, condition: &str) {
    let nights = dice.range(3, 5);
    let Some(at) = chart.visit(day, Setting::Ward(nights), Job::General, &other::ADMISSION) else { return };
    chart.presents(at, &condition::FEVER, Acute { fever: 14, breathless: 1 });
    chart.review(at, condition);
    chart.prescribe(at, Order::daily(&drug::SALINE, 1000, 2).days(nights).because(condition));
    chart.operate(at.plus(40), &other::FLUIDS, 240, None, Some(condition));
    let lowest = (platelets - dice.range(15, 45)).max(14);
    for (morning, platelets) in [(1, lowest), (2, lowest + 9), (3, lowest + 38), (4, lowest + 80)] {
        if let Some(at) = chart.morning(at, morning) {
            count(chart, dice, at, platelets);
        }
    }
    if let Some(over) = chart.over(at) {
        let lines = vec![
            format!("Admitted on {} with dengue (NS1 positive) and low platelets.", at.day()),
            format!("Lowest platelet count {lowest} thousand per microlitre. No bleeding. Fluids by drip."),
            "Afebrile for a day, platelets rising. Home with advice on mosquitoes.".to_owned(),
        ];
        chart.file(over.plus(-15), &other::DISCHARGE_SUMMARY, lines);
    }
}

fn count(chart: &mut Chart, dice: &mut Dice, at: At, platelets: i32) {
    let white = dice.range(21, 45);
    chart.panel(at, &lab::BLOOD_COUNT, dice, &[(&lab::PLATELETS, platelets), (&lab::WHITE_CELLS, white)]);
}
