//! What counts in an emergency, on one page that prints on one sheet (D9): the third click from the sign-in.

use super::{
    Drawn, Opened, page,
    sheet::{Line, Section, Sheet, escaped},
};
use crate::{failure::Answer, signed_in::realm, view::View};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use care::{
    allergies::{self, Allergy, Known},
    emergency::{self, Directive, Taken},
    own::Contact,
    problems::Problem,
};
use std::sync::Arc;
use web::door::Door;

#[derive(Template)]
#[template(path = "chart/emergency.html")]
struct Page {
    s: Sheet,
    allergies: Vec<Allergy>,
    problems: Vec<Problem>,
    medicines: Vec<Taken>,
    devices: Vec<String>,
    blood_group: String,
    is_told: bool,
    contacts: Vec<Contact>,
    directives: Vec<Directive>,
    results: Vec<Line>,
    /// What the reader does not see all of: there, that nothing stands says nothing.
    unseen: Vec<&'static str>,
    /// What the record has something of, though it may be over.
    kept: Vec<&'static str>,
    printed: String,
}

impl Page {
    /// What a part says where nothing stands in it.
    fn none(&self, kinds: &[&str]) -> String {
        let is_unseen = kinds.iter().any(|kind| self.unseen.contains(kind));
        self.s.w.say(if is_unseen { "not-shown" } else { "not-recorded" })
    }

    /// The same of what may be over: then somebody has asked, and there is none now.
    fn none_now(&self, kinds: &[&str]) -> String {
        let is_unseen = kinds.iter().any(|kind| self.unseen.contains(kind));
        let is_kept = kinds.iter().any(|kind| self.kept.contains(kind));
        if is_kept && !is_unseen { self.s.w.say("emergency-none-now") } else { self.none(kinds) }
    }

    fn to_document(&self, directive: &Directive) -> String {
        match directive.document.is_empty() {
            true => String::new(),
            false => self.s.to(&format!("documents/{}/look", escaped(&directive.document))),
        }
    }

    fn reactions(&self, allergy: &Allergy) -> String {
        allergy.reactions.join(", ")
    }
}

fn drawn(s: Sheet, opened: &Opened) -> Drawn<Page> {
    let (chart, w) = (&opened.chart, s.w);
    let seen = emergency::of(chart);
    let allergies = match allergies::of(chart) {
        Known::Some(all) => all.into_iter().filter(|allergy| allergy.is_active).collect(),
        _ => Vec::new(),
    };
    let blood = seen.blood_group.as_ref();
    let group = |point: &care::results::Point| match point.from.as_str() {
        "" => point.text.clone(),
        house => format!("{} ({})", point.text, w.with("brought-from", "house", house)),
    };
    let results = seen.results.iter().filter_map(|series| Some(s.line(series, series.newest()?))).collect();
    let of = |is_so: &dyn Fn(&str) -> bool| emergency::TYPES.into_iter().filter(|kind| is_so(kind)).collect();
    let (unseen, kept) =
        (of(&|kind| !chart.shows_all(kind)), of(&|kind| chart.of_type(kind).next().is_some()));
    let page = Page {
        allergies,
        problems: seen.problems,
        medicines: seen.medicines,
        devices: seen.devices,
        blood_group: blood.map(group).unwrap_or_default(),
        is_told: blood.is_some_and(|point| point.is_patients),
        contacts: seen.contacts,
        directives: seen.directives,
        results,
        unseen,
        kept,
        printed: w.minute(opened.now),
        s,
    };
    Drawn { title: format!("{}: {}", w.say("section-emergency"), page.s.banner.name.spoken()), page }
}

/// `GET /{realm}/chart/{patient}/emergency`
pub(crate) async fn emergency(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Emergency);
    page(&door, &view, at, |sheet, opened| Ok(drawn(sheet, opened))).await
}
