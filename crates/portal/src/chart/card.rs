//! The emergency card (D9), and what a link is handed out as: a QR code to print or to show, and its PIN, once. The card bears in print what
//! must be read without a network: allergies, blood group, whom to call. What it opens says [`crate::card`].

use super::{
    Drawn, Opened, page_as,
    sheet::{Section, Sheet, escaped},
    show,
    takeout::asks_who,
    unopened,
};
use crate::{
    failure::{Answer, nowhere, of},
    page::go,
    qr,
    signed_in::with_record,
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    chart::Chart,
    emergency,
    own::Contact,
    share::{self, LINK, Share, What},
};
use login::{
    Login,
    error::Error,
    link::{Link, NewLink, Opens},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

/// For how many days a card can be good.
const DAYS: [u16; 3] = [90, 365, share::CARD_DAYS];

/// Lines of a card, at most: what is beyond them stands behind its QR code.
const LINES: usize = 4;

#[derive(Template)]
#[template(path = "chart/card.html")]
struct CardPage {
    s: Sheet,
    token: String,
    key: String,
    cards: Vec<CardLine>,
    days: String,
    wrong: &'static str,
    error: String,
}

/// A card as it is listed.
struct CardLine {
    id: String,
    made: String,
    until: String,
    opened: String,
    state: String,
    is_dead: bool,
}

/// A card or a link, as it is handed out.
#[derive(Template)]
#[template(path = "chart/card-made.html")]
pub(super) struct MadePage {
    s: Sheet,
    is_card: bool,
    qr: String,
    address: String,
    /// The PIN, where it was just made; it is not kept.
    pin: String,
    until: String,
    year: String,
    blood_group: String,
    contacts: Vec<Contact>,
    /// Who asks for the PIN is to ask them.
    knows: String,
    back: String,
}

impl CardPage {
    fn new(s: Sheet, opened: &Opened, links: Vec<Link>, (form, wrong): (&Form, Option<Error>)) -> CardPage {
        let w = s.w;
        let line = |link: Link| CardLine {
            made: w.minute(link.made),
            until: w.minute(link.until),
            opened: link.opened.map(|at| w.minute(at)).unwrap_or_else(|| w.say("card-never")),
            state: match link.left {
                0 => w.say("card-dead"),
                login::link::TRIES => String::new(),
                left => w.count("card-left", left),
            },
            is_dead: link.left == 0,
            id: link.consent,
        };
        let cards = links.into_iter().filter(|link| link.opens == Opens::Card).map(line).collect();
        let days = Some(form.get("days")).filter(|days| !days.is_empty()).unwrap_or("365").to_owned();
        let field = wrong.as_ref().map_or("", Error::field);
        let error = wrong.as_ref().map(|error| w.error(error)).unwrap_or_default();
        let (token, key) = (opened.who.form_token.clone(), opened.fresh_id.clone());
        CardPage { token, key, cards, days, wrong: field, error, s }
    }

    fn choices(&self) -> Vec<(String, String)> {
        DAYS.iter().map(|days| (days.to_string(), self.s.w.say(&format!("card-days-{days}")))).collect()
    }

    fn is_days(&self, days: &str) -> bool {
        self.days == days
    }

    fn error_of(&self, field: &str) -> &str {
        if self.wrong == field { &self.error } else { "" }
    }
}

/// The address of the page.
fn address(patient: &str) -> String {
    format!("/patient/chart/{}/card", escaped(patient))
}

/// `GET /patient/chart/{patient}/card`
pub(crate) async fn show_card(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    drawn(&door, &view, &patient, (&Form::default(), None)).await
}

async fn drawn(
    door: &Door,
    view: &View,
    patient: &str,
    typed: (&Form, Option<Error>),
) -> Result<Response, Answer> {
    let id = patient.to_owned();
    let work =
        move |login: &Login, _: &Record, who: &Who, visit: &Visit| login.links(who, &id, visit).map_err(of);
    let (_, links) = with_record(door, &view.guest, Realm::Patient, None, work).await?;
    let (links, is_wrong) = (links?, typed.1.is_some());
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_as(status, door, view, (Realm::Patient, patient, Section::Card), |s, opened| {
        let page = CardPage::new(s, opened, links, typed);
        Ok(Drawn { title: view.words.say("section-card"), page })
    })
    .await
}

/// What came of a form that makes a link.
pub(super) enum Come {
    /// Somebody must say first who they are.
    Prove(String),
    /// A field will not do.
    Wrong(Error),
    Made(Box<Made>),
}

/// A link that was made, with what its page is drawn from.
pub(super) struct Made {
    link: Link,
    pin: String,
    chart: Chart,
}

/// What a link opens, and for how long.
pub(super) struct Wanted<'w> {
    pub(super) patient: &'w str,
    pub(super) key: &'w str,
    pub(super) what: What,
    pub(super) days: u16,
    pub(super) may_leave: bool,
    pub(super) pin: &'w str,
    pub(super) label: String,
    pub(super) origin: &'w str,
    /// Where it was asked for, to come back to.
    pub(super) from: String,
}

/// Makes a link: the Consent first, which the kernel refuses to whoever may let nobody in, then what opens it.
///
/// # Errors
/// Where the kernel or the sign-in refuses it.
pub(super) fn make(
    (login, record): (&Login, &Record),
    wanted: Wanted<'_>,
    (who, visit): (&Who, &Visit),
) -> Result<Result<Come, share::Wrong>, Failure> {
    let Wanted { patient, key, what, days, may_leave, pin, label, origin, from } = wanted;
    if let Some(way) = asks_who(who, &from, visit) {
        return Ok(Ok(Come::Prove(way)));
    }
    login.may_make_link(who, origin, visit).map_err(of)?;
    let act = login.act_on_chart(who, patient, visit).map_err(of)?;
    let chart = Chart::open(record, &act, patient, &emergency::TYPES, "chart")?;
    let born = chart.patient["birthDate"].as_str().unwrap_or_default();
    let pin = match login.new_pin(pin, born) {
        Ok(pin) => pin,
        Err(error @ Error::Invalid { .. }) => return Ok(Ok(Come::Wrong(error))),
        Err(error) => return Err(of(error)),
    };
    let opens = if what == What::Emergency { Opens::Card } else { Opens::Share };
    let consent = share::id_of(key);
    let share = Share { patient, key, with: (LINK, &consent), name: &label, what, days, may_leave };
    let made = match share.consent(&act) {
        Ok(made) => made,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let until =
        made["provision"]["period"]["end"].as_str().and_then(|end| end.parse().ok()).unwrap_or(visit.now);
    share::give(record, &act, patient, made)?;
    let new = NewLink { patient, opens, consent: &consent, label: &label, until, may_leave, origin };
    login.make_link(who, &new, &pin, visit).map_err(of)?;
    let links = login.links(who, patient, visit).map_err(of)?;
    let link = links.into_iter().find(|link| link.consent == consent).ok_or_else(nowhere)?;
    Ok(Ok(Come::Made(Box::new(Made { link, pin, chart }))))
}

/// The page of what was made: with its PIN, which no other page shows.
pub(super) fn made(view: &View, who: Who, made: Made, origin: &str) -> Result<Response, Answer> {
    let Made { link, pin, chart } = made;
    let opened = Opened::new(view, who, (chart, String::new(), 0));
    let section = if link.opens == Opens::Card { Section::Card } else { Section::Share };
    let sheet = opened.sheet(view, Realm::Patient, section);
    let title = view.words.say(if link.opens == Opens::Card { "card-ready" } else { "link-ready" });
    let page = MadePage::new(sheet, &opened, (&link, pin), origin)?;
    Ok(show(view, Realm::Patient, &opened, StatusCode::OK, &Drawn { title, page }))
}

impl MadePage {
    fn new(
        s: Sheet,
        opened: &Opened,
        (link, pin): (&Link, String),
        origin: &str,
    ) -> Result<MadePage, Failure> {
        let seen = emergency::of(&opened.chart);
        let told = s.w.say("not-lab-verified");
        let blood = seen.blood_group.map(|point| match point.is_patients {
            true => format!("{} ({told})", point.text),
            false => point.text,
        });
        let address = link.address(origin);
        let contacts: Vec<Contact> = seen.contacts.into_iter().take(2).collect();
        let is_card = link.opens == Opens::Card;
        Ok(MadePage {
            is_card,
            qr: qr::draw(&address)?,
            address,
            pin,
            until: s.w.minute(link.until),
            year: s.banner.born.as_ref().map(|born| born.year.to_string()).unwrap_or_default(),
            blood_group: blood.unwrap_or_default(),
            knows: contacts.first().map(|contact| contact.name.clone()).unwrap_or_default(),
            contacts,
            back: s.to(if is_card { "card" } else { "share" }),
            s,
        })
    }

    /// The allergies that stand on the card, and how many more there are.
    fn allergies(&self) -> (Vec<String>, usize) {
        let all: Vec<String> = self.s.banner.allergies.active().map(|allergy| allergy.what.clone()).collect();
        let more = all.len().saturating_sub(LINES);
        (all.into_iter().take(LINES).collect(), more)
    }
}

/// `POST /patient/chart/{patient}/card`
pub(crate) async fn make_card(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (sent, id, origin) = (form.clone(), patient.clone(), door.origin().to_owned());
    let label = view.words.say("section-card");
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let wanted = Wanted {
            patient: &id,
            key: sent.get("key"),
            what: What::Emergency,
            days: sent.get("days").parse().ok().filter(|days| DAYS.contains(days)).unwrap_or(0),
            may_leave: true,
            pin: sent.get("pin"),
            label,
            origin: &origin,
            from: address(&id),
        };
        make((login, record), wanted, (who, visit))
    };
    let (who, come) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    match come.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))? {
        Ok(Come::Prove(way)) => Ok(go(&way, Vec::new())),
        Ok(Come::Made(done)) => made(&view, who, *done, door.origin()),
        Ok(Come::Wrong(error)) => drawn(&door, &view, &patient, (&form, Some(error))).await,
        Err(_) => {
            let text = "choose how long the card is good";
            drawn(&door, &view, &patient, (&form, Some(Error::Invalid { field: "days", text }))).await
        }
    }
}

/// `GET /patient/chart/{patient}/card/{id}`: a card or a link again, without its PIN.
pub(crate) async fn show_link(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let of_patient = patient.clone();
    let work = move |login: &Login, _: &Record, who: &Who, visit: &Visit| {
        let links = login.links(who, &of_patient, visit).map_err(of)?;
        links.into_iter().find(|link| link.consent == id && link.left > 0).ok_or_else(nowhere)
    };
    let (_, link) = with_record(&door, &view.guest, Realm::Patient, None, work).await?;
    let (link, origin) = (link?, door.origin());
    super::page(&door, &view, (Realm::Patient, &patient, Section::Card), |s, opened| {
        let title = s.w.say(if link.opens == Opens::Card { "section-card" } else { "link-again" });
        Ok(Drawn { title, page: MadePage::new(s, opened, (&link, String::new()), origin)? })
    })
    .await
}
