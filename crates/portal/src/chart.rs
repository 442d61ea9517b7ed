//! A patient's chart, for the patient, for who acts for them, and for the clinic: one set of pages over one look.
//!
//! The patient is in the address and never in the session: two tabs hold two patients.

mod document;
mod draw;
mod lists;
mod results;
mod share;
mod sheet;
mod summary;
mod timeline;
mod upload;
mod viewers;

pub(crate) use document::document;
pub(crate) use lists::{documents, immunizations, medicines, plans, problems, visits};
pub(crate) use results::{results, series};
pub(crate) use share::{share, show_share, stop_share};
pub(crate) use summary::{home, summary};
pub(crate) use timeline::timeline;
pub(crate) use upload::{show_upload, upload};
pub(crate) use viewers::{oversight, oversight_list, viewers, viewers_list};

use crate::{
    failure::Answer,
    page::go,
    signed_in::with_record,
    view::{Frame, View},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use care::{banner::Banner, chart::Chart};
use jiff::{civil::Date, tz::TimeZone};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use sheet::{Section, Sheet};
use web::{door::Door, failure::Failure};

/// What a page of a chart is drawn from.
struct Opened {
    chart: Chart,
    who: Who,
    today: Date,
}

impl Opened {
    fn new(view: &View, who: Who, chart: Chart) -> Opened {
        Opened { chart, who, today: view.guest.visit.now.to_zoned(TimeZone::UTC).date() }
    }

    fn sheet(&self, view: &View, realm: Realm, section: Section) -> Sheet {
        Sheet::new(view.words, realm, section, Banner::of(&self.chart, self.today), &self.chart)
    }
}

fn frame<'a>(view: &'a View, realm: Realm, opened: &'a Opened) -> Frame<'a> {
    Frame { view, realm: Some(realm), who: Some(&opened.who), is_wide: realm == Realm::Clinic }
}

/// A page, with the title of its window.
struct Drawn<T> {
    title: String,
    page: T,
}

/// Opens the chart with the types of its section, and shows the page that is drawn from it.
async fn page<T: Template>(
    door: &Door,
    view: &View,
    (realm, patient, section): (Realm, &str, Section),
    draw: impl FnOnce(Sheet, &Opened) -> Result<Drawn<T>, Failure>,
) -> Result<Response, Answer> {
    let (id, types) = (patient.to_owned(), section.types());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| -> Result<Chart, Failure> {
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        Ok(Chart::open(record, &act, &id, types, "chart")?)
    };
    let (who, chart) = with_record(door, &view.guest, realm, None, work).await?;
    let chart = match chart {
        Ok(chart) => chart,
        Err(failure) if failure.status == StatusCode::NOT_FOUND && realm == Realm::Clinic => {
            return Ok(closed(view, &who));
        }
        // Whoever has no chart yet is led to where one asks for it.
        Err(failure) if failure.status == StatusCode::FORBIDDEN && realm == Realm::Patient => {
            return Ok(go("/patient/sharing", Vec::new()));
        }
        Err(failure) => return Err(failure.into()),
    };
    let opened = Opened::new(view, who, chart);
    let drawn = draw(opened.sheet(view, realm, section), &opened)?;
    Ok(frame(view, realm, &opened).show(StatusCode::OK, &drawn.title, &drawn.page))
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
