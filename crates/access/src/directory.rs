//! What belongs to no patient and may be read by whoever may read its type: who works where, what there is to book, prescribe or
//! ask, what codes mean.
//!
//! Other types belong to a patient. Where one of them has none, only `system/` scopes reach it.

/// The types of the directory, in alphabetical order.
pub const TYPES: &[&str] = &[
    "ActivityDefinition",
    "CapabilityStatement",
    "ChargeItemDefinition",
    "CodeSystem",
    "ConceptMap",
    "DeviceDefinition",
    "Endpoint",
    "HealthcareService",
    "InsurancePlan",
    "Library",
    "Location",
    "Measure",
    "Medication",
    "MedicationKnowledge",
    "NamingSystem",
    "ObservationDefinition",
    "OperationDefinition",
    "Organization",
    "OrganizationAffiliation",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
    "Schedule",
    "SearchParameter",
    "Slot",
    "SpecimenDefinition",
    "StructureDefinition",
    "Substance",
    "ValueSet",
];

/// Whether a type is one of the directory.
pub fn holds(resource_type: &str) -> bool {
    TYPES.binary_search(&resource_type).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_in_order_and_holds_nothing_of_a_patient() {
        assert!(TYPES.is_sorted());
        assert!(holds("Practitioner") && !holds("Patient") && !holds("Binary") && !holds("AuditEvent"));
    }
}
