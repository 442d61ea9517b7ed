//! What a house says of itself on pages that anybody reads: its own words, in each language apart, beside what is built in. Plain text.
//!
//! Each text of each language is an item of its own, so that two administrators who write in two languages do not meet; those who write
//! the same one do, and the second is shown what the first has written.

use crate::{Login, error::Error, kept::Kept, roster::By, session::Who, visit::Visit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};

/// The longest text, in characters.
pub const LONGEST: usize = 4_000;

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident $name:literal,)*) => {
        /// What is written about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $($(#[$doc])* $part,)* }

        impl Part {
            /// All of them, in the order of the list.
            pub const ALL: &[Part] = &[$(Part::$part,)*];

            /// Its name in addresses and in the log.
            pub fn name(self) -> &'static str {
                match self { $(Part::$part => $name,)* }
            }
        }
    };
}

parts! {
    /// Who runs the house.
    About "about",
    /// What it is for.
    Mission "mission",
    /// How to reach it.
    Contact "contact",
    /// Who answers complaints, and for data protection.
    Grievance "grievance",
    /// What is added to the privacy notice.
    Privacy "privacy",
    /// Whom to tell where a page is hard to use.
    Accessibility "accessibility",
}

impl Part {
    /// The part of that name.
    pub fn named(name: &str) -> Option<Part> {
        Part::ALL.iter().copied().find(|part| part.name() == name)
    }
}

/// A text with its version, by which a change of it says what it was made from.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PageText {
    /// The text; empty for what is built in.
    pub text: String,
    /// 0 where nobody has written any yet.
    pub version: i64,
    /// Who wrote it last.
    pub by: String,
}

impl std::fmt::Debug for PageText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sealed, version {}", self.version)
    }
}

/// What came of saving.
#[derive(Debug)]
pub enum Saved {
    /// It stands.
    Done,
    /// Somebody else has written meanwhile, and nothing was changed.
    Meanwhile(PageText),
}

#[derive(Default, Serialize, Deserialize)]
struct Written {
    text: String,
    by: String,
}

fn id(part: Part, language: &str) -> Vec<u8> {
    format!("{}.{language}", part.name()).into_bytes()
}

/// Marks that turn the direction of what is written around them: by them a sentence reads other than it is stored.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text as it is kept: lines end in one way, and nothing stands in it that no reader sees.
///
/// # Errors
/// What to mend.
pub fn checked(typed: &str) -> Result<String, Error> {
    let invalid = |text| Err(Error::Invalid { field: "text", text });
    // Before anything is copied: it may be of any length.
    if typed.len() > 8 * LONGEST {
        return invalid("the text is too long; write at most 4000 characters");
    }
    let lines = typed.replace("\r\n", "\n").replace('\r', "\n");
    let text = lines.trim();
    if text.chars().count() > LONGEST {
        return invalid("the text is too long; write at most 4000 characters");
    }
    if text.chars().any(turns) {
        return invalid(
            "leave out the invisible marks that turn the direction of writing; type the text anew, or paste it as plain text",
        );
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return invalid("leave out control characters such as tabs; paste it as plain text");
    }
    Ok(text.to_owned())
}

impl Login {
    /// What the house says in that language. Anybody may read it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn page_text(&self, part: Part, language: &str, now: Timestamp) -> Result<PageText, Error> {
        let kept: Option<Kept<Written>> = self.get(Kind::PageText, &id(part, language), now)?;
        Ok(kept.map_or_else(PageText::default, |kept| PageText {
            version: kept.version,
            text: kept.value.text,
            by: kept.value.by,
        }))
    }

    /// As [`Login::page_text`], for an administrator who is about to write.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator asks.
    pub fn page_text_to_edit(
        &self,
        who: &Who,
        part: Part,
        language: &str,
        visit: &Visit,
    ) -> Result<PageText, Error> {
        self.is_administrator(who, visit)?;
        self.page_text(part, language, visit.now)
    }

    /// Writes what the house says, in place of the version that the administrator had before them; an empty text brings back what is
    /// built in.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator or whoever is at the command line writes, [`Error::Invalid`] for what cannot be kept.
    pub fn write_page_text(
        &self,
        by: By<'_>,
        (part, language): (Part, &str),
        typed: &str,
        version: i64,
        visit: &Visit,
    ) -> Result<Saved, Error> {
        by.runs(self, visit)?;
        let text = checked(typed)?;
        let there = self.page_text(part, language, visit.now)?;
        if there.text == text {
            return Ok(Saved::Done);
        }
        if there.version != version {
            return Ok(Saved::Meanwhile(there));
        }
        let written = Written { text, by: by.name().to_owned() };
        let kept = Kept { version, ..Kept::new(id(part, language), None, written) };
        let mut entry = by.entry("public text changed", visit);
        entry.shape = format!("{} in {language}", part.name());
        match self.store.change_items(vec![kept.put(Kind::PageText, Vec::new())?], Some(entry)) {
            Err(StoreError::Stale) => Ok(Saved::Meanwhile(self.page_text(part, language, visit.now)?)),
            outcome => Ok(outcome.map(|()| Saved::Done)?),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn p10_a_text_is_kept_as_it_was_typed_and_nothing_unseen_stands_in_it() {
        assert_eq!(checked("  a\r\n\r\nb\rc \n").unwrap(), "a\n\nb\nc");
        assert_eq!(checked("<b>&amp;</b>").unwrap(), "<b>&amp;</b>", "what looks like HTML is text");
        // A joiner is part of how Hindi and Telugu are written.
        assert_eq!(checked("క్‌ష").unwrap(), "క్‌ష");
        assert_eq!(checked(&"त".repeat(LONGEST)).unwrap().chars().count(), LONGEST);
        for bad in ["a\u{202e}b", "\u{2067}x", "x\u{200f}y", "a\tb", "a\0", "a\u{7f}b"] {
            assert!(matches!(checked(bad), Err(Error::Invalid { field: "text", .. })), "{bad:?}");
        }
        for long in ["त".repeat(LONGEST + 1), "a".repeat(1 << 20)] {
            assert!(checked(&long).is_err());
        }
    }

    #[test]
    fn every_part_is_found_by_its_name() {
        assert!(Part::ALL.iter().all(|part| Part::named(part.name()) == Some(*part)));
        assert_eq!(Part::named("nothing"), None);
    }
}
