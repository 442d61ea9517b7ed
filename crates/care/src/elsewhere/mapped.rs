//! What came, made what it will be here: an id of ours that is the same each time, its patient ours, and every reference either to
//! something that enters beside it or a name.

use super::{
    TAG, address,
    came::{Came, Why},
};
use crate::{coding, name::Name, upload::kind::Kind};
use access::brought;
use fhir::reference::{self, Reference};
use record::{commit::faults, digest};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// What the address of a file begins with that stood in its resource.
pub(crate) const INSIDE: &str = "urn:keepwell:inside:";

/// How often all of it is made anew without what does not enter.
const TURNS: usize = 4;

/// The extension that keeps what `meta.source` said before.
const SOURCE_THERE: &str = "urn:keepwell:extension:source-there";

/// Where a record comes from, and whose it becomes.
#[derive(Clone, Copy, Debug)]
pub struct From<'f> {
    /// The address of the server, without a slash at its end.
    pub base: &'f str,
    /// What people call it.
    pub label: &'f str,
    /// The patient's id here.
    pub patient: &'f str,
    /// Letters and digits that no other fetch has: files are stored once, and never over another.
    pub fetch: &'f str,
}

/// A file that enters beside the resource that names it.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// The id of its Binary.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What came, by its address.
    pub name: String,
}

/// A resource as it will be here.
#[derive(Clone, PartialEq)]
pub struct Made {
    /// Its type.
    pub kind: String,
    /// Its id here.
    pub id: String,
    /// The resource.
    pub value: Value,
    /// Its files.
    pub files: Vec<File>,
}

/// Why a resource does not enter, and what is wrong with it in particular.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Its type.
    pub kind: String,
    /// Why.
    pub why: Why,
    /// What breaks the rules, in the words of the check; never a value.
    pub what: String,
}

/// Makes all that came what it will be here; what cannot enter is named with the reason.
pub fn all(from: &From<'_>, came: &Came) -> (Vec<Made>, Vec<Refused>) {
    let names: Vec<(String, String, &Value)> = came
        .resources
        .iter()
        .map(|resource| {
            (text(resource, "resourceType").to_owned(), text(resource, "id").to_owned(), resource)
        })
        .collect();
    let mut ids: HashMap<String, String> = names
        .iter()
        .map(|(kind, id, _)| (format!("{kind}/{id}"), format!("{kind}/{}", from.id(kind, id))))
        .collect();
    let mut refused = Vec::new();
    let beside = beside(came);
    let make = |ids: &HashMap<String, String>, refused: &mut Vec<Refused>| {
        let mut made = Vec::new();
        let mut lost = Vec::new();
        for (kind, id, resource) in &names {
            let key = format!("{kind}/{id}");
            if !ids.contains_key(&key) {
                continue;
            }
            match (Making { from, ids, beside: &beside, came, theirs: text(&came.patient, "id") })
                .one(kind, id, resource)
            {
                Ok(one) => made.push(one),
                Err((why, what)) => {
                    refused.push(Refused { kind: kind.clone(), why, what });
                    lost.push(key);
                }
            }
        }
        (made, lost)
    };
    let mut made = Vec::new();
    // What refers to one that does not enter says its name, and nothing dangles. A second turn finds all; more are not worth what a server
    // could make them cost.
    for _ in 0..TURNS {
        let (all, lost) = make(&ids, &mut refused);
        made = all;
        if lost.is_empty() {
            break;
        }
        lost.iter().for_each(|key| drop(ids.remove(key)));
    }
    refused.sort();
    (made, refused)
}

impl From<'_> {
    /// The id that something there has here: the same each time it is brought into this record.
    pub fn id(&self, kind: &str, id: &str) -> String {
        format!("e{}", &hash(&[self.base, self.patient, kind, id])[..40])
    }
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Those who are named, by type and id.
fn beside(came: &Came) -> BTreeMap<String, &Value> {
    let named = |resource: &'_ Value| format!("{}/{}", text(resource, "resourceType"), text(resource, "id"));
    came.beside.iter().map(|resource| (named(resource), resource)).collect()
}

/// What somebody or something is called who does not enter.
fn called(resource: &Value) -> String {
    match text(resource, "resourceType") {
        "Practitioner" => Name::of(resource).spoken(),
        "Medication" => coding::of(resource, &["code"]),
        "Device" => text(resource.pointer("/deviceName/0").unwrap_or(&Value::Null), "name").to_owned(),
        "PractitionerRole" => resource.get("practitioner").map_or("", |who| text(who, "display")).to_owned(),
        _ => text(resource, "name").to_owned(),
    }
}

/// Shows `visit` each attachment of a document or a report.
pub(crate) fn each_attachment(resource: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    let (list, is_inside) = match text(resource, "resourceType") {
        "DocumentReference" => ("content", true),
        "DiagnosticReport" => ("presentedForm", false),
        _ => return,
    };
    for item in resource.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
        let attachment = if is_inside { item.get_mut("attachment") } else { Some(item) };
        if let Some(Value::Object(members)) = attachment {
            visit(members);
        }
    }
}

/// The digest of a resource as it was brought: whoever changes it here changes this, and the same thing brought again does not.
pub(crate) fn mark(value: &Value) -> String {
    let mut value = value.clone();
    untag(&mut value);
    each_attachment(&mut value, &mut |attachment| {
        let kept = attachment
            .get("url")
            .and_then(Value::as_str)
            .and_then(|url| url.strip_prefix("Binary/")?.split_once('-'));
        if let Some((content, _)) = kept.map(|(content, rest)| (content.to_owned(), rest.to_owned())) {
            attachment.insert("url".into(), content.into());
        }
    });
    hex(&digest::of(&value))
}

/// Takes our tag off.
fn untag(value: &mut Value) {
    let Some(Value::Object(meta)) = value.get_mut("meta") else { return };
    if let Some(Value::Array(tags)) = meta.get_mut("tag") {
        tags.retain(|tag| text(tag, "system") != TAG);
        if tags.is_empty() {
            meta.shift_remove("tag");
        }
    }
}

/// Puts our tag on, with that code.
pub(crate) fn retag(value: &mut Value, code: &str, label: &str) {
    untag(value);
    let Some(Value::Object(meta)) = value.get_mut("meta") else { return };
    let tags = meta.entry("tag").or_insert_with(|| json!([]));
    if let Value::Array(tags) = tags {
        tags.push(json!({"system": TAG, "code": code, "display": label}));
    }
}

struct Making<'m> {
    from: &'m From<'m>,
    /// Type and id there to type and id here, of all that enters.
    ids: &'m HashMap<String, String>,
    beside: &'m BTreeMap<String, &'m Value>,
    came: &'m Came,
    theirs: &'m str,
}

impl Making<'_> {
    fn one(&self, kind: &str, id: &str, resource: &Value) -> Result<Made, (Why, String)> {
        let plain = |why: Why| Err((why, String::new()));
        let whose = brought::whose(kind).and_then(|member| resource.get(member));
        let whose = whose.map_or("", |whose| text(whose, "reference"));
        if address::named(self.from.base, whose) != Some(format!("Patient/{}", self.theirs)) {
            return plain(Why::NotTheirs);
        }
        if kind == "Composition" && !["final", "amended"].contains(&text(resource, "status")) {
            return plain(Why::Draft);
        }
        if resource.get("implicitRules").is_some() {
            return plain(Why::Rules);
        }
        let mut value = resource.clone();
        let mut contained = Vec::new();
        self.walk(&mut value, &mut contained);
        if let (Value::Object(members), false) = (&mut value, contained.is_empty()) {
            let list = members.entry("contained").or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                let is_new = |one: &Value| !list.iter().any(|other| text(other, "id") == text(one, "id"));
                let new: Vec<Value> = contained.into_iter().filter(is_new).collect();
                list.extend(new);
            }
        }
        let mine = self.from.id(kind, id);
        if let Value::Object(members) = &mut value {
            members.insert("id".into(), mine.clone().into());
        }
        self.meta(&mut value, kind, id);
        let files = self.files(&mut value);
        let digest = mark(&value);
        retag(&mut value, &digest, self.from.label);
        match faults(&value).first() {
            None => Ok(Made { kind: kind.to_owned(), id: mine, value, files }),
            Some(issue) => {
                let place = issue.expression.as_deref().unwrap_or(kind);
                Err((Why::Broken, format!("{place}: {}", issue.diagnostics)))
            }
        }
    }

    fn meta(&self, value: &mut Value, kind: &str, id: &str) {
        let Value::Object(members) = value else { return };
        let mut meta = match members.get_mut("meta").map(Value::take) {
            Some(Value::Object(meta)) => meta,
            _ => Map::new(),
        };
        meta.shift_remove("versionId");
        meta.shift_remove("lastUpdated");
        if let Some(Value::String(before)) = meta.shift_remove("source") {
            let kept = json!({"url": SOURCE_THERE, "valueUri": before});
            match meta.get_mut("extension") {
                Some(Value::Array(list)) => list.push(kept),
                _ => drop(meta.insert("extension".into(), json!([kept]))),
            }
        }
        meta.insert("source".into(), format!("{}/{kind}/{id}", self.from.base).into());
        members.insert("meta".into(), Value::Object(meta));
        untag(value);
    }

    /// The files of a document, each under an id that says what is in it.
    fn files(&self, value: &mut Value) -> Vec<File> {
        let mut files: Vec<File> = Vec::new();
        each_attachment(value, &mut |attachment| {
            attachment.shift_remove("data");
            let Some(name) = attachment.get("url").and_then(Value::as_str).map(str::to_owned) else { return };
            let found = self.came.files.get(&name).and_then(|bytes| Some((bytes, Kind::of(bytes).ok()?)));
            let Some((bytes, kind)) = found else {
                // What did not come is named by where it is, unless it is nowhere.
                if name.starts_with(INSIDE) {
                    attachment.shift_remove("url");
                }
                return;
            };
            let content = hex(&Sha256::digest(bytes));
            let id = format!(
                "{}-{}",
                &hash(&[self.from.base, self.from.patient, &content])[..40],
                self.from.fetch
            );
            attachment.insert("url".into(), format!("Binary/{id}").into());
            attachment.insert("contentType".into(), kind.media_type().into());
            attachment.entry("size").or_insert_with(|| bytes.len().into());
            if !files.iter().any(|file| file.id == id) {
                files.push(File { id, kind, name });
            }
        });
        files
    }

    /// Goes through all members: references, and addresses that would mean something of ours.
    fn walk(&self, value: &mut Value, contained: &mut Vec<Value>) {
        match value {
            Value::Object(members) => {
                if members.get("reference").is_some_and(Value::is_string) {
                    self.refer(members, contained);
                }
                for (name, member) in members.iter_mut() {
                    match member {
                        Value::String(text) if name == "url" || name == "valueUrl" || name == "valueUri" => {
                            *text = address::whole(self.from.base, text);
                        }
                        member => self.walk(member, contained),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, contained)),
            _ => {}
        }
    }

    /// One Reference.
    fn refer(&self, members: &mut Map<String, Value>, contained: &mut Vec<Value>) {
        let to = members.get("reference").and_then(Value::as_str).unwrap_or_default().to_owned();
        if matches!(reference::parse(&to, &[]), Some(Reference::Fragment(_))) {
            return;
        }
        let named = address::named(self.from.base, &to);
        let ours = named.as_ref().and_then(|named| match *named == format!("Patient/{}", self.theirs) {
            true => Some(format!("Patient/{}", self.from.patient)),
            false => self.ids.get(named).cloned(),
        });
        if let Some(ours) = ours {
            members.insert("reference".into(), ours.into());
            return;
        }
        let known = named.as_ref().and_then(|named| self.beside.get(named));
        let words = known.map(|resource| called(resource)).unwrap_or_default();
        if !members.contains_key("display") && !words.is_empty() {
            members.insert("display".into(), words.into());
        }
        if let Some(medicine) = known.filter(|resource| text(resource, "resourceType") == "Medication") {
            let id = format!("m{}", &hash(&[text(medicine, "id")])[..16]);
            let mut medicine = (*medicine).clone();
            if let Value::Object(own) = &mut medicine {
                own.insert("id".into(), id.clone().into());
                // https://hl7.org/fhir/R4/domainresource-definitions.html: what is contained has no versions, and contains nothing.
                ["meta", "text", "contained"].iter().for_each(|member| drop(own.shift_remove(*member)));
            }
            // What is contained contains nothing itself: a medicine within a medicine is a name.
            let is_other = |resource: &&Value| text(resource, "resourceType") != "Medication";
            let others: BTreeMap<String, &Value> = self
                .beside
                .iter()
                .filter(|(_, one)| is_other(one))
                .map(|(key, one)| (key.clone(), *one))
                .collect();
            let inside = Making {
                from: self.from,
                ids: self.ids,
                beside: &others,
                came: self.came,
                theirs: self.theirs,
            };
            inside.walk(&mut medicine, &mut Vec::new());
            contained.push(medicine);
            members.insert("reference".into(), format!("#{id}").into());
            return;
        }
        members.shift_remove("reference");
        if let (Some((kind, _)), false) =
            (named.as_ref().and_then(|named| named.split_once('/')), members.contains_key("type"))
        {
            members.insert("type".into(), kind.into());
        }
        if !members.contains_key("identifier") {
            let there = address::whole(self.from.base, &to);
            members.insert("identifier".into(), json!({"system": "urn:ietf:rfc:3986", "value": there}));
        }
    }
}

#[cfg(test)]
mod tests;
