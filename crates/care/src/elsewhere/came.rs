//! What came from another server, as it is kept between the fetch and the patient's word: one run of bytes, JSON first and files behind
//! it, that whoever keeps it seals.

use fhir::json::{self, Limits};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The most values in what came: one of them costs about 100 bytes of memory.
const VALUES: usize = 2_000_000;

/// Why something did not come, or does not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The server did not answer.
    Unreachable,
    /// It took too long.
    Late,
    /// It said that this is not open.
    Refused,
    /// It said that there is no such thing.
    Missing,
    /// It answered with a fault.
    Fault,
    /// Its answer was too long.
    TooLong,
    /// Its answer is no FHIR in JSON.
    Unreadable,
    /// The address leads to another server.
    Elsewhere,
    /// There was more than is taken at once.
    TooMany,
    /// It is of somebody else than the patient.
    NotTheirs,
    /// It is a draft, which is nobody's word yet.
    Draft,
    /// It is to be read by rules that are not known here.
    Rules,
    /// It breaks the rules of FHIR R4.
    Broken,
    /// The file is of a kind that is not taken.
    FileKind,
    /// A virus scanner found something in the file.
    Malware,
    /// The house did not take it.
    NotTaken,
}

impl Why {
    const ALL: [(Why, &'static str); 16] = [
        (Why::Unreachable, "unreachable"),
        (Why::Late, "late"),
        (Why::Refused, "refused"),
        (Why::Missing, "missing"),
        (Why::Fault, "fault"),
        (Why::TooLong, "too-long"),
        (Why::Unreadable, "unreadable"),
        (Why::Elsewhere, "elsewhere"),
        (Why::TooMany, "too-many"),
        (Why::NotTheirs, "not-theirs"),
        (Why::Draft, "draft"),
        (Why::Rules, "rules"),
        (Why::Broken, "broken"),
        (Why::FileKind, "file-kind"),
        (Why::Malware, "malware"),
        (Why::NotTaken, "not-taken"),
    ];

    /// Its word, in the key of its sentence.
    pub fn word(self) -> &'static str {
        Why::ALL.iter().find(|(why, _)| *why == self).map_or("fault", |(_, word)| word)
    }

    fn named(word: &str) -> Option<Why> {
        Why::ALL.iter().find(|(_, known)| *known == word).map(|(why, _)| *why)
    }
}

/// Something that did not come: what it is (a type, or the title of a file), and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub what: String,
    /// Why.
    pub why: Why,
}

/// What came.
#[derive(Clone, Default, PartialEq)]
pub struct Came {
    /// The Patient there.
    pub patient: Value,
    /// What may enter, as it came.
    pub resources: Vec<Value>,
    /// Whom and what it names: people, places, medicines. None of these enters by itself.
    pub beside: Vec<Value>,
    /// Files, by the address at which a resource names them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What did not come.
    pub troubles: Vec<Trouble>,
    /// How much came of types that do not enter.
    pub left: BTreeMap<String, u64>,
}

impl std::fmt::Debug for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} resources, sealed", self.resources.len())
    }
}

impl Came {
    /// One run of bytes.
    pub fn render(&self) -> Vec<u8> {
        let troubles: Vec<Value> =
            self.troubles.iter().map(|trouble| json!([trouble.what, trouble.why.word()])).collect();
        let files: Vec<Value> = self.files.iter().map(|(name, bytes)| json!([name, bytes.len()])).collect();
        let left: Map<String, Value> =
            self.left.iter().map(|(kind, count)| (kind.clone(), json!(count))).collect();
        let head = json!({
            "patient": self.patient, "resources": self.resources, "beside": self.beside,
            "files": files, "troubles": troubles, "left": left,
        });
        let head = json::render(&head);
        let mut out = (head.len() as u64).to_be_bytes().to_vec();
        out.extend(head);
        self.files.values().for_each(|bytes| out.extend(bytes));
        out
    }

    /// Reads what [`Came::render`] wrote; `None` for anything else.
    pub fn parse(bytes: &[u8]) -> Option<Came> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (head, mut rest) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
        let mut head = json::parse(head, Limits { values: VALUES, ..Limits::default() }).ok()?;
        let mut list = |name: &str| match head.get_mut(name).map(Value::take) {
            Some(Value::Array(list)) => Some(list),
            _ => None,
        };
        let (resources, beside) = (list("resources")?, list("beside")?);
        let (files, troubles) = (list("files")?, list("troubles")?);
        let mut came = Came { resources, beside, ..Came::default() };
        for file in files {
            let length = usize::try_from(file.get(1)?.as_u64()?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            came.files.insert(file.get(0)?.as_str()?.to_owned(), bytes.to_vec());
            rest = after;
        }
        for trouble in troubles {
            let (what, why) = (trouble.get(0)?.as_str()?.to_owned(), Why::named(trouble.get(1)?.as_str()?)?);
            came.troubles.push(Trouble { what, why });
        }
        for (kind, count) in head.get("left")?.as_object()? {
            came.left.insert(kind.clone(), count.as_u64()?);
        }
        came.patient = head.get_mut("patient")?.take();
        rest.is_empty().then_some(came)
    }

    /// Asks somebody who knows bad files about each of them, and lets go of those.
    ///
    /// # Errors
    /// Where nobody could be asked.
    pub fn scan<E>(&mut self, is_bad: &dyn Fn(&[u8]) -> Result<bool, E>) -> Result<(), E> {
        let mut bad = Vec::new();
        for (name, bytes) in &self.files {
            if is_bad(bytes)? {
                bad.push(name.clone());
            }
        }
        for name in bad {
            self.files.remove(&name);
            self.troubles.push(Trouble { what: "DocumentReference".into(), why: Why::Malware });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn e9_what_came_is_the_same_after_it_was_kept_to_the_last_digit() {
        let number =
            json::parse(br#"{"resourceType": "Observation", "value": 1.500}"#, Limits::default()).unwrap();
        let came = Came {
            patient: json!({"resourceType": "Patient"}),
            resources: vec![number],
            files: BTreeMap::from([("a".into(), vec![1, 2]), ("b".into(), vec![3])]),
            troubles: Vec::from(Why::ALL.map(|(why, _)| Trouble { what: "x".into(), why })),
            left: BTreeMap::from([("Appointment".into(), 3)]),
            ..Came::default()
        };
        let kept = came.render();
        assert_eq!(Came::parse(&kept), Some(came));
        assert!(String::from_utf8_lossy(&kept).contains("1.500"));
        assert_eq!(Came::parse(&kept[..kept.len() - 1]), None);
    }

    #[test]
    fn d7_a_file_with_a_virus_is_let_go_and_told() {
        let files = BTreeMap::from([("good".into(), vec![1]), ("bad".into(), vec![6, 6, 6])]);
        let mut came = Came { files, ..Came::default() };
        came.scan::<()>(&|bytes| Ok(bytes.len() == 3)).unwrap();
        assert_eq!(came.files.keys().collect::<Vec<_>>(), ["good"]);
        assert_eq!(came.troubles[0].why, Why::Malware);
        assert!(came.scan(&|_| Err("nobody")).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_are_not(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Came::parse(&bytes);
        }
    }
}
