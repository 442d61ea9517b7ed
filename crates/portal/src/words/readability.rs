//! D10: what patients read, an eighth grader understands. The measure is Flesch and Kincaid's grade of English prose,
//! 0.39 words to a sentence + 11.8 syllables to a word − 15.59; syllables are counted as groups of vowels that are heard.

use super::{FILES, Language};

/// The highest grade.
const GRADE: f64 = 8.0;

/// Fewer words than this are a label and no prose.
const PROSE: usize = 8;

/// Files of sentences that patients never see, by their first lines: a new file is patients' until somebody says otherwise.
const OF_STAFF: [&str; 10] = [
    "# The clinic's own pages.",
    "# Looking patients up, and the front desk.",
    "# Registering a patient.",
    "# The page of all parts.",
    "# The program and the machine under it.",
    "# The first steps of a new house.",
    "# Administration: facilities, staff, roles, emergencies.",
    "# The audit log as a signed ledger.",
    // Patients enter a few of them; scores and their rules are for nurses.
    "# Vital signs: the form, all of them side by side,",
    // Half of them are answers to staff. They are held as a whole, below.
    ERRORS,
];

/// What the rooms below say.
const ERRORS: &str = "# What the rooms below say in English, word for word:";

/// How many syllables of a word are heard.
fn syllables(word: &str) -> usize {
    let word: String = word.to_lowercase().chars().filter(char::is_ascii_lowercase).collect();
    let is_vowel = |c: char| "aeiouy".contains(c);
    let letters: Vec<char> = word.chars().collect();
    let begins = |at: &usize| is_vowel(letters[*at]) && (*at == 0 || !is_vowel(letters[*at - 1]));
    let groups = (0..letters.len()).filter(begins).count();
    let ends = |end: &str| word.ends_with(end);
    let is_mute = (ends("e") && !ends("le")) || (ends("ed") && !ends("ted") && !ends("ded"));
    if is_mute && groups > 1 { groups - 1 } else { groups.max(1) }
}

/// The words of each sentence of a text. What stands for a value counts as one short word.
fn sentences(text: &str) -> Vec<Vec<&str>> {
    let ends = |c: char| ".!?:;".contains(c);
    let all = text.split(ends).map(|sentence| {
        let words = sentence.split(|c: char| !(c.is_ascii_alphabetic() || c == '\'' || c == '’'));
        words.filter(|word| word.chars().any(|c| c.is_ascii_alphabetic())).collect::<Vec<_>>()
    });
    all.filter(|words| words.len() > 2).collect()
}

/// The grade of a text, with how many words it has.
#[allow(clippy::cast_precision_loss, reason = "a page has a few thousand words")]
fn grade(text: &str) -> (f64, usize) {
    let sentences = sentences(text);
    let words: Vec<&str> = sentences.iter().flatten().copied().collect();
    if words.is_empty() {
        return (0.0, 0);
    }
    let heard: usize = words.iter().map(|word| syllables(word)).sum();
    let (count, heard, sentences) = (words.len() as f64, heard as f64, sentences.len() as f64);
    (0.39 * count / sentences + 11.8 * heard / count - 15.59, words.len())
}

/// A message's text: what stands for values as a word, each of its forms as a sentence.
fn plain(message: &str) -> String {
    let mut text = String::new();
    for line in message.lines() {
        let line = line.trim();
        let form = line.trim_start_matches('*').strip_prefix('[').and_then(|form| form.split_once(']'));
        text.push_str(form.map_or(line, |(_, said)| said));
        text.push_str(if form.is_some() { ". " } else { " " });
    }
    let mut plain = String::new();
    for part in text.split('{') {
        match part.split_once('}') {
            Some((_, rest)) => plain.extend(["it", rest]),
            None => plain.push_str(part.trim_end_matches("->")),
        }
    }
    plain
}

/// The messages of a file: key and text.
fn messages(file: &'static str) -> Vec<(&'static str, String)> {
    let starts = file.match_indices('\n').map(|(at, _)| at + 1).chain([0]);
    let is_key = |at: &usize| file[*at..].starts_with(|c: char| c.is_ascii_lowercase());
    let mut starts: Vec<usize> = starts.filter(is_key).collect();
    starts.sort_unstable();
    let ends = starts.iter().skip(1).copied().chain([file.len()]);
    let message = |(start, end): (usize, usize)| {
        let (key, text) = file[start..end].split_once(" =")?;
        Some((key, plain(text)))
    };
    starts.iter().copied().zip(ends).filter_map(message).collect()
}

#[test]
fn d10_every_sentence_that_patients_read_is_of_grade_eight_or_lower() {
    let mut seen = 0;
    for file in FILES[Language::English as usize] {
        if OF_STAFF.iter().any(|first| file.starts_with(first)) {
            continue;
        }
        for (key, text) in messages(file) {
            let (grade, words) = grade(&text);
            seen += usize::from(words >= PROSE);
            assert!(words < PROSE || grade <= GRADE, "{key} is of grade {grade:.1}: {text}");
        }
    }
    assert!(seen > 250, "{seen} sentences were looked at");
}

#[test]
fn d10_what_was_not_done_is_told_in_plain_words_as_well() {
    let file = FILES[Language::English as usize].iter().find(|file| file.starts_with(ERRORS));
    let all: String = messages(file.unwrap()).into_iter().map(|(_, text)| text + ". ").collect();
    let (grade, words) = grade(&all);
    assert!(grade <= GRADE - 2.0 && words > 1_000, "{grade:.1}, {words} words");
}

#[test]
fn files_of_staff_are_told_by_their_first_lines() {
    for told in OF_STAFF {
        let files = FILES[Language::English as usize].iter().filter(|file| file.starts_with(told));
        assert_eq!(files.count(), 1, "{told}");
    }
}

#[test]
fn the_measure_tells_plain_words_from_learned_ones() {
    assert_eq!(
        ["cat", "table", "medicine", "asked", "wanted", "be", "administrator"].map(syllables),
        [1, 2, 3, 1, 2, 1, 5]
    );
    assert!(grade("The cat sat on the mat. It was warm there all day.").0 < 2.0);
    assert!(
        grade("Interdisciplinary pharmacovigilance necessitates comprehensive institutional accountability.")
            .0
            > 15.0
    );
    assert_eq!(
        plain("\n    { $count ->\n  [one] One file of { $name }\n *[other] { $count } files\n }")
            .matches("it")
            .count(),
        2
    );
}
