//! What came, before it enters: whose it is there and here, how much of what, and what does not enter.

use crate::words::Words;
use care::{
    chart::Chart,
    elsewhere::{
        alike,
        came::Came,
        enter::{Plan, State},
        mapped::Refused,
        twice,
    },
    name::Name,
    when::When,
};
use login::elsewhere::parcel::Parcel;
use serde_json::Value;
use std::collections::BTreeMap;

/// The most lines of one list.
const MOST: usize = 40;

/// What the page shows of it.
pub(super) struct Preview {
    pub(super) label: String,
    pub(super) fetch: String,
    /// Name and day of birth there, and here.
    pub(super) there: [String; 2],
    pub(super) here: [String; 2],
    pub(super) is_same: bool,
    pub(super) enters: bool,
    /// What enters, changes, is here already, and stays as it was changed here; each a sentence.
    pub(super) lines: Vec<(String, String)>,
    /// What is here already from somewhere else.
    pub(super) twice: Vec<String>,
    /// What does not enter, and what did not come.
    pub(super) missing: Vec<String>,
}

impl Preview {
    pub(super) fn new(w: Words, chart: &Chart, parcel: &Parcel, came: &Came, plan: &Plan) -> Preview {
        let states = [
            (State::New, "elsewhere-is-new"),
            (State::Changed, "elsewhere-is-changed"),
            (State::Same, "elsewhere-is-same"),
            (State::Kept, "elsewhere-is-kept"),
        ];
        let lines = states.into_iter().filter_map(|(state, key)| {
            let counts = plan.counts(state);
            (!counts.is_empty()).then(|| (w.say(key), self::counts(w, counts.into_iter())))
        });
        let mut missing: Vec<String> = came
            .troubles
            .iter()
            .map(|trouble| {
                let what = match trouble.what.as_str() {
                    "everything" => w.say("elsewhere-everything"),
                    what => w.of_code("kind", what, what),
                };
                format!("{what}: {}", w.say(&format!("elsewhere-why-{}", trouble.why.word())))
            })
            .collect();
        missing.extend(refused(w, &plan.refused));
        if !came.left.is_empty() {
            let left = came.left.iter().map(|(kind, count)| (kind.as_str(), *count));
            missing.push(format!("{} {}", w.say("elsewhere-left"), counts(w, left)));
        }
        let more = missing.len().saturating_sub(MOST);
        missing.truncate(MOST);
        if more > 0 {
            missing.push(w.count("elsewhere-more", more));
        }
        let twice = twice(chart, plan).into_iter().take(MOST);
        Preview {
            label: parcel.label.clone(),
            fetch: parcel.fetch.clone(),
            there: person(w, &came.patient),
            here: person(w, &chart.patient),
            is_same: alike(&came.patient, &chart.patient).is_same(),
            enters: plan.entering() > 0,
            lines: lines.collect(),
            twice: twice
                .map(|(kind, words)| format!("{words} ({})", w.of_code("kind", &kind, &kind)))
                .collect(),
            missing,
        }
    }
}

/// Name and day of birth, or that they are not said.
fn person(w: Words, patient: &Value) -> [String; 2] {
    let name = Name::of(patient).spoken();
    let born = patient.get("birthDate").and_then(Value::as_str).and_then(When::parse);
    let born = born.map(|born| w.date(&born)).unwrap_or_default();
    [name, born].map(|text| if text.is_empty() { w.say("not-recorded") } else { text })
}

/// `3 Visit, 1 Allergy`, in the reader's words.
pub(super) fn counts<'c>(w: Words, all: impl Iterator<Item = (&'c str, u64)>) -> String {
    let one = |(kind, count): (&str, u64)| format!("{}: {count}", w.of_code("kind", kind, kind));
    all.map(one).collect::<Vec<_>>().join(" · ")
}

/// What does not enter, gathered by kind and reason.
pub(super) fn refused(w: Words, all: &[Refused]) -> Vec<String> {
    let mut gathered: BTreeMap<&Refused, u64> = BTreeMap::new();
    all.iter().for_each(|refused| *gathered.entry(refused).or_default() += 1);
    let line = |(refused, count): (&Refused, u64)| {
        let kind = w.of_code("kind", &refused.kind, &refused.kind);
        let why = w.say(&format!("elsewhere-why-{}", refused.why.word()));
        let what = if refused.what.is_empty() { String::new() } else { format!(" ({})", refused.what) };
        format!("{kind}: {count}. {why}{what}")
    };
    gathered.into_iter().map(line).collect()
}
