//! Three organizations, their people, their patients, and what is written about them: at random, around the house's present.

use fhir::time::{DAY_US, render_instant};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::chance::Chance;

pub(crate) const ORGANIZATIONS: [&str; 3] = ["north", "south", "east"];
pub(crate) const PRACTITIONERS: [&str; 6] = ["ann", "bob", "cem", "dee", "eli", "fay"];
pub(crate) const PATIENTS: usize = 16;
pub(crate) const CODES: [&str; 4] = ["c0", "c1", "c2", "c3"];
pub(crate) const FAMILIES: [&str; 3] = ["Testri", "Testwar", "Testham"];
const LABELS: [&str; 5] = ["PSY", "HIV", "ETH", "N", "R"];
const PURPOSES: [&str; 4] = ["TREAT", "HOPERAT", "HRESCH", "ETREAT"];
const CLASSES: [&str; 5] = ["Observation", "Condition", "Encounter", "Patient", "MedicationRequest"];

/// Types that a search may be about.
pub(crate) const TYPES: [&str; 9] = [
    "Patient",
    "Observation",
    "Condition",
    "Encounter",
    "MedicationRequest",
    "Appointment",
    "Consent",
    "Practitioner",
    "Organization",
];

/// What is stored, by `Type/id`.
pub(crate) type World = BTreeMap<String, Value>;

pub(crate) fn reference(kind: &str, id: &str) -> Value {
    json!({"reference": format!("{kind}/{id}")})
}

pub(crate) fn patient(chance: &mut Chance) -> String {
    format!("p{}", chance.below(PATIENTS))
}

/// Scopes of which some are refined, as an app may have got them.
pub(crate) fn refined(chance: &mut Chance, context: &str) -> Vec<String> {
    let mut scopes = vec![format!("{context}/Patient.rs")];
    for kind in ["Observation", "Observation", "Condition", "MedicationRequest", "Encounter", "Consent"] {
        let mut query = Vec::new();
        if chance.one_in(2) && !["Encounter", "Consent"].contains(&kind) {
            let codes = [*chance.pick(&CODES), *chance.pick(&CODES), *chance.pick(&CODES)];
            query.push(match chance.below(5) {
                0 => format!("code=urn:t|{}", codes[0]),
                1 => format!("code={},urn:t|{}", codes[0], codes[1]),
                2 => format!("code={},{},{}", codes[0], codes[1], codes[2]),
                3 => "code=urn:t|".to_owned(),
                _ => format!("code=|{},{}", codes[0], codes[1]),
            });
        }
        if kind == "Encounter" {
            query.push(
                (*chance.pick(&["class=AMB", "class=|AMB", "class=IMP", "class=urn:t|AMB"])).to_owned(),
            );
        }
        if chance.one_in(3) {
            query.push(format!("_security={},{}", chance.pick(&LABELS), chance.pick(&LABELS)));
        }
        if chance.one_in(4) {
            query.push(format!("patient={},Patient/{},p5", patient(chance), patient(chance)));
        }
        if kind == "Observation" && chance.one_in(4) {
            query.push(format!("performer=Practitioner/{}", chance.pick(&PRACTITIONERS)));
        }
        let query = query.join("&");
        scopes.push(match query.is_empty() {
            true => format!("{context}/{kind}.rs"),
            false => format!("{context}/{kind}.rs?{query}"),
        });
    }
    scopes
}

/// The directory, which everybody who may read its types sees.
pub(crate) fn directory() -> World {
    let mut world = World::new();
    for id in ORGANIZATIONS {
        let organization = json!({"resourceType": "Organization", "id": id, "name": format!("Test {id}")});
        world.insert(format!("Organization/{id}"), organization);
    }
    for id in PRACTITIONERS {
        let practitioner = json!({"resourceType": "Practitioner", "id": id, "name": [{"family": "Testdoc"}]});
        world.insert(format!("Practitioner/{id}"), practitioner);
    }
    world
}

/// A patient; half of them are registered with an organization.
pub(crate) fn registered(chance: &mut Chance, id: &str) -> Value {
    let mut patient = json!({
        "resourceType": "Patient", "id": id, "name": [{"family": *chance.pick(&FAMILIES)}], "birthDate": "1980-01-01",
    });
    if chance.one_in(2) {
        patient["managingOrganization"] = reference("Organization", *chance.pick(&ORGANIZATIONS));
    }
    patient
}

/// Something about a patient, or something that lets somebody in or keeps them out.
pub(crate) fn anything(chance: &mut Chance, id: &str, now: i64) -> Value {
    let subject = reference("Patient", &patient(chance));
    let coded = json!({"coding": [{"system": "urn:t", "code": *chance.pick(&CODES)}]});
    let mut resource = match chance.below(12) {
        0..=3 => json!({"resourceType": "Observation", "status": "final", "code": coded, "subject": subject,
            "effectiveDateTime": day(chance, now, 400), "performer": [reference("Practitioner", *chance.pick(&PRACTITIONERS))]}),
        4 | 5 => json!({"resourceType": "Condition", "code": coded, "subject": subject}),
        6 => json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "medicationCodeableConcept": coded, "subject": subject}),
        7 | 8 => encounter(chance, &subject, now),
        9 => appointment(chance, &subject, now),
        _ => consent(chance, &subject, now),
    };
    resource["id"] = id.into();
    if resource["resourceType"] != "Consent" && chance.one_in(3) {
        let labels: Vec<Value> =
            (0..=chance.below(2)).map(|_| json!({"code": *chance.pick(&LABELS)})).collect();
        resource["meta"] = json!({"security": labels});
    }
    resource
}

fn encounter(chance: &mut Chance, subject: &Value, now: i64) -> Value {
    let status = *chance.pick(&["in-progress", "finished", "finished", "cancelled"]);
    let mut period = json!({"start": day(chance, now, 300)});
    if status == "finished" && !chance.one_in(4) {
        period["end"] = day(chance, now, 250);
    }
    let mut encounter = json!({"resourceType": "Encounter", "status": status, "class": {"code": "AMB"},
        "subject": subject, "period": period,
        "participant": [{"individual": reference("Practitioner", *chance.pick(&PRACTITIONERS))}]});
    if chance.one_in(2) {
        encounter["serviceProvider"] = reference("Organization", *chance.pick(&ORGANIZATIONS));
    }
    encounter
}

fn appointment(chance: &mut Chance, subject: &Value, now: i64) -> Value {
    let at = now - DAY_US * 100 + chance.below(200) as i64 * DAY_US;
    json!({"resourceType": "Appointment", "status": *chance.pick(&["booked", "cancelled", "fulfilled"]),
    "start": render_instant(at), "end": render_instant(at + 1),
    "participant": [
        {"actor": subject, "status": "accepted"},
        {"actor": reference("Practitioner", *chance.pick(&PRACTITIONERS)), "status": "accepted"},
        {"actor": reference("Patient", &patient(chance)), "status": "accepted"},
    ]})
}

fn consent(chance: &mut Chance, subject: &Value, now: i64) -> Value {
    let mut provision = provision(chance, now);
    if chance.one_in(2) {
        provision["provision"] = json!([self::provision(chance, now)]);
    }
    json!({"resourceType": "Consent", "status": *chance.pick(&["active", "active", "active", "inactive"]),
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}], "policyRule": {"text": "t"},
        "patient": subject, "provision": provision})
}

fn provision(chance: &mut Chance, now: i64) -> Value {
    let mut provision = json!({"type": *chance.pick(&["permit", "permit", "deny"])});
    if !chance.one_in(4) {
        let who = match chance.one_in(3) {
            true => reference("Organization", *chance.pick(&ORGANIZATIONS)),
            false => reference("Practitioner", *chance.pick(&PRACTITIONERS)),
        };
        provision["actor"] = json!([{"role": {"text": "t"}, "reference": who}]);
    }
    if chance.one_in(4) {
        provision["purpose"] = json!([{"code": *chance.pick(&PURPOSES)}]);
    }
    if chance.one_in(3) {
        provision["class"] = json!([{"code": *chance.pick(&CLASSES)}, {"code": *chance.pick(&CLASSES)}]);
    }
    if chance.one_in(3) {
        provision["securityLabel"] = json!([{"code": *chance.pick(&LABELS)}]);
    }
    if chance.one_in(6) {
        let item = reference("Observation", &format!("r{}", chance.below(400)));
        provision["data"] = json!([{"meaning": "instance", "reference": item}]);
    }
    if chance.one_in(3) {
        let code = *chance.pick(&["access", "access", "collect", "use"]);
        provision["action"] = json!([{"coding": [{"code": code}]}]);
    }
    if chance.one_in(4) {
        provision["period"] =
            json!({"start": day(chance, now, 60), "end": day(chance, now + 20 * DAY_US, 40)});
    }
    provision
}

/// A day of the last `days`, or of a few to come.
fn day(chance: &mut Chance, now: i64, days: usize) -> Value {
    let at = now + 10 * DAY_US - chance.below(days) as i64 * DAY_US;
    render_instant(at).chars().take(10).collect::<String>().into()
}
