//! Health ids on their way from one node to another: a list beside an export, and a note over it that the first node signs with the
//! key that signs its log. The other node takes them over only by a key that its operator was given.
//!
//! The note's first line is our own, so that it can pass for no checkpoint, and a checkpoint for no note of these.

use crate::folder;
use access::act::Act;
use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fhir::json;
use ledger::note::{ED25519, Signature, SignedNote, Verdict, key_id};
use login::{Login, error::Error, health_ids::SYSTEM, identifier::health_id::grouped};
use record::{
    Record,
    change::{Change, Wish},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};
use store::Store;
use vault::sign;

/// The list: a health id's digits and the id of a Patient on each line.
pub(crate) const LIST: &str = "HEALTH-IDS";

/// The note over it.
pub(crate) const NOTE: &str = "HEALTH-IDS.note";

/// The first line of the note.
const KIND: &str = "keepwell/health-ids/1";

/// The longest list, bytes: some ten million ids.
const LONGEST: u64 = 1 << 30;

/// Writes list and note into the folder of an export: how many.
///
/// # Errors
/// Where the store fails or the folder cannot be written.
pub(crate) fn write(login: &Login, store: &Store, act: &Act, folder: &Path) -> anyhow::Result<usize> {
    let ids = login.health_ids(act.at).context("the health IDs cannot be read")?;
    let list: String = ids.iter().map(|(digits, patient)| format!("{digits} {patient}\n")).collect();
    let text = format!("{KIND}\n{}\n{}\n{}\n", act.at, ids.len(), hex(list.as_bytes()));
    let signing = store.keyring().signing_key();
    let verifier = store.verifier_key();
    let name = verifier.split('+').next().unwrap_or_default().to_owned();
    let (key_id, bytes) =
        (key_id(&name, ED25519, &signing.public()), signing.sign(text.as_bytes())?.to_vec());
    let mut note = SignedNote::new(text)?;
    note.add(Signature { name, key_id, bytes })?;
    folder::replace(&folder.join(LIST), list.as_bytes())?;
    folder::replace(&folder.join(NOTE), note.render().as_bytes())?;
    Ok(ids.len())
}

/// The folders among these that have such a note.
pub(crate) fn find(paths: &[PathBuf]) -> Vec<&Path> {
    paths.iter().map(PathBuf::as_path).filter(|path| path.join(NOTE).exists()).collect()
}

/// What was taken over, and what was refused: the Patient's id and why.
#[derive(Default, Debug)]
pub(crate) struct Taken {
    pub(crate) ids: usize,
    pub(crate) refused: Vec<(String, String)>,
}

/// Takes over the ids of a folder whose note that key signed. Each patient's record gets the id, and a Provenance that names the
/// node.
///
/// # Errors
/// Where nobody with that key signed it, the list is not the one that was signed, or the database fails.
pub(crate) fn take(
    (record, login): (&Record, &Login),
    act: &dyn Fn() -> anyhow::Result<Act>,
    folder: &Path,
    verifier: &str,
) -> anyhow::Result<Taken> {
    let node = Node::parse(verifier)?;
    let list = node.verified(folder)?;
    let mut taken = Taken::default();
    for line in list.lines() {
        let (digits, patient) = line.split_once(' ').context("the list of health IDs is malformed")?;
        let act = act()?;
        match login.take_health_id(&act, digits, patient, &node.name) {
            Ok(()) => {
                note_in_record(record, &act, (digits, patient), &node)?;
                taken.ids += 1;
            }
            Err(Error::Invalid { text, .. }) => taken.refused.push((patient.to_owned(), text.to_owned())),
            Err(error) => return Err(error).context("the health IDs could not be taken over; run it again"),
        }
    }
    Ok(taken)
}

/// Another node, by the key that checks its word.
struct Node {
    name: String,
    public: sign::PublicKey,
    verifier: String,
}

impl Node {
    fn parse(verifier: &str) -> anyhow::Result<Node> {
        let mut parts = verifier.trim().splitn(3, '+');
        let (name, id, key) = (parts.next(), parts.next(), parts.next());
        let typed = key.and_then(|key| STANDARD.decode(key).ok()).unwrap_or_default();
        let public = typed.strip_prefix(&[ED25519]).and_then(|key| <sign::PublicKey>::try_from(key).ok());
        match (name, id, public) {
            (Some(name), Some(_), Some(public)) if sign::verifier_key(name, &public) == verifier.trim() => {
                Ok(Node { name: name.to_owned(), public, verifier: verifier.trim().to_owned() })
            }
            _ => bail!("the key is malformed: give it as `keepwell export` printed it on the other node"),
        }
    }

    /// The list, if this node signed it.
    fn verified(&self, folder: &Path) -> anyhow::Result<String> {
        let read = |name: &str| {
            let path = folder.join(name);
            let size = fs::metadata(&path).map(|found| found.len());
            anyhow::ensure!(
                size.is_ok_and(|size| size <= LONGEST),
                "{} is too long, or cannot be read",
                path.display()
            );
            fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let note = SignedNote::parse(&read(NOTE)?).context("the note over the health IDs is malformed")?;
        let own = key_id(&self.name, ED25519, &self.public);
        note.verify(&|id, name, text, signature| match id == own && name == self.name {
            false => Verdict::Unknown,
            true if sign::verifies(&self.public, text, signature) => Verdict::Valid,
            true => Verdict::Invalid,
        })
        .context("the health IDs are not signed by the node whose key was given; nothing was taken over")?;
        let list = String::from_utf8(read(LIST)?).context("the list of health IDs is no text")?;
        let lines: Vec<&str> = note.text().lines().collect();
        let [KIND, _, count, hash] = lines[..] else { bail!("the note is not one over health IDs") };
        let fits = hash == hex(list.as_bytes()) && count == list.lines().count().to_string();
        anyhow::ensure!(
            fits,
            "the list of health IDs is not the one that was signed; nothing was taken over"
        );
        Ok(list)
    }
}

/// The id in the Patient, if it is not there yet, and a Provenance that says where from. The same however often it is done.
fn note_in_record(
    record: &Record,
    act: &Act,
    (digits, patient): (&str, &str),
    node: &Node,
) -> anyhow::Result<()> {
    let shown = record.read(act, "Patient", patient)?;
    let mut resource = json::parse(&shown.body, json::Limits::default())?;
    let value = grouped(digits);
    let is_there = |found: &Value| found["system"] == SYSTEM && found["value"] == value.as_str();
    let identifiers = resource["identifier"].as_array().cloned().unwrap_or_default();
    let mut changes = Vec::new();
    if !identifiers.iter().any(is_there) {
        let own = json!({"use": "official", "type": {"text": "Keepwell health ID"}, "system": SYSTEM, "value": value});
        resource["identifier"] = identifiers.into_iter().chain([own]).collect();
        changes.push(put("Patient", patient, resource));
    }
    let id = format!("health-id-{}", &hex(format!("{digits} {patient} {}", node.verifier).as_bytes())[..32]);
    if changes.is_empty() && record.read(act, "Provenance", &id).is_ok() {
        return Ok(());
    }
    let provenance = json!({
        "resourceType": "Provenance", "id": id,
        "target": [{"reference": format!("Patient/{patient}")}],
        "recorded": act.at.to_string(),
        "activity": {"text": "The health ID was taken over from another node"},
        "agent": [{"who": {"identifier": {"value": node.verifier}, "display": node.name}}],
        "entity": [{"role": "source", "what": {"identifier": {"system": SYSTEM, "value": value}}}],
    });
    changes.push(put("Provenance", &id, provenance));
    record.commit(act, "health id taken over", &changes)?;
    Ok(())
}

fn put(kind: &str, id: &str, resource: Value) -> Change {
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    Change::from(Wish::Update {
        resource_type,
        id,
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    })
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
