//! Roles, for administrators: what each allows in plain words, copies of them under another name, and what a change would change before
//! it is saved.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Instead, Item, Look, Section, Tasks, change},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{
    Login,
    error::Error,
    realm::Realm,
    role_form::{MASKS, RELATIONSHIPS, RoleForm, difference, parse, sentences},
    roles::Editor,
    session::Who,
    visit::Visit,
};
use record::Record;
use std::sync::Arc;
use web::{door::Door, form::Form};

const HOME: &str = "/admin/roles";
const OPEN: &str = "/admin/roles/open";
const CHECK: &str = "/admin/roles/check";
const REMOVE: &str = "/admin/roles/remove";

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    login.may_see_roles(who, visit)?;
    let mut items = Vec::new();
    for listed in login.roles(visit.now)? {
        let kind = listed
            .version
            .map_or(w.say("role-built-in"), |version| w.with("role-version", "version", version));
        let holders = people(w, login.holders(&listed.role.name, visit.now)?);
        let lines = vec![format!("{} ({}), {kind}, {holders}", listed.role.title, listed.role.name)];
        let ask = Ask { plain: true, ..Ask::new(OPEN, &listed.role.name, Vec::new(), w.say("role-open")) };
        items.push(Item { lines, asks: vec![ask] });
    }
    let links = vec![("/admin/staff", w.say("place-staff")), ("/admin/account", w.say("account"))];
    let sections = vec![Section::new(w.say("roles-all"), vec![w.say("roles-lead")]).of(items, w.say("none"))];
    Ok(Tasks { title: w.say("place-roles"), sections, links, ..Tasks::default() })
}

fn people(w: Words, count: usize) -> String {
    w.count("role-holders", count)
}

/// The form of a role. `like` is the name of the role that it was opened from.
fn edit(w: Words, like: &str, role: &RoleForm) -> Ask {
    let field = |name, label: &str, kind, value: &str| Field {
        value: value.to_owned(),
        ..Field::new(name, w.say(label), kind, "off")
    };
    let reveals = if role.reveals { "yes" } else { "" };
    let fields = vec![
        field("name", "name", "text", &role.name).hint(w.say("role-name-hint")),
        field("title", "role-title", "text", &role.title).hint(w.say("role-title-hint")),
        field("relationship", "role-relationship", "select", &role.relationship),
        field("scopes", "role-scopes", "lines", &role.scopes).hint(w.say("role-scopes-hint")),
        field("labels", "role-labels", "text", &role.labels).hint(w.say("role-labels-hint")).optional(),
        field("masks", "role-masks", "text", &role.masks)
            .hint(w.with("role-masks-hint", "masks", MASKS.join(" ")))
            .optional(),
        field("reveals", "role-reveals", "checkbox", reveals),
    ];
    let choices = RELATIONSHIPS.iter().map(|(word, words)| ((*word).to_owned(), w.told(words))).collect();
    Ask { choices, ..Ask::new(CHECK, like, fields, w.say("role-check")) }
}

/// A part with the form as it was typed, where something in it is wrong.
fn typed(w: Words, form: &Form) -> Section {
    Section::new(w.say("role-change"), Vec::new()).ask(edit(w, form.get("about"), &read(form)))
}

fn read(form: &Form) -> RoleForm {
    let text = |name: &str| form.get(name).to_owned();
    RoleForm {
        name: text("name"),
        title: text("title"),
        relationship: text("relationship"),
        scopes: text("scopes"),
        labels: text("labels"),
        masks: text("masks"),
        reveals: form.get("reveals") == "yes",
    }
}

/// `GET /admin/roles`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Admin, look).await
}

/// Does what a form of the page asks.
async fn doing<W>(
    door: &Door,
    view: &View,
    action: &'static str,
    form: &Form,
    instead: Instead,
    work: W,
) -> Result<Response, Answer>
where
    W: FnOnce(&Form, &Login, &Who, &Visit) -> Result<Done, Error> + Send + 'static,
{
    let (sent, page): (Form, (Look, Instead)) = (form.clone(), (look, instead));
    change(door, view, (Realm::Admin, HOME, action), form, page, move |login, _, who, visit| {
        work(&sent, login, who, visit)
    })
    .await
}

fn none() -> Error {
    Error::Invalid { field: "", text: "there is no such role any more" }
}

/// `POST /admin/roles/open`
pub(crate) async fn open(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let w = view.words;
    doing(&door, &view, OPEN, &form, None, move |form, login, who, visit| {
        login.may_see_roles(who, visit)?;
        let name = form.get("about");
        let role = login.role(name, visit.now)?.ok_or_else(none)?;
        let is_own =
            login.roles(visit.now)?.iter().any(|listed| listed.version.is_some() && listed.role.name == name);
        let mut shown = RoleForm::of(&role);
        let mut items = vec![Item { lines: sentences(&role), asks: Vec::new() }];
        if !is_own {
            (shown.name, shown.title) = (String::new(), String::new());
        }
        items.push(Item { lines: Vec::new(), asks: vec![edit(w, name, &shown)] });
        if is_own {
            let holders = people(w, login.holders(name, visit.now)?);
            let line = w.with("role-remove-lead", "holders", holders);
            let remove = Ask { plain: true, ..Ask::new(REMOVE, name, Vec::new(), w.say("role-remove")) };
            items.push(Item { lines: vec![line], asks: vec![remove] });
        }
        let heading = format!("{} ({})", role.title, role.name);
        Ok(Done::Part(Section { items, ..Section::new(heading, vec![w.say("role-allows")]) }))
    })
    .await
}

/// `POST /admin/roles/check`: what would change, before anything does.
pub(crate) async fn check(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let w = view.words;
    doing(&door, &view, CHECK, &form, Some(typed), move |form, login, who, visit| {
        login.may_see_roles(who, visit)?;
        let like = login.role(form.get("about"), visit.now)?.ok_or_else(none)?;
        let role = read(form).role(&like)?;
        let mut types = role.scopes.iter().filter_map(|scope| scope.resource_type.as_deref());
        if !types.all(record::capability::is_resource_type) {
            let text = "a scope names a resource type that FHIR R4 does not have";
            return Err(Error::Invalid { field: "scopes", text });
        }
        let changes = login.changes_of_role(&role, visit.now)?;
        let (gained, lost) = difference(changes.before.as_ref(), &role);
        let or_none = |lines: Vec<String>| if lines.is_empty() { vec![w.say("role-nothing")] } else { lines };
        let about = serde_json::to_string(&role).map_err(|error| Error::Fault(Box::new(error)))?;
        let save = Ask::new(HOME, &about, Vec::new(), w.say("role-save"));
        let said = match changes.words.is_empty() {
            true => w.say("role-same"),
            false => w.with("role-log", "words", &changes.words),
        };
        let titled = |title: String, lines: Vec<String>| Item {
            lines: std::iter::once(title).chain(or_none(lines)).collect(),
            asks: Vec::new(),
        };
        let items = vec![
            titled(w.say("role-gained"), gained),
            titled(w.say("role-lost"), lost),
            Item { lines: vec![said, people(w, changes.holders)], asks: vec![save] },
            Item { lines: vec![w.say("role-or")], asks: vec![edit(w, form.get("about"), &read(form))] },
        ];
        let heading = w.values("role-would", &[("title", &role.title), ("name", &role.name)]);
        Ok(Done::Part(Section { items, ..Section::new(heading, vec![w.say("role-unsaved")]) }))
    })
    .await
}

/// `POST /admin/roles`
pub(crate) async fn save(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    doing(&door, &view, HOME, &form, None, |form, login, who, visit| {
        let role = parse(form.get("about"))?;
        login.keep_role(Editor::Administrator(who, visit), &role).map(|_| Done::Go)
    })
    .await
}

/// `POST /admin/roles/remove`
pub(crate) async fn remove(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &view, REMOVE, &form, None, |form, login, who, visit| {
        match login.remove_role(Editor::Administrator(who, visit), form.get("about")) {
            Err(Error::Ended) => Err(none()),
            outcome => outcome.map(|()| Done::Go),
        }
    })
    .await
}
