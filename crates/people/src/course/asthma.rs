//! Asthma of childhood and later: reliever and preventer, with an attack now and then.

use super::some_day;
use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::visit::Setting;
use crate::code::{condition, drug, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::when::Day;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("asthma");
    let likely = match chart.age(chart.end) {
        0..=3 => 0,
        4..=17 => 16,
        18..=45 => 7,
        _ => 3,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(found) = some_day(chart, &mut dice, 500) else { return };
    let found = found.max(chart.person.born.plus(3 * 365 + 100));
    let child = chart.age(found) < 15;
    let job = if child { Job::Paediatrics } else { Job::General };
    let Some(at) = chart.follow_up(found, job, &other::PROBLEM_VISIT) else { return };
    let condition = chart.diagnose(at, &condition::ASTHMA, at.day().plus(-dice.range(30, 300)), None);
    if chart.age(at.day()) >= 6 {
        chart.operate(at.plus(6), &other::SPIROMETRY, 12, None, Some(&condition));
    }
    chart.prescribe(at, Order::daily(&drug::ALBUTEROL, 2, 4).as_needed().because(&condition));
    chart.prescribe(at, Order::daily(&drug::FLUTICASONE, 2, 2).because(&condition));
    let plan =
        ["Preventer every day", "Reliever when breathless", "Avoid smoke and dust", "Spacer technique"];
    chart.plan(at, "Asthma action plan", &plan, &[], None, &condition);
    let mut day = at.day();
    for _ in 0..8 {
        day = day.plus(dice.range(120, 240));
        if dice.chance(35) {
            let before = dice.range(20, 80);
            attack(chart, &mut dice, day.plus(-before));
        }
        let Some(at) = chart.follow_up(day, job, &other::FOLLOW_UP) else { break };
        chart.review(at, &condition);
    }
}

fn attack(chart: &mut Chart, dice: &mut Dice, day: Day) {
    let Some(at) = chart.visit(day, Setting::Emergency, Job::Emergency, &other::EMERGENCY_VISIT) else {
        return;
    };
    chart.presents(at, &condition::BREATHLESS, Acute { fever: 0, breathless: dice.range(4, 8) });
    let attack = chart.diagnose(at, &condition::ASTHMA_ATTACK, at.day(), Some(at.day().plus(6)));
    chart.operate(at.plus(15), &other::NEBULIZER, 20, None, Some(&attack));
    let tablets = if chart.age(at.day()) < 12 { 4 } else { 8 };
    chart.prescribe(at, Order::daily(&drug::PREDNISONE, tablets, 1).days(5).when("MORN").because(&attack));
}
