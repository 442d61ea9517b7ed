//! Other servers that patients may bring their record from: an administrator lists them here, because patients choose from the list alone,
//! and because the list has secrets that stand in no file. The server is asked how people sign in there before it is listed.

use crate::{
    failure::Answer,
    page::Field,
    signed_in::with,
    tasks::{self, Ask, Done, Item, Section, Tasks},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{
    Login,
    elsewhere::{Draft, Listing},
    error::Error,
    realm::Realm,
    roster::By,
    session::Who,
    visit::Visit,
};
use record::Record;
use std::{sync::Arc, time::Duration};
use web::{
    door::Door,
    form::Form,
    outside::{self, Came, Fetch},
};

const HOME: &str = "/admin/elsewhere";
const REMOVE: &str = "/admin/elsewhere/remove";

/// Where servers send browsers back to.
pub(crate) const BACK: &str = "/patient/elsewhere/back";

/// The longest word of a server on how it is asked, in bytes.
const LONGEST: usize = 256 << 10;

/// Where browsers come back to, as the other server must know it.
pub(crate) fn redirect(door: &Door) -> String {
    format!("{}{BACK}", door.origin())
}

/// What a server says of how it is asked.
pub(crate) async fn configuration(address: &str) -> Option<Vec<u8>> {
    let patience = Duration::from_secs(10);
    let fetch = Fetch { address, accept: "application/json", bearer: None, longest: LONGEST, patience };
    outside::fetch(fetch).await.ok().map(|came: Came| came.bytes)
}

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let items = login.listed_houses(who, visit)?.into_iter().map(|(id, house)| {
        let mut lines =
            vec![house.name.clone(), house.base.clone(), w.with("houses-client", "id", &house.client_id)];
        lines.extend(house.sign_in.as_ref().map(|sign_in| w.with("houses-signs-in", "address", sign_in)));
        lines.push(w.with("since-when", "since", w.minute(house.added)));
        let remove = Ask {
            plain: true,
            ..Ask::new(REMOVE, &id, Vec::new(), w.with("houses-remove", "name", &house.name))
        };
        Item { lines, asks: vec![remove] }
    });
    let field = |name, key: &str| Field::new(name, w.say(key), "text", "off");
    let fields = vec![
        field("name", "houses-name").hint(w.say("houses-name-hint")),
        field("base", "houses-base").hint(w.say("houses-base-hint")),
        field("sign-in", "houses-sign-in").hint(w.say("houses-sign-in-hint")).optional(),
        field("client", "houses-id").hint(w.say("houses-id-hint")).optional(),
        Field::new("secret", w.say("houses-secret"), "password", "off")
            .hint(w.say("houses-secret-hint"))
            .optional(),
        field("scope", "houses-scope").hint(w.say("houses-scope-hint")).optional(),
    ];
    Ok(Tasks {
        title: w.say("place-elsewhere"),
        sections: vec![
            Section::new(w.say("houses-listed"), vec![w.say("houses-lead")])
                .of(items.collect(), w.say("houses-none")),
            Section::new(w.say("houses-new"), vec![w.say("houses-new-lead")]).ask(Ask::new(
                HOME,
                "",
                fields,
                w.say("houses-list"),
            )),
        ],
        links: vec![("/admin/staff", w.say("place-staff")), ("/admin/account", w.say("account"))],
        ..Tasks::default()
    })
}

/// `GET /admin/elsewhere`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    tasks::show(&door, &view, Realm::Admin, look).await
}

/// What was asked of a server before it is listed.
struct Asked {
    draft: Draft,
    configuration: Vec<u8>,
    registered: Option<Vec<u8>>,
}

async fn asked(door: &Door, drafted: Result<Draft, Error>) -> Result<Asked, Error> {
    let draft = drafted?;
    let silent = "that server does not answer; check the address, and that this house may reach it";
    let configuration = configuration(&draft.configuration()).await;
    let configuration = configuration.ok_or(Error::Invalid { field: "base", text: silent })?;
    let registered = match draft.registration(&configuration, &redirect(door))? {
        Some(wanted) => {
            let answer = outside::post(&wanted.endpoint, "application/json", wanted.body, None).await;
            let text = "that server did not register this house; register it with whoever runs that server, and enter the id";
            Some(answer.map_err(|_| Error::Invalid { field: "client", text })?)
        }
        None => None,
    };
    Ok(Asked { draft, configuration, registered })
}

/// `POST /admin/elsewhere`: asks the server, and lists it.
pub(crate) async fn list(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let sent = form.clone();
    let drafted = with(&door, &view.guest, Realm::Admin, Some(&form), move |login, who, visit| {
        let listing = Listing {
            name: sent.get("name"),
            base: sent.get("base"),
            sign_in: sent.get("sign-in"),
            client_id: sent.get("client"),
            secret: sent.get("secret"),
            scope: sent.get("scope"),
        };
        login.draft_house(By::Administrator(who), &listing, visit)
    });
    let asked = asked(&door, drafted.await?.1).await;
    tasks::change(
        &door,
        &view,
        (Realm::Admin, HOME, HOME),
        &form,
        (look, None),
        move |login, _, who, visit| {
            let Asked { draft, configuration, registered } = asked?;
            login
                .list_house(By::Administrator(who), draft, &configuration, registered.as_deref(), visit)
                .map(|()| Done::Go)
        },
    )
    .await
}

/// `POST /admin/elsewhere/remove`
pub(crate) async fn remove(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let id = form.get("about").to_owned();
    tasks::change(
        &door,
        &view,
        (Realm::Admin, HOME, REMOVE),
        &form,
        (look, None),
        move |login, _, who, visit| login.unlist_house(who, &id, visit).map(|()| Done::Go),
    )
    .await
}
