//! The last illness: a stay that ends in death.

use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::visit::Setting;
use crate::code::{Code, condition, drug, lab, other};
use crate::house::staff::Job;
use crate::person::patient::LAST_MINUTE;

static CAUSES: [(&Code, Job, i32, i32); 6] = [
    (&condition::INFARCTION, Job::Cardiology, 0, 6),
    (&condition::STROKE, Job::General, 3, 4),
    (&condition::SEPSIS, Job::General, 24, 8),
    (&condition::PNEUMONIA, Job::Pulmonology, 20, 12),
    (&condition::COLON_CANCER, Job::General, 6, 3),
    (&condition::HEART_FAILURE, Job::Cardiology, 0, 10),
];

/// Takes the last days of somebody who has died.
pub(crate) fn run(chart: &mut Chart) {
    let Some(died) = chart.person.died else { return };
    let mut dice = chart.dice("last illness");
    let nights = dice.range(1, 6);
    let (cause, job, fever, breathless) = *dice.pick(&CAUSES);
    let setting = if dice.chance(50) { Setting::Intensive(nights) } else { Setting::Ward(nights) };
    let Some(at) = chart.visit_on(died.plus(-nights), setting, job, &other::ADMISSION) else { return };
    let at = chart.retime(at, at.moment, Some(died.at(LAST_MINUTE)));
    chart.presents(at, cause, Acute { fever, breathless });
    chart.leaves(at, "exp", "Expired");
    let condition = chart.diagnose(at, cause, at.day(), None);
    chart.panel(at.plus(30), &lab::BLOOD_COUNT, &mut dice, &[(&lab::WHITE_CELLS, 90 + fever * 3)]);
    chart.panel(at.plus(30), &lab::METABOLIC, &mut dice, &[(&lab::CREATININE, 155)]);
    chart.prescribe(at, Order::daily(&drug::SALINE, 1000, 2).days(nights).because(&condition));
    if fever > 9 {
        chart.prescribe(at, Order::daily(&drug::CEFTRIAXONE, 1000, 2).days(nights).because(&condition));
    }
    if let Some(over) = chart.over(at) {
        let lines = vec![
            format!("Admitted on {} with: {}.", at.day(), cause.display),
            "Treated on the ward; the condition worsened in spite of full treatment.".to_owned(),
            format!("Died on {died}. The family was present and informed."),
        ];
        chart.file(over.plus(-5), &other::DISCHARGE_SUMMARY, lines);
    }
}
