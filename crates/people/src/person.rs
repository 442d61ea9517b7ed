//! Who somebody is, before any illness: birth, death, sex, names, home, and the people they live with.

pub(crate) mod patient;
pub(crate) mod relative;

use crate::names::{Names, Script, Word, american, indian};
use crate::place::Home;
use crate::when::Day;

/// Where names and habits come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Culture {
    Telugu,
    Hindi,
    Muslim,
    English,
    Spanish,
    Vietnamese,
}

impl Culture {
    /// The names to draw from.
    pub(crate) fn names(self) -> &'static Names {
        match self {
            Culture::Telugu => &indian::TELUGU,
            Culture::Hindi => &indian::HINDI,
            Culture::Muslim => &indian::MUSLIM,
            Culture::English => &american::ENGLISH,
            Culture::Spanish => &american::SPANISH,
            Culture::Vietnamese => &american::VIETNAMESE,
        }
    }

    /// The language spoken at home: BCP 47 code and name.
    pub(crate) fn language(self) -> (&'static str, &'static str) {
        match self {
            Culture::Telugu => ("te", "Telugu"),
            Culture::Hindi => ("hi", "Hindi"),
            Culture::Muslim => ("ur", "Urdu"),
            Culture::English => ("en-US", "English (United States)"),
            Culture::Spanish => ("es", "Spanish"),
            Culture::Vietnamese => ("vi", "Vietnamese"),
        }
    }

    /// Whether at home in India.
    pub(crate) fn is_indian(self) -> bool {
        matches!(self, Culture::Telugu | Culture::Hindi | Culture::Muslim)
    }
}

/// What the register says of gender; the body is [`Person::female`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gender {
    Female,
    Male,
    Other,
    Unknown,
}

impl Gender {
    /// The administrative-gender code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Gender::Female => "female",
            Gender::Male => "male",
            Gender::Other => "other",
            Gender::Unknown => "unknown",
        }
    }
}

/// How much of the birth date the register knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Full,
    Month,
    Year,
    Nothing,
}

/// The place in the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Child,
    Mother,
    Father,
    Grandmother,
    Grandfather,
    Alone,
}

/// What somebody of the household is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    Mother,
    Father,
    Child,
    Spouse,
    Parent,
}

/// Somebody of the population.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The number in the population, from 0.
    pub(crate) n: usize,
    /// The hospital they are registered with.
    pub(crate) house: usize,
    pub(crate) culture: Culture,
    /// The body: who can bear children, whose haemoglobin is lower.
    pub(crate) female: bool,
    pub(crate) gender: Gender,
    /// A code of HL7's gender-identity system, where it was asked.
    pub(crate) identity: Option<&'static str>,
    pub(crate) born: Day,
    pub(crate) shown: Shown,
    pub(crate) died: Option<Day>,
    /// Eighteen or older today.
    pub(crate) is_grown: bool,
    /// First day on this hospital's register.
    pub(crate) since: Day,
    pub(crate) part: Part,
    /// The order among twins.
    pub(crate) twin: Option<i32>,
    pub(crate) family: Option<Word>,
    /// The second family name of Spanish custom.
    pub(crate) second: Option<Word>,
    pub(crate) maiden: Option<Word>,
    pub(crate) given: Word,
    pub(crate) middle: Option<Word>,
    /// The script of the second name entry.
    pub(crate) script: Option<Script>,
    pub(crate) home: Home,
    pub(crate) second_home: Option<Home>,
    pub(crate) phone: i32,
    /// Others of the household: their position in the block, and what they are to this person.
    pub(crate) kin: Vec<(usize, Tie)>,
}

impl Person {
    /// The name in the order it is spoken.
    pub(crate) fn full_name(&self) -> String {
        let given = self.given_names();
        match self.family_name() {
            None => given,
            Some(family) if self.culture == Culture::Telugu => format!("{family} {given}"),
            Some(family) => format!("{given} {family}"),
        }
    }

    /// All given names.
    pub(crate) fn given_names(&self) -> String {
        self.middle.map_or_else(
            || self.given.latin.to_owned(),
            |middle| format!("{} {}", self.given.latin, middle.latin),
        )
    }

    /// The family name, both parts of it.
    pub(crate) fn family_name(&self) -> Option<String> {
        let family = self.family?.latin;
        Some(self.second.map_or_else(|| family.to_owned(), |second| format!("{family} {}", second.latin)))
    }

    /// Whole years on that day.
    pub(crate) fn age(&self, day: Day) -> i32 {
        self.born.years_to(day)
    }
}
