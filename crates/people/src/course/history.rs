//! What came before and from elsewhere: illness in the family, what the person takes by themselves, old papers.

use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::visit::At;
use crate::code::{self, Code, condition, drug, other};
use crate::dice::Dice;
use crate::place::{self, HOSPITALS};
use crate::value::object;
use crate::value::{Unit, coding, concept, hl7, named, quantity};

/// Writes them at the first visit.
pub(crate) fn run(chart: &mut Chart) {
    let Some(at) = chart.beginnings().first().copied() else { return };
    let mut dice = chart.dice("history");
    family(chart, at, &mut dice);
    own_medicines(chart, at, &mut dice);
    if dice.chance(12) {
        referral(chart, at);
    }
}

static FAMILY: [(&str, &str, &Code, i32); 7] = [
    ("MTH", "mother", &condition::DIABETES, 52),
    ("FTH", "father", &condition::HEART_DISEASE, 58),
    ("FTH", "father", &condition::HYPERTENSION, 47),
    ("MTH", "mother", &condition::BREAST_CANCER, 49),
    ("SIS", "sister", &condition::HYPOTHYROID, 33),
    ("BRO", "brother", &condition::ASTHMA, 9),
    ("FTH", "father", &condition::STROKE, 66),
];

fn family(chart: &mut Chart, at: At, dice: &mut Dice) {
    if !dice.chance(40) {
        return;
    }
    let (code, display, illness, age) = *dice.pick(&FAMILY);
    let years = Unit::new("years", "a");
    let dead = age > 45 && dice.chance(40);
    let sex = match code {
        "MTH" | "SIS" => ("female", "Female"),
        _ => ("male", "Male"),
    };
    let gender = coding(&code::code("http://hl7.org/fhir/administrative-gender", sex.0, sex.1));
    let onset = quantity(i64::from(age + dice.around(0, 5)), 0, years);
    let body = object!({
        "status": "completed",
        "patient": chart.subject(),
        "date": at.text(),
        "relationship": hl7("v3-RoleCode", code, display),
        "sex": object!({"coding": [gender]}),
        "deceasedBoolean": dead,
        "condition": [object!({"code": concept(illness), "contributedToDeath": dead, "onsetAge": onset})],
    });
    chart.put(at.house, "FamilyMemberHistory", body);
}

/// What people take without being told to; the patient is the source.
fn own_medicines(chart: &mut Chart, at: At, dice: &mut Dice) {
    if chart.age(at.day()) < 16 || !dice.chance(45) {
        return;
    }
    let order = match dice.range(1, 5) {
        1 => Order::daily(&drug::PARACETAMOL, 1, 2).as_needed(),
        2 => Order::daily(&drug::OMEPRAZOLE, 1, 1).when("MORN"),
        3 => Order::daily(&drug::IBUPROFEN, 1, 2).as_needed(),
        4 => Order::daily(&drug::CALCIUM, 500, 1),
        _ => Order::daily(&drug::LORATADINE, 1, 1).as_needed(),
    };
    let reference = chart.takes(at, order, true);
    let who = chart.subject();
    chart.provenance(at, &[&reference], ("CREATE", "create"), who);
}

/// A letter that came with the patient from another hospital.
fn referral(chart: &mut Chart, at: At) {
    let from = if chart.person.house == place::LAKESIDE { place::DISTRICT } else { place::LAKESIDE };
    let lines = vec![
        format!("From: {}", HOSPITALS[from].name),
        "Thank you for seeing this patient, who has moved to your area.".to_owned(),
        "No regular medicines were given here. Vaccination card handed over.".to_owned(),
    ];
    let reference = chart.file(at, &other::REFERRAL_NOTE, lines);
    let who = named(&chart.world.organization(from), HOSPITALS[from].name);
    chart.provenance(at, &[&reference], ("CREATE", "create"), who);
}
