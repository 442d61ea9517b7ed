//! One's own account: name, password, second factor, sessions, notices.

use crate::{
    factor::{at_code, code_field, proof, to_app},
    failure::{Answer, of},
    page::{FormPage, go, render_with_script},
    passkey::{Ask, INTEGRITY, assertion},
    signed_in::{cookies, realm, with},
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use login::{
    Login,
    error::Error,
    passkeys::Listed,
    realm::Realm,
    session::{Device, Who},
    visit::Visit,
};
use std::sync::Arc;
use web::{cookie, door::Door, form::Form, guest::Guest};

/// How long after a sign-in what had not been sent is shown first.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    title: &'static str,
    realm: &'static str,
    token: String,
    error: String,
    name: String,
    identifiers: Vec<String>,
    has_app: bool,
    has_second: bool,
    passkeys: Vec<Key>,
    /// Where passkeys can be made.
    passkey: Option<Ask>,
    recovery_left: usize,
    has_providers: bool,
    is_patient: bool,
    is_linked: bool,
    is_admin: bool,
    devices: Vec<Line>,
    notices: Vec<(String, String)>,
}

impl AccountPage {
    fn integrity(&self) -> &'static str {
        INTEGRITY
    }
}

struct Key {
    id: String,
    name: String,
    added: String,
    used: String,
}

impl From<Listed> for Key {
    fn from(key: Listed) -> Key {
        let used = key.used.map(minute).unwrap_or_default();
        Key { id: key.id, name: key.name, added: minute(key.added), used }
    }
}

struct Line {
    id: String,
    realm: &'static str,
    browser: String,
    address: String,
    since: String,
    seen: String,
    this: bool,
}

/// To the minute, in UTC: a page knows no time zone yet, and says so.
pub(crate) fn minute(at: Timestamp) -> String {
    format!("{} UTC", at.strftime("%d-%b-%Y %H:%M"))
}

impl From<Device> for Line {
    fn from(device: Device) -> Line {
        Line {
            realm: device.realm.name(),
            since: minute(device.created),
            seen: minute(device.seen),
            id: device.id,
            browser: device.browser,
            address: device.address,
            this: device.this,
        }
    }
}

/// Sessions, notices, whether there are passkeys, whether there are outside providers.
type Shown = (Vec<Device>, Vec<(String, String)>, bool, bool);

fn look(login: &Login, who: &Who, visit: &Visit) -> Result<Shown, Error> {
    let notices = login.notices(who, visit.now)?;
    let notices = notices.into_iter().map(|notice| (minute(notice.at), notice.text)).collect();
    let has_providers = login.providers(who.realm).next().is_some() || !who.account.linked.is_empty();
    Ok((login.devices(who, visit.now)?, notices, login.has_passkeys(), has_providers))
}

fn page(who: &Who, (devices, notices, has_passkeys, has_providers): Shown, error: String) -> AccountPage {
    let account = &who.account;
    let national = account.national.iter().map(|(_, masked)| masked.clone());
    AccountPage {
        title: "Your account",
        realm: who.realm.name(),
        token: who.form_token.clone(),
        error,
        name: account.name.clone(),
        identifiers: account.identifiers.iter().map(|id| id.text()).chain(national).collect(),
        has_app: account.has_app(),
        has_second: account.has_second_factor(),
        passkeys: account.passkeys().into_iter().map(Key::from).collect(),
        passkey: has_passkeys.then(|| Ask::another(who.realm)),
        recovery_left: account.recovery_left(),
        has_providers,
        is_patient: who.realm == Realm::Patient,
        is_linked: account.patient.as_ref().is_some_and(|patient| patient.patient.is_some()),
        is_admin: who.realm == Realm::Admin,
        devices: devices.into_iter().map(Line::from).collect(),
        notices,
    }
}

/// `GET /{realm}/account`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let look = |login: &Login, who: &Who, visit: &Visit| {
        let has_draft = who.is_new(JUST_NOW, visit.now) && login.draft(who, visit)?.is_some();
        Ok((look(login, who, visit)?, has_draft))
    };
    let (who, shown) = with(&door, &guest, realm, None, look).await?;
    let (shown, has_draft) = shown.map_err(of)?;
    // Signing in ends here; whoever was sent to it by an app's question goes back to that.
    if let Some(back) = crate::consent::way_back(&guest, realm) {
        return Ok(back);
    }
    if has_draft {
        return Ok(go(&format!("/{name}/draft"), Vec::new()));
    }
    Ok(render_with_script(StatusCode::OK, &page(&who, shown, String::new())))
}

/// Does something about the account; the account's page again, with what went wrong.
async fn change<T, W>(
    door: &Door,
    guest: &Guest,
    realm: Realm,
    form: &Form,
    work: W,
) -> Result<(Who, T), Answer>
where
    T: Send + 'static,
    W: FnOnce(&Login, &Who, &Visit) -> Result<T, Error> + Send + 'static,
{
    let done = with(door, guest, realm, Some(form), move |login, who, visit| {
        let outcome = work(login, who, visit);
        Ok((outcome, look(login, who, visit)?))
    });
    let (who, done) = done.await?;
    let (outcome, shown) = done.map_err(of)?;
    match outcome {
        Ok(done) => Ok((who, done)),
        Err(Error::StepUp) => Err(go(&format!("/{}/step-up", realm.name()), Vec::new()).into()),
        Err(error @ (Error::Denied | Error::Invalid { .. } | Error::Password(_))) => {
            let page = page(&who, shown, error.to_string());
            Err(render_with_script(StatusCode::UNPROCESSABLE_ENTITY, &page).into())
        }
        Err(error) => Err(of(error).into()),
    }
}

fn home(realm: Realm) -> String {
    format!("/{}/account", realm.name())
}

/// `POST /{realm}/account/name`
pub(crate) async fn name(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let name = form.get("name").to_owned();
    change(&door, &guest, realm, &form, move |login, who, visit| login.rename(who, &name, visit)).await?;
    Ok(go(&home(realm), Vec::new()))
}

/// `POST /{realm}/account/password`
pub(crate) async fn password(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let typed = form.clone();
    let (_, signed) = change(&door, &guest, realm, &form, move |login, who, visit| {
        login.change_password(who, typed.get("old"), typed.get("password"), visit)
    })
    .await?;
    Ok(go(&home(realm), cookies(&signed)))
}

/// `POST /{realm}/account/app`
pub(crate) async fn replace_app(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let begun = change(&door, &guest, realm, &form, |login, who, visit| login.replace_app(who, visit));
    let (_, token) = begun.await?;
    Ok(to_app(realm, token.reveal()))
}

/// `POST /{realm}/account/passkey/remove`
pub(crate) async fn remove_passkey(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let id = form.get("passkey").to_owned();
    let removed =
        change(&door, &guest, realm, &form, move |login, who, visit| login.remove_passkey(who, &id, visit));
    let (_, signed) = removed.await?;
    Ok(go(&home(realm), cookies(&signed)))
}

/// `POST /{realm}/account/revoke`
pub(crate) async fn revoke(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let id = form.get("session").to_owned();
    change(&door, &guest, realm, &form, move |login, who, visit| login.revoke(who, &id, visit)).await?;
    Ok(go(&home(realm), Vec::new()))
}

/// `POST /{realm}/account/everywhere`
pub(crate) async fn everywhere(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let ended = |login: &Login, who: &Who, visit: &Visit| login.sign_out_everywhere(who, visit);
    change(&door, &guest, realm, &form, ended).await?;
    Ok(out(realm))
}

/// `POST /{realm}/sign-out`
pub(crate) async fn sign_out(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    change(&door, &guest, realm, &form, |login, who, visit| login.sign_out(who, visit)).await?;
    Ok(out(realm))
}

fn out(realm: Realm) -> Response {
    go(&format!("/{}/sign-in", realm.name()), vec![cookie::remove(cookie::session(realm))])
}

fn step_up_page(who: &Who) -> FormPage {
    FormPage {
        title: "Confirm that it is you".into(),
        lead: vec!["What you are about to do needs a fresh code.".into()],
        fields: vec![code_field()],
        action: format!("/{}/step-up", who.realm.name()),
        button: "Go on",
        token: who.form_token.clone(),
        passkey: who.account.has_passkey().then(|| Ask::step_up(who.realm)),
        links: vec![(home(who.realm), "Back to your account")],
        ..FormPage::default()
    }
}

/// `GET /{realm}/step-up`
pub(crate) async fn show_step_up(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
) -> Result<Response, Answer> {
    let (who, _) = with(&door, &guest, realm(&path)?, None, |_, _, _| Ok(())).await?;
    Ok(step_up_page(&who).show())
}

/// `POST /{realm}/step-up`
pub(crate) async fn step_up(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let (proof, attempt) = (proof(&form), guest.attempt().to_owned());
    let sent = (form.get("kind") == "passkey").then(|| assertion(&form));
    let (who, done) = with(&door, &guest, realm, Some(&form), move |login, who, visit| match sent {
        Some(sent) => login.step_up_by_passkey(who, &attempt, &sent, visit),
        None => login.step_up(who, &proof, visit),
    })
    .await?;
    match done {
        Ok(signed) => {
            let home = if realm == Realm::Admin { "/admin/staff".to_owned() } else { home(realm) };
            Ok(go(&home, cookies(&signed)))
        }
        Err(error) => Ok(step_up_page(&who).again(at_code(error))?),
    }
}
