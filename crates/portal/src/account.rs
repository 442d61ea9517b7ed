//! One's own account: name, password, second factor, sessions, notices.

use crate::{
    factor::{at_code, code_field, proof, to_app},
    failure::{Answer, of},
    page::{FormPage, go, with_script},
    passkey::{Ask, INTEGRITY, assertion},
    signed_in::{cookies, realm, with},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use jiff::SignedDuration;
use login::{
    Login,
    error::Error,
    notice::Notice,
    passkeys::Listed,
    realm::Realm,
    session::{Device, Who},
    visit::Visit,
};
use std::{collections::HashMap, sync::Arc};
use web::{cookie, door::Door, form::Form};

/// How long after a sign-in what had not been sent is shown first.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    w: Words,
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
    /// Whether they see facilities and staff.
    administers: bool,
    devices: Vec<Line>,
    notices: Vec<(String, String)>,
}

impl AccountPage {
    fn integrity(&self) -> &'static str {
        INTEGRITY
    }

    fn show(&self, view: &View, who: &Who, status: StatusCode) -> Response {
        with_script(view.of(who).show(status, &self.w.say("account"), self))
    }
}

struct Key {
    id: String,
    name: String,
    added: String,
    used: String,
}

impl Key {
    fn of(w: Words, key: Listed) -> Key {
        let used = key.used.map(|at| w.minute(at)).unwrap_or_default();
        Key { id: key.id, name: key.name, added: w.minute(key.added), used }
    }
}

struct Line {
    id: String,
    realm: String,
    browser: String,
    address: String,
    since: String,
    seen: String,
    this: bool,
}

impl Line {
    fn of(w: Words, device: Device) -> Line {
        Line {
            realm: w.of_code("in", device.realm.name(), device.realm.name()),
            since: w.minute(device.created),
            seen: w.minute(device.seen),
            id: device.id,
            browser: device.browser,
            address: device.address,
            this: device.this,
        }
    }
}

/// Sessions, notices, whether there are passkeys, whether there are outside providers.
type Shown = (Vec<Device>, Vec<Notice>, bool, bool);

fn look(login: &Login, who: &Who, visit: &Visit) -> Result<Shown, Error> {
    let notices = login.notices(who, visit.now)?;
    let has_providers = login.providers(who.realm).next().is_some() || !who.account.linked.is_empty();
    Ok((login.devices(who, visit.now)?, notices, login.has_passkeys(), has_providers))
}

fn page(
    w: Words,
    who: &Who,
    (devices, notices, has_passkeys, has_providers): Shown,
    error: String,
) -> AccountPage {
    let account = &who.account;
    let national = account.national.iter().map(|(_, masked)| masked.clone());
    AccountPage {
        w,
        realm: who.realm.name(),
        token: who.form_token.clone(),
        error,
        name: account.name.clone(),
        identifiers: account.identifiers.iter().map(|id| id.text()).chain(national).collect(),
        has_app: account.has_app(),
        has_second: account.has_second_factor(),
        passkeys: account.passkeys().into_iter().map(|key| Key::of(w, key)).collect(),
        passkey: has_passkeys.then(|| Ask::another(w, who.realm)),
        recovery_left: account.recovery_left(),
        has_providers,
        is_patient: who.realm == Realm::Patient,
        is_linked: account.patient.as_ref().is_some_and(|patient| patient.patient.is_some()),
        administers: who.realm == Realm::Admin && crate::view::administers(who),
        devices: devices.into_iter().map(|device| Line::of(w, device)).collect(),
        notices: notices.into_iter().map(|notice| (w.minute(notice.at), w.told(&notice.text))).collect(),
    }
}

/// `GET /{realm}/account`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let look = |login: &Login, who: &Who, visit: &Visit| {
        let has_draft = who.is_new(JUST_NOW, visit.now) && login.draft(who, visit)?.is_some();
        Ok((look(login, who, visit)?, has_draft))
    };
    let (who, shown) = with(&door, &view.guest, realm, None, look).await?;
    let (shown, has_draft) = shown.map_err(of)?;
    // Signing in ends here; whoever was sent to it by an app's question goes back to that.
    if let Some(back) = crate::consent::way_back(&view.guest, realm) {
        return Ok(back);
    }
    if has_draft {
        return Ok(go(&format!("/{name}/draft"), Vec::new()));
    }
    let page = page(view.words, &who, shown, String::new());
    Ok(page.show(&view, &who, StatusCode::OK))
}

/// Does something about the account; the account's page again, with what went wrong.
async fn change<T, W>(
    door: &Door,
    view: &View,
    realm: Realm,
    form: &Form,
    work: W,
) -> Result<(Who, T), Answer>
where
    T: Send + 'static,
    W: FnOnce(&Login, &Who, &Visit) -> Result<T, Error> + Send + 'static,
{
    let done = with(door, &view.guest, realm, Some(form), move |login, who, visit| {
        let outcome = work(login, who, visit);
        Ok((outcome, look(login, who, visit)?))
    });
    let (who, done) = done.await?;
    let (outcome, shown) = done.map_err(of)?;
    match outcome {
        Ok(done) => Ok((who, done)),
        Err(Error::StepUp) => Err(go(&format!("/{}/step-up", realm.name()), Vec::new()).into()),
        Err(error @ (Error::Denied | Error::Invalid { .. } | Error::Password(_))) => {
            let page = page(view.words, &who, shown, view.words.error(&error));
            Err(page.show(view, &who, StatusCode::UNPROCESSABLE_ENTITY).into())
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
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let name = form.get("name").to_owned();
    change(&door, &view, realm, &form, move |login, who, visit| login.rename(who, &name, visit)).await?;
    Ok(go(&home(realm), Vec::new()))
}

/// `POST /{realm}/account/password`
pub(crate) async fn password(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let typed = form.clone();
    let (_, signed) = change(&door, &view, realm, &form, move |login, who, visit| {
        login.change_password(who, typed.get("old"), typed.get("password"), visit)
    })
    .await?;
    Ok(go(&home(realm), cookies(&signed)))
}

/// `POST /{realm}/account/app`
pub(crate) async fn replace_app(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let begun = change(&door, &view, realm, &form, |login, who, visit| login.replace_app(who, visit));
    let (_, token) = begun.await?;
    Ok(to_app(realm, token.reveal()))
}

/// `POST /{realm}/account/passkey/remove`
pub(crate) async fn remove_passkey(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let id = form.get("passkey").to_owned();
    let removed =
        change(&door, &view, realm, &form, move |login, who, visit| login.remove_passkey(who, &id, visit));
    let (_, signed) = removed.await?;
    Ok(go(&home(realm), cookies(&signed)))
}

/// `POST /{realm}/account/revoke`
pub(crate) async fn revoke(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let id = form.get("session").to_owned();
    change(&door, &view, realm, &form, move |login, who, visit| login.revoke(who, &id, visit)).await?;
    Ok(go(&home(realm), Vec::new()))
}

/// `POST /{realm}/account/everywhere`
pub(crate) async fn everywhere(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let ended = |login: &Login, who: &Who, visit: &Visit| login.sign_out_everywhere(who, visit);
    change(&door, &view, realm, &form, ended).await?;
    Ok(out(realm))
}

/// `POST /{realm}/sign-out`
pub(crate) async fn sign_out(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    change(&door, &view, realm, &form, |login, who, visit| login.sign_out(who, visit)).await?;
    Ok(out(realm))
}

fn out(realm: Realm) -> Response {
    go(&format!("/{}/sign-in", realm.name()), vec![cookie::remove(cookie::session(realm))])
}

/// Where somebody wanted to go when they were asked who they are: a page of a chart of this realm, and nothing else.
fn on_the_way(realm: Realm, asked: &Asked) -> Option<String> {
    let to = asked.get("to")?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~%/".contains(c);
    let is_chart = to.starts_with(&format!("/{}/chart/", realm.name()));
    (is_chart && !to.contains("//") && !to.contains("..") && to.chars().all(is_plain)).then(|| to.clone())
}

/// What a page of this address is asked with.
type Asked = HashMap<String, String>;

fn step_up_page(w: Words, who: &Who, to: Option<&str>) -> FormPage {
    let action = match to {
        Some(to) => format!("/{}/step-up?to={to}", who.realm.name()),
        None => format!("/{}/step-up", who.realm.name()),
    };
    let ask = Ask { action: action.clone(), ..Ask::step_up(w, who.realm) };
    FormPage {
        title: w.say("confirm-you"),
        lead: vec![w.say("step-up-lead")],
        fields: vec![code_field(w)],
        action,
        button: w.say("go-on"),
        token: who.form_token.clone(),
        passkey: who.account.has_passkey().then_some(ask),
        links: vec![(home(who.realm), w.say("account-back"))],
        ..FormPage::default()
    }
}

/// `GET /{realm}/step-up`
pub(crate) async fn show_step_up(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    Query(asked): Query<Asked>,
    view: View,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let (who, _) = with(&door, &view.guest, realm, None, |_, _, _| Ok(())).await?;
    let to = on_the_way(realm, &asked);
    Ok(step_up_page(view.words, &who, to.as_deref()).show(&view.of(&who)))
}

/// `POST /{realm}/step-up`
pub(crate) async fn step_up(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    Query(asked): Query<Asked>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let (proof, attempt) = (proof(&form), view.guest.attempt().to_owned());
    let sent = (form.get("kind") == "passkey").then(|| assertion(&form));
    let (who, done) = with(&door, &view.guest, realm, Some(&form), move |login, who, visit| match sent {
        Some(sent) => login.step_up_by_passkey(who, &attempt, &sent, visit),
        None => login.step_up(who, &proof, visit),
    })
    .await?;
    match done {
        Ok(signed) => {
            let home = match (realm, on_the_way(realm, &asked)) {
                (_, Some(to)) => to,
                (Realm::Admin, None) => crate::view::home_of_administration(&who).to_owned(),
                _ => home(realm),
            };
            Ok(go(&home, cookies(&signed)))
        }
        Err(error) => Ok(step_up_page(view.words, &who, on_the_way(realm, &asked).as_deref())
            .again(&view.of(&who), at_code(error))?),
    }
}
