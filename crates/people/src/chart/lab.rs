//! Laboratory work: the order, the specimen, the results and the report that groups them.

use super::Chart;
use super::visit::At;
use crate::code::lab::{self, Finding, Panel, Test};
use crate::code::{Code, other};
use crate::dice::Dice;
use crate::house::staff::Job;
use crate::value::object;
use crate::value::{coding, concept, hl7, named, quantity, set, to};
use serde_json::Value;

/// Values that are not left to chance: the test, and the value in the test's digits.
pub(crate) type Known<'a> = &'a [(&'static Test, i32)];

/// Order, specimen and the moment of the result, shared by all results of one report.
struct Drawn {
    order: String,
    specimen: String,
    result: At,
}

impl Chart<'_> {
    /// Orders and reports a panel: `known` values as given, the others as in health. Returns the report.
    pub(crate) fn panel(&mut self, at: At, panel: &Panel, dice: &mut Dice, known: Known) -> String {
        let drawn = self.draw(at, &panel.code, panel.specimen);
        let values = self.values(panel, dice, known);
        let results: Vec<Value> = panel
            .tests
            .iter()
            .zip(&values)
            .map(|(test, value)| {
                let body = self.result(&drawn, at, test, *value);
                to(&self.put(at.house, "Observation", body))
            })
            .collect();
        self.report(at, &panel.code, &drawn, results, None)
    }

    /// Orders and reports a test that is found or not.
    pub(crate) fn finding(&mut self, at: At, finding: &Finding, answer: &Code) -> String {
        let drawn = self.draw(at, &finding.code, finding.specimen);
        let found = *answer == other::DETECTED || *answer == other::POSITIVE;
        let flag = if found { ("POS", "Positive") } else { ("NEG", "Negative") };
        let mut body = self.observation(&drawn, at, &finding.code);
        set(&mut body, "valueCodeableConcept", Some(concept(answer)));
        set(&mut body, "interpretation", Some(Value::from([interpretation(flag)])));
        set(&mut body, "specimen", Some(to(&drawn.specimen)));
        let result = to(&self.put(at.house, "Observation", body));
        self.report(at, &finding.code, &drawn, vec![result], Some(answer.display))
    }

    fn draw(&mut self, at: At, code: &Code, specimen: &Code) -> Drawn {
        let doctor = self.doctor(at);
        let who = named(&doctor.practitioner, &doctor.display);
        let order = object!({
            "status": "completed",
            "intent": "order",
            "category": [concept(&LABORATORY)],
            "code": concept(code),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "authoredOn": at.plus(10).text(),
            "requester": who,
        });
        let order = self.put(at.house, "ServiceRequest", order);
        let taken = at.plus(18);
        let technician = &self.world.staff(at.house, Job::LabTechnician).practitioner;
        let body = object!({
            "status": "available",
            "type": concept(specimen),
            "subject": self.subject(),
            "receivedTime": taken.plus(15).text(),
            "request": [to(&order)],
            "collection": object!({"collector": to(technician), "collectedDateTime": taken.text()}),
        });
        let specimen = self.put(at.house, "Specimen", body);
        Drawn { order, specimen, result: taken.plus(95) }
    }

    fn report(
        &mut self,
        at: At,
        code: &Code,
        drawn: &Drawn,
        results: Vec<Value>,
        words: Option<&str>,
    ) -> String {
        let performer = self.laboratory(at);
        let mut body = object!({
            "basedOn": [to(&drawn.order)],
            "status": "final",
            "category": [hl7("v2-0074", "LAB", "Laboratory")],
            "code": concept(code),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "effectiveDateTime": at.plus(18).text(),
            "issued": drawn.result.text(),
            "performer": [performer],
            "specimen": [to(&drawn.specimen)],
            "result": results,
        });
        set(&mut body, "conclusion", words.map(Value::from));
        self.put(at.house, "DiagnosticReport", body)
    }

    fn laboratory(&self, at: At) -> Value {
        let hospital = &crate::place::HOSPITALS[at.house];
        named(&self.world.organization(at.house), hospital.name)
    }

    fn result(&self, drawn: &Drawn, at: At, test: &Test, value: i32) -> Value {
        let (low, high) = self.limits(test);
        let mut body = self.observation(drawn, at, &test.code);
        set(&mut body, "valueQuantity", Some(quantity(i64::from(value), test.digits, test.unit)));
        let flag = match (low, high) {
            (Some(low), _) if value < low => ("L", "Low"),
            (_, Some(high)) if value > high => ("H", "High"),
            _ => ("N", "Normal"),
        };
        set(&mut body, "interpretation", Some(Value::from([interpretation(flag)])));
        set(&mut body, "specimen", Some(to(&drawn.specimen)));
        let mut range = object!({});
        let limit = |value: i32| quantity(i64::from(value), test.digits, test.unit);
        set(&mut range, "low", low.map(limit));
        set(&mut range, "high", high.map(limit));
        set(&mut body, "referenceRange", Some(Value::from([range])));
        body
    }

    fn observation(&self, drawn: &Drawn, at: At, code: &Code) -> Value {
        object!({
            "basedOn": [to(&drawn.order)],
            "status": "final",
            "category": [hl7("observation-category", "laboratory", "Laboratory")],
            "code": concept(code),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "effectiveDateTime": at.plus(18).text(),
            "issued": drawn.result.text(),
            "performer": [self.laboratory(at)],
        })
    }

    /// The reference range, which for haemoglobin depends on sex and age.
    fn limits(&self, test: &Test) -> (Option<i32>, Option<i32>) {
        if test.code != lab::HEMOGLOBIN.code {
            return (test.low, test.high);
        }
        match (self.age(self.end) < 14, self.person.female) {
            (true, _) => (Some(110), Some(145)),
            (false, true) => (Some(120), Some(155)),
            (false, false) => (Some(132), Some(172)),
        }
    }

    /// One value for each test of the panel; those that follow from others are calculated.
    fn values(&self, panel: &Panel, dice: &mut Dice, known: Known) -> Vec<i32> {
        let mut values: Vec<i32> = panel
            .tests
            .iter()
            .map(|test| {
                let given = known.iter().find(|(it, _)| it.code == test.code).map(|(_, value)| *value);
                given.unwrap_or_else(|| self.healthy(test, dice))
            })
            .collect();
        if panel.code == lab::BLOOD_COUNT.code {
            // haematocrit is about three times haemoglobin, and red cells × volume make the haematocrit
            let (hemoglobin, volume) = (values[0], values[5]);
            values[1] = hemoglobin * 3 + dice.around(0, 6);
            values[3] = values[1] * 1000 / volume;
        }
        if panel.code == lab::LIPID.code {
            values[3] = values[0] - values[2] - values[1] / 5; // Friedewald
        }
        values
    }

    fn healthy(&self, test: &Test, dice: &mut Dice) -> i32 {
        let (low, high) = match self.limits(test) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low * 3 / 2),
            (None, Some(high)) => (high / 2, high),
            (None, None) => (1, 9),
        };
        let room = (high - low) / 8;
        dice.range(low + room, high - room)
    }
}

const LABORATORY: Code = crate::code::snomed("108252007", "Laboratory procedure");

fn interpretation((code, display): (&str, &str)) -> Value {
    hl7("v3-ObservationInterpretation", code, display)
}

impl Chart<'_> {
    /// An observation with a concept as its answer, outside the laboratory: social history, survey, exam.
    pub(crate) fn note(&mut self, at: At, category: (&str, &str), code: &Code, answer: Value) -> String {
        let doctor = self.doctor(at);
        let mut body = object!({
            "status": "final",
            "category": [hl7("observation-category", category.0, category.1)],
            "code": object!({"coding": [coding(code)], "text": code.display}),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "effectiveDateTime": at.text(),
            "performer": [named(&doctor.practitioner, &doctor.display)],
        });
        if let (Some(members), Value::Object(value)) = (body.as_object_mut(), answer) {
            members.extend(value);
        }
        self.put(at.house, "Observation", body)
    }
}
