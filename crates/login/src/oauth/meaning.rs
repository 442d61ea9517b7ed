//! What scopes mean, in a sentence that the person reads who is to allow them.

use access::scope::{Context, Permission, Scope};

/// What a scope that is about no record means.
pub(crate) fn of_word(word: &str) -> &'static str {
    match word {
        "openid" => "Know that it is you: it gets a number that stands for your account here",
        "fhirUser" => "Know which person in the record you are",
        "offline_access" => {
            "Come back by itself while you are away, until you disconnect it or it has not come for 90 days"
        }
        "online_access" => "Come back by itself for as long as you stay signed in here",
        _ => "Know whose chart it was started from",
    }
}

/// What a record scope means.
pub(crate) fn of_scope(scope: &Scope, of_oneself: bool) -> String {
    let sees = scope.grants(Permission::Read) || scope.grants(Permission::Search);
    let changes =
        [(Permission::Create, "add"), (Permission::Update, "change"), (Permission::Delete, "delete")];
    let verbs: Vec<&str> = sees
        .then_some("see")
        .into_iter()
        .chain(changes.into_iter().filter(|(permission, _)| scope.grants(*permission)).map(|(_, word)| word))
        .collect();
    let mut verbs = joined(&verbs);
    verbs.get_mut(..1).map(str::make_ascii_uppercase);
    let whose = match (scope.context, of_oneself) {
        (Context::Patient, true) => "in your record",
        (Context::Patient, false) => "in this patient's chart",
        (Context::User, true) => "that you may see yourself",
        (Context::User, false) => "of all patients that you may see yourself",
        (Context::System, _) => "of everybody",
    };
    let what = thing(scope.resource_type.as_deref());
    let some: Vec<String> = scope.conditions().iter().map(kinds).collect();
    match some.is_empty() {
        true => format!("{verbs} {what} {whose}"),
        false => format!("{verbs} {what} {whose}, but only {}", some.join(", and of these only ")),
    }
}

/// What a refinement leaves, in plain words: those that people meet often; others as they were asked for.
fn kinds((name, values): &(String, Vec<String>)) -> String {
    let said = values.iter().map(|text| {
        let code = text.rsplit('|').next().unwrap_or_default();
        known(text, code).map_or_else(|| format!("“{text}”"), str::to_owned)
    });
    let said = said.collect::<Vec<_>>().join(" or ");
    match name.as_str() {
        "category" => format!("those of the kind {said}"),
        name => format!("those whose {name} is {said}"),
    }
}

/// A category in plain words. A system that is not one of HL7's may mean anything by its codes.
fn known(text: &str, code: &str) -> Option<&'static str> {
    let is_ours = text == code
        || text.starts_with("http://terminology.hl7.org/")
        || text.starts_with("http://hl7.org/fhir/");
    let words = match code {
        "clinical-note" => "notes of the clinic",
        "encounter-diagnosis" => "diagnoses of a visit",
        "health-concern" => "health concerns",
        "laboratory" => "laboratory results",
        "problem-list-item" => "problem list",
        "sdoh" => "living conditions",
        "social-history" => "habits and social history",
        "survey" => "answers to questionnaires",
        "vital-signs" => "vital signs (pulse, blood pressure, weight …)",
        _ => return None,
    };
    is_ours.then_some(words)
}

fn joined(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// A resource type in plain words; a rare one by its name.
fn thing(resource_type: Option<&str>) -> String {
    let words = match resource_type {
        None => "everything",
        Some("AllergyIntolerance") => "allergies",
        Some("Appointment") => "appointments",
        Some("CarePlan") => "care plans",
        Some("CareTeam") => "care teams",
        Some("Consent") => "what you permit and deny others (consents)",
        Some("Condition") => "diagnoses and health problems",
        Some("Coverage") => "insurance",
        Some("Device") => "devices and implants",
        Some("DiagnosticReport") => "test reports",
        Some("DocumentReference") => "documents and notes",
        Some("Encounter") => "visits",
        Some("Endpoint") => "addresses of other systems",
        Some("FamilyMemberHistory") => "illnesses in the family",
        Some("Goal") => "goals",
        Some("HealthcareService") => "services on offer",
        Some("Immunization") => "vaccinations",
        Some("Location") => "wards, rooms and other places",
        Some("Medication" | "MedicationRequest" | "MedicationStatement") => "medicines",
        Some("MedicationAdministration" | "MedicationDispense") => "medicines given",
        Some("Organization") => "hospitals and other organizations",
        Some("Observation") => "test results and measurements",
        Some("Patient") => "name, birth date, address and contact details",
        Some("Practitioner") => "names of staff",
        Some("PractitionerRole") => "where staff work, and as what",
        Some("Procedure") => "procedures and operations",
        Some("Questionnaire") => "empty questionnaires",
        Some("QuestionnaireResponse") => "answered questionnaires",
        Some("RelatedPerson") => "family and other people close to somebody",
        Some("Schedule") => "calendars of staff and places",
        Some("ServiceRequest") => "orders and referrals",
        Some("Slot") => "free and taken times for appointments",
        Some(other) => return format!("entries of the kind {other}"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_said_in_a_sentence() {
        let say = |text: &str, own| of_scope(&text.parse().unwrap(), own);
        assert_eq!(say("patient/Observation.rs", true), "See test results and measurements in your record");
        assert_eq!(
            say("patient/*.cruds", false),
            "See, add, change and delete everything in this patient's chart"
        );
        let lab = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";
        assert_eq!(
            say(lab, true),
            "See test results and measurements in your record, but only those of the kind laboratory results"
        );
        assert_eq!(
            say("patient/Observation.rs?category=vital-signs,https://x.example|survey&code=8867-4", true),
            "See test results and measurements in your record, but only those of the kind vital signs (pulse, blood pressure, weight …) \
             or “https://x.example|survey”, and of these only those whose code is “8867-4”"
        );
        assert_eq!(say("user/Flag.c", true), "Add entries of the kind Flag that you may see yourself");
        assert_eq!(
            say("user/Appointment.rs", false),
            "See appointments of all patients that you may see yourself"
        );
    }
}
