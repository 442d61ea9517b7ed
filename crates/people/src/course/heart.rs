//! Ischaemic heart disease: a myocardial infarction, a stent, and the years after.

use super::some_day;
use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::{At, Setting};
use crate::code::{condition, drug, lab, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::value::object;
use crate::value::{concept, identifier};
use crate::when::Day;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("heart");
    let likely = match (chart.age(chart.end), chart.person.female) {
        (0..=46, _) => 0,
        (47..=59, false) => 9,
        (_, false) => 18,
        (47..=59, true) => 4,
        (_, true) => 10,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(day) = some_day(chart, &mut dice, 40) else { return };
    let nights = dice.range(3, 6);
    let Some(at) = chart.visit(day, Setting::Intensive(nights), Job::Cardiology, &other::ADMISSION) else {
        return;
    };
    chart.presents(at, &condition::CHEST_PAIN, Acute { fever: 0, breathless: 4 });
    let infarction = chart.diagnose(at, &condition::INFARCTION, at.day(), Some(at.day().plus(28)));
    let disease = chart.diagnose(at, &condition::HEART_DISEASE, at.day(), None);
    let troponin = dice.range(80, 1900);
    chart.panel(at.plus(20), &lab::HEART_ATTACK, &mut dice, &[(&lab::TROPONIN, troponin)]);
    chart.panel(at.plus(20), &lab::LIPID, &mut dice, &[(&lab::CHOLESTEROL, 228), (&lab::HDL, 37)]);
    chart.operate(at.plus(75), &other::CORONARY_INTERVENTION, 55, Some(&other::HEART), Some(&infarction));
    implant(chart, at, &other::STENT, "Drug-eluting coronary stent");
    if let Some(next) = chart.morning(at, 1) {
        let part = dice.range(38, 58);
        chart.image(
            next,
            &image::HEART,
            &format!("Left ventricular ejection fraction {part} %. Mild anterior hypokinesia."),
        );
    }
    treat(chart, at, &disease);
    if let Some(over) = chart.over(at) {
        let lines = vec![
            format!("Admitted on {} with chest pain; anterior myocardial infarction.", at.day()),
            "Primary coronary intervention with one stent. Course without complication.".to_owned(),
            "Medicines: aspirin, clopidogrel for twelve months, atorvastatin, metoprolol.".to_owned(),
            "Cardiac rehabilitation arranged. No driving for one week.".to_owned(),
        ];
        chart.file(over.plus(-15), &other::DISCHARGE_SUMMARY, lines);
        let team = chart.team(over.plus(-30), "Cardiac team", &[Job::Cardiology, Job::Nurse], &disease);
        let plan = ["Cardiac rehabilitation", "Stop smoking", "Low-fat diet", "Take medicines every day"];
        chart.plan(over.plus(-25), "After a heart attack", &plan, &[], Some(&team), &disease);
    }
    follow(chart, &mut dice, at.day().plus(nights + 20), &disease);
}

fn treat(chart: &mut Chart, at: At, disease: &str) {
    if !chart.allergies.contains(&&condition::ASPIRIN_ALLERGY) {
        chart.prescribe(at, Order::daily(&drug::ASPIRIN, 1, 1).when("MORN").because(disease));
    }
    chart.prescribe(at, Order::daily(&drug::CLOPIDOGREL, 1, 1).days(365).when("MORN").because(disease));
    chart.prescribe(at, Order::daily(&drug::ATORVASTATIN_80, 1, 1).when("HS").because(disease));
    chart.prescribe(at, Order::daily(&drug::METOPROLOL, 1, 1).when("MORN").because(disease));
    chart.prescribe(at, Order::daily(&drug::NITROGLYCERIN, 1, 3).as_needed().because(disease));
}

fn follow(chart: &mut Chart, dice: &mut Dice, first: Day, disease: &str) {
    let failing = dice.chance(30);
    let mut day = first;
    for number in 0..10 {
        let Some(at) = chart.follow_up(day, Job::Cardiology, &other::FOLLOW_UP) else { break };
        chart.review(at, disease);
        if number % 2 == 1 {
            let total = dice.range(132, 178);
            chart.panel(at, &lab::LIPID, dice, &[(&lab::CHOLESTEROL, total)]);
        }
        if number == 3 && failing {
            let failure = chart.diagnose(at, &condition::HEART_FAILURE, at.day(), None);
            chart.image(
                at,
                &image::HEART,
                "Left ventricular ejection fraction 36 %. Dilated left ventricle.",
            );
            chart.prescribe(at, Order::daily(&drug::FUROSEMIDE, 1, 1).when("MORN").because(&failure));
        }
        day = day.plus(if number < 2 { dice.range(40, 90) } else { dice.range(160, 220) });
    }
}

/// A device that stays in the body.
pub(crate) fn implant(chart: &mut Chart, at: At, kind: &crate::code::Code, name: &str) {
    let day = at.day();
    let serial = format!("TEST-{:06}-{}", chart.person.n + 1, day.0.rem_euclid(1000));
    let body = object!({
        "identifier": [identifier("device", &serial)],
        "status": "active",
        "manufacturer": "Example Devices (synthetic)",
        "manufactureDate": day.plus(-200).to_string(),
        "expirationDate": day.plus(900).to_string(),
        "lotNumber": format!("LOT{}", day.year()),
        "serialNumber": serial,
        "deviceName": [object!({"name": name, "type": "user-friendly-name"})],
        "type": concept(kind),
        "patient": chart.subject(),
    });
    chart.put(at.house, "Device", body);
}
