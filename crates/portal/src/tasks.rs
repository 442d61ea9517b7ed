//! A page of small forms about several things, each with its error beside the field that it is about.

use crate::{
    failure::{Answer, of},
    page::{Field, go},
    signed_in::with_record,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use login::{Login, error::Error, realm::Realm, session::Who, visit::Visit};
use record::Record;
use web::{door::Door, form::Form};

/// The page.
#[derive(Template, Default)]
#[template(path = "tasks.html")]
pub(crate) struct Tasks {
    /// What its forms say by themselves; set as it is shown.
    pub(crate) w: Words,
    pub(crate) title: String,
    pub(crate) error: String,
    /// What was done.
    pub(crate) done: String,
    /// A code or a link that is shown once.
    pub(crate) secret: String,
    /// What forms of this session carry.
    pub(crate) token: String,
    pub(crate) sections: Vec<Section>,
    pub(crate) links: Vec<(&'static str, String)>,
}

/// A part with its heading.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) heading: String,
    pub(crate) lead: Vec<String>,
    pub(crate) items: Vec<Item>,
}

/// One thing, and what can be done about it.
#[derive(Default)]
pub(crate) struct Item {
    pub(crate) lines: Vec<String>,
    pub(crate) asks: Vec<Ask>,
}

/// A form.
#[derive(Default)]
pub(crate) struct Ask {
    pub(crate) action: &'static str,
    /// What it is about: the patient, the request. Each form of a page has another action or is about something else.
    pub(crate) about: String,
    /// What its button chooses, where there are several of one action.
    pub(crate) choice: String,
    pub(crate) fields: Vec<Field>,
    /// What a `select` of it offers: value and words.
    pub(crate) choices: Vec<(String, String)>,
    pub(crate) button: String,
    pub(crate) plain: bool,
}

impl Section {
    pub(crate) fn new(heading: impl Into<String>, lead: Vec<String>) -> Section {
        Section { heading: heading.into(), lead, items: Vec::new() }
    }

    /// With items, or with what to say where there are none.
    pub(crate) fn of(mut self, items: Vec<Item>, none: String) -> Section {
        if items.is_empty() {
            self.lead.push(none);
        }
        self.items = items;
        self
    }

    pub(crate) fn ask(mut self, ask: Ask) -> Section {
        self.items.push(Item { lines: Vec::new(), asks: vec![ask] });
        self
    }
}

impl Ask {
    pub(crate) fn new(
        action: &'static str,
        about: &str,
        fields: Vec<Field>,
        button: impl Into<String>,
    ) -> Ask {
        Ask { action, about: about.to_owned(), fields, button: button.into(), ..Ask::default() }
    }

    /// The id of a field: no two of a page are the same.
    fn id(&self, field: &Field) -> String {
        let sane = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let text = format!("{}-{}-{}", self.action.trim_start_matches('/'), self.about, field.name);
        text.chars().map(sane).collect()
    }

    /// What a field is described by, for those who hear the page.
    fn described(&self, field: &Field) -> String {
        let parts = [("hint", !field.hint.is_empty()), ("error", !field.error.is_empty())];
        let there = parts.iter().filter(|(_, there)| *there);
        there.map(|(part, _)| format!("{}-{part}", self.id(field))).collect::<Vec<_>>().join(" ")
    }
}

impl Tasks {
    /// The page in the frame of somebody who is signed in.
    pub(crate) fn show(self, view: &View, who: &Who, status: StatusCode) -> Response {
        let page = Tasks { w: view.words, token: who.form_token.clone(), ..self };
        view.of(who).show(status, &page.title, &page)
    }

    /// Puts what was typed back, and the error where it belongs: to the field of the form that was sent.
    fn blame(&mut self, action: &str, form: &Form, field: &str, text: String) {
        let asks =
            self.sections.iter_mut().flat_map(|section| &mut section.items).flat_map(|item| &mut item.asks);
        let mut sent = asks.filter(|ask| ask.action == action && ask.about == form.get("about"));
        let mut text = Some(text);
        if let Some(ask) = sent.find(|ask| !ask.fields.is_empty()) {
            for known in &mut ask.fields {
                if known.autocomplete != "one-time-code" {
                    known.value = form.get(known.name).to_owned();
                }
                if known.name == field {
                    known.error = text.take().unwrap_or_default();
                }
            }
        }
        self.error = text.unwrap_or_default();
    }
}

/// What came of a form.
pub(crate) enum Done {
    /// Go on to the page itself.
    Go,
    /// Show this once: what it is, and the code or the link.
    Once(String, String),
    /// Show this part first.
    Part(Section),
}

/// A page, as it is made for somebody.
pub(crate) type Look = fn(Words, &Login, &Record, &Who, &Visit) -> Result<Tasks, Error>;

/// What makes the part that a form stood in, where its page has it only at times.
pub(crate) type Instead = Option<fn(Words, &Form) -> Section>;

/// Shows a page.
pub(crate) async fn show(door: &Door, view: &View, realm: Realm, look: Look) -> Result<Response, Answer> {
    let w = view.words;
    let work =
        move |login: &Login, record: &Record, who: &Who, visit: &Visit| look(w, login, record, who, visit);
    let (who, page) = with_record(door, &view.guest, realm, None, work).await?;
    Ok(page.map_err(of)?.show(view, &who, StatusCode::OK))
}

/// Does what a form of the page at `home` asks, and shows the page again with what came of it. `instead` makes the part that the form
/// stood in, where the page has it only at times.
pub(crate) async fn change<W>(
    door: &Door,
    view: &View,
    (realm, home, action): (Realm, &'static str, &'static str),
    form: &Form,
    (look, instead): (Look, Instead),
    work: W,
) -> Result<Response, Answer>
where
    W: FnOnce(&Login, &Record, &Who, &Visit) -> Result<Done, Error> + Send + 'static,
{
    let w = view.words;
    let done = with_record(door, &view.guest, realm, Some(form), move |login, record, who, visit| {
        let outcome = work(login, record, who, visit);
        let page = match &outcome {
            Ok(Done::Go) | Err(Error::StepUp) => Tasks::default(),
            _ => look(w, login, record, who, visit)?,
        };
        Ok((outcome, page))
    });
    let (who, done) = done.await?;
    let (outcome, mut page) = done.map_err(of)?;
    let (status, field) = match &outcome {
        Ok(Done::Go) => return Ok(go(home, Vec::new())),
        Err(Error::StepUp) => return Ok(go(&format!("/{}/step-up", realm.name()), Vec::new())),
        Ok(_) => (StatusCode::OK, ""),
        Err(Error::Invalid { field, .. }) => (StatusCode::UNPROCESSABLE_ENTITY, *field),
        Err(error @ Error::Role(_)) => (StatusCode::UNPROCESSABLE_ENTITY, error.field()),
        Err(Error::Denied) => (StatusCode::UNPROCESSABLE_ENTITY, "code"),
        Err(Error::Throttled { .. }) => (StatusCode::TOO_MANY_REQUESTS, ""),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, ""),
    };
    let wait = match &outcome {
        Err(Error::Throttled { seconds }) => HeaderValue::from_str(&seconds.to_string()).ok(),
        _ => None,
    };
    match outcome {
        Ok(Done::Once(words, secret)) => (page.done, page.secret) = (words, secret),
        Ok(Done::Part(part)) => page.sections.insert(0, part),
        Ok(Done::Go) => {}
        Err(error @ (Error::Invalid { .. } | Error::Role(_) | Error::Denied | Error::Throttled { .. })) => {
            if let Some(instead) = instead {
                page.sections.insert(0, instead(w, form));
            }
            page.blame(action, form, field, w.error(&error));
        }
        Err(error) => return Err(of(error).into()),
    }
    let mut response = page.show(view, &who, status);
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(response)
}

/// What the kernel says, as the sign-in would: pages know one kind of error.
pub(crate) fn below(field: &'static str, text: &'static str) -> impl Fn(record::error::Error) -> Error {
    use record::error::Error as Below;
    move |error| match error {
        Below::Refused => Error::Refused,
        Below::Busy(text) => Error::Busy(text),
        Below::Fault(source) => Error::Fault(source),
        _ => Error::Invalid { field, text },
    }
}
