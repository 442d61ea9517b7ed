//! What a file looks like: one page of it as a picture, and the words that stand on it.
//!
//! A picture is drawn anew from what is in the file, so nothing of the file itself reaches a browser, and a mark is drawn into it: who looks,
//! when and why. PDF, JPEG and PNG have pictures, plain text has words alone.
//!
//! Pure: bytes in, bytes out. May use nothing of ours. Never: a clock, the disk, the network. Files come from outside, and a parser that is
//! led astray can take the memory or the stack of its whole process; so the house runs this room in a process of its own, with limits, which
//! speaks as [`wire`] says.

pub mod paper;
pub mod wire;

mod file;
mod mark;
mod pdf;
mod photo;

use image::RgbImage;

/// The longest edge of a picture, in pixels.
pub const EDGE: u32 = 4_000;

/// The most words of one page, and of one file, in bytes.
pub const WORDS: usize = 256 << 10;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which page; the first is 1.
    pub page: usize,
    /// How wide the picture is to be, in pixels. A photograph is never made larger than it is.
    pub width: u32,
    /// What is written across it; empty for nothing.
    pub mark: String,
}

/// What a page looks like.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    /// How many pages there are.
    pub pages: usize,
    /// The page as a picture; `None` for what is words alone.
    pub picture: Option<Picture>,
    /// The words of the page, in the order in which the file has them.
    pub words: String,
}

/// A picture that a browser shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its media type.
    pub media_type: &'static str,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pages, sealed", self.pages)
    }
}

/// Why there is nothing to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is of no kind that is drawn here.
    #[error("this kind of file has no preview")]
    Kind,
    /// It is broken, locked by a password, or larger than what is drawn here.
    #[error("the file is broken, locked or too large to be shown")]
    Broken,
    /// It has more pages than are made into one file.
    #[error("the file has too many pages to be made into one with a mark")]
    Long,
    /// There is no such page.
    #[error("the file has no such page")]
    Page,
}

/// One page of a file.
///
/// # Errors
/// [`Fault`].
///
/// ```
/// use preview::{Ask, see};
/// let seen = see(b"Fasting sugar 102 mg/dL", &Ask { page: 1, width: 800, mark: String::new() }).unwrap();
/// assert!(seen.pages == 1 && seen.words == "Fasting sugar 102 mg/dL" && seen.picture.is_none());
/// ```
pub fn see(file: &[u8], ask: &Ask) -> Result<Seen, Fault> {
    let ask = Ask { width: ask.width.clamp(16, EDGE), ..ask.clone() };
    match file {
        _ if is_pdf(file) => pdf::see(file, &ask),
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] if ask.page == 1 => photo::see(file, &ask),
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] => Err(Fault::Page),
        _ => text(file, &ask),
    }
}

/// The words of all pages of a file, a line apart, as far as [`WORDS`].
///
/// # Errors
/// [`Fault`]; [`Fault::Kind`] for what has no words, such as a photograph.
///
/// ```
/// assert_eq!(preview::words(b"Fasting sugar 102 mg/dL").unwrap(), "Fasting sugar 102 mg/dL");
/// ```
pub fn words(file: &[u8]) -> Result<String, Fault> {
    match file {
        _ if is_pdf(file) => pdf::all_words(file).map(bounded),
        _ => whole_text(file).map(|text| bounded(text.to_owned())),
    }
}

/// The header may stand a little after the beginning.
fn is_pdf(file: &[u8]) -> bool {
    file.iter().take(1_024).collect::<Vec<_>>().windows(5).any(|five| five.iter().copied().eq(b"%PDF-"))
}

/// How many lines of a text are a page.
const LINES: usize = 300;

fn text(file: &[u8], ask: &Ask) -> Result<Seen, Fault> {
    let lines: Vec<&str> = whole_text(file)?.lines().collect();
    let mut pages = lines.chunks(LINES);
    let count = pages.len().max(1);
    let at = ask.page.checked_sub(1).filter(|at| *at < count).ok_or(Fault::Page)?;
    let words = pages.nth(at).unwrap_or_default().join("\n");
    Ok(Seen { pages: count, picture: None, words: bounded(words) })
}

fn whole_text(file: &[u8]) -> Result<&str, Fault> {
    let whole = std::str::from_utf8(file).map_err(|_| Fault::Kind)?;
    if whole.contains('\0') { Err(Fault::Kind) } else { Ok(whole.trim_start_matches('\u{feff}')) }
}

/// Words within their bound, cut between two characters.
fn bounded(mut words: String) -> String {
    let end = (0..=WORDS.min(words.len())).rev().find(|at| words.is_char_boundary(*at));
    words.truncate(end.unwrap_or(0));
    words
}

/// Encodes a picture in the form that suits it: what was drawn is small and sharp as PNG, a photograph as JPEG.
fn picture(drawn: &RgbImage, is_photo: bool) -> Result<Picture, Fault> {
    let mut bytes = Vec::new();
    let encoded = match is_photo {
        true => drawn.write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 85)),
        false => drawn.write_with_encoder(image::codecs::png::PngEncoder::new(&mut bytes)),
    };
    encoded.map_err(|_| Fault::Broken)?;
    let media_type = if is_photo { "image/jpeg" } else { "image/png" };
    Ok(Picture { media_type, width: drawn.width(), height: drawn.height(), bytes })
}

#[cfg(test)]
mod tests;
