//! What is asked of another server, step by step: the Patient, then everything of them, then the files that it names.
//!
//! It asks nothing itself: [`Walk::wanted`] says what to fetch, [`Walk::took`] reads what came. Everything has a bound, and nothing that an
//! answer says leads to another server. An answer that does not come costs its own type and no other.
//!
//! Source: <https://hl7.org/fhir/R4/http.html#paging>, <https://hl7.org/fhir/R4/patient-operation-everything.html>

use super::{
    address,
    came::{Came, Trouble, Why},
    mapped,
};
use crate::upload::{LONGEST as LONGEST_FILE, kind::Kind};
use access::brought;
use base64::{Engine, engine::general_purpose::STANDARD};
use fhir::{
    json::{self, Limits},
    reference,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet, VecDeque};

/// The longest answer that is a page of resources, in bytes.
const LONGEST_PAGE: usize = 24 << 20;

/// How much all answers may be together, in bytes.
const LONGEST_ALL: usize = 64 << 20;

/// Requests in all.
const MOST_REQUESTS: usize = 400;

/// Resources in all.
const MOST: usize = 5_000;

/// Files in all.
const MOST_FILES: usize = 200;

/// The most values in one page; one of them costs about 100 bytes of memory.
const VALUES: usize = 500_000;

/// The most values in all that is kept; what is kept is read back with this bound and more.
const VALUES_ALL: usize = 1_000_000;

/// Whom and what resources name: kept for their names alone.
const BESIDE: [&str; 6] =
    ["Device", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole"];

/// Servers that give no Observations of everything at once are asked by these categories.
const CATEGORIES: [&str; 3] = ["laboratory", "vital-signs", "social-history"];

/// Where an answer of the server says what it can do.
pub fn capabilities(base: &str) -> String {
    format!("{base}/metadata")
}

/// Something to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// From where; on the server's base.
    pub address: String,
    /// What kind of answer is asked for.
    pub accept: &'static str,
    /// The longest answer, in bytes.
    pub longest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Person,
    Everything { address: String, is_first: bool },
    Search { kind: String, address: String, is_first: bool },
    File { address: String, title: String },
}

/// What a server says that it can do, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// Whether it gives everything of one patient at once.
    pub everything: bool,
    /// The types that it searches; empty where it does not say.
    pub types: Vec<String>,
}

impl Offers {
    /// Reads a CapabilityStatement; what is none says nothing.
    ///
    /// Source: <https://hl7.org/fhir/R4/capabilitystatement.html>
    pub fn read(bytes: &[u8]) -> Offers {
        let Ok(value) = json::parse(bytes, Limits { values: VALUES, ..Limits::default() }) else {
            return Offers::default();
        };
        let resources = value.pointer("/rest/0/resource").and_then(Value::as_array).into_iter().flatten();
        let mut offers = Offers::default();
        for resource in resources {
            let kind = resource.get("type").and_then(Value::as_str).unwrap_or_default();
            let has = |list: &str, member: &str, wanted: &str| {
                let all = resource.get(list).and_then(Value::as_array).into_iter().flatten();
                all.into_iter().any(|one| {
                    one.get(member)
                        .and_then(Value::as_str)
                        .is_some_and(|name| name.trim_start_matches('$') == wanted)
                })
            };
            offers.everything |= kind == "Patient" && has("operation", "name", "everything");
            if has("interaction", "code", "search-type") && brought::whose(kind).is_some() {
                offers.types.push(kind.to_owned());
            }
        }
        offers
    }
}

/// One fetch of one record.
pub struct Walk {
    base: String,
    /// The patient's id there.
    patient: String,
    offers: Offers,
    queue: VecDeque<Step>,
    now: Option<Step>,
    asked: HashSet<String>,
    requests: usize,
    bytes: usize,
    values: usize,
    found: BTreeMap<(String, String), Value>,
    has_planned_files: bool,
    failure: Option<Why>,
    came: Came,
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a walk of {} requests, sealed", self.requests)
    }
}

impl Walk {
    /// A fetch of that patient's record. An id that is none fails.
    pub fn new(base: &str, patient: &str, offers: Offers) -> Walk {
        let is_id = reference::is_id(patient);
        Walk {
            base: base.to_owned(),
            patient: patient.to_owned(),
            offers,
            queue: is_id.then_some(Step::Person).into_iter().collect(),
            now: None,
            asked: HashSet::new(),
            requests: 0,
            bytes: 0,
            values: 0,
            found: BTreeMap::new(),
            has_planned_files: false,
            failure: (!is_id).then_some(Why::Unreadable),
            came: Came::default(),
        }
    }

    /// What to fetch now; `None` when all is done, or nothing can be.
    pub fn wanted(&mut self) -> Option<Wanted> {
        while self.failure.is_none() {
            if self.queue.is_empty() && !self.has_planned_files {
                self.plan_files();
            }
            let step = self.queue.pop_front()?;
            let address = self.address(&step);
            // The same page again is a circle; it was read already.
            if !address::is_within(&self.base, &address) || !self.asked.insert(address.clone()) {
                self.trouble(&step, Why::Elsewhere);
                continue;
            }
            if self.requests >= MOST_REQUESTS || self.bytes >= LONGEST_ALL {
                self.trouble(&step, Why::TooMany);
                continue;
            }
            self.requests += 1;
            let is_file = matches!(step, Step::File { .. });
            // A file may come as base64 in a Binary.
            let longest = if is_file { LONGEST_FILE / 3 * 4 + 4_096 } else { LONGEST_PAGE };
            self.now = Some(step);
            return Some(Wanted { address, accept: "application/fhir+json", longest });
        }
        None
    }

    /// Ends it with what there is: what is still to be asked is told as not come in time.
    pub fn stop(&mut self) {
        self.has_planned_files = true;
        while let Some(step) = self.queue.pop_front() {
            self.trouble(&step, Why::Late);
        }
    }

    /// Takes the answer to what [`Walk::wanted`] asked for: its media type and its bytes, or why there is none.
    pub fn took(&mut self, answer: Result<(&str, &[u8]), Why>) {
        let Some(step) = self.now.take() else { return };
        if let Ok((_, bytes)) = answer {
            self.bytes += bytes.len();
        }
        match (&step, answer) {
            (Step::Person, Err(why)) => self.failure = Some(why),
            (Step::Person, Ok((kind, bytes))) => self.person(kind, bytes),
            (Step::File { address, title }, Ok((kind, bytes))) => self.file(address, title, kind, bytes),
            (Step::Everything { is_first: true, .. }, Err(_)) => self.searches(),
            (Step::Search { kind, is_first: true, .. }, Err(Why::Fault | Why::Refused))
                if kind == "Observation" =>
            {
                self.by_category();
            }
            (_, Err(why)) => self.trouble(&step, why),
            (_, Ok((kind, bytes))) => {
                match resource(kind, bytes).filter(|value| text(value, "resourceType") == "Bundle") {
                    Some(bundle) => self.page(&step, bundle),
                    None if matches!(step, Step::Everything { is_first: true, .. }) => self.searches(),
                    None => self.trouble(&step, Why::Unreadable),
                }
            }
        }
    }

    /// What came of it.
    ///
    /// # Errors
    /// Why nothing did.
    pub fn done(mut self) -> Result<Came, Why> {
        match self.failure {
            Some(why) => Err(why),
            None => {
                self.came.resources = self.found.into_values().collect();
                Ok(self.came)
            }
        }
    }

    fn address(&self, step: &Step) -> String {
        match step {
            Step::Person => format!("{}/Patient/{}", self.base, self.patient),
            Step::Everything { address, .. } | Step::Search { address, .. } | Step::File { address, .. } => {
                address.clone()
            }
        }
    }

    fn trouble(&mut self, step: &Step, why: Why) {
        let what = match step {
            Step::Person => "Patient",
            Step::Everything { .. } => "everything",
            Step::Search { kind, .. } => kind,
            Step::File { title, .. } => title,
        };
        let trouble = Trouble { what: what.to_owned(), why };
        if !self.came.troubles.contains(&trouble) {
            self.came.troubles.push(trouble);
        }
    }

    fn person(&mut self, kind: &str, bytes: &[u8]) {
        let Some(found) = resource(kind, bytes).filter(|value| text(value, "resourceType") == "Patient")
        else {
            self.failure = Some(Why::Unreadable);
            return;
        };
        if text(&found, "id") != self.patient {
            self.failure = Some(Why::NotTheirs);
            return;
        }
        self.came.patient = found;
        match self.offers.everything {
            true => {
                let address = format!("{}/Patient/{}/$everything", self.base, self.patient);
                self.queue.push_back(Step::Everything { address, is_first: true });
            }
            false => self.searches(),
        }
    }

    fn searches(&mut self) {
        for (kind, _) in brought::TYPES {
            if self.offers.types.is_empty() || self.offers.types.iter().any(|offered| offered == kind) {
                self.search(kind, "");
            }
        }
    }

    fn by_category(&mut self) {
        CATEGORIES.iter().for_each(|category| self.search("Observation", &format!("&category={category}")));
    }

    fn search(&mut self, kind: &str, more: &str) {
        let address = format!("{}/{kind}?patient={}{more}&_count=100", self.base, self.patient);
        self.queue.push_back(Step::Search { kind: kind.to_owned(), address, is_first: more.is_empty() });
    }

    fn page(&mut self, step: &Step, mut bundle: Value) {
        let next = next_page(&bundle);
        if let Some(Value::Array(entries)) = bundle.get_mut("entry").map(Value::take) {
            for mut entry in entries {
                let is_told = entry.pointer("/search/mode").and_then(Value::as_str) == Some("outcome");
                if let Some(resource) = entry.get_mut("resource").map(Value::take).filter(|_| !is_told) {
                    self.keep(step, resource);
                }
            }
        }
        let Some(address) = next else { return };
        // Pages of one type are read one after the other, before the next type.
        self.queue.push_front(match step {
            Step::Search { kind, .. } => Step::Search { kind: kind.clone(), address, is_first: false },
            _ => Step::Everything { address, is_first: false },
        });
    }

    fn keep(&mut self, step: &Step, resource: Value) {
        let (kind, id) = (text(&resource, "resourceType").to_owned(), text(&resource, "id").to_owned());
        if kind == "OperationOutcome" || kind == "Patient" || kind == "Binary" || kind.is_empty() {
            return;
        }
        let is_beside = BESIDE.contains(&kind.as_str());
        if !reference::is_id(&id) || (!is_beside && brought::whose(&kind).is_none()) {
            *self.came.left.entry(kind.chars().take(64).collect()).or_default() += 1;
            return;
        }
        self.values += values(&resource);
        let place = (kind, id);
        let is_room = self.found.len().max(self.came.beside.len()) < MOST || self.found.contains_key(&place);
        match is_room && self.values <= VALUES_ALL {
            false => self.trouble(step, Why::TooMany),
            true if is_beside => self.came.beside.push(resource),
            true => drop(self.found.insert(place, resource)),
        }
    }

    /// The files that resources name on that server, and those that stand in them.
    fn plan_files(&mut self) {
        self.has_planned_files = true;
        let mut found = std::mem::take(&mut self.found);
        let mut inside = 0;
        for resource in found.values_mut() {
            mapped::each_attachment(resource, &mut |attachment| {
                let title = title(attachment);
                match attachment.remove("data") {
                    Some(data) => {
                        inside += 1;
                        let bytes = data.as_str().and_then(|data| STANDARD.decode(data).ok());
                        let name = format!("{}{inside}", mapped::INSIDE);
                        self.bytes += bytes.as_ref().map_or(0, Vec::len);
                        self.add_file(&name, &title, bytes.as_deref());
                        attachment.insert("url".into(), name.into());
                    }
                    None => {
                        let Some(url) = attachment.get("url").and_then(Value::as_str) else { return };
                        let address = address::whole(&self.base, url);
                        let address =
                            address.strip_prefix(mapped::INSIDE).map_or(address.clone(), str::to_owned);
                        attachment.insert("url".into(), address.clone().into());
                        let step = Step::File { address, title };
                        if !self.queue.contains(&step) {
                            self.queue.push_back(step);
                        }
                    }
                }
            });
        }
        self.found = found;
        while self.queue.len() > MOST_FILES {
            if let Some(step) = self.queue.pop_back() {
                self.trouble(&step, Why::TooMany);
            }
        }
    }

    fn file(&mut self, address: &str, title: &str, kind: &str, bytes: &[u8]) {
        let Some(binary) = resource(kind, bytes) else { return self.add_file(address, title, Some(bytes)) };
        let is_binary = text(&binary, "resourceType") == "Binary";
        let decoded = STANDARD.decode(text(&binary, "data")).ok().filter(|_| is_binary);
        self.add_file(address, title, decoded.as_deref());
    }

    fn add_file(&mut self, name: &str, title: &str, bytes: Option<&[u8]>) {
        let why = match bytes.map(|bytes| (bytes, Kind::of(bytes))) {
            Some((bytes, Ok(_))) if self.bytes <= LONGEST_ALL => {
                self.came.files.insert(name.to_owned(), bytes.to_vec());
                return;
            }
            Some((_, Ok(_))) => Why::TooMany,
            Some((_, Err(_))) => Why::FileKind,
            None => Why::Unreadable,
        };
        self.trouble(&Step::File { address: String::new(), title: title.to_owned() }, why);
    }
}

fn title(attachment: &serde_json::Map<String, Value>) -> String {
    let title = attachment.get("title").and_then(Value::as_str).unwrap_or("DocumentReference");
    title.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// How many values a resource holds.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(values).sum(),
        Value::Array(items) => items.iter().map(values).sum(),
        _ => 0,
    }
}

fn next_page(bundle: &Value) -> Option<String> {
    let links = bundle.get("link").and_then(Value::as_array)?;
    let next = links.iter().find(|link| text(link, "relation") == "next")?;
    Some(text(next, "url").to_owned())
}

/// A resource in JSON, where the answer says that it is one.
fn resource(kind: &str, bytes: &[u8]) -> Option<Value> {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !["application/fhir+json", "application/json", "application/json+fhir"].contains(&kind.as_str()) {
        return None;
    }
    let value = json::parse(bytes, Limits { values: VALUES, ..Limits::default() }).ok()?;
    value.get("resourceType").is_some().then_some(value)
}

#[cfg(test)]
mod tests;
