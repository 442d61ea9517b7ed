//! What a programme's tables are made of: a series of doses, and what is asked of each.

use super::{
    Vaccine,
    codes::Part,
    span::{GRACE, Span},
};
use jiff::civil::Date;

/// One series of a programme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Series {
    /// What people know it by.
    pub(super) name: Vaccine,
    /// Doses with one of these parts count.
    pub(super) counts: &'static [Part],
    /// Only doses that hold nothing else count.
    pub(super) alone: bool,
    /// Whether it is a live vaccine that is injected: between two such there are 28 days, unless both are given on one day.
    pub(super) live: bool,
    /// Doses with this part from that day on do not count.
    pub(super) outdated: Option<(Part, Date)>,
    /// The ages at the first dose for which this series is meant: from, and before.
    pub(super) start: (Span, Option<Span>),
    /// Its doses.
    pub(super) rules: &'static [Rule],
}

/// One dose of a series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// How it is numbered.
    pub(super) label: Label,
    /// What is given, where that differs from the name of the series.
    pub(super) vaccine: Option<Vaccine>,
    /// The age from which it may be given.
    pub(super) min: Span,
    /// The age from which one that was given counts.
    pub(super) least: Span,
    /// The age at which it is recommended.
    pub(super) recommended: Span,
    /// The age at which it is past due.
    pub(super) latest: Option<Span>,
    /// The age at which it is not given any more.
    pub(super) before: Option<Span>,
    /// Whether the series goes on without it where it is too late for it.
    pub(super) optional: bool,
    /// From the dose before it.
    pub(super) gap: Option<Gap>,
    /// At least so long after the first dose of the series.
    pub(super) since_first: Option<Span>,
    /// Where it is not needed.
    pub(super) skip: &'static [Skip],
}

/// How a dose is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// At birth, before the others.
    Birth,
    /// By how many there were.
    Nth,
    /// After the others.
    Booster,
}

/// An interval from the dose before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// The shortest.
    pub(super) min: Span,
    /// The shortest that counts where it was given so.
    pub(super) least: Span,
    /// When the dose is past due, from the dose before.
    pub(super) latest: Option<Span>,
}

/// Where a dose is not needed: what is asked of those that counted so far.
#[derive(Clone, Copy, Debug)]
pub(super) enum Skip {
    /// So many were given at that age or later.
    GivenAt(Span, usize),
    /// The first of them was given at that age or later.
    BegunAt(Span),
    /// The last one was given at that age or later, and so long after the one before it.
    LastAt(Span, Span),
    /// All of them were this product, by its CVX code.
    Only(&'static str),
}

/// A series with nothing special.
pub(super) const fn series(name: Vaccine, counts: &'static [Part], rules: &'static [Rule]) -> Series {
    let start = (super::span::days(0), None);
    Series { name, counts, alone: false, live: false, outdated: None, start, rules }
}

/// A dose that may be given from `min` on and is recommended at `recommended`.
pub(super) const fn dose(label: Label, min: Span, recommended: Span) -> Rule {
    Rule {
        label,
        vaccine: None,
        min,
        least: min.less(GRACE),
        recommended,
        latest: None,
        before: None,
        optional: false,
        gap: None,
        since_first: None,
        skip: &[],
    }
}

impl Rule {
    /// Past due at that age.
    pub(super) const fn latest(self, latest: Span) -> Rule {
        Rule { latest: Some(latest), ..self }
    }

    /// Not given any more from that age on.
    pub(super) const fn before(self, before: Span) -> Rule {
        Rule { before: Some(before), ..self }
    }

    /// The series goes on without it.
    pub(super) const fn optional(self) -> Rule {
        Rule { optional: true, ..self }
    }

    /// At least so long after the dose before, with the usual grace.
    pub(super) const fn after(self, min: Span) -> Rule {
        self.after_least(min, min.less(GRACE))
    }

    /// As [`Rule::after`], with a grace of its own.
    pub(super) const fn after_least(self, min: Span, least: Span) -> Rule {
        Rule { gap: Some(Gap { min, least, latest: None }), ..self }
    }

    /// Past due so long after the dose before.
    pub(super) const fn latest_after(self, latest: Span) -> Rule {
        match self.gap {
            Some(gap) => Rule { gap: Some(Gap { latest: Some(latest), ..gap }), ..self },
            None => self,
        }
    }

    /// At least so long after the first dose.
    pub(super) const fn since_first(self, min: Span) -> Rule {
        Rule { since_first: Some(min), ..self }
    }

    /// Counts from that age on.
    pub(super) const fn least(self, least: Span) -> Rule {
        Rule { least, ..self }
    }

    /// What is given.
    pub(super) const fn of(self, vaccine: Vaccine) -> Rule {
        Rule { vaccine: Some(vaccine), ..self }
    }

    /// Where it is not needed.
    pub(super) const fn skip(self, skip: &'static [Skip]) -> Rule {
        Rule { skip, ..self }
    }
}
