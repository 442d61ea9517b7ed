//! An app that staff let in without having started it from a chart asks for one patient: they choose among those whose charts are
//! open to them. The app reaches no more of that chart than they do.

use crate::{
    failure::{Answer, of},
    mine::{self, Mine},
    page::{go, render},
    signed_in::with_record,
    tasks::{Ask, Item, Section, Tasks},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use login::{error::Error, realm::Realm};
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

const FIND: &str = "/clinic/pick";
const CHOOSE: &str = "/clinic/pick/chart";

fn page(request: &str, typed: &str, error: String, found: Option<Vec<Mine>>) -> Tasks {
    let mut field = mine::field();
    (field.value, field.error) = (typed.to_owned(), error);
    let lead = ["The app gets this one chart, and no more of it than you may see yourself."];
    let find = Section::new("Find a patient", &lead).ask(Ask::new(FIND, request, vec![field], "Find"));
    let item = |mine: Mine| {
        let choose = Ask::new(CHOOSE, request, Vec::new(), "Choose this patient");
        Item { lines: vec![mine.line], asks: vec![Ask { choice: mine.id, ..choose }] }
    };
    let found = found.map(|found| {
        Section::new("Patients whose charts are open to you", &[])
            .of(found.into_iter().map(item).collect(), "None of them has this name or number.")
    });
    let sections = found.into_iter().chain([find]).collect();
    Tasks { title: "Whose chart?", sections, ..Tasks::default() }
}

/// `GET /clinic/pick/{token}`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(request): Path<String>,
    guest: Guest,
) -> Result<Response, Answer> {
    let (roles, asked) = (Arc::clone(door.roles()), request.clone());
    let asked = with_record(&door, &guest, Realm::Clinic, None, move |login, _, who, visit| {
        login.question(&asked, who, &*roles, visit)
    });
    let (who, question) = asked.await?;
    question.map_err(of)?;
    let page = Tasks { token: who.form_token, ..page(&request, "", String::new(), None) };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /clinic/pick`: who is looked for stands in no address.
pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let (request, typed) = (form.get("about").to_owned(), form.get("patient").to_owned());
    let text = typed.clone();
    let done = with_record(&door, &guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
        mine::find(login, record, who, &text, visit)
    });
    let (who, found) = done.await?;
    let (status, page) = match found {
        Ok(found) => (StatusCode::OK, page(&request, &typed, String::new(), Some(found))),
        Err(Error::Invalid { text, .. }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, page(&request, &typed, text.to_owned(), None))
        }
        Err(error) => return Err(of(error).into()),
    };
    Ok(render(status, &Tasks { token: who.form_token, ..page }))
}

/// `POST /clinic/pick/chart`
pub(crate) async fn choose(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let (request, patient) = (form.get("about").to_owned(), form.get("choice").to_owned());
    let asked = request.clone();
    let done = with_record(&door, &guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
        mine::opens(login, record, who, &patient, visit)?;
        login.choose_chart(&asked, who, &patient, visit)
    });
    let (who, done) = done.await?;
    match done {
        Ok(()) => Ok(go(&format!("/clinic/consent/{request}"), Vec::new())),
        Err(Error::Invalid { text, .. }) => {
            let page = Tasks { token: who.form_token, ..page(&request, "", text.to_owned(), None) };
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(of(error).into()),
    }
}
