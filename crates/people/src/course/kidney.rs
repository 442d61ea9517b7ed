//! Chronic kidney disease: eGFR falls a little every year and the stage follows.

use super::onset;
use crate::chart::Chart;
use crate::chart::visit::At;
use crate::code::{Code, condition, lab, other};
use crate::house::staff::Job;

/// Writes the course, mostly in people with diabetes or high pressure.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("kidney");
    let damaged =
        chart.problem(&condition::DIABETES).is_some() || chart.problem(&condition::HYPERTENSION).is_some();
    let likely = match chart.age(chart.end) {
        0..=49 => 0,
        _ if damaged => 26,
        _ => 4,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(begun) = onset(chart, &mut dice, 45) else { return };
    let mut filtration = dice.range(58, 78);
    let mut day = begun.max(chart.person.since).plus(dice.range(10, 120));
    let mut seen = Vec::new();
    while day <= chart.end && seen.len() < 14 && filtration > 17 {
        if let Some(at) = chart.follow_up(day, Job::Nephrology, &other::FOLLOW_UP) {
            // Creatinine in hundredths of mg/dL that goes with the filtration, near enough for both sexes.
            let creatinine = (if chart.person.female { 6600 } else { 8200 }) / filtration;
            let urea = 14 + (90 - filtration) / 2;
            let known = [(&lab::CREATININE, creatinine), (&lab::EGFR, filtration), (&lab::UREA, urea)];
            chart.panel(at, &lab::KIDNEY, &mut dice, &known);
            seen.push((at, stage(filtration)));
        }
        filtration -= dice.range(0, 4);
        day = day.plus(dice.range(150, 240));
    }
    stages(chart, &seen);
}

fn stage(filtration: i32) -> &'static Code {
    match filtration {
        60.. => &condition::KIDNEY_2,
        30..=59 => &condition::KIDNEY_3,
        _ => &condition::KIDNEY_4,
    }
}

/// One condition per stage; the next ends the one before.
fn stages(chart: &mut Chart, seen: &[(At, &'static Code)]) {
    let mut rest = seen;
    while let Some((first, code)) = rest.first() {
        let length = rest.iter().take_while(|(_, other)| other == code).count();
        let next = rest.get(length).map(|(at, _)| at.day());
        let condition = chart.diagnose(*first, code, first.day(), next);
        for (at, _) in &rest[..length] {
            chart.review(*at, &condition);
        }
        rest = &rest[length..];
    }
}
