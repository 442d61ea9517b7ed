//! Looking for disease before it shows: breast, cervix, bowel, lipids; and vaccines for grown-ups.

use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::{At, Setting};
use crate::code::{Code, condition, drug, lab, other, snomed, vaccine};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::place::SAGUARO;
use crate::when::{Day, YEAR};

/// Writes check-ups, yearly in the US and every second or third year in India.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("screening");
    if chart.age(chart.end) < 21 {
        return;
    }
    let gap = if chart.person.house == SAGUARO { YEAR } else { 2 * YEAR };
    let mut day = chart.person.since.plus(dice.range(60, 300)).max(chart.person.born.plus(21 * 366));
    let mut number = 0;
    while day <= chart.end && number < 12 {
        if dice.chance(70)
            && let Some(at) = chart.follow_up(day, Job::General, &other::CHECK_UP)
        {
            look(chart, &mut dice, at, number);
            number += 1;
        }
        day = day.plus(gap + dice.range(-40, 90));
    }
    pandemic_doses(chart, &mut dice);
}

fn look(chart: &mut Chart, dice: &mut Dice, at: At, number: i32) {
    let age = chart.age(at.day());
    let american = chart.person.house == SAGUARO;
    if number % 2 == 0 && age >= 35 {
        let total = dice.range(150, 240);
        chart.panel(at, &lab::LIPID, dice, &[(&lab::CHOLESTEROL, total)]);
        if total > 225 && chart.problem(&condition::LIPIDS).is_none() {
            chart.diagnose(at, &condition::LIPIDS, at.day(), None);
        }
    }
    if number % 3 == 0 {
        chart.panel(at, &lab::BLOOD_COUNT, dice, &[]);
    }
    if american && (number % 2 == 0 || age > 64) {
        chart.vaccinate(at, &vaccine::INFLUENZA, number + 1);
    }
    if american && age >= 65 && number == 1 {
        chart.vaccinate(at, &vaccine::PNEUMOCOCCAL_23, 1);
    }
    if american && age >= 50 && (2..4).contains(&number) {
        chart.vaccinate(at, &vaccine::ZOSTER, number - 1);
    }
    weigh(chart, at);
    joints(chart, dice, at, age);
    if chart.person.female {
        women(chart, dice, at, age, number);
    }
    if (50..=75).contains(&age) && number % 3 == 1 {
        bowel(chart, dice, at);
    }
}

/// Obesity, where the scales say so.
fn weigh(chart: &mut Chart, at: At) {
    let (weight, height) = (chart.body.weight(at.day()) / 10, chart.body.height(at.day()));
    let index = crate::chart::vitals::body_mass_index(weight, height);
    if index >= 305 && chart.problem(&condition::OBESITY).is_none() {
        chart.diagnose(at, &condition::OBESITY, at.day(), None);
    }
}

/// Worn knees, which paracetamol helps a little.
fn joints(chart: &mut Chart, dice: &mut Dice, at: At, age: i32) {
    if age >= 55 && dice.chance(5) && chart.problem(&condition::KNEE_ARTHRITIS).is_none() {
        let condition = chart.diagnose(at, &condition::KNEE_ARTHRITIS, at.day().plus(-200), None);
        chart.prescribe(at, Order::daily(&drug::PARACETAMOL, 1, 2).as_needed().because(&condition));
    }
}

fn women(chart: &mut Chart, dice: &mut Dice, at: At, age: i32, number: i32) {
    if (25..=64).contains(&age) && number % 3 == 0 {
        chart.operate(at.plus(8), &other::CERVICAL_SMEAR, 6, None, None);
        chart.finding(at, &lab::CERVICAL_CYTOLOGY, &NORMAL_SMEAR);
    }
    if (45..=72).contains(&age) && number % 2 == 0 {
        let suspicious = dice.chance(6);
        chart.operate(at.plus(8), &other::MAMMOGRAPHY, 10, Some(&other::BREAST), None);
        let finding = if suspicious {
            "BI-RADS 4: grouped microcalcifications on the left. Biopsy advised."
        } else {
            "BI-RADS 1: no sign of malignancy."
        };
        chart.image(at, &image::BREAST, finding);
        if suspicious {
            chart.tell(
                at,
                ("notification", "Notification"),
                "Your mammogram needs a second look. Please call us for a date this week.",
            );
        }
    }
}

fn bowel(chart: &mut Chart, dice: &mut Dice, at: At) {
    let found = dice.chance(9);
    chart.finding(at, &lab::OCCULT_BLOOD, if found { &other::DETECTED } else { &other::NOT_DETECTED });
    if !found {
        return;
    }
    let day = at.day().plus(dice.range(14, 45));
    let Some(at) = chart.visit(day, Setting::Clinic, Job::Surgery, &other::PROBLEM_VISIT) else { return };
    chart.operate(at.plus(5), &other::COLONOSCOPY, 12, None, None);
    if dice.chance(50) {
        chart.diagnose(at, &condition::COLON_POLYP, at.day(), None);
    }
}

/// Two doses in 2021, of the vaccine that the country gave.
fn pandemic_doses(chart: &mut Chart, dice: &mut Dice) {
    let first = Day::of(2021, 3, 1).plus(dice.range(0, 240));
    if chart.age(first) < 18 || first.plus(100) > chart.end || !dice.chance(82) {
        return;
    }
    let (vaccine, gap) = if chart.person.culture.is_indian() {
        (&vaccine::COVID_VECTOR, 84)
    } else {
        (&vaccine::COVID_MRNA, 21)
    };
    chart.was_vaccinated(first, vaccine, 1);
    chart.was_vaccinated(first.plus(gap), vaccine, 2);
}

const NORMAL_SMEAR: Code = snomed("373887005", "Negative for intraepithelial lesion or malignancy");
