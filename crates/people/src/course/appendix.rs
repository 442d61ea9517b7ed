//! Acute appendicitis: emergency, operation, home after a few nights.

use super::some_day;
use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::Setting;
use crate::code::{condition, drug, lab, other};
use crate::house::staff::Job;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("appendix");
    let likely = if (8..=50).contains(&chart.age(chart.end)) { 6 } else { 2 };
    if chart.age(chart.person.since) < 6 || !dice.chance(likely) {
        return;
    }
    let Some(day) = some_day(chart, &mut dice, 20) else { return };
    let nights = dice.range(2, 4);
    let Some(at) = chart.visit(day, Setting::Ward(nights), Job::Surgery, &other::ADMISSION) else { return };
    chart.presents(at, &condition::ABDOMINAL_PAIN, Acute { fever: dice.range(8, 16), breathless: 0 });
    let condition = chart.diagnose(at, &condition::APPENDICITIS, at.day(), Some(at.day().plus(14)));
    let (white, protein) = (dice.range(118, 182), dice.range(280, 990));
    chart.panel(at.plus(10), &lab::BLOOD_COUNT, &mut dice, &[(&lab::WHITE_CELLS, white)]);
    chart.panel(at.plus(10), &lab::INFLAMMATION, &mut dice, &[(&lab::CRP, protein)]);
    chart.image(at.plus(20), &image::ABDOMEN, "Non-compressible appendix of 9 mm with free fluid around it.");
    chart.operate(at.plus(240), &other::APPENDECTOMY, 50, Some(&other::ABDOMEN), Some(&condition));
    chart.prescribe(at, Order::daily(&drug::CEFTRIAXONE, 1000, 1).days(nights).because(&condition));
    let pain = if chart.age(at.day()) < 14 {
        Order::daily(&drug::PARACETAMOL_LIQUID, 250, 3)
    } else {
        Order::daily(&drug::TRAMADOL, 1, 2)
    };
    chart.prescribe(at, pain.days(3).as_needed().because(&condition));
    if let Some(over) = chart.over(at) {
        let lines = vec![
            format!("Admitted on {} with pain in the right lower abdomen.", at.day()),
            "Laparoscopic appendectomy on the same day. Histology: acute appendicitis.".to_owned(),
            "Wounds dry. Stitches out in ten days. Light work for two weeks.".to_owned(),
        ];
        chart.file(over.plus(-15), &other::DISCHARGE_SUMMARY, lines);
    }
    let check = at.day().plus(nights + 10);
    if let Some(at) = chart.visit(check, Setting::Clinic, Job::Surgery, &other::FOLLOW_UP) {
        chart.review(at, &condition);
    }
}
