//! What is measured at a bedside: codes, units, and what values there can be.
//!
//! Source: <https://hl7.org/fhir/R4/observation-vitalsigns.html>, US Core's vital signs for the second code of oxygen saturation.

use super::number::Number;

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// The upper value of the blood pressure.
    Systolic,
    /// The lower one.
    Diastolic,
    /// The pulse.
    HeartRate,
    /// Breaths a minute.
    RespiratoryRate,
    /// Of the body.
    Temperature,
    /// Of oxygen in the blood, by pulse oximetry.
    Saturation,
    /// Of the body.
    Weight,
    /// Of the body.
    Height,
}

/// How old somebody is, as far as what is usual hangs on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Below one year.
    Infant,
    /// From one to eleven.
    Child,
    /// From twelve on, and where the age is not known.
    #[default]
    Grown,
}

impl Stage {
    /// The stage of somebody of that many years.
    pub fn of(years: Option<i16>) -> Stage {
        match years {
            Some(0) => Stage::Infant,
            Some(1..12) => Stage::Child,
            _ => Stage::Grown,
        }
    }
}

/// The ends of a range, both included, in thousandths.
pub type Ends = (i64, i64);

/// What is usual for adults, and from where on somebody must act; in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lowest that is usual.
    pub low: i64,
    /// The highest that is usual; `None` where there is none.
    pub high: Option<i64>,
    /// At this or below it somebody must act.
    pub critical_low: i64,
    /// At this or above it somebody must act; `None` where there is none.
    pub critical_high: Option<i64>,
}

impl Measure {
    /// All of them, in the order of the form.
    pub const ALL: [Measure; 8] = [
        Measure::Systolic,
        Measure::Diastolic,
        Measure::HeartRate,
        Measure::RespiratoryRate,
        Measure::Temperature,
        Measure::Saturation,
        Measure::Weight,
        Measure::Height,
    ];

    /// The name of its field in the form, and of what is said of it.
    pub fn field(self) -> &'static str {
        match self {
            Measure::Systolic => "systolic",
            Measure::Diastolic => "diastolic",
            Measure::HeartRate => "heart-rate",
            Measure::RespiratoryRate => "respiratory-rate",
            Measure::Temperature => "temperature",
            Measure::Saturation => "saturation",
            Measure::Weight => "weight",
            Measure::Height => "height",
        }
    }

    /// Its LOINC codes, the one that names it first, with what LOINC calls them.
    pub fn codes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Measure::Systolic => &[("8480-6", "Systolic blood pressure")],
            Measure::Diastolic => &[("8462-4", "Diastolic blood pressure")],
            Measure::HeartRate => &[("8867-4", "Heart rate")],
            Measure::RespiratoryRate => &[("9279-1", "Respiratory rate")],
            Measure::Temperature => &[("8310-5", "Body temperature")],
            Measure::Saturation => &[
                ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
                ("2708-6", "Oxygen saturation in Arterial blood"),
            ],
            Measure::Weight => &[("29463-7", "Body weight")],
            Measure::Height => &[("8302-2", "Body height")],
        }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.codes()[0].0
    }

    /// Its unit as UCUM has it, and as people write it.
    pub fn unit(self) -> (&'static str, &'static str) {
        match self {
            Measure::Systolic | Measure::Diastolic => ("mm[Hg]", "mmHg"),
            Measure::HeartRate | Measure::RespiratoryRate => ("/min", "/min"),
            Measure::Temperature => ("Cel", "°C"),
            Measure::Saturation => ("%", "%"),
            Measure::Weight => ("kg", "kg"),
            Measure::Height => ("cm", "cm"),
        }
    }

    /// The FHIR profile that it keeps to.
    pub fn profile(self) -> &'static str {
        match self {
            Measure::Systolic | Measure::Diastolic => "bp",
            Measure::HeartRate => "heartrate",
            Measure::RespiratoryRate => "resprate",
            Measure::Temperature => "bodytemp",
            Measure::Saturation => "oxygensat",
            Measure::Weight => "bodyweight",
            Measure::Height => "bodyheight",
        }
    }

    /// How many digits may stand after the point.
    pub fn decimals(self) -> usize {
        match self {
            Measure::Temperature | Measure::Height => 2,
            Measure::Weight => 3,
            _ => 0,
        }
    }

    /// What a living body can have. Whatever lies outside is a slip of the hand.
    pub fn possible(self) -> Ends {
        match self {
            Measure::Systolic => (20_000, 350_000),
            Measure::Diastolic => (5_000, 250_000),
            Measure::HeartRate => (0, 350_000),
            Measure::RespiratoryRate => (0, 120_000),
            Measure::Temperature => (13_000, 47_000),
            Measure::Saturation => (1_000, 100_000),
            Measure::Weight => (200, 700_000),
            Measure::Height => (15_000, 280_000),
        }
    }

    /// What is met so often that nobody asks twice; whatever lies outside wants a tick.
    pub fn usual(self, stage: Stage) -> Ends {
        use Stage::{Child, Grown, Infant};
        match (self, stage) {
            (Measure::Systolic, Infant) => (50_000, 115_000),
            (Measure::Systolic, Child) => (70_000, 140_000),
            (Measure::Systolic, Grown) => (80_000, 200_000),
            (Measure::Diastolic, Infant) => (25_000, 75_000),
            (Measure::Diastolic, Child) => (35_000, 90_000),
            (Measure::Diastolic, Grown) => (40_000, 120_000),
            (Measure::HeartRate, Infant) => (80_000, 190_000),
            (Measure::HeartRate, Child) => (55_000, 160_000),
            (Measure::HeartRate, Grown) => (40_000, 140_000),
            (Measure::RespiratoryRate, Infant) => (20_000, 60_000),
            (Measure::RespiratoryRate, Child) => (14_000, 40_000),
            (Measure::RespiratoryRate, Grown) => (8_000, 30_000),
            (Measure::Temperature, _) => (35_000, 40_500),
            (Measure::Saturation, _) => (85_000, 100_000),
            (Measure::Weight, Infant) => (1_500, 14_000),
            (Measure::Weight, Child) => (6_000, 80_000),
            (Measure::Weight, Grown) => (30_000, 200_000),
            (Measure::Height, Infant) => (40_000, 90_000),
            (Measure::Height, Child) => (60_000, 170_000),
            (Measure::Height, Grown) => (120_000, 210_000),
        }
    }

    /// What is usual for adults at rest; the ends where somebody must act are those at which NEWS2 gives three points, or common practice.
    /// `on_scale_2`: of a saturation, the range that NEWS2 means for hypercapnic respiratory failure.
    pub fn range(self, on_scale_2: bool) -> Option<Range> {
        let range =
            |low, high, critical_low, critical_high| Some(Range { low, high, critical_low, critical_high });
        match self {
            Measure::Systolic => range(91_000, Some(139_000), 90_000, Some(220_000)),
            Measure::Diastolic => range(60_000, Some(89_000), 40_000, Some(120_000)),
            Measure::HeartRate => range(51_000, Some(100_000), 40_000, Some(131_000)),
            Measure::RespiratoryRate => range(12_000, Some(20_000), 8_000, Some(25_000)),
            Measure::Temperature => range(36_100, Some(38_000), 35_000, Some(40_000)),
            Measure::Saturation if on_scale_2 => range(88_000, None, 83_000, None),
            Measure::Saturation => range(96_000, None, 91_000, None),
            Measure::Weight | Measure::Height => None,
        }
    }
}

impl Range {
    /// The code of where a value lies, as `Observation.interpretation` has it.
    pub fn interpretation(&self, number: &Number) -> &'static str {
        let value = number.thousandths;
        if value <= self.critical_low {
            "LL"
        } else if self.critical_high.is_some_and(|end| value >= end) {
            "HH"
        } else if value < self.low {
            "L"
        } else if self.high.is_some_and(|end| value > end) {
            "H"
        } else {
            "N"
        }
    }
}

/// Thousandths as people read them: `37.5`, `120`.
pub fn plain(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_possible_and_what_is_normal_is_usual() {
        for measure in Measure::ALL {
            let (least, most) = measure.possible();
            for stage in [Stage::Infant, Stage::Child, Stage::Grown] {
                let (low, high) = measure.usual(stage);
                assert!(least <= low && low < high && high <= most, "{measure:?} {stage:?}");
            }
            for on_scale_2 in [false, true] {
                let Some(range) = measure.range(on_scale_2) else { continue };
                let (low, high) = measure.usual(Stage::Grown);
                assert!(
                    low <= range.low && range.high.is_none_or(|end| range.low < end && end <= high),
                    "{measure:?}"
                );
                assert!(range.critical_low < range.low, "{measure:?}");
                assert!(
                    range.critical_high.zip(range.high).is_none_or(|(act, high)| high < act),
                    "{measure:?}"
                );
            }
        }
    }

    #[test]
    fn a_value_is_flagged_at_the_ends_of_its_range() {
        let of = |measure: Measure, text: &str| {
            measure.range(false).unwrap().interpretation(&Number::read(text).unwrap())
        };
        for (text, flag) in
            [("90", "LL"), ("91", "N"), ("139", "N"), ("140", "H"), ("219", "H"), ("220", "HH")]
        {
            assert_eq!(of(Measure::Systolic, text), flag, "{text}");
        }
        for (text, flag) in
            [("35.0", "LL"), ("35.1", "L"), ("36.1", "N"), ("38.0", "N"), ("38.1", "H"), ("40", "HH")]
        {
            assert_eq!(of(Measure::Temperature, text), flag, "{text}");
        }
        let on_scale_2 = Measure::Saturation.range(true).unwrap();
        assert_eq!(on_scale_2.interpretation(&Number::read("90").unwrap()), "N");
        assert_eq!(of(Measure::Saturation, "90"), "LL");
        assert_eq!([plain(37_500), plain(120_000), plain(0)], ["37.5", "120", "0"]);
    }
}
