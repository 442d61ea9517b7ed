//! An app that staff let in without having started it from a chart asks for one patient: they choose among those whose charts are
//! open to them. The app reaches no more of that chart than they do.

use crate::{
    failure::{Answer, of},
    mine::{self, Mine},
    page::go,
    signed_in::with_record,
    tasks::{Ask, Item, Section, Tasks},
    view::View,
    words::Words,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use login::{error::Error, realm::Realm};
use std::sync::Arc;
use web::{door::Door, form::Form};

const FIND: &str = "/clinic/pick";
const CHOOSE: &str = "/clinic/pick/chart";

fn page(w: Words, request: &str, typed: &str, error: String, found: Option<Vec<Mine>>) -> Tasks {
    let mut field = mine::field(w);
    (field.value, field.error) = (typed.to_owned(), error);
    let find = Section::new(w.say("pick-find"), vec![w.say("pick-lead")]).ask(Ask::new(
        FIND,
        request,
        vec![field],
        w.say("find"),
    ));
    let item = |mine: Mine| {
        let choose = Ask::new(CHOOSE, request, Vec::new(), w.say("pick-this"));
        Item { lines: vec![mine.line], asks: vec![Ask { choice: mine.id, ..choose }] }
    };
    let found = found.map(|found| {
        Section::new(w.say("mine-found"), Vec::new())
            .of(found.into_iter().map(item).collect(), w.say("mine-none"))
    });
    let sections = found.into_iter().chain([find]).collect();
    Tasks { title: w.say("pick"), sections, ..Tasks::default() }
}

/// `GET /clinic/pick/{token}`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(request): Path<String>,
    view: View,
) -> Result<Response, Answer> {
    let (roles, asked) = (Arc::clone(door.roles()), request.clone());
    let asked = with_record(&door, &view.guest, Realm::Clinic, None, move |login, _, who, visit| {
        login.question(&asked, who, &*roles, visit)
    });
    let (who, question) = asked.await?;
    question.map_err(of)?;
    Ok(page(view.words, &request, "", String::new(), None).show(&view, &who, StatusCode::OK))
}

/// `POST /clinic/pick`: who is looked for stands in no address.
pub(crate) async fn find(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let (request, typed) = (form.get("about").to_owned(), form.get("patient").to_owned());
    let text = typed.clone();
    let done =
        with_record(&door, &view.guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
            mine::find(login, record, who, &text, visit)
        });
    let (who, found) = done.await?;
    let w = view.words;
    let (status, page) = match found {
        Ok(found) => (StatusCode::OK, page(w, &request, &typed, String::new(), Some(found))),
        Err(Error::Invalid { text, .. }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, page(w, &request, &typed, w.told(text), None))
        }
        Err(error) => return Err(of(error).into()),
    };
    Ok(page.show(&view, &who, status))
}

/// `POST /clinic/pick/chart`
pub(crate) async fn choose(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let (request, patient) = (form.get("about").to_owned(), form.get("choice").to_owned());
    let asked = request.clone();
    let done =
        with_record(&door, &view.guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
            mine::opens(login, record, who, &patient, visit)?;
            login.choose_chart(&asked, who, &patient, visit)
        });
    let (who, done) = done.await?;
    match done {
        Ok(()) => Ok(go(&format!("/clinic/consent/{request}"), Vec::new())),
        Err(Error::Invalid { text, .. }) => {
            let page = page(view.words, &request, "", view.words.told(text), None);
            Ok(page.show(&view, &who, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(of(error).into()),
    }
}
