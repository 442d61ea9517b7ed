//! Everything of one patient's record, to be taken along: listed and signed first, opened piece by piece after it.
//!
//! [`Record::takeout`] goes through the record once and writes one entry into the log, which names every version that is about to leave.
//! Only then it hands out the list; what stands on it is opened one by one, so that a record is never in memory whole. What changes
//! meanwhile changes nothing in what leaves, and what is no longer within reach ends the taking with an error.

use crate::{
    Record,
    attachment::{Attachment, attachment, file_of},
    error::Error,
    everything::{NAMED, collect, members},
    read::touch,
    search::{name, stored_value, within},
    show,
    viewers::{STEP, Viewers, ViewersRequest, Who},
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    decide::Wish,
    grant::Grant,
    scope::Permission,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use store::{
    attachment::{FILE, File},
    read::Stored,
    select::{Order, Select},
    viewers::LOG,
};

/// Resources that are opened at once while the list is made.
const PAGE: usize = 200;

/// The same of types that may hold a whole file themselves.
const FEW: usize = 4;

/// Those types.
const LARGE: [&str; 5] = ["Communication", "Consent", "DiagnosticReport", "DocumentReference", "Media"];

/// The type whose drafts stay.
const NOTE: &str = "Composition";

/// Whom a record names, at most.
const MOST_NAMED: usize = 10_000;

/// Of a record's notes, the ids of those that are nobody's word yet.
pub type Drafts<'a> = &'a dyn Fn(&[Value]) -> HashSet<String>;

/// Something on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    rid: i64,
    version: i64,
    file: Option<File>,
}

/// A record that is signed for, ready to be taken.
#[derive(Debug)]
pub struct Takeout {
    /// The patient's id.
    pub patient: String,
    /// What there is, by type in alphabetical order, each in the order in which it was first stored.
    pub types: BTreeMap<String, Vec<Item>>,
    /// How many more there are that consents or labels keep back.
    pub restricted: u64,
    /// Types of which consents or labels keep something back.
    pub partly: Vec<String>,
    /// Types that are not shared with whoever takes it, or that their role does not reach.
    pub beyond: Vec<String>,
    act: Act,
    grant: Grant,
    /// The files of documents, by the row of the document.
    files: BTreeMap<i64, File>,
}

/// One resource of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its type.
    pub resource_type: String,
    /// Its logical id.
    pub id: String,
    /// The resource as JSON.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// The list while it is made.
struct List {
    entry: Entry,
    types: BTreeMap<String, Vec<Item>>,
    names: BTreeSet<String>,
}

impl List {
    fn add(&mut self, kind: &str, stored: &Stored) {
        touch(&mut self.entry, std::iter::once(stored));
        let item = Item { rid: stored.rid, version: stored.version, file: None };
        self.types.entry(kind.to_owned()).or_default().push(item);
    }
}

impl Record {
    /// Lists and signs everything of a patient's record that the actor may see: what belongs to the patient, whom it names, and the files
    /// that its documents name. Notes that `drafts` names stay.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such patient for this actor, [`Error::Refused`].
    pub fn takeout(&self, act: &Act, patient: &str, drafts: Drafts<'_>) -> Result<Takeout, Error> {
        let act = &Act { looks: false, ..act.clone() };
        let grant = self.decide(act, "takeout", Permission::Search, Some("Patient"), "Patient")?;
        let entry = Entry::new(act, "takeout", "Patient", Outcome::Done);
        let mut list = List { entry, types: BTreeMap::new(), names: BTreeSet::new() };
        self.list(&grant, patient, "Patient", None, &mut list)?;
        if list.types.is_empty() {
            self.store.witness(list.entry)?;
            return Err(Error::NotFound);
        }
        let (mut restricted, mut partly, mut beyond) = (0, Vec::new(), Vec::new());
        let in_part = self.store.opens_in_part(&grant, patient)?;
        for kind in members(&[]) {
            if !grant.reaches(kind) {
                beyond.push(kind.to_owned());
                continue;
            }
            self.list(&grant, patient, kind, Some(drafts).filter(|_| kind == NOTE), &mut list)?;
            if in_part && !list.types.contains_key(kind) {
                beyond.push(kind.to_owned());
            }
            let kept = self.store.withheld(&grant, &select(patient, kind, 0))?.unsigned_abs();
            restricted += kept;
            if kept > 0 {
                partly.push(kind.to_owned());
            }
        }
        self.list_named(&grant, &mut list)?;
        let files = self.list_files(&grant, patient, &mut list)?;
        self.store.witness(list.entry)?;
        let (act, patient) = (act.clone(), patient.to_owned());
        Ok(Takeout { patient, types: list.types, restricted, partly, beyond, act, grant, files })
    }

    /// Lists what of that type belongs to the patient.
    fn list(
        &self,
        grant: &Grant,
        patient: &str,
        kind: &str,
        drafts: Option<Drafts<'_>>,
        list: &mut List,
    ) -> Result<(), Error> {
        let limit = if LARGE.contains(&kind) { FEW } else { PAGE };
        let mut select = select(patient, kind, limit);
        let (mut notes, mut values) = (Vec::new(), Vec::new());
        loop {
            let found = self.store.search(grant, &select)?;
            let found = found.peek();
            for (_, stored) in &found.rows {
                let value = stored_value(stored)?;
                match drafts {
                    None => {
                        collect(&value, &mut list.names);
                        list.add(kind, stored);
                    }
                    Some(_) => {
                        notes.push(stored.clone());
                        values.push(value);
                    }
                }
            }
            match found.rows.last() {
                Some((position, _)) if found.more => select.after = Some(*position),
                _ => break,
            }
        }
        let staying = drafts.map(|drafts| drafts(&values)).unwrap_or_default();
        for (stored, value) in notes.iter().zip(&values) {
            if value["id"].as_str().is_none_or(|id| !staying.contains(id)) {
                collect(value, &mut list.names);
                list.add(kind, stored);
            }
        }
        Ok(())
    }

    /// Lists whom the record names, and whom they name: a role's person, a place's owner.
    fn list_named(&self, grant: &Grant, list: &mut List) -> Result<(), Error> {
        let mut known: HashSet<i64> = list.types.values().flatten().map(|item| item.rid).collect();
        let mut asked = BTreeSet::new();
        loop {
            let names: Vec<String> =
                list.names.difference(&asked).take(MOST_NAMED - asked.len()).cloned().collect();
            if names.is_empty() {
                break;
            }
            asked.extend(names.iter().cloned());
            let mut named: Vec<Stored> = Vec::new();
            for chunk in names.chunks(PAGE) {
                let pairs: Vec<(&str, &str)> = chunk.iter().filter_map(|name| name.split_once('/')).collect();
                for stored in self.store.read_many(grant, &pairs)?.peek() {
                    if known.insert(stored.rid) {
                        collect(&stored_value(stored)?, &mut list.names);
                        named.push(Stored { body: name_of(stored).into_bytes(), ..stored.clone() });
                    }
                }
            }
            named.sort_by_key(|stored| stored.rid);
            for stored in named {
                let kind = String::from_utf8_lossy(&stored.body).into_owned();
                list.add(&kind, &stored);
            }
        }
        for kind in NAMED {
            if let Some(items) = list.types.get_mut(kind) {
                items.sort_by_key(|item| item.rid);
            }
        }
        Ok(())
    }

    /// Lists the files that documents on the list name.
    fn list_files(
        &self,
        grant: &Grant,
        patient: &str,
        list: &mut List,
    ) -> Result<BTreeMap<i64, File>, Error> {
        let documents = list.types.get("DocumentReference").into_iter().flatten();
        let documents: HashSet<i64> = documents.map(|item| item.rid).collect();
        if documents.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.store.files(grant, patient, &file_of)?;
        let files: BTreeMap<i64, File> =
            found.peek().iter().filter(|(rid, _)| documents.contains(rid)).cloned().collect();
        let mut items: Vec<Item> = Vec::new();
        for file in files.values() {
            let touched = file.touched();
            if !items.iter().any(|item| item.rid == touched.rid) {
                list.entry.touched.push(touched.clone());
                items.push(Item { rid: touched.rid, version: touched.version, file: Some(file.clone()) });
            }
        }
        items.sort_by_key(|item| item.rid);
        if !items.is_empty() {
            list.types.insert(FILE.to_owned(), items);
        }
        Ok(files)
    }

    /// Opens one resource of what is signed for.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not within reach any more.
    pub fn taken(&self, takeout: &Takeout, item: &Item) -> Result<Taken, Error> {
        let stored = self.opened(takeout, item)?;
        let (resource_type, id) = name(&stored.body);
        Ok(Taken { resource_type, id, body: show::body(&takeout.act, stored.body)? })
    }

    /// The file of a document on the list; `None` where it has none that may be handed out.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not within reach any more.
    pub fn paper(&self, takeout: &Takeout, document: &Item) -> Result<Option<Attachment>, Error> {
        let stored = self.opened(takeout, document)?;
        let file = match takeout.files.get(&document.rid) {
            Some(file) => Some(self.file(file)?),
            None => None,
        };
        match attachment(&takeout.patient, &stored, file.as_ref()) {
            // What came as a file and is none stays what it is: a member of the document.
            Err(Error::Fault(fault)) if fault.is::<base64::DecodeError>() => Ok(None),
            found => found,
        }
    }

    fn opened(&self, takeout: &Takeout, item: &Item) -> Result<Stored, Error> {
        match &item.file {
            Some(file) => self.file(file),
            None => {
                let found = self.store.version_of(&takeout.grant, item.rid, item.version)?;
                found.peek().clone().ok_or(Error::NotFound)
            }
        }
    }

    fn file(&self, file: &File) -> Result<Stored, Error> {
        self.store.file_of(file)?.peek().clone().ok_or(Error::NotFound)
    }

    /// Who looked at the record, for whom the list is: the patient, and who acts for them and sees everything. `None` for others.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn taken_viewers(&self, takeout: &Takeout) -> Result<Option<Viewers>, Error> {
        let wish = Wish { permission: Permission::Search, resource_type: Some(LOG) };
        let Ok(grant) = self.grant(&takeout.act, wish) else { return Ok(None) };
        let request = ViewersRequest { patient: &takeout.patient, who: Who::All, before: None, count: None };
        let (mut page, mut before) = (Viewers::default(), i64::MAX);
        loop {
            let found = match self.store.viewers(&grant, &takeout.patient, before, STEP) {
                Err(store::error::Error::Refused) => return Ok(None),
                found => found?,
            };
            let Some(found) = found.peek() else { return Err(Error::NotFound) };
            before = found.looks.last().map_or(before, |look| look.leaf);
            page.take(&found.looks, &request);
            if !found.more {
                return Ok(Some(page));
            }
        }
    }
}

fn name_of(stored: &Stored) -> String {
    name(&stored.body).0
}

fn select(patient: &str, kind: &str, limit: usize) -> Select {
    Select {
        resource_type: kind.to_owned(),
        tests: vec![within("Patient", patient, kind)],
        order: Order::Stored,
        after: None,
        newest_rid: i64::MAX,
        limit,
    }
}
