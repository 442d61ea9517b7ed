//! Values of a laboratory that a patient types from a paper. They stand in one line with those that the laboratory sends, and bear the
//! patient's mark until a clinician has looked at them.
//!
//! Codes: <https://loinc.org>. Units: <https://ucum.org>.

use super::{Fault, LONGEST, editable, mine};
use crate::{
    chart::{Chart, Resource},
    coding, entry,
    vitals::{
        number::Number,
        resource::concept,
        save::{Saved, once},
    },
    writing,
};
use access::act::Act;
use jiff::civil::Date;
use record::{Record, error::Error};
use serde_json::{Value, json};

/// Something that is measured in blood or urine, in one unit: another unit is another test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its LOINC code.
    pub code: &'static str,
    /// What LOINC calls it.
    pub display: &'static str,
    /// What papers call it.
    pub name: &'static str,
    /// Its unit, as it is read.
    pub unit: &'static str,
    /// The same in UCUM.
    pub ucum: &'static str,
    /// The least and the most that a living body has, in thousandths: what lies beyond is a slip of the hand, or another unit.
    pub range: (i64, i64),
}

macro_rules! tests {
    ($($code:literal $display:literal $name:literal $unit:literal $ucum:literal $least:literal $most:literal;)*) => {
        /// What can be typed, as papers list it.
        pub const TESTS: &[Test] = &[$(Test {
            code: $code,
            display: $display,
            name: $name,
            unit: $unit,
            ucum: $ucum,
            range: ($least, $most),
        }),*];
    };
}

tests! {
    "718-7"   "Hemoglobin [Mass/volume] in Blood" "Haemoglobin" "g/dL" "g/dL" 1_000 30_000;
    "6690-2"  "Leukocytes [#/volume] in Blood by Automated count" "White cells" "10³/µL" "10*3/uL" 0 900_000;
    "777-3"   "Platelets [#/volume] in Blood by Automated count" "Platelets" "10³/µL" "10*3/uL" 0 3_000_000;
    "4548-4"  "Hemoglobin A1c/Hemoglobin.total in Blood" "HbA1c" "%" "%" 2_000 25_000;
    "59261-8" "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol" "HbA1c" "mmol/mol" "mmol/mol" 1_000 250_000;
    "1558-6"  "Fasting glucose [Mass/volume] in Serum or Plasma" "Fasting sugar" "mg/dL" "mg/dL" 10_000 2_000_000;
    "14771-0" "Fasting glucose [Moles/volume] in Serum or Plasma" "Fasting sugar" "mmol/L" "mmol/L" 500 111_000;
    "2160-0"  "Creatinine [Mass/volume] in Serum or Plasma" "Creatinine" "mg/dL" "mg/dL" 50 40_000;
    "14682-9" "Creatinine [Moles/volume] in Serum or Plasma" "Creatinine" "µmol/L" "umol/L" 5_000 3_500_000;
    "2823-3"  "Potassium [Moles/volume] in Serum or Plasma" "Potassium" "mmol/L" "mmol/L" 1_000 12_000;
    "2951-2"  "Sodium [Moles/volume] in Serum or Plasma" "Sodium" "mmol/L" "mmol/L" 80_000 220_000;
    "2093-3"  "Cholesterol [Mass/volume] in Serum or Plasma" "Total cholesterol" "mg/dL" "mg/dL" 20_000 2_000_000;
    "2085-9"  "Cholesterol in HDL [Mass/volume] in Serum or Plasma" "HDL cholesterol" "mg/dL" "mg/dL" 1_000 300_000;
    "13457-7" "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation" "LDL cholesterol" "mg/dL" "mg/dL" 1_000 1_500_000;
    "2571-8"  "Triglyceride [Mass/volume] in Serum or Plasma" "Triglycerides" "mg/dL" "mg/dL" 5_000 20_000_000;
    "3016-3"  "Thyrotropin [Units/volume] in Serum or Plasma" "TSH" "mIU/L" "m[IU]/L" 0 1_000_000;
    "1742-6"  "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma" "ALT (SGPT)" "U/L" "U/L" 0 50_000_000;
    "1920-8"  "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma" "AST (SGOT)" "U/L" "U/L" 0 50_000_000;
    "3084-1"  "Urate [Mass/volume] in Serum or Plasma" "Uric acid" "mg/dL" "mg/dL" 100 60_000;
    "1988-5"  "C reactive protein [Mass/volume] in Serum or Plasma" "CRP" "mg/L" "mg/L" 0 1_000_000;
    "6301-6"  "INR in Platelet poor plasma by Coagulation assay" "INR" "" "{INR}" 200 30_000;
}

/// The fields of what is typed: five lines are most of what a page of a laboratory has.
pub const ROWS: [(&str, &str); 5] = [
    ("test-1", "value-1"),
    ("test-2", "value-2"),
    ("test-3", "value-3"),
    ("test-4", "value-4"),
    ("test-5", "value-5"),
];

/// The earliest day that somebody types: nobody alive has an older paper.
const OLDEST: i16 = 1900;

/// What a patient types from a paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// The day that stands on it.
    pub day: Date,
    /// Whose laboratory it is; may be empty.
    pub laboratory: String,
    /// The id of the document that shows the paper; empty where it was not added.
    pub document: String,
    /// What was measured, with the digits that stand there.
    pub values: Vec<(&'static Test, Number)>,
}

/// The test of that LOINC code.
pub fn test(code: &str) -> Option<&'static Test> {
    TESTS.iter().find(|test| test.code == code)
}

/// Reads a value of a test.
fn number(test: &Test, typed: &str) -> Result<Number, Fault> {
    let number = Number::read(typed).ok_or(Fault::Number)?;
    let (least, most) = test.range;
    if (least..=most).contains(&number.thousandths) { Ok(number) } else { Err(Fault::Range) }
}

impl Paper {
    /// Reads a form.
    ///
    /// # Errors
    /// Every fault, with its field.
    pub fn read(get: impl Fn(&str) -> String, today: Date) -> Result<Paper, super::Faults> {
        let mut faults = super::Faults::new();
        let laboratory = writing::line(&get("laboratory"));
        if laboratory.chars().count() > LONGEST {
            faults.push(("laboratory", Fault::Long));
        }
        let day = get("day").trim().parse::<Date>().ok();
        let day = day.filter(|day| *day <= today && day.year() >= OLDEST);
        if day.is_none() {
            faults.push(("day", Fault::Day));
        }
        let mut values: Vec<(&'static Test, Number)> = Vec::new();
        for (named, valued) in ROWS {
            let (code, typed) = (get(named), get(valued));
            match (test(&code), typed.trim()) {
                (None, "") if code.is_empty() => {}
                (None, _) => faults.push((named, Fault::Choice)),
                (Some(_), "") => faults.push((valued, Fault::Empty)),
                (Some(test), _) if values.iter().any(|(other, _)| *other == test) => {
                    faults.push((named, Fault::Twice));
                }
                (Some(test), typed) => match number(test, typed) {
                    Ok(number) => values.push((test, number)),
                    Err(fault) => faults.push((valued, fault)),
                },
            }
        }
        if values.is_empty() && faults.is_empty() {
            faults.push((ROWS[0].0, Fault::Empty));
        }
        match day {
            Some(day) if faults.is_empty() => {
                Ok(Paper { day, laboratory, document: get("document"), values })
            }
            _ => Err(faults),
        }
    }

    fn observations(&self, act: &Act, patient: &str, key: &str) -> Vec<Value> {
        let category = "http://terminology.hl7.org/CodeSystem/observation-category";
        let made = |(test, number): &(&'static Test, Number)| {
            let mut made = json!({
                "resourceType": "Observation", "id": format!("{key}-{}", test.code), "status": "preliminary",
                "category": [concept(category, "laboratory", "Laboratory")],
                "code": concept("http://loinc.org", test.code, test.display),
                "subject": {"reference": format!("Patient/{patient}")},
                "effectiveDateTime": self.day.to_string(),
                "performer": writing::authors(act, patient),
                "valueQuantity": quantity(test, number),
                "method": {"text": FROM_PAPER},
            });
            made["code"]["text"] = test.name.into();
            if !self.laboratory.is_empty() {
                made["note"] = json!([{"text": format!("Laboratory: {}", self.laboratory)}]);
            }
            if !self.document.is_empty() {
                made["derivedFrom"] = json!([{"reference": format!("DocumentReference/{}", self.document)}]);
            }
            made
        };
        self.values.iter().map(made).collect()
    }
}

/// How a value that a patient typed came about.
pub const FROM_PAPER: &str = "Typed from a paper by the patient";

fn quantity(test: &Test, number: &Number) -> Value {
    json!({"value": number.json(), "unit": test.unit, "system": "http://unitsofmeasure.org", "code": test.ucum})
}

/// Stores what was typed, once however often the form is sent, as one entry of the log.
///
/// # Errors
/// As [`Record::commit`]; [`Error::Refused`] for whoever is not the patient and does not act for them; [`Error::NotFound`] where the
/// document is none of the patient's.
pub fn store(record: &Record, act: &Act, patient: &str, paper: &Paper, key: &str) -> Result<Saved, Error> {
    mine(record, act, patient, "Observation")?;
    if !paper.document.is_empty() {
        let whose = format!("Patient/{patient}");
        let is_theirs =
            |value: &Value| value.pointer("/subject/reference").and_then(Value::as_str) == Some(&whose);
        record.there(act, "entry", ("DocumentReference", &paper.document), is_theirs)?;
    }
    let made = paper.observations(act, patient, key);
    let members = ["code", "valueQuantity", "effectiveDateTime"];
    once(record, act, patient, ("entry", &["Observation"]), &made, &members)
}

/// What somebody typed, where it was typed from a paper: the test, and the digits.
pub fn typed(chart: &Chart, id: &str) -> Option<(&'static Test, String)> {
    of(chart.get("Observation", id)?)
}

fn of(kept: &Resource) -> Option<(&'static Test, String)> {
    let is_typed = kept.value.pointer("/method/text").and_then(Value::as_str) == Some(FROM_PAPER);
    let test = kept.value.get("code").map(coding::code).and_then(test).filter(|_| is_typed)?;
    Some((test, kept.value.pointer("/valueQuantity/value")?.to_string()))
}

/// Puts another value in place of one that the patient typed and no clinician has looked at. The history keeps what stood there.
///
/// # Errors
/// As [`entry::act_on`]; [`Error::Invalid`] for what is no such value.
pub fn edit(
    record: &Record,
    act: &Act,
    patient: &str,
    (id, version): (&str, i64),
    digits: &str,
) -> Result<Result<(), Fault>, Error> {
    let chart = Chart::open(record, act, patient, &["Observation"], "chart")?;
    let kept = editable(&chart, (record, act, patient), ("vitals", id, version))?;
    let (test, _) = of(kept).ok_or(Error::NotFound)?;
    let number = match number(test, digits) {
        Ok(number) => number,
        Err(fault) => return Ok(Err(if digits.trim().is_empty() { Fault::Empty } else { fault })),
    };
    let mut value = kept.value.clone();
    value["valueQuantity"] = quantity(test, &number);
    record.commit(act, "entry", &[entry::put(kept, value)]).map(|_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn today() -> Date {
        jiff::civil::date(2026, 11, 23)
    }

    fn read(fields: &[(&str, &str)]) -> Result<Paper, super::super::Faults> {
        let get = |name: &str| {
            fields.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value).to_owned()
        };
        Paper::read(get, today())
    }

    #[test]
    fn each_test_has_a_code_of_its_own_and_a_range_that_is_one() {
        let codes: HashSet<&str> = TESTS.iter().map(|test| test.code).collect();
        assert_eq!(codes.len(), TESTS.len());
        assert!(TESTS.iter().all(|test| test.range.0 < test.range.1 && !test.ucum.is_empty()));
        // Two tests of one name are told apart by their units.
        let shown: HashSet<(&str, &str)> = TESTS.iter().map(|test| (test.name, test.unit)).collect();
        assert_eq!(shown.len(), TESTS.len());
    }

    #[test]
    fn d2_a_paper_is_read_line_by_line_and_its_digits_stay() {
        let fields = [
            ("day", "2026-11-20"),
            ("laboratory", " City\u{7} Lab "),
            ("test-1", "4548-4"),
            ("value-1", "7,10"),
            ("test-3", "718-7"),
            ("value-3", "13.5"),
        ];
        let paper = read(&fields).unwrap();
        let values: Vec<_> =
            paper.values.iter().map(|(test, number)| (test.name, number.digits.as_str())).collect();
        assert_eq!(values, [("HbA1c", "7.10"), ("Haemoglobin", "13.5")]);
        assert_eq!((paper.laboratory.as_str(), paper.day.to_string().as_str()), ("City Lab", "2026-11-20"));
    }

    #[test]
    fn what_is_wrong_with_a_paper_is_named_line_by_line() {
        let fault = |fields: &[(&str, &str)]| read(fields).unwrap_err();
        assert_eq!(
            fault(&[("day", "2026-11-24"), ("test-1", "718-7"), ("value-1", "13")]),
            [("day", Fault::Day)]
        );
        for day in ["", "20/11/2026", "1899-01-01", "2026-02-30"] {
            assert_eq!(
                fault(&[("day", day), ("test-1", "718-7"), ("value-1", "13")]),
                [("day", Fault::Day)],
                "{day}"
            );
        }
        let on = ("day", "2026-11-20");
        assert_eq!(fault(&[on]), [("test-1", Fault::Empty)]);
        assert_eq!(fault(&[on, ("test-1", "718-7")]), [("value-1", Fault::Empty)]);
        assert_eq!(fault(&[on, ("value-2", "13")]), [("test-2", Fault::Choice)]);
        assert_eq!(fault(&[on, ("test-2", "x"), ("value-2", "13")]), [("test-2", Fault::Choice)]);
        assert_eq!(fault(&[on, ("test-1", "718-7"), ("value-1", "a lot")]), [("value-1", Fault::Number)]);
        // Grams to the litre, typed as grams to the decilitre.
        assert_eq!(fault(&[on, ("test-1", "718-7"), ("value-1", "135")]), [("value-1", Fault::Range)]);
        let twice = [on, ("test-1", "718-7"), ("value-1", "13"), ("test-2", "718-7"), ("value-2", "14")];
        assert_eq!(fault(&twice), [("test-2", Fault::Twice)]);
    }
}
