//! The National Early Warning Score 2, as the Royal College of Physicians has published it (2017).
//!
//! Not for children under 16 and not in pregnancy. Without each of its seven parts there is no score: nothing is guessed.
//!
//! Source: <https://www.rcp.ac.uk/improving-care/resources/national-early-warning-score-news-2/>

use super::number::Number;

/// How awake somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consciousness {
    /// Awake.
    Alert,
    /// Confused, and was not before.
    Confusion,
    /// Responds to a voice.
    Voice,
    /// Responds to pain.
    Pain,
    /// Does not respond.
    Unresponsive,
}

impl Consciousness {
    /// All of them, in the order of the chart.
    pub const ALL: [Consciousness; 5] = [
        Consciousness::Alert,
        Consciousness::Confusion,
        Consciousness::Voice,
        Consciousness::Pain,
        Consciousness::Unresponsive,
    ];

    /// Its word in forms and in the keys of sentences.
    pub fn word(self) -> &'static str {
        match self {
            Consciousness::Alert => "alert",
            Consciousness::Confusion => "confusion",
            Consciousness::Voice => "voice",
            Consciousness::Pain => "pain",
            Consciousness::Unresponsive => "unresponsive",
        }
    }

    /// Its SNOMED CT code and what that is called.
    pub fn code(self) -> (&'static str, &'static str) {
        match self {
            Consciousness::Alert => ("248234008", "Mentally alert"),
            Consciousness::Confusion => ("130987000", "Acute confusion"),
            Consciousness::Voice => ("300202002", "Responds to voice"),
            Consciousness::Pain => ("450847001", "Responds to pain"),
            Consciousness::Unresponsive => ("422768004", "Unresponsive"),
        }
    }

    /// The one of that word.
    pub fn named(word: &str) -> Option<Consciousness> {
        Consciousness::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// Which scale a saturation is scored on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// For almost everybody.
    #[default]
    One,
    /// For confirmed hypercapnic respiratory failure, where a clinician has said so.
    Two,
}

/// A part of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Breaths a minute.
    RespiratoryRate,
    /// Oxygen in the blood.
    Saturation,
    /// Whether on air or on oxygen.
    Oxygen,
    /// The upper blood pressure.
    Systolic,
    /// The pulse.
    HeartRate,
    /// How awake.
    Consciousness,
    /// Of the body.
    Temperature,
}

impl Part {
    /// Its word, in the keys of sentences.
    pub fn word(self) -> &'static str {
        match self {
            Part::RespiratoryRate => "respiratory-rate",
            Part::Saturation => "saturation",
            Part::Oxygen => "oxygen",
            Part::Systolic => "systolic",
            Part::HeartRate => "heart-rate",
            Part::Consciousness => "consciousness",
            Part::Temperature => "temperature",
        }
    }
}

/// What was measured of somebody at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    /// Breaths a minute.
    pub respiratory_rate: Option<Number>,
    /// Percent.
    pub saturation: Option<Number>,
    /// Which scale the saturation is scored on.
    pub scale: Scale,
    /// Whether they breathe oxygen and not air.
    pub oxygen: Option<bool>,
    /// mmHg.
    pub systolic: Option<Number>,
    /// Beats a minute.
    pub heart_rate: Option<Number>,
    /// How awake they are.
    pub consciousness: Option<Consciousness>,
    /// °C.
    pub temperature: Option<Number>,
}

/// Of whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// Their age in whole years, for certain reached; `None` where the date of birth is not known.
    pub years: Option<i16>,
    /// Whether they are pregnant: `None` where that could be and nobody said.
    pub is_pregnant: Option<bool>,
}

/// Why there is no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is not for those under 16.
    Young,
    /// The date of birth is not recorded.
    AgeUnknown,
    /// It is not for the pregnant.
    Pregnant,
    /// Nobody said whether they are.
    PregnancyUnknown,
    /// That part was not measured.
    Missing(Part),
    /// All parts are there, but were not entered together.
    Apart,
}

/// A score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// All points.
    pub total: i64,
    /// The points of each part.
    pub parts: [(Part, i64); 7],
}

/// How the RCP ranks a score, and answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// No points.
    Zero,
    /// 1 to 4 points.
    Low,
    /// 1 to 4 points, three of them for one part.
    LowMedium,
    /// 5 or 6 points.
    Medium,
    /// 7 points or more.
    High,
}

impl Band {
    /// Its word, in the keys of sentences and for its colour.
    pub fn word(self) -> &'static str {
        match self {
            Band::Zero => "zero",
            Band::Low => "low",
            Band::LowMedium => "low-medium",
            Band::Medium => "medium",
            Band::High => "high",
        }
    }

    /// Its code in `Observation.interpretation`.
    pub fn interpretation(self) -> &'static str {
        match self {
            Band::Zero | Band::Low => "N",
            Band::LowMedium => "A",
            Band::Medium => "H",
            Band::High => "HH",
        }
    }

    /// The band of a stored score: its total, and whether one part has three points.
    pub fn of(total: i64, has_three: bool) -> Band {
        match total {
            7.. => Band::High,
            5 | 6 => Band::Medium,
            _ if has_three => Band::LowMedium,
            1..=4 => Band::Low,
            _ => Band::Zero,
        }
    }
}

impl Score {
    /// Its band.
    pub fn band(&self) -> Band {
        Band::of(self.total, self.parts.iter().any(|(_, points)| *points == 3))
    }
}

/// The score, or every reason why there is none.
///
/// # Errors
/// The reasons: first those for which it is not meant for this person at all.
pub fn score(readings: &Readings, whom: Whom) -> Result<Score, Vec<Why>> {
    if whom.years.is_some_and(|years| years < 16) {
        return Err(vec![Why::Young]);
    }
    if whom.is_pregnant == Some(true) {
        return Err(vec![Why::Pregnant]);
    }
    let mut why = Vec::new();
    if whom.years.is_none() {
        why.push(Why::AgeUnknown);
    }
    if whom.is_pregnant.is_none() {
        why.push(Why::PregnancyUnknown);
    }
    let found = points(readings);
    why.extend(found.iter().filter(|(_, points)| points.is_none()).map(|(part, _)| Why::Missing(*part)));
    if !why.is_empty() {
        return Err(why);
    }
    let parts = found.map(|(part, points)| (part, points.unwrap_or_default()));
    Ok(Score { total: parts.iter().map(|(_, points)| points).sum(), parts })
}

fn points(readings: &Readings) -> [(Part, Option<i64>); 7] {
    let whole = |number: &Option<Number>| number.as_ref().map(Number::whole);
    let oxygen = readings.oxygen;
    let saturation = whole(&readings.saturation);
    let saturation = match readings.scale {
        Scale::One => saturation.map(on_scale_1),
        // Above its range, this scale asks whether oxygen was given; where nobody said, that is what is missing.
        Scale::Two => saturation.map(|value| match value {
            93.. if oxygen == Some(true) => above_scale_2(value),
            _ => on_scale_2(value),
        }),
    };
    [
        (Part::RespiratoryRate, whole(&readings.respiratory_rate).map(breathing)),
        (Part::Saturation, saturation),
        (Part::Oxygen, oxygen.map(|oxygen| if oxygen { 2 } else { 0 })),
        (Part::Systolic, whole(&readings.systolic).map(pressure)),
        (Part::HeartRate, whole(&readings.heart_rate).map(pulse)),
        (
            Part::Consciousness,
            readings.consciousness.map(|it| if it == Consciousness::Alert { 0 } else { 3 }),
        ),
        (Part::Temperature, readings.temperature.as_ref().map(|number| warmth(number.tenths()))),
    ]
}

fn breathing(rate: i64) -> i64 {
    match rate {
        ..=8 => 3,
        9..=11 => 1,
        12..=20 => 0,
        21..=24 => 2,
        25.. => 3,
    }
}

fn on_scale_1(percent: i64) -> i64 {
    match percent {
        ..=91 => 3,
        92 | 93 => 2,
        94 | 95 => 1,
        96.. => 0,
    }
}

fn on_scale_2(percent: i64) -> i64 {
    match percent {
        ..=83 => 3,
        84 | 85 => 2,
        86 | 87 => 1,
        88.. => 0,
    }
}

/// On oxygen, more than 92 % is too much of it.
fn above_scale_2(percent: i64) -> i64 {
    match percent {
        ..=94 => 1,
        95 | 96 => 2,
        97.. => 3,
    }
}

fn pressure(systolic: i64) -> i64 {
    match systolic {
        ..=90 => 3,
        91..=100 => 2,
        101..=110 => 1,
        111..=219 => 0,
        220.. => 3,
    }
}

fn pulse(rate: i64) -> i64 {
    match rate {
        ..=40 => 3,
        41..=50 => 1,
        51..=90 => 0,
        91..=110 => 1,
        111..=130 => 2,
        131.. => 3,
    }
}

fn warmth(tenths: i64) -> i64 {
    match tenths {
        ..=350 => 3,
        351..=360 => 1,
        361..=380 => 0,
        381..=390 => 1,
        391.. => 2,
    }
}

#[cfg(test)]
mod tests;
