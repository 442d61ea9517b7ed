//! A form of vital signs as it was typed, and what is wrong with it.

use super::{
    measure::{Ends, Measure, Stage},
    news2::{Consciousness, Readings, Scale, Whom},
    number::Number,
};
use crate::when::When;
use jiff::{
    SignedDuration, Zoned,
    civil::{Date, DateTime},
};

/// What a form carries of the patient, so that saving it needs no look at the chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// When they were born.
    pub born: Option<When>,
    /// `male`, `female` …; empty where it is not recorded.
    pub gender: String,
    /// The newest height that is known.
    pub height: Option<Height>,
}

/// A height that was measured before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Height {
    /// In centimetres.
    pub number: Number,
    /// The id of its Observation.
    pub id: String,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no number as it is typed here.
    Number,
    /// It has too many digits after the point: so many are taken.
    Decimals(usize),
    /// No living body has that: these are the ends.
    Impossible(Ends),
    /// It is met so seldom that somebody must say that they have checked it; these are the ends of what is met.
    Unusual(Ends),
    /// The field came twice.
    Twice,
    /// A lower blood pressure without the upper one.
    NoSystolic,
    /// The upper blood pressure is not above the lower one.
    NotAbove,
    /// Nothing was typed at all.
    Nothing,
    /// It is no date with a time.
    Time,
    /// It lies in the future.
    Future,
    /// It lies before the patient was born.
    BeforeBirth,
    /// It is none of those that can be chosen.
    Choice,
}

/// A set of vital signs that can be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// What was measured, in the order of the form.
    pub values: Vec<(Measure, Number)>,
    /// Whether the patient breathed oxygen.
    pub oxygen: Option<bool>,
    /// How awake they were.
    pub consciousness: Option<Consciousness>,
    /// Which scale a clinician has said that their saturation is scored on.
    pub scale: Scale,
    /// Whether they are pregnant.
    pub is_pregnant: Option<bool>,
    /// Whether somebody typed when it was measured.
    pub is_timed: bool,
    /// When it was measured, on the clocks of the house.
    pub at: Zoned,
}

/// Fields with the fault of each, in the order of the form.
pub type Faults = Vec<(&'static str, Fault)>;

/// The fields of the form, beside one for each [`Measure`] and its tick.
pub const CHOICES: [&str; 5] = ["oxygen", "consciousness", "scale", "pregnant", "measured"];

/// A clock may be so much ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);

impl About {
    /// Their age on a day, in whole years that they have certainly reached.
    pub fn years(&self, day: Date) -> Option<i16> {
        let born = self.born.as_ref()?;
        let years = born.years_until(day)?;
        let is_exact = born.day.is_some();
        Some(if is_exact { years } else { (years - 1).max(0) })
    }

    /// Whether they could be pregnant, as far as a form asks.
    pub fn may_be_pregnant(&self, day: Date) -> bool {
        self.gender != "male" && self.years(day).is_none_or(|years| (12..=55).contains(&years))
    }
}

impl Set {
    /// One of its values.
    pub fn get(&self, measure: Measure) -> Option<&Number> {
        self.values.iter().find(|(found, _)| *found == measure).map(|(_, number)| number)
    }

    /// What NEWS2 is computed from.
    pub fn readings(&self) -> Readings {
        let get = |measure| self.get(measure).cloned();
        Readings {
            respiratory_rate: get(Measure::RespiratoryRate),
            saturation: get(Measure::Saturation),
            scale: self.scale,
            oxygen: self.oxygen,
            systolic: get(Measure::Systolic),
            heart_rate: get(Measure::HeartRate),
            consciousness: self.consciousness,
            temperature: get(Measure::Temperature),
        }
    }

    /// Of whom NEWS2 is computed.
    pub fn whom(&self, about: &About) -> Whom {
        let not_asked = (!about.may_be_pregnant(self.at.date())).then_some(false);
        Whom { years: about.years(self.at.date()), is_pregnant: self.is_pregnant.or(not_asked) }
    }
}

/// Reads a form; `now` has the clocks of the house, on which times are typed. A tick (`sure-weight`) holds the value that somebody has checked, so it counts for no other.
///
/// # Errors
/// Every fault, with its field.
pub fn check(fields: &[(String, String)], about: &About, now: &Zoned) -> Result<Set, Faults> {
    let form = Fields(fields);
    let mut faults = Faults::new();
    let at = match moment(form.get("measured"), about, now) {
        Ok(at) => at,
        Err(fault) => {
            faults.push(("measured", fault));
            None
        }
    };
    let stage = Stage::of(about.years(at.as_ref().unwrap_or(now).date()));
    let mut values = Vec::new();
    for measure in Measure::ALL {
        match form.value(measure, stage) {
            Ok(Some(number)) => values.push((measure, number)),
            Ok(None) => {}
            Err(fault) => faults.push((measure.field(), fault)),
        }
    }
    faults.extend(pressure(&form, &values));
    let mut choice = |name, words: &[&str]| {
        let typed = form.get(name);
        if !typed.is_empty() && !words.contains(&typed) {
            faults.push((name, Fault::Choice));
        }
        typed
    };
    let oxygen = chosen(choice("oxygen", &["air", "oxygen"]), "oxygen");
    let is_pregnant = chosen(choice("pregnant", &["no", "yes"]), "yes");
    let scale = if choice("scale", &["1", "2"]) == "2" { Scale::Two } else { Scale::One };
    let consciousness =
        Consciousness::named(choice("consciousness", &Consciousness::ALL.map(Consciousness::word)));
    let names = Measure::ALL.map(Measure::field).into_iter().chain(CHOICES);
    faults.extend(names.filter(|name| form.is_twice(name)).map(|name| (name, Fault::Twice)));
    if faults.is_empty() && values.is_empty() && oxygen.is_none() && consciousness.is_none() {
        faults.push(("", Fault::Nothing));
    }
    match faults.is_empty() {
        true => {
            let set = Set {
                values,
                oxygen,
                consciousness,
                scale,
                is_pregnant,
                is_timed: at.is_some(),
                at: at.unwrap_or_else(|| now.clone()),
            };
            Ok(set)
        }
        false => Err(faults),
    }
}

/// What is typed, by the names of the fields.
struct Fields<'a>(&'a [(String, String)]);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> &'a str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    fn is_twice(&self, name: &str) -> bool {
        self.0.iter().filter(|(key, _)| key == name).count() > 1
    }

    fn value(&self, measure: Measure, stage: Stage) -> Result<Option<Number>, Fault> {
        let typed = self.get(measure.field());
        if typed.is_empty() {
            return Ok(None);
        }
        let number = Number::read(typed).ok_or(Fault::Number)?;
        if number.decimals > measure.decimals() {
            return Err(Fault::Decimals(measure.decimals()));
        }
        let outside = |(least, most): Ends| number.thousandths < least || number.thousandths > most;
        if outside(measure.possible()) {
            return Err(Fault::Impossible(measure.possible()));
        }
        let is_sure = self.get(&format!("sure-{}", measure.field())) == typed;
        match outside(measure.usual(stage)) && !is_sure {
            true => Err(Fault::Unusual(measure.usual(stage))),
            false => Ok(Some(number)),
        }
    }
}

/// The two values of a blood pressure belong together.
fn pressure(form: &Fields<'_>, values: &[(Measure, Number)]) -> Option<(&'static str, Fault)> {
    let of =
        |measure| values.iter().find(|(found, _)| *found == measure).map(|(_, number)| number.thousandths);
    let upper_is_typed = !form.get(Measure::Systolic.field()).is_empty();
    match (of(Measure::Systolic), of(Measure::Diastolic)) {
        (None, Some(_)) if !upper_is_typed => Some(("systolic", Fault::NoSystolic)),
        (Some(upper), Some(lower)) if upper <= lower => Some(("diastolic", Fault::NotAbove)),
        _ => None,
    }
}

fn chosen(word: &str, yes: &str) -> Option<bool> {
    (!word.is_empty()).then_some(word == yes)
}

/// `2026-05-31T08:30` or `2026-05-31 08:30`, on the clocks of the house. A time that they show twice is the first of the two, and one that
/// they leap over is as long after the leap as it was typed after its beginning.
fn moment(typed: &str, about: &About, now: &Zoned) -> Result<Option<Zoned>, Fault> {
    if typed.is_empty() {
        return Ok(None);
    }
    let is_plain = typed.len() == 16 && typed.is_ascii();
    let local =
        Some(typed).filter(|_| is_plain).and_then(|text| text.replace(' ', "T").parse::<DateTime>().ok());
    let at = local.and_then(|local| local.to_zoned(now.time_zone().clone()).ok()).ok_or(Fault::Time)?;
    if at.timestamp() > now.timestamp() + AHEAD {
        return Err(Fault::Future);
    }
    // Before the whole day of birth: the clock there may be ahead of UTC.
    let born = about.born.as_ref().map(|born| born.order.saturating_sub(86_400_000_000));
    match born.is_some_and(|born| at.timestamp().as_microsecond() < born) {
        true => Err(Fault::BeforeBirth),
        false => Ok(Some(at)),
    }
}

#[cfg(test)]
mod tests;
