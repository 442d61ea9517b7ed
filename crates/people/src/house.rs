//! The houses: hospitals, their people, payers, medicines, questionnaires and clinics, in one bundle.

pub(crate) mod clinic;
pub(crate) mod network;
pub(crate) mod phq9;
pub(crate) mod staff;

use crate::bundle::Bundle;
use crate::code::Code;
use crate::code::drug::{Drug, FORMULARY};
use crate::dice;
use crate::place::HOSPITALS;
use crate::value::object;
use crate::value::{concept, words};
use crate::when::Day;
use serde_json::Value;
use staff::{Job, Staff};

/// What every chart refers to: seed, today, and who works where.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) as_of: Day,
    staff: [Vec<Staff>; 3],
}

/// The owner numbers of ids that belong to no patient, far above any patient's number.
const HOUSE: u64 = u64::MAX;

/// Kinds of ids a house hands out; each kind has a range of its own.
#[derive(Clone, Copy)]
pub(crate) enum Kept {
    Organization = 0,
    Location = 100,
    Service = 200,
    Endpoint = 300,
    Payer = 400,
    Medication = 1_000,
    Practitioner = 2_000,
    Role = 3_000,
    Schedule = 4_000,
    Questionnaire = 5_000,
    Slot = 10_000,
}

impl World {
    /// Hires everybody.
    pub(crate) fn new(seed: u64, as_of: Day) -> World {
        let staff = [0, 1, 2].map(|house| staff::hire(seed, house));
        World { seed, as_of, staff }
    }

    /// The logical id of the `at`-th thing of that kind.
    pub(crate) fn id(&self, kind: Kept, at: usize) -> String {
        id(self.seed, kind, at)
    }

    /// The reference of a hospital.
    pub(crate) fn organization(&self, house: usize) -> String {
        format!("Organization/{}", self.id(Kept::Organization, house))
    }

    /// The reference of one of a hospital's places.
    pub(crate) fn location(&self, house: usize, at: usize) -> String {
        format!("Location/{}", self.id(Kept::Location, house * network::PLACES.len() + at))
    }

    /// The reference of a payer.
    pub(crate) fn payer(&self, at: usize) -> String {
        format!("Organization/{}", self.id(Kept::Payer, at))
    }

    /// Everybody who works at `house`.
    pub(crate) fn all_staff(&self, house: usize) -> &[Staff] {
        &self.staff[house]
    }

    /// Who does that job at `house`, or, where the house has nobody for it, at the teaching hospital.
    pub(crate) fn staff(&self, house: usize, job: Job) -> &Staff {
        let here = self.staff[house].iter().find(|person| person.job == job);
        let there = self.staff[0].iter().find(|person| person.job == job);
        here.or(there).unwrap_or(&self.staff[0][0])
    }

    /// The reference of a medicine in the formulary.
    pub(crate) fn medication(&self, drug: &Drug) -> Option<String> {
        let at = FORMULARY.iter().position(|known| known.code == drug.code)?;
        Some(format!("Medication/{}", self.id(Kept::Medication, at)))
    }
}

/// The logical id of the `at`-th thing of that kind.
fn id(seed: u64, kind: Kept, at: usize) -> String {
    dice::id(seed, HOUSE, kind as u64 + at as u64)
}

/// The bundle of everything that belongs to no patient, for a population of that size.
pub(crate) fn bundle(world: &World, patients: usize) -> Value {
    let mut bundle = Bundle::new("https://network.keepwell.example");
    network::write(world, &mut bundle);
    for house in 0..HOSPITALS.len() {
        for person in world.all_staff(house) {
            staff::write(world, person, &mut bundle);
        }
    }
    for (at, drug) in FORMULARY.iter().enumerate() {
        bundle.put("Medication", &world.id(Kept::Medication, at), medication(drug));
    }
    bundle.put("Questionnaire", &world.id(Kept::Questionnaire, 0), phq9::questionnaire());
    clinic::write(world, patients, &mut bundle);
    bundle.finish(&world.id(Kept::Slot, 999_999))
}

fn medication(drug: &Drug) -> Value {
    let Code { display, .. } = drug.code;
    let (form, ..) = drug.form.unit();
    object!({
        "code": concept(&drug.code),
        "status": "active",
        "form": words(form),
        "ingredient": [object!({"itemCodeableConcept": words(display), "isActive": true})],
    })
}
