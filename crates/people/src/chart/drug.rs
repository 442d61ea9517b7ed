//! Medicines: ordered, handed over, taken.

use super::Chart;
use super::visit::At;
use crate::code::condition;
use crate::code::drug::{self, Drug, Form};
use crate::house::staff::Job;
use crate::place;
use crate::value::object;
use crate::value::{concept, days, hl7, named, set, to};
use serde_json::Value;

/// An order in the making. Amounts are whole units of the drug's form.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    drug: &'static Drug,
    amount: i32,
    times: i32,
    /// Every so many of this UCUM unit of time.
    period: (i32, &'static str),
    /// An event-timing code, such as `HS`.
    when: Option<&'static str>,
    as_needed: bool,
    for_days: Option<i32>,
    because: Option<&'a str>,
}

impl<'a> Order<'a> {
    /// So much, so many times a day, from now on.
    pub(crate) fn daily(drug: &'static Drug, amount: i32, times: i32) -> Order<'a> {
        Order {
            drug,
            amount,
            times,
            period: (1, "d"),
            when: None,
            as_needed: false,
            for_days: None,
            because: None,
        }
    }

    /// Only for so many days.
    pub(crate) fn days(self, days: i32) -> Order<'a> {
        Order { for_days: Some(days), ..self }
    }

    /// For so many days, or from now on.
    pub(crate) fn until(self, days: Option<i32>) -> Order<'a> {
        Order { for_days: days, ..self }
    }

    /// The condition it is for.
    pub(crate) fn because(self, condition: &'a str) -> Order<'a> {
        Order { because: Some(condition), ..self }
    }

    /// When in the day: a FHIR event-timing code.
    pub(crate) fn when(self, code: &'static str) -> Order<'a> {
        Order { when: Some(code), ..self }
    }

    /// Only when needed.
    pub(crate) fn as_needed(self) -> Order<'a> {
        Order { as_needed: true, ..self }
    }

    /// The sentence a patient reads.
    fn sentence(&self) -> String {
        let (unit, ..) = self.drug.form.unit();
        let many = matches!(self.drug.form, Form::Tablet | Form::Capsule | Form::Puff) && self.amount > 1;
        let unit = if many { format!("{unit}s") } else { unit.to_owned() };
        let times = match self.times {
            1 => "once a day".to_owned(),
            2 => "twice a day".to_owned(),
            more => format!("{more} times a day"),
        };
        let when = match self.when {
            Some("HS") => ", at bedtime",
            Some("PC") => ", after meals",
            Some("AC") => ", before meals",
            Some("MORN") => ", in the morning",
            _ => "",
        };
        let needed = if self.as_needed { ", when needed" } else { "" };
        let length = self.for_days.map(|days| format!(", for {days} days")).unwrap_or_default();
        format!("{} {unit} {times}{when}{needed}{length}", self.amount)
    }

    fn dosage(&self) -> Value {
        let (unit, code, system) = self.drug.form.unit();
        let mut repeat =
            object!({"frequency": self.times, "period": self.period.0, "periodUnit": self.period.1});
        set(&mut repeat, "when", self.when.map(|code| Value::from([code])));
        set(&mut repeat, "boundsDuration", self.for_days.map(days));
        let dose = object!({"value": self.amount, "unit": unit, "system": system, "code": code});
        object!({
            "sequence": 1,
            "text": self.sentence(),
            "timing": object!({"repeat": repeat}),
            "asNeededBoolean": self.as_needed,
            "route": concept(self.drug.route),
            "doseAndRate": [object!({
                "type": hl7("dose-rate-type", "ordered", "Ordered"),
                "doseQuantity": dose,
            })],
        })
    }
}

impl Chart<'_> {
    /// Orders a medicine at a visit and, from a clinic, hands it over. Returns the MedicationRequest.
    pub(crate) fn prescribe(&mut self, at: At, order: Order) -> String {
        let order = self.without_allergy(order);
        let stop = order.for_days.map(|days| at.day().plus(days)).filter(|day| *day <= self.end);
        let status = match stop {
            Some(_) => "completed",
            None if self.is_alive() => "active",
            None => "stopped",
        };
        let doctor = self.doctor(at);
        let (key, medicine) = self.medicine(at.house, order.drug);
        let (setting, shown) = if self.at(at).setting.is_stay() {
            ("inpatient", "Inpatient")
        } else {
            ("outpatient", "Outpatient")
        };
        let mut body = object!({
            "status": status,
            "intent": "order",
            "category": [hl7("medicationrequest-category", setting, shown)],
            key: medicine,
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "authoredOn": at.plus(15).text(),
            "requester": named(&doctor.practitioner, &doctor.display),
        });
        set(&mut body, "reasonReference", order.because.map(|condition| Value::from([to(condition)])));
        set(&mut body, "dosageInstruction", Some(Value::from([order.dosage()])));
        let dispense = object!({
            "numberOfRepeatsAllowed": if order.for_days.is_none() { 5 } else { 0 },
            "expectedSupplyDuration": days(order.for_days.unwrap_or(30).min(30)),
        });
        set(&mut body, "dispenseRequest", Some(dispense));
        let request = self.put(at.house, "MedicationRequest", body);
        if !self.at(at).setting.is_stay() {
            self.hand_over(at, &order, &request, status);
        }
        request
    }

    /// The order itself, or another medicine where the person is allergic to this one.
    fn without_allergy<'a>(&self, order: Order<'a>) -> Order<'a> {
        let penicillin = self.allergies.contains(&&condition::PENICILLIN_ALLERGY);
        let aspirin = self.allergies.contains(&&condition::ASPIRIN_ALLERGY);
        let code = &order.drug.code;
        if penicillin && *code == drug::AMOXICILLIN.code {
            Order { drug: &drug::AZITHROMYCIN, amount: 2, times: 1, ..order }
        } else if penicillin && *code == drug::AMOXICILLIN_LIQUID.code {
            Order { drug: &drug::AZITHROMYCIN_LIQUID, amount: order.amount / 2, times: 1, ..order }
        } else if aspirin && *code == drug::IBUPROFEN.code {
            Order { drug: &drug::PARACETAMOL, ..order }
        } else {
            order
        }
    }

    fn hand_over(&mut self, at: At, order: &Order, request: &str, status: &str) {
        let at = at.plus(55);
        let pharmacist = self.world.staff(at.house, Job::Pharmacist);
        let (key, medicine) = self.medicine(at.house, order.drug);
        let supply = order.for_days.unwrap_or(30).min(30);
        let (unit, code, system) = order.drug.form.unit();
        let amount = order.amount * order.times * supply;
        let body = object!({
            "status": if status == "active" && order.for_days.is_some() { "in-progress" } else { "completed" },
            key: medicine,
            "subject": self.subject(),
            "context": to(&self.encounter(at)),
            "performer": [object!({"actor": named(&pharmacist.practitioner, &pharmacist.display)})],
            "authorizingPrescription": [to(request)],
            "quantity": object!({"value": amount, "unit": unit, "system": system, "code": code}),
            "daysSupply": days(supply),
            "whenPrepared": at.plus(-10).text(),
            "whenHandedOver": at.text(),
            "dosageInstruction": [object!({"text": order.sentence()})],
        });
        self.put(at.house, "MedicationDispense", body);
    }

    /// Records what the patient says they take, without an order of ours.
    pub(crate) fn takes(&mut self, at: At, order: Order, by_patient: bool) -> String {
        let order = self.without_allergy(order);
        let mut body = object!({
            "status": if self.is_alive() { "active" } else { "completed" },
            "category": hl7("medication-statement-category", "patientspecified", "Patient Specified"),
            "medicationCodeableConcept": concept(&order.drug.code),
            "subject": self.subject(),
            "context": to(&self.encounter(at)),
            "effectivePeriod": object!({"start": at.day().plus(-20).max(self.person.born).to_string()}),
            "dateAsserted": at.text(),
        });
        if by_patient {
            set(&mut body, "informationSource", Some(self.subject()));
        }
        set(&mut body, "dosage", Some(Value::from([order.dosage()])));
        self.put(at.house, "MedicationStatement", body)
    }

    /// The district hospital refers to its formulary; the others write the code.
    fn medicine(&self, house: usize, drug: &Drug) -> (&'static str, Value) {
        let listed = (house == place::DISTRICT).then(|| self.world.medication(drug)).flatten();
        match listed {
            Some(reference) => ("medicationReference", named(&reference, drug.code.display)),
            None => ("medicationCodeableConcept", concept(&drug.code)),
        }
    }
}
