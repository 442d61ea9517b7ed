//! Plans of care: what is planned, with how many sessions, how far it is; and how clinicians write them.
//!
//! A session is a Procedure that is based on its plan, so it stands among the procedures of the record and in its summary. How many there
//! are to be is the count of the activity's timing.
//!
//! Source: <https://hl7.org/fhir/R4/careplan.html>

use crate::{
    chart::{Chart, Resource},
    coding,
    entry::{put, version},
    vitals::{
        resource::instant,
        save::{Saved, create, once},
    },
    when::When,
    writing,
};
use access::act::Act;
use jiff::civil::Date;
use record::{Record, error::Error};
use serde_json::{Value, json};

/// What is written for a plan.
pub const TYPES: [&str; 3] = ["CarePlan", "Goal", "Procedure"];

/// The longest text of a field, in characters.
pub const LONGEST: usize = 200;

/// The most sessions of a plan.
pub const MOST: u32 = 100;

/// A plan of care.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Its id.
    pub id: String,
    /// Its version: a deed is about this one.
    pub version: i64,
    /// What it is called.
    pub title: String,
    /// `active`, `completed` …
    pub status: String,
    /// Since when.
    pub since: Option<When>,
    /// What it is to reach.
    pub goals: Vec<String>,
    /// What is planned, each with how far it is.
    pub activities: Vec<(String, String)>,
    /// How many sessions are planned; none where none are counted.
    pub planned: Option<u32>,
    /// How many sessions were completed.
    pub done: u32,
    /// Who wrote it.
    pub by: String,
}

impl Plan {
    /// What a clinician may do with it now.
    pub fn deeds(&self) -> Vec<Deed> {
        let mut deeds = Vec::new();
        match self.status.as_str() {
            "active" => {
                if self.planned.is_some_and(|planned| self.done < planned) {
                    deeds.push(Deed::Session);
                }
                deeds.extend([Deed::Complete, Deed::Stop]);
            }
            "completed" | "revoked" | "on-hold" => deeds.push(Deed::Resume),
            _ => {}
        }
        if self.status == "active" && self.planned.is_some() && self.done > 0 {
            deeds.push(Deed::TakeBack);
        }
        deeds
    }
}

/// What a clinician does with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// One more session took place.
    Session,
    /// The last session that was written down did not.
    TakeBack,
    /// It has come to its end.
    Complete,
    /// It ends before its time.
    Stop,
    /// It goes on.
    Resume,
}

/// All of them, with the word of each.
pub const DEEDS: [(Deed, &str); 5] = [
    (Deed::Session, "session"),
    (Deed::TakeBack, "take-back"),
    (Deed::Complete, "complete"),
    (Deed::Stop, "stop"),
    (Deed::Resume, "resume"),
];

/// The plans of a chart, newest first.
pub fn of(chart: &Chart) -> Vec<Plan> {
    let mut found: Vec<Plan> = chart
        .of_type("CarePlan")
        .filter(|resource| text(&resource.value, "status") != "entered-in-error")
        .map(|resource| plan(chart, resource))
        .collect();
    found.sort_by(|a, b| b.since.cmp(&a.since));
    found
}

fn plan(chart: &Chart, resource: &Resource) -> Plan {
    let value = &resource.value;
    let list = |member: &str| value.get(member).and_then(Value::as_array).into_iter().flatten();
    let activity = |activity: &Value| {
        let detail = activity.get("detail")?;
        let words = coding::of(detail, &["code"]);
        Some((if words.is_empty() { text(detail, "description") } else { words }, text(detail, "status")))
    };
    let counts = list("activity").filter_map(|activity| {
        activity.pointer("/detail/scheduledTiming/repeat/count").and_then(Value::as_u64)
    });
    let counts: Vec<u64> = counts.collect();
    let goal = |goal: &Value| {
        let id = goal.get("reference")?.as_str()?.strip_prefix("Goal/")?;
        let words = coding::of(&chart.get("Goal", id)?.value, &["description"]);
        (!words.is_empty()).then_some(words)
    };
    let title = text(value, "title");
    Plan {
        id: resource.id.clone(),
        version: version(value),
        title: if title.is_empty() { coding::of(value, &["category"]) } else { title },
        status: text(value, "status"),
        since: When::first(value, &["period", "created"]),
        goals: list("goal").filter_map(goal).collect(),
        activities: list("activity").filter_map(activity).collect(),
        planned: (!counts.is_empty()).then(|| {
            u32::try_from(counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count)))
                .unwrap_or(u32::MAX)
        }),
        done: u32::try_from(sessions(chart, &resource.id).count()).unwrap_or(u32::MAX),
        by: chart.called(value.get("author")),
    }
}

/// The sessions of a plan that took place.
fn sessions<'c>(chart: &'c Chart, plan: &str) -> impl Iterator<Item = &'c Resource> {
    let whose = format!("CarePlan/{plan}");
    let is_its = move |resource: &&Resource| {
        let mut based = resource.value.get("basedOn").and_then(Value::as_array).into_iter().flatten();
        based.any(|on| on.get("reference").and_then(Value::as_str) == Some(whose.as_str()))
            && text(&resource.value, "status") == "completed"
    };
    chart.of_type("Procedure").filter(is_its)
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It must not be empty.
    Empty,
    /// It is too long.
    Long,
    /// It is no number from 1 to [`MOST`].
    Count,
}

/// A new plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// What is done.
    pub title: String,
    /// How often.
    pub sessions: u32,
    /// What it is to reach; may be empty.
    pub goal: String,
}

impl New {
    /// Reads a form.
    ///
    /// # Errors
    /// Every fault, with its field.
    pub fn read(get: impl Fn(&str) -> String) -> Result<New, Vec<(&'static str, Fault)>> {
        let mut faults = Vec::new();
        let mut words = |name: &'static str, wanted: bool| {
            let kept = writing::line(&get(name));
            if kept.is_empty() && wanted {
                faults.push((name, Fault::Empty));
            }
            if kept.chars().count() > LONGEST {
                faults.push((name, Fault::Long));
            }
            kept
        };
        let (title, goal) = (words("title", true), words("goal", false));
        let sessions = get("sessions").trim().parse().unwrap_or(0);
        if !(1..=MOST).contains(&sessions) {
            faults.push(("sessions", Fault::Count));
        }
        if faults.is_empty() { Ok(New { title, sessions, goal }) } else { Err(faults) }
    }
}

/// Stores a new plan, once however often the form is sent.
///
/// # Errors
/// As [`Record::commit`].
pub fn store(
    record: &Record,
    act: &Act,
    patient: &str,
    (new, day): (&New, Date),
    key: &str,
) -> Result<Saved, Error> {
    let subject = json!({"reference": format!("Patient/{patient}")});
    let mut made = Vec::new();
    let mut plan = json!({
        "resourceType": "CarePlan", "id": format!("{key}-plan"), "status": "active", "intent": "plan",
        "title": new.title, "subject": subject, "period": {"start": day.to_string()}, "created": instant(act.at),
        "author": writing::clinician(act),
        "activity": [{"detail": {"kind": "ServiceRequest", "code": {"text": new.title}, "status": "in-progress",
            "scheduledTiming": {"repeat": {"count": new.sessions}}}}],
    });
    if !new.goal.is_empty() {
        plan["goal"] = json!([{"reference": format!("Goal/{key}-goal")}]);
        made.push(json!({"resourceType": "Goal", "id": format!("{key}-goal"), "lifecycleStatus": "active",
            "description": {"text": new.goal}, "subject": subject, "startDate": day.to_string(),
            "expressedBy": writing::clinician(act)}));
    }
    made.push(plan);
    once(
        record,
        act,
        patient,
        ("plan", &["CarePlan", "Goal"]),
        &made,
        &["title", "activity", "goal", "description"],
    )
}

/// Does a deed to a plan, as it was when somebody saw it: with so many sessions, in that version. Where it is another one now, nothing is
/// done ([`Saved::Before`]); the same form sent twice is one deed.
///
/// # Errors
/// As [`Record::commit`]; [`Error::NotFound`] where there is no such plan; [`Error::Refused`] for a deed that is not open.
pub fn act_on(
    record: &Record,
    act: &Act,
    patient: &str,
    (id, seen, done): (&str, i64, u32),
    (deed, key): (Deed, &str),
) -> Result<Saved, Error> {
    let chart = Chart::open(record, act, patient, &["CarePlan", "Procedure"], "chart")?;
    let kept = chart.get("CarePlan", id).ok_or(Error::NotFound)?;
    let session = format!("{key}-session");
    if deed == Deed::Session && chart.get("Procedure", &session).is_some() {
        return Ok(Saved::Again);
    }
    let now = plan(&chart, kept);
    if now.version != seen || now.done != done {
        return Ok(Saved::Before);
    }
    if !now.deeds().contains(&deed) {
        record.refuse(act, "plan", "CarePlan")?;
        return Err(Error::Refused);
    }
    let change = match deed {
        Deed::Session => create(&json!({
            "resourceType": "Procedure", "id": session, "status": "completed", "code": {"text": now.title},
            "subject": {"reference": format!("Patient/{patient}")}, "basedOn": [{"reference": format!("CarePlan/{id}")}],
            "performedDateTime": instant(act.at), "performer": [{"actor": writing::clinician(act)}],
        })),
        Deed::TakeBack => {
            let last = sessions(&chart, id).max_by_key(|one| text(&one.value, "performedDateTime"));
            let last = last.ok_or(Error::NotFound)?;
            put(last, with(&last.value, "entered-in-error"))
        }
        Deed::Complete => put(kept, with(&kept.value, "completed")),
        Deed::Stop => put(kept, with(&kept.value, "revoked")),
        Deed::Resume => put(kept, with(&kept.value, "active")),
    };
    match record.commit(act, "plan", &[change]) {
        Ok(_) => Ok(Saved::New),
        Err(Error::Precondition(_)) => Ok(Saved::Before),
        Err(error) => Err(error),
    }
}

fn with(value: &Value, status: &str) -> Value {
    let mut value = value.clone();
    value["status"] = status.into();
    value
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::house::{ENGINES, House};

    fn read(title: &str, sessions: &str, goal: &str) -> Result<New, Vec<(&'static str, Fault)>> {
        New::read(|name| match name {
            "title" => title.to_owned(),
            "sessions" => sessions.to_owned(),
            _ => goal.to_owned(),
        })
    }

    #[test]
    fn what_is_wrong_with_a_plan_is_named() {
        assert!(
            read(" Physio\u{7}therapy ", " 6 ", "")
                .is_ok_and(|new| new.title == "Physiotherapy" && new.sessions == 6)
        );
        assert_eq!(read("", "six", ""), Err(vec![("title", Fault::Empty), ("sessions", Fault::Count)]));
        for count in ["0", "-1", "101", "", "6.5"] {
            assert_eq!(read("x", count, ""), Err(vec![("sessions", Fault::Count)]), "{count}");
        }
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(read(&long, "6", &long), Err(vec![("title", Fault::Long), ("goal", Fault::Long)]));
    }

    fn opened(house: &House, act: &Act) -> Chart {
        Chart::open(&house.record, act, "p", &["CarePlan", "Goal", "Procedure", "Encounter"], "chart")
            .unwrap()
    }

    #[test]
    fn c5_a_therapy_plan_with_six_sessions_shows_two_of_six_and_a_session_can_be_taken_back() {
        for engine in ENGINES {
            let house = House::new(engine);
            let operator = house.operator();
            for made in [
                json!({"resourceType": "Patient", "id": "p"}),
                json!({"resourceType": "Practitioner", "id": "bo"}),
                json!({"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": {"code": "AMB"},
                    "subject": {"reference": "Patient/p"}, "participant": [{"individual": {"reference": "Practitioner/bo"}}]}),
            ] {
                house.record.commit(&operator, "update", &[create(&made)]).unwrap();
            }
            let doctor = house.staff("physician", &["Practitioner/bo"]);
            let physio = read("Physiotherapy of the knee", "6", "Walk to the market").unwrap();
            let day = jiff::civil::date(2026, 11, 23);
            let made = |key| store(&house.record, &doctor, "p", (&physio, day), key).unwrap();
            assert_eq!((made("k"), made("k")), (Saved::New, Saved::Again));
            let plan = || of(&opened(&house, &doctor)).remove(0);
            let deed = |deed, key: &str| {
                let now = plan();
                act_on(&house.record, &doctor, "p", (&now.id, now.version, now.done), (deed, key)).unwrap()
            };
            assert_eq!(
                (plan().goals, plan().planned, plan().done),
                (vec!["Walk to the market".to_owned()], Some(6), 0)
            );
            assert_eq!([deed(Deed::Session, "a"), deed(Deed::Session, "b")], [Saved::New, Saved::New]);
            assert_eq!((plan().done, plan().planned), (2, Some(6)));
            // The same form again is the same session; another who saw the page before is told.
            assert_eq!(deed(Deed::Session, "b"), Saved::Again);
            let stale =
                act_on(&house.record, &doctor, "p", ("k-plan", plan().version, 1), (Deed::Session, "c"));
            assert_eq!(stale.unwrap(), Saved::Before);
            assert_eq!((deed(Deed::TakeBack, "d"), plan().done), (Saved::New, 1));
            assert_eq!(deed(Deed::Complete, "e"), Saved::New);
            assert_eq!((plan().status.as_str(), plan().deeds()), ("completed", vec![Deed::Resume]));
            let now = plan();
            let closed =
                act_on(&house.record, &doctor, "p", ("k-plan", now.version, now.done), (Deed::Session, "f"));
            assert!(matches!(closed, Err(Error::Refused)));
            assert_eq!(deed(Deed::Resume, "g"), Saved::New);
            // C5: the sessions stand in the patient summary.
            let chart =
                Chart::open(&house.record, &doctor, "p", &crate::patient_summary::TYPES, "summary").unwrap();
            assert_eq!(
                crate::procedures::of(&chart).iter().filter(|one| one.what == physio.title).count(),
                1
            );
            // A stranger finds no such plan.
            let stranger = house.staff("physician", &["Practitioner/other"]);
            let unseen = act_on(&house.record, &stranger, "p", ("k-plan", 1, 0), (Deed::Session, "h"));
            assert!(matches!(unseen, Err(Error::NotFound | Error::Refused)));
        }
    }
}
