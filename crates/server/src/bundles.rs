//! Files of health records from outside: where they are, in which order they come, and what is packed in them.
//!
//! A file is JSON (a Bundle or one resource) or NDJSON, plain or packed with gzip or zstd, or a tar archive of such files. Who is
//! referred to comes before who refers: hospitals, practitioners, patients, then the rest. So a record finds its owner's key.

pub(crate) mod lines;
mod tar;

use anyhow::{Context, bail};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// The largest single JSON document that is read, bytes.
const MOST_BYTES: u64 = 1 << 30;

/// What is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One JSON document.
    Json,
    /// A JSON document on each line.
    Lines,
    /// An archive.
    Tar,
}

/// A file to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// Where.
    pub(crate) path: PathBuf,
    /// What.
    pub(crate) kind: Kind,
    /// Its place in the order.
    rank: u8,
}

/// The rank of what comes last.
const LAST: u8 = 3;

/// All files to load under these paths, in order.
///
/// # Errors
/// A path that is not there, or a named file that is of no known kind. Unknown files inside folders are passed over.
pub(crate) fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        let metadata =
            std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
        if metadata.is_dir() {
            walk(path, 0, &mut inputs)?;
        } else {
            let Some(input) = input(path) else {
                bail!(
                    "{} is neither .json nor .ndjson nor .tar (each may end in .gz or .zst)",
                    path.display()
                );
            };
            inputs.push(input);
        }
    }
    inputs.sort_by(|a, b| (a.rank, &a.path).cmp(&(b.rank, &b.path)));
    inputs.dedup();
    Ok(inputs)
}

fn walk(folder: &Path, depth: usize, inputs: &mut Vec<Input>) -> anyhow::Result<()> {
    if depth > 32 {
        bail!("{} is nested too deeply", folder.display());
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), depth + 1, inputs)?;
        } else if kind.is_file() {
            inputs.extend(input(&entry.path()));
        }
    }
    Ok(())
}

fn input(path: &Path) -> Option<Input> {
    let name = path.file_name()?.to_str()?;
    Some(Input { path: path.to_owned(), kind: kind(name)?, rank: rank(name) })
}

fn kind(name: &str) -> Option<Kind> {
    let name = name.to_lowercase();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    match plain.rsplit_once('.')?.1 {
        "json" => Some(Kind::Json),
        "ndjson" | "jsonl" => Some(Kind::Lines),
        "tar" | "tgz" => Some(Kind::Tar),
        _ => None,
    }
}

/// Synthea writes `hospitalInformation….json` and `practitionerInformation….json` beside the patients; a bulk export has one
/// file for each type.
fn rank(name: &str) -> u8 {
    let name = name.to_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    match () {
        () if starts(&["hospital", "organization", "location"]) => 0,
        () if starts(&["practitioner"]) => 1,
        () if starts(&["patient."]) => 2,
        () => LAST,
    }
}

/// Whether others refer to what is in a file of that name or path.
pub(crate) fn comes_early(path: &str) -> bool {
    rank(path.rsplit('/').next().unwrap_or_default()) < LAST
}

/// Opens a file, unpacking as its name says.
///
/// # Errors
/// Where it cannot be opened.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead + Send>> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let name = path.to_string_lossy().to_lowercase();
    let file = BufReader::with_capacity(1 << 17, file);
    Ok(if name.ends_with(".gz") || name.ends_with(".tgz") {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file)))
    } else if name.ends_with(".zst") {
        let mut unpacking = zstd::Decoder::with_buffer(file)?;
        // Archives packed with `--long=27` look back 128 MiB.
        unpacking.window_log_max(27)?;
        Box::new(BufReader::with_capacity(1 << 17, unpacking))
    } else {
        Box::new(file)
    })
}

/// Reads a whole document, within bounds.
///
/// # Errors
/// Where it cannot be read, or is absurdly large.
pub(crate) fn read_whole(from: &mut dyn Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == MOST_BYTES {
        bail!("the document is larger than {} MiB: give its resources as NDJSON", MOST_BYTES >> 20);
    }
    Ok(bytes)
}

/// Visits all JSON and NDJSON files of an archive: first who is referred to, then the rest.
///
/// # Errors
/// Where the archive is damaged, or the visitor stops.
pub(crate) fn visit_tar(
    path: &Path,
    visit: &mut dyn FnMut(&str, Kind, &mut dyn BufRead) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for early in [true, false] {
        let mut archive = tar::Archive::new(open(path)?);
        while let Some(mut entry) =
            archive.next().with_context(|| format!("{} is damaged", path.display()))?
        {
            let name = entry.name.clone();
            let file = name.rsplit('/').next().unwrap_or_default();
            if let Some(kind) = kind(file).filter(|kind| *kind != Kind::Tar && comes_early(&name) == early) {
                visit(&name, kind, &mut entry)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(inputs: &[Input]) -> Vec<String> {
        inputs.iter().map(|input| input.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn who_is_referred_to_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        for name in [
            "Abel_1.json",
            "practitionerInformation1.json",
            "deep/hospitalInformation1.json.gz",
            "Zoe_2.json.zst",
            "notes.txt",
            "Observation.ndjson",
            "Patient.ndjson",
            "deep/Encounter.ndjson.gz",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(
            names(&find(&[folder.path().to_owned()]).unwrap()),
            [
                "hospitalInformation1.json.gz",
                "practitionerInformation1.json",
                "Patient.ndjson",
                "Abel_1.json",
                "Observation.ndjson",
                "Zoe_2.json.zst",
                "Encounter.ndjson.gz",
            ]
        );
    }

    #[test]
    fn a_named_file_of_no_known_kind_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.pdf");
        fs::write(&path, "").unwrap();
        assert!(find(&[path]).unwrap_err().to_string().contains(".ndjson"));
        assert!(find(&[folder.path().join("missing.json")]).is_err());
    }

    #[test]
    fn packed_files_open_as_if_plain() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let (gz, zst) = (folder.path().join("a.json.gz"), folder.path().join("a.json.zst"));
        let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packing.write_all(b"{}").unwrap();
        fs::write(&gz, packing.finish().unwrap()).unwrap();
        fs::write(&zst, zstd::encode_all(&b"{}"[..], 1).unwrap()).unwrap();
        for path in [gz, zst] {
            assert_eq!(read_whole(&mut *open(&path).unwrap()).unwrap(), b"{}");
        }
    }
}
