//! The form of an allergy that a patient writes down or changes.

use super::{Ask, Page, Part, Typed, list, status, stored};
use crate::{
    chart::{
        Drawn, Opened, may_not, page, page_as,
        sheet::{Section, Sheet, escaped},
    },
    failure::{Answer, nowhere, unless_changed},
    signed_in::with_record,
    view::View,
    words::Words,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use care::{
    entry::{self, Deed},
    own::{self, Own, SEVERITIES},
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

fn allergy_form(w: Words, typed: &Typed, (action, version): (String, i64)) -> Part {
    let mut severity = typed.input(w, "severity", true);
    severity.options = [""]
        .into_iter()
        .chain(SEVERITIES)
        .map(|word| {
            (word.to_owned(), w.say(if word.is_empty() { "severity-unknown" } else { word_of(word) }))
        })
        .collect();
    let fields = vec![typed.input(w, "what", false), typed.input(w, "reaction", true), severity];
    let form = Ask { action, choice: "allergy", version, fields, button: w.say("save") };
    Part { form: Some(form), ..Part::default() }
}

fn word_of(severity: &str) -> &'static str {
    match severity {
        "mild" => "severity-mild",
        "moderate" => "severity-moderate",
        _ => "severity-severe",
    }
}

fn drawn_allergy(s: Sheet, opened: &Opened, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    if !opened.chart.may_write(&["AllergyIntolerance"]) {
        return Err(may_not());
    }
    let part = allergy_form(s.w, typed, (s.to("allergies/new"), 0));
    let mut page = Page::new(s, opened, "allergy-new", typed);
    page.parts = vec![part];
    Ok(page.drawn())
}

/// `GET /patient/chart/{patient}/allergies/new`
pub(crate) async fn allergy(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn_allergy(s, opened, &Typed::default())).await
}

/// `POST /patient/chart/{patient}/allergies/new`
pub(crate) async fn take_allergy(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let Some(typed) = stored(&door, &view, (Realm::Patient, &patient, "allergy"), &form).await? else {
        return Ok(list(&patient));
    };
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status(&typed), &door, &view, at, |s, opened| drawn_allergy(s, opened, &typed)).await
}

fn drawn_edit(s: Sheet, opened: &Opened, id: &str, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    let entry = entry::find(&opened.chart, "allergies", id).ok_or_else(nowhere)?;
    if !opened.chart.may_write(&["AllergyIntolerance"]) || !entry.deeds(true).contains(&Deed::Withdraw) {
        return Err(may_not());
    }
    let kept = Typed { fields: own::fields(&opened.chart, id), ..Typed::default() };
    let shown = if typed.fields.is_empty() { &kept } else { typed };
    let action = s.to(&format!("allergies/{}/edit", escaped(id)));
    let part = allergy_form(s.w, shown, (action, entry.version));
    let mut page = Page::new(s, opened, "allergy-edit", typed);
    page.parts = vec![part];
    Ok(page.drawn())
}

/// `GET /patient/chart/{patient}/allergies/{id}/edit`
pub(crate) async fn edit(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn_edit(s, opened, &id, &Typed::default())).await
}

/// `POST /patient/chart/{patient}/allergies/{id}/edit`
pub(crate) async fn take_edit(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let mut typed = Typed { fields: form.fields().to_vec(), ..Typed::default() };
    match Own::read("allergy", |name| form.get(name).to_owned()) {
        Err(faults) => typed.faults = faults,
        Ok(own) => {
            let version = form.get("version").parse().unwrap_or_default();
            let at = (patient.clone(), id.clone());
            let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
                let act = login.act_on_chart(who, &at.0, visit).map_err(crate::failure::of)?;
                unless_changed(own::edit_allergy(record, &act, &at.0, (&at.1, version), &own))
            };
            if with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?.1?.is_some() {
                return Ok(list(&patient));
            }
            typed.error = "entry-stale";
        }
    }
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status(&typed), &door, &view, at, |s, opened| drawn_edit(s, opened, &id, &typed)).await
}
