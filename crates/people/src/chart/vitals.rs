//! Vital signs of a visit, by the FHIR vital-signs profiles.

use super::Chart;
use super::visit::{At, Setting};
use crate::body::Vitals;
use crate::code::{Code, other};
use crate::dice::Dice;
use crate::value::object;
use crate::value::{Unit, coding, concept, hl7, quantity, to};
use serde_json::Value;

/// The millimetre of mercury.
pub(crate) const MMHG: Unit = Unit::new("mmHg", "mm[Hg]");
const PER_MINUTE: Unit = Unit::new("/min", "/min");
const CELSIUS: Unit = Unit::new("°C", "Cel");
const PERCENT: Unit = Unit::new("%", "%");
const CM: Unit = Unit::new("cm", "cm");
const KG: Unit = Unit::new("kg", "kg");
const BMI_UNIT: Unit = Unit::new("kg/m²", "kg/m2");

/// Mornings of a stay on which signs are charted.
const MORNINGS: i32 = 5;

impl Chart<'_> {
    /// Writes what was measured during the visit.
    pub(super) fn write_vitals(&mut self, at: At, dice: &mut Dice) {
        let visit = self.at(at);
        let (setting, acute) = (visit.setting, visit.acute);
        if setting == Setting::Video {
            return;
        }
        let first = at.plus(5);
        let signs = self.body.vitals(at.day(), acute, dice);
        self.write_measures(first);
        self.write_signs(
            first,
            signs,
            acute.fever > 0 || dice.chance(25),
            acute.breathless > 0 || setting != Setting::Clinic,
        );
        if !setting.is_stay() {
            return;
        }
        for morning in 1..=MORNINGS {
            let Some(later) = self.morning(at, morning) else { break };
            let mut better = acute;
            better.fever = acute.fever * (MORNINGS - morning) / MORNINGS;
            better.breathless = acute.breathless * (MORNINGS - morning) / MORNINGS;
            let signs = self.body.vitals(later.day(), better, dice);
            self.write_signs(later, signs, true, true);
        }
    }

    /// Height, weight, body mass index and, in the first years, the head.
    fn write_measures(&mut self, at: At) {
        let (day, years) = (at.day(), self.age(at.day()));
        let (height, weight) = (self.body.height(day), self.body.weight(day));
        // Scales show 100 g; a baby's scale shows 10 g.
        let (weight, digits) = if years < 2 { (weight, 2) } else { (weight / 10, 1) };
        let value = quantity(i64::from(weight), digits, KG);
        self.write_sign(at, &other::WEIGHT, value);
        let stature = years < 20 || self.is_first(at);
        if stature {
            self.write_sign(at, &other::HEIGHT, quantity(i64::from(height), 1, CM));
        }
        if years < 3 {
            let head = self.body.head(day);
            self.write_sign(at, &other::HEAD, quantity(i64::from(head), 1, CM));
        } else if stature {
            let hundred_grams = if digits == 2 { weight / 10 } else { weight };
            let index = body_mass_index(hundred_grams, height);
            self.write_sign(at, &other::BMI, quantity(index, 1, BMI_UNIT));
        }
    }

    /// Whether no earlier visit of the same year has a height.
    fn is_first(&self, at: At) -> bool {
        let year = at.day().year();
        !self.visits.iter().any(|visit| {
            visit.start.day.year() == year
                && visit.start < self.visits[at.visit].start
                && visit.setting != Setting::Video
        })
    }

    fn write_signs(&mut self, at: At, signs: Vitals, warm: bool, oxygen: bool) {
        if self.age(at.day()) >= 3 {
            self.write_pressure(at, signs);
        }
        self.write_sign(at, &other::HEART_RATE, quantity(i64::from(signs.pulse), 0, PER_MINUTE));
        if warm {
            let value = quantity(i64::from(signs.temperature), 1, CELSIUS);
            self.write_sign(at, &other::TEMPERATURE, value);
            let value = quantity(i64::from(signs.breaths), 0, PER_MINUTE);
            self.write_sign(at, &other::RESPIRATORY_RATE, value);
        }
        if oxygen || signs.oxygen < 95 {
            let mut body =
                self.sign(at, &other::PULSE_OXIMETRY, quantity(i64::from(signs.oxygen), 0, PERCENT));
            body["code"]["coding"] =
                Value::from([coding(&other::PULSE_OXIMETRY), coding(&other::SATURATION)]);
            self.put(at.house, "Observation", body);
        }
    }

    fn write_pressure(&mut self, at: At, signs: Vitals) {
        let part = |code: &Code, value: i32| {
            let value = quantity(i64::from(value), 0, MMHG);
            object!({"code": concept(code), "valueQuantity": value})
        };
        let mut body = self.sign(at, &other::BLOOD_PRESSURE, Value::Null);
        if let Some(members) = body.as_object_mut() {
            members.remove("valueQuantity");
        }
        body["component"] =
            Value::from([part(&other::SYSTOLIC, signs.systolic), part(&other::DIASTOLIC, signs.diastolic)]);
        self.put(at.house, "Observation", body);
    }

    fn write_sign(&mut self, at: At, code: &Code, value: Value) {
        let body = self.sign(at, code, value);
        self.put(at.house, "Observation", body);
    }

    fn sign(&self, at: At, code: &Code, value: Value) -> Value {
        object!({
            "status": "final",
            "category": [hl7("observation-category", "vital-signs", "Vital Signs")],
            "code": concept(code),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "effectiveDateTime": at.text(),
            "valueQuantity": value,
        })
    }
}

/// Tenths of kg/m², from units of 100 g and millimetres, rounded to the nearest.
pub(crate) fn body_mass_index(hundred_grams: i32, millimetres: i32) -> i64 {
    let square = i64::from(millimetres) * i64::from(millimetres);
    (i64::from(hundred_grams) * 1_000_000 + square / 2) / square
}

#[cfg(test)]
mod tests {
    use super::body_mass_index;

    #[test]
    fn the_index_is_weight_over_height_squared() {
        assert_eq!(body_mass_index(700, 1750), 229); // 70.0 kg, 175.0 cm: 22.857
        assert_eq!(body_mass_index(1075, 1600), 420); // 107.5 kg, 160.0 cm: 41.99
    }
}
