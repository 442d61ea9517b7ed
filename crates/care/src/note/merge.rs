//! Two who wrote at once: what each of them typed, side by side, and a text that holds both.

use super::Part;

/// One heading, as two people left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The key of the heading.
    pub key: &'static str,
    /// What stands in the record now.
    pub theirs: String,
    /// What was typed here.
    pub mine: String,
    /// What is offered to be saved: nothing of either is left out.
    pub both: String,
}

impl Side {
    /// Whether they differ.
    pub fn differs(&self) -> bool {
        self.theirs != self.mine
    }
}

/// Puts the note as it is now (`theirs`) beside what was typed (`mine`), heading by heading of the template. Where only one of them changed what
/// both began from (`base`), that one's text is offered; where both did, both are.
pub fn beside(
    keys: impl Iterator<Item = &'static str>,
    base: Option<&[Part]>,
    theirs: &[Part],
    mine: &[Part],
) -> Vec<Side> {
    let of = |parts: &[Part], key: &str| {
        parts.iter().find(|part| part.key == key).map(|part| part.text.clone()).unwrap_or_default()
    };
    let side = |key: &'static str| {
        let (theirs, mine) = (of(theirs, key), of(mine, key));
        let both = both(base.map(|base| of(base, key)).as_deref(), &theirs, &mine);
        Side { key, theirs, mine, both }
    };
    keys.map(side).collect()
}

fn both(base: Option<&str>, theirs: &str, mine: &str) -> String {
    match base {
        _ if theirs == mine || mine.is_empty() && base.is_none() => theirs.to_owned(),
        Some(base) if base == mine => theirs.to_owned(),
        Some(base) if base == theirs => mine.to_owned(),
        _ if theirs.contains(mine) => theirs.to_owned(),
        _ if mine.contains(theirs) => mine.to_owned(),
        _ => format!("{theirs}\n\n{mine}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_of_two_changed_is_taken_and_what_both_changed_stands_twice() {
        for (base, theirs, mine, expected) in [
            (Some("a"), "a", "a", "a"),
            (Some("a"), "a", "b", "b"),
            (Some("a"), "b", "a", "b"),
            (Some("a"), "b", "c", "b\n\nc"),
            (Some("a"), "a and b", "a and b and c", "a and b and c"),
            (Some("a"), "", "a", ""),
            (Some("a"), "a", "", ""),
            (Some("a"), "b", "", "b"),
            (None, "b", "", "b"),
            (None, "", "b", "b"),
            (None, "long b", "b", "long b"),
            (None, "b", "c", "b\n\nc"),
        ] {
            assert_eq!(both(base, theirs, mine), expected, "{base:?} {theirs} {mine}");
        }
    }

    #[test]
    fn nothing_of_either_is_missing_from_what_is_offered_unless_the_other_took_it_out() {
        let part = |key, text: &str| Part { key, title: String::new(), text: text.into() };
        let (base, theirs, mine) = (
            [part("plan", "Rest")],
            [part("plan", "Rest. Fluids."), part("assessment", "Viral")],
            [part("plan", "Rest. Paracetamol."), part("subjective", "Fever")],
        );
        let sides = beside(["subjective", "assessment", "plan"].into_iter(), Some(&base), &theirs, &mine);
        let offered: Vec<&str> = sides.iter().map(|side| side.both.as_str()).collect();
        assert_eq!(offered, ["Fever", "Viral", "Rest. Fluids.\n\nRest. Paracetamol."]);
        assert!(sides.iter().all(Side::differs));
    }
}
