//! The front desk: linking accounts to charts, and letting parents act for children.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Item, Section, Tasks, below, change},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use fhir::json;
use login::{
    Login, chart_code::Assurance, chart_link::LinkTask, error::Error, proxy::Child, realm::Realm,
    session::Who, visit::Visit,
};
use record::{Record, find::exact, search::SearchRequest};
use std::sync::Arc;
use web::{door::Door, form::Form};

const HOME: &str = "/clinic/desk";
const LINK: &str = "/clinic/desk/link";
const PROXY: &str = "/clinic/desk/proxy";
const INVITATION: &str = "/clinic/desk/invitation";
const CONFIRM: &str = "/clinic/desk/proxy/confirm";

/// How many charts are offered for one task.
const OFFERED: &str = "5";

fn look(w: Words, login: &Login, record: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let mut tasks = Vec::new();
    for (id, task) in login.link_tasks(who, visit)? {
        let lines =
            vec![w.values("link-line", &[("name", &task.name), ("born", &task.birth_date.to_string())])];
        let fitting = candidates(login, record, who, &task, visit)?;
        let known = match fitting.is_empty() {
            true => w.say("link-no-chart"),
            false => w.with("link-charts", "charts", fitting.join(", ")),
        };
        let mut field = Field::new("patient", w.say("link-to"), "text", "off").hint(known);
        if let [one] = &fitting[..] {
            field.value = one.clone();
        }
        let link = Ask { choice: "link".into(), ..Ask::new(LINK, &id, vec![field], w.say("link-yes")) };
        let deny =
            Ask { choice: "deny".into(), plain: true, ..Ask::new(LINK, &id, Vec::new(), w.say("deny")) };
        tasks.push(Item { lines, asks: vec![link, deny] });
    }
    let waiting = login.unconfirmed_proxies(who, visit)?.into_iter().map(|(id, proxy)| {
        let text = w.values(
            "child-line",
            &[("name", &proxy.name), ("child", &proxy.called), ("until", &w.minute(proxy.until))],
        );
        Item { lines: vec![text], asks: vec![Ask::new(CONFIRM, &id, Vec::new(), w.say("confirm"))] }
    });
    let fields = vec![
        Field::new("patient", w.say("child-record"), "text", "off"),
        Field::new("name", w.say("child-name"), "text", "off").hint(w.say("child-name-hint")),
    ];
    let sections = vec![
        Section::new(w.say("links"), vec![w.say("links-lead")]).of(tasks, w.say("requests-none")),
        Section::new(w.say("child"), vec![w.say("child-lead")]).ask(Ask::new(
            PROXY,
            "",
            fields,
            w.say("child-offer"),
        )),
        Section::new(w.say("to-confirm"), vec![w.say("to-confirm-lead")])
            .of(waiting.collect(), w.say("none")),
        crate::roster::waiting(w, login, who, INVITATION, visit)?,
    ];
    let links = vec![("/clinic/register", w.say("register")), ("/clinic/account", w.say("account"))];
    Ok(Tasks { title: w.say("place-desk"), sections, links, ..Tasks::default() })
}

/// The charts, of those that this person sees, with the name and birth date that were given.
fn candidates(
    login: &Login,
    record: &Record,
    who: &Who,
    task: &LinkTask,
    visit: &Visit,
) -> Result<Vec<String>, Error> {
    let act = login.act_of(who, visit)?;
    let mut query = format!("birthdate=eq{}&_count={OFFERED}", task.birth_date);
    for word in task.name.split_whitespace().take(5) {
        query.push_str(&format!("&name={}", exact(word)));
    }
    let request = SearchRequest { resource_type: "Patient".into(), query, lenient: false, compartment: None };
    let page = record.search(&act, &request).map_err(below("name", "the charts could not be searched"))?;
    Ok(page.entries.into_iter().map(|entry| entry.id).collect())
}

/// `GET /clinic/desk`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Clinic, look).await
}

/// `POST /clinic/desk/link`
pub(crate) async fn link(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let typed = form.clone();
    change(
        &door,
        &view,
        (Realm::Clinic, HOME, LINK),
        &form,
        (look, None),
        move |login, record, who, visit| {
            let patient = typed.get("patient").trim();
            let patient = (typed.get("choice") == "link").then_some(patient);
            login.answer_link(who, typed.get("about"), patient, visit)?;
            if let Some(patient) = patient {
                crate::sharing::person(record, &login.person_of(patient, Assurance::Seen, visit)?)?;
            }
            Ok(Done::Go)
        },
    )
    .await
}

/// `POST /clinic/desk/proxy`
pub(crate) async fn offer(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let typed = form.clone();
    change(
        &door,
        &view,
        (Realm::Clinic, HOME, PROXY),
        &form,
        (look, None),
        move |login, record, who, visit| {
            let patient = typed.get("patient").trim();
            let unseen = below("patient", "you see no such patient; check the number");
            let act = login.act_of(who, visit)?;
            // When it ends hangs on the day of birth, which the desk sees masked.
            let shown = record.reveal(&act, "Patient", patient).map_err(unseen)?;
            let chart = json::parse(&shown.body, json::Limits::default())
                .map_err(|error| Error::Fault(Box::new(error)))?;
            let text = |path: &str| chart.pointer(path).and_then(|value| value.as_str()).unwrap_or_default();
            let called = format!("{} {}", text("/name/0/given/0"), text("/name/0/family"));
            let child = Child { patient, birth_date: text("/birthDate") };
            login.offer_proxy_for_child(who, child, (typed.get("name"), &called), visit)?;
            Ok(Done::Go)
        },
    )
    .await
}

/// `POST /clinic/desk/proxy/confirm`: the link is in the answer, and nowhere else ever again.
pub(crate) async fn confirm(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let (id, w) = (form.get("about").to_owned(), view.words);
    change(&door, &view, (Realm::Clinic, HOME, CONFIRM), &form, (look, None), move |login, _, who, visit| {
        let token = login.confirm_proxy(who, &id, visit)?;
        Ok(Done::Once(w.say("child-made"), token.reveal().to_owned()))
    })
    .await
}

/// `POST /clinic/desk/invitation`
pub(crate) async fn invitation(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    let at = (Realm::Clinic, HOME, INVITATION);
    change(&door, &view, at, &form, (look, None), move |login, _, who, visit| {
        crate::roster::answer(login, &typed, who, visit)
    })
    .await
}
