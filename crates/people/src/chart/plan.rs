//! Plans: care plan, goals, the team, flags, and messages to the patient.

use super::Chart;
use super::visit::At;
use crate::code::Code;
use crate::house::staff::Job;
use crate::place::HOSPITALS;
use crate::value::object;
use crate::value::{concept, hl7, named, set, to, words};
use crate::when::Day;
use serde_json::Value;

/// What a goal aims at: a measure, a comparison and a limit.
pub(crate) struct Aim {
    pub(crate) text: &'static str,
    pub(crate) measure: &'static Code,
    /// The high end as a Quantity.
    pub(crate) high: Value,
    /// Code and display of goal-achievement.
    pub(crate) state: (&'static str, &'static str),
}

impl Chart<'_> {
    /// Sets a goal. Returns its reference.
    pub(crate) fn aim(&mut self, at: At, aim: Aim, condition: &str) -> String {
        let doctor = self.doctor(at);
        let body = object!({
            "lifecycleStatus": if self.is_alive() { "active" } else { "cancelled" },
            "achievementStatus": hl7("goal-achievement", aim.state.0, aim.state.1),
            "description": words(aim.text),
            "subject": self.subject(),
            "startDate": at.day().to_string(),
            "target": [object!({"measure": concept(aim.measure), "detailRange": object!({"high": aim.high})})],
            "expressedBy": named(&doctor.practitioner, &doctor.display),
            "addresses": [to(condition)],
        });
        self.put(at.house, "Goal", body)
    }

    /// Forms the team of those who look after a condition. Returns its reference.
    pub(crate) fn team(&mut self, at: At, name: &str, jobs: &[Job], condition: &str) -> String {
        let mut members = vec![object!({"role": [words("Patient")], "member": self.subject()})];
        for job in jobs {
            let staff = self.world.staff(at.house, *job);
            let role = staff.job.specialty().map_or_else(|| words(&format!("{job:?}")), concept);
            let house = to(&self.world.organization(staff.house));
            members.push(object!({
                "role": [role],
                "member": named(&staff.practitioner, &staff.display),
                "onBehalfOf": house,
            }));
        }
        let hospital = &HOSPITALS[at.house];
        let body = object!({
            "status": if self.is_alive() { "active" } else { "inactive" },
            "name": name,
            "subject": self.subject(),
            "period": object!({"start": at.day().to_string()}),
            "participant": members,
            "reasonReference": [to(condition)],
            "managingOrganization": [named(&self.world.organization(at.house), hospital.name)],
        });
        self.put(at.house, "CareTeam", body)
    }

    /// Writes a care plan of these activities for a condition. Returns its reference.
    pub(crate) fn plan(
        &mut self,
        at: At,
        title: &str,
        activities: &[&str],
        goals: &[String],
        team: Option<&str>,
        condition: &str,
    ) -> String {
        let doctor = self.doctor(at);
        let active = self.is_alive();
        let activity: Vec<Value> = activities
            .iter()
            .map(|text| {
                let status = if active { "in-progress" } else { "stopped" };
                object!({"detail": object!({"code": words(text), "status": status, "description": *text})})
            })
            .collect();
        let mut body = object!({
            "status": if active { "active" } else { "revoked" },
            "intent": "plan",
            "category": [object!({"coding": [object!({
                "system": "http://hl7.org/fhir/us/core/CodeSystem/careplan-category",
                "code": "assess-plan",
                "display": "Assessment and Plan of Treatment",
            })]})],
            "title": title,
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "period": object!({"start": at.day().to_string()}),
            "created": at.text(),
            "author": named(&doctor.practitioner, &doctor.display),
        });
        set(&mut body, "careTeam", team.map(|team| Value::from([to(team)])));
        set(&mut body, "addresses", Some(Value::from([to(condition)])));
        let goals: Vec<Value> = goals.iter().map(|goal| to(goal)).collect();
        set(&mut body, "goal", (!goals.is_empty()).then_some(Value::Array(goals)));
        set(&mut body, "activity", Some(Value::Array(activity)));
        self.put(at.house, "CarePlan", body)
    }

    /// Puts a warning on the chart. `category` is a code and display of flag-category.
    pub(crate) fn flag(&mut self, at: At, category: (&str, &str), text: &str) {
        self.flag_until(at, category, text, None);
    }

    /// Puts a warning on the chart that is lifted on that day.
    pub(crate) fn flag_until(&mut self, at: At, category: (&str, &str), text: &str, end: Option<Day>) {
        let end = end.filter(|day| *day <= self.end).map(|day| day.max(at.day()));
        let mut period = object!({"start": at.day().to_string()});
        set(&mut period, "end", end.map(|day| Value::from(day.to_string())));
        let doctor = self.doctor(at);
        let body = object!({
            "status": if self.is_alive() && end.is_none() { "active" } else { "inactive" },
            "category": [hl7("flag-category", category.0, category.1)],
            "code": words(text),
            "subject": self.subject(),
            "period": period,
            "encounter": to(&self.encounter(at)),
            "author": named(&doctor.practitioner, &doctor.display),
        });
        self.put(at.house, "Flag", body);
    }

    /// A message from the house to the patient, `category` a code and display of communication-category.
    pub(crate) fn tell(&mut self, at: At, category: (&str, &str), text: &str) {
        let desk = self.world.staff(at.house, Job::FrontDesk);
        let body = object!({
            "status": "completed",
            "category": [hl7("communication-category", category.0, category.1)],
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "sent": at.plus(60).text(),
            "recipient": [self.subject()],
            "sender": named(&desk.practitioner, &desk.display),
            "payload": [object!({"contentString": text})],
        });
        self.put(at.house, "Communication", body);
    }
}
