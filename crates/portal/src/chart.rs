//! A patient's chart, for the patient, for who acts for them, and for the clinic: one set of pages over one look.
//!
//! The patient is in the address and never in the session: two tabs hold two patients.

mod document;
mod draw;
mod entry;
mod lists;
mod own;
mod results;
mod sheet;
mod summary;
mod timeline;
mod viewers;
mod vitals;

pub(crate) use document::document;
pub(crate) use entry::{act_on as act_on_entry, show as entry};
pub(crate) use lists::{documents, immunizations, medicines, plans, problems, visits};
pub(crate) use own::{
    allergy, details, edit as edit_allergy, entries, take_allergy, take_details,
    take_edit as take_edited_allergy,
};
pub(crate) use results::{results, series};
pub(crate) use summary::{home, summary};
pub(crate) use timeline::timeline;
pub(crate) use viewers::{oversight, oversight_list, viewers, viewers_list};
pub(crate) use vitals::edit::{show as edit_vital, take as take_edited_vital};
pub(crate) use vitals::{flowsheet::show as vitals, form::show as vitals_form, form::take as take_vitals};

use crate::{
    failure::Answer,
    page::go,
    signed_in::with_record,
    view::{Frame, View},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use care::{banner::Banner, chart::Chart};
use fhir::outcome::IssueCode;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use sheet::{Section, Sheet};
use web::{door::Door, failure::Failure};

/// What a page of a chart is drawn from.
struct Opened {
    chart: Chart,
    who: Who,
    today: Date,
    now: Timestamp,
    /// Types that the reader may also write.
    may: Vec<&'static str>,
}

/// Types that pages of a chart write.
const WRITTEN: [&str; 3] = ["Observation", "AllergyIntolerance", "RelatedPerson"];

/// A page, with the title of its window.
struct Drawn<T> {
    title: String,
    page: T,
}

/// Opens the chart with the types of its section, and shows the page that is drawn from it.
async fn page<T: Template>(
    door: &Door,
    view: &View,
    at: (Realm, &str, Section),
    draw: impl FnOnce(Sheet, &Opened) -> Result<Drawn<T>, Failure>,
) -> Result<Response, Answer> {
    page_as(StatusCode::OK, door, view, at, draw).await
}

/// As [`page`], in answer to something that was not done as it was asked.
async fn page_as<T: Template>(
    status: StatusCode,
    door: &Door,
    view: &View,
    (realm, patient, section): (Realm, &str, Section),
    draw: impl FnOnce(Sheet, &Opened) -> Result<Drawn<T>, Failure>,
) -> Result<Response, Answer> {
    let (id, types) = (patient.to_owned(), section.types());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        let may = WRITTEN.into_iter().filter(|kind| care::writing::may(&act, kind)).collect();
        Ok::<(Chart, Vec<_>), Failure>((Chart::open(record, &act, &id, types, "chart")?, may))
    };
    let (who, chart) = with_record(door, &view.guest, realm, None, work).await?;
    let (chart, may) = match chart {
        Ok(opened) => opened,
        Err(failure) if failure.status == StatusCode::NOT_FOUND && realm == Realm::Clinic => {
            return Ok(closed(view, &who));
        }
        // Whoever has no chart yet is led to where one asks for it.
        Err(failure) if failure.status == StatusCode::FORBIDDEN && realm == Realm::Patient => {
            return Ok(go("/patient/sharing", Vec::new()));
        }
        Err(failure) => return Err(failure.into()),
    };
    let now = view.guest.visit.now;
    let today = now.to_zoned(TimeZone::UTC).date();
    let banner = Banner::of(&chart, today);
    let sheet = Sheet::new(view.words, realm, section, banner, &chart);
    let opened = Opened { chart, who, today, now, may };
    let drawn = draw(sheet, &opened)?;
    let frame = Frame { view, realm: Some(realm), who: Some(&opened.who), is_wide: realm == Realm::Clinic };
    Ok(frame.show(status, &drawn.title, &drawn.page))
}

/// What somebody is told whose role does not let them write that.
fn may_not() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, "your role does not allow this")
}

/// A chart that does not open looks like one that is not there; either way somebody may ask for it.
#[derive(Template)]
#[template(path = "chart/closed.html")]
struct Closed {
    w: crate::words::Words,
}

fn closed(view: &View, who: &Who) -> Response {
    let frame = Frame { view, realm: Some(Realm::Clinic), who: Some(who), is_wide: false };
    frame.show(StatusCode::NOT_FOUND, &view.words.say("closed"), &Closed { w: view.words })
}
