//! `keepwell export`: every current resource as NDJSON, one file for each type, with counts and sums.
//!
//! The folder gets its name when it is whole; until then it ends in `.part`. `keepwell import` reads it back. What it holds is no
//! longer sealed: it is the operator's to guard.

use super::Found;
use crate::{
    actor,
    config::Config,
    folder, health_ids,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::{Context, bail};
use clap::Args;
use record::{
    Record,
    search::{Mode, SearchRequest},
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// Resources on one page, and so in memory.
const PAGE: usize = 1000;

/// `keepwell export`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where to: a folder that does not exist yet
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Only these types
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
}

/// Runs it, beside a running server or without one.
///
/// # Errors
/// Where the record does not open, a type is unknown or the folder cannot be written.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    if arguments.out.exists() {
        bail!("{} exists already: name a folder that does not", arguments.out.display());
    }
    let types = types(&arguments.types)?;
    let record = wire::open(config, Purpose::Beside)?;
    let part = part_of(&arguments.out);
    if part.exists() {
        fs::remove_dir_all(&part).with_context(|| {
            format!("the rest of an earlier export, {}, cannot be removed", part.display())
        })?;
    }
    folder::make(&part)?;
    let mut sums = String::new();
    let mut all = 0;
    for kind in types {
        let Some((count, hash)) = export_type(&record, kind, &part)? else { continue };
        say!("{count:>9} {kind}");
        sums.push_str(&format!("{hash}  {kind}.ndjson\n"));
        all += count;
    }
    let ids = match arguments.types.is_empty() || arguments.types.iter().any(|kind| kind == "Patient") {
        true => Some(export_ids(&record, config, &part, &mut sums)?),
        false => None,
    };
    folder::replace(&part.join("SHA256SUMS"), sums.as_bytes())?;
    fs::rename(&part, &arguments.out)
        .with_context(|| format!("{} cannot be given its name", arguments.out.display()))?;
    say!("{all:>9} resources in {} (check with `sha256sum -c SHA256SUMS`)", arguments.out.display());
    if let Some(ids) = ids.filter(|ids| *ids > 0) {
        say!(
            "{ids:>9} health IDs, signed. Another node takes them over with `keepwell import --health-ids-from KEY`; tell it this key on another way:\n{}",
            record.store().verifier_key()
        );
    }
    note!("These files are not sealed: guard them, and destroy them when they have served.");
    Ok(Found::Right)
}

/// The health ids of the patients, and their sums.
fn export_ids(record: &Record, config: &Config, part: &Path, sums: &mut String) -> anyhow::Result<usize> {
    let login = super::serve::sign_in::over(config, record, None)?;
    let ids = health_ids::write(&login, record.store(), &actor::local_act()?, part)?;
    for name in [health_ids::LIST, health_ids::NOTE] {
        let hash: String =
            Sha256::digest(fs::read(part.join(name))?).iter().map(|byte| format!("{byte:02x}")).collect();
        sums.push_str(&format!("{hash}  {name}\n"));
    }
    Ok(ids)
}

fn types(wanted: &[String]) -> anyhow::Result<Vec<&'static str>> {
    let all: Vec<&'static str> =
        record::capability::resource_types().iter().map(|found| found.name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(&name.as_str())) {
        let meant = login::nearest::nearest(unknown, all.iter().copied());
        let hint = meant.map_or(String::new(), |meant| format!(": did you mean `{meant}`?"));
        bail!("there is no resource type `{unknown}`{hint}");
    }
    Ok(all.into_iter().filter(|name| wanted.is_empty() || wanted.iter().any(|wish| wish == name)).collect())
}

fn part_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Count and hash; `None` where there is none of that type, and so no file.
fn export_type(record: &Record, kind: &str, folder: &Path) -> anyhow::Result<Option<(u64, String)>> {
    let mut query = Some(format!("_count={PAGE}"));
    let (mut file, mut hasher, mut count) = (None, Sha256::new(), 0);
    while let Some(text) = query {
        let request =
            SearchRequest { resource_type: kind.to_owned(), query: text, lenient: false, compartment: None };
        let page = record
            .search(&actor::local_act()?, &request)
            .with_context(|| format!("{kind} could not be read"))?;
        for entry in page.entries.iter().filter(|entry| entry.mode == Mode::Match) {
            let file = match &mut file {
                Some(file) => file,
                none => {
                    none.insert(BufWriter::new(folder::private_file(&folder.join(format!("{kind}.ndjson")))?))
                }
            };
            for bytes in [&entry.body[..], b"\n"] {
                hasher.update(bytes);
                file.write_all(bytes)?;
            }
            count += 1;
        }
        query = page.next;
    }
    let Some(mut file) = file else { return Ok(None) };
    file.flush()?;
    file.get_ref().sync_all()?;
    Ok(Some((count, hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_type_is_refused_with_what_was_meant() {
        let said = types(&["Patint".to_owned()]).unwrap_err().to_string();
        assert!(said.contains("did you mean `Patient`?"), "{said}");
        assert_eq!(types(&["Patient".to_owned()]).unwrap(), ["Patient"]);
        assert!(types(&[]).unwrap().len() > 140);
    }
}
