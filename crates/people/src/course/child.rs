//! Childhood: the birth, well-child visits, and vaccines by the schedule of the country.

use crate::chart::Chart;
use crate::chart::visit::{At, Setting};
use crate::code::{other, vaccine};
use crate::course::antenatal;
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::person::Tie;
use crate::value::object;
use crate::value::{Unit, quantity};
use crate::when::YEAR;

/// Writes birth and childhood as far as the chart reaches back.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("childhood");
    if chart.age(chart.world.as_of) >= 19 {
        return;
    }
    let newborn = birth(chart, &mut dice);
    vaccines(chart, &mut dice, newborn);
    check_ups(chart, &mut dice);
}

fn birth(chart: &mut Chart, dice: &mut Dice) -> Option<At> {
    let person = chart.person;
    let mother = person.kin.iter().find(|(_, tie)| *tie == Tie::Mother).map(|(at, _)| &chart.family[*at])?;
    if !antenatal::is_charted(mother, person) {
        return None;
    }
    let born = antenatal::birth_time(chart.world.seed, mother, person);
    let at = chart.visit_on(person.born, Setting::Maternity(2), Job::Paediatrics, &other::BIRTH)?;
    let end = chart.over(at).map(|over| over.moment);
    let at = chart.retime(at, born, end);
    for (code, minutes, low) in [(&other::APGAR_1, 1, 6), (&other::APGAR_5, 5, 8)] {
        let score = quantity(i64::from(dice.range(low, 10)), 0, Unit::new("{score}", "{score}"));
        chart.note(at.plus(minutes), ("survey", "Survey"), code, object!({"valueQuantity": score}));
    }
    Some(at)
}

fn vaccines(chart: &mut Chart, dice: &mut Dice, newborn: Option<At>) {
    let schedule: &[vaccine::Due] =
        if chart.person.culture.is_indian() { &vaccine::INDIA } else { &vaccine::AMERICA };
    let careless = dice.chance(15);
    for due in schedule {
        let day = chart.person.born.plus(due.age_days + if due.age_days > 0 { dice.range(0, 12) } else { 0 });
        if day > chart.end || (careless && dice.chance(30)) {
            continue;
        }
        let at = match newborn {
            Some(at) if due.age_days == 0 => Some(at.plus(60)),
            _ => chart.visit(day, Setting::Clinic, Job::Paediatrics, &other::WELL_CHILD_VISIT),
        };
        for (vaccine, dose) in due.doses {
            match at {
                Some(at) if dice.chance(1) => chart.refused_vaccine(at, vaccine),
                Some(at) => {
                    chart.vaccinate(at, vaccine, *dose);
                }
                None if day < chart.person.since => chart.was_vaccinated(day, vaccine, *dose),
                None => {}
            }
        }
    }
}

fn check_ups(chart: &mut Chart, dice: &mut Dice) {
    let ages =
        [30, 120, 270, 365, 730, 3 * YEAR, 4 * YEAR, 6 * YEAR, 8 * YEAR, 10 * YEAR, 12 * YEAR, 15 * YEAR];
    for age in ages {
        if dice.chance(70) {
            let day = chart.person.born.plus(age + dice.range(0, 30));
            chart.follow_up(day, Job::Paediatrics, &other::WELL_CHILD_VISIT);
        }
    }
}
