//! One patient's chart under construction: the courses of illness write into it, and it becomes a bundle.

pub(crate) mod billing;
pub(crate) mod drug;
pub(crate) mod image;
pub(crate) mod lab;
pub(crate) mod paper;
pub(crate) mod plan;
pub(crate) mod problem;
pub(crate) mod vaccine;
pub(crate) mod visit;
pub(crate) mod vitals;

use crate::body::Body;
use crate::bundle::Bundle;
use crate::code::Code;
use crate::dice::{self, Dice, label};
use crate::house::World;
use crate::person::{Person, patient, relative};
use crate::place::HOSPITALS;
use crate::value::to;
use crate::when::Day;
use problem::Problem;
use serde_json::Value;
use std::collections::BTreeSet;
use visit::Visit;

/// A chart, and what the courses need to know to go on writing it.
pub(crate) struct Chart<'w> {
    pub(crate) world: &'w World,
    pub(crate) person: &'w Person,
    /// The block that the person's household is in.
    pub(crate) family: &'w [Person],
    /// `Patient/…`.
    pub(crate) patient: String,
    /// The last day on which anything can have happened: death, or today.
    pub(crate) end: Day,
    pub(crate) body: Body,
    pub(crate) problems: Vec<Problem>,
    pub(crate) coverage: Option<String>,
    /// What the person must not be given.
    pub(crate) allergies: Vec<&'static Code>,
    visits: Vec<Visit<'w>>,
    taken: BTreeSet<Day>,
    bundle: Bundle,
    source: usize,
    next: u64,
}

/// The first number of ids that are not the patient's or a relative's.
const FIRST: u64 = 32;

impl<'w> Chart<'w> {
    /// The empty chart of the person at position `at` of `family`.
    pub(crate) fn open(world: &'w World, family: &'w [Person], at: usize) -> Chart<'w> {
        let person = &family[at];
        let mut dice = Dice::new(world.seed, &[person.n as u64, label("body")]);
        Chart {
            world,
            person,
            family,
            patient: patient::reference(world.seed, person.n),
            end: person.died.unwrap_or(world.as_of),
            body: Body::new(person, &mut dice),
            problems: Vec::new(),
            coverage: None,
            allergies: Vec::new(),
            visits: Vec::new(),
            taken: BTreeSet::new(),
            bundle: Bundle::new(&system(person.house)),
            source: person.house,
            next: FIRST,
        }
    }

    /// A stream of chance of its own for `purpose`.
    pub(crate) fn dice(&self, purpose: &str) -> Dice {
        Dice::new(self.world.seed, &[self.person.n as u64, label(purpose)])
    }

    /// Adds a resource that comes from hospital `house` and returns its reference.
    pub(crate) fn put(&mut self, house: usize, kind: &str, body: Value) -> String {
        let id = self.fresh();
        self.put_under(house, kind, &id, body);
        format!("{kind}/{id}")
    }

    /// An id for a resource to be added later.
    pub(crate) fn fresh(&mut self) -> String {
        self.next += 1;
        dice::id(self.world.seed, self.person.n as u64, self.next)
    }

    /// Adds a resource under an id that is already known.
    pub(crate) fn put_under(&mut self, house: usize, kind: &str, id: &str, body: Value) {
        if house != self.source {
            self.source = house;
            self.bundle.source(&system(house));
        }
        self.bundle.put(kind, id, body);
    }

    /// The reference to the patient, as `subject` wants it.
    pub(crate) fn subject(&self) -> Value {
        to(&self.patient)
    }

    /// The offset of local time at hospital `house`.
    pub(crate) fn offset(house: usize) -> &'static str {
        HOSPITALS[house].offset
    }

    /// Whole years on that day.
    pub(crate) fn age(&self, day: Day) -> i32 {
        self.person.age(day)
    }

    /// Whether the person lives today.
    pub(crate) fn is_alive(&self) -> bool {
        self.person.died.is_none()
    }

    /// Writes the Patient and the people close to them.
    pub(crate) fn register(&mut self) {
        let house = self.person.house;
        let body = patient::body(self.world, self.person, self.family);
        let id = dice::id(self.world.seed, self.person.n as u64, 0);
        self.put_under(house, "Patient", &id, body);
        for (at, tie) in &self.person.kin {
            if relative::is_kept(self.person, *tie, self.world.as_of) {
                let body = relative::body(&self.patient, &self.family[*at], *tie);
                let id = relative::id(self.world.seed, self.person.n, *at);
                self.put_under(house, "RelatedPerson", &id, body);
            }
        }
    }

    /// Closes the chart: encounters with their vital signs, bills, and the bundle around it all.
    pub(crate) fn close(mut self) -> Value {
        self.write_visits();
        self.write_bills();
        let id = dice::id(self.world.seed, self.person.n as u64, FIRST);
        self.bundle.finish(&id)
    }
}

fn system(house: usize) -> String {
    format!("https://{}.keepwell.example", HOSPITALS[house].slug)
}
