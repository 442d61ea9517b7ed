//! The form of values that a patient types from a paper, and of one of them changed (D2).

use super::{Ask, Input, Page, Part, Typed, list, status};
use crate::{
    chart::{
        Drawn, Opened, may_not, page, page_as,
        sheet::{Section, Sheet, escaped},
        unopened,
    },
    failure::{Answer, nowhere, unless_changed},
    signed_in::with_record,
    view::View,
    words::Words,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use care::{
    entry::{self, Deed},
    own::paper::{self, Paper, ROWS, TESTS, Test},
    vitals::save::Saved,
    writing::is_key,
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, failure::Failure, form::Form};

/// What a test is called, with its unit.
fn called(w: Words, test: &Test) -> String {
    let name = w.of_code("measured", test.code, test.name);
    if test.unit.is_empty() { name } else { format!("{name} ({})", test.unit) }
}

fn drawn(s: Sheet, opened: &Opened, document: &str, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    if !opened.chart.may_write(&["Observation"]) {
        return Err(may_not());
    }
    let w = s.w;
    let mut fields =
        vec![Input { kind: "date", ..typed.input(w, "day", false) }, typed.input(w, "laboratory", true)];
    for (at, (named, valued)) in ROWS.into_iter().enumerate() {
        let mut test = typed.input(w, named, true);
        test.label = w.with("paper-test", "at", at + 1);
        test.options = std::iter::once((String::new(), w.say("paper-none")))
            .chain(TESTS.iter().map(|test| (test.code.to_owned(), called(w, test))))
            .collect();
        let value = typed.input(w, valued, true);
        fields.extend([test, Input { label: w.with("paper-value", "at", at + 1), ..value }]);
    }
    let action = s.to(&format!("values/new?document={}", escaped(document)));
    let form = Ask { action, choice: "paper", version: 0, fields, button: w.say("save") };
    let mut page = Page::new(s, opened, "paper-new", typed);
    page.parts = vec![Part { form: Some(form), ..Part::default() }];
    Ok(page.drawn())
}

fn document(asked: &HashMap<String, String>) -> String {
    asked.get("document").cloned().unwrap_or_default()
}

/// `GET /patient/chart/{patient}/values/new`
pub(crate) async fn values(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn(s, opened, &document(&asked), &Typed::default())).await
}

/// `POST /patient/chart/{patient}/values/new`
pub(crate) async fn take_values(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
    form: Form,
) -> Result<Response, Answer> {
    let mut typed = Typed { fields: form.fields().to_vec(), ..Typed::default() };
    let (document, key) = (document(&asked), form.get("key").to_owned());
    let get = |name: &str| if name == "document" { document.clone() } else { form.get(name).to_owned() };
    let today = view.words.day(view.guest.visit.now);
    match Paper::read(get, today) {
        Err(faults) => typed.faults = faults,
        Ok(_) if !is_key(&key) => typed.error = "vitals-resend",
        Ok(paper) => {
            let id = patient.clone();
            let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
                let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
                Ok::<_, Failure>(paper::store(record, &act, &id, &paper, &key)?)
            };
            let (_, outcome) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
            match outcome? {
                Saved::New | Saved::Again => return Ok(list(&patient)),
                Saved::Before => typed.error = "own-before",
            }
        }
    }
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status(&typed), &door, &view, at, |s, opened| drawn(s, opened, &document, &typed)).await
}

fn drawn_edit(s: Sheet, opened: &Opened, id: &str, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    let entry = entry::find(&opened.chart, "vitals", id).ok_or_else(nowhere)?;
    let (test, digits) = paper::typed(&opened.chart, id).ok_or_else(nowhere)?;
    if !opened.chart.may_write(&["Observation"]) || !entry.deeds(true).contains(&Deed::Withdraw) {
        return Err(may_not());
    }
    let kept = Typed { fields: vec![("value-1".to_owned(), digits)], ..Typed::default() };
    let shown = if typed.fields.is_empty() { &kept } else { typed };
    let value = Input { label: called(s.w, test), ..shown.input(s.w, "value-1", false) };
    let action = s.to(&format!("values/{}/edit", escaped(id)));
    let form =
        Ask { action, choice: "value", version: entry.version, fields: vec![value], button: s.w.say("save") };
    let mut page = Page::new(s, opened, "paper-edit", typed);
    page.parts = vec![Part { form: Some(form), ..Part::default() }];
    Ok(page.drawn())
}

/// `GET /patient/chart/{patient}/values/{id}/edit`
pub(crate) async fn edit_value(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn_edit(s, opened, &id, &Typed::default())).await
}

/// `POST /patient/chart/{patient}/values/{id}/edit`
pub(crate) async fn take_edited_value(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let mut typed = Typed { fields: form.fields().to_vec(), ..Typed::default() };
    let (of, at, digits) = (patient.clone(), id.clone(), form.get("value-1").to_owned());
    let version = form.get("version").parse().unwrap_or_default();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        unless_changed(paper::edit(record, &act, &of, (&at, version), &digits))
    };
    let (who, outcome) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    match outcome.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))? {
        Some(Ok(())) => return Ok(list(&patient)),
        Some(Err(fault)) => typed.faults = vec![("value-1", fault)],
        None => typed.error = "entry-stale",
    }
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status(&typed), &door, &view, at, |s, opened| drawn_edit(s, opened, &id, &typed)).await
}
