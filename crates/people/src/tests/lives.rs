//! Lives that could have been lived: dates in order, bodies that add up, names as people have them.

use super::{HOUSES, PATIENTS, PLAN, of_type, resources, strings, text};
use crate::value::dec;
use serde_json::Value;
use std::collections::HashSet;

fn patient_of(bundle: &Value) -> &Value {
    of_type(bundle, "Patient").next().unwrap()
}

/// Whether `text` looks like a date of at least day precision.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && (bytes.len() == 10 || bytes[10] == b'T')
}

#[test]
fn nothing_happens_before_birth_or_after_death_or_today() {
    let today = PLAN.as_of.to_string();
    // what is planned or printed on a box lies ahead
    let ahead =
        ["Appointment.start", "Appointment.end", "Immunization.expirationDate", "Device.expirationDate"];
    let before = ["Device.manufactureDate", "RelatedPerson.birthDate"];
    for bundle in PATIENTS.iter() {
        let patient = patient_of(bundle);
        let born = patient["birthDate"].as_str().unwrap_or("1800");
        let died = patient["deceasedDateTime"].as_str().map(|moment| &moment[..10]);
        for resource in resources(bundle) {
            let kind = text(&resource["resourceType"]);
            strings("", resource, &mut |key, value| {
                let path = format!("{kind}.{key}");
                let consent = kind == "Consent" && key == "end";
                let due = kind == "Observation" && key == "valueDateTime";
                if !is_date(value) || consent || due {
                    return;
                }
                let last = died.unwrap_or(&today);
                assert!(ahead.contains(&&*path) || &value[..10] <= last, "{path} {value} after {last}");
                assert!(
                    before.contains(&&*path) || &value[..born.len()] >= born,
                    "{path} {value} before {born}"
                );
            });
        }
    }
}

#[test]
fn only_the_living_have_appointments_ahead() {
    let today = PLAN.as_of.to_string();
    let mut ahead = 0;
    for bundle in PATIENTS.iter() {
        let living = patient_of(bundle).get("deceasedDateTime").is_none();
        for appointment in of_type(bundle, "Appointment") {
            let later = text(&appointment["start"])[..10] > *today;
            assert_eq!(later, appointment["status"] == "booked");
            assert!(living || !later);
            ahead += usize::from(later);
        }
    }
    assert!(ahead > 40, "{ahead} appointments ahead");
}

#[test]
fn a_booked_slot_is_busy_and_no_two_patients_share_one() {
    let busy: HashSet<&str> = of_type(&HOUSES, "Slot")
        .filter(|slot| slot["status"] == "busy")
        .map(|slot| text(&slot["id"]))
        .collect();
    let booked: Vec<&str> = PATIENTS
        .iter()
        .flat_map(|bundle| of_type(bundle, "Appointment"))
        .filter_map(|appointment| appointment["slot"][0]["reference"].as_str())
        .map(|reference| reference.trim_start_matches("Slot/"))
        .collect();
    assert_eq!(booked.iter().copied().collect::<HashSet<_>>(), busy);
    assert_eq!(booked.len(), busy.len());
    assert!(busy.len() > 20);
}

#[test]
fn nobody_is_in_two_places_at_once() {
    let mut open = 0;
    for bundle in PATIENTS.iter() {
        let mut periods: Vec<(&str, &str)> = of_type(bundle, "Encounter")
            .map(|encounter| &encounter["period"])
            .map(|period| (text(&period["start"]), period["end"].as_str().unwrap_or("9999")))
            .collect();
        periods.sort_unstable();
        open += periods.iter().filter(|(_, end)| *end == "9999").count();
        for pair in periods.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 <= pair[1].0, "{pair:?}");
        }
    }
    assert!(open > 0, "somebody is on the ward today");
}

#[test]
fn only_women_are_pregnant_and_some_are_today() {
    let mut today = 0;
    for bundle in PATIENTS.iter() {
        for condition in of_type(bundle, "Condition") {
            if condition["code"]["coding"][0]["code"] == "72892002" {
                assert_eq!(patient_of(bundle)["gender"], "female");
                today += usize::from(condition.get("abatementDateTime").is_none());
            }
        }
    }
    assert!(today > 0);
}

#[test]
fn a_mother_is_linked_to_her_place_in_the_childs_chart() {
    let relatives: HashSet<&str> = PATIENTS
        .iter()
        .flat_map(|bundle| of_type(bundle, "RelatedPerson"))
        .map(|it| text(&it["id"]))
        .collect();
    let mut links = 0;
    for bundle in PATIENTS.iter() {
        for link in patient_of(bundle)["link"].as_array().into_iter().flatten() {
            assert!(
                relatives.contains(text(&link["other"]["reference"]).trim_start_matches("RelatedPerson/"))
            );
            links += 1;
        }
    }
    assert!(links > 40, "{links} links");
}

/// The number as it is written.
fn written(observation: &Value) -> String {
    observation["valueQuantity"]["value"].to_string()
}

#[test]
fn vital_signs_are_plausible_and_keep_their_digits() {
    let mut seen = 0;
    for observation in PATIENTS.iter().flat_map(|bundle| of_type(bundle, "Observation")) {
        let (low, high, digits) = match text(&observation["code"]["coding"][0]["code"]) {
            "85354-9" => {
                let [upper, lower] =
                    [0, 1].map(|at| observation["component"][at]["valueQuantity"]["value"].as_i64().unwrap());
                assert!(
                    (70..=185).contains(&upper) && (40..=115).contains(&lower) && upper > lower,
                    "{upper}/{lower}"
                );
                continue;
            }
            "8867-4" => (45.0, 175.0, 0),
            "9279-1" => (10.0, 65.0, 0),
            "8310-5" => (35.5, 40.9, 1),
            "59408-5" => (75.0, 100.0, 0),
            "8302-2" => (40.0, 200.0, 1),
            "29463-7" => (2.0, 180.0, 1),
            "39156-5" => (11.0, 50.0, 1),
            "9843-4" => (30.0, 55.0, 1),
            _ => continue,
        };
        let shown = written(observation);
        let value: f64 = shown.parse().unwrap();
        assert!((low..=high).contains(&value), "{} {shown}", observation["code"]["text"]);
        let places = shown.split_once('.').map_or(0, |(_, rest)| rest.len());
        assert!(places == digits || (places == 2 && value < 20.0), "{shown}");
        seen += 1;
    }
    assert!(seen > 5_000);
}

#[test]
fn the_body_mass_index_follows_from_height_and_weight() {
    let mut seen = 0;
    for bundle in PATIENTS.iter() {
        let find = |encounter: &Value, code: &str| {
            of_type(bundle, "Observation")
                .find(|it| it["encounter"] == *encounter && it["code"]["coding"][0]["code"] == code)
                .map(written)
        };
        for index in
            of_type(bundle, "Observation").filter(|it| it["code"]["coding"][0]["code"] == "39156-5").take(3)
        {
            let encounter = &index["encounter"];
            let scaled =
                |code: &str| -> i64 { find(encounter, code).unwrap().replace('.', "").parse().unwrap() };
            let (weight, height) = (scaled("29463-7"), scaled("8302-2"));
            let exact = weight * 1_000_000 * 10 / (height * height);
            assert_eq!(written(index), dec((exact + 5) / 10, 1).to_string());
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn names_come_in_three_scripts_and_some_people_have_only_one() {
    let names: Vec<&Value> =
        PATIENTS.iter().flat_map(|bundle| patient_of(bundle)["name"].as_array().unwrap()).collect();
    let has = |from: char, to: char| {
        names.iter().any(|name| {
            name["text"].as_str().is_some_and(|text| text.chars().any(|it| (from..=to).contains(&it)))
        })
    };
    assert!(has('\u{0900}', '\u{097f}'), "Devanagari");
    assert!(has('\u{0c00}', '\u{0c7f}'), "Telugu");
    let single = |name: &&&Value| name["use"] == "official" && name.get("family").is_none();
    assert!(names.iter().filter(single).count() > 3);
    let rare = |patient: &&Value| {
        let names = patient["name"].as_array().unwrap();
        names[0].get("family").is_none()
            && names.len() > 1
            && patient["birthDate"].as_str().is_some_and(|it| it.len() == 4)
    };
    assert!(PATIENTS.iter().map(patient_of).any(|it| rare(&it)), "one name, two scripts, a year of birth");
    let scripts = names.iter().filter(|name| name.get("extension").is_some()).count();
    assert!(scripts > 100, "{scripts} names say their script");
}

#[test]
fn people_differ_in_what_the_register_knows_of_them() {
    let all: Vec<&Value> = PATIENTS.iter().map(patient_of).collect();
    let count = |holds: &dyn Fn(&Value) -> bool| all.iter().filter(|it| holds(it)).count();
    assert!(
        count(&|it| it["birthDate"].as_str().is_some_and(|date| date.len() == 4)) > 2,
        "year-only births"
    );
    assert!(
        count(&|it| it["birthDate"].as_str().is_some_and(|date| date.len() == 7)) > 0,
        "month-only births"
    );
    assert!(count(&|it| it.get("deceasedDateTime").is_some()) > 3, "dead");
    assert!(count(&|it| it["address"].as_array().unwrap().len() == 2) > 2, "two addresses");
    assert!(count(&|it| it.get("multipleBirthInteger").is_some()) > 1, "twins");
    assert!(count(&|it| it["gender"] == "other") > 0 && count(&|it| it["gender"] == "unknown") > 0);
    assert!(count(&|it| it.get("contact").is_some()) > 80, "somebody to call");
    for language in ["hi", "te", "en", "es", "ur"] {
        assert!(
            count(&|it| it["communication"].to_string().contains(&format!("\"{language}\""))) > 0,
            "{language}"
        );
    }
}

#[test]
fn charts_tell_no_allergies_from_not_asked() {
    let allergies = |bundle: &Value| -> Vec<String> {
        of_type(bundle, "AllergyIntolerance")
            .map(|it| text(&it["code"]["coding"][0]["code"]).to_owned())
            .collect()
    };
    let charts: Vec<Vec<String>> = PATIENTS.iter().map(allergies).collect();
    let none_known = charts.iter().filter(|codes| codes.contains(&"716186003".to_owned())).count();
    assert!(none_known > 40 && charts.iter().filter(|codes| codes.is_empty()).count() > 20);
    assert!(charts.iter().all(|codes| codes.len() == 1 || !codes.contains(&"716186003".to_owned())));
}

#[test]
fn numbers_that_could_be_somebodys_are_ones_nobody_has() {
    for bundle in PATIENTS.iter() {
        for number in patient_of(bundle)["identifier"].as_array().unwrap() {
            let value = text(&number["value"]);
            match text(&number["system"]) {
                "http://hl7.org/fhir/sid/us-ssn" => assert!(value.starts_with("999-"), "{value}"),
                "https://healthid.abdm.gov.in" => assert!(value.starts_with("00-0000-"), "{value}"),
                ours => assert!(ours.starts_with("https://keepwell.example/") && value.starts_with("TEST-")),
            }
        }
        for telecom in patient_of(bundle)["telecom"].as_array().unwrap() {
            let value = text(&telecom["value"]);
            let invalid = ["+91 00000 ", "+1 520 555 01"].iter().any(|start| value.starts_with(start));
            assert!(invalid || value.ends_with("@example.org"), "{value}");
        }
    }
}

#[test]
fn nobody_is_given_what_they_are_allergic_to() {
    let mut allergic = 0;
    for bundle in PATIENTS.iter() {
        let has = |code: &str| {
            of_type(bundle, "AllergyIntolerance").any(|it| it["code"]["coding"][0]["code"] == code)
        };
        let given = |codes: &[&str]| {
            let medicines =
                of_type(bundle, "MedicationRequest").chain(of_type(bundle, "MedicationStatement"));
            medicines
                .filter_map(|it| it["medicationCodeableConcept"]["coding"][0]["code"].as_str())
                .any(|it| codes.contains(&it))
        };
        assert!(!has("91936005") || !given(&["308191", "723"]), "amoxicillin");
        assert!(!has("293586001") || !given(&["243670", "197805"]), "aspirin or ibuprofen");
        allergic += usize::from(has("91936005") || has("293586001"));
    }
    assert!(allergic > 5, "{allergic}");
}
