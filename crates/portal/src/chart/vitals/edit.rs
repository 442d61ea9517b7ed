//! A measurement that a patient wrote, changed by who wrote it while no clinician has looked at it. The history keeps what stood there.

use super::{
    super::{
        Drawn, Opened, may_not, page, page_as,
        sheet::{Section, Sheet, escaped},
    },
    form::{Page, Typed, fields, hidden, summary, told},
};
use crate::{
    failure::{Answer, nowhere, unless_changed},
    page::go,
    signed_in::with_record,
    view::View,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    entry::{self, Deed},
    own,
    vitals::{flowsheet::about, typed::check},
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

fn drawn(s: Sheet, opened: &Opened, id: &str, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    let entry = entry::find(&opened.chart, "vitals", id).ok_or_else(nowhere)?;
    let measured = own::measured(&opened.chart, id);
    let is_open = entry.deeds(true).contains(&Deed::Withdraw) && !measured.is_empty();
    if !opened.chart.may_write(&["Observation"]) || !is_open {
        return Err(may_not());
    }
    let kept = measured.iter().map(|(measure, digits)| (measure.field().to_owned(), digits.clone()));
    let kept = Typed { fields: kept.collect(), ..Typed::default() };
    let shown = if typed.fields.is_empty() { &kept } else { typed };
    let mut asked = fields(s.w, true, shown);
    asked.retain(|field| measured.iter().any(|(measure, _)| measure.field() == field.name));
    let mut carried = hidden(&about(&opened.chart), String::new());
    carried.push(("version", entry.version.to_string()));
    let page = Page {
        token: opened.who.form_token.clone(),
        heading: s.w.say("vital-edit"),
        action: s.to(&format!("vitals/{}/edit", escaped(id))),
        is_own: true,
        error: if typed.error.is_empty() { String::new() } else { s.w.say(typed.error) },
        faults: summary(s.w, true, typed),
        hidden: carried,
        fields: asked,
        choices: Vec::new(),
        measured: None,
        s,
    };
    Ok(Drawn { title: page.heading.clone(), page })
}

/// `GET /patient/chart/{patient}/vitals/{id}/edit`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn(s, opened, &id, &Typed::default())).await
}

/// `POST /patient/chart/{patient}/vitals/{id}/edit`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let mut typed = Typed { fields: form.fields().to_vec(), ..Typed::default() };
    match check(form.fields(), &told(&form), &view.words.clocks(view.guest.visit.now)) {
        Err(faults) => typed.faults = faults,
        Ok(set) => {
            let (at, about) = ((patient.clone(), id.clone()), told(&form));
            let version = form.get("version").parse().unwrap_or_default();
            let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
                let act = login.act_on_chart(who, &at.0, visit).map_err(crate::failure::of)?;
                unless_changed(own::edit_vital(record, &act, &at.0, (&at.1, version), (&set, &about)))
            };
            if with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?.1?.is_some() {
                return Ok(go(&format!("/patient/chart/{patient}/entries"), Vec::new()));
            }
            typed.error = "entry-stale";
        }
    }
    let status = if typed.error.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status, &door, &view, at, |s, opened| drawn(s, opened, &id, &typed)).await
}
