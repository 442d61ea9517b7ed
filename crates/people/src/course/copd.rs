//! Chronic obstructive lung disease: years of smoke, an inhaler, winters with exacerbations.

use super::background::{Smoking, habit};
use super::onset;
use crate::body::{Acute, Shift};
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::Setting;
use crate::code::{condition, drug, lab, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::value::object;
use crate::value::{Unit, quantity};
use crate::when::Day;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("copd");
    let likely = match (chart.age(chart.end), habit(chart)) {
        (0..=47, _) => 0,
        (_, Smoking::Never) => 2,
        _ => 38,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(begun) = onset(chart, &mut dice, 45) else { return };
    let found = begun.plus(120).max(chart.person.since.plus(dice.range(0, 200)));
    let Some(at) = chart.follow_up(found, Job::Pulmonology, &other::PROBLEM_VISIT) else { return };
    chart.body.shift(Shift {
        from: begun,
        until: chart.end,
        systolic: 0,
        oxygen: dice.range(2, 5),
        weight: 0,
    });
    let condition = chart.diagnose(at, &condition::COPD, begun, None);
    chart.operate(at.plus(5), &other::SPIROMETRY, 15, None, Some(&condition));
    let ratio = quantity(i64::from(dice.range(42, 68)), 0, Unit::new("%", "%"));
    chart.note(
        at.plus(20),
        ("procedure", "Procedure"),
        &other::FEV1_RATIO,
        object!({"valueQuantity": ratio}),
    );
    chart.image(at, &image::CHEST, "Hyperinflated lungs, flat diaphragms. No consolidation.");
    chart.prescribe(at, Order::daily(&drug::FLUTICASONE_SALMETEROL, 1, 2).because(&condition));
    chart.prescribe(at, Order::daily(&drug::ALBUTEROL, 2, 4).as_needed().because(&condition));
    let plan = ["Stop smoking", "Pulmonary rehabilitation", "Influenza vaccine every year"];
    chart.plan(at, "Breathing better", &plan, &[], None, &condition);
    let mut day = at.day();
    for _ in 0..8 {
        day = day.plus(dice.range(140, 230));
        if dice.chance(22) {
            let before = dice.range(30, 90);
            worsen(chart, &mut dice, day.plus(-before));
        }
        let Some(at) = chart.follow_up(day, Job::Pulmonology, &other::FOLLOW_UP) else { break };
        chart.review(at, &condition);
    }
}

fn worsen(chart: &mut Chart, dice: &mut Dice, day: Day) {
    let nights = dice.range(2, 5);
    let Some(at) = chart.visit(day, Setting::Ward(nights), Job::Pulmonology, &other::ADMISSION) else {
        return;
    };
    chart.presents(at, &condition::BREATHLESS, Acute { fever: 8, breathless: dice.range(5, 9) });
    let attack = chart.diagnose(at, &condition::COPD_ATTACK, at.day(), Some(at.day().plus(14)));
    chart.panel(at.plus(15), &lab::BLOOD_COUNT, dice, &[(&lab::WHITE_CELLS, 128)]);
    chart.operate(at.plus(30), &other::NEBULIZER, 20, None, Some(&attack));
    chart.prescribe(at, Order::daily(&drug::PREDNISONE, 6, 1).days(5).when("MORN").because(&attack));
    chart.prescribe(at, Order::daily(&drug::AZITHROMYCIN, 2, 1).days(3).because(&attack));
    if let Some(over) = chart.over(at) {
        let lines = vec![
            format!("Admitted on {} with worse breathlessness and fever.", at.day()),
            "Nebulised, steroids and antibiotic by mouth. Home on usual inhalers.".to_owned(),
        ];
        chart.file(over.plus(-15), &other::DISCHARGE_SUMMARY, lines);
    }
}
