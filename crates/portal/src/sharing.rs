//! A patient's own say: who may see the record, who acts for them, for whom they act.

use crate::{
    failure::Answer,
    page::Field,
    patients::consent,
    tasks::{Ask, Done, Item, Section, Tasks, below, change, minute},
};
use axum::{extract::State, response::Response};
use fhir::json;
use login::{
    Login,
    chart_code::{Assurance, Person},
    error::Error,
    proxy::Proxy,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use record::{Record, change::Wish, contact::Claim, error::Error as Below};
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

const HOME: &str = "/patient/sharing";
const LINK: &str = "/patient/sharing/link";
const CLAIM: &str = "/patient/sharing/claim";
const CLAIM_CODE: &str = "/patient/sharing/claim/code";
const UNLINK: &str = "/patient/sharing/unlink";
const ANSWER: &str = "/patient/sharing/answer";
const CODE: &str = "/patient/sharing/code";
const PROXY: &str = "/patient/sharing/proxy";
const TAKE: &str = "/patient/sharing/proxy/take";
const END: &str = "/patient/sharing/proxy/end";

fn look(login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let linked = who.account.patient.as_ref().is_some_and(|patient| patient.patient.is_some());
    let mut sections = if linked { own(login, who, visit)? } else { unlinked(login, who, visit)? };
    let acts = login.acts_for(who, visit)?.into_iter().map(ending(|proxy| proxy.called.clone()));
    sections.push(Section::new("You act for", &[]).of(acts.collect(), "You act for nobody else."));
    let field = Field::new("link", "What you were given", "text", "off").hint("It works once, within a day");
    sections.push(
        Section::new("Act for somebody", &["They, or the front desk, gave you a text that begins with kw_."])
            .ask(Ask::new(TAKE, "", vec![field], "Act for them")),
    );
    let links = vec![("/patient/account", "Your account")];
    Ok(Tasks { title: "Who sees your record", sections, links, ..Tasks::default() })
}

fn unlinked(login: &Login, who: &Who, visit: &Visit) -> Result<Vec<Section>, Error> {
    let choices = login.facilities(visit.now)?.into_iter().filter(|facility| facility.open);
    let choices = choices.map(|facility| (facility.id, facility.name)).collect();
    let mut name = Field::new("name", "Your full name", "text", "name");
    name.value = who.account.name.clone();
    let fields = vec![
        Field::new("facility", "Where you are known", "select", "off"),
        name,
        Field::new("birth_date", "Your birth date", "text", "bday").hint("Such as 1990-05-31"),
    ];
    let lead = [
        "Your account is not linked to a health record yet. The front desk holds against it who you are, and then it opens to you.",
    ];
    let ask = Ask { choices, ..Ask::new(LINK, "", fields, "Ask for my record") };
    let desk = Section::new("Your health record", &lead).ask(ask);
    if !login.has_courier() {
        return Ok(vec![desk]);
    }
    let mut name = Field::new("name", "Your full name", "text", "name");
    name.value = who.account.name.clone();
    let hint = "Your record number or another number that stands on your papers from there";
    let claim = vec![
        Field::new("identifier", "Record number", "text", "off").hint(hint),
        name,
        Field::new("birth_date", "Your birth date", "text", "bday").hint("Such as 1990-05-31"),
    ];
    let lead = [
        "If your record holds your e-mail address or phone number, a code can be sent there. We do not say whether there is such a record.",
    ];
    let by_code = Section::new("Without the front desk", &lead)
        .ask(Ask::new(CLAIM, "", claim, "Send the code"))
        .ask(Ask::new(CLAIM_CODE, "", vec![Field::code("The code that came")], "Open my record"));
    Ok(vec![desk, by_code])
}

fn own(login: &Login, who: &Who, visit: &Visit) -> Result<Vec<Section>, Error> {
    let days = || {
        let mut days = Field::new("days", "For how many days", "text", "off");
        days.value = "7".into();
        days
    };
    let requests = login.access_requests(who, visit)?.into_iter().map(|(id, request)| {
        let lines = vec![
            format!(
                "{} ({}), {}, asked {}",
                request.name,
                request.role,
                request.facility,
                minute(request.at)
            ),
            format!("“{}”", request.reason),
        ];
        let allow = Ask { choice: "allow".into(), ..Ask::new(ANSWER, &id, vec![days()], "Allow") };
        let deny = Ask { choice: "deny".into(), plain: true, ..Ask::new(ANSWER, &id, Vec::new(), "Deny") };
        let code = Ask { plain: true, ..Ask::new(CODE, &id, vec![days()], "Show a code to tell them") };
        Item { lines, asks: vec![allow, deny, code] }
    });
    let proxies = login.proxies(who, visit)?.into_iter().map(ending(|proxy| proxy.name.clone()));
    let fields = vec![
        Field::new("name", "Whom you let act", "text", "off").hint("Such as: my sister Leela"),
        Field::new("until", "Until which day", "text", "off").hint("Such as 2030-12-31"),
        Field::new("all", "Show them what is marked as sensitive, too", "checkbox", "off"),
    ];
    Ok(vec![
        Section::new("Who asks for access", &["What is marked as sensitive stays hidden from them."])
            .of(requests.collect(), "Nobody asks."),
        Section::new("Who acts for you", &[]).of(proxies.collect(), "Nobody does."),
        Section::new(
            "Let somebody act for you",
            &["They read your record and act in it as you do. You can end it at any time."],
        )
        .ask(Ask::new(PROXY, "", fields, "Make a link for them")),
        Section::new(
            "Your account and your record",
            &["Your record stays as it is. Your account shows it no more until it is linked again."],
        )
        .ask(Ask { plain: true, ..Ask::new(UNLINK, "", Vec::new(), "Take my account off my record") }),
    ])
}

/// A proxy with the way to end it.
fn ending(words: fn(&Proxy) -> String) -> impl Fn((String, Proxy)) -> Item {
    move |(id, proxy)| {
        let state = if proxy.is_taken() { "" } else { ", not taken yet" };
        let line = format!("{}, until {}{state}", words(&proxy), minute(proxy.until));
        Item {
            lines: vec![line],
            asks: vec![Ask { plain: true, ..Ask::new(END, &id, Vec::new(), "End it") }],
        }
    }
}

/// `GET /patient/sharing`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    crate::tasks::show(&door, &guest, Realm::Patient, look).await
}

/// Does what a form of the page asks.
async fn doing<W>(
    door: &Door,
    guest: &Guest,
    action: &'static str,
    form: &Form,
    work: W,
) -> Result<Response, Answer>
where
    W: FnOnce(&Form, &Login, &Record, &Who, &Visit) -> Result<Done, Error> + Send + 'static,
{
    let typed = form.clone();
    change(
        door,
        guest,
        (Realm::Patient, HOME, action),
        form,
        (look, None),
        move |login, record, who, visit| work(&typed, login, record, who, visit),
    )
    .await
}

/// `POST /patient/sharing/link`
pub(crate) async fn link(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, LINK, &form, |typed, login, _, who, visit| {
        let (name, birth_date) = (typed.get("name"), typed.get("birth_date"));
        login.ask_for_link(who, typed.get("facility"), name, birth_date, visit)?;
        let words = "The front desk will look at it. Bring a document with a photo when you are there next.";
        Ok(Done::Once(words, String::new()))
    })
    .await
}

/// `POST /patient/sharing/claim`: the answer is the same whatever is found.
pub(crate) async fn claim(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, CLAIM, &form, |typed, login, record, who, visit| {
        let act = login.claims_chart(who, visit)?;
        let claim = Claim {
            identifier: typed.get("identifier"),
            name: typed.get("name"),
            birth_date: typed.get("birth_date"),
        };
        let refused = below("identifier", "this cannot be looked for; check what you typed");
        let found = record.contact(&act, &claim).map_err(refused)?;
        let found = found.as_ref().map(|found| (found.patient.as_str(), &found.to[..]));
        login.send_chart_code(who, found, visit)?;
        let words = "If what you typed fits a record with an e-mail address or phone number, a code is on its way there. It is good for ten minutes. If none comes, ask the front desk.";
        Ok(Done::Once(words, String::new()))
    })
    .await
}

/// `POST /patient/sharing/claim/code`
pub(crate) async fn claim_code(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, CLAIM_CODE, &form, |typed, login, record, who, visit| {
        let patient = login.take_chart_code(who, typed.get("code"), visit)?;
        person(record, &login.person_of(&patient, Assurance::Code, visit)?)?;
        Ok(Done::Go)
    })
    .await
}

/// `POST /patient/sharing/unlink`
pub(crate) async fn unlink(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, UNLINK, &form, |_, login, record, who, visit| {
        login.unlink_chart(who, visit)?;
        person(record, &login.person_gone(who, visit))?;
        Ok(Done::Go)
    })
    .await
}

/// Writes the Person of an account, or deletes it.
pub(crate) fn person(record: &Record, person: &Person) -> Result<(), Error> {
    let (resource_type, id) = ("Person".to_owned(), Some(person.id.clone()));
    let (wish, operation) = match &person.body {
        Some(body) => {
            let resource =
                json::parse(body, json::Limits::default()).map_err(|error| Error::Fault(Box::new(error)))?;
            let (query, if_match) = (None, None);
            (Wish::Update { resource_type, id, query, resource, if_match, if_none_match: false }, "update")
        }
        None => (Wish::Delete { resource_type, id, query: None, if_match: None }, "delete"),
    };
    match record.commit(&person.act, operation, &[wish.into()]) {
        // Who was linked before there were Persons has none.
        Ok(_) | Err(Below::NotFound | Below::Gone { .. }) => Ok(()),
        Err(error) => {
            Err(below("code", "the link is done, and could not be written down; tell the front desk")(error))
        }
    }
}

/// `POST /patient/sharing/answer`
pub(crate) async fn answer(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, ANSWER, &form, |typed, login, record, who, visit| {
        let id = typed.get("about");
        match typed.get("choice") {
            "allow" => {
                let let_in = login.allow(who, id, typed.get("days"), visit)?;
                consent(login, record, &let_in)?;
            }
            _ => login.deny(who, id, visit)?,
        }
        Ok(Done::Go)
    })
    .await
}

/// `POST /patient/sharing/code`: the code is in the answer, and nowhere else ever again.
pub(crate) async fn code(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, CODE, &form, |typed, login, _, who, visit| {
        let code = login.show_code(who, typed.get("about"), typed.get("days"), visit)?;
        Ok(Done::Once("Tell this code to who sits before you. It works once, within ten minutes:", code))
    })
    .await
}

/// `POST /patient/sharing/proxy`: the link is in the answer, and nowhere else ever again.
pub(crate) async fn offer(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, PROXY, &form, |typed, login, _, who, visit| {
        let all = typed.get("all") == "yes";
        let token = login.offer_proxy(who, typed.get("name"), typed.get("until"), all, visit)?;
        let words = "Give this to them, and to nobody else. They enter it here, in their own account, once, within a day:";
        Ok(Done::Once(words, token.reveal().to_owned()))
    })
    .await
}

/// `POST /patient/sharing/proxy/take`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, TAKE, &form, |typed, login, _, who, visit| {
        login.take_proxy(who, typed.get("link"), visit).map(|()| Done::Go)
    })
    .await
}

/// `POST /patient/sharing/proxy/end`
pub(crate) async fn end(State(door): State<Arc<Door>>, guest: Guest, form: Form) -> Result<Response, Answer> {
    doing(&door, &guest, END, &form, |typed, login, _, who, visit| {
        login.end_proxy(who, typed.get("about"), visit).map(|()| Done::Go)
    })
    .await
}
