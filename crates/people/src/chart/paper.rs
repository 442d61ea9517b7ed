//! Papers: a PDF as Binary, and the DocumentReference that files it.

use super::Chart;
use super::visit::At;
use crate::code::Code;
use crate::pdf;
use crate::place::HOSPITALS;
use crate::value::object;
use crate::value::{concept, hl7, named, to};
use serde_json::Value;

impl Chart<'_> {
    /// Files a one-page paper of that type. Returns the DocumentReference.
    pub(crate) fn file(&mut self, at: At, kind: &Code, lines: Vec<String>) -> String {
        let hospital = &HOSPITALS[at.house];
        let head = [
            hospital.name.to_owned(),
            format!("{}, {}", hospital.street, hospital.city),
            String::new(),
            "SYNTHETIC TEST DATA - NOT A REAL PATIENT".to_owned(),
            format!("Patient: {}", self.person.full_name()),
            format!("Record number: TEST-{:07}", self.person.n + 1),
            format!("Date: {}", at.day()),
            String::new(),
        ];
        let mut all = Vec::from(head);
        all.extend(lines);
        let doctor = self.doctor(at);
        all.extend([String::new(), format!("Signed: {}", doctor.display)]);
        let bytes = pdf::page(kind.display, &all);
        let data = base64(&bytes);
        let binary =
            object!({"contentType": "application/pdf", "securityContext": self.subject(), "data": data});
        let binary = self.put(at.house, "Binary", binary);
        let category = object!({
            "coding": [object!({
                "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
                "code": "clinical-note",
                "display": "Clinical Note",
            })],
        });
        let body = object!({
            "status": "current",
            "docStatus": "final",
            "type": concept(kind),
            "category": [category],
            "subject": self.subject(),
            "date": at.text(),
            "author": [named(&doctor.practitioner, &doctor.display)],
            "custodian": to(&self.world.organization(at.house)),
            "description": kind.display,
            "content": [object!({
                "attachment": object!({
                    "contentType": "application/pdf",
                    "language": "en",
                    "url": binary,
                    "size": bytes.len(),
                    "title": format!("{} {}", kind.display, at.day()),
                    "creation": at.text(),
                }),
                "format": object!({
                    "system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
                    "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
                    "display": "mimeType Sufficient",
                }),
            }), object!({
                "attachment": object!({
                    "contentType": "text/plain",
                    "language": "en",
                    "data": base64(all.join("\n").as_bytes()),
                    "title": "Text of the file",
                }),
            })],
            "context": object!({
                "encounter": [to(&self.encounter(at))],
                "period": object!({"start": at.text()}),
                "facilityType": hl7("v3-RoleCode", "HOSP", "Hospital"),
            }),
        });
        self.put(at.house, "DocumentReference", body)
    }

    /// Who made these resources, and how they came here.
    pub(crate) fn provenance(&mut self, at: At, targets: &[&str], activity: (&str, &str), who: Value) {
        let targets: Vec<Value> = targets.iter().map(|reference| to(reference)).collect();
        let body = object!({
            "target": targets,
            "recorded": at.plus(30).text(),
            "activity": hl7("v3-DataOperation", activity.0, activity.1),
            "agent": [object!({
                "type": hl7("provenance-participant-type", "author", "Author"),
                "who": who,
            })],
        });
        self.put(at.house, "Provenance", body);
    }
}

/// RFC 4648 base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_agrees_with_the_rfc() {
        let shown = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(shown, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
