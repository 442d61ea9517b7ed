//! Roles, for administrators: what each allows in plain words, copies of them under another name, and what a change would change before
//! it is saved.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Instead, Item, Look, Section, Tasks, change},
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
use web::{door::Door, form::Form, guest::Guest};

const HOME: &str = "/admin/roles";
const OPEN: &str = "/admin/roles/open";
const CHECK: &str = "/admin/roles/check";
const REMOVE: &str = "/admin/roles/remove";

fn look(login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    login.may_see_roles(who, visit)?;
    let mut items = Vec::new();
    for listed in login.roles(visit.now)? {
        let kind = listed.version.map_or("built in".to_owned(), |version| format!("version {version}"));
        let holders = people(login.holders(&listed.role.name, visit.now)?);
        let lines = vec![format!("{} ({}), {kind}, {holders}", listed.role.title, listed.role.name)];
        let ask = Ask { plain: true, ..Ask::new(OPEN, &listed.role.name, Vec::new(), "Open") };
        items.push(Item { lines, asks: vec![ask] });
    }
    let lead = [
        "Built-in roles stay as they are: open one and save it under another name. A change counts from the next request on, for everybody who has the role.",
    ];
    let links = vec![("/admin/staff", "Facilities and staff"), ("/admin/account", "Your account")];
    let sections = vec![Section::new("All roles", &lead).of(items, "There are none.")];
    Ok(Tasks { title: "Roles", sections, links, ..Tasks::default() })
}

fn people(count: usize) -> String {
    match count {
        0 => "nobody has it".to_owned(),
        1 => "1 person has it".to_owned(),
        count => format!("{count} people have it"),
    }
}

/// The form of a role. `like` is the name of the role that it was opened from.
fn edit(like: &str, role: &RoleForm) -> Ask {
    let field = |name, label, kind, value: &str| Field {
        value: value.to_owned(),
        ..Field::new(name, label, kind, "off")
    };
    let reveals = if role.reveals { "yes" } else { "" };
    let fields = vec![
        field("name", "Name", "text", &role.name)
            .hint("As accounts have it: lower-case letters, digits and hyphens; not that of a built-in role"),
        field("title", "Title", "text", &role.title).hint("As people read it"),
        field("relationship", "Whose records", "select", &role.relationship),
        field("scopes", "Scopes", "lines", &role.scopes)
            .hint("One a line, like user/Observation.rs: c adds, r and s see, u changes, d deletes"),
        field("labels", "Sensitive labels that it sees unasked", "text", &role.labels)
            .hint("Such as PSY HIV")
            .optional(),
        field("masks", "What it sees masked of persons", "text", &role.masks)
            .hint(format!("Of these: {}", MASKS.join(" ")))
            .optional(),
        field("reveals", "It may lift the mask, look by look", "checkbox", reveals),
    ];
    let choices =
        RELATIONSHIPS.iter().map(|(word, words)| ((*word).to_owned(), (*words).to_owned())).collect();
    Ask { choices, ..Ask::new(CHECK, like, fields, "See what changes") }
}

/// A part with the form as it was typed, where something in it is wrong.
fn typed(form: &Form) -> Section {
    Section::new("Change the role", &[]).ask(edit(form.get("about"), &read(form)))
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
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    crate::tasks::show(&door, &guest, Realm::Admin, look).await
}

/// Does what a form of the page asks.
async fn doing<W>(
    door: &Door,
    guest: &Guest,
    action: &'static str,
    form: &Form,
    instead: Instead,
    work: W,
) -> Result<Response, Answer>
where
    W: FnOnce(&Form, &Login, &Who, &Visit) -> Result<Done, Error> + Send + 'static,
{
    let (sent, page): (Form, (Look, Instead)) = (form.clone(), (look, instead));
    change(door, guest, (Realm::Admin, HOME, action), form, page, move |login, _, who, visit| {
        work(&sent, login, who, visit)
    })
    .await
}

fn none() -> Error {
    Error::Invalid { field: "", text: "there is no such role any more" }
}

/// `POST /admin/roles/open`
pub(crate) async fn open(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, OPEN, &form, None, |form, login, who, visit| {
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
        items.push(Item { lines: Vec::new(), asks: vec![edit(name, &shown)] });
        if is_own {
            let holders = people(login.holders(name, visit.now)?);
            let line =
                format!("Once it is removed, whoever has it may do nothing in it any more; {holders}.");
            let remove = Ask { plain: true, ..Ask::new(REMOVE, name, Vec::new(), "Remove this role") };
            items.push(Item { lines: vec![line], asks: vec![remove] });
        }
        let heading = format!("{} ({})", role.title, role.name);
        Ok(Done::Part(Section { items, ..Section::new(&heading, &["What it allows:"]) }))
    })
    .await
}

/// `POST /admin/roles/check`: what would change, before anything does.
pub(crate) async fn check(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, CHECK, &form, Some(typed), |form, login, who, visit| {
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
        let or_none = |lines: Vec<String>| if lines.is_empty() { vec!["Nothing.".to_owned()] } else { lines };
        let about = serde_json::to_string(&role).map_err(|error| Error::Fault(Box::new(error)))?;
        let save = Ask::new(HOME, &about, Vec::new(), "Save the role");
        let said = match changes.words.is_empty() {
            true => "It is as it was.".to_owned(),
            false => format!("As the log will have it: {}", changes.words),
        };
        let titled = |title: &str, lines: Vec<String>| Item {
            lines: std::iter::once(title.to_owned()).chain(or_none(lines)).collect(),
            asks: Vec::new(),
        };
        let items = vec![
            titled("What it newly allows:", gained),
            titled("What it no longer allows:", lost),
            Item { lines: vec![said, people(changes.holders)], asks: vec![save] },
            Item {
                lines: vec!["Or go on changing it:".into()],
                asks: vec![edit(form.get("about"), &read(form))],
            },
        ];
        let heading = format!("What would change in {} ({})", role.title, role.name);
        Ok(Done::Part(Section { items, ..Section::new(&heading, &["Nothing is saved yet."]) }))
    })
    .await
}

/// `POST /admin/roles`
pub(crate) async fn save(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, HOME, &form, None, |form, login, who, visit| {
        let role = parse(form.get("about"))?;
        login.keep_role(Editor::Administrator(who, visit), &role).map(|_| Done::Go)
    })
    .await
}

/// `POST /admin/roles/remove`
pub(crate) async fn remove(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    doing(&door, &guest, REMOVE, &form, None, |form, login, who, visit| {
        match login.remove_role(Editor::Administrator(who, visit), form.get("about")) {
            Err(Error::Ended) => Err(none()),
            outcome => outcome.map(|()| Done::Go),
        }
    })
    .await
}
