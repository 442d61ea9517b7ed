//! What everybody can guess of a password: common passwords, names, years, runs and repetitions.

/// Common passwords in lower case, sorted by their bytes; see `data/README.md`.
const COMMON: &str = include_str!("../../data/common.txt");

/// The shortest part that is looked up.
const SHORTEST: usize = 4;

/// The longest.
const LONGEST: usize = 24;

/// The words of a name that a password may not be made of: the whole without spaces, and each of three letters or more.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let whole: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
    parts.chain([whole]).filter(|word| word.chars().count() >= 3).collect()
}

/// How many characters are left without what can be guessed; and whether a name was among that.
pub(super) fn own(password: &[char], names: &[String]) -> (usize, bool) {
    let plain: Vec<char> = password.iter().map(|c| unmasked(*c)).collect();
    let mut guessed = vec![false; password.len()];
    let mut named = false;
    for name in names {
        let name: Vec<char> = name.chars().collect();
        named |= mark(password, &name, &mut guessed) | mark(&plain, &name, &mut guessed);
    }
    // One common password, however often, and the rest must be somebody's own: a phrase of several words is fine.
    let texts = [password, &plain[..]];
    let longest = texts.into_iter().filter_map(|text| longest_common(text).map(|place| (place, text))).max();
    if let Some(((length, at), text)) = longest {
        mark(text, &text[at..at + length], &mut guessed);
    }
    runs(password, &mut guessed);
    years(password, &mut guessed);
    let mut left: Vec<char> = password
        .iter()
        .zip(&guessed)
        .filter(|(c, guessed)| !**guessed && c.is_alphanumeric())
        .map(|(c, _)| *c)
        .collect();
    left.sort_unstable();
    // The same few characters again and again are worth what one of them is.
    let all = left.len();
    left.dedup();
    (all.min(2 * left.len()), named)
}

/// Marks every place where `part` stands; whether there is one.
fn mark(text: &[char], part: &[char], guessed: &mut [bool]) -> bool {
    let places: Vec<usize> = text
        .windows(part.len())
        .enumerate()
        .filter(|(_, window)| *window == part)
        .map(|(at, _)| at)
        .collect();
    places.iter().for_each(|at| guessed[*at..at + part.len()].fill(true));
    !places.is_empty()
}

/// A letter behind the sign that people write in its stead.
fn unmasked(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        c => c,
    }
}

/// Length and place of the longest part that is a common password.
fn longest_common(text: &[char]) -> Option<(usize, usize)> {
    let longest = LONGEST.min(text.len());
    for length in (SHORTEST..=longest).rev() {
        for at in 0..=text.len() - length {
            let part: String = text[at..at + length].iter().collect();
            if is_common(&part) {
                return Some((length, at));
            }
        }
    }
    None
}

/// Whether the text is a line of the list.
fn is_common(text: &str) -> bool {
    let list = COMMON.as_bytes();
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = list[low..middle].iter().rposition(|b| *b == b'\n').map_or(low, |at| low + at + 1);
        let end = list[middle..].iter().position(|b| *b == b'\n').map_or(list.len(), |at| middle + at);
        match list[start..end].cmp(text.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// Marks three or more characters of which each follows the one before by the same step of -1, 0 or 1: `123`, `cba`, `aaa`.
fn runs(text: &[char], guessed: &mut [bool]) {
    let step = |at: usize| i64::from(u32::from(text[at + 1])) - i64::from(u32::from(text[at]));
    let mut at = 0;
    while at + 2 < text.len() {
        let first = step(at);
        let mut end = at + 1;
        while end + 1 < text.len() && step(end) == first {
            end += 1;
        }
        if (-1..=1).contains(&first) && end - at >= 2 {
            guessed[at..=end].fill(true);
        }
        at = end;
    }
}

/// Marks `1900` to `2099`.
fn years(text: &[char], guessed: &mut [bool]) {
    for at in 0..text.len().saturating_sub(3) {
        let year = &text[at..at + 4];
        if year.iter().all(char::is_ascii_digit) && matches!((year[0], year[1]), ('1', '9') | ('2', '0')) {
            guessed[at..at + 4].fill(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_lower_case_and_small_and_every_line_is_found() {
        assert!(COMMON.len() <= 200_000);
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 20_000);
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(lines.iter().all(|line| is_common(line) && line.to_lowercase() == *line));
        for other in ["", "zzzzzzzzzzzz", "passwordx", "!", "correct horse"] {
            assert!(!is_common(other), "{other}");
        }
    }
}
