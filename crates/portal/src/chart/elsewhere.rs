//! Bringing a record from another server (E9): where from, the way there and back, what came, and the patient's word that lets it in. For
//! the patient, and for who acts for them.

mod fetch;
mod preview;

use super::{
    Drawn, page_as,
    sheet::{Section, Sheet, escaped},
    unopened,
};
use crate::{
    elsewhere::{BACK, configuration, redirect},
    failure::{Answer, of},
    federation::{PASSED, way_back},
    page::{go, policy_with_answers_to},
    signed_in::{with, with_record},
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use care::elsewhere::{
    Brought, alike,
    came::Came,
    enter::{self, Entered, Plan, PutAway},
    mapped::From,
};
use login::{
    Login,
    elsewhere::parcel::{Parcel, State as Far},
    error::Error,
    federation::Answer as Returned,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use preview::Preview;
use record::Record;
use std::sync::Arc;
use web::{cookie, door::Door, failure::Failure, form::Form, outside};

#[derive(Template)]
#[template(path = "chart/elsewhere.html")]
struct ElsewherePage {
    s: Sheet,
    token: String,
    told: Told,
    /// Those that may be chosen: id and name.
    houses: Vec<(String, String)>,
    /// Which house a record is coming from.
    coming: String,
    /// Which house it did not come from, and why.
    lost: Option<(String, String)>,
    preview: Option<Preview>,
    brought: Vec<Line>,
}

/// What was brought from one house.
struct Line {
    base: String,
    label: String,
    counts: String,
}

/// What a deed comes to, above the page.
#[derive(Default)]
struct Told {
    error: String,
    done: Vec<String>,
    /// Whether the tick is missing.
    asks_tick: bool,
}

/// What the page is drawn from, beside the chart.
struct Found {
    houses: Vec<(String, String)>,
    origins: Vec<String>,
    parcel: Option<Parcel>,
    came: Option<(Came, Plan)>,
}

fn found(login: &Login, record: &Record, who: &Who, patient: &str, visit: &Visit) -> Result<Found, Failure> {
    let (act, _) = login.act_to_bring(who, patient, visit).map_err(of)?;
    let listed = login.houses(visit.now).map_err(of)?;
    let origins = listed.iter().flat_map(|(_, house)| house.origins()).collect();
    let houses = listed.into_iter().map(|(id, house)| (id, house.name)).collect();
    let parcel = login.parcel(who, patient, visit).map_err(of)?;
    let came = match &parcel {
        Some(Parcel { state: Far::Here(_), .. }) => {
            let (parcel, bytes) = login.open_parcel(who, patient, visit).map_err(of)?;
            let came = Came::parse(&bytes).ok_or_else(|| Failure::fault("a parcel cannot be read"))?;
            let plan = enter::plan(record, &act, &from(&parcel, patient), &came)?;
            Some((came, plan))
        }
        _ => None,
    };
    Ok(Found { houses, origins, parcel, came })
}

fn from<'f>(parcel: &'f Parcel, patient: &'f str) -> From<'f> {
    From { base: &parcel.base, label: &parcel.label, patient, fetch: &parcel.fetch }
}

fn address(patient: &str) -> String {
    format!("/patient/chart/{}/elsewhere", escaped(patient))
}

/// The page, with what came of a deed above it.
async fn draw(
    door: &Door,
    view: &View,
    patient: &str,
    status: StatusCode,
    told: Told,
) -> Result<Response, Answer> {
    let id = patient.to_owned();
    let work =
        move |login: &Login, record: &Record, who: &Who, visit: &Visit| found(login, record, who, &id, visit);
    let (who, found) = with_record(door, &view.guest, Realm::Patient, None, work).await?;
    let found = found.or_else(|failure| unopened(view, (Realm::Patient, &who), failure))?;
    let is_coming = found.parcel.as_ref().is_some_and(|parcel| parcel.state == Far::Coming);
    let policy = policy_with_answers_to(&found.origins.join(" "));
    let at = (Realm::Patient, patient, Section::Elsewhere);
    let mut response = page_as(status, door, view, at, |s, opened| {
        // Its policy names another server, and leaves no room for a script.
        let s = Sheet { since: None, ..s };
        let w = s.w;
        let parcel = found.parcel.as_ref();
        let coming = parcel.filter(|_| is_coming).map(|parcel| parcel.label.clone()).unwrap_or_default();
        let lost = parcel.and_then(|parcel| match &parcel.state {
            Far::Lost(word) => Some((parcel.label.clone(), w.say(&format!("elsewhere-why-{word}")))),
            _ => None,
        });
        let preview = parcel
            .zip(found.came.as_ref())
            .map(|(parcel, (came, plan))| Preview::new(w, &opened.chart, parcel, came, plan));
        let line = |brought: Brought| Line {
            counts: preview::counts(w, brought.counts.iter().map(|(kind, count)| (kind.as_str(), *count))),
            base: brought.base,
            label: brought.label,
        };
        let brought = care::elsewhere::brought(&opened.chart).into_iter().map(line).collect();
        let token = opened.who.form_token.clone();
        let page = ElsewherePage { token, told, houses: found.houses, coming, lost, preview, brought, s };
        Ok(Drawn { title: page.s.w.say("section-elsewhere"), page })
    })
    .await?;
    let headers = response.headers_mut();
    // The form that goes to another server is answered by a step there, and some browsers ask the policy for that step too.
    if let Ok(policy) = HeaderValue::from_str(policy.trim()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if is_coming {
        headers.insert(header::REFRESH, HeaderValue::from_static("4"));
    }
    Ok(response)
}

/// The page again, with what went wrong.
async fn again(door: &Door, view: &View, patient: &str, error: Error) -> Result<Response, Answer> {
    let status = match &error {
        Error::Outside(_) => StatusCode::BAD_GATEWAY,
        Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Ended => StatusCode::GONE,
        Error::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => return Err(of(error).into()),
    };
    let told = Told { error: view.words.error(&error), ..Told::default() };
    draw(door, view, patient, status, told).await
}

/// `GET /patient/chart/{patient}/elsewhere`
pub(crate) async fn show_elsewhere(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    draw(&door, &view, &patient, StatusCode::OK, Told::default()).await
}

/// `POST /patient/chart/{patient}/elsewhere`: goes to the server that was chosen.
pub(crate) async fn go_elsewhere(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (id, about) = (patient.clone(), form.get("about").to_owned());
    let wanted = with(&door, &view.guest, Realm::Patient, Some(&form), move |login, who, visit| {
        login.wanted_house(who, &id, &about, visit)
    });
    let house = match wanted.await?.1 {
        Ok(house) => house,
        Err(Error::Refused) => return Ok(go("/patient/sharing", Vec::new())),
        Err(error) => return again(&door, &view, &patient, error).await,
    };
    let Some(configuration) = configuration(&house.configuration()).await else {
        let text = "the other server cannot be reached now; try again later";
        return again(&door, &view, &patient, Error::Outside(text)).await;
    };
    let (id, about, back) = (patient.clone(), form.get("about").to_owned(), redirect(&door));
    let started = with(&door, &view.guest, Realm::Patient, Some(&form), move |login, who, visit| {
        login.start_errand(who, (&id, &about), &configuration, &back, visit)
    });
    match started.await?.1 {
        Ok(started) => Ok(go(&started.address, vec![cookie::set(cookie::ATTEMPT, started.attempt.reveal())])),
        Err(error) => again(&door, &view, &patient, error).await,
    }
}

/// `GET /patient/elsewhere/back`: a browser that comes from another site sends no cookie along, so nothing is done yet.
pub(crate) async fn show_back(view: View, query: RawQuery) -> Result<Response, Failure> {
    Ok(way_back(&view, query, "elsewhere-returned", BACK))
}

/// `POST /patient/elsewhere/back`: gets the token for the code, and begins to fetch. The form is made without a session, so it has no
/// session's token; the state of the way stands for it, and the way ends in the session that it began in.
pub(crate) async fn take_back(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let attempt = view.guest.attempt().to_owned();
    let ended = with(&door, &view.guest, Realm::Patient, None, move |login, who, visit| {
        let [state, code, error, issuer] = PASSED.map(|name| form.get(name));
        login.ended_errand(who, &attempt, Returned { state, code, error, issuer }, visit)
    });
    let exchange = ended.await?.1.map_err(of)?;
    let patient = exchange.patient.clone();
    let authorization = exchange.authorization.as_deref();
    let kind = "application/x-www-form-urlencoded";
    let answer = outside::post(&exchange.token_endpoint, kind, exchange.form.clone(), authorization).await;
    let no_token = Error::Outside("the other server gave no access; begin again, or ask whoever runs it");
    let token = match answer.map_err(|_| no_token).and_then(|bytes| exchange.read(&bytes)) {
        Ok(token) => token,
        Err(error) => return again(&door, &view, &patient, error).await,
    };
    let (id, base, label) = (patient.clone(), exchange.house.base.clone(), exchange.house.name.clone());
    let slip = with(&door, &view.guest, Realm::Patient, None, move |login, who, visit| {
        login.await_parcel(who, &id, (&base, &label), visit)
    });
    let slip = slip.await?.1.map_err(of)?;
    let errand = fetch::Errand { base: exchange.house.base, token: Arc::new(token), slip };
    if !outside::begin(fetch::bring(Arc::clone(&door), errand.clone())) {
        fetch::lose(&door, errand.slip, "busy").await;
    }
    Ok(go(&address(&patient), vec![cookie::remove(cookie::ATTEMPT)]))
}

/// What came of saying yes.
enum Said {
    /// It is another person, as far as one can tell, and the tick is missing.
    Unlike,
    /// It entered.
    In(Entered),
}

/// `POST /patient/chart/{patient}/elsewhere/enter`: the patient's word.
pub(crate) async fn enter_elsewhere(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (id, fetch, ticked) = (patient.clone(), form.get("about").to_owned(), form.get("same") == "yes");
    let work = move |login: &Login,
                     record: &Record,
                     who: &Who,
                     visit: &Visit|
          -> Result<Result<Said, Error>, Failure> {
        let (act, _) = login.act_to_bring(who, &id, visit).map_err(of)?;
        let (parcel, bytes) = match login.open_parcel(who, &id, visit) {
            Ok(opened) if opened.0.fetch == fetch => opened,
            Ok(_) | Err(Error::Ended) => return Ok(Err(Error::Ended)),
            Err(error) => return Err(of(error)),
        };
        let came = Came::parse(&bytes).ok_or_else(|| Failure::fault("a parcel cannot be read"))?;
        let here = record.there(&act, "bring in", ("Patient", &id), |_| true)?;
        if !ticked && !alike(&came.patient, &here.value).is_same() {
            return Ok(Ok(Said::Unlike));
        }
        let from = from(&parcel, &id);
        let plan = enter::plan(record, &act, &from, &came)?;
        let entered = enter::enter(record, &act, &from, &came, &plan)?;
        login.drop_parcel(who, &id, true, visit).map_err(of)?;
        Ok(Ok(Said::In(entered)))
    };
    let (who, said) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    let w = view.words;
    match said.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))? {
        Err(error) => again(&door, &view, &patient, error).await,
        Ok(Said::Unlike) => {
            let told = Told { error: w.say("elsewhere-tick"), asks_tick: true, ..Told::default() };
            draw(&door, &view, &patient, StatusCode::UNPROCESSABLE_ENTITY, told).await
        }
        Ok(Said::In(entered)) => {
            let mut done =
                vec![w.count("elsewhere-new", entered.new), w.count("elsewhere-changed", entered.changed)];
            done.extend(preview::refused(w, &entered.refused));
            draw(&door, &view, &patient, StatusCode::OK, Told { done, ..Told::default() }).await
        }
    }
}

/// `POST /patient/chart/{patient}/elsewhere/drop`: what came is not wanted.
pub(crate) async fn drop_elsewhere(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let id = patient.clone();
    let dropped = with(&door, &view.guest, Realm::Patient, Some(&form), move |login, who, visit| {
        login.drop_parcel(who, &id, false, visit)
    });
    match dropped.await?.1 {
        Err(Error::Refused) => Ok(go("/patient/sharing", Vec::new())),
        dropped => dropped.map_err(of).map(|()| go(&address(&patient), Vec::new())).map_err(Answer::from),
    }
}

/// `POST /patient/chart/{patient}/elsewhere/remove`: puts away what was brought from one house.
pub(crate) async fn remove_elsewhere(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (id, base) = (patient.clone(), form.get("about").to_owned());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| -> Result<PutAway, Failure> {
        let (act, _) = login.act_to_bring(who, &id, visit).map_err(of)?;
        Ok(enter::put_away(record, &act, &id, &base)?)
    };
    let (who, done) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    let done = done.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))?;
    let w = view.words;
    let mut lines = vec![w.count("elsewhere-gone", done.gone)];
    if done.kept > 0 {
        lines.push(w.count("elsewhere-stays", done.kept));
    }
    draw(&door, &view, &patient, StatusCode::OK, Told { done: lines, ..Told::default() }).await
}
