//! Conditions, procedures, allergies' kin: what is wrong, and what was done.

use super::Chart;
use super::visit::At;
use crate::code::Code;
use crate::value::object;
use crate::value::{concept, hl7, named, set, to};
use crate::when::Day;
use serde_json::Value;

/// A condition on the chart.
pub(crate) struct Problem {
    pub(crate) code: &'static Code,
    pub(crate) reference: String,
    pub(crate) ended: Option<Day>,
}

impl Chart<'_> {
    /// Records a diagnosis made at a visit; one with an end is an episode, one without stays on the problem list.
    /// An end after the chart's is not known yet.
    pub(crate) fn diagnose(&mut self, at: At, code: &'static Code, onset: Day, ended: Option<Day>) -> String {
        let onset = onset.max(self.person.born).min(at.day());
        let episode = ended.is_some();
        let ended = ended.filter(|day| *day <= self.end).map(|day| day.max(at.day()));
        let body = self.condition(at, code, onset, ended, episode);
        let reference = self.put(at.house, "Condition", body);
        self.problems.push(Problem { code, reference: reference.clone(), ended });
        let visit = self.at_mut(at);
        visit.diagnoses.push(reference.clone());
        visit.reason.get_or_insert(code);
        reference
    }

    /// Notes that a visit was about a condition that is on the chart already.
    pub(crate) fn review(&mut self, at: At, condition: &str) {
        let code = self.problems.iter().find(|it| it.reference == condition).map(|it| it.code);
        let visit = self.at_mut(at);
        if !visit.diagnoses.iter().any(|known| known == condition) {
            visit.diagnoses.push(condition.to_owned());
        }
        visit.reason = visit.reason.or(code);
    }

    /// A problem with that code.
    pub(crate) fn problem(&self, code: &Code) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.code == code)
    }

    fn condition(&self, at: At, code: &Code, onset: Day, ended: Option<Day>, episode: bool) -> Value {
        let (state, shown) = if ended.is_some() { ("resolved", "Resolved") } else { ("active", "Active") };
        let category = if episode {
            hl7("condition-category", "encounter-diagnosis", "Encounter Diagnosis")
        } else {
            hl7("condition-category", "problem-list-item", "Problem List Item")
        };
        let doctor = self.doctor(at);
        let who = named(&doctor.practitioner, &doctor.display);
        let mut body = object!({
            "clinicalStatus": hl7("condition-clinical", state, shown),
            "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
            "category": [category],
            "code": concept(code),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "onsetDateTime": onset.to_string(),
        });
        set(&mut body, "abatementDateTime", ended.map(|day| Value::from(day.to_string())));
        set(&mut body, "recordedDate", Some(Value::from(at.text())));
        set(&mut body, "recorder", Some(who.clone()));
        set(&mut body, "asserter", Some(who));
        body
    }

    /// Records a procedure that was done at that moment and took so many minutes.
    pub(crate) fn operate(
        &mut self,
        at: At,
        code: &Code,
        minutes: i32,
        site: Option<&Code>,
        because: Option<&str>,
    ) -> String {
        let doctor = self.doctor(at);
        let period = object!({"start": at.text(), "end": at.plus(minutes).text()});
        let mut body = object!({
            "status": "completed",
            "code": concept(code),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "performedPeriod": period,
            "performer": [object!({"actor": named(&doctor.practitioner, &doctor.display)})],
        });
        set(&mut body, "reasonReference", because.map(|condition| Value::from([to(condition)])));
        set(&mut body, "bodySite", site.map(|site| Value::from([concept(site)])));
        self.put(at.house, "Procedure", body)
    }
}
