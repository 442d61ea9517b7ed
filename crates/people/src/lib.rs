//! A deterministic synthetic population: for demonstration, training, tests and benchmarks.
//!
//! Seed in, FHIR R4 resources out. [`houses`] is one transaction Bundle with three hospitals (two in India, one
//! in the US), their staff, payers, medicines, questionnaires and clinic hours; [`patients`] gives one transaction
//! Bundle per patient, in families, with years of chronic and acute illness. Every entry is a `PUT` under an id
//! that follows from the seed, so loading twice changes nothing; references only reach back, to the houses and to
//! patients before. The same plan gives the same bytes on every platform.
//!
//! May use: `fhir` only. Never: a clock (today is [`Plan::as_of`]), other chance than the seed, I/O, data of real
//! people. Every resource carries the tag `HTEST`, identifiers come from systems under `keepwell.example` or are
//! numbers that are never issued, telephone numbers are ones nobody can have.

mod body;
mod bundle;
mod chart;
mod code;
mod course;
mod dice;
mod house;
mod household;
mod names;
mod pdf;
mod person;
mod place;
mod value;
mod when;

#[cfg(test)]
mod tests;

use chart::Chart;
use house::World;
use serde_json::Value;
use when::Day;

/// Which population: everything follows from these three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where all chance comes from.
    pub seed: u64,
    /// How many patients.
    pub patients: usize,
    /// Today: nothing has happened after it but what is planned.
    pub as_of: jiff::civil::Date,
}

impl Plan {
    fn world(&self) -> World {
        World::new(self.seed, Day::from_civil(self.as_of))
    }
}

/// One transaction Bundle of everything that belongs to no patient. Load it before any patient.
///
/// ```
/// let plan = people::Plan { seed: 42, patients: 10, as_of: jiff::civil::date(2026, 6, 1) };
/// assert_eq!(people::houses(&plan)["type"], "transaction");
/// ```
pub fn houses(plan: &Plan) -> Value {
    house::bundle(&plan.world(), plan.patients)
}

/// One transaction Bundle per patient, from 0 to `plan.patients - 1`. Load them in this order: a parent's bundle
/// refers to the child's, which comes before.
pub fn patients(plan: &Plan) -> impl Iterator<Item = Value> + use<> {
    let world = plan.world();
    (0..plan.patients).map(move |n| write(&world, n))
}

/// The bundle of patient `n` alone: the same bytes as the `n`-th of [`patients`].
///
/// A number past the plan's end gives the person who would be next.
///
/// ```
/// let plan = people::Plan { seed: 42, patients: 10, as_of: jiff::civil::date(2026, 6, 1) };
/// assert_eq!(Some(people::patient(&plan, 3)), people::patients(&plan).nth(3));
/// ```
pub fn patient(plan: &Plan, n: usize) -> Value {
    write(&plan.world(), n)
}

fn write(world: &World, n: usize) -> Value {
    let family = household::block(world.seed, world.as_of, n / household::BLOCK);
    let mut chart = Chart::open(world, &family, n % household::BLOCK);
    chart.register();
    course::live(&mut chart);
    chart.close()
}
