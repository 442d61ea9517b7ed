//! What a card or a link shows: parts of lines, those first that count in an emergency.

use crate::{
    chart::{Section, Sheet},
    icon::Icon,
    view::{Frame, View},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use care::{
    allergies::{self, Known},
    banner::Banner,
    chart::Chart,
    documents, emergency, immunizations, medicines, problems, procedures,
    results::{self, Point, Series},
    visits,
};
use login::link::{Opening, Opens};
use login::realm::Realm;

/// A line of a part.
#[derive(Default)]
struct Row {
    words: String,
    small: String,
    /// Class and word of each tag.
    tags: Vec<(&'static str, String)>,
    value: String,
    when: String,
    phone: String,
    /// The id of a document that can be looked at.
    document: String,
}

struct Part {
    icon: Icon,
    title: String,
    rows: Vec<Row>,
    /// What stands where there is no line.
    none: String,
}

#[derive(Template)]
#[template(path = "card/open.html")]
struct OpenPage {
    s: Sheet,
    heading: String,
    as_of: String,
    parts: Vec<Part>,
    token: String,
    ticket: String,
}

/// The page.
pub(super) fn show(view: &View, token: &str, opening: &Opening, chart: &Chart) -> Response {
    let (w, now) = (view.words, view.guest.visit.now);
    let banner = Banner::of(chart, w.day(now));
    let s = Sheet::new(w, Realm::Patient, Section::Emergency, banner, chart);
    let parts = match opening.link.opens {
        Opens::Card => of_card(&s, chart),
        Opens::Share => of_share(&s, chart),
    };
    let key = match opening.link.opens {
        Opens::Card => "section-card",
        Opens::Share => "link-share",
    };
    let page = OpenPage {
        heading: w.say(key),
        as_of: w.with("emergency-printed", "when", w.minute(now)),
        parts,
        token: token.to_owned(),
        ticket: opening.ticket.clone(),
        s,
    };
    let frame = Frame { view, realm: None, who: None, is_wide: true };
    frame.show(StatusCode::OK, &page.heading, &page)
}

/// A part that is always there.
fn part(
    s: &Sheet,
    (icon, title, kinds): (&'static str, &str, &[&str]),
    chart: &Chart,
    rows: Vec<Row>,
) -> Part {
    // Of what the link opens as a whole, nobody can tell from here whether it is not recorded or kept back.
    let is_whole = kinds.iter().all(|kind| chart.shows_all(kind));
    let none = s.w.say(if is_whole { "not-recorded" } else { "link-nothing" });
    Part { icon: Icon(icon), title: s.w.say(title), rows, none }
}

fn of_card(s: &Sheet, chart: &Chart) -> Vec<Part> {
    let seen = emergency::of(chart);
    let contacts = seen.contacts.into_iter().map(|one| Row {
        words: one.name,
        small: one.relation,
        phone: one.phone,
        ..Row::default()
    });
    let blood = seen.blood_group.iter().map(|point| Row {
        words: s.w.say("measured-882-1"),
        value: point.text.clone(),
        when: s.w.date_or(&point.when),
        tags: tags(s, &[(point.is_patients, "patients", "not-lab-verified")]),
        ..Row::default()
    });
    let devices = seen.devices.into_iter().map(|words| Row { words, ..Row::default() });
    let laid = seen.directives.into_iter().map(|one| Row {
        words: one.what,
        when: s.w.date_or(&one.since),
        document: one.document,
        ..Row::default()
    });
    let measured = seen.results.iter().filter_map(|series| Some(value(s, series, series.newest()?)));
    let taken = seen.medicines.into_iter().map(|taken| Row {
        tags: tags(
            s,
            &[
                (taken.thins_blood, "severe", "thins-blood"),
                (taken.medicine.is_patients, "patients", "by-patient"),
            ],
        ),
        words: taken.medicine.what,
        small: taken.medicine.how,
        ..Row::default()
    });
    let problems = seen.problems.into_iter().map(|one| problem(s, one));
    let body: Vec<Row> = blood.chain(devices).collect();
    vec![
        part(s, ("allergy", "allergies", &["AllergyIntolerance"]), chart, allergic(s, chart)),
        part(s, ("medicines", "section-medicines", &["MedicationRequest"]), chart, taken.collect()),
        part(s, ("problems", "section-problems", &["Condition"]), chart, problems.collect()),
        part(s, ("person", "contacts", &["RelatedPerson"]), chart, contacts.collect()),
        part(s, ("vitals", "emergency-body", &["Observation", "DeviceUseStatement"]), chart, body),
        part(
            s,
            ("documents", "emergency-directives", &["Consent", "DocumentReference"]),
            chart,
            laid.collect(),
        ),
        part(s, ("results", "emergency-results", &["Observation"]), chart, measured.collect()),
    ]
}

/// What was shared, and nothing about what was not.
fn of_share(s: &Sheet, chart: &Chart) -> Vec<Part> {
    let medicines = medicines::of(chart).into_iter().map(|one| Row {
        tags: tags(s, &[(!one.is_active, "", "share-over"), (one.is_patients, "patients", "by-patient")]),
        words: one.what,
        small: one.how,
        when: s.w.date_or(&one.since),
        ..Row::default()
    });
    let problems = problems::of(chart).into_iter().map(|one| problem(s, one));
    let series = results::of(chart);
    let values = series.iter().flat_map(|series| series.points.iter().map(|point| value(s, series, point)));
    let given = immunizations::of(chart).into_iter().map(|one| Row {
        words: one.what,
        small: one.dose,
        when: s.w.date_or(&one.when),
        ..Row::default()
    });
    let done = procedures::of(chart).into_iter().map(|one| Row {
        words: one.what,
        when: s.w.date_or(&one.when),
        ..Row::default()
    });
    let met = visits::of(chart).into_iter().map(|one| Row {
        words: one.what,
        small: one.why,
        when: s.w.date_or(&one.since),
        ..Row::default()
    });
    let papers = documents::of(chart).into_iter().filter(|paper| !paper.is_superseded).map(|paper| Row {
        words: paper.title,
        when: s.w.date_or(&paper.when),
        document: if paper.has_file { paper.id } else { String::new() },
        ..Row::default()
    });
    let all = vec![
        part(s, ("documents", "section-documents", &["DocumentReference"]), chart, papers.collect()),
        part(s, ("allergy", "allergies", &["AllergyIntolerance"]), chart, allergic(s, chart)),
        part(s, ("medicines", "section-medicines", &["MedicationRequest"]), chart, medicines.collect()),
        part(s, ("problems", "section-problems", &["Condition"]), chart, problems.collect()),
        part(s, ("results", "section-results", &["Observation"]), chart, values.collect()),
        part(s, ("immunizations", "section-immunizations", &["Immunization"]), chart, given.collect()),
        part(s, ("plans", "section-plans", &["Procedure"]), chart, done.collect()),
        part(s, ("visits", "section-visits", &["Encounter"]), chart, met.collect()),
    ];
    all.into_iter().filter(|part| !part.rows.is_empty()).collect()
}

fn tags(s: &Sheet, all: &[(bool, &'static str, &str)]) -> Vec<(&'static str, String)> {
    all.iter().filter(|(is_so, _, _)| *is_so).map(|(_, class, key)| (*class, s.w.say(key))).collect()
}

fn allergic(s: &Sheet, chart: &Chart) -> Vec<Row> {
    let row = |one: allergies::Allergy| Row {
        small: one.reactions.join(", "),
        tags: tags(
            s,
            &[
                (one.is_severe, "severe", "severe"),
                (one.is_patients && !one.is_confirmed, "patients", "by-patient"),
            ],
        ),
        words: one.what,
        ..Row::default()
    };
    match allergies::of(chart) {
        Known::Some(all) => all.into_iter().filter(|one| one.is_active).map(row).collect(),
        Known::NoneKnown => vec![Row { words: s.w.say("none-known"), ..Row::default() }],
        Known::NotRecorded | Known::NotShown => Vec::new(),
    }
}

fn problem(s: &Sheet, one: problems::Problem) -> Row {
    Row {
        tags: tags(s, &[(!one.is_active, "", "share-over"), (!one.is_confirmed, "", "unconfirmed")]),
        words: one.what,
        when: s.w.date_or(&one.since),
        ..Row::default()
    }
}

fn value(s: &Sheet, series: &Series, point: &Point) -> Row {
    let flag = point.flag.map(crate::chart::Raised);
    let mut marks: Vec<(&'static str, String)> = flag
        .iter()
        .map(|flag| (if flag.class() == "critical" { "severe" } else { "" }, s.w.say(flag.key())))
        .collect();
    marks.extend(tags(s, &[(point.is_patients, "patients", "by-patient")]));
    Row {
        words: s.name(series),
        value: point.text.clone(),
        when: s.w.moment_or(&point.when),
        tags: marks,
        ..Row::default()
    }
}
