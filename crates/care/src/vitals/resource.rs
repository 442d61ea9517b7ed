//! A set of vital signs as FHIR has it: an Observation for each, in the vital signs profiles.
//!
//! Source: <https://hl7.org/fhir/R4/observation-vitalsigns.html>

use super::{
    measure::{Measure, plain},
    news2::{self, Part, Scale, Score},
    number::Number,
    typed::{About, Set},
};
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

/// The LOINC code of a blood pressure.
pub const PRESSURE: &str = "85354-9";
/// That of the body mass index.
pub const BMI: &str = "39156-5";
/// That of how awake somebody is.
pub const CONSCIOUSNESS: &str = "67775-7";
/// That of whether somebody is pregnant.
pub const PREGNANCY: &str = "82810-3";
/// The SNOMED CT code of whether somebody is on oxygen.
pub const OXYGEN: &str = "371825009";
/// That of the whole NEWS2.
pub const NEWS2: &str = "1104051000000101";

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";
const PROFILES: &str = "http://hl7.org/fhir/StructureDefinition";
const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";

/// Below this age a height of another day says nothing of today's.
const GROWN: i16 = 18;

/// Who stores a set, and about whom.
#[derive(Clone, Debug)]
pub struct By<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Who answers for the values: References.
    pub performers: Vec<Value>,
    /// Whether the patient wrote it down, or somebody for them: then it is preliminary until a clinician accepts it.
    pub is_own: bool,
    /// What the ids of the set begin with: the same form sent twice is the same set.
    pub key: &'a str,
}

/// The Observations of a set; the id of each follows from the key and what it is.
pub fn observations(set: &Set, about: &About, by: &By<'_>) -> Vec<Value> {
    let make = Maker { set, about, by };
    let mut made: Vec<Value> = make.pressure().into_iter().collect();
    for (measure, number) in &set.values {
        if !matches!(measure, Measure::Systolic | Measure::Diastolic) {
            made.push(make.single(*measure, number));
        }
    }
    made.extend(make.bmi());
    if !by.is_own {
        made.extend(make.oxygen());
        made.extend(make.consciousness());
        made.extend(make.pregnancy());
        made.extend(make.news2());
    }
    made
}

/// When something happened, as FHIR writes it: to the second.
pub fn instant(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// As [`instant`], on the clock of the place, with how far that is from UTC.
pub fn local(at: &Zoned) -> String {
    match at.offset().is_zero() {
        true => instant(at.timestamp()),
        false => at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    }
}

/// A quantity whose digits are those that were typed.
pub fn quantity(number: &Number, measure: Measure) -> Value {
    let (code, unit) = measure.unit();
    json!({"value": number.json(), "unit": unit, "system": UCUM, "code": code})
}

/// A concept of one code.
pub fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}]})
}

struct Maker<'a> {
    set: &'a Set,
    about: &'a About,
    by: &'a By<'a>,
}

impl Maker<'_> {
    fn id(&self, code: &str) -> String {
        format!("{}-{code}", self.by.key)
    }

    /// What all of them have.
    fn base(&self, code: &str, profile: &str, category: &str, named: Value) -> Value {
        let mut made = json!({
            "resourceType": "Observation",
            "id": self.id(code),
            "status": if self.by.is_own { "preliminary" } else { "final" },
            "category": [concept("http://terminology.hl7.org/CodeSystem/observation-category", category, match category {
                "vital-signs" => "Vital Signs",
                _ => "Survey",
            })],
            "code": named,
            "subject": {"reference": format!("Patient/{}", self.by.patient)},
            "effectiveDateTime": local(&self.set.at),
            "performer": self.by.performers,
        });
        if !profile.is_empty() {
            made["meta"] = json!({"profile": [format!("{PROFILES}/{profile}")]});
        }
        made
    }

    fn of(&self, measure: Measure) -> Value {
        let coding: Vec<Value> = measure
            .codes()
            .iter()
            .map(|(code, display)| json!({"system": LOINC, "code": code, "display": display}))
            .collect();
        json!({"coding": coding})
    }

    fn single(&self, measure: Measure, number: &Number) -> Value {
        let mut made = self.base(measure.code(), measure.profile(), "vital-signs", self.of(measure));
        made["valueQuantity"] = quantity(number, measure);
        if let Some((flag, range)) = self.judged(measure, number) {
            made["interpretation"] = json!([interpretation(flag)]);
            made["referenceRange"] = json!([range]);
        }
        made
    }

    /// Where a value of an adult lies. What is usual for children hangs on more than is known here, so nothing is said of theirs.
    fn judged(&self, measure: Measure, number: &Number) -> Option<(&'static str, Value)> {
        self.about.years(self.set.at.date()).filter(|years| *years >= 16)?;
        let range = measure.range(measure == Measure::Saturation && self.set.scale == Scale::Two)?;
        let end = |value: i64| {
            Number::read(&plain(value)).map(|number| quantity(&number, measure)).unwrap_or_default()
        };
        let mut told = json!({"low": end(range.low)});
        if let Some(high) = range.high {
            told["high"] = end(high);
        }
        Some((range.interpretation(number), told))
    }

    fn pressure(&self) -> Option<Value> {
        let upper = self.set.get(Measure::Systolic)?;
        let lower = self.set.get(Measure::Diastolic);
        let named = concept(LOINC, PRESSURE, "Blood pressure panel with all children optional");
        let mut made = self.base(PRESSURE, "bp", "vital-signs", named);
        let part = |measure: Measure, number: Option<&Number>| {
            let mut part = json!({"code": self.of(measure)});
            match number {
                Some(number) => part["valueQuantity"] = quantity(number, measure),
                None => {
                    let system = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
                    part["dataAbsentReason"] = concept(system, "not-performed", "Not Performed");
                }
            }
            if let Some((flag, range)) = number.and_then(|number| self.judged(measure, number)) {
                part["interpretation"] = json!([interpretation(flag)]);
                part["referenceRange"] = json!([range]);
            }
            part
        };
        made["component"] = json!([part(Measure::Systolic, Some(upper)), part(Measure::Diastolic, lower)]);
        let flags = [(Measure::Systolic, Some(upper)), (Measure::Diastolic, lower)];
        let flags = flags.into_iter().filter_map(|(measure, number)| Some(self.judged(measure, number?)?.0));
        // The worse of the two speaks for both.
        if let Some(worst) =
            flags.max_by_key(|flag| ["N", "L", "H", "LL", "HH"].iter().position(|it| it == flag))
        {
            made["interpretation"] = json!([interpretation(worst)]);
        }
        Some(made)
    }

    fn bmi(&self) -> Option<Value> {
        let weight = self.set.get(Measure::Weight)?;
        let known = self.about.height.as_ref().filter(|_| {
            // A child's height of another day says nothing of today's.
            self.about.years(self.set.at.date()).is_none_or(|years| years >= GROWN)
        });
        let (height, id) = match self.set.get(Measure::Height) {
            Some(height) => (height, self.id(Measure::Height.code())),
            None => known.map(|known| (&known.number, known.id.clone()))?,
        };
        let digits = bmi(weight, height)?;
        let mut made =
            self.base(BMI, "bmi", "vital-signs", concept(LOINC, BMI, "Body mass index (BMI) [Ratio]"));
        let value = Number::read(&digits)?.json();
        made["valueQuantity"] = json!({"value": value, "unit": "kg/m²", "system": UCUM, "code": "kg/m2"});
        made["derivedFrom"] = json!([refers(&self.id(Measure::Weight.code())), refers(&id)]);
        Some(made)
    }

    fn oxygen(&self) -> Option<Value> {
        let is_given = self.set.oxygen?;
        let mut named = concept(SNOMED, OXYGEN, "Patient on oxygen");
        named["text"] = "Air or oxygen".into();
        let mut made = self.base("oxygen", "", "vital-signs", named);
        made["valueCodeableConcept"] = match is_given {
            true => {
                json!({"coding": [{"system": SNOMED, "code": "373066001", "display": "Yes"}], "text": "oxygen"})
            }
            false => {
                json!({"coding": [{"system": SNOMED, "code": "373067005", "display": "No"}], "text": "air"})
            }
        };
        Some(made)
    }

    fn consciousness(&self) -> Option<Value> {
        let (code, display) = self.set.consciousness?.code();
        let named = concept(LOINC, CONSCIOUSNESS, "Level of responsiveness");
        let mut made = self.base(CONSCIOUSNESS, "", "vital-signs", named);
        made["valueCodeableConcept"] = concept(SNOMED, code, display);
        Some(made)
    }

    fn pregnancy(&self) -> Option<Value> {
        let (code, display) = match self.set.is_pregnant? {
            true => ("LA15173-0", "Pregnant"),
            false => ("LA26683-5", "Not pregnant"),
        };
        let mut made = self.base(PREGNANCY, "", "survey", concept(LOINC, PREGNANCY, "Pregnancy status"));
        made["valueCodeableConcept"] = concept(LOINC, code, display);
        Some(made)
    }

    fn news2(&self) -> Option<Value> {
        let score = news2::score(&self.set.readings(), self.set.whom(self.about)).ok()?;
        let mut named = concept(
            SNOMED,
            NEWS2,
            "Royal College of Physicians NEWS2 (National Early Warning Score 2) total score",
        );
        named["text"] = "NEWS2".into();
        let mut made = self.base("news2", "", "survey", named);
        made["valueQuantity"] =
            json!({"value": score.total, "unit": "points", "system": UCUM, "code": "{score}"});
        made["interpretation"] = json!([interpretation(score.band().interpretation())]);
        made["method"] = json!({"text": match self.set.scale {
            Scale::One => "NEWS2, SpO2 scale 1",
            Scale::Two => "NEWS2, SpO2 scale 2",
        }});
        made["derivedFrom"] = score.parts.iter().map(|(part, _)| refers(&self.id(id_of(*part)))).collect();
        made["component"] = components(&score);
        Some(made)
    }
}

fn components(score: &Score) -> Value {
    let part = |(part, points): &(Part, i64)| json!({"code": {"text": format!("NEWS2 points: {}", part.word())}, "valueInteger": points});
    score.parts.iter().map(part).collect()
}

/// What the id of that part's Observation ends with.
fn id_of(part: Part) -> &'static str {
    match part {
        Part::RespiratoryRate => Measure::RespiratoryRate.code(),
        Part::Saturation => Measure::Saturation.code(),
        Part::Oxygen => "oxygen",
        Part::Systolic => PRESSURE,
        Part::HeartRate => Measure::HeartRate.code(),
        Part::Consciousness => CONSCIOUSNESS,
        Part::Temperature => Measure::Temperature.code(),
    }
}

fn refers(id: &str) -> Value {
    json!({"reference": format!("Observation/{id}")})
}

fn interpretation(code: &str) -> Value {
    let display = match code {
        "L" => "Low",
        "H" => "High",
        "LL" => "Critical low",
        "HH" => "Critical high",
        "A" => "Abnormal",
        _ => "Normal",
    };
    concept(INTERPRETATION, code, display)
}

/// The body mass index to one digit after the point; `None` where no body has it, so that a slip is not made worse.
fn bmi(weight: &Number, height: &Number) -> Option<String> {
    let (kilograms, centimetres) = (weight.thousandths as f64 / 1e3, height.thousandths as f64 / 1e3);
    let bmi = kilograms / (centimetres / 100.0).powi(2);
    (5.0..150.0).contains(&bmi).then(|| format!("{bmi:.1}"))
}

#[cfg(test)]
mod tests;
