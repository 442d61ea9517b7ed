//! Evaluation and forecast: each dose that was given is held against the next dose of its series; then the dates of what is left are
//! reckoned from birth, from the dose before, from the first one, and from other live vaccines.

use super::{
    Dates, Dose, Due, Forecast, Mark, Number, Programme, Seen, Status, Vaccine, Why,
    codes::Part,
    rule::{Label, Rule, Series, Skip},
    span::{GRACE, Span, days, weeks},
};
use jiff::civil::Date;

/// Live vaccines that are injected, or blown into the nose.
const LIVE: [Part; 3] = [Part::Mr, Part::Varicella, Part::LiveFlu];

/// Between two live vaccines.
const BETWEEN_LIVE: Span = weeks(4);

/// A dose whose day and parts are known.
#[derive(Clone, Copy)]
struct Given<'a> {
    date: Date,
    parts: &'a [Part],
    product: &'a str,
    is_subpotent: bool,
    /// Where it stands in the record.
    at: usize,
}

/// A series while doses are held against it.
struct Course<'a> {
    series: &'a Series,
    born: Date,
    /// The doses that counted.
    counted: Vec<Given<'a>>,
    /// What they were.
    labels: Vec<Label>,
    /// The day of the last one, whether it counted or not.
    last: Option<Date>,
    /// Which dose is next.
    next: usize,
}

pub(super) fn run(programme: Programme, born: Date, doses: &[Dose], today: Date) -> Forecast {
    let mut seen: Vec<Seen> =
        doses.iter().map(|dose| Seen { id: dose.id.clone(), marks: Vec::new() }).collect();
    let mut given = Vec::new();
    for (at, dose) in doses.iter().enumerate() {
        match readable(dose, born, today) {
            Ok((date, parts)) => {
                let (product, is_subpotent) = (dose.product.as_str(), dose.is_subpotent);
                given.push(Given { date, parts, product, is_subpotent, at });
            }
            Err(why) => seen[at].marks.push((None, Mark::Not(why))),
        }
    }
    given.sort_by_key(|given| given.date);
    let mut due = Vec::new();
    for series in programme.series() {
        if !series.fits(born, &given, today) {
            continue;
        }
        let mut course =
            Course { series, born, counted: Vec::new(), labels: Vec::new(), last: None, next: 0 };
        for dose in given.iter().filter(|dose| series.takes(dose.parts)) {
            let (name, mark) = course.hold(dose, &given);
            seen[dose.at].marks.push((Some(name), mark));
        }
        due.push(course.due(&given, today));
    }
    for seen in seen.iter_mut().filter(|seen| seen.marks.is_empty()) {
        seen.marks.push((None, Mark::Not(Why::NotInProgramme)));
    }
    Forecast { programme, today, due, seen }
}

/// The day and the parts of a dose, or why it cannot be held against anything.
fn readable(dose: &Dose, born: Date, today: Date) -> Result<(Date, &'static [Part]), Why> {
    let parts = dose.parts.ok_or(Why::Unknown)?;
    let date = dose.date.ok_or(Why::NoDay)?;
    if date < born || date > today { Err(Why::WrongDay) } else { Ok((date, parts)) }
}

impl Series {
    fn takes(&self, parts: &[Part]) -> bool {
        let counts = parts.iter().any(|part| self.counts.contains(part));
        counts && (!self.alone || parts.len() == 1)
    }

    /// Whether it is the one for whoever began at that age, or would begin today.
    fn fits(&self, born: Date, given: &[Given<'_>], today: Date) -> bool {
        let first = given.iter().find(|dose| self.takes(dose.parts)).map_or(today, |dose| dose.date);
        let (from, before) = self.start;
        first >= from.after(born) && before.is_none_or(|before| first < before.after(born))
    }
}

impl Skip {
    fn holds(self, born: Date, counted: &[Given<'_>]) -> bool {
        match self {
            Skip::GivenAt(age, many) => {
                let from = age.less(GRACE).after(born);
                counted.iter().filter(|dose| dose.date >= from).count() >= many
            }
            Skip::BegunAt(age) => counted.first().is_some_and(|dose| dose.date >= age.after(born)),
            Skip::LastAt(age, gap) => match counted {
                [.., before, last] => {
                    let is_late = last.date >= age.less(GRACE).after(born);
                    is_late && last.date >= gap.less(GRACE).after(before.date)
                }
                _ => false,
            },
            Skip::Only(product) => !counted.is_empty() && counted.iter().all(|dose| dose.product == product),
        }
    }
}

impl<'a> Course<'a> {
    /// The next dose that is needed, seen from that day. `None`: the series is complete.
    fn rule(&mut self, on: Date) -> Option<&'a Rule> {
        loop {
            let rule = self.series.rules.get(self.next)?;
            let is_late = rule.before.is_some_and(|before| on >= before.after(self.born));
            let is_skipped = rule.skip.iter().any(|skip| skip.holds(self.born, &self.counted));
            let is_past = rule.optional && is_late;
            if !is_skipped && !is_past {
                return Some(rule);
            }
            self.next += 1;
        }
    }

    /// Holds a dose against the series.
    fn hold(&mut self, dose: &Given<'a>, given: &[Given<'_>]) -> (Vaccine, Mark) {
        let Some(rule) = self.rule(dose.date) else { return (self.series.name, Mark::Not(Why::Extra)) };
        let is_first_of_day = self.last != Some(dose.date);
        let wrong = if is_first_of_day { self.wrong(rule, dose, given) } else { Some(Why::SameDay) };
        let mark = match wrong {
            Some(why) => Mark::Not(why),
            None => Mark::Counts(self.number(rule)),
        };
        // What came too late, or does not count for what it is, does not push the next one off.
        if !matches!(wrong, Some(Why::TooOld | Why::Outdated)) {
            self.last = Some(dose.date);
        }
        if wrong.is_none() {
            self.counted.push(*dose);
            self.labels.push(rule.label);
            self.next += 1;
        }
        (rule.vaccine.unwrap_or(self.series.name), mark)
    }

    /// How the dose of that rule is numbered, after those that counted.
    fn number(&self, rule: &Rule) -> Number {
        let nth = self.labels.iter().filter(|label| **label == rule.label).count() + 1;
        match rule.label {
            Label::Birth => Number::Birth,
            Label::Nth => Number::Nth(nth),
            Label::Booster => Number::Booster(nth),
        }
    }

    fn wrong(&self, rule: &Rule, dose: &Given<'_>, given: &[Given<'_>]) -> Option<Why> {
        let before = |span: Span, start: Date| dose.date < span.after(start);
        let is_outdated =
            self.series.outdated.is_some_and(|(part, from)| dose.parts.contains(&part) && dose.date >= from);
        if is_outdated {
            return Some(Why::Outdated);
        }
        if dose.is_subpotent {
            return Some(Why::Subpotent);
        }
        if before(rule.least, self.born) {
            return Some(Why::TooYoung);
        }
        if rule.before.is_some_and(|age| dose.date >= age.after(self.born)) {
            return Some(Why::TooOld);
        }
        let from_last = rule.gap.zip(self.last).is_some_and(|(gap, last)| before(gap.least, last));
        let first = self.counted.first().map(|first| first.date);
        let from_first =
            rule.since_first.zip(first).is_some_and(|(gap, first)| before(gap.less(GRACE), first));
        if from_last || from_first {
            return Some(Why::TooSoon);
        }
        let live = self.last_live(rule, given, dose.date);
        let is_after_live = live.is_some_and(|live| before(BETWEEN_LIVE, live));
        is_after_live.then_some(Why::AfterLive)
    }

    /// The day of the last live vaccine before `on`. For those of this series its own interval stands, where it has one.
    fn last_live(&self, rule: &Rule, given: &[Given<'_>], on: Date) -> Option<Date> {
        let is_live = |dose: &&Given<'_>| dose.parts.iter().any(|part| LIVE.contains(part));
        let is_other = |dose: &&Given<'_>| rule.gap.is_none() || !self.series.takes(dose.parts);
        let found = given.iter().filter(|_| self.series.live).filter(is_live).filter(is_other);
        found.map(|dose| dose.date).filter(|date| *date < on).max()
    }

    fn due(mut self, given: &[Given<'_>], today: Date) -> Due {
        let rule = self.rule(today);
        let counted = self.counted.len();
        let vaccine = rule.and_then(|rule| rule.vaccine).unwrap_or(self.series.name);
        let ended = |status| Due { vaccine, counted, status, next: None };
        let Some(rule) = rule else { return ended(Status::Complete) };
        let dates = self.dates(rule, given, today);
        let end = rule.before.map(|before| before.after(self.born));
        if end.is_some_and(|end| today >= end || dates.earliest >= end) {
            return ended(Status::TooOld);
        }
        let status = match dates.past_due {
            Some(past_due) if today > past_due => Status::Overdue,
            _ if today >= dates.recommended => Status::Due,
            _ => Status::Later,
        };
        Due { vaccine, counted, status, next: Some((self.number(rule), dates)) }
    }

    fn dates(&self, rule: &Rule, given: &[Given<'_>], today: Date) -> Dates {
        let from_last = rule.gap.zip(self.last).map(|(gap, last)| gap.min.after(last));
        let first = self.counted.first().map(|first| first.date);
        let from_first = rule.since_first.zip(first).map(|(gap, first)| gap.after(first));
        let from_live =
            self.last_live(rule, given, days(1).after(today)).map(|live| BETWEEN_LIVE.after(live));
        let others = [from_last, from_first, from_live].into_iter().flatten();
        let earliest = others.fold(rule.min.after(self.born), Date::max);
        let recommended = rule.recommended.after(self.born).max(earliest);
        let by_age = rule.latest.map(|latest| latest.after(self.born));
        let by_gap = rule.gap.and_then(|gap| gap.latest).zip(self.last).map(|(gap, last)| gap.after(last));
        let past_due = by_age.max(by_gap).map(|end| days(-1).after(end).max(recommended));
        Dates { earliest, recommended, past_due }
    }
}
