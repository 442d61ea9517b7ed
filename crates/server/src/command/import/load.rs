//! Loading one work: bundles as they are, resources as changes in one transaction, halved until the bad ones stand alone.

use super::{
    done::DoneList,
    rejects::{self, Place, Rejects},
    work::{Content, Work},
};
use crate::actor;
use anyhow::Context;
use fhir::json::{self, Limits};
use record::{
    Record,
    bundle::Answer,
    change::{Change, Wish},
};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Changes in one transaction.
const CHANGES: usize = 500;

/// What a thread needs to load.
pub(super) struct Loader<'a> {
    pub(super) record: &'a Record,
    pub(super) base: &'a str,
    pub(super) done: &'a DoneList,
    pub(super) rejects: &'a Rejects,
    pub(super) tally: Tally,
}

/// How much was loaded.
#[derive(Default)]
pub(super) struct Tally {
    loaded: AtomicU64,
    skipped: AtomicU64,
}

impl Tally {
    /// Resources.
    pub(super) fn loaded(&self) -> u64 {
        self.loaded.load(Relaxed)
    }

    /// Works of an earlier run.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped.load(Relaxed)
    }

    fn add(&self, resources: usize) {
        self.loaded.fetch_add(resources as u64, Relaxed);
    }
}

impl Loader<'_> {
    /// Loads a work, notes its rejects, and notes that it is done.
    ///
    /// # Errors
    /// Where the database fails; the resources' own faults are rejects.
    pub(super) fn load(&self, work: &Work) -> anyhow::Result<()> {
        if work.is_done {
            self.tally.skipped.fetch_add(1, Relaxed);
            return Ok(());
        }
        match &work.content {
            Content::Document(bytes) => match json::parse(bytes, Limits::default()) {
                Ok(document) => self.document(&work.file, document)?,
                Err(error) => self.rejects.add(&work.file, None, rejects::unreadable(&error.to_string()))?,
            },
            Content::Lines(first, lines) => self.lines(&work.file, *first, lines)?,
        }
        self.done.add(&work.hash)
    }

    fn document(&self, file: &str, document: Value) -> anyhow::Result<()> {
        if document["resourceType"] != "Bundle" {
            return self.resources(file, vec![(None, document)]);
        }
        match document["type"].as_str() {
            Some("transaction" | "batch") => self.bundle(file, document),
            Some("collection" | "searchset" | "document" | "message") if has_temporary_names(&document) => {
                self.bundle(file, as_transaction(document))
            }
            Some("collection" | "searchset" | "document" | "message") => {
                self.resources(file, entries(document))
            }
            _ => {
                let what = "a Bundle of this type is not loaded: transaction, batch, collection, searchset, document and message are";
                self.rejects.add(file, None, rejects::unreadable(what))
            }
        }
    }

    fn bundle(&self, file: &str, bundle: Value) -> anyhow::Result<()> {
        let is_batch = bundle["type"] == "batch";
        let count = bundle["entry"].as_array().map_or(0, Vec::len);
        let answer = Answer { base: self.base, representation: false, lenient: false };
        match self.record.bundle(&actor::local_act()?, bundle, answer) {
            Ok(response) if is_batch => self.batch_response(file, &response),
            Ok(_) => {
                self.tally.add(count);
                Ok(())
            }
            Err(error) => self.reject(file, None, error),
        }
    }

    fn batch_response(&self, file: &str, response: &[u8]) -> anyhow::Result<()> {
        let response: Value = serde_json::from_slice(response).context("the kernel's answer is no JSON")?;
        for (at, entry) in response["entry"].as_array().into_iter().flatten().enumerate() {
            let response = &entry["response"];
            match response["status"].as_str().is_some_and(|status| status.starts_with('2')) {
                true => self.tally.add(1),
                false => self.rejects.add(file, Some(at + 1), response["outcome"].clone())?,
            }
        }
        Ok(())
    }

    fn lines(&self, file: &str, first: usize, lines: &[Vec<u8>]) -> anyhow::Result<()> {
        let mut resources = Vec::with_capacity(lines.len());
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            match json::parse(line, Limits::default()) {
                Ok(resource) => resources.push((Some(first + at), resource)),
                Err(error) => {
                    self.rejects.add(file, Some(first + at), rejects::unreadable(&error.to_string()))?
                }
            }
        }
        self.resources(file, resources)
    }

    fn resources(&self, file: &str, resources: Vec<(Place, Value)>) -> anyhow::Result<()> {
        let mut changes = Vec::with_capacity(resources.len());
        for (place, resource) in resources {
            match change(resource) {
                Some(change) => changes.push((place, change)),
                None => self.rejects.add(
                    file,
                    place,
                    rejects::unreadable("this is no resource: it has no resourceType"),
                )?,
            }
        }
        let (places, changes): (Vec<Place>, Vec<Change>) = changes.into_iter().unzip();
        for (places, changes) in places.chunks(CHANGES).zip(changes.chunks(CHANGES)) {
            self.changes(file, places, changes)?;
        }
        Ok(())
    }

    /// Commits all; where one of them is bad, halves until it stands alone.
    fn changes(&self, file: &str, places: &[Place], changes: &[Change]) -> anyhow::Result<()> {
        let error = match self.record.commit(&actor::local_act()?, "import", changes) {
            Ok(_) => {
                self.tally.add(changes.len());
                return Ok(());
            }
            Err(error) => error,
        };
        if changes.len() <= 1 {
            return self.reject(file, places.first().copied().flatten(), error);
        }
        if rejects::outcome_of(&error).is_none() {
            return Err(error)
                .context("the import stopped; what was loaded stays, and a second run goes on from here");
        }
        let half = changes.len() / 2;
        self.changes(file, &places[..half], &changes[..half])?;
        self.changes(file, &places[half..], &changes[half..])
    }

    fn reject(&self, file: &str, place: Place, error: record::error::Error) -> anyhow::Result<()> {
        match rejects::outcome_of(&error) {
            Some(outcome) => self.rejects.add(file, place, outcome),
            None => Err(error)
                .context("the import stopped; what was loaded stays, and a second run goes on from here"),
        }
    }
}

/// A resource with an id keeps it; one without gets a new one.
fn change(resource: Value) -> Option<Change> {
    let resource_type = resource.get("resourceType")?.as_str()?.to_owned();
    let id = resource.get("id").and_then(Value::as_str).map(str::to_owned);
    Some(Change::from(match id {
        Some(_) => {
            Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }
        }
        None => Wish::Create { resource, if_none_exist: None },
    }))
}

fn entries(mut bundle: Value) -> Vec<(Place, Value)> {
    let entries =
        bundle.get_mut("entry").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let numbered = entries.into_iter().enumerate();
    numbered.filter_map(|(at, mut entry)| Some((Some(at + 1), entry.get_mut("resource")?.take()))).collect()
}

fn has_temporary_names(bundle: &Value) -> bool {
    let mut entries = bundle["entry"].as_array().into_iter().flatten();
    entries.any(|entry| entry["fullUrl"].as_str().is_some_and(|url| url.starts_with("urn:")))
}

/// The same entries, to be stored all or nothing, so that references by temporary name are resolved.
fn as_transaction(bundle: Value) -> Value {
    let mut kept = Vec::new();
    for mut entry in bundle["entry"].as_array().cloned().unwrap_or_default() {
        let Some(resource) = entry.get_mut("resource").map(Value::take) else { continue };
        let resource_type = resource["resourceType"].as_str().unwrap_or_default();
        let request = match resource["id"].as_str() {
            Some(id) => serde_json::json!({"method": "PUT", "url": format!("{resource_type}/{id}")}),
            None => serde_json::json!({"method": "POST", "url": resource_type}),
        };
        kept.push(serde_json::json!({"fullUrl": entry["fullUrl"], "resource": resource, "request": request}));
    }
    serde_json::json!({"resourceType": "Bundle", "type": "transaction", "entry": kept})
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_resource_keeps_its_id_and_one_without_is_created() {
        let with = change(json!({"resourceType": "Patient", "id": "p"})).unwrap();
        assert!(matches!(with.wish, Wish::Update { id: Some(id), .. } if id == "p"));
        let without = change(json!({"resourceType": "Patient"})).unwrap();
        assert!(matches!(without.wish, Wish::Create { .. }));
        assert!(change(json!({"id": "p"})).is_none());
        assert!(change(json!([1])).is_none());
    }

    #[test]
    fn a_collection_with_temporary_names_becomes_a_transaction() {
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient"}},
            {"fullUrl": "https://a.example/Patient/2", "resource": {"resourceType": "Patient", "id": "2"}},
            {"fullUrl": "urn:uuid:3"},
        ]});
        assert!(has_temporary_names(&bundle));
        let made = as_transaction(bundle);
        assert_eq!(made["entry"][0]["request"], json!({"method": "POST", "url": "Patient"}));
        assert_eq!(made["entry"][1]["request"], json!({"method": "PUT", "url": "Patient/2"}));
        assert_eq!(made["entry"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn entries_keep_their_numbers_when_some_have_no_resource() {
        let bundle = json!({"entry": [{"fullUrl": "urn:uuid:1"}, {"resource": {"resourceType": "Patient"}}]});
        assert_eq!(entries(bundle), [(Some(2), json!({"resourceType": "Patient"}))]);
    }
}
