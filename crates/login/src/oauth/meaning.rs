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
    format!("{verbs} {} {whose}", thing(scope.resource_type.as_deref()))
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
        assert_eq!(say("user/Flag.c", true), "Add entries of the kind Flag that you may see yourself");
        assert_eq!(
            say("user/Appointment.rs", false),
            "See appointments of all patients that you may see yourself"
        );
    }
}
