//! Resources with a word of their own in every place that takes one.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use testkit::chance::Chance;

const LETTERS: usize = 15;

/// The words, as many as were asked for.
pub(crate) struct Words {
    chance: Chance,
    pub(crate) all: Vec<String>,
}

impl Words {
    pub(crate) fn new(chance: Chance) -> Words {
        Words { chance, all: Vec::new() }
    }

    /// A new word.
    pub(crate) fn word(&mut self) -> String {
        let word = self.chance.word(LETTERS);
        self.all.push(word.clone());
        word
    }

    /// One that was said before.
    pub(crate) fn known(&mut self) -> String {
        self.chance.pick(&self.all).clone()
    }

    fn uri(&mut self) -> String {
        format!("http://{}.example/{}", self.word(), self.word())
    }

    fn base64(&mut self) -> String {
        STANDARD.encode(format!("The report: {}.", self.word()))
    }

    fn concept(&mut self) -> Value {
        json!({"coding": [{"system": self.uri(), "version": self.word(), "code": self.word(), "display": self.word()}], "text": self.word()})
    }

    fn identifier(&mut self) -> Value {
        json!({"system": self.uri(), "value": self.word(), "type": {"text": self.word()}, "assigner": {"display": self.word()}})
    }

    fn extension(&mut self) -> Value {
        json!([{"url": self.uri(), "valueString": self.word()},
            {"url": self.uri(), "extension": [{"url": self.word(), "valueCodeableConcept": self.concept()}]}])
    }

    fn reference(&mut self, kind: &str) -> Value {
        json!({"reference": format!("{kind}/{}", self.word()), "display": self.word(), "identifier": {"value": self.word()}})
    }

    fn narrative(&mut self) -> Value {
        let (word, attribute) = (self.word(), self.word());
        json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p title=\"{attribute}\">{word}</p></div>")})
    }

    fn meta(&mut self) -> Value {
        json!({"source": self.uri(), "profile": [self.uri()], "tag": [{"system": self.uri(), "code": self.word(), "display": self.word()}]})
    }

    fn attachment(&mut self) -> Value {
        json!({"contentType": "text/plain", "data": self.base64(), "title": self.word(), "url": self.uri()})
    }

    pub(crate) fn patient(&mut self, id: &str) -> Value {
        let upper = self.word().to_uppercase();
        json!({"resourceType": "Patient", "id": id, "meta": self.meta(), "text": self.narrative(), "extension": self.extension(),
            "contained": [{"resourceType": "Organization", "id": self.word(), "name": self.word()}],
            "identifier": [self.identifier(), self.identifier()],
            "name": [{"family": self.word(), "given": [self.word(), upper], "text": self.word(), "prefix": [self.word()],
                "_family": {"extension": self.extension()}}],
            "telecom": [{"system": "phone", "value": self.word()}, {"system": "email", "value": format!("{}@{}.example", self.word(), self.word())}],
            "_birthDate": {"extension": self.extension()},
            "address": [{"line": [self.word()], "city": self.word(), "district": self.word(), "state": self.word(), "postalCode": self.word(),
                "country": self.word(), "text": self.word()}],
            "maritalStatus": self.concept(),
            "photo": [self.attachment()],
            "contact": [{"name": {"text": self.word()}, "telecom": [{"value": self.word()}]}],
            "communication": [{"language": {"text": self.word()}}],
            "generalPractitioner": [self.reference("Practitioner")],
            "managingOrganization": self.reference("Organization")})
    }

    pub(crate) fn observation(&mut self, patient: &str) -> Value {
        json!({"resourceType": "Observation", "id": self.word(), "meta": self.meta(), "text": self.narrative(), "status": "final",
            "identifier": [self.identifier()], "code": self.concept(), "category": [self.concept()],
            "subject": {"reference": format!("Patient/{patient}"), "display": self.word()}, "focus": [self.reference("Group")],
            "performer": [self.reference("Practitioner")], "valueQuantity": {"value": 7, "unit": self.word(), "system": self.uri(), "code": self.word()},
            "interpretation": [self.concept()], "note": [{"authorString": self.word(), "text": self.word()}],
            "component": [{"code": self.concept(), "valueString": self.word()}]})
    }

    pub(crate) fn document(&mut self, patient: &str) -> Value {
        json!({"resourceType": "DocumentReference", "id": self.word(), "status": "current", "identifier": [self.identifier()],
            "type": self.concept(), "subject": {"reference": format!("Patient/{patient}")}, "description": self.word(),
            "author": [self.reference("Practitioner")], "content": [{"attachment": self.attachment()}]})
    }

    pub(crate) fn medication_request(&mut self, patient: &str) -> Value {
        json!({"resourceType": "MedicationRequest", "id": self.word(), "status": "active", "intent": "order",
            "medicationCodeableConcept": self.concept(), "subject": {"reference": format!("Patient/{patient}")},
            "requester": self.reference("Practitioner"), "note": [{"text": self.word()}],
            "dosageInstruction": [{"text": self.word(), "patientInstruction": self.word()}], "reasonCode": [self.concept()]})
    }

    pub(crate) fn organization(&mut self) -> Value {
        json!({"resourceType": "Organization", "id": self.word(), "name": self.word(), "alias": [self.word()],
            "contact": [{"name": {"family": self.word()}}], "partOf": self.reference("Organization"), "identifier": [self.identifier()]})
    }

    pub(crate) fn binary(&mut self) -> Value {
        json!({"resourceType": "Binary", "id": self.word(), "contentType": "text/plain", "data": self.base64(),
            "securityContext": self.reference("Patient")})
    }

    /// What FHIR does not allow, with words in what is at fault.
    pub(crate) fn broken(&mut self) -> Vec<Value> {
        vec![
            json!({"resourceType": "Patient", "birthDate": self.word()}),
            json!({"resourceType": "Patient", "gender": self.word()}),
            json!({"resourceType": "Patient", "id": format!("{} {}", self.word(), self.word())}),
            json!({"resourceType": "Patient", "active": self.word()}),
            json!({"resourceType": "Patient", "name": self.word()}),
            json!({"resourceType": "Patient", "name": [{"family": format!("{}\u{0}", self.word())}]}),
            json!({"resourceType": "Patient", format!("{} {}", self.word(), self.word()): 1}),
            json!({"resourceType": "Patient", "text": {"status": "generated", "div": format!("<p>{}</p>", self.word())}}),
            json!({"resourceType": "Patient", "text": {"status": "generated",
                "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>{}</script></div>", self.word())}}),
            json!({"resourceType": "Patient", "photo": [{"data": format!("*{}", self.word())}]}),
            json!({"resourceType": "Patient", "extension": [{"url": self.word(), "valueDecimal": self.word()}]}),
            json!({"resourceType": "Patient", "meta": {"lastUpdated": self.word(), "profile": [format!("{} x", self.word())]}}),
            json!({"resourceType": self.word()}),
        ]
    }
}
