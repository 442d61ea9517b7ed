//! Finds words in bytes, however they were written down: as text, as UTF-16, in hexadecimal or in base64.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::collections::HashMap;

/// A marker as it might stand: its bytes, what spelling that is, and which marker.
type Spelling = (Vec<u8>, &'static str, usize);

/// How many bytes of a spelling are looked up at once.
const START: usize = 8;

/// A word that stands where it should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The word.
    pub word: String,
    /// How it is written there.
    pub spelling: &'static str,
    /// The byte where it begins.
    pub at: usize,
}

/// Looks for many words at once.
pub struct Finder {
    words: Vec<String>,
    /// By their first bytes: the whole spelling, what kind it is, and whose.
    spellings: HashMap<u64, Vec<Spelling>>,
    /// Which pairs of bytes a spelling begins with, and which end its start: most bytes are passed over by these alone.
    firsts: Vec<bool>,
    lasts: Vec<bool>,
}

impl Finder {
    /// Words of lower-case letters; 12 of them at least, so that no accident spells one.
    ///
    /// # Panics
    /// For any other word.
    pub fn new(words: Vec<String>) -> Finder {
        let mut spellings: HashMap<u64, Vec<_>> = HashMap::new();
        let (mut firsts, mut lasts) = (vec![false; 1 << 16], vec![false; 1 << 16]);
        for (whose, word) in words.iter().enumerate() {
            assert!(
                word.len() >= 12 && word.bytes().all(|b| b.is_ascii_lowercase()),
                "{word} is no word to look for"
            );
            for (kind, bytes) in spell(word) {
                let start = start(&bytes);
                (firsts[first(start)], lasts[last(start)]) = (true, true);
                spellings.entry(start).or_default().push((bytes, kind, whose));
            }
        }
        Finder { words, spellings, firsts, lasts }
    }

    /// The first word in `bytes`, in any spelling and any case.
    pub fn find(&self, bytes: &[u8]) -> Option<Found> {
        self.scan(bytes).or_else(|| self.scan(&bytes.to_ascii_lowercase()))
    }

    fn scan(&self, bytes: &[u8]) -> Option<Found> {
        let mut window = 0;
        for (end, byte) in bytes.iter().enumerate() {
            window = window << 8 | u64::from(*byte);
            if !(self.lasts[last(window)] && self.firsts[first(window)]) {
                continue;
            }
            let Some(at) = (end + 1).checked_sub(START) else { continue };
            for (spelling, kind, whose) in self.spellings.get(&window).into_iter().flatten() {
                if bytes[at..].starts_with(spelling) {
                    return Some(Found { word: self.words[*whose].clone(), spelling: kind, at });
                }
            }
        }
        None
    }
}

fn start(bytes: &[u8]) -> u64 {
    bytes[..START].iter().fold(0, |window, byte| window << 8 | u64::from(*byte))
}

fn first(window: u64) -> usize {
    (window >> 48) as usize
}

fn last(window: u64) -> usize {
    (window & 0xffff) as usize
}

fn spell(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let hex = |byte: u8| format!("{byte:02x}");
    let mut all = vec![
        ("UTF-8", word.as_bytes().to_vec()),
        ("UTF-16LE", word.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16BE", word.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("hexadecimal", word.bytes().flat_map(|b| hex(b).into_bytes()).collect()),
        ("hexadecimal", word.bytes().flat_map(|b| hex(b).to_ascii_uppercase().into_bytes()).collect()),
    ];
    // Base64 spells a word in three ways, by how many bytes stand before it. Only whole groups are looked for.
    for skip in 0..3 {
        let whole = &word.as_bytes()[skip..];
        let whole = &whole[..whole.len() / 3 * 3];
        all.push(("base64", STANDARD_NO_PAD.encode(whole).into_bytes()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_spelling() {
        let finder = Finder::new(vec!["abcdefghijklmno".into(), "zyxwvutsrqponm".into()]);
        let found = |bytes: &[u8]| finder.find(bytes).map(|found| (found.word, found.spelling));
        let word = "zyxwvutsrqponm";
        let is = |spelling| Some((word.to_owned(), spelling));
        assert_eq!(found(format!("??{word}??").as_bytes()), is("UTF-8"));
        assert_eq!(found("Zyxwvutsrqponm".as_bytes()), is("UTF-8"));
        assert_eq!(
            found(&word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
            is("UTF-16LE")
        );
        assert_eq!(
            found(&word.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
            is("UTF-16BE")
        );
        let hex: String = format!("x{word}").bytes().map(|b| format!("{b:02X}")).collect();
        assert_eq!(found(hex.as_bytes()), is("hexadecimal"));
        for before in ["", "1", "12", "123"] {
            assert_eq!(
                found(STANDARD_NO_PAD.encode(format!("{before}{word}!")).as_bytes()),
                is("base64"),
                "{before}"
            );
        }
        assert_eq!(found(b"abcdefghijklmn"), None);
        assert_eq!(finder.find(b"..abcdefghijklmno").unwrap().at, 2);
    }
}
