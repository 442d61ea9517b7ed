//! Everyday illness: colds, ears, stomachs, bladders, backs; the pandemic years; pneumonia in the old.

use super::some_day;
use crate::body::Acute;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::{At, Setting};
use crate::code::drug::Drug;
use crate::code::{Code, condition, drug, lab, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::when::{Day, YEAR};

/// An illness that one visit settles.
struct Brief {
    code: &'static Code,
    fever: i32,
    days: i32,
    /// For grown-ups and for children: medicine, amount, times a day.
    adult: (&'static Drug, i32, i32),
    child: (&'static Drug, i32, i32),
}

static COLD: Brief = Brief {
    code: &condition::COLD,
    fever: 5,
    days: 6,
    adult: (&drug::PARACETAMOL, 1, 3),
    child: (&drug::PARACETAMOL_LIQUID, 150, 4),
};
static THROAT: Brief = Brief { code: &condition::PHARYNGITIS, fever: 12, days: 7, ..COLD };
static BRONCHITIS: Brief = Brief { code: &condition::BRONCHITIS, fever: 7, days: 12, ..COLD };
static EAR: Brief = Brief {
    code: &condition::OTITIS,
    fever: 14,
    days: 8,
    adult: (&drug::AMOXICILLIN, 1, 3),
    child: (&drug::AMOXICILLIN_LIQUID, 250, 3),
};
static STOMACH: Brief = Brief { code: &condition::GASTROENTERITIS, fever: 6, days: 4, ..COLD };
static BLADDER: Brief = Brief {
    code: &condition::CYSTITIS,
    fever: 2,
    days: 5,
    adult: (&drug::NITROFURANTOIN, 1, 4),
    child: (&drug::AMOXICILLIN_LIQUID, 250, 3),
};
static BACK: Brief = Brief {
    code: &condition::LOW_BACK_PAIN,
    fever: 0,
    days: 21,
    adult: (&drug::IBUPROFEN, 1, 3),
    child: (&drug::PARACETAMOL_LIQUID, 250, 3),
};
static HAY_FEVER: Brief =
    Brief { code: &condition::RHINITIS, fever: 0, days: 40, adult: (&drug::LORATADINE, 1, 1), ..COLD };

/// Writes all of them.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("infection");
    let years = chart.person.since.days_to(chart.end) / YEAR + 1;
    let child = chart.age(chart.person.since) < 10;
    let times = if child { years * 2 / 3 + 2 } else { years / 2 + dice.range(1, 3) };
    for _ in 0..times.min(11) {
        let Some(day) = some_day(chart, &mut dice, 3) else { break };
        if chart.person.born.days_to(day) < 75 {
            continue;
        }
        let illness = choose(chart, &mut dice, day);
        brief(chart, &mut dice, day, illness);
    }
    pandemic(chart, &mut dice);
    if chart.age(chart.end) > 58 && dice.chance(14) {
        let day = some_day(chart, &mut dice, 12);
        day.and_then(|day| pneumonia(chart, &mut dice, day, 4));
    }
}

fn choose(chart: &Chart, dice: &mut Dice, day: Day) -> &'static Brief {
    let child = chart.age(day) < 12;
    match dice.range(1, 100) {
        1..=30 => &COLD,
        31..=48 => &THROAT,
        49..=60 => &BRONCHITIS,
        61..=74 => &STOMACH,
        75..=84 if child => &EAR,
        75..=84 if chart.person.female && chart.age(day) > 15 => &BLADDER,
        85..=93 if !child => &BACK,
        94..=100 if !child => &HAY_FEVER,
        _ if child => &EAR,
        _ => &COLD,
    }
}

fn brief(chart: &mut Chart, dice: &mut Dice, day: Day, illness: &'static Brief) {
    let child = chart.age(day) < 14;
    let job = if child { Job::Paediatrics } else { Job::General };
    let Some(at) = chart.visit(day, Setting::Clinic, job, &other::PROBLEM_VISIT) else { return };
    let fever = if illness.fever > 0 { (illness.fever + dice.around(0, 4)).max(0) } else { 0 };
    chart.presents(at, illness.code, Acute { fever, breathless: 0 });
    let begun = at.day().plus(-dice.range(1, 3));
    let condition = chart.diagnose(at, illness.code, begun, Some(begun.plus(illness.days)));
    let (drug, amount, times) = if child { illness.child } else { illness.adult };
    let amount = if child && chart.age(at.day()) < 2 { amount / 2 } else { amount };
    chart.prescribe(at, Order::daily(drug, amount, times).days(5).because(&condition));
    if fever > 9 && dice.chance(30) {
        let white = dice.range(62, 128);
        chart.panel(at, &lab::BLOOD_COUNT, dice, &[(&lab::WHITE_CELLS, white)]);
    }
}

/// COVID-19 in 2020 to 2022.
fn pandemic(chart: &mut Chart, dice: &mut Dice) {
    if !dice.chance(22) {
        return;
    }
    let day = Day::of(2020, 6, 1).plus(dice.range(0, 800));
    let Some(at) = chart.visit(day, Setting::Emergency, Job::Emergency, &other::EMERGENCY_VISIT) else {
        return;
    };
    chart.presents(at, &condition::FEVER, Acute { fever: 15, breathless: dice.range(0, 4) });
    let begun = at.day().plus(-3).max(chart.person.born);
    chart.diagnose(at, &condition::COVID, begun, Some(begun.plus(14)));
    chart.finding(at, &lab::COVID_PCR, &other::DETECTED);
    chart.tell(
        at,
        ("instruction", "Instruction"),
        "Your test found SARS-CoV-2. Stay at home for seven days; come back if you are short of breath.",
    );
}

/// Pneumonia on the ward. Returns the admission.
pub(crate) fn pneumonia(chart: &mut Chart, dice: &mut Dice, day: Day, nights: i32) -> Option<At> {
    let at = chart.visit(day, Setting::Ward(nights), Job::General, &other::ADMISSION)?;
    chart.presents(at, &condition::BREATHLESS, Acute { fever: 20, breathless: dice.range(4, 8) });
    let condition = chart.diagnose(at, &condition::PNEUMONIA, at.day().plus(-2), Some(at.day().plus(18)));
    let (white, protein) = (dice.range(125, 190), dice.range(600, 1900));
    chart.panel(at.plus(15), &lab::BLOOD_COUNT, dice, &[(&lab::WHITE_CELLS, white)]);
    chart.panel(at.plus(15), &lab::INFLAMMATION, dice, &[(&lab::CRP, protein)]);
    chart.panel(at.plus(15), &lab::METABOLIC, dice, &[]);
    chart.image(at.plus(25), &image::CHEST, "Right lower lobe consolidation. No effusion.");
    chart.prescribe(at, Order::daily(&drug::CEFTRIAXONE, 1000, 1).days(nights + 1).because(&condition));
    chart.prescribe(at, Order::daily(&drug::AZITHROMYCIN, 2, 1).days(3).because(&condition));
    if let Some(next) = chart.morning(at, 2) {
        chart.panel(next, &lab::INFLAMMATION, dice, &[(&lab::CRP, protein / 3)]);
    }
    if let Some(over) = chart.over(at) {
        let lines = vec![
            format!("Admitted on {} with fever, cough and breathlessness.", at.day()),
            "Community-acquired pneumonia of the right lower lobe. Antibiotics for five days.".to_owned(),
            "Afebrile at discharge. Chest X-ray again in six weeks.".to_owned(),
        ];
        chart.file(over.plus(-15), &other::DISCHARGE_SUMMARY, lines);
    }
    Some(at)
}
