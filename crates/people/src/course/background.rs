//! What a first visit writes down: cover, smoking, blood group, allergies, consent.

use crate::chart::Chart;
use crate::chart::visit::{At, Setting};
use crate::code::{self, Code, condition, other, snomed};
use crate::house::network::PAYERS;
use crate::house::staff::Job;
use crate::place::{self, HOSPITALS};
use crate::value::object;
use crate::value::{coding, concept, hl7, named, set, to};
use crate::when::YEAR;
use serde_json::Value;

/// Writes the insurance, if there is one.
pub(crate) fn insure(chart: &mut Chart) {
    if chart.dice("cover").chance(18) {
        return;
    }
    let payer = chart.payer();
    let organization = named(&chart.world.payer(payer), PAYERS[payer].name);
    let plan = PAYERS[payer].plan;
    let kind = if PAYERS[payer].public {
        ("PUBLICPOL", "public healthcare")
    } else {
        ("HIP", "health insurance plan policy")
    };
    let mut period = object!({"start": chart.person.since.to_string()});
    let died = chart.person.died.map(|day| Value::from(day.to_string()));
    set(&mut period, "end", died);
    let body = object!({
        "status": "active",
        "type": hl7("v3-ActCode", kind.0, kind.1),
        "subscriberId": format!("TEST-{:08}", chart.person.n + 1),
        "beneficiary": chart.subject(),
        "relationship": hl7("subscriber-relationship", "self", "Self"),
        "period": period,
        "payor": [organization],
        "class": [object!({"type": hl7("coverage-class", "plan", "Plan"), "value": plan, "name": plan})],
    });
    chart.coverage = Some(chart.put(chart.person.house, "Coverage", body));
}

/// Writes the first visit.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("background");
    let job = if chart.age(chart.person.since) < 15 { Job::Paediatrics } else { Job::General };
    let first = chart.person.since.plus(dice.range(0, 25));
    let made = chart.visit(first, Setting::Clinic, job, &other::CHECK_UP);
    let Some(at) = made.or_else(|| chart.beginnings().first().copied()) else { return };
    smoking(chart, at);
    blood_group(chart, at);
    allergies(chart, at);
    consent(chart, at);
}

/// Whether somebody smokes: decided by the person alone, so that several courses agree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Smoking {
    Never,
    Former,
    Daily,
}

/// The habit of this person.
pub(crate) fn habit(chart: &Chart) -> Smoking {
    let mut dice = chart.dice("smoking");
    let percent = if chart.person.female { 8 } else { 34 };
    match (dice.chance(percent), dice.chance(50)) {
        (false, _) => Smoking::Never,
        (true, true) => Smoking::Former,
        (true, false) => Smoking::Daily,
    }
}

fn smoking(chart: &mut Chart, at: At) {
    if chart.age(at.day()) < 15 {
        return;
    }
    let code = match habit(chart) {
        Smoking::Never => &other::NEVER_SMOKER,
        Smoking::Former => &other::FORMER_SMOKER,
        Smoking::Daily => &other::DAILY_SMOKER,
    };
    let answer = object!({"valueCodeableConcept": concept(code)});
    chart.note(at, ("social-history", "Social History"), &other::SMOKING, answer);
}

static GROUPS: [(Code, i32); 8] = [
    (snomed("278147001", "Blood group O Rh(D) positive"), 36),
    (snomed("278150003", "Blood group B Rh(D) positive"), 64),
    (snomed("278149003", "Blood group A Rh(D) positive"), 86),
    (snomed("278151004", "Blood group AB Rh(D) positive"), 93),
    (snomed("278148006", "Blood group O Rh(D) negative"), 96),
    (snomed("278153001", "Blood group B Rh(D) negative"), 98),
    (snomed("278152006", "Blood group A Rh(D) negative"), 99),
    (snomed("278154007", "Blood group AB Rh(D) negative"), 100),
];

/// The blood group: typed by the laboratory, as the person says, or not on the chart.
fn blood_group(chart: &mut Chart, at: At) {
    let mut dice = chart.dice("blood group");
    let drawn = dice.range(1, 100);
    let group = GROUPS.iter().find(|(_, up_to)| drawn <= *up_to).map_or(&GROUPS[0].0, |(group, _)| group);
    let told = dice.range(1, 100);
    if told > 70 {
        return;
    }
    let (category, status, performer, note) = if told <= 40 {
        let laboratory = named(&chart.world.organization(at.house), HOSPITALS[at.house].name);
        (("laboratory", "Laboratory"), "final", laboratory, None)
    } else {
        let note = "Reported by the patient, not lab-verified";
        (("social-history", "Social History"), "preliminary", chart.subject(), Some(note))
    };
    let mut body = object!({
        "status": status,
        "category": [hl7("observation-category", category.0, category.1)],
        "code": concept(&other::BLOOD_GROUP),
        "subject": chart.subject(),
        "encounter": to(&chart.encounter(at)),
        "effectiveDateTime": at.text(),
        "performer": [performer],
        "valueCodeableConcept": concept(group),
    });
    set(&mut body, "note", note.map(|text| Value::from([object!({"text": text})])));
    let reference = chart.put(at.house, "Observation", body);
    if note.is_some() {
        let who = chart.subject();
        chart.provenance(at, &[&reference], ("CREATE", "create"), who);
    }
}

/// What somebody is allergic to, its category, and what happens.
static ALLERGIES: [(&Code, &str, &Code, &str); 9] = [
    (&condition::GRASS_ALLERGY, "environment", &condition::SNEEZING, "low"),
    (&condition::PENICILLIN_ALLERGY, "medication", &condition::RASH, "high"),
    (&condition::PENICILLIN_ALLERGY, "medication", &condition::ANAPHYLAXIS, "high"),
    (&condition::ASPIRIN_ALLERGY, "medication", &condition::WHEEZING, "high"),
    (&condition::PEANUT_ALLERGY, "food", &condition::ANAPHYLAXIS, "high"),
    (&condition::EGG_ALLERGY, "food", &condition::HIVES, "low"),
    (&condition::SHELLFISH_ALLERGY, "food", &condition::HIVES, "low"),
    (&condition::LATEX_ALLERGY, "environment", &condition::HIVES, "low"),
    (&condition::MITE_ALLERGY, "environment", &condition::SNEEZING, "low"),
];

/// Three kinds of charts: allergies, none known, and nobody asked.
fn allergies(chart: &mut Chart, at: At) {
    let mut dice = chart.dice("allergies");
    match dice.range(1, 100) {
        1..=25 if chart.age(at.day()) < 1 => {}
        1..=25 => {
            let first = dice.below(ALLERGIES.len());
            allergy(chart, at, first);
            if dice.chance(25) {
                allergy(chart, at, (first + 3) % ALLERGIES.len());
            }
        }
        26..=72 => {
            let body = allergy_body(chart, at, &condition::NO_KNOWN_ALLERGY);
            chart.put(at.house, "AllergyIntolerance", body);
        }
        _ => {}
    }
}

fn allergy(chart: &mut Chart, at: At, which: usize) {
    let (code, category, reaction, criticality) = ALLERGIES[which];
    let mut body = allergy_body(chart, at, code);
    set(&mut body, "type", Some(Value::from("allergy")));
    set(&mut body, "category", Some(Value::from([category])));
    set(&mut body, "criticality", Some(Value::from(criticality)));
    let severe = if *reaction == condition::ANAPHYLAXIS { "severe" } else { "mild" };
    let reactions = Value::from([object!({"manifestation": [concept(reaction)], "severity": severe})]);
    set(&mut body, "reaction", Some(reactions));
    chart.put(at.house, "AllergyIntolerance", body);
    chart.allergies.push(code);
    if severe == "severe" {
        chart.flag(at, ("safety", "Safety"), &format!("{}: anaphylaxis", code.display));
    }
}

fn allergy_body(chart: &Chart, at: At, code: &Code) -> Value {
    let doctor = chart.doctor(at);
    object!({
        "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
        "verificationStatus": hl7("allergyintolerance-verification", "confirmed", "Confirmed"),
        "code": concept(code),
        "patient": chart.subject(),
        "encounter": to(&chart.encounter(at)),
        "recordedDate": at.text(),
        "recorder": named(&doctor.practitioner, &doctor.display),
        "asserter": chart.subject(),
    })
}

const TREATMENT: Code =
    code::code("http://terminology.hl7.org/CodeSystem/v3-ActReason", "TREAT", "treatment");

/// Consent to sharing: for treatment, and for some people not with one of the other hospitals.
fn consent(chart: &mut Chart, at: At) {
    let mut dice = chart.dice("consent");
    if !dice.chance(60) {
        return;
    }
    let house = named(&chart.world.organization(at.house), HOSPITALS[at.house].name);
    let mut provision = object!({
        "type": "permit",
        "period": object!({"start": at.day().to_string(), "end": at.day().plus(10 * YEAR).to_string()}),
        "purpose": [coding(&TREATMENT)],
    });
    if dice.chance(15) {
        let closed = if at.house == place::SAGUARO { place::LAKESIDE } else { place::SAGUARO };
        let role = hl7("v3-ParticipationType", "IRCP", "information recipient");
        let actor = object!({"role": role, "reference": to(&chart.world.organization(closed))});
        set(&mut provision, "provision", Some(Value::from([object!({"type": "deny", "actor": [actor]})])));
    }
    let document = crate::code::loinc("59284-0", "Consent Document");
    let body = object!({
        "status": "active",
        "scope": hl7("consentscope", "patient-privacy", "Privacy Consent"),
        "category": [object!({"coding": [coding(&document)]})],
        "patient": chart.subject(),
        "dateTime": at.text(),
        "performer": [chart.subject()],
        "organization": [house],
        "policyRule": hl7("v3-ActCode", "OPTIN", "opt-in"),
        "provision": provision,
    });
    chart.put(at.house, "Consent", body);
}
