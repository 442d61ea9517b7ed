//! A [SMART Health Card](https://spec.smarthealth.cards/): what was given, signed by this house, for whoever the patient shows it to. It is
//! a JWS over a small FHIR Bundle, as a file and, where it is short enough, as one QR code.
//!
//! Source: <https://spec.smarthealth.cards/>, <https://hl7.org/fhir/uv/shc-vaccination/STU1/>
//!
//! The house signs what it knows: a dose that was brought from another house, or that somebody remembers, is another's word and stays out.
//! The key is not here; [`Content::message`] says what is to be signed.

use crate::{chart::Chart, coding, elsewhere, name::Name, when::When};
use access::act::Act;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fhir::json;
use flate2::{Compression, write::DeflateEncoder};
use record::{Record, error::Error};
use serde_json::{Value, json};
use std::{fmt::Write as _, io::Write as _};

/// What the log calls it.
const OPERATION: &str = "health-card";

/// The longest JWS that one QR code holds.
const ONE_CODE: usize = 1195;

/// Systems whose codes readers of cards know.
const SYSTEMS: [&str; 3] =
    ["http://hl7.org/fhir/sid/cvx", "http://snomed.info/sct", "http://id.who.int/icd/release/11/mms"];

/// Why there is no card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A name or a birth date, without which a card is nobody's.
    Person,
    /// A dose that this house can sign for.
    Doses,
}

impl Missing {
    /// Its word, for the key of its sentence.
    pub fn word(self) -> &'static str {
        match self {
            Missing::Person => "person",
            Missing::Doses => "doses",
        }
    }
}

/// What a card says, packed, before it is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    packed: Vec<u8>,
    /// How many doses are on it.
    pub doses: usize,
    /// How many that were given are not.
    pub left_out: usize,
}

/// A card.
#[derive(Clone, PartialEq, Eq)]
pub struct Card(String);

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// Reads what goes onto a card of the house at `issuer`, to be taken along: one entry in the log, which names each dose.
///
/// # Errors
/// As [`Record::everything`], also for whoever may look but not take along.
pub fn take(
    record: &Record,
    act: &Act,
    patient: &str,
    issuer: &str,
) -> Result<Result<Content, Missing>, Error> {
    let act = Act { looks: false, ..act.clone() };
    let chart = Chart::open(record, &act, patient, &["Immunization"], OPERATION)?;
    content(&chart, issuer, act.at.as_second())
}

/// The content of a card for the patient of that chart, good from that second on.
fn content(chart: &Chart, issuer: &str, since: i64) -> Result<Result<Content, Missing>, Error> {
    let Some(person) = person(&chart.patient) else { return Ok(Err(Missing::Person)) };
    let given = |value: &&Value| value.get("status").and_then(Value::as_str) == Some("completed");
    let all: Vec<&Value> =
        chart.of_type("Immunization").map(|resource| &resource.value).filter(given).collect();
    let mut doses: Vec<Value> = all.iter().filter_map(|value| dose(value)).collect();
    if doses.is_empty() {
        return Ok(Err(Missing::Doses));
    }
    doses.sort_by(|a, b| a["occurrenceDateTime"].as_str().cmp(&b["occurrenceDateTime"].as_str()));
    let (count, left_out) = (doses.len(), all.len() - doses.len());
    let entries: Vec<Value> = std::iter::once(person)
        .chain(doses)
        .enumerate()
        .map(|(at, resource)| json!({"fullUrl": format!("resource:{at}"), "resource": resource}))
        .collect();
    let payload = json!({
        "iss": issuer,
        "nbf": since,
        "vc": {
            "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"],
            "credentialSubject": {
                "fhirVersion": "4.0.1",
                "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": entries},
            },
        },
    });
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(&json::render(&payload)).and_then(|()| packer.finish());
    let packed = packed.map_err(|error| Error::Fault(Box::new(error)))?;
    Ok(Ok(Content { packed, doses: count, left_out }))
}

/// Whose card it is: name and birth date, and nothing else.
fn person(patient: &Value) -> Option<Value> {
    let born = patient.get("birthDate")?.as_str()?;
    let name = Name::of(patient);
    let mut shown = serde_json::Map::new();
    if !name.family.is_empty() {
        shown.insert("family".into(), name.family.clone().into());
    }
    if !name.given.is_empty() {
        shown.insert("given".into(), name.given.split(' ').collect::<Vec<_>>().into());
    }
    (!shown.is_empty()).then(|| json!({"resourceType": "Patient", "name": [shown], "birthDate": born}))
}

/// A dose as it stands on a card. `None` for one that this house does not sign for, or that a reader could not place.
fn dose(value: &Value) -> Option<Value> {
    let is_recalled = value.get("reportOrigin").is_some_and(|origin| coding::has(origin, "recall"));
    let is_weak = value.get("isSubpotent").and_then(Value::as_bool) == Some(true);
    if elsewhere::from(value).is_some() || is_recalled || is_weak {
        return None;
    }
    let when = value.get("occurrenceDateTime").and_then(Value::as_str)?;
    When::parse(when).filter(|when| when.day.is_some())?;
    let codes: Vec<Value> = coding::codes(value.get("vaccineCode")?)
        .filter(|(system, _)| SYSTEMS.contains(system))
        .map(|(system, code)| json!({"system": system, "code": code}))
        .collect();
    if codes.is_empty() {
        return None;
    }
    let mut dose = json!({
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": codes},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": when.get(..10)?,
    });
    if let Some(lot) = value.get("lotNumber").filter(|lot| lot.is_string()) {
        dose["lotNumber"] = lot.clone();
    }
    Some(dose)
}

impl Content {
    /// What is to be signed (ES256) with the key of that name.
    pub fn message(&self, kid: &str) -> String {
        let header = json!({"zip": "DEF", "alg": "ES256", "kid": kid}).to_string();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&self.packed))
    }
}

impl Card {
    /// The card of a message and its signature.
    pub fn new(message: &str, signature: &[u8]) -> Card {
        Card(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// As a file, `application/smart-health-card`.
    pub fn file(&self) -> String {
        json!({"verifiableCredential": [self.0]}).to_string()
    }

    /// As the text of one QR code. `None` where it is too long for one: then the file is the card.
    ///
    /// ```
    /// use care::health_card::Card;
    /// // Each character is two digits, from `-` on.
    /// assert_eq!(Card::new("-.z", &[]).numeric().unwrap(), "shc:/00017701");
    /// assert_eq!(Card::new(&"x".repeat(1195), &[]).numeric(), None);
    /// ```
    pub fn numeric(&self) -> Option<String> {
        if self.0.len() > ONE_CODE {
            return None;
        }
        let mut text = "shc:/".to_owned();
        for byte in self.0.bytes() {
            let _ = write!(text, "{:02}", byte.checked_sub(b'-')?);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Resource;
    use flate2::read::DeflateDecoder;
    use std::io::Read as _;

    const CVX: &str = "http://hl7.org/fhir/sid/cvx";

    fn chart(given: Vec<Value>) -> Chart {
        let resources = given.into_iter().enumerate().map(|(at, value)| Resource {
            kind: "Immunization".into(),
            id: at.to_string(),
            value,
        });
        let patient = json!({"id": "p", "birthDate": "2020-01-01", "gender": "female", "telecom": [{"value": "1"}],
            "name": [{"family": "Testri", "given": ["Uma", "K"], "text": "Uma K Testri"}]});
        Chart { id: "p".into(), patient, resources: resources.collect(), ..Chart::default() }
    }

    fn given(date: &str, more: Value) -> Value {
        let mut value = json!({"id": "x", "meta": {"versionId": "1"}, "status": "completed", "occurrenceDateTime": date,
            "vaccineCode": {"coding": [{"system": CVX, "code": "04", "display": "M/R"}, {"system": "urn:x", "code": "1"}], "text": "MR"}});
        more.as_object().unwrap().iter().for_each(|(key, more)| value[key] = more.clone());
        value
    }

    fn read(content: &Content) -> Value {
        let mut text = String::new();
        DeflateDecoder::new(content.packed.as_slice()).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn b10_a_card_holds_name_birth_date_and_doses_without_ids_texts_or_anything_else() {
        let chart = chart(vec![
            given("2021-05-01T23:30:00+05:30", json!({"lotNumber": "L1", "note": [{"text": "secret"}]})),
            given("2020-10-01", json!({})),
        ]);
        let content = content(&chart, "https://here.example", 1_700_000_000).unwrap().unwrap();
        assert_eq!((content.doses, content.left_out), (2, 0));
        let mr = |date: &str| {
            json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"coding": [{"system": CVX, "code": "04"}]},
                "patient": {"reference": "resource:0"}, "occurrenceDateTime": date})
        };
        let mut second = mr("2021-05-01");
        second["lotNumber"] = "L1".into();
        let patient = json!({"resourceType": "Patient", "name": [{"family": "Testri", "given": ["Uma", "K"]}], "birthDate": "2020-01-01"});
        assert_eq!(
            read(&content),
            json!({"iss": "https://here.example", "nbf": 1_700_000_000,
            "vc": {"type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"],
                "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": [
                    {"fullUrl": "resource:0", "resource": patient},
                    {"fullUrl": "resource:1", "resource": mr("2020-10-01")},
                    {"fullUrl": "resource:2", "resource": second},
                ]}}}})
        );
        let message = content.message("k");
        assert_eq!(message.split('.').count(), 2);
        assert_eq!(format!("{content:?} {:?}", Card::new(&message, b"s")), "sealed sealed");
    }

    #[test]
    fn b10_the_house_signs_for_no_word_but_its_own() {
        let tag = json!({"tag": [{"system": elsewhere::TAG, "code": "d", "display": "Test South"}]});
        let others = vec![
            given("2020-10-01", json!({"meta": tag})),
            given("2020-10-01", json!({"reportOrigin": {"coding": [{"code": "recall"}]}})),
            given("2020-10-01", json!({"isSubpotent": true})),
            given("2020-10", json!({})),
            given("2020-10-01", json!({"vaccineCode": {"text": "MR"}})),
            given("2020-10-01", json!({"status": "not-done"})),
        ];
        let ask = |given: Vec<Value>| content(&chart(given), "https://here.example", 0).unwrap();
        assert_eq!(ask(others.clone()), Err(Missing::Doses));
        let one = [others, vec![given("2020-10-02", json!({}))]].concat();
        let made = ask(one).unwrap();
        assert_eq!((made.doses, made.left_out), (1, 5));
        let nobody = Chart {
            patient: json!({"name": [{"family": "T"}]}),
            ..chart(vec![given("2020-10-02", json!({}))])
        };
        assert_eq!(content(&nobody, "https://here.example", 0).unwrap(), Err(Missing::Person));
    }

    #[test]
    fn b10_an_infants_whole_series_fits_into_one_code_and_hundreds_of_doses_into_a_file() {
        let many = |count: i32| {
            let given = (0..count).map(|at| {
                given(
                    &format!("2020-{:02}-{:02}", at % 12 + 1, at % 28 + 1),
                    json!({"lotNumber": format!("LOT{at}")}),
                )
            });
            let content =
                content(&chart(given.collect()), "https://records.hospital.example", 0).unwrap().unwrap();
            Card::new(&content.message(&"k".repeat(43)), &[0; 64])
        };
        assert!(many(20).numeric().is_some_and(|text| text.len() <= 5 + 2 * ONE_CODE));
        assert_eq!(many(400).numeric(), None);
        assert!(many(400).file().starts_with("{\"verifiableCredential\":[\"ey"));
    }
}
