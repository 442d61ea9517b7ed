//! Broken bones: a fall, an X-ray, a cast; in old age a new hip.

use super::heart::implant;
use super::some_day;
use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image::{self, Picture};
use crate::chart::visit::Setting;
use crate::code::{Code, condition, drug, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::when::Day;

struct Bone {
    code: &'static Code,
    picture: &'static Picture,
    site: &'static Code,
    finding: &'static str,
}

static FOREARM: Bone = Bone {
    code: &condition::FOREARM_FRACTURE,
    picture: &image::FOREARM,
    site: &other::FOREARM,
    finding: "Buckle fracture of the distal radius, no displacement.",
};
static CLAVICLE: Bone = Bone {
    code: &condition::CLAVICLE_FRACTURE,
    picture: &image::CLAVICLE,
    site: &other::CLAVICLE,
    finding: "Midshaft fracture of the left clavicle.",
};
static ANKLE: Bone = Bone {
    code: &condition::ANKLE_FRACTURE,
    picture: &image::ANKLE,
    site: &other::ANKLE,
    finding: "Fracture of the lateral malleolus, mortise intact.",
};
static SPRAIN: Bone = Bone {
    code: &condition::ANKLE_SPRAIN,
    picture: &image::ANKLE,
    site: &other::ANKLE,
    finding: "Soft tissue swelling. No fracture.",
};

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("fracture");
    if !dice.chance(if chart.age(chart.end) >= 68 { 16 } else { 11 }) {
        return;
    }
    let Some(day) = some_day(chart, &mut dice, 20) else { return };
    match chart.age(day) {
        0..=1 => {}
        2..=15 => cast(chart, &mut dice, day, if day.0 % 3 == 0 { &CLAVICLE } else { &FOREARM }),
        16..=67 => cast(chart, &mut dice, day, if day.0 % 2 == 0 { &SPRAIN } else { &ANKLE }),
        _ => hip(chart, &mut dice, day),
    }
}

fn cast(chart: &mut Chart, dice: &mut Dice, day: Day, bone: &'static Bone) {
    let Some(at) = chart.visit(day, Setting::Emergency, Job::Emergency, &other::EMERGENCY_VISIT) else {
        return;
    };
    let weeks = dice.range(4, 7);
    let condition = chart.diagnose(at, bone.code, at.day(), Some(at.day().plus(weeks * 7)));
    chart.image(at, bone.picture, bone.finding);
    chart.operate(at.plus(130), &other::IMMOBILIZATION, 25, Some(bone.site), Some(&condition));
    let pain = if chart.age(at.day()) < 14 {
        Order::daily(&drug::PARACETAMOL_LIQUID, 250, 3)
    } else {
        Order::daily(&drug::IBUPROFEN, 1, 3).when("PC")
    };
    chart.prescribe(at, pain.days(5).as_needed().because(&condition));
    for later in [10, weeks * 7] {
        let day = at.day().plus(later);
        let Some(at) = chart.visit(day, Setting::Clinic, Job::Orthopaedics, &other::FOLLOW_UP) else {
            return;
        };
        chart.review(at, &condition);
    }
}

fn hip(chart: &mut Chart, dice: &mut Dice, day: Day) {
    let nights = dice.range(5, 9);
    let Some(at) = chart.visit(day, Setting::Ward(nights), Job::Orthopaedics, &other::ADMISSION) else {
        return;
    };
    chart.presents(at, &condition::HIP_FRACTURE, Acute::default());
    let condition = chart.diagnose(at, &condition::HIP_FRACTURE, at.day(), Some(at.day().plus(120)));
    chart.image(at, &image::HIP, "Displaced fracture of the femoral neck.");
    if let Some(next) = chart.morning(at, 1) {
        chart.operate(next.plus(120), &other::HIP_REPLACEMENT, 95, Some(&other::HIP), Some(&condition));
        implant(chart, next, &other::HIP_PROSTHESIS, "Cemented total hip prosthesis");
    }
    chart.prescribe(at, Order::daily(&drug::TRAMADOL, 1, 3).days(nights).because(&condition));
    chart.flag(at, ("safety", "Safety"), "Risk of falling");
    if let Some(over) = chart.over(at) {
        chart.leaves(at, "rehab", "Rehabilitation");
        let lines = vec![
            format!("Admitted on {} after a fall at home.", at.day()),
            "Total hip replacement. Walking with a frame at discharge.".to_owned(),
        ];
        chart.file(over.plus(-15), &other::DISCHARGE_SUMMARY, lines);
    }
    let mut day = at.day().plus(nights + 14);
    for _ in 0..3 {
        let Some(at) = chart.visit(day, Setting::Clinic, Job::Orthopaedics, &other::FOLLOW_UP) else {
            return;
        };
        chart.review(at, &condition);
        chart.operate(at.plus(3), &other::PHYSIOTHERAPY, 15, None, Some(&condition));
        day = day.plus(dice.range(14, 30));
    }
}
