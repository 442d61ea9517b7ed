//! Consents and care relationships: any JSON is read in bounded time, and comes to a bounded number of rules about its own patient.
#![no_main]

use access::{consent, tie};
use fhir::json::{self, Limits};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(mut resource) = json::parse(bytes, Limits::default()) else { return };
    if !resource.is_object() {
        return;
    }
    if let Ok(rules) = consent::rules(&resource, &["https://here.example/fhir/R4"]) {
        assert!(rules.len() <= consent::MOST_RULES);
        assert!(rules.iter().all(|rule| rule.since <= rule.until || rule.effect == consent::Effect::Deny));
    }
    for kind in ["Encounter", "EpisodeOfCare", "CareTeam", "Appointment", "ServiceRequest", "Patient"] {
        resource["resourceType"] = kind.into();
        assert!(tie::ties(&resource, &[]).iter().all(|tie| !tie.patient.is_empty() && !tie.who.1.is_empty()));
    }
});
