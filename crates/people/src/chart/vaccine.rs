//! Immunizations: given here, reported from elsewhere, or not given.

use super::Chart;
use super::visit::At;
use crate::code::{Code, other};
use crate::house::staff::Job;
use crate::value::object;
use crate::value::{Unit, concept, hl7, named, quantity, set, to};
use crate::when::Day;
use serde_json::Value;

const ML: Unit = Unit::new("mL", "mL");

impl Chart<'_> {
    /// Gives a dose at a visit; dose 0 is the one at birth, before the series.
    pub(crate) fn vaccinate(&mut self, at: At, vaccine: &Code, dose: i32) -> String {
        let nurse = self.world.staff(at.house, Job::Nurse);
        let mut body = self.immunization(vaccine, "completed", at.plus(12).text());
        set(&mut body, "encounter", Some(to(&self.encounter(at))));
        set(&mut body, "primarySource", Some(Value::from(true)));
        set(&mut body, "location", Some(to(&self.world.location(at.house, 1))));
        let day = at.day();
        set(&mut body, "lotNumber", Some(Value::from(format!("TEST{}-{}", vaccine.code, day.year()))));
        set(&mut body, "expirationDate", Some(Value::from(day.plus(300).to_string())));
        let site = if self.age(day) < 2 { &other::LEFT_THIGH } else { &other::LEFT_ARM };
        set(&mut body, "site", Some(concept(site)));
        set(&mut body, "route", Some(concept(&other::INTO_MUSCLE)));
        set(&mut body, "doseQuantity", Some(quantity(5, 1, ML)));
        let performer = Value::from([object!({
            "function": hl7("v2-0443", "AP", "Administering Provider"),
            "actor": named(&nurse.practitioner, &nurse.display),
        })]);
        set(&mut body, "performer", Some(performer));
        set(&mut body, "protocolApplied", Some(protocol(dose)));
        self.put(at.house, "Immunization", body)
    }

    /// Records a dose that was given somewhere else, as the card or the person says.
    pub(crate) fn was_vaccinated(&mut self, day: Day, vaccine: &Code, dose: i32) {
        let mut body = self.immunization(vaccine, "completed", day.to_string());
        set(&mut body, "primarySource", Some(Value::from(false)));
        set(&mut body, "reportOrigin", Some(hl7("immunization-origin", "record", "Written Record")));
        set(&mut body, "protocolApplied", Some(protocol(dose)));
        self.put(self.person.house, "Immunization", body);
    }

    /// Records that a dose was offered and refused.
    pub(crate) fn refused_vaccine(&mut self, at: At, vaccine: &Code) {
        let mut body = self.immunization(vaccine, "not-done", at.text());
        let why = hl7("v3-ActReason", "PATOBJ", "patient objection");
        set(&mut body, "statusReason", Some(why));
        set(&mut body, "encounter", Some(to(&self.encounter(at))));
        self.put(at.house, "Immunization", body);
    }

    fn immunization(&self, vaccine: &Code, status: &str, when: String) -> Value {
        object!({
            "status": status,
            "vaccineCode": concept(vaccine),
            "patient": self.subject(),
            "occurrenceDateTime": when,
        })
    }
}

fn protocol(dose: i32) -> Value {
    if dose == 0 {
        Value::from([object!({"doseNumberString": "Birth dose"})])
    } else {
        Value::from([object!({"doseNumberPositiveInt": dose})])
    }
}
