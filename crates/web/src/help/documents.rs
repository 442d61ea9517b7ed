//! Which documents there are, and for whom each is.

/// For whom a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Newcomer,
    Operator,
    Developer,
    Judge,
    Builder,
}

impl Reader {
    pub(super) const ALL: [Reader; 5] =
        [Reader::Newcomer, Reader::Operator, Reader::Developer, Reader::Judge, Reader::Builder];

    /// As a heading.
    pub(super) fn said(self) -> &'static str {
        match self {
            Reader::Newcomer => "If you are new here",
            Reader::Operator => "If you run Keepwell",
            Reader::Developer => "If you write software that talks to it",
            Reader::Judge => {
                "If you must judge whether it is safe: clinicians, privacy and security officers"
            }
            Reader::Builder => "If you change Keepwell, or want to know why it is as it is",
        }
    }
}

/// A document.
#[derive(Debug)]
pub(super) struct Document {
    /// Its file, from the repository's root.
    pub(super) path: &'static str,
    /// Its name below `/help/`.
    pub(super) page: &'static str,
    pub(super) title: &'static str,
    /// What is in it, for the index.
    pub(super) about: &'static str,
    pub(super) reader: Reader,
    pub(super) text: &'static str,
}

macro_rules! documents {
    ($($reader:ident $path:literal $page:literal $title:literal $about:literal;)*) => {
        &[$(Document {
            path: $path,
            page: $page,
            title: $title,
            about: $about,
            reader: Reader::$reader,
            text: include_str!(concat!("../../../../", $path)),
        },)*]
    };
}

/// All of them, in the order of the index. A test holds this to the files that there are.
pub(super) const DOCUMENTS: &[Document] = documents! {
    Newcomer "README.md" "readme" "What Keepwell is" "what is there, what is not, and how to begin";
    Newcomer "CHANGELOG.md" "changelog" "What changed" "what you will notice in this version";
    Newcomer "LICENSE" "licence" "Licence" "what you may do with it: Apache-2.0";
    Operator "docs/operations.md" "operations" "Running it" "settings, commands, backup and restore, PostgreSQL, upgrading";
    Developer "docs/api.md" "api" "The FHIR door" "what can be asked, how, and what comes back";
    Developer "docs/takeout.md" "takeout" "The file of a record" "what a patient takes along, and how another house loads it";
    Operator "docs/elsewhere.md" "elsewhere" "A record from another server" "how patients bring one, how a server is listed, what is taken";
    Judge "docs/clinical-safety.md" "clinical-safety" "Clinical safety" "what it is for, what could harm a patient, and what is done about it";
    Judge "docs/security.md" "security" "Security" "what a thief gets, where the keys are, what the log proves";
    Judge "SECURITY.md" "report-a-weakness" "Reporting a weakness" "whom to tell, and what happens then";
    Builder "CONTRIBUTING.md" "contributing" "Working on it" "the commands, and how the code reads";
    Builder "ARCHITECTURE.md" "architecture" "Architecture" "the plan of the house, its laws, and four walks through it";
    Builder "crates/r4/data/README.md" "definitions" "HL7's definitions" "where the R4 data comes from";
    Builder "docs/decisions/README.md" "decisions" "Decisions" "the list of those below, and how they are written";
    Builder "docs/decisions/0001-bodies-live-once.md" "0001-bodies-live-once" "1. A body lives once, in `version`, and that table is the change feed" "a decision";
    Builder "docs/decisions/0002-synchronous-kernel.md" "0002-synchronous-kernel" "2. The kernel is synchronous; only the doors are async" "a decision";
    Builder "docs/decisions/0003-blind-keys-for-ids.md" "0003-blind-keys-for-ids" "3. The database holds 128-bit blind keys, not ids" "a decision";
    Builder "docs/decisions/0004-references-get-a-row-first.md" "0004-references-get-a-row-first" "4. A reference gets a row number before its target exists" "a decision";
    Builder "docs/decisions/0005-prepare-outside-check-inside.md" "0005-prepare-outside-check-inside" "5. Changes are prepared outside the lock and checked inside it" "a decision";
    Builder "docs/decisions/0006-what-a-leaf-commits-to.md" "0006-what-a-leaf-commits-to" "6. An audit leaf commits to salt and entry; the entry names the sealed bodies" "a decision";
    Builder "docs/decisions/0007-our-own-json-reader.md" "0007-our-own-json-reader" "7. Our own JSON reader, serde_json's values" "a decision";
    Builder "docs/decisions/0008-spans-are-also-found-by-row.md" "0008-spans-are-also-found-by-row" "8. `span` is the one index table that is also ordered by row" "a decision";
    Builder "docs/decisions/0009-beginnings-of-text.md" "0009-beginnings-of-text" "9. Text is indexed by its first 1 to 16 characters" "a decision";
    Builder "docs/decisions/0010-postgres-in-threads.md" "0010-postgres-in-threads" "10. PostgreSQL by its synchronous client, in threads" "a decision";
    Builder "docs/decisions/0011-the-keyring-is-a-file.md" "0011-the-keyring-is-a-file" "11. The keyring is a file, with either engine" "a decision";
    Builder "docs/decisions/0012-care-and-consent-are-looked-up.md" "0012-care-and-consent-are-looked-up" "12. Care relationships and consents are rows that every query looks up" "a decision";
    Builder "docs/decisions/0013-a-chart-is-one-look.md" "0013-a-chart-is-one-look" "13. A page of a chart is one look, and is drawn from resources" "a decision";
};
