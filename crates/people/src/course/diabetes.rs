//! Type 2 diabetes: HbA1c over the years, four steps of treatment, and what the years do to eyes, nerves and
//! kidneys.

use super::onset;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::plan::Aim;
use crate::chart::visit::At;
use crate::code::{Code, condition, drug, lab, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::value::{Unit, quantity};
use crate::when::{Day, YEAR};

/// HbA1c in tenths of a percent above which treatment steps up.
const TARGET: i32 = 72;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("diabetes");
    let likely = match chart.age(chart.end) {
        0..=31 => 0,
        32..=44 => 9,
        45..=59 => 22,
        _ => 30,
    };
    if !dice.chance(likely) {
        return;
    }
    let Some(begun) = onset(chart, &mut dice, 30) else { return };
    let found = begun.plus(dice.range(30, 400)).max(chart.person.since.plus(dice.range(0, 80)));
    let Some(first) = chart.follow_up(found, Job::General, &other::PROBLEM_VISIT) else { return };
    let condition = chart.diagnose(first, &condition::DIABETES, begun, None);
    agree(chart, first, &condition);
    Course { begun, condition, level: dice.range(78, 108), step: 0, steps: Vec::new(), dice }
        .walk(chart, first);
}

struct Course {
    begun: Day,
    condition: String,
    /// HbA1c in tenths of a percent.
    level: i32,
    /// The step of treatment, 0 to 4.
    step: i32,
    steps: Vec<(At, i32)>,
    dice: Dice,
}

impl Course {
    fn walk(mut self, chart: &mut Chart, first: At) {
        let mut at = Some(first);
        let mut day = first.day();
        let mut number = 0;
        while day <= chart.end && number < 26 {
            if let Some(at) = at {
                self.see(chart, at, number);
                number += 1;
            }
            day = day.plus(if self.level > TARGET {
                self.dice.range(85, 115)
            } else {
                self.dice.range(150, 210)
            });
            at = chart.follow_up(day, Job::General, &other::FOLLOW_UP);
        }
        self.treat(chart);
    }

    fn see(&mut self, chart: &mut Chart, at: At, number: i32) {
        chart.review(at, &self.condition);
        chart.panel(at, &lab::HBA1C, &mut self.dice, &[(&lab::HBA1C_TEST, self.level)]);
        if number % 3 == 0 {
            // The mean glucose that goes with an HbA1c, after ADAG: 28.7 × A1c − 46.7 mg/dL.
            let glucose = (287 * self.level - 4670) / 100 + self.dice.around(0, 20);
            chart.panel(at, &lab::METABOLIC, &mut self.dice, &[(&lab::GLUCOSE, glucose)]);
            chart.panel(
                at,
                &lab::LIPID,
                &mut self.dice,
                &[(&lab::CHOLESTEROL, 205), (&lab::TRIGLYCERIDES, 172)],
            );
        }
        if number % 8 == 5 {
            let lines = vec![
                format!("HbA1c: {}.{} %  (target below 7.0)", self.level / 10, self.level % 10),
                "Method: HPLC, NGSP certified. Sample: EDTA blood.".to_owned(),
            ];
            chart.file(at.plus(120), &other::LAB_REPORT, lines);
        }
        if number % 4 == 2 {
            self.yearly(chart, at);
        }
        if self.level > TARGET && self.step < 4 {
            self.step += 1;
            self.steps.push((at, self.step));
            self.level -= self.dice.range(6, 14);
        } else {
            self.level += self.dice.range(-2, 4);
        }
        self.level = self.level.clamp(56, 125);
        if self.step == 3 && self.level > 85 {
            self.refer(chart, at);
        }
    }

    /// Kidneys, eyes and feet, once a year.
    fn yearly(&mut self, chart: &mut Chart, at: At) {
        let years = self.begun.days_to(at.day()) / YEAR;
        let albumin = self.dice.range(6, 24) + (years - 4).max(0) * self.dice.range(2, 14);
        chart.panel(at, &lab::URINE_ALBUMIN, &mut self.dice, &[(&lab::ALBUMIN_RATIO, albumin)]);
        chart.operate(at.plus(12), &other::EYE_EXAM, 8, None, Some(&self.condition));
        if albumin > 60 {
            self.complication(chart, at, &condition::DIABETIC_KIDNEY);
        }
        if years >= 4 && self.dice.chance(14) {
            self.complication(chart, at, &condition::NEUROPATHY);
        }
        if years >= 6 && self.dice.chance(14) {
            self.complication(chart, at, &condition::RETINOPATHY);
        }
    }

    fn complication(&self, chart: &mut Chart, at: At, code: &'static Code) {
        if chart.problem(code).is_none() {
            chart.diagnose(at, code, at.day(), None);
        }
    }

    /// An opinion from endocrinology, which a district hospital gets from the teaching hospital.
    fn refer(&mut self, chart: &mut Chart, at: At) {
        let day = at.day().plus(self.dice.range(14, 40));
        if let Some(at) = chart.follow_up(day, Job::Endocrinology, &other::PROBLEM_VISIT) {
            chart.review(at, &self.condition);
            let lines = vec![
                "Referred for poor control in spite of tablets.".to_owned(),
                "Plan: basal insulin at bedtime, teaching by the nurse, review in three months.".to_owned(),
            ];
            chart.file(at, &other::PROGRESS_NOTE, lines);
        }
    }

    fn treat(&self, chart: &mut Chart) {
        let doubled = self.steps.iter().find(|(_, step)| *step == 2).map(|(at, _)| at.day());
        for (at, step) in &self.steps {
            let order = match step {
                1 => Order::daily(&drug::METFORMIN_500, 1, 2)
                    .until(doubled.map(|day| at.day().days_to(day)))
                    .when("PC"),
                2 => Order::daily(&drug::METFORMIN_1000, 1, 2).when("PC"),
                3 => Order::daily(&drug::GLIMEPIRIDE, 2, 1).when("AC"),
                _ => Order::daily(&drug::GLARGINE, 12, 1).when("HS"),
            };
            chart.prescribe(*at, order.because(&self.condition));
        }
        // Somebody with heart disease has a statin already.
        let heart = chart.problem(&condition::HEART_DISEASE).is_some();
        if let Some((at, _)) = self.steps.first().filter(|_| !heart) {
            chart.prescribe(*at, Order::daily(&drug::ATORVASTATIN, 1, 1).when("HS").because(&self.condition));
        }
    }
}

fn agree(chart: &mut Chart, at: At, condition: &str) {
    let aim = Aim {
        text: "HbA1c below 7.0 %",
        measure: &lab::HBA1C_TEST.code,
        high: quantity(70, 1, Unit::new("%", "%")),
        state: ("improving", "Improving"),
    };
    let goal = chart.aim(at, aim, condition);
    let jobs = [Job::General, Job::Endocrinology, Job::Nurse, Job::Pharmacist];
    let team = chart.team(at, "Diabetes care team", &jobs, condition);
    let plan =
        ["Diabetic diet", "Walk 30 minutes a day", "Eye check every year", "Foot check at every visit"];
    chart.plan(at, "Diabetes self-management plan", &plan, &[goal], Some(&team), condition);
}
