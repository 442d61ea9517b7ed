//! The first page of a chart: for the clinic a summary, for the patient a home.

use super::{
    Drawn, Opened, page,
    sheet::{Line, Section, Sheet},
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
    response::Response,
};
use care::{
    documents, medicines,
    medicines::Medicine,
    problems,
    problems::Problem,
    results,
    timeline::{self, Event, Filter},
    visits,
};
use login::realm::Realm;
use std::sync::Arc;
use web::door::Door;

/// What is measured at every visit, in the order in which it is read.
const VITALS: [&str; 8] =
    ["85354-9", "8867-4", "8310-5", "9279-1", "59408-5", "2708-6", "29463-7", "39156-5"];

/// How many flagged results and events a first page shows.
const FEW: usize = 8;

#[derive(Template)]
#[template(path = "chart/summary.html")]
struct Summary {
    s: Sheet,
    problems: Vec<Problem>,
    medicines: Vec<Medicine>,
    vitals: Vec<Line>,
    flagged: Vec<Line>,
    events: Vec<Event>,
}

#[derive(Template)]
#[template(path = "chart/home.html")]
struct Home {
    s: Sheet,
    next: Vec<Step>,
    tiles: Vec<Tile>,
    events: Vec<Event>,
}

/// Something to do next.
struct Step {
    to: String,
    words: String,
}

/// A way into the record.
struct Tile {
    to: String,
    icon: &'static str,
    words: String,
    lead: String,
}

fn drawn_summary(s: Sheet, opened: &Opened) -> Drawn<Summary> {
    let chart = &opened.chart;
    let series = results::of(chart);
    let newest = |series: &results::Series| series.newest().map(|point| s.line(series, point));
    let of_code = |code: &&str| series.iter().find(|series| series.key == **code).and_then(newest);
    let vitals: Vec<Line> = VITALS.iter().filter_map(of_code).collect();
    let is_flagged = |series: &&results::Series| series.newest().is_some_and(|point| point.flag.is_some());
    let flagged: Vec<Line> = series.iter().filter(is_flagged).filter_map(newest).take(FEW).collect();
    let mut problems = problems::of(chart);
    problems.retain(|problem| problem.is_active);
    let mut medicines = medicines::of(chart);
    medicines.retain(|medicine| medicine.is_active);
    let events = timeline::of(chart, &Filter::default(), s.w.rules()).0.into_iter().take(FEW).collect();
    let title = s.banner.name.spoken();
    Drawn { title, page: Summary { problems, medicines, vitals, flagged, events, s } }
}

fn drawn_home(s: Sheet, opened: &Opened, waiting: usize) -> Drawn<Home> {
    let chart = &opened.chart;
    let mut next = Vec::new();
    if waiting > 0 {
        next.push(Step { to: "/patient/sharing".into(), words: s.w.count("next-requests", waiting) });
    }
    let is_now =
        |when: &care::when::When| when.on_clocks(s.w.rules()).date().is_some_and(|date| date >= opened.today);
    let mut coming = chart.of_type("Appointment").filter_map(|resource| {
        let when = care::when::When::first(&resource.value, &["start"]).filter(is_now)?;
        let open = ["booked", "pending", "proposed"].contains(&resource.value.get("status")?.as_str()?);
        open.then_some(when)
    });
    if let Some(first) = coming.next().map(|first| coming.fold(first, std::cmp::Ord::min)) {
        next.push(Step {
            to: s.to("timeline"),
            words: s.w.with("next-appointment", "when", s.w.moment(&first)),
        });
    }
    let active = medicines::of(chart).into_iter().filter(|medicine| medicine.is_active).count();
    let counts = [
        (Section::Results, results::of(chart).len()),
        (Section::Medicines, active),
        (Section::Visits, visits::of(chart).len()),
        (Section::Notes, chart.of_type("Composition").count()),
        (Section::Documents, documents::of(chart).len()),
        (Section::Problems, problems::of(chart).iter().filter(|problem| problem.is_active).count()),
        (Section::Immunizations, chart.of_type("Immunization").count()),
    ];
    let tile = |(section, count): (Section, usize)| Tile {
        to: s.to(section.word()),
        icon: section.word(),
        words: s.w.say(&format!("my-{}", section.word())),
        lead: s.w.count(&format!("my-{}-count", section.word()), count),
    };
    let mut tiles: Vec<Tile> = counts.into_iter().map(tile).collect();
    tiles.push(Tile {
        to: "/patient/sharing".into(),
        icon: "share",
        words: s.w.say("my-sharing"),
        lead: s.w.say("my-sharing-lead"),
    });
    for (place, icon, words) in [
        ("entries", "plans", "my-entries"),
        ("card", "alarm", "section-card"),
        ("viewers", "eye", "section-viewers"),
        ("take-out", "take-out", "section-take-out"),
        ("elsewhere", "elsewhere", "section-elsewhere"),
    ] {
        let lead = s.w.say(&format!("my-{place}-lead"));
        tiles.push(Tile { to: s.to(place), icon, words: s.w.say(words), lead });
    }
    let events = timeline::of(chart, &Filter::default(), s.w.rules()).0.into_iter().take(5).collect();
    let title = s.w.say("place-home");
    Drawn { title, page: Home { next, tiles, events, s } }
}

/// `GET /{realm}/chart/{patient}`
pub(crate) async fn summary(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let at = (realm, patient.as_str(), Section::Summary);
    if realm == Realm::Clinic {
        return page(&door, &view, at, |sheet, opened| Ok(drawn_summary(sheet, opened))).await;
    }
    let asked = with_record(&door, &view.guest, realm, None, |login, _, who, visit| {
        login.access_requests(who, visit).map(|all| all.len())
    });
    let waiting = asked.await?.1.map_err(crate::failure::of)?;
    page(&door, &view, at, |sheet, opened| Ok(drawn_home(sheet, opened, waiting))).await
}

/// `GET /{realm}`: to one's own chart; to the account for whoever has none yet; to the patients for the clinic; to the first steps for an
/// administrator, as long as there are some.
pub(crate) async fn home(
    State(door): State<Arc<Door>>,
    view: View,
    Path(name): Path<String>,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let (who, begins) = with_record(&door, &view.guest, realm, None, |login, _, who, visit| {
        let administers = who.realm == Realm::Admin && crate::view::administers(who);
        if administers { login.has_first_steps(visit.now) } else { Ok(false) }
    })
    .await?;
    let own = who.account.patient.as_ref().and_then(|own| own.patient.clone());
    let to = match (realm, own) {
        (Realm::Patient, Some(own)) => format!("/patient/chart/{own}"),
        (Realm::Patient, None) => "/patient/account".to_owned(),
        (Realm::Clinic, _) => "/clinic".to_owned(),
        (Realm::Admin, _) if begins.map_err(crate::failure::of)? => crate::welcome::HERE.to_owned(),
        (Realm::Admin, _) => crate::view::home_of_administration(&who).to_owned(),
    };
    Ok(go(&to, Vec::new()))
}
