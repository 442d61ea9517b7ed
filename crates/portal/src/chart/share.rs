//! What a patient shares: parts or single documents, with a clinician or a clinic, for days; what it would let them see, before it does; and
//! what is shared now, to stop (E2).

use super::{
    Drawn, Opened, card, page_as,
    sheet::{Section, Sheet},
    unopened,
};
use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::with_record,
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use care::{
    documents,
    name::Name,
    share::{self, PARTS, Share, Shared, What, Wrong},
};
use fhir::json;
use login::{
    Login,
    error::Error,
    link::{Link, Opens},
    realm::Realm,
    session::Who,
    stand_in::Somebody,
    visit::Visit,
};
use record::{
    Record,
    explain::{self, Comparison},
    find::exact,
    search::SearchRequest,
};
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, failure::Failure, form::Form};

/// What the form calls whoever has a link.
const BY_LINK: &str = "link";

/// How many clinicians are offered; more are found by name.
const OFFERED: usize = 100;

#[derive(Template)]
#[template(path = "chart/share.html")]
struct SharePage {
    s: Sheet,
    token: String,
    key: String,
    shared: Vec<Line>,
    /// With whom something can be shared: `Practitioner/ID` and the name.
    people: Vec<(String, String)>,
    is_more: bool,
    find: String,
    parts: Vec<(String, String, bool)>,
    documents: Vec<(String, String, bool)>,
    typed: Form,
    days: String,
    wrong: &'static str,
    error: String,
    sights: Vec<[String; 4]>,
    checked: String,
}

/// A share as it is read.
struct Line {
    id: String,
    with: String,
    what: String,
    until: String,
    is_open: bool,
    is_denial: bool,
    is_to_look: bool,
    /// Where its QR code stands, where it is shared by link and the link lives.
    to_link: String,
    /// What is to be said of the link: when it was opened last, that it is dead.
    of_link: String,
}

/// What a form came to that shared nothing yet.
#[derive(Default)]
struct Answered {
    wrong: Option<Wrong>,
    /// What is wrong with the PIN of a link.
    pin: Option<Error>,
    /// With whom, by name, and what they would see.
    compared: Option<(String, Comparison)>,
}

impl SharePage {
    fn new(
        s: Sheet,
        opened: &Opened,
        (people, links, find): (Vec<(String, String)>, Vec<Link>, String),
        (typed, answered): (Form, Answered),
    ) -> SharePage {
        let w = s.w;
        let is_ticked = |name: &str| typed.get(name) == "yes";
        let parts = PARTS.iter().map(|(part, _)| {
            let field = format!("part-{part}");
            let ticked = is_ticked(&field);
            (field, w.say(&format!("section-{part}")), ticked)
        });
        let current = documents::of(&opened.chart).into_iter().filter(|document| !document.is_superseded);
        let papers = current.take(share::ITEMS).map(|document| {
            let (field, when) = (format!("doc-{}", document.id), w.date_or(&document.when));
            let ticked = is_ticked(&field);
            (field, [document.title, when].join(" · "), ticked)
        });
        let now = opened.now.as_microsecond();
        let (wrong, error) = match answered.wrong {
            None => match &answered.pin {
                Some(error) => ("pin", w.error(error)),
                None => ("", String::new()),
            },
            Some(Wrong::With) => ("with", w.say("share-wrong-with")),
            Some(Wrong::What) => ("what", w.say("share-wrong-what")),
            Some(Wrong::Days) => ("days", w.say("share-wrong-days")),
            Some(Wrong::Key) => ("with", w.say("upload-again")),
        };
        let (checked, compared) = answered.compared.unwrap_or_default();
        SharePage {
            token: opened.who.form_token.clone(),
            key: opened.fresh_id.clone(),
            shared: share::of(&opened.chart, now)
                .into_iter()
                .map(|shared| line(&s, shared, &links))
                .collect(),
            is_more: people.len() >= OFFERED,
            find,
            parts: parts.collect(),
            documents: papers.collect(),
            days: Some(typed.get("days")).filter(|days| !days.is_empty()).unwrap_or("7").to_owned(),
            wrong,
            error,
            sights: if checked.is_empty() { Vec::new() } else { sights(&s, &compared) },
            checked,
            people,
            typed,
            s,
        }
    }

    fn is_with(&self, value: &str) -> bool {
        self.typed.get("with") == value
    }

    fn is_what(&self, what: &str) -> bool {
        let chosen = self.typed.get("what");
        chosen == what || chosen.is_empty() && what == "documents"
    }

    fn may_leave(&self) -> bool {
        self.typed.get("may") == "download"
    }

    fn error_of(&self, field: &str) -> &str {
        if self.wrong == field { &self.error } else { "" }
    }
}

fn line(s: &Sheet, shared: Shared, links: &[Link]) -> Line {
    let link = links.iter().find(|link| shared.is_by_link && link.consent == shared.id);
    let is_card = link.is_some_and(|link| link.opens == Opens::Card);
    let of_link = link.map(|link| match (link.left, link.opened) {
        (0, _) => s.w.say("card-dead"),
        (_, Some(at)) => s.w.with("link-opened-last", "when", s.w.minute(at)),
        (_, None) => s.w.say("link-never-opened"),
    });
    let living = link.filter(|link| link.left > 0);
    let parts: Vec<String> = shared.parts.iter().map(|part| s.w.say(&format!("section-{part}"))).collect();
    let what = match (shared.items, parts.is_empty()) {
        _ if is_card => s.w.say("section-emergency"),
        (0, true) => s.w.say("share-everything"),
        (0, false) => parts.join(", "),
        (items, _) => s.w.count("share-items", items),
    };
    Line {
        id: shared.id,
        with: match (shared.is_by_link, shared.with.is_empty()) {
            (true, _) if is_card => s.w.say("section-card"),
            (true, _) => s.w.say("share-by-link"),
            (_, true) => s.w.say("share-anybody"),
            (_, false) => shared.with,
        },
        to_link: living.map(|link| s.to(&format!("card/{}", link.consent))).unwrap_or_default(),
        of_link: of_link.unwrap_or_default(),
        what,
        until: shared.until.as_ref().map(|until| s.w.date(until)).unwrap_or_else(|| s.w.say("share-no-end")),
        is_open: shared.is_open,
        is_denial: shared.is_denial,
        is_to_look: shared.is_to_look,
    }
}

/// Each part with how much there is of it, and how much they see now and would see.
fn sights(s: &Sheet, compared: &Comparison) -> Vec<[String; 4]> {
    let sum = |of: &explain::Explanation, types: &[&str]| {
        let all = of.sights.iter().filter(|sight| types.contains(&sight.resource_type.as_str()));
        all.fold((0, 0), |(all, shown), sight| (all + sight.all, shown + sight.shown))
    };
    let row = |(part, types): &(&str, &[&str])| {
        let ((all, now), (_, then)) = (sum(&compared.now, types), sum(&compared.then, types));
        let numbers = [all, now, then].map(|count| count.to_string());
        let [all, now, then] = numbers;
        [s.w.say(&format!("section-{part}")), all, now, then]
    };
    PARTS.iter().map(row).collect()
}

/// With whom something can be shared: the clinics of this house, and clinicians by name.
fn people(
    login: &Login,
    record: &Record,
    (who, patient): (&Who, &str),
    find: &str,
    visit: &Visit,
) -> Result<Vec<(String, String)>, Failure> {
    let act = login.act_on_chart(who, patient, visit).map_err(of)?;
    let facilities = login.facilities(visit.now).map_err(of)?.into_iter().filter(|facility| facility.open);
    let clinics = facilities
        .filter_map(|facility| Some((format!("Organization/{}", facility.organization?), facility.name)));
    let mut all: Vec<(String, String)> = if find.is_empty() { clinics.collect() } else { Vec::new() };
    let mut query = format!("_count={OFFERED}");
    for word in find.split_whitespace().take(5) {
        query.push_str(&format!("&name={}", exact(word)));
    }
    let request =
        SearchRequest { resource_type: "Practitioner".into(), query, lenient: false, compartment: None };
    for entry in record.search(&act, &request)?.entries {
        let value = json::parse(&entry.body, json::Limits::default())
            .map_err(|error| record::error::Error::Fault(Box::new(error)))?;
        let name = Name::of(&value).spoken();
        all.push((format!("Practitioner/{}", entry.id), if name.is_empty() { entry.id } else { name }));
    }
    all.sort_by(|a, b| a.0.starts_with('P').cmp(&b.0.starts_with('P')).then(a.1.cmp(&b.1)));
    Ok(all)
}

/// What the form says is to be shared.
fn what(form: &Form) -> What {
    let ticked = |prefix: &str| -> Vec<String> {
        let all = form.fields().iter().filter(|(_, value)| value == "yes");
        all.filter_map(|(name, _)| name.strip_prefix(prefix)).map(str::to_owned).collect()
    };
    match form.get("what") {
        "everything" => What::Everything,
        "parts" => What::Parts(ticked("part-")),
        _ => What::Documents(ticked("doc-")),
    }
}

/// What a clinic of this house is called.
fn clinic(login: &Login, organization: &str, visit: &Visit) -> Result<Option<String>, Failure> {
    let open = login.facilities(visit.now).map_err(of)?.into_iter().filter(|facility| facility.open);
    let mut found = open.filter(|facility| facility.organization.as_deref() == Some(organization));
    Ok(found.next().map(|facility| facility.name))
}

/// `GET /patient/chart/{patient}/share`
pub(crate) async fn show_share(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let find = asked.get("find").map(|find| find.trim().to_owned()).unwrap_or_default();
    drawn((&door, &view, &patient), find, (Form::default(), Answered::default())).await
}

/// Shows the page, with what a form came to.
async fn drawn(
    (door, view, patient): (&Door, &View, &str),
    find: String,
    (typed, answered): (Form, Answered),
) -> Result<Response, Answer> {
    let (id, sought) = (patient.to_owned(), find.clone());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let found = people(login, record, (who, &id), &sought, visit)?;
        Ok::<_, Failure>((found, login.links(who, &id, visit).map_err(of)?))
    };
    let (who, found) = with_record(door, &view.guest, Realm::Patient, None, work).await?;
    let (mut people, links) = found.or_else(|failure| unopened(view, (Realm::Patient, &who), failure))?;
    // Who was found by name may not be among those who are offered first.
    if let Some((name, _)) = &answered.compared
        && typed.get("with") != BY_LINK
        && !people.iter().any(|(key, _)| key == typed.get("with"))
    {
        people.push((typed.get("with").to_owned(), name.clone()));
    }
    let status = if answered.wrong.is_some() || answered.pin.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page_as(status, door, view, (Realm::Patient, patient, Section::Share), |s, opened| {
        let page = SharePage::new(s, opened, (people, links, find), (typed, answered));
        Ok(Drawn { title: view.words.say("section-share"), page })
    })
    .await
}

/// `POST /patient/chart/{patient}/share`: shows what it would mean, or shares.
pub(crate) async fn share(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    if form.get("with") == BY_LINK && form.get("choice") != "check" {
        return by_link((&door, &view, &patient), form).await;
    }
    let (typed, id, label) = (form.clone(), patient.clone(), view.words.say("share-by-link"));
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &id, visit).map_err(of)?;
        let with = typed.get("with").split_once('/').unwrap_or_default();
        let wrong = |wrong| Some(Answered { wrong: Some(wrong), ..Answered::default() });
        let (link, to_whom) = (share::id_of(typed.get("key")), typed.get("with") == BY_LINK);
        let with = if to_whom { (share::LINK, link.as_str()) } else { with };
        let name = match with {
            (share::LINK, _) if to_whom => Some(label),
            ("Organization", id) => clinic(login, id, visit)?,
            ("Practitioner", id) => share::clinician(record, &act, id)?,
            _ => None,
        };
        let Some(name) = name else { return Ok(wrong(Wrong::With)) };
        let share = Share {
            patient: &id,
            key: typed.get("key"),
            with,
            name: &name,
            what: what(&typed),
            days: typed.get("days").trim().parse().unwrap_or(0),
            may_leave: typed.get("may") == "download",
        };
        let mut consent = match share.consent(&act) {
            Ok(consent) => consent,
            Err(fault) => return Ok(wrong(fault)),
        };
        if typed.get("choice") != "check" {
            share::give(record, &act, &id, consent)?;
            return Ok(None);
        }
        // A clinic is all of its people who care: as its nurses are known.
        let role = if with.0 == "Organization" { "nurse" } else { "physician" };
        let known_as = [(with.0.to_owned(), with.1.to_owned())];
        let somebody = Somebody::Role { name: role, known_as: &known_as };
        let subject = match to_whom {
            true => login.act_by_link(&id, visit),
            false => login.stand_in(somebody, &id, visit.now).map_err(of)?.act(&act),
        };
        if to_whom {
            consent["provision"]["actor"][0]["reference"]["reference"] = format!("Patient/{id}").into();
        }
        let now = explain::View { subject: &subject, consent: None };
        let then = explain::View { subject: &subject, consent: Some(&consent) };
        let compared = Some((name, record.compare(&act, &id, now, then)?));
        Ok::<_, Failure>(Some(Answered { compared, ..Answered::default() }))
    };
    let (who, done) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    match done.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))? {
        None => Ok(go(&format!("/patient/chart/{patient}/share"), Vec::new())),
        Some(answered) => drawn((&door, &view, &patient), String::new(), (form, answered)).await,
    }
}

/// Shares with whoever has a link and its PIN.
async fn by_link((door, view, patient): (&Door, &View, &str), form: Form) -> Result<Response, Answer> {
    let (typed, id, origin) = (form.clone(), patient.to_owned(), door.origin().to_owned());
    let label = view.words.say("link-share");
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let wanted = card::Wanted {
            patient: &id,
            key: typed.get("key"),
            what: what(&typed),
            days: typed.get("days").trim().parse().unwrap_or(0),
            may_leave: typed.get("may") == "download",
            pin: typed.get("pin"),
            label,
            origin: &origin,
            from: format!("/patient/chart/{}/share", super::sheet::escaped(&id)),
        };
        card::make((login, record), wanted, (who, visit))
    };
    let (who, come) = with_record(door, &view.guest, Realm::Patient, Some(&form), work).await?;
    let answered = match come.or_else(|failure| unopened(view, (Realm::Patient, &who), failure))? {
        Ok(card::Come::Prove(way)) => return Ok(go(&way, Vec::new())),
        Ok(card::Come::Made(done)) => return card::made(view, who, *done, door.origin()),
        Ok(card::Come::Wrong(error)) => Answered { pin: Some(error), ..Answered::default() },
        Err(wrong) => Answered { wrong: Some(wrong), ..Answered::default() },
    };
    drawn((door, view, patient), String::new(), (form, answered)).await
}

/// `POST /patient/chart/{patient}/share/stop`
pub(crate) async fn stop_share(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (consent, id) = (form.get("about").to_owned(), patient.clone());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &id, visit).map_err(of)?;
        share::stop(record, &act, &id, &consent).map_err(Failure::from)?;
        // The Consent has closed it already; what opens it goes too.
        login.end_link(who, &id, &consent, visit).map_err(of)
    };
    let (who, done) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    done.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))?;
    Ok(go(&format!("/patient/chart/{patient}/share"), Vec::new()))
}
