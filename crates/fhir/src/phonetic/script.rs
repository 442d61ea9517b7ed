//! Devanagari and Telugu in Latin letters, as names of India are written in them: `रवि` is `ravi`, `లక్ష్మి` is `lakshmi`.
//!
//! The blocks of Unicode follow one plan, so that one table by the place within the block serves both.

/// Where a block begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Devanagari = 0x900,
    Telugu = 0xC00,
}

/// What a place of a block stands for.
enum Sign {
    Consonant(&'static str),
    Vowel(&'static str),
    Matra(&'static str),
    /// No vowel follows.
    Virama,
    /// A nasal, by what follows.
    Anusvara,
    /// What is not heard, or only drawn.
    Silent,
}

/// A word in Latin letters; what belongs to neither script stays as it is. The vowel that stands in every consonant is written, but not at
/// the end of a word in Devanagari, where nobody says it.
///
/// ```
/// use fhir::phonetic::latin;
///
/// assert_eq!(latin("राम"), "raam");
/// assert_eq!(latin("రామ"), "raama");
/// assert_eq!(latin("सिंह"), "singh");
/// ```
pub fn latin(word: &str) -> String {
    let signs: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    for (at, c) in signs.iter().enumerate() {
        let Some((script, sign)) = read(*c) else {
            out.push(*c);
            continue;
        };
        let next = signs.get(at + 1..).into_iter().flatten().find_map(|c| match read(*c) {
            Some((_, Sign::Silent)) => None,
            other => Some(other),
        });
        match sign {
            Sign::Vowel(text) | Sign::Matra(text) => out.push_str(text),
            Sign::Consonant(text) => {
                out.push_str(text);
                let is_bare = match next {
                    None => script == Script::Devanagari,
                    Some(next) => matches!(next, Some((_, Sign::Matra(_) | Sign::Virama))),
                };
                if !is_bare {
                    out.push('a');
                }
            }
            Sign::Anusvara => out.push_str(nasal(script, next.flatten().map(|(_, sign)| sign))),
            Sign::Virama | Sign::Silent => {}
        }
    }
    // ज्ञ is one sound.
    out.replace("jn", "gn")
}

/// The sound of an anusvara: made where the next consonant is made.
fn nasal(script: Script, next: Option<Sign>) -> &'static str {
    let next = match next {
        Some(Sign::Consonant(text)) => text,
        _ => "",
    };
    match (script, next) {
        (_, "p" | "ph" | "b" | "bh" | "m") => "m",
        (Script::Devanagari, "h") => "ng",
        (Script::Telugu, "h" | "") => "m",
        _ => "n",
    }
}

fn read(c: char) -> Option<(Script, Sign)> {
    let script = match u32::from(c) {
        0x900..=0x97F => Script::Devanagari,
        0xC00..=0xC7F => Script::Telugu,
        _ => return None,
    };
    let place = u32::from(c) - script as u32;
    let sign = match place {
        0x00..=0x02 => Sign::Anusvara,
        0x04..=0x14 => Sign::Vowel(vowel(place - 0x04)),
        0x15..=0x39 => Sign::Consonant(consonant(place)),
        0x3E..=0x4C => Sign::Matra(vowel(place - 0x3E + 2)),
        0x4D => Sign::Virama,
        0x03 | 0x3A..=0x3D | 0x55..=0x56 => Sign::Silent,
        0x58 => Sign::Consonant("k"),
        0x59 if script == Script::Telugu => Sign::Consonant("j"),
        0x60 => Sign::Vowel("ri"),
        0x62..=0x63 => Sign::Matra("l"),
        _ => return None,
    };
    Some((script, sign))
}

/// Vowels in the order of the blocks, those of the signs two places later.
fn vowel(place: u32) -> &'static str {
    const VOWELS: [&str; 17] =
        ["a", "a", "aa", "i", "ee", "u", "oo", "ri", "ri", "e", "e", "e", "ai", "o", "o", "o", "au"];
    VOWELS.get(place as usize).copied().unwrap_or_default()
}

/// Consonants from क to ह.
fn consonant(place: u32) -> &'static str {
    const CONSONANTS: [&str; 37] = [
        "k", "kh", "g", "gh", "n", "ch", "chh", "j", "jh", "n", "t", "th", "d", "dh", "n", "t", "th", "d",
        "dh", "n", "n", "p", "ph", "b", "bh", "m", "y", "r", "r", "l", "l", "l", "v", "sh", "sh", "s", "h",
    ];
    CONSONANTS.get((place - 0x15) as usize).copied().unwrap_or_default()
}
