//! What would enter, entering it, and taking it back. All of it is changes of the one write path.

use super::{
    OPERATIONS, base,
    came::{Came, Why},
    from, mapped,
    mapped::{From, Made, Refused},
    tag,
};
use crate::{chart::Chart, entry, writing};
use access::act::Act;
use base64::{Engine, engine::general_purpose::STANDARD};
use record::{
    Record,
    change::{Change, Wish},
    error::Error,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Resources in one transaction.
const CHANGES: usize = 200;

/// Bytes of files after which a transaction takes no further one.
const BYTES: usize = 8 << 20;

/// The code of our tag on what was put away and could not be deleted.
pub(crate) const GONE: &str = "put-away";

/// How what came stands to what is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It is not here.
    New,
    /// It is here as it was there before.
    Changed,
    /// It is here as it is there now.
    Same,
    /// Somebody changed it here since it was brought: it stays as they left it.
    Kept,
}

/// Something that may enter.
#[derive(Clone, PartialEq)]
pub struct Planned {
    /// Its type.
    pub kind: String,
    /// The resource as it will be.
    pub value: Value,
    /// How it stands.
    pub state: State,
    made: Made,
    version: Option<i64>,
}

/// What entering would do.
#[derive(Clone, Default, PartialEq)]
pub struct Plan {
    /// All that may enter.
    pub planned: Vec<Planned>,
    /// What does not.
    pub refused: Vec<Refused>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} resources, sealed", self.planned.len())
    }
}

impl Plan {
    /// How many of each type stand so.
    pub fn counts(&self, state: State) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for planned in self.planned.iter().filter(|planned| planned.state == state) {
            *counts.entry(planned.kind.as_str()).or_default() += 1;
        }
        counts
    }

    /// How many enter.
    pub fn entering(&self) -> usize {
        self.planned.iter().filter(|planned| matches!(planned.state, State::New | State::Changed)).count()
    }
}

/// What came of entering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// How many are new.
    pub new: u64,
    /// How many have a new version.
    pub changed: u64,
    /// What the house did not take.
    pub refused: Vec<Refused>,
}

/// What entering would do. Only for the patient, and for who acts for them.
///
/// # Errors
/// [`Error::Refused`], which is signed; where the kernel cannot say what is here.
pub fn plan(record: &Record, act: &Act, from: &From<'_>, came: &Came) -> Result<Plan, Error> {
    own(record, act, from.patient, OPERATIONS[0])?;
    let (made, refused) = mapped::all(from, came);
    let mut plan = Plan { planned: Vec::with_capacity(made.len()), refused };
    for made in made {
        let now = match record.now(act, OPERATIONS[0], &made.kind, &made.id) {
            Err(Error::Erased) => {
                plan.refused.push(Refused { kind: made.kind, why: Why::NotTaken, what: String::new() });
                continue;
            }
            now => now?,
        };
        let state = now.as_ref().map_or(State::New, |now| state(&now.value, &made.value));
        let (kind, value) = (made.kind.clone(), made.value.clone());
        plan.planned.push(Planned { kind, value, state, made, version: now.map(|now| now.version) });
    }
    Ok(plan)
}

fn code(value: &Value) -> &str {
    tag(value).and_then(|tag| tag.get("code")?.as_str()).unwrap_or_default()
}

fn state(now: &Value, new: &Value) -> State {
    match code(now) {
        GONE => State::Changed,
        known if known == code(new) => State::Same,
        known if known == mapped::mark(now) => State::Changed,
        _ => State::Kept,
    }
}

fn own(record: &Record, act: &Act, patient: &str, operation: &str) -> Result<(), Error> {
    if writing::is_own(act, patient) {
        return Ok(());
    }
    record.refuse(act, operation, "Patient")?;
    Err(Error::Refused)
}

/// Does what the plan says: what is new and what changed there, with its files and a Provenance for each transaction. What the house does not
/// take keeps nothing else out. Done again after it was broken off, it goes on.
///
/// # Errors
/// [`Error::Refused`]; where the kernel cannot do it now. What entered before stays.
pub fn enter(
    record: &Record,
    act: &Act,
    from: &From<'_>,
    came: &Came,
    plan: &Plan,
) -> Result<Entered, Error> {
    own(record, act, from.patient, OPERATIONS[0])?;
    let mut entered = Entered::default();
    let (mut part, mut bytes): (Vec<&Planned>, usize) = (Vec::new(), 0);
    let entering = plan.planned.iter().filter(|planned| matches!(planned.state, State::New | State::Changed));
    for planned in entering {
        part.push(planned);
        bytes += planned
            .made
            .files
            .iter()
            .filter_map(|file| came.files.get(&file.name))
            .map(Vec::len)
            .sum::<usize>();
        if part.len() >= CHANGES || bytes >= BYTES {
            store(record, act, from, came, &part, &mut entered)?;
            (part, bytes) = (Vec::new(), 0);
        }
    }
    store(record, act, from, came, &part, &mut entered)?;
    Ok(entered)
}

/// Stores a part; where something in it will not do, halves of it, down to what it is.
fn store(
    record: &Record,
    act: &Act,
    from: &From<'_>,
    came: &Came,
    part: &[&Planned],
    entered: &mut Entered,
) -> Result<(), Error> {
    if part.is_empty() {
        return Ok(());
    }
    let changes = changes(act, from, came, part);
    match (record.commit(act, OPERATIONS[0], &changes), part) {
        (Ok(_), _) => {
            let new = part.iter().filter(|planned| planned.state == State::New).count() as u64;
            entered.new += new;
            entered.changed += part.len() as u64 - new;
            Ok(())
        }
        (Err(error @ (Error::Refused | Error::Busy(_) | Error::Fault(_))), _) => Err(error),
        (Err(error), [one]) => {
            let what = error.issues().into_iter().next().map(|issue| issue.diagnostics).unwrap_or_default();
            entered.refused.push(Refused { kind: one.kind.clone(), why: Why::NotTaken, what });
            Ok(())
        }
        (Err(_), _) => {
            let (one, other) = part.split_at(part.len() / 2);
            store(record, act, from, came, one, entered)?;
            store(record, act, from, came, other, entered)
        }
    }
}

fn changes(act: &Act, from: &From<'_>, came: &Came, part: &[&Planned]) -> Vec<Change> {
    let mut wishes = Vec::new();
    let mut targets = vec![json!({"reference": format!("Patient/{}", from.patient)})];
    let mut stored = std::collections::HashSet::new();
    for planned in part {
        targets.push(json!({"reference": format!("{}/{}", planned.kind, planned.made.id)}));
        wishes.push(put(&planned.kind, &planned.made.id, planned.value.clone(), planned.version));
        for file in &planned.made.files {
            let Some(bytes) = came.files.get(&file.name).filter(|_| stored.insert(file.id.as_str())) else {
                continue;
            };
            let binary = json!({"resourceType": "Binary", "id": file.id, "contentType": file.kind.media_type(),
                "data": STANDARD.encode(bytes), "securityContext": {"reference": format!("Patient/{}", from.patient)}});
            wishes.push(put("Binary", &file.id, binary, None));
        }
    }
    wishes.push(Wish::Create { resource: provenance(act, from, came, targets), if_none_exist: None });
    wishes.into_iter().map(Change::from).collect()
}

fn put(kind: &str, id: &str, resource: Value, version: Option<i64>) -> Wish {
    Wish::Update {
        resource_type: kind.to_owned(),
        id: Some(id.to_owned()),
        query: None,
        resource,
        if_match: version,
        if_none_match: version.is_none(),
    }
}

/// Who answers for what was brought: the other house wrote it, and the patient, or who acts for them, brought it here.
///
/// Source: <https://hl7.org/fhir/R4/provenance.html>
fn provenance(act: &Act, from: &From<'_>, came: &Came, targets: Vec<Value>) -> Value {
    let role = |code: &str| json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": code}]});
    let address = |value: &str| json!({"system": "urn:ietf:rfc:3986", "value": value});
    let theirs = came.patient.get("id").and_then(Value::as_str).unwrap_or_default();
    let house = json!({"type": "Organization", "display": from.label, "identifier": address(from.base)});
    let whose = json!({"reference": format!("Patient/{}", from.patient)});
    let mut brings = json!({"type": role("enterer"), "who": whose});
    if act.actor.role == "proxy" {
        brings = json!({"type": role("enterer"), "who": {"display": act.actor.name}, "onBehalfOf": whose});
    }
    json!({
        "resourceType": "Provenance",
        "target": targets,
        "recorded": act.at.to_string(),
        "activity": {"text": "Brought from another server by the patient"},
        "agent": [{"type": role("author"), "who": house}, {"type": role("custodian"), "who": house}, brings],
        "entity": [{"role": "source", "what": {"display": from.label, "identifier": address(&format!("{}/Patient/{theirs}", from.base))}}],
    })
}

/// What came of putting away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PutAway {
    /// How many went.
    pub gone: u64,
    /// How many were changed here since, and stay.
    pub kept: u64,
}

/// Puts away what was brought from one server: it goes from every page, and its history stays. What somebody changed here since stays.
///
/// # Errors
/// [`Error::Refused`]; as [`Record::commit`]. What went before stays gone.
pub fn put_away(record: &Record, act: &Act, patient: &str, address: &str) -> Result<PutAway, Error> {
    own(record, act, patient, OPERATIONS[1])?;
    let chart = Chart::open(record, act, patient, &super::TYPES, "chart")?;
    let mut done = PutAway::default();
    let mut changes = Vec::new();
    let theirs = chart.resources.iter().filter(|resource| base(&resource.value) == Some(address));
    for resource in theirs.filter(|resource| code(&resource.value) != GONE) {
        if code(&resource.value) != mapped::mark(&resource.value) {
            done.kept += 1;
            continue;
        }
        done.gone += 1;
        // What somebody signed is not deleted (C6).
        changes.push(match resource.kind == "Composition" {
            true => {
                let mut value = resource.value.clone();
                let label = from(&value).unwrap_or_default().to_owned();
                value["status"] = "entered-in-error".into();
                mapped::retag(&mut value, GONE, &label);
                entry::put(resource, value)
            }
            false => Change::from(Wish::Delete {
                resource_type: resource.kind.clone(),
                id: Some(resource.id.clone()),
                query: None,
                if_match: Some(entry::version(&resource.value)),
            }),
        });
    }
    for part in changes.chunks(CHANGES) {
        record.commit(act, OPERATIONS[1], part)?;
    }
    Ok(done)
}
