//! Claims and what the payer made of them: stays everywhere, and in the US every visit.

use super::Chart;
use super::visit::{At, Setting};
use crate::house::network::PAYERS;
use crate::place::{HOSPITALS, SAGUARO};
use crate::value::object;
use crate::value::{concept, hl7, money, named, set, to};
use crate::when::YEAR;
use serde_json::Value;

/// Visits older than this have left the billing system.
const KEPT: i32 = 3 * YEAR;

impl Chart<'_> {
    /// Writes Claim and ExplanationOfBenefit for every visit that somebody pays for.
    pub(super) fn write_bills(&mut self) {
        let Some(coverage) = self.coverage.clone() else { return };
        let oldest = self.world.as_of.plus(-KEPT);
        for at in self.beginnings() {
            let visit = self.at(at);
            let billed = visit.setting.is_stay() || (visit.house == SAGUARO && at.moment.day.0 % 2 == 0);
            // The claim is written when the visit is over, and the payer answers within the same chart.
            if let (true, Some(over)) = (billed && at.day() >= oldest, self.over(at)) {
                self.bill(at, over, &coverage);
            }
        }
    }

    fn bill(&mut self, at: At, over: At, coverage: &str) {
        let price = self.price(at);
        let claim = self.claim(at, over, coverage, price);
        let claim = self.put(at.house, "Claim", claim);
        let answer = self.answer(at, over, coverage, &claim, price);
        self.put(at.house, "ExplanationOfBenefit", answer);
    }

    /// In hundredths of the house's currency.
    fn price(&self, at: At) -> i64 {
        let days = match self.at(at).setting {
            Setting::Ward(nights) | Setting::Maternity(nights) => 10 * i64::from(nights.max(1)),
            Setting::Intensive(nights) => 25 * i64::from(nights.max(1)),
            Setting::Emergency => 4,
            Setting::Clinic | Setting::Video => 1,
        };
        let unit = if at.house == SAGUARO { 14_250 } else { 60_000 };
        days * unit
    }

    /// What Claim and ExplanationOfBenefit have in common, in the order of their elements.
    fn head(&self, at: At, over: At) -> Value {
        let kind = if self.at(at).setting.is_stay() { "institutional" } else { "professional" };
        let shown = if kind == "institutional" { "Institutional" } else { "Professional" };
        let (start, end) = (at.day(), over.day());
        object!({
            "status": "active",
            "type": hl7("claim-type", kind, shown),
            "use": "claim",
            "patient": self.subject(),
            "billablePeriod": object!({"start": start.to_string(), "end": end.to_string()}),
            "created": over.text(),
            "provider": named(&self.world.organization(at.house), HOSPITALS[at.house].name),
        })
    }

    fn claim(&self, at: At, over: At, coverage: &str, price: i64) -> Value {
        let currency = HOSPITALS[at.house].currency;
        let mut body = self.head(at, over);
        set(&mut body, "insurer", Some(self.insurer()));
        set(&mut body, "priority", Some(hl7("processpriority", "normal", "Normal")));
        let diagnosis: Vec<Value> = self
            .at(at)
            .diagnoses
            .iter()
            .enumerate()
            .map(|(number, condition)| object!({"sequence": number + 1, "diagnosisReference": to(condition)}))
            .collect();
        set(&mut body, "diagnosis", (!diagnosis.is_empty()).then_some(Value::Array(diagnosis)));
        let insurance = Value::from([object!({"sequence": 1, "focal": true, "coverage": to(coverage)})]);
        set(&mut body, "insurance", Some(insurance));
        let mut item = self.item(at);
        set(&mut item, "net", Some(money(price, currency)));
        set(&mut item, "encounter", Some(Value::from([to(&self.encounter(at))])));
        set(&mut body, "item", Some(Value::from([item])));
        set(&mut body, "total", Some(money(price, currency)));
        body
    }

    fn answer(&self, at: At, over: At, coverage: &str, claim: &str, price: i64) -> Value {
        let currency = HOSPITALS[at.house].currency;
        let share = price / 5;
        let total = |code: &str, display: &str, amount: i64| {
            let category = hl7("adjudication", code, display);
            object!({"category": category, "amount": money(amount, currency)})
        };
        let mut body = self.head(at, over);
        set(&mut body, "insurer", Some(self.insurer()));
        set(&mut body, "claim", Some(to(claim)));
        set(&mut body, "outcome", Some(Value::from("complete")));
        set(&mut body, "insurance", Some(Value::from([object!({"focal": true, "coverage": to(coverage)})])));
        let mut item = self.item(at);
        let adjudication = [
            total("submitted", "Submitted Amount", price),
            total("benefit", "Benefit Amount", price - share),
        ];
        set(&mut item, "adjudication", Some(Value::from(adjudication)));
        set(&mut body, "item", Some(Value::from([item])));
        let totals = [
            total("submitted", "Submitted Amount", price),
            total("copay", "CoPay", share),
            total("benefit", "Benefit Amount", price - share),
        ];
        set(&mut body, "total", Some(Value::from(totals)));
        set(&mut body, "payment", Some(object!({"amount": money(price - share, currency)})));
        body
    }

    fn item(&self, at: At) -> Value {
        object!({"sequence": 1, "productOrService": concept(self.at(at).kind)})
    }

    /// The payer of this patient.
    pub(crate) fn payer(&self) -> usize {
        let age = self.age(self.end);
        match (self.person.house, self.person.n % 3) {
            (SAGUARO, _) if age >= 65 => 3,
            (SAGUARO, 0) => 4,
            (SAGUARO, _) => 2,
            (_, 0) => 1,
            _ => 0,
        }
    }

    fn insurer(&self) -> Value {
        let payer = self.payer();
        named(&self.world.payer(payer), PAYERS[payer].name)
    }
}
