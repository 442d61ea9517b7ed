//! Pages for somebody who is signed in: who it is, is asked of the sign-in at each request.

use crate::{
    failure::{Answer, nowhere, of},
    page::go,
};
use axum::http::{HeaderValue, StatusCode};
use fhir::outcome::IssueCode;
use login::{
    Login, attempt::Signed, attempt::Step, draft::Draft, error::Error, realm::Realm, session::Who,
    visit::Visit,
};
use record::Record;
use web::{cookie, door::Door, failure::Failure, form::Form, guest::Guest};

/// The realm that a path names.
pub(crate) fn realm(name: &str) -> Result<Realm, Failure> {
    Realm::named(name).ok_or_else(nowhere)
}

/// Does `work` for whoever is signed in to that realm. A form must carry the session's own token.
///
/// # Errors
/// The way to the sign-in for whoever is not signed in; 403 for a session of another realm, which is signed in the log, and for
/// a form that this session's pages did not show.
pub(crate) async fn with<T, W>(
    door: &Door,
    guest: &Guest,
    realm: Realm,
    form: Option<&Form>,
    work: W,
) -> Result<(Who, Result<T, Error>), Answer>
where
    T: Send + 'static,
    W: FnOnce(&Login, &Who, &Visit) -> Result<T, Error> + Send + 'static,
{
    with_record(door, guest, realm, form, move |login, _, who, visit| work(login, who, visit)).await
}

/// As [`with`], with the kernel beside the sign-in.
///
/// # Errors
/// As [`with`].
pub(crate) async fn with_record<R, W>(
    door: &Door,
    guest: &Guest,
    realm: Realm,
    form: Option<&Form>,
    work: W,
) -> Result<(Who, R), Answer>
where
    R: Send + 'static,
    W: FnOnce(&Login, &Record, &Who, &Visit) -> R + Send + 'static,
{
    let visit = guest.visit.clone();
    let token = guest.session(realm).map(str::to_owned);
    let others: Vec<(Realm, String)> = Realm::ALL
        .into_iter()
        .filter(|other| *other != realm)
        .filter_map(|other| Some((other, guest.session(other)?.to_owned())))
        .collect();
    let carried = form.map(|form| form.get("token").to_owned());
    let typed = form.map(|form| Draft { action: guest.path.clone(), fields: form.fields().to_vec() });
    let is_unasked = guest.is_unasked();
    let is_again = form.is_some_and(|form| form.get("draft") == "again");
    let done = door.pages(move |login, record| {
        if let (Some(token), Some(carried), Some(typed)) = (&token, &carried, typed) {
            login.keep_draft(realm, token, carried, typed, &visit).map_err(of)?;
        }
        let who = match &token {
            Some(token) if is_unasked => login.who_unasked(realm, token, &visit).map_err(of)?,
            Some(token) => login.who(realm, token, &visit).map_err(of)?,
            None => None,
        };
        let Some(who) = who else {
            for (other, token) in others {
                if let Some(stray) = login.who(other, &token, &visit).map_err(of)? {
                    login.refuse(&stray, realm, &visit).map_err(of)?;
                    return Err(elsewhere());
                }
            }
            return Ok(None);
        };
        if carried.is_some_and(|carried| !who.showed(&carried)) {
            let text = "this form belongs to another session; open the page again";
            return Err(Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text));
        }
        if is_again {
            login.drop_draft(&who, &visit).map_err(of)?;
        }
        let outcome = work(login, record, &who, &visit);
        Ok(Some((who, outcome)))
    });
    match done.await? {
        Some(done) => Ok(done),
        None => Err(go(&format!("/{}/sign-in", realm.name()), Vec::new()).into()),
    }
}

fn elsewhere() -> Failure {
    let text =
        "you are signed in elsewhere in Keepwell, and that does not open this page; sign in here as well";
    Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text)
}

/// The cookies of somebody who has just been signed in.
pub(crate) fn cookies(signed: &Signed) -> Vec<HeaderValue> {
    let session = cookie::set(cookie::session(signed.realm), signed.session.reveal());
    let device = signed.device.as_ref().map(|device| cookie::set(cookie::DEVICE, device.reveal()));
    [session, cookie::remove(cookie::ATTEMPT)].into_iter().chain(device).collect()
}

/// Where the next step is.
pub(crate) fn step(realm: Realm, step: &Step) -> axum::response::Response {
    let name = realm.name();
    let attempt = |token: &str| vec![cookie::set(cookie::ATTEMPT, token)];
    match step {
        Step::SecondFactor(token) => go(&format!("/{name}/second-factor"), attempt(token.reveal())),
        Step::Enrol(token) => go(&format!("/{name}/app"), attempt(token.reveal())),
        Step::Confirm(token) => go("/patient/sign-up/code", attempt(token.reveal())),
        Step::In(signed) => go(&format!("/{}/account", signed.realm.name()), cookies(signed)),
    }
}
