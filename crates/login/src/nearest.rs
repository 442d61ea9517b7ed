//! "Did you mean …?": the known word that a misspelt one is nearest to.

/// The known word nearest to `wrong`, if one is near enough to be meant: at most a third of its letters differ.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let distances = known.into_iter().map(|word| (distance(&wrong, &word.to_lowercase()), word));
    let (least, word) = distances.min_by_key(|(distance, _)| *distance)?;
    (least <= (word.len() / 3).max(2)).then_some(word)
}

/// Edits between two words: a letter inserted, left out, replaced, or swapped with its neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_one_edit() {
        for wrong in ["listne", "liste", "listenn", "lisden"] {
            assert_eq!(distance(wrong, "listen"), 1, "{wrong}");
        }
        assert_eq!(distance("", "listen"), 6);
    }

    #[test]
    fn a_misspelt_word_finds_its_neighbour_and_a_strange_one_none() {
        let known = ["listen", "database", "log_level"];
        assert_eq!(nearest("databse", known), Some("database"));
        assert_eq!(nearest("loglevel", known), Some("log_level"));
        assert_eq!(nearest("colour", known), None);
    }
}
