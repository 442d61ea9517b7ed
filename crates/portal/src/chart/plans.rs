//! Plans of care and procedures: how far a plan is, and for clinicians a new plan, its sessions, and its end (C5).

use super::{
    Drawn, Opened, may_not, page, page_as,
    sheet::{Section, Sheet, escaped},
};
use crate::{
    failure::Answer,
    page::go,
    signed_in::{realm, with_record},
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    plans::{self, DEEDS, Fault, New, Plan, TYPES},
    procedures::Procedure,
    vitals::save::Saved,
    writing::is_key,
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/plans.html")]
struct PlansPage {
    s: Sheet,
    token: String,
    key: String,
    heading: String,
    /// What was not done, and why.
    error: String,
    writes: bool,
    plans: Vec<Shown>,
    procedures: Vec<Procedure>,
}

/// A plan as the page shows it.
struct Shown {
    plan: Plan,
    status: String,
    /// How far it is, in words.
    progress: String,
    activities: String,
    action: String,
    /// What can be done with it: the word of the deed, and what its button says.
    deeds: Vec<(&'static str, String)>,
}

fn drawn(s: Sheet, opened: &Opened, error: &'static str) -> Drawn<PlansPage> {
    let w = s.w;
    let writes = s.realm == Realm::Clinic && opened.chart.may_write(&TYPES);
    let shown = |plan: Plan| {
        let activity =
            |(what, status): &(String, String)| format!("{what} ({})", w.of_code("status", status, status));
        let open = if writes { plan.deeds() } else { Vec::new() };
        let named = DEEDS.iter().filter(|(deed, _)| open.contains(deed));
        Shown {
            status: w.of_code("status", &plan.status, &plan.status),
            progress: match plan.planned {
                Some(planned) => w.values(
                    "plan-progress",
                    &[("done", &plan.done.to_string()), ("planned", &planned.to_string())],
                ),
                None => String::new(),
            },
            activities: plan.activities.iter().map(activity).collect::<Vec<_>>().join("; "),
            action: s.to(&format!("plans/{}", escaped(&plan.id))),
            deeds: named.map(|(_, word)| (*word, w.say(&format!("plan-{word}")))).collect(),
            plan,
        }
    };
    let heading = w.say("section-plans");
    let page = PlansPage {
        token: opened.who.form_token.clone(),
        key: opened.fresh_id.clone(),
        heading: heading.clone(),
        error: if error.is_empty() { String::new() } else { w.say(error) },
        writes,
        plans: plans::of(&opened.chart).into_iter().map(shown).collect(),
        procedures: care::procedures::of(&opened.chart),
        s,
    };
    Drawn { title: heading, page }
}

/// `GET /{realm}/chart/{patient}/plans`
pub(crate) async fn plans(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Plans);
    page(&door, &view, at, |s, opened| Ok(drawn(s, opened, ""))).await
}

/// `POST /clinic/chart/{patient}/plans/{id}`
pub(crate) async fn act_on_plan(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let (of, at, sent) = (patient.clone(), id, form.clone());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        let number = |name: &str| sent.get(name).parse().unwrap_or_default();
        let (seen, key) = (i64::from(number("version")), sent.get("key"));
        let deed = DEEDS.iter().find(|(_, word)| *word == sent.get("choice"));
        let Some((deed, _)) = deed.filter(|_| is_key(key)) else { return Ok(Saved::Before) };
        Ok::<_, Failure>(plans::act_on(record, &act, &of, (&at, seen, number("done")), (*deed, key))?)
    };
    let (_, outcome) = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?;
    if outcome? == Saved::Before {
        let at = (Realm::Clinic, patient.as_str(), Section::Plans);
        return page_as(StatusCode::CONFLICT, &door, &view, at, |s, opened| {
            Ok(drawn(s, opened, "plan-before"))
        })
        .await;
    }
    Ok(go(&format!("/clinic/chart/{patient}/plans"), Vec::new()))
}

#[derive(Template)]
#[template(path = "chart/plan-form.html")]
struct FormPage {
    s: Sheet,
    token: String,
    key: String,
    heading: String,
    error: String,
    fields: Vec<Field>,
}

/// A field, with what stands in it and what is wrong with that.
struct Field {
    name: &'static str,
    label: String,
    value: String,
    error: String,
    is_number: bool,
    is_optional: bool,
}

fn form_page(
    s: Sheet,
    opened: &Opened,
    (form, faults, error): (&Form, &[(&'static str, Fault)], &'static str),
) -> Result<Drawn<FormPage>, Failure> {
    if !opened.chart.may_write(&TYPES) {
        return Err(may_not());
    }
    let w = s.w;
    let field = |name: &'static str| {
        let fault = faults.iter().find(|(field, _)| *field == name).map(|(_, fault)| match fault {
            Fault::Empty => "own-fault-empty",
            Fault::Long => "plan-fault-long",
            Fault::Count => "plan-fault-count",
        });
        Field {
            name,
            label: w.say(&format!("plan-field-{name}")),
            value: form.get(name).to_owned(),
            error: fault.map(|key| w.say(key)).unwrap_or_default(),
            is_number: name == "sessions",
            is_optional: name == "goal",
        }
    };
    let kept = form.get("key");
    let page = FormPage {
        token: opened.who.form_token.clone(),
        key: if is_key(kept) && error.is_empty() { kept.to_owned() } else { opened.fresh_id.clone() },
        heading: w.say("plan-new"),
        error: if error.is_empty() { String::new() } else { w.say(error) },
        fields: ["title", "sessions", "goal"].map(field).into(),
        s,
    };
    Ok(Drawn { title: page.heading.clone(), page })
}

/// `GET /clinic/chart/{patient}/plans/new`
pub(crate) async fn new_plan(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    let at = (Realm::Clinic, patient.as_str(), Section::Plans);
    page(&door, &view, at, |s, opened| form_page(s, opened, (&Form::default(), &[], ""))).await
}

/// `POST /clinic/chart/{patient}/plans/new`
pub(crate) async fn take_plan(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (mut faults, mut error) = (Vec::new(), "");
    match New::read(|name| form.get(name).to_owned()) {
        Err(found) => faults = found,
        Ok(_) if !is_key(form.get("key")) => error = "vitals-resend",
        Ok(new) => {
            let (id, key) = (patient.clone(), form.get("key").to_owned());
            let day = view.words.day(view.guest.visit.now);
            let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
                let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
                Ok::<_, Failure>(plans::store(record, &act, &id, (&new, day), &key)?)
            };
            let (_, outcome) = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?;
            match outcome? {
                Saved::New | Saved::Again => {
                    return Ok(go(&format!("/clinic/chart/{patient}/plans"), Vec::new()));
                }
                Saved::Before => error = "own-before",
            }
        }
    }
    let status = if error.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
    let at = (Realm::Clinic, patient.as_str(), Section::Plans);
    page_as(status, &door, &view, at, |s, opened| form_page(s, opened, (&form, &faults, error))).await
}
