//! What the index tables hold of a resource: blind terms, spans and links.
//!
//! The caller (`record`) says in plain facts what a resource can be found by; here they are normalised to numbers, on the
//! caller's thread, before any lock is held. No plain value goes further than this file.

use crate::{
    keys::{Blinder, Target, type_number},
    select::Test,
};
use access::{
    consent::{self, Effect},
    tie,
};
use std::cmp::Ordering;

/// `span.scope` of a value without a unit.
pub(crate) const NO_SCOPE: i64 = 0;

/// Lengths, in characters, at which the beginnings of a text are indexed. Longer ones are finished on decrypted candidates.
pub const PREFIX_CHARS: std::ops::RangeInclusive<usize> = 1..=16;

/// The parameter number of "is in the compartment of this patient".
pub const COMPARTMENT: u32 = 1;

/// The parameter number of "this audit leaf concerns this patient".
pub(crate) const CONCERNS: u32 = 2;

/// The number under which the purposes of consents are blinded.
pub(crate) const PURPOSE: u32 = 3;

/// The parameter number of "has this security label", the same for every type.
pub(crate) const LABEL: u32 = 4;

/// One thing that a resource can be found by.
#[derive(Clone, Copy, Debug)]
pub enum Fact<'a> {
    /// A coded value.
    Token {
        /// The code system or identifier system, where it has one.
        system: Option<&'a str>,
        /// The code or identifier value.
        code: Option<&'a str>,
    },
    /// A text, already folded for search.
    Text(&'a str),
    /// How a name sounds: a key, compared exactly.
    Sound(&'a str),
    /// A URI, compared exactly.
    Uri(&'a str),
    /// A range of time (microseconds) or of numbers (order keys), with its unit where it is a quantity.
    Span {
        /// Lowest value, inclusive.
        low: i64,
        /// Highest value, inclusive.
        high: i64,
        /// In what, where it is a quantity.
        unit: Unit<'a>,
    },
    /// A reference to a resource of this house.
    Link {
        /// Its type.
        resource_type: &'a str,
        /// Its logical id.
        id: &'a str,
    },
    /// Something that no other fact speaks of: a concept that is a text alone is not missing.
    Present,
}

/// The unit of a quantity.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unit<'a> {
    /// The system of the code.
    pub system: Option<&'a str>,
    /// The code.
    pub code: Option<&'a str>,
    /// The unit as people read it.
    pub text: Option<&'a str>,
}

/// Everything that one resource version stands in the index with. Sorted, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub(crate) terms: Vec<(i64, i64)>,
    /// Those of the terms that are written whatever the version before had: it may have been stored before there were any such.
    pub(crate) sounds: Vec<(i64, i64)>,
    pub(crate) spans: Vec<(i64, i64, i64, i64)>,
    pub(crate) links: Vec<(i64, Target)>,
    pub(crate) ties: Vec<Tie>,
    pub(crate) rules: Vec<Rule>,
}

/// A care relationship: a row of `tie`, its resources not numbered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tie {
    who: Target,
    patient: Target,
    since: i64,
    until: i64,
}

impl Tie {
    /// The row, but for the resource that it comes from.
    pub(crate) fn row(&self, mut number: impl FnMut(Target) -> i64) -> [i64; 4] {
        [number(self.who), number(self.patient), self.since, self.until]
    }
}

/// One rule of a consent: a row of `consent`, its resources not numbered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule {
    patient: Target,
    effect: i64,
    depth: i64,
    who: Option<Target>,
    purpose: i64,
    kind: i64,
    label: i64,
    item: Option<Target>,
    since: i64,
    until: i64,
}

impl Rule {
    /// The row, but for the resource that it comes from. What is not said is 0, which is the number of nothing.
    pub(crate) fn row(&self, mut number: impl FnMut(Target) -> i64) -> [i64; 10] {
        [
            number(self.patient),
            self.effect,
            self.depth,
            self.who.map_or(0, &mut number),
            self.purpose,
            self.kind,
            self.label,
            self.item.map_or(0, &mut number),
            self.since,
            self.until,
        ]
    }
}

/// What `consent.effect` says.
pub(crate) fn effect_number(effect: Effect) -> i64 {
    match effect {
        Effect::Permit => 1,
        Effect::Deny => 2,
        Effect::PermitLooking => 3,
        Effect::DenyTaking => 4,
    }
}

/// What `consent.effect` says where it has that number.
pub(crate) fn effect_of(number: i64) -> Option<Effect> {
    let all = [Effect::Permit, Effect::Deny, Effect::PermitLooking, Effect::DenyTaking];
    all.into_iter().find(|effect| effect_number(*effect) == number)
}

impl Index {
    /// Adds a care relationship.
    pub fn tie(&mut self, blinder: &Blinder, tie: &tie::Tie<'_>) {
        let (kind, id) = tie.who;
        self.ties.push(Tie {
            who: blinder.target(kind, id),
            patient: blinder.target("Patient", tie.patient),
            since: tie.since,
            until: tie.until,
        });
    }

    /// Adds a rule of a consent.
    pub fn rule(&mut self, blinder: &Blinder, rule: &consent::Rule<'_>) {
        let target = |(kind, id): (&str, &str)| blinder.target(kind, id);
        self.rules.push(Rule {
            patient: blinder.target("Patient", rule.patient),
            effect: effect_number(rule.effect),
            depth: i64::from(rule.depth),
            who: rule.who.map(target),
            purpose: rule.purpose.map_or(0, |code| blinder.purpose(code)),
            kind: rule.resource_type.map_or(0, type_number),
            label: rule.label.map_or(0, |code| blinder.label(code)),
            item: rule.item.map(target),
            since: rule.since,
            until: rule.until,
        });
    }

    /// Adds a security label.
    pub fn label(&mut self, blinder: &Blinder, code: &str) {
        self.terms.push((i64::from(LABEL), blinder.label(code)));
    }

    /// Every resource that is referred to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = Target> {
        let links = self.links.iter().map(|(_, target)| *target);
        let ties = self.ties.iter().flat_map(|tie| [tie.who, tie.patient]);
        let rules = self.rules.iter().flat_map(|rule| [Some(rule.patient), rule.who, rule.item]).flatten();
        links.chain(ties).chain(rules)
    }

    /// Whether a resource that is found by this passes a test, as SQL would say of its row. Only tests of refinements are told of.
    pub(crate) fn passes(&self, blinder: &Blinder, test: &Test) -> bool {
        match test {
            Test::Any(tests) => tests.iter().any(|test| self.passes(blinder, test)),
            Test::Has { param, look } => {
                self.terms.binary_search(&(i64::from(*param), blinder.look(*param, look))).is_ok()
            }
            Test::Refers { param, resource_type, id } => {
                self.links.binary_search(&(i64::from(*param), blinder.target(resource_type, id))).is_ok()
            }
            _ => false,
        }
    }

    /// Adds a fact under the parameter of that number.
    pub fn add(&mut self, blinder: &Blinder, param: u32, fact: &Fact<'_>) {
        let number = i64::from(param);
        match *fact {
            Fact::Token { system, code } => {
                token_terms(system, code, |parts| self.terms.push((number, blinder.term(param, parts))))
            }
            Fact::Text(text) => {
                text_terms(text, |parts| self.terms.push((number, blinder.term(param, parts))))
            }
            Fact::Sound(key) => {
                let term = (number, blinder.term(param, &[b"ph", key.as_bytes()]));
                self.terms.push(term);
                self.sounds.push(term);
            }
            Fact::Uri(uri) => self.terms.push((number, blinder.term(param, &[b"u", uri.as_bytes()]))),
            Fact::Span { low, high, unit } => {
                self.spans.push((number, NO_SCOPE, low, high));
                // `5||mg` means either of code and text, `5|system|mg` the code alone.
                for named in unit.code.into_iter().chain(unit.text) {
                    self.spans.push((number, blinder.scope(param, None, named), low, high));
                }
                if let (Some(_), Some(code)) = (unit.system, unit.code) {
                    self.spans.push((number, blinder.scope(param, unit.system, code), low, high));
                }
            }
            Fact::Link { resource_type, id } => self.links.push((number, blinder.target(resource_type, id))),
            Fact::Present => self.terms.push((number, blinder.term(param, &[b"present"]))),
        }
    }

    /// Sorts and drops repeats; to be called once after the last fact.
    pub fn finish(mut self) -> Index {
        self.terms.sort_unstable();
        self.terms.dedup();
        self.spans.sort_unstable();
        self.spans.dedup();
        self.links.sort_unstable();
        self.links.dedup();
        self.ties.sort_unstable();
        self.ties.dedup();
        self.rules.sort_unstable();
        self.rules.dedup();
        self
    }
}

/// The terms of a token: by code alone, by system and code (or by code without system), and by system alone.
fn token_terms(system: Option<&str>, code: Option<&str>, mut emit: impl FnMut(&[&[u8]])) {
    if let Some(code) = code {
        emit(&[b"c", code.as_bytes()]);
        match system {
            Some(system) => emit(&[b"sc", system.as_bytes(), code.as_bytes()]),
            None => emit(&[b"nc", code.as_bytes()]),
        }
    }
    if let Some(system) = system {
        emit(&[b"s", system.as_bytes()]);
    }
}

fn text_terms(text: &str, mut emit: impl FnMut(&[&[u8]])) {
    emit(&[b"t", text.as_bytes()]);
    for chars in PREFIX_CHARS {
        match prefix(text, chars) {
            Some(start) => emit(&[b"p", start.as_bytes()]),
            None => break,
        }
    }
}

/// The first `chars` characters of `text`, if it has that many.
fn prefix(text: &str, chars: usize) -> Option<&str> {
    let mut ends = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    ends.nth(chars).map(|end| &text[..end])
}

/// The longest beginning of `start` that the index holds.
pub(crate) fn indexed_start(start: &str) -> &str {
    PREFIX_CHARS.rev().find_map(|chars| prefix(start, chars)).unwrap_or(start)
}

/// Walks two sorted lists and hands out what only the first and what only the second holds.
pub(crate) fn difference<T: Ord + Copy>(
    old: &[T],
    new: &[T],
    mut gone: impl FnMut(T),
    mut come: impl FnMut(T),
) {
    let (mut a, mut b) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (a.peek(), b.peek()) {
            (None, None) => return,
            (Some(_), None) => a.next().copied().into_iter().for_each(&mut gone),
            (None, Some(_)) => b.next().copied().into_iter().for_each(&mut come),
            (Some(x), Some(y)) => match x.cmp(y) {
                Ordering::Less => a.next().copied().into_iter().for_each(&mut gone),
                Ordering::Greater => b.next().copied().into_iter().for_each(&mut come),
                Ordering::Equal => {
                    a.next();
                    b.next();
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_what_goes_and_what_comes() {
        let (mut gone, mut come) = (vec![], vec![]);
        difference(&[1, 2, 4, 9], &[2, 3, 9, 10], |x| gone.push(x), |x| come.push(x));
        assert_eq!((gone, come), (vec![1, 4], vec![3, 10]));
    }

    #[test]
    fn a_prefix_counts_characters_not_bytes() {
        assert_eq!(prefix("रामू", 2), Some("रा"));
        assert_eq!(prefix("ab", 2), Some("ab"));
        assert_eq!(prefix("ab", 3), None);
        assert_eq!(indexed_start("abcdefghijklmnopqrst"), "abcdefghijklmnop");
    }
}
