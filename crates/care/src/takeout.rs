//! A record that somebody takes along, as one ZIP file: the resources, the papers, pages to read, and a manifest that says what is in it.
//!
//! [`pack::Pack`] writes it as a stream, [`unpack::Unpacked`] reads it with bounds. What each file is stands in `docs/takeout.md`, which is the
//! schema of version [`VERSION`]; a change of it that older readers do not understand makes a new version.

pub mod folder;
pub mod load;
pub mod manifest;
pub mod name;
pub mod pack;
pub mod unpack;

/// What the manifest says that it is.
pub const SCHEMA: &str = "keepwell-take-out";

/// The version of what is written, and the newest that is read.
pub const VERSION: u64 = 1;

/// Where the manifest stands.
pub const MANIFEST: &str = "manifest.json";

/// Who is referred to comes first, so that a record is loaded in an order that can be read at every moment.
const FIRST: [&str; 6] =
    ["Organization", "Location", "Practitioner", "PractitionerRole", "Medication", "Patient"];

/// The place of a type in the order in which a record is loaded.
fn rank(kind: &str) -> usize {
    FIRST.iter().position(|first| *first == kind).unwrap_or(FIRST.len())
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
