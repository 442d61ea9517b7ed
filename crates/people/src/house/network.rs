//! Organizations, their places, services and endpoints, and the payers.

use super::{Kept, World};
use crate::bundle::Bundle;
use crate::place::{HOSPITALS, Hospital};
use crate::value::object;
use crate::value::{ROOT, hl7, identifier, named, to, words};
use serde_json::Value;

/// The places of every hospital: name, physical type and its display, service-delivery role and its display.
pub(crate) const PLACES: [(&str, &str, &str, &str, &str); 6] = [
    ("Main building", "bu", "Building", "HOSP", "Hospital"),
    ("Outpatient clinic", "wa", "Ward", "OF", "Outpatient facility"),
    ("Emergency department", "wa", "Ward", "ER", "Emergency room"),
    ("Medical ward", "wa", "Ward", "HU", "Hospital unit"),
    ("Maternity ward", "wa", "Ward", "HU", "Hospital unit"),
    ("Intensive care", "wa", "Ward", "ICU", "Intensive care unit"),
];

/// A body that pays for care.
pub(crate) struct Payer {
    pub(crate) name: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) public: bool,
}

/// The payers, India's first.
pub(crate) static PAYERS: [Payer; 5] = [
    Payer { name: "State Health Assurance Trust", plan: "Family Health Card", public: true },
    Payer { name: "Deccan General Insurance", plan: "Family Floater 5 Lakh", public: false },
    Payer { name: "Copper State Health Plan", plan: "Silver PPO", public: false },
    Payer { name: "Federal Senior Plan", plan: "Part A and B", public: true },
    Payer { name: "Desert Community Medicaid", plan: "Family and Children", public: true },
];

const SERVICES: [(&str, &str, &str); 4] = [
    ("General outpatient clinic", "17", "General Practice"),
    ("Emergency care", "14", "Emergency Department"),
    ("Maternity care", "28", "Specialist Obstetrics & Gynecology"),
    ("Laboratory", "26", "Specialist Clinical Pathology"),
];

/// Writes all of them.
pub(crate) fn write(world: &World, bundle: &mut Bundle) {
    for (at, payer) in PAYERS.iter().enumerate() {
        bundle.put("Organization", &world.id(Kept::Payer, at), insurer(payer, at));
    }
    for (house, hospital) in HOSPITALS.iter().enumerate() {
        bundle.source(&format!("https://{}.keepwell.example", hospital.slug));
        bundle.put("Endpoint", &world.id(Kept::Endpoint, house), endpoint(hospital));
        bundle.put(
            "Organization",
            &world.id(Kept::Organization, house),
            organization(world, house, hospital),
        );
        for at in 0..PLACES.len() {
            bundle.put(
                "Location",
                &world.id(Kept::Location, house * PLACES.len() + at),
                location(world, house, at),
            );
        }
        for at in 0..SERVICES.len() {
            bundle.put(
                "HealthcareService",
                &world.id(Kept::Service, house * SERVICES.len() + at),
                service(world, house, at),
            );
        }
    }
}

fn insurer(payer: &Payer, at: usize) -> Value {
    object!({
        "identifier": [identifier("payer", &format!("TEST-P{at}"))],
        "active": true,
        "type": [hl7("organization-type", "pay", "Payer")],
        "name": payer.name,
        "telecom": [object!({"system": "email", "value": format!("payer{at}@example.org"), "use": "work"})],
    })
}

fn address(hospital: &Hospital) -> Value {
    object!({
        "use": "work",
        "line": [hospital.street],
        "city": hospital.city,
        "district": hospital.district,
        "state": hospital.state,
        "postalCode": hospital.postal,
        "country": hospital.country,
    })
}

fn organization(world: &World, house: usize, hospital: &Hospital) -> Value {
    object!({
        "identifier": [identifier("hospital", &format!("TEST-H{house}"))],
        "active": true,
        "type": [hl7("organization-type", "prov", "Healthcare Provider")],
        "name": hospital.name,
        "telecom": [object!({"system": "phone", "value": hospital.phone, "use": "work"})],
        "address": [address(hospital)],
        "endpoint": [to(&format!("Endpoint/{}", world.id(Kept::Endpoint, house)))],
    })
}

/// No managingOrganization: the organization names its endpoint, which comes first.
fn endpoint(hospital: &Hospital) -> Value {
    object!({
        "status": "active",
        "connectionType": object!({
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-rest",
            "display": "HL7 FHIR",
        }),
        "name": format!("{} FHIR", hospital.name),
        "payloadType": [hl7("endpoint-payload-type", "any", "Any")],
        "payloadMimeType": ["application/fhir+json"],
        "address": format!("https://{}.keepwell.example/fhir/R4", hospital.slug),
    })
}

fn location(world: &World, house: usize, at: usize) -> Value {
    let hospital = &HOSPITALS[house];
    let (name, kind, kind_shown, role, role_shown) = PLACES[at];
    let mut place = object!({
        "identifier": [identifier("place", &format!("TEST-H{house}-{at}"))],
        "status": "active",
        "name": format!("{name}, {}", hospital.name),
        "mode": "instance",
        "type": [hl7("v3-RoleCode", role, role_shown)],
        "telecom": [object!({"system": "phone", "value": hospital.phone, "use": "work"})],
        "address": address(hospital),
        "physicalType": hl7("location-physical-type", kind, kind_shown),
        "managingOrganization": named(&world.organization(house), hospital.name),
    });
    let whole = (at > 0).then(|| to(&world.location(house, 0)));
    crate::value::set(&mut place, "partOf", whole);
    place
}

fn service(world: &World, house: usize, at: usize) -> Value {
    let hospital = &HOSPITALS[house];
    let (name, code, display) = SERVICES[at];
    object!({
        "active": true,
        "providedBy": named(&world.organization(house), hospital.name),
        "category": [object!({"coding": [object!({
            "system": "http://terminology.hl7.org/CodeSystem/service-category",
            "code": code,
            "display": display,
        })]})],
        "type": [words(name)],
        "location": [to(&world.location(house, usize::from(at == 1) + 1))],
        "name": name,
        "telecom": [object!({"system": "url", "value": format!("{ROOT}/{}", hospital.slug), "use": "work"})],
    })
}
