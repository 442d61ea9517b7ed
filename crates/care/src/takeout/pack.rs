//! Writing it, as a stream: one resource or one paper in memory at a time, and the manifest last.

use super::{
    MANIFEST, hex,
    manifest::{File, Manifest, sum},
    name::Papers,
};
use crate::{chart::Chart, documents};
use fhir::json;
use record::{
    Record,
    digest::{self, Digest},
    error::Error,
    takeout::{Item, Takeout},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};
use zip::{
    CompressionMethod, DateTime,
    write::{SimpleFileOptions, StreamWriter, ZipWriter},
};

/// How large a file of resources becomes before another one is begun: no file needs the long form of ZIP, which some systems cannot read.
const PART: u64 = 1 << 30;

/// The longest text of a resource that a page is drawn from: what is longer is a file in it.
const TEXT: usize = 10_000;

/// A ZIP file that is being written.
pub struct Pack<'a, W: Write> {
    record: &'a Record,
    takeout: &'a Takeout,
    zip: ZipWriter<StreamWriter<W>>,
    made: DateTime,
    files: Vec<File>,
    /// The documents' items, by the id of the document.
    documents: HashMap<String, Item>,
}

/// A file that is being written into it.
struct Sum<'z, W: Write> {
    zip: &'z mut ZipWriter<StreamWriter<W>>,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Sum<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.zip.write_all(bytes).map_err(fault)
    }

    fn end(self, path: String) -> File {
        File { path, bytes: self.bytes, sha256: hex(&self.hasher.finalize().into()), resources: None }
    }
}

pub(super) fn fault(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Fault(Box::new(error))
}

/// A moment as ZIP writes it.
pub(super) fn moment(made: jiff::Timestamp) -> DateTime {
    let at = made.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let made = DateTime::from_date_and_time(
        u16::try_from(at.year()).unwrap_or_default(),
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    );
    made.unwrap_or_default()
}

impl<'a, W: Write> Pack<'a, W> {
    /// Begins one, of a record that is signed for; `made` is the moment.
    pub fn new(record: &'a Record, takeout: &'a Takeout, out: W, made: jiff::Timestamp) -> Pack<'a, W> {
        let (zip, made) = (ZipWriter::new_stream(out), moment(made));
        Pack { record, takeout, zip, made, files: Vec::new(), documents: HashMap::new() }
    }

    fn begin(&mut self, path: &str, method: CompressionMethod) -> Result<Sum<'_, W>, Error> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(self.made)
            .unix_permissions(0o600);
        self.zip.start_file(path, options).map_err(fault)?;
        Ok(Sum { zip: &mut self.zip, hasher: Sha256::new(), bytes: 0 })
    }

    /// Writes the resources, `fhir/Type.ndjson` for each type, and gives back the chart that pages are drawn from, without the files in it.
    ///
    /// # Errors
    /// Where something is not within reach any more, or nobody takes what is written.
    pub fn resources(&mut self) -> Result<Chart, Error> {
        let takeout = self.takeout;
        let mut chart = Chart {
            id: takeout.patient.clone(),
            restricted: takeout.restricted,
            partly: takeout.partly.clone(),
            beyond: takeout.beyond.clone(),
            ..Chart::default()
        };
        for (kind, items) in &takeout.types {
            let (mut rest, mut part) = (items.as_slice(), 1);
            while !rest.is_empty() {
                let written = self.part(kind, part, rest, &mut chart)?;
                (rest, part) = (&rest[written..], part + 1);
            }
        }
        Ok(chart)
    }

    /// Writes one file of resources, and says how many of them it took.
    fn part(&mut self, kind: &str, part: usize, items: &[Item], chart: &mut Chart) -> Result<usize, Error> {
        let path = match part {
            1 => format!("fhir/{kind}.ndjson"),
            part => format!("fhir/{kind}.{part}.ndjson"),
        };
        let (record, takeout) = (self.record, self.takeout);
        let mut file = self.begin(&path, CompressionMethod::Deflated)?;
        let mut digests: Vec<(String, Digest)> = Vec::new();
        let mut documents = Vec::new();
        for item in items {
            let taken = record.taken(takeout, item)?;
            file.put(&taken.body)?;
            file.put(b"\n")?;
            let limits = json::Limits { depth: json::MAX_DEPTH, values: usize::MAX };
            let mut value = json::parse(&taken.body, limits).map_err(fault)?;
            digests.push((taken.id.clone(), digest::of(&value)));
            if kind == "DocumentReference" {
                documents.push((taken.id.clone(), item.clone()));
            }
            if kind != "Binary" {
                shorten(&mut value);
                chart.add(taken.resource_type, taken.id, value);
            }
            if file.bytes >= PART {
                break;
            }
        }
        let sum = sum(digests.iter().map(|(id, digest)| (id.as_str(), digest)));
        let resources = Some((kind.to_owned(), digests.len() as u64, sum));
        let file = File { resources, ..file.end(path) };
        self.files.push(file);
        self.documents.extend(documents);
        Ok(digests.len())
    }

    /// Writes the originals of the chart's documents, the newest first, and says where each is, by the id of its document.
    ///
    /// # Errors
    /// As [`Pack::resources`].
    pub fn papers(&mut self, chart: &Chart) -> Result<BTreeMap<String, String>, Error> {
        let all = documents::of(chart);
        let mut names = Papers::new(all.len());
        let mut found = BTreeMap::new();
        for document in all {
            let Some(item) = self.documents.get(&document.id) else { continue };
            let Some(paper) = self.record.paper(self.takeout, item)? else { continue };
            let path = names.next(&document.title, &paper.content_type);
            // Papers are packed already, as most formats are.
            let mut file = self.begin(&path, CompressionMethod::Stored)?;
            file.put(&paper.bytes)?;
            let file = file.end(path.clone());
            self.files.push(file);
            found.insert(document.id, path);
        }
        Ok(found)
    }

    /// Writes a text that was made of it.
    ///
    /// # Errors
    /// Where nobody takes what is written.
    pub fn text(&mut self, path: &str, text: &str) -> Result<(), Error> {
        let mut file = self.begin(path, CompressionMethod::Deflated)?;
        file.put(text.as_bytes())?;
        let file = file.end(path.to_owned());
        self.files.push(file);
        Ok(())
    }

    /// Writes the manifest, and ends.
    ///
    /// # Errors
    /// Where nobody takes what is written.
    pub fn finish(mut self, house: &str, made: jiff::Timestamp, taken_by: (&str, &str)) -> Result<W, Error> {
        let takeout = self.takeout;
        let manifest = Manifest {
            house: house.to_owned(),
            made: made.to_string(),
            patient: takeout.patient.clone(),
            taken_by: (taken_by.0.to_owned(), taken_by.1.to_owned()),
            restricted: takeout.restricted,
            in_part: takeout.partly.iter().chain(&takeout.beyond).cloned().collect(),
            files: std::mem::take(&mut self.files),
        };
        self.begin(MANIFEST, CompressionMethod::Deflated)?.put(&manifest.render())?;
        let mut out = self.zip.finish().map_err(fault)?.into_inner();
        out.flush().map_err(|error: io::Error| fault(error))?;
        Ok(out)
    }
}

/// Leaves out the files that a resource holds itself: pages need to know only that there is one.
fn shorten(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter_mut() {
                match inner.as_str().map(str::len) {
                    Some(length) if name == "data" && length > TEXT => *inner = Value::from("left out"),
                    _ => shorten(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        _ => {}
    }
}
