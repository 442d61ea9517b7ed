//! `manifest.json`: what is in the file, so that a reader can tell whether it is whole.

use super::{SCHEMA, VERSION, hex, unpack::Wrong};
use fhir::json;
use record::digest::Digest;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// One file of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the ZIP file.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Where it holds resources: their type, how many they are, and [`sum`] of them.
    pub resources: Option<(String, u64, String)>,
}

/// The manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The address of the house that the record comes from.
    pub house: String,
    /// When it was taken, an instant.
    pub made: String,
    /// The id of the patient whose record it is.
    pub patient: String,
    /// Name and role of who took it.
    pub taken_by: (String, String),
    /// How many resources consents or labels kept back from who took it.
    pub restricted: u64,
    /// Types of which something was kept back, and types of which nothing is shared with who took it.
    pub in_part: Vec<String>,
    /// All files but this one.
    pub files: Vec<File>,
}

/// What two collections of resources of one type have in common if they are the same: SHA-256 over a line for each resource, sorted, of its
/// id, a space, its digest in hexadecimal digits and a line feed.
pub fn sum<'a>(resources: impl Iterator<Item = (&'a str, &'a Digest)>) -> String {
    let mut lines: Vec<String> = resources.map(|(id, digest)| format!("{id} {}\n", hex(digest))).collect();
    lines.sort_unstable();
    hex(&Sha256::digest(lines.concat()).into())
}

impl Manifest {
    /// How many resources there are of each type.
    pub fn counts(&self) -> BTreeMap<&str, u64> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for (kind, count, _) in self.files.iter().filter_map(|file| file.resources.as_ref()) {
            // What a file says of itself may be more than can be counted.
            let sum = counts.entry(kind.as_str()).or_default();
            *sum = sum.saturating_add(*count);
        }
        counts
    }

    /// As text.
    pub fn render(&self) -> Vec<u8> {
        let file = |file: &File| {
            let mut value = json!({"path": file.path, "bytes": file.bytes, "sha256": file.sha256});
            if let Some((kind, count, sum)) = &file.resources {
                (value["type"], value["resources"], value["digest"]) =
                    (kind.as_str().into(), (*count).into(), sum.as_str().into());
            }
            value
        };
        let value = json!({
            "schema": SCHEMA, "version": VERSION, "house": self.house, "made": self.made, "patient": self.patient,
            "takenBy": {"name": self.taken_by.0, "role": self.taken_by.1},
            "restricted": self.restricted, "inPart": self.in_part, "resources": self.counts(),
            "files": self.files.iter().map(file).collect::<Vec<_>>(),
        });
        json::render(&value)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Wrong::Version`] for a version that is not known here, [`Wrong::NoTakeOut`] for what is none.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, Wrong> {
        let limits = json::Limits { depth: 16, values: 2_000_000 };
        let value = json::parse(bytes, limits).map_err(|_| Wrong::NoTakeOut)?;
        if value["schema"] != SCHEMA {
            return Err(Wrong::NoTakeOut);
        }
        match value["version"].as_u64() {
            Some(VERSION) => {}
            Some(version) => return Err(Wrong::Version(version)),
            None => return Err(Wrong::NoTakeOut),
        }
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(Wrong::NoTakeOut);
        let number = |value: &Value| value.as_u64().ok_or(Wrong::NoTakeOut);
        let list = |value: &Value| value.as_array().cloned().ok_or(Wrong::NoTakeOut);
        let file = |value: &Value| {
            let resources = match value.get("type") {
                None => None,
                Some(kind) => Some((text(kind)?, number(&value["resources"])?, text(&value["digest"])?)),
            };
            let (path, sha256) = (text(&value["path"])?, text(&value["sha256"])?);
            Ok(File { path, bytes: number(&value["bytes"])?, sha256, resources })
        };
        Ok(Manifest {
            house: text(&value["house"])?,
            made: text(&value["made"])?,
            patient: text(&value["patient"])?,
            taken_by: (text(&value["takenBy"]["name"])?, text(&value["takenBy"]["role"])?),
            restricted: number(&value["restricted"])?,
            in_part: list(&value["inPart"])?.iter().map(text).collect::<Result<_, _>>()?,
            files: list(&value["files"])?.iter().map(file).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_none_is_refused() {
        let manifest = Manifest {
            house: "https://here.example".into(),
            made: "2026-01-31T08:00:00Z".into(),
            patient: "p".into(),
            taken_by: ("Asha".into(), "patient".into()),
            restricted: 2,
            in_part: vec!["Condition".into()],
            files: vec![
                File { path: "README.txt".into(), bytes: 3, sha256: "00".into(), resources: None },
                File {
                    path: "fhir/Patient.ndjson".into(),
                    bytes: 9,
                    sha256: "01".into(),
                    resources: Some(("Patient".into(), 1, "02".into())),
                },
            ],
        };
        assert_eq!(Manifest::parse(&manifest.render()).unwrap(), manifest);
        assert_eq!(manifest.counts(), BTreeMap::from([("Patient", 1)]));
        let text = String::from_utf8(manifest.render()).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":2");
        assert!(matches!(Manifest::parse(newer.as_bytes()), Err(Wrong::Version(2))));
        for other in
            ["{}", "[]", "", &text.replace("keepwell", "other"), &text.replace("\"bytes\":3", "\"bytes\":-3")]
        {
            assert!(matches!(Manifest::parse(other.as_bytes()), Err(Wrong::NoTakeOut)), "{other}");
        }
    }

    #[test]
    fn the_order_of_resources_does_not_change_their_sum() {
        let (a, b) = (("a", &[1; 32]), ("b", &[2; 32]));
        assert_eq!(sum([a, b].into_iter()), sum([b, a].into_iter()));
        assert_ne!(sum([a].into_iter()), sum([("a", &[2; 32])].into_iter()));
    }
}
