//! A patient's own say: who may see the record, who acts for them, for whom they act.

use crate::{
    failure::Answer,
    page::Field,
    patients::consent,
    tasks::{Ask, Done, Item, Section, Tasks, below, change},
    view::View,
    words::Words,
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
use web::{door::Door, form::Form};

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

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let linked = who.account.patient.as_ref().is_some_and(|patient| patient.patient.is_some());
    let mut sections = if linked { own(w, login, who, visit)? } else { unlinked(w, login, who, visit)? };
    let acts = login.acts_for(who, visit)?.into_iter().map(ending(w, |proxy| &proxy.called));
    sections.push(Section::new(w.say("acts-for"), Vec::new()).of(acts.collect(), w.say("acts-for-nobody")));
    let field = Field::new("link", w.say("proxy-link"), "text", "off").hint(w.say("proxy-link-hint"));
    sections.push(Section::new(w.say("act-for"), vec![w.say("act-for-lead")]).ask(Ask::new(
        TAKE,
        "",
        vec![field],
        w.say("act-for-them"),
    )));
    let links = vec![("/patient/account", w.say("account"))];
    Ok(Tasks { title: w.say("sharing"), sections, links, ..Tasks::default() })
}

fn unlinked(w: Words, login: &Login, who: &Who, visit: &Visit) -> Result<Vec<Section>, Error> {
    let choices = login.facilities(visit.now)?.into_iter().filter(|facility| facility.open);
    let choices = choices.map(|facility| (facility.id, facility.name)).collect();
    let mut name = Field::new("name", w.say("full-name"), "text", "name");
    name.value = who.account.name.clone();
    let fields = vec![
        Field::new("facility", w.say("known-at"), "select", "off"),
        name,
        Field::new("birth_date", w.say("birth-date"), "text", "bday").hint(w.say("birth-date-hint")),
    ];
    let ask = Ask { choices, ..Ask::new(LINK, "", fields, w.say("link-ask")) };
    let desk = Section::new(w.say("link"), vec![w.say("link-lead")]).ask(ask);
    if !login.has_courier() {
        return Ok(vec![desk]);
    }
    let mut name = Field::new("name", w.say("full-name"), "text", "name");
    name.value = who.account.name.clone();
    let claim = vec![
        Field::new("identifier", w.say("record-number"), "text", "off").hint(w.say("record-number-hint")),
        name,
        Field::new("birth_date", w.say("birth-date"), "text", "bday").hint(w.say("birth-date-hint")),
    ];
    let by_code = Section::new(w.say("claim"), vec![w.say("claim-lead")])
        .ask(Ask::new(CLAIM, "", claim, w.say("claim-send")))
        .ask(Ask::new(CLAIM_CODE, "", vec![Field::code(w.say("claim-code"))], w.say("claim-open")));
    Ok(vec![desk, by_code])
}

fn own(w: Words, login: &Login, who: &Who, visit: &Visit) -> Result<Vec<Section>, Error> {
    let days = || {
        let mut days = Field::new("days", w.say("days"), "text", "off");
        days.value = "7".into();
        days
    };
    let requests = login.access_requests(who, visit)?.into_iter().map(|(id, request)| {
        let lines = vec![
            w.values(
                "request-line",
                &[
                    ("name", &request.name),
                    ("role", &w.of_code("role", &request.role, &request.role).to_lowercase()),
                    ("facility", &request.facility),
                    ("at", &w.minute(request.at)),
                ],
            ),
            format!("“{}”", request.reason),
        ];
        let allow = Ask { choice: "allow".into(), ..Ask::new(ANSWER, &id, vec![days()], w.say("allow")) };
        let deny =
            Ask { choice: "deny".into(), plain: true, ..Ask::new(ANSWER, &id, Vec::new(), w.say("deny")) };
        let code = Ask { plain: true, ..Ask::new(CODE, &id, vec![days()], w.say("request-code")) };
        Item { lines, asks: vec![allow, deny, code] }
    });
    let proxies = login.proxies(who, visit)?.into_iter().map(ending(w, |proxy| &proxy.name));
    let fields = vec![
        Field::new("name", w.say("proxy-name"), "text", "off").hint(w.say("proxy-name-hint")),
        Field::new("until", w.say("proxy-until"), "text", "off").hint(w.say("proxy-until-hint")),
        Field::new("all", w.say("proxy-all"), "checkbox", "off"),
    ];
    Ok(vec![
        Section::new(w.say("requests"), vec![w.say("requests-lead")])
            .of(requests.collect(), w.say("requests-none")),
        Section::new(w.say("proxies"), Vec::new()).of(proxies.collect(), w.say("proxies-none")),
        Section::new(w.say("proxy-offer"), vec![w.say("proxy-offer-lead")]).ask(Ask::new(
            PROXY,
            "",
            fields,
            w.say("proxy-make"),
        )),
        Section::new(w.say("unlink-title"), vec![w.say("unlink-lead")])
            .ask(Ask { plain: true, ..Ask::new(UNLINK, "", Vec::new(), w.say("unlink")) }),
    ])
}

/// A proxy with the way to end it.
fn ending(w: Words, words: fn(&Proxy) -> &str) -> impl Fn((String, Proxy)) -> Item {
    move |(id, proxy)| {
        let key = if proxy.is_taken() { "proxy-line" } else { "proxy-line-open" };
        let line = w.values(key, &[("name", words(&proxy)), ("until", &w.minute(proxy.until))]);
        Item {
            lines: vec![line],
            asks: vec![Ask { plain: true, ..Ask::new(END, &id, Vec::new(), w.say("proxy-end")) }],
        }
    }
}

/// `GET /patient/sharing`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Patient, look).await
}

/// Does what a form of the page asks.
async fn doing<W>(
    door: &Door,
    view: &View,
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
        view,
        (Realm::Patient, HOME, action),
        form,
        (look, None),
        move |login, record, who, visit| work(&typed, login, record, who, visit),
    )
    .await
}

/// `POST /patient/sharing/link`
pub(crate) async fn link(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let w = view.words;
    doing(&door, &view, LINK, &form, move |typed, login, _, who, visit| {
        let (name, birth_date) = (typed.get("name"), typed.get("birth_date"));
        login.ask_for_link(who, typed.get("facility"), name, birth_date, visit)?;
        Ok(Done::Once(w.say("link-asked"), String::new()))
    })
    .await
}

/// `POST /patient/sharing/claim`: the answer is the same whatever is found.
pub(crate) async fn claim(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let w = view.words;
    doing(&door, &view, CLAIM, &form, move |typed, login, record, who, visit| {
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
        Ok(Done::Once(w.say("claim-sent"), String::new()))
    })
    .await
}

/// `POST /patient/sharing/claim/code`
pub(crate) async fn claim_code(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &view, CLAIM_CODE, &form, |typed, login, record, who, visit| {
        let patient = login.take_chart_code(who, typed.get("code"), visit)?;
        person(record, &login.person_of(&patient, Assurance::Code, visit)?)?;
        Ok(Done::Go)
    })
    .await
}

/// `POST /patient/sharing/unlink`
pub(crate) async fn unlink(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &view, UNLINK, &form, |_, login, record, who, visit| {
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
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &view, ANSWER, &form, |typed, login, record, who, visit| {
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
pub(crate) async fn code(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let w = view.words;
    doing(&door, &view, CODE, &form, move |typed, login, _, who, visit| {
        let code = login.show_code(who, typed.get("about"), typed.get("days"), visit)?;
        Ok(Done::Once(w.say("request-code-shown"), code))
    })
    .await
}

/// `POST /patient/sharing/proxy`: the link is in the answer, and nowhere else ever again.
pub(crate) async fn offer(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let w = view.words;
    doing(&door, &view, PROXY, &form, move |typed, login, _, who, visit| {
        let all = typed.get("all") == "yes";
        let token = login.offer_proxy(who, typed.get("name"), typed.get("until"), all, visit)?;
        Ok(Done::Once(w.say("proxy-made"), token.reveal().to_owned()))
    })
    .await
}

/// `POST /patient/sharing/proxy/take`
pub(crate) async fn take(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    doing(&door, &view, TAKE, &form, |typed, login, _, who, visit| {
        login.take_proxy(who, typed.get("link"), visit).map(|()| Done::Go)
    })
    .await
}

/// `POST /patient/sharing/proxy/end`
pub(crate) async fn end(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    doing(&door, &view, END, &form, |typed, login, _, who, visit| {
        login.end_proxy(who, typed.get("about"), visit).map(|()| Done::Go)
    })
    .await
}
