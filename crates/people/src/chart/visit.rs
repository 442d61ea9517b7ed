//! Encounters: found a free day for, filled by the courses, written when the chart closes.

use super::Chart;
use crate::body::Acute;
use crate::code::{Code, other};
use crate::house::staff::{Job, Staff};
use crate::place::HOSPITALS;
use crate::value::object;
use crate::value::{concept, hl7, named, set, to};
use crate::when::{Day, Moment};
use serde_json::Value;

/// Where a visit happens, and for how many nights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Clinic,
    Video,
    Emergency,
    Ward(i32),
    Maternity(i32),
    Intensive(i32),
}

impl Setting {
    fn nights(self) -> i32 {
        match self {
            Setting::Ward(nights) | Setting::Maternity(nights) | Setting::Intensive(nights) => nights,
            _ => 0,
        }
    }

    /// Whether the patient is admitted.
    pub(crate) fn is_stay(self) -> bool {
        matches!(self, Setting::Ward(_) | Setting::Maternity(_) | Setting::Intensive(_))
    }

    /// Code and display of v3-ActCode.
    fn class(self) -> (&'static str, &'static str) {
        match self {
            Setting::Clinic => ("AMB", "ambulatory"),
            Setting::Video => ("VR", "virtual"),
            Setting::Emergency => ("EMER", "emergency"),
            _ => ("IMP", "inpatient encounter"),
        }
    }

    /// The position in the houses' list of places.
    fn place(self) -> usize {
        match self {
            Setting::Clinic | Setting::Video => 1,
            Setting::Emergency => 2,
            Setting::Ward(_) => 3,
            Setting::Maternity(_) => 4,
            Setting::Intensive(_) => 5,
        }
    }
}

/// One encounter in the making.
pub(crate) struct Visit<'w> {
    pub(super) id: String,
    pub(crate) house: usize,
    pub(crate) doctor: &'w Staff,
    pub(crate) setting: Setting,
    pub(crate) start: Moment,
    /// None while the patient is still on the ward.
    pub(crate) end: Option<Moment>,
    pub(crate) kind: &'static Code,
    pub(crate) reason: Option<&'static Code>,
    pub(crate) diagnoses: Vec<String>,
    pub(crate) acute: Acute,
    /// Code and display of discharge-disposition.
    pub(crate) leaves: (&'static str, &'static str),
}

/// A moment within a visit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) visit: usize,
    pub(crate) moment: Moment,
    pub(crate) house: usize,
}

impl At {
    /// So many minutes later in the visit.
    pub(crate) fn plus(self, minutes: i32) -> At {
        At { moment: self.moment.plus(minutes), ..self }
    }

    /// The day.
    pub(crate) fn day(self) -> Day {
        self.moment.day
    }

    /// As a dateTime.
    pub(crate) fn text(self) -> String {
        self.moment.text(HOSPITALS[self.house].offset)
    }
}

const CLASSES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// Days a visit may be moved to find a free one.
const SLACK: i32 = 12;

impl<'w> Chart<'w> {
    /// A visit on `day` or the first free day soon after, or none: the person is not on the register yet, or not
    /// alive any more, or it has not come to that.
    pub(crate) fn visit(&mut self, day: Day, setting: Setting, job: Job, kind: &'static Code) -> Option<At> {
        let open = (0..SLACK).map(|later| day.plus(later)).find(|day| self.is_free(*day, setting))?;
        Some(self.admit(open, setting, job, kind))
    }

    /// A visit on exactly that day, or none.
    pub(crate) fn visit_on(
        &mut self,
        day: Day,
        setting: Setting,
        job: Job,
        kind: &'static Code,
    ) -> Option<At> {
        self.is_free(day, setting).then(|| self.admit(day, setting, job, kind))
    }

    /// A clinic visit near `day`: one that is there already for the same specialty, or a new one.
    pub(crate) fn follow_up(&mut self, day: Day, job: Job, kind: &'static Code) -> Option<At> {
        let near = self.visits.iter().position(|visit| {
            visit.setting == Setting::Clinic
                && visit.doctor.job == job
                && visit.start.day.days_to(day).abs() <= 24
        });
        match near {
            Some(at) => {
                let visit = &self.visits[at];
                Some(At { visit: at, moment: visit.start, house: visit.house })
            }
            None => self.visit(day, Setting::Clinic, job, kind),
        }
    }

    /// The same stay, `days` later in the morning; none once it is over.
    pub(crate) fn morning(&self, at: At, days: i32) -> Option<At> {
        let moment = at.moment.day.plus(days).at(7 * 60 + 30);
        let visit = &self.visits[at.visit];
        let over = visit.end.is_some_and(|end| moment > end) || moment.day > self.end;
        (!over).then_some(At { moment, ..at })
    }

    /// Who treats the patient at this visit.
    pub(crate) fn doctor(&self, at: At) -> &'w Staff {
        self.visits[at.visit].doctor
    }

    /// The reference of the encounter.
    pub(crate) fn encounter(&self, at: At) -> String {
        format!("Encounter/{}", self.visits[at.visit].id)
    }

    /// Says how ill the patient is at this visit, for the vital signs.
    pub(crate) fn presents(&mut self, at: At, reason: &'static Code, acute: Acute) {
        let visit = &mut self.visits[at.visit];
        visit.reason = Some(reason);
        visit.acute = acute;
    }

    /// Says how the stay ends: code and display of discharge-disposition.
    pub(crate) fn leaves(&mut self, at: At, code: &'static str, display: &'static str) {
        self.visits[at.visit].leaves = (code, display);
    }

    /// Moves the beginning and the end of a visit.
    pub(crate) fn retime(&mut self, at: At, start: Moment, end: Option<Moment>) -> At {
        let visit = &mut self.visits[at.visit];
        (visit.start, visit.end) = (start, end);
        At { moment: start, ..at }
    }

    /// When the visit is over.
    pub(crate) fn over(&self, at: At) -> Option<At> {
        self.visits[at.visit].end.map(|moment| At { moment, ..at })
    }

    /// The visits so far, as moments of their beginning, oldest first.
    pub(crate) fn beginnings(&self) -> Vec<At> {
        let mut all: Vec<At> = self
            .visits
            .iter()
            .enumerate()
            .map(|(visit, it)| At { visit, moment: it.start, house: it.house })
            .collect();
        all.sort_by_key(|at| at.moment);
        all
    }

    /// The visit behind a moment.
    pub(crate) fn at(&self, at: At) -> &Visit<'w> {
        &self.visits[at.visit]
    }

    /// Mutable access, for the note of a diagnosis.
    pub(super) fn at_mut(&mut self, at: At) -> &mut Visit<'w> {
        &mut self.visits[at.visit]
    }

    fn is_free(&self, day: Day, setting: Setting) -> bool {
        let last = day.plus(setting.nights());
        let still_in = setting.is_stay() && self.is_alive() && day < self.end;
        let open = setting != Setting::Clinic || !day.is_sunday();
        let known = day >= self.person.since && day <= self.end && (last <= self.end || still_in);
        known && open && self.taken.range(day..=last).next().is_none()
    }

    fn admit(&mut self, day: Day, setting: Setting, job: Job, kind: &'static Code) -> At {
        let mut dice = self.dice(kind.code);
        let turn = (day.0.rem_euclid(997)) as usize;
        let start = match setting {
            Setting::Clinic | Setting::Video => day.at(9 * 60 + (turn % 28) as i32 * 15),
            _ => day.at(8 * 60 + dice.range(0, 500) + (turn % 60) as i32),
        };
        let last = day.plus(setting.nights());
        let end = match setting {
            Setting::Clinic | Setting::Video => Some(start.plus(20)),
            Setting::Emergency => Some(start.plus(200)),
            _ => (last <= self.end).then(|| last.at(if last == day { 23 * 60 } else { 11 * 60 })),
        };
        let mut taken = day;
        while taken <= last {
            self.taken.insert(taken);
            taken = taken.plus(1);
        }
        let doctor = self.world.staff(self.person.house, job);
        let id = self.fresh();
        self.visits.push(Visit {
            id,
            house: doctor.house,
            doctor,
            setting,
            start,
            end,
            kind,
            reason: None,
            diagnoses: Vec::new(),
            acute: Acute::default(),
            leaves: ("home", "Home"),
        });
        At { visit: self.visits.len() - 1, moment: start, house: doctor.house }
    }

    /// Writes every encounter, oldest first, with its vital signs.
    pub(super) fn write_visits(&mut self) {
        let mut dice = self.dice("vitals");
        for at in self.beginnings() {
            let body = self.encounter_body(at);
            let id = self.at(at).id.clone();
            self.put_under(at.house, "Encounter", &id, body);
            self.write_vitals(at, &mut dice);
        }
    }

    fn encounter_body(&self, at: At) -> Value {
        let visit = self.at(at);
        let offset = Self::offset(visit.house);
        let (class, class_shown) = visit.setting.class();
        let mut period = object!({"start": visit.start.text(offset)});
        set(&mut period, "end", visit.end.map(|end| Value::from(end.text(offset))));
        let hospital = &HOSPITALS[visit.house];
        let mut body = object!({
            "status": if visit.end.is_some() { "finished" } else { "in-progress" },
            "class": object!({"system": CLASSES, "code": class, "display": class_shown}),
            "type": [concept(visit.kind)],
            "subject": self.subject(),
            "participant": [object!({
                "type": [hl7("v3-ParticipationType", "ATND", "attender")],
                "period": period.clone(),
                "individual": named(&visit.doctor.practitioner, &visit.doctor.display),
            })],
            "period": period,
        });
        let reason = visit.reason.map(|reason| Value::from([concept(reason)]));
        set(&mut body, "reasonCode", reason);
        let kept: Vec<Value> = visit.diagnoses.iter().map(|it| diagnosis(it)).collect();
        set(&mut body, "diagnosis", (!kept.is_empty()).then_some(Value::Array(kept)));
        if visit.setting.is_stay() {
            set(&mut body, "hospitalization", Some(hospitalization(visit)));
        }
        let place = self.world.location(visit.house, visit.setting.place());
        set(&mut body, "location", Some(Value::from([object!({"location": to(&place)})])));
        let house = self.world.organization(visit.house);
        set(&mut body, "serviceProvider", Some(named(&house, hospital.name)));
        body
    }
}

fn diagnosis(condition: &str) -> Value {
    object!({"condition": to(condition), "use": hl7("diagnosis-role", "DD", "Discharge diagnosis")})
}

fn hospitalization(visit: &Visit) -> Value {
    let (source, shown) = match visit.setting {
        _ if visit.kind == &other::BIRTH => ("born", "Born in hospital"),
        Setting::Maternity(_) => ("outp", "From outpatient department"),
        _ => ("emd", "From accident/emergency department"),
    };
    let mut body = object!({"admitSource": hl7("admit-source", source, shown)});
    let left = visit.end.map(|_| hl7("discharge-disposition", visit.leaves.0, visit.leaves.1));
    set(&mut body, "dischargeDisposition", left);
    body
}
