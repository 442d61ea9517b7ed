//! What enters a record when its patient brings it from another server: these types, and what lets somebody store them for that one
//! patient. A role does not hold these scopes; they are lent to one deed of somebody who looked at what came and said yes to it.
//!
//! The directory, consents, appointments, tasks and the Patient itself are not among them: what another house says of its people, of who
//! may see what, and of who the patient is, is not this house's word.

use crate::scope::Scope;

/// Each type, with the member that says whose it is.
pub const TYPES: [(&str, &str); 24] = [
    ("AllergyIntolerance", "patient"),
    ("CarePlan", "subject"),
    ("CareTeam", "subject"),
    ("ClinicalImpression", "subject"),
    ("Composition", "subject"),
    ("Condition", "subject"),
    ("DeviceUseStatement", "subject"),
    ("DiagnosticReport", "subject"),
    ("DocumentReference", "subject"),
    ("Encounter", "subject"),
    ("FamilyMemberHistory", "patient"),
    ("Goal", "subject"),
    ("ImagingStudy", "subject"),
    ("Immunization", "patient"),
    ("MedicationAdministration", "subject"),
    ("MedicationDispense", "subject"),
    ("MedicationRequest", "subject"),
    ("MedicationStatement", "subject"),
    ("NutritionOrder", "patient"),
    ("Observation", "subject"),
    ("Procedure", "subject"),
    ("QuestionnaireResponse", "subject"),
    ("RiskAssessment", "subject"),
    ("ServiceRequest", "subject"),
];

/// What stands beside them: their files, and the word on where they came from.
const BESIDE: [&str; 2] = ["patient/Binary.c", "patient/Provenance.c"];

/// The member that says whose a resource of that type is; `None` where the type does not enter.
///
/// ```
/// use access::brought::whose;
/// assert_eq!((whose("Immunization"), whose("Consent"), whose("Practitioner")), (Some("patient"), None, None));
/// ```
pub fn whose(kind: &str) -> Option<&'static str> {
    TYPES.iter().find(|(name, _)| *name == kind).map(|(_, member)| *member)
}

/// The scopes of whoever brings.
pub fn scopes() -> Vec<Scope> {
    let types = TYPES.iter().map(|(kind, _)| format!("patient/{kind}.cud"));
    types.chain(BESIDE.map(str::to_owned)).filter_map(|scope| scope.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{directory, scope::Context};

    #[test]
    fn e9_what_is_brought_is_of_one_patient_and_nothing_of_the_house() {
        let all = scopes();
        assert_eq!(all.len(), TYPES.len() + BESIDE.len());
        for scope in &all {
            let kind = scope.resource_type.as_deref().unwrap();
            assert!(scope.context == Context::Patient && !directory::holds(kind), "{scope}");
            assert!(!["Consent", "Patient", "Person", "AuditEvent", "Task"].contains(&kind), "{scope}");
        }
    }
}
