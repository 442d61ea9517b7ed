//! Clinic hours: Schedule and Slot, and which slot a patient has booked.
//!
//! The first patients of a population have a slot of their own number, so that a booking needs no memory.

use super::{Kept, World};
use crate::bundle::Bundle;
use crate::dice::{Dice, label};
use crate::house::staff::{Job, Staff};
use crate::household;
use crate::person::Person;
use crate::place::HOSPITALS;
use crate::value::object;
use crate::value::{concept, hl7, identifier, named, to};
use crate::when::{Day, Moment};

/// Who has hours that patients can book.
const JOBS: [Job; 3] = [Job::General, Job::Paediatrics, Job::Obstetrics];
/// Clinic days ahead, Sundays left out.
const DAYS: usize = 10;
/// Half hours of a clinic day.
const HALVES: usize = 12;
/// Minutes of a slot.
const LENGTH: i32 = 30;

/// A time that can be booked.
pub(crate) struct Slot<'w> {
    pub(crate) doctor: &'w Staff,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
    pub(crate) reference: String,
    number: usize,
}

/// The slot that `person` has booked, if any.
pub(crate) fn booked<'w>(world: &'w World, person: &Person) -> Option<Slot<'w>> {
    let n = person.n;
    if n >= DAYS * HALVES || person.died.is_some() {
        return None;
    }
    let mut dice = Dice::new(world.seed, &[n as u64, label("booking")]);
    let job = if person.age(world.as_of) < 15 { 1 } else { 0 };
    dice.chance(55).then(|| slot(world, person.house, job, n))
}

/// Slot `at` of that doctor's hours: days turn fastest.
fn slot(world: &World, house: usize, job: usize, at: usize) -> Slot<'_> {
    let doctor = world.staff(house, JOBS[job]);
    let (day, half) = (at % DAYS, at / DAYS);
    let morning = if half < HALVES / 2 { 9 * 60 } else { 14 * 60 };
    let start = workday(world.as_of, day).at(morning + (half % (HALVES / 2)) as i32 * LENGTH);
    let number = (house * JOBS.len() + job) * DAYS * HALVES + at;
    let reference = format!("Slot/{}", world.id(Kept::Slot, number));
    Slot { doctor, start, end: start.plus(LENGTH), reference, number }
}

/// The `at`-th day after today that is no Sunday.
fn workday(today: Day, at: usize) -> Day {
    let mut day = today.plus(1);
    let mut left = at;
    loop {
        if !day.is_sunday() {
            if left == 0 {
                return day;
            }
            left -= 1;
        }
        day = day.plus(1);
    }
}

/// Writes all schedules and slots; those of the first `patients` people who booked are busy.
pub(super) fn write(world: &World, patients: usize, bundle: &mut Bundle) {
    let taken = taken(world, patients);
    for (house, hospital) in HOSPITALS.iter().enumerate() {
        bundle.source(&format!("https://{}.keepwell.example", hospital.slug));
        for (job, name) in JOBS.iter().enumerate() {
            let doctor = world.staff(house, *name);
            let number = house * JOBS.len() + job;
            let schedule = world.id(Kept::Schedule, number);
            let specialty: Vec<_> = doctor.job.specialty().map(concept).into_iter().collect();
            let horizon = object!({
                "start": workday(world.as_of, 0).at(0).text(hospital.offset),
                "end": workday(world.as_of, DAYS - 1).at(1439).text(hospital.offset),
            });
            let body = object!({
                "identifier": [identifier("schedule", &format!("TEST-S{number}"))],
                "active": true,
                "serviceCategory": [hl7("service-category", "17", "General Practice")],
                "specialty": specialty,
                "actor": [
                    named(&doctor.practitioner, &doctor.display),
                    to(&world.location(house, 1)),
                ],
                "planningHorizon": horizon,
            });
            bundle.put("Schedule", &schedule, body);
            for at in 0..DAYS * HALVES {
                let slot = slot(world, house, job, at);
                let busy = taken.contains(&slot.number);
                let body = object!({
                    "schedule": to(&format!("Schedule/{schedule}")),
                    "status": if busy { "busy" } else { "free" },
                    "start": slot.start.text(hospital.offset),
                    "end": slot.end.text(hospital.offset),
                });
                bundle.put("Slot", &world.id(Kept::Slot, slot.number), body);
            }
        }
    }
}

fn taken(world: &World, patients: usize) -> Vec<usize> {
    let last = patients.min(DAYS * HALVES);
    let blocks = 0..last.div_ceil(household::BLOCK);
    blocks
        .flat_map(|block| household::block(world.seed, world.as_of, block))
        .filter(|person| person.n < last)
        .filter_map(|person| booked(world, &person).map(|slot| slot.number))
        .collect()
}
