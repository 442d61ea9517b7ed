//! How the house speaks with the process that draws: a line, then bytes, each way.

use crate::{Ask, Fault, Picture, Seen, paper::paper, see, words};

const FAULTS: [(Fault, &str); 4] =
    [(Fault::Kind, "kind"), (Fault::Broken, "broken"), (Fault::Page, "page"), (Fault::Long, "long")];

const MEDIA: [&str; 3] = ["image/png", "image/jpeg", PDF];

/// What a whole file is made into.
const PDF: &str = "application/pdf";

/// What is sent to ask about a file.
pub fn question(ask: &Ask, file: &[u8]) -> Vec<u8> {
    let mark: String = ask.mark.chars().filter(|c| !c.is_control()).collect();
    let mut sent = format!("{} {} {mark}\n", ask.page, ask.width).into_bytes();
    sent.extend_from_slice(file);
    sent
}

/// The line of a question for words alone.
const WORDS: &str = "words";

/// What is sent to ask for the words of a file; they are told as those of one page without a picture.
pub fn question_of_words(file: &[u8]) -> Vec<u8> {
    [WORDS.as_bytes(), b"\n", file].concat()
}

/// The first word of a question for a whole file.
const PAPER: &str = "paper ";

/// What is sent to ask for a whole file as a PDF with a mark on every page; it is told as the picture of one page.
pub fn question_of_paper(mark: &str, file: &[u8]) -> Vec<u8> {
    let mark: String = mark.chars().filter(|c| !c.is_control()).collect();
    [PAPER.as_bytes(), mark.as_bytes(), b"\n", file].concat()
}

/// What is sent back. To what is no question, nothing.
pub fn answer(question: &[u8]) -> Vec<u8> {
    let seen = match split(question) {
        Some((WORDS, file)) => words(file).map(|words| Seen { pages: 1, picture: None, words }),
        Some((line, file)) if line.starts_with(PAPER) => {
            paper(file, line.trim_start_matches(PAPER)).map(|bytes| Seen {
                pages: 1,
                picture: Some(Picture { media_type: PDF, width: 0, height: 0, bytes }),
                words: String::new(),
            })
        }
        _ => match asked(question) {
            Some((ask, file)) => see(file, &ask),
            None => return Vec::new(),
        },
    };
    match seen {
        Ok(seen) => told(seen),
        Err(fault) => {
            FAULTS.iter().filter(|(one, _)| *one == fault).flat_map(|(_, name)| name.bytes()).collect()
        }
    }
}

/// What was seen; [`Fault::Broken`] where the answer is none: then the process did not come to its end.
///
/// # Errors
/// [`Fault`].
pub fn seen(answer: &[u8]) -> Result<Seen, Fault> {
    if let Some((fault, _)) = FAULTS.iter().find(|(_, name)| name.as_bytes() == answer) {
        return Err(*fault);
    }
    read(answer).ok_or(Fault::Broken)
}

fn asked(question: &[u8]) -> Option<(Ask, &[u8])> {
    let (line, file) = split(question)?;
    let mut parts = line.splitn(3, ' ');
    let (page, width) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((Ask { page, width, mark: parts.next()?.to_owned() }, file))
}

fn told(seen: Seen) -> Vec<u8> {
    let (media, width, height) =
        seen.picture.as_ref().map_or(("-", 0, 0), |p| (p.media_type, p.width, p.height));
    let mut sent = format!("{} {} {media} {width} {height}\n", seen.pages, seen.words.len()).into_bytes();
    sent.extend_from_slice(seen.words.as_bytes());
    sent.extend(seen.picture.into_iter().flat_map(|picture| picture.bytes));
    sent
}

fn read(answer: &[u8]) -> Option<Seen> {
    let (line, rest) = split(answer)?;
    let mut parts = line.split(' ');
    let (pages, words) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (words, bytes) = rest.split_at_checked(words)?;
    let media_type = MEDIA.into_iter().find(|known| Some(*known) == parts.clone().next());
    let mut edges = parts.skip(1).map(str::parse);
    let (width, height) = (edges.next()?.ok()?, edges.next()?.ok()?);
    let picture = media_type.map(|media_type| Picture { media_type, width, height, bytes: bytes.to_vec() });
    Some(Seen { pages, picture, words: std::str::from_utf8(words).ok()?.to_owned() })
}

fn split(sent: &[u8]) -> Option<(&str, &[u8])> {
    let end = sent.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = sent.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}
