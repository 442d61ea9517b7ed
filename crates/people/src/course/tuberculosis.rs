//! Pulmonary tuberculosis: six months of treatment by the national programme.

use super::some_day;
use crate::body::{Acute, Shift};
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::Setting;
use crate::code::{condition, drug, lab, other};
use crate::house::staff::Job;

/// Days of four drugs, and of all treatment.
const INTENSIVE: i32 = 56;
const WHOLE: i32 = 168;

/// Writes the course, in India only.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("tuberculosis");
    if !chart.person.culture.is_indian() || chart.age(chart.end) < 15 || !dice.chance(5) {
        return;
    }
    let Some(day) = some_day(chart, &mut dice, 30) else { return };
    let Some(first) = chart.visit(day, Setting::Clinic, Job::General, &other::PROBLEM_VISIT) else { return };
    let ended = first.day().plus(WHOLE);
    let lost = |from: i32, until: i32, weight: i32| Shift {
        from: first.day().plus(from),
        until: first.day().plus(until),
        systolic: -4,
        oxygen: 1,
        weight,
    };
    chart.body.shift(lost(-40, 40, -110));
    chart.body.shift(lost(41, 110, -60));
    chart.presents(first, &condition::COUGH, Acute { fever: 9, breathless: 2 });
    let condition = chart.diagnose(first, &condition::TUBERCULOSIS, first.day().plus(-35), Some(ended));
    chart.finding(first, &lab::SPUTUM_SMEAR, &other::POSITIVE);
    chart.panel(first, &lab::LIVER, &mut dice, &[]);
    chart.image(
        first,
        &image::CHEST,
        "Right upper zone infiltrates with a cavity, in keeping with tuberculosis.",
    );
    chart.prescribe(first, Order::daily(&drug::TB_FOUR, 4, 1).days(INTENSIVE).when("AC").because(&condition));
    let plan = [
        "Medicine every day under observation",
        "Sputum test at two and six months",
        "Test the household",
        "Nutrition support",
    ];
    let team =
        chart.team(first, "Tuberculosis team", &[Job::General, Job::Nurse, Job::LabTechnician], &condition);
    chart.plan(first, "Six months of treatment", &plan, &[], Some(&team), &condition);
    let precautions = "Infectious: respiratory precautions in the first weeks";
    chart.flag_until(first, ("clinical", "Clinical"), precautions, Some(first.day().plus(INTENSIVE)));
    chart.tell(
        first,
        ("instruction", "Instruction"),
        "Please bring everyone you live with for a chest check. It is free.",
    );
    for month in 1..=6 {
        let day = first.day().plus(month * 28);
        let Some(at) = chart.visit(day, Setting::Clinic, Job::General, &other::FOLLOW_UP) else { continue };
        chart.review(at, &condition);
        if month == 2 {
            chart.finding(at, &lab::SPUTUM_SMEAR, &other::NEGATIVE);
            chart.prescribe(
                at,
                Order::daily(&drug::TB_TWO, 4, 1).days(WHOLE - INTENSIVE).when("AC").because(&condition),
            );
        }
        if month % 3 == 1 {
            let enzyme = dice.range(18, 62);
            chart.panel(at, &lab::LIVER, &mut dice, &[(&lab::ALT, enzyme)]);
        }
        if month == 6 {
            chart.finding(at, &lab::SPUTUM_SMEAR, &other::NEGATIVE);
            let lines = vec![
                format!("Treatment begun on {}, completed today.", first.day()),
                "Sputum negative at two and six months. Outcome: cured.".to_owned(),
            ];
            chart.file(at, &other::PROGRESS_NOTE, lines);
        }
    }
}
