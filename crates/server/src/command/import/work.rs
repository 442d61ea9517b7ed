//! Cutting files into works: whole documents, or some hundred lines of NDJSON.

use super::done::{DoneList, Hash};
use crate::bundles::{self, Input, Kind, lines};
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::io::BufRead;

/// Lines in one work, and so in one transaction.
const LINES: usize = 500;

/// Something to load.
pub(super) struct Work {
    /// The file's name, for rejects.
    pub(super) file: String,
    /// Its identity across runs.
    pub(super) hash: Hash,
    /// What is in it.
    pub(super) content: Content,
    /// Whether an earlier run loaded it.
    pub(super) is_done: bool,
}

/// What is in a work.
pub(super) enum Content {
    /// One JSON document.
    Document(Vec<u8>),
    /// Lines, the first of which has this number, from 1.
    Lines(usize, Vec<Vec<u8>>),
}

/// The workers are gone.
#[derive(Debug, thiserror::Error)]
#[error("the import was stopped")]
pub(super) struct Stopped;

/// Reads a file and gives out its works.
///
/// # Errors
/// Where it cannot be read, or nobody takes the works.
pub(super) fn cut(
    input: &Input,
    done: &DoneList,
    give: &mut dyn FnMut(Work) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let name = input.path.display().to_string();
    match input.kind {
        Kind::Tar => bundles::visit_tar(&input.path, &mut |inside, kind, from| {
            cut_one(&format!("{name}:{inside}"), kind, from, done, give)
        }),
        kind => cut_one(&name, kind, &mut *bundles::open(&input.path)?, done, give),
    }
}

fn cut_one(
    file: &str,
    kind: Kind,
    from: &mut dyn BufRead,
    done: &DoneList,
    give: &mut dyn FnMut(Work) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut give_content = |content: Content| {
        let hash = hash(&content);
        give(Work { file: file.to_owned(), hash, content, is_done: done.has(&hash) })
    };
    if kind == Kind::Json {
        let bytes = bundles::read_whole(from).with_context(|| format!("{file} cannot be read"))?;
        return give_content(Content::Document(bytes));
    }
    let mut first = 1;
    loop {
        let lines = lines::read(from, LINES).with_context(|| format!("{file} cannot be read"))?;
        if lines.is_empty() {
            return Ok(());
        }
        let next = first + lines.len();
        give_content(Content::Lines(first, lines))?;
        first = next;
    }
}

fn hash(content: &Content) -> Hash {
    match content {
        Content::Document(bytes) => Sha256::digest(bytes).into(),
        Content::Lines(_, lines) => {
            let mut hasher = Sha256::new();
            for line in lines {
                hasher.update(line);
                hasher.update(b"\n");
            }
            hasher.finalize().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn works(text: &str, kind: Kind, done: &DoneList) -> Vec<Work> {
        let mut works = Vec::new();
        let give: &mut dyn FnMut(Work) -> anyhow::Result<()> = &mut |work| {
            works.push(work);
            Ok(())
        };
        cut_one("f", kind, &mut text.as_bytes(), done, give).unwrap();
        works
    }

    #[test]
    fn lines_are_counted_over_all_works_of_a_file() {
        let home = tempfile::tempdir().unwrap();
        let done = DoneList::open(&home.path().join("done"), false).unwrap();
        let text = "{}\r\n".repeat(LINES) + "\n{}";
        let works = works(&text, Kind::Lines, &done);
        let Content::Lines(first, lines) = &works[1].content else { panic!("lines were given") };
        assert_eq!((works.len(), *first, lines.len()), (2, LINES + 1, 2));
        assert_eq!((&lines[0][..], &lines[1][..]), (&b""[..], &b"{}"[..]));
    }

    #[test]
    fn a_work_that_was_loaded_is_known_wherever_its_file_lies() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("done");
        let done = DoneList::open(&path, false).unwrap();
        let first = &works("{}\n", Kind::Lines, &done)[0];
        assert!(!first.is_done);
        done.add(&first.hash).unwrap();
        let done = DoneList::open(&path, false).unwrap();
        assert!(works("{}\n", Kind::Lines, &done)[0].is_done);
        assert!(!works("{ }\n", Kind::Lines, &done)[0].is_done);
    }
}
