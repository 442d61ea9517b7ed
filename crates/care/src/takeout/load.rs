//! Loading it into a house, by the one write path: all of it is checked first, what is there already stays, and at the end everything is
//! held against what was in the file.

use super::unpack::{Held, Unpacked, Wrong};
use access::act::Act;
use fhir::outcome::Issue;
use record::{
    Record,
    change::{Change, Wish},
    error::{Error, chain},
};
use std::{
    collections::{BTreeMap, HashSet},
    io::{Read, Seek},
};

/// Changes in one transaction.
const CHANGES: usize = 500;

/// Digits and letters of resources after which a transaction takes no further one.
const BYTES: usize = 4 << 20;

/// How many resources an error names.
const NAMED: usize = 5;

/// Why it was not loaded, or not whole.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The file will not do; nothing was loaded.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// Something of that name is here already, and is not the same; nothing was loaded.
    #[error(
        "this house holds other resources under the same names ({0}): load the record into a house that does not have them; nothing was loaded"
    )]
    Taken(String),
    /// A resource breaks the rules of this house; what was loaded before it stays.
    #[error("{0}; what was loaded before it stays, and loading the file again goes on")]
    Refused(String),
    /// What is here afterwards is not what was in the file.
    #[error(
        "after loading, these resources are not what they were in the file: {0}; run `keepwell verify`, and keep the file"
    )]
    Unlike(String),
    /// The house cannot do it now; what was loaded stays.
    #[error("the house stopped loading ({0}); what was loaded stays, and loading the file again goes on")]
    House(String),
}

/// What was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// How many resources the file holds, by type; all of them are here now, each with the digest that it has there.
    pub counts: BTreeMap<String, u64>,
    /// How many of them were not here before.
    pub new: u64,
}

/// Loads a file, acting as `act` gives, each time it is asked, with the time of that moment.
///
/// # Errors
/// See [`Stopped`].
pub fn load<R: Read + Seek>(
    record: &Record,
    act: &dyn Fn() -> Act,
    file: &mut Unpacked<R>,
) -> Result<Loaded, Stopped> {
    let held = file.check()?;
    let names: Vec<(String, String)> = held.iter().map(|held| held.name.clone()).collect();
    let before = record.digests(&act(), &names).map_err(house)?;
    let is_other = |held: &&Held| before.get(&held.name).is_some_and(|digest| *digest != held.digest);
    let taken: Vec<&Held> = held.iter().filter(is_other).collect();
    if !taken.is_empty() {
        return Err(Stopped::Taken(told(&taken)));
    }
    let there: HashSet<&(String, String)> = before.keys().collect();
    let (mut changes, mut bytes, mut loaded) = (Vec::new(), 0, Loaded::default());
    file.each(&mut |name, resource| -> Result<(), Stopped> {
        if there.contains(&name) {
            return Ok(());
        }
        bytes += fhir::json::render(&resource).len();
        let (resource_type, id) = name;
        let wish = Wish::Update {
            resource_type,
            id: Some(id),
            query: None,
            resource,
            if_match: None,
            if_none_match: true,
        };
        changes.push(Change::from(wish));
        if changes.len() >= CHANGES || bytes >= BYTES {
            loaded.new += commit(record, &act(), &mut changes)?;
            bytes = 0;
        }
        Ok(())
    })?;
    loaded.new += commit(record, &act(), &mut changes)?;
    let after = record.digests(&act(), &names).map_err(house)?;
    let unlike: Vec<&Held> = held.iter().filter(|held| after.get(&held.name) != Some(&held.digest)).collect();
    if !unlike.is_empty() {
        return Err(Stopped::Unlike(told(&unlike)));
    }
    for held in held {
        *loaded.counts.entry(held.name.0).or_insert(0) += 1;
    }
    Ok(loaded)
}

fn commit(record: &Record, act: &Act, changes: &mut Vec<Change>) -> Result<u64, Stopped> {
    if changes.is_empty() {
        return Ok(0);
    }
    let done = std::mem::take(changes);
    record.commit(act, "import", &done).map_err(|error| match error {
        Error::Invalid(issues) | Error::Unprocessable(issues) => Stopped::Refused(first(&done, &issues)),
        error => house(error),
    })?;
    Ok(done.len() as u64)
}

/// The first thing that is wrong, and with which resource.
fn first(changes: &[Change], issues: &[Issue]) -> String {
    let Some(issue) = issues.first() else { return "a resource breaks the rules of FHIR R4".to_owned() };
    let place = issue.expression.as_deref().unwrap_or_default();
    let at =
        place.strip_prefix("Bundle.entry[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
    let name = changes.get(at.unwrap_or_default()).and_then(|change| match &change.wish {
        Wish::Update { resource_type, id, .. } => Some(format!("{resource_type}/{}", id.as_deref()?)),
        _ => None,
    });
    format!("{} breaks the rules of FHIR R4: {} ({place})", name.unwrap_or_default(), issue.diagnostics)
}

fn house(error: Error) -> Stopped {
    Stopped::House(chain(&error))
}

/// Types and ids, some of them.
fn told(held: &[&Held]) -> String {
    let names: Vec<String> =
        held.iter().take(NAMED).map(|held| format!("{}/{}", held.name.0, held.name.1)).collect();
    let more = held.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}
