//! General details: whom to call, the blood group, height and weight. A clinic reads the page, the patient writes it.

use super::{Ask, Line, Page, Part, Typed, status, stored};
use crate::{
    chart::{
        Drawn, Opened, page, page_as,
        sheet::{Section, Sheet, escaped},
    },
    failure::Answer,
    page::go,
    signed_in::{realm, with_record},
    view::View,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use care::{
    entry::BLOOD_GROUP,
    own::{self, BLOOD_GROUPS},
    results,
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{Record, error::Error};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

fn contacts(s: &Sheet, opened: &Opened, typed: &Typed) -> Part {
    let may = s.realm == Realm::Patient && opened.chart.may_write(&["RelatedPerson"]);
    let line = |contact: own::Contact| Line {
        name: contact.name,
        text: [contact.relation, contact.phone]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        remove: may.then_some((contact.id, contact.version)),
        ..Line::default()
    };
    let fields = || {
        vec![
            typed.input(s.w, "name", false),
            typed.input(s.w, "relation", true),
            typed.input(s.w, "phone", false),
        ]
    };
    let form = || Ask {
        action: s.to("details"),
        choice: "contact",
        version: 0,
        fields: fields(),
        button: s.w.say("contact-add"),
    };
    Part {
        heading: s.w.say("contacts"),
        none: s.w.say("contacts-none"),
        lines: own::contacts(&opened.chart).into_iter().map(line).collect(),
        form: may.then(form),
    }
}

fn blood(s: &Sheet, opened: &Opened, typed: &Typed) -> Part {
    let may = s.realm == Realm::Patient && opened.chart.may_write(&["Observation"]);
    let mut choice = typed.input(s.w, "blood-group", false);
    choice.options = [(String::new(), s.w.say("not-recorded"))]
        .into_iter()
        .chain(BLOOD_GROUPS.iter().map(|(word, _, _)| ((*word).to_owned(), word.to_uppercase())))
        .collect();
    let form = Ask {
        action: s.to("details"),
        choice: "blood-group",
        version: 0,
        fields: vec![choice],
        button: s.w.say("save"),
    };
    Part {
        heading: s.w.say("measured-882-1"),
        none: s.w.say("not-recorded"),
        lines: newest(s, opened, &[BLOOD_GROUP]),
        form: may.then_some(form),
    }
}

/// The newest value of each of these.
fn newest(s: &Sheet, opened: &Opened, codes: &[&str]) -> Vec<Line> {
    let all = results::of(&opened.chart);
    let line = |code: &&str| {
        let series = all.iter().find(|series| series.key == **code)?;
        let point = series.newest()?;
        let mut tags = Vec::new();
        if point.is_patients {
            tags.push(s.w.say("by-patient"));
            if *code == BLOOD_GROUP {
                tags.push(s.w.say("not-lab-verified"));
            }
        }
        Some(Line {
            to: s.to(&format!("entries/vitals/{}", escaped(&point.id))),
            name: s.name(series),
            text: format!("{} · {}", point.text, s.w.date_or(&point.when)),
            tags,
            remove: None,
        })
    };
    codes.iter().filter_map(line).collect()
}

fn drawn_details(s: Sheet, opened: &Opened, typed: &Typed) -> Drawn<Page> {
    let body = Part {
        heading: s.w.say("body"),
        none: s.w.say("not-recorded"),
        lines: newest(&s, opened, &["8302-2", "29463-7", "39156-5"]),
        form: None,
    };
    let parts = vec![contacts(&s, opened, typed), blood(&s, opened, typed), body];
    let may = opened.chart.may_write(&["Observation"]);
    let links = may.then(|| (s.to("vitals/new"), s.w.say("vitals-new"))).into_iter().collect();
    let mut page = Page::new(s, opened, "section-details", typed);
    (page.parts, page.links) = (parts, links);
    page.drawn()
}

/// `GET /{realm}/chart/{patient}/details`
pub(crate) async fn details(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Details);
    page(&door, &view, at, |s, opened| Ok(drawn_details(s, opened, &Typed::default()))).await
}

/// `POST /{realm}/chart/{patient}/details`: the patient writes; whoever else tries is refused below, and that is signed.
pub(crate) async fn take_details(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let wrong = match form.get("choice") {
        "remove" => removed(&door, &view, (realm, &patient), &form).await?,
        "blood-group" => stored(&door, &view, (realm, &patient, "blood-group"), &form).await?,
        _ => stored(&door, &view, (realm, &patient, "contact"), &form).await?,
    };
    let Some(typed) = wrong else {
        return Ok(go(&format!("/{name}/chart/{patient}/details"), Vec::new()));
    };
    let at = (realm, patient.as_str(), Section::Details);
    page_as(status(&typed), &door, &view, at, |s, opened| Ok(drawn_details(s, opened, &typed))).await
}

async fn removed(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    form: &Form,
) -> Result<Option<Typed>, Answer> {
    let (of, id) = (patient.to_owned(), form.get("about").to_owned());
    let version = form.get("version").parse().unwrap_or_default();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        match own::remove_contact(record, &act, &of, (&id, version)) {
            Ok(()) => Ok(None),
            Err(Error::Precondition(_)) => Ok(Some(Typed { error: "entry-stale", ..Typed::default() })),
            Err(error) => Err(Failure::from(error)),
        }
    };
    Ok(with_record(door, &view.guest, realm, Some(form), work).await?.1?)
}
