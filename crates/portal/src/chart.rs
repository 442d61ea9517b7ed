//! A patient's chart, for the patient, for who acts for them, and for the clinic: one set of pages over one look.
//!
//! The patient is in the address and never in the session: two tabs hold two patients.

mod card;
mod document;
mod documents;
mod draw;
mod elsewhere;
mod emergency;
mod entry;
mod health_card;
mod history;
mod immunizations;
mod lists;
mod notes;
mod own;
mod plans;
mod results;
mod search;
mod share;
mod sheet;
mod summary;
mod takeout;
mod timeline;
mod upload;
mod viewers;
mod vitals;

pub(crate) use card::{make_card, show_card, show_link};
pub(crate) use document::{document, download, look, look::look as look_at_document};
pub(crate) use documents::{documents, take_back as take_document_back, take_documents};
pub(crate) use elsewhere::{
    drop_elsewhere, enter_elsewhere, go_elsewhere, remove_elsewhere, show_back, show_elsewhere, take_back,
};
pub(crate) use emergency::emergency;
pub(crate) use entry::{act_on as act_on_entry, show as entry};
pub(crate) use health_card::health_card;
pub(crate) use history::{bring_back, history, of_one as versions};
pub(crate) use immunizations::{immunizations, vaccination_card};
pub(crate) use lists::{medicines, problems, visits};
pub(crate) use notes::{
    act::{sign_note, withdraw_note},
    form::{edit_note, module as note_module, new_note, save_note},
    note, notes,
};
pub(crate) use own::{
    allergy::{allergy, edit as edit_allergy, take_allergy, take_edit as take_edited_allergy},
    details::{details, take_details},
    entries,
    paper::{edit_value, take_edited_value, take_values, values},
};
pub(crate) use plans::{act_on_plan, new_plan, plans, take_plan};
pub(crate) use results::{results, series};
pub(crate) use search::{search, show_search};
pub(crate) use share::{share, show_share, stop_share};
pub(crate) use summary::{home, summary};
pub(crate) use takeout::{show_take_out, take_out};
pub(crate) use timeline::timeline;
pub(crate) use upload::{show_upload, upload};
pub(crate) use viewers::{dispute, oversight, oversight_list, viewers, viewers_list};
pub(crate) use vitals::edit::{show as edit_vital, take as take_edited_vital};
pub(crate) use vitals::{flowsheet::show as vitals, form::show as vitals_form, form::take as take_vitals};

use crate::{
    failure::Answer,
    page::{go, with_script},
    signed_in::with_record,
    view::{Frame, View},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use care::{banner::Banner, chart::Chart};
use fhir::outcome::IssueCode;
use jiff::{Timestamp, civil::Date};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
pub(crate) use sheet::{Raised, Section, Sheet};
use web::{door::Door, failure::Failure};

/// What a page of a chart is drawn from.
struct Opened {
    chart: Chart,
    who: Who,
    today: Date,
    now: Timestamp,
    /// A random id for what the page is to make.
    fresh_id: String,
    /// The newest change when it was opened.
    since: i64,
}

impl Opened {
    fn new(view: &View, who: Who, (chart, fresh_id, since): (Chart, String, i64)) -> Opened {
        let now = view.guest.visit.now;
        Opened { chart, who, today: view.words.day(now), now, fresh_id, since }
    }

    /// Whether the reader's role writes notes.
    fn writes_notes(&self) -> bool {
        self.who.realm == Realm::Clinic && self.chart.may_write(&care::note::TYPES)
    }

    fn sheet(&self, view: &View, realm: Realm, section: Section) -> Sheet {
        let sheet = Sheet::new(view.words, realm, section, Banner::of(&self.chart, self.today), &self.chart);
        Sheet { since: view.is_opened.then_some(self.since), token: self.who.form_token.clone(), ..sheet }
    }
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
    at: (Realm, &str, Section),
    draw: impl FnOnce(Sheet, &Opened) -> Result<Drawn<T>, Failure>,
) -> Result<Response, Answer> {
    let (sheet, opened) = open(door, view, at).await?;
    let drawn = draw(sheet, &opened)?;
    Ok(show(view, at.0, &opened, status, &drawn))
}

/// Opens the chart with the types of its section, in one look.
///
/// # Errors
/// Where it does not open: the page that is shown then.
async fn open(
    door: &Door,
    view: &View,
    (realm, patient, section): (Realm, &str, Section),
) -> Result<(Sheet, Opened), Answer> {
    let (id, types) = (patient.to_owned(), section.types());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| -> Result<_, Failure> {
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        // Before the look: what changes during it is new to the page.
        let since = record.newest_seq()?;
        Ok((Chart::open(record, &act, &id, types, "chart")?, record.fresh_id(), since))
    };
    let (who, found) = with_record(door, &view.guest, realm, None, work).await?;
    let (mut chart, fresh_id, since) = found.or_else(|failure| unopened(view, (realm, &who), failure))?;
    if realm == Realm::Patient {
        care::note::keep_signed(&mut chart);
    }
    let opened = Opened::new(view, who, (chart, fresh_id, since));
    Ok((opened.sheet(view, realm, section), opened))
}

/// What is shown where a chart does not open: the clinic learns how to ask for it, and whoever has none yet is led to where they do.
pub(crate) fn unopened<T>(view: &View, (realm, who): (Realm, &Who), failure: Failure) -> Result<T, Answer> {
    Err(match (realm, failure.status) {
        (Realm::Clinic, StatusCode::NOT_FOUND) => closed(view, who).into(),
        (Realm::Patient, StatusCode::FORBIDDEN) => go("/patient/sharing", Vec::new()).into(),
        _ => failure.into(),
    })
}

/// What somebody is told whose role does not let them write that.
fn may_not() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, "your role does not allow this")
}

/// A page of a chart that is open.
fn show<T: Template>(
    view: &View,
    realm: Realm,
    opened: &Opened,
    status: StatusCode,
    drawn: &Drawn<T>,
) -> Response {
    let frame = Frame { view, realm: Some(realm), who: Some(&opened.who), is_wide: realm == Realm::Clinic };
    let page = frame.show(status, &drawn.title, &drawn.page);
    // A page that was opened, and is no answer to a form, keeps itself up to date.
    if view.is_opened { with_script(page) } else { page }
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
