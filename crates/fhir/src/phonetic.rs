//! How names sound, so that `Ravi`, `Ravee`, `रवि` and `రవి` are found by each other: [phonetic
//! search](https://hl7.org/fhir/R4/patient.html#search).
//!
//! A key keeps a word's consonants, as names of India and English ones write them: aspirated or not, doubled or not, `v` or `w`. Of vowels it keeps
//! what begins a word and what ends it, in three kinds, since spellings differ most in them: `Krishna` and `Krushna` meet, and so do `Mira` and
//! `Meera`. It is made to bring people together who may be the same: whoever looks at what it finds tells them apart.

mod script;

use crate::text;
pub use script::latin;

/// The keys of all words of a text, each once, in order. None for a text without a letter or digit.
///
/// ```
/// use fhir::phonetic::keys;
///
/// assert_eq!(keys("Lakshmi Rao"), keys("లక్ష్మి రావు"));
/// assert_ne!(keys("Ravi"), keys("Rani"));
/// ```
pub fn keys(name: &str) -> Vec<String> {
    let folded = text::normalize(name);
    let mut keys: Vec<String> =
        folded.split(' ').map(|word| key(&latin(word))).filter(|key| !key.is_empty()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The key of a folded word in Latin letters. Letters of other scripts stand for themselves.
fn key(word: &str) -> String {
    let word = respelt(word);
    let (word, end) = ending(&word);
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::new();
    let mut at = opening(&letters, &mut out);
    // A letter that is written twice is heard once; with a vowel between, it is two.
    let mut before = None;
    while let Some(c) = letters.get(at).copied() {
        let (sound, taken) = sound(&letters, at, c);
        for c in sound.chars() {
            if before != Some(c) {
                out.push(c);
            }
            before = Some(c);
        }
        if !c.is_ascii_lowercase() {
            out.push(c);
        }
        if is_vowel(c) || !c.is_ascii_lowercase() {
            before = None;
        }
        at += taken;
    }
    out.push_str(end);
    out
}

/// Spellings that no rule by letters would bring together.
fn respelt(word: &str) -> String {
    if matches!(word, "mohd" | "md") {
        return "mohammad".to_owned();
    }
    let mut word = word.to_owned();
    for (from, to) in [
        ("brahm", "bram"),
        ("ohn", "on"),
        ("tch", "ch"),
        ("cch", "ch"),
        ("sch", "sh"),
        ("dny", "gn"),
        ("gy", "gn"),
        ("ck", "k"),
    ] {
        word = word.replace(from, to);
    }
    match (word.strip_prefix("jn"), word.strip_prefix('x')) {
        (Some(rest), _) => format!("gn{rest}"),
        (_, Some(rest)) if !rest.starts_with(|c: char| !is_vowel(c)) => format!("j{rest}"),
        _ => word,
    }
}

/// What a word ends with, and what stands before that: its last vowels by their kind, `i` or `u`. An `a` or a single `e` is as often written as
/// not, and one name is Rao, Rav and Ravu in the three scripts.
fn ending(word: &str) -> (&str, &'static str) {
    for rao in ["aavu", "avu", "aao", "ao", "aav", "aaw", "av", "aw"] {
        if let Some(stem) = word.strip_suffix(rao).filter(|stem| !stem.is_empty()) {
            return (stem, "v");
        }
    }
    let group = |c: char| is_vowel(c) || c == 'y';
    let stem = word.trim_end_matches(group);
    if stem.is_empty() {
        return (word, "");
    }
    let vowels = word[stem.len()..].trim_end_matches('a');
    let kind = match vowels {
        "" | "e" | "ey" => "",
        _ if vowels.ends_with(['i', 'y', 'e']) => "i",
        _ => "u",
    };
    (stem, kind)
}

/// The vowels that a word begins with, by their kind: how many letters they are.
fn opening(letters: &[char], out: &mut String) -> usize {
    let first = match letters.first() {
        Some(c) if is_vowel(*c) => *c,
        _ => return 0,
    };
    let count = letters.iter().take_while(|c| is_vowel(**c)).count();
    let glide = letters.get(count).copied();
    let after = letters.get(1..count).into_iter().flatten().find(|c| **c != 'a').copied().or(glide);
    out.push(match (first, after) {
        ('a', Some('i' | 'e' | 'y')) | ('e' | 'i', _) => 'i',
        ('a', Some('u' | 'o')) | ('o' | 'u', _) => 'u',
        _ => 'a',
    });
    count
}

/// The sound that is written from `at` on, and how many letters it takes.
fn sound(letters: &[char], at: usize, c: char) -> (&'static str, usize) {
    let next = letters.get(at + 1).copied();
    let is_first = at == 0;
    let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
    let aspirated = if next == Some('h') { 2 } else { 1 };
    match c {
        'b' => ("b", aspirated),
        'c' if next == Some('h') => ("c", 2),
        'c' if matches!(next, Some('e' | 'i' | 'y')) => ("s", 1),
        'c' | 'k' | 'q' => ("k", aspirated),
        'd' => ("d", aspirated),
        'f' => ("f", 1),
        'g' => ("g", aspirated),
        'j' | 'z' => ("j", aspirated),
        'l' => ("l", 1),
        'm' => ("m", 1),
        'n' => ("n", 1),
        'p' if next == Some('h') => ("f", 2),
        'p' => ("p", 1),
        'r' => ("r", aspirated),
        's' => ("s", aspirated),
        't' => ("t", aspirated),
        'v' => ("v", 1),
        'w' if is_first || next.is_some_and(is_vowel) => ("v", 1),
        'x' => ("ks", 1),
        'y' if is_first => ("y", 1),
        // Between a vowel and what follows it is heard.
        'h' if is_first || (before.is_some_and(is_vowel) && next.is_some()) => ("h", 1),
        _ => ("", 1),
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

#[cfg(test)]
mod tests;
