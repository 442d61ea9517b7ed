//! Words found in a chart (C9). They are sent in a form and not in an address: an address is kept in places where no word of a record belongs.

use super::{
    Drawn, open,
    sheet::{Section, Sheet, escaped},
    show,
};
use crate::{
    failure::{Answer, of},
    signed_in::{realm, with},
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::search::{self, Found, Hit, LONGEST};
use login::realm::Realm;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/search.html")]
struct Page {
    s: Sheet,
    words: String,
    error: String,
    /// What was found; `None` where nothing was asked yet.
    found: Option<Found>,
}

impl Page {
    /// Where a hit is read.
    fn to(&self, hit: &Hit) -> String {
        let (kind, id) = (hit.event.kind.as_str(), escaped(&hit.event.id));
        let place = match kind {
            "Composition" => format!("notes/{id}"),
            "DocumentReference" => format!("documents/{id}/look"),
            "Observation" if !hit.series.is_empty() => format!("results/{}", escaped(&hit.series)),
            _ => section(kind).to_owned(),
        };
        self.s.to(&place)
    }

    fn is_of_staff(&self) -> bool {
        self.s.realm == Realm::Clinic
    }
}

/// The section in which something of that type stands.
fn section(kind: &str) -> &'static str {
    match kind {
        "MedicationRequest" | "MedicationStatement" => "medicines",
        "Condition" => "problems",
        "Encounter" => "visits",
        "Immunization" => "immunizations",
        "Procedure" | "CarePlan" => "plans",
        "Observation" => "results",
        "RelatedPerson" => "details",
        "AllergyIntolerance" => "summary",
        _ => "timeline",
    }
}

/// `GET /{realm}/chart/{patient}/search`
pub(crate) async fn show_search(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    drawn(&door, &view, (realm(&name)?, &patient), None).await
}

/// `POST /{realm}/chart/{patient}/search`
pub(crate) async fn search(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    with(&door, &view.guest, realm, Some(&form), |_, _, _| Ok(())).await?.1.map_err(of)?;
    drawn(&door, &view, (realm, &patient), Some(form.get("words"))).await
}

async fn drawn(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    question: Option<&str>,
) -> Result<Response, Answer> {
    let asked = question.map(search::asked);
    let is_wrong = asked == Some(None);
    let (s, mut opened) = open(door, view, (realm, patient, Section::Search)).await?;
    let found = match asked.flatten() {
        // A long record takes a while, which others are not to wait for.
        Some(asked) => {
            let chart = std::mem::take(&mut opened.chart);
            let found = spawn_blocking(move || search::find(&chart, &asked)).await;
            Some(found.map_err(|_| Failure::fault("a search in a chart did not end"))?)
        }
        None => None,
    };
    let (status, error) = match is_wrong {
        true => (StatusCode::UNPROCESSABLE_ENTITY, s.w.count("search-none-asked", LONGEST)),
        false => (StatusCode::OK, String::new()),
    };
    let words = question.unwrap_or_default().chars().take(LONGEST).collect();
    let page = Page { words, found, error, s };
    Ok(show(view, realm, &opened, status, &Drawn { title: page.s.w.say("section-search"), page }))
}
