//! Signing in by an outside provider: the way there, the way back, and which of them are linked to an account.
//!
//! A browser that comes back from another site sends no cookie of ours along. So the way back is a page that asks for nothing
//! but a click; its form is our own, and with it the cookie of the attempt comes.

use crate::{
    failure::{Answer, nowhere, of},
    page::{Field, FormPage, go, policy_with_answers_to},
    signed_in::{realm, step, with},
    tasks::{self, Ask, Done, Item, Section, Tasks},
    view::View,
    words::Words,
};
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use login::{
    Login,
    error::Error,
    federation::{Answer as Returned, Exchange, Provider, Started},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use record::Record;
use std::sync::Arc;
use web::{cookie, door::Door, failure::Failure, form::Form, outside};

/// Where providers send browsers back to.
const RETURN: &str = "/federation/return";

/// What is passed on from the way back, as providers name it.
pub(crate) const PASSED: [&str; 4] = ["state", "code", "error", "iss"];

const UNREACHED: Error =
    Error::Outside("the other provider cannot be reached now; use your password, or try again later");

fn redirect(door: &Door) -> String {
    format!("{}{RETURN}", door.origin())
}

/// The ways to sign in that a realm offers beside the password.
pub(crate) fn ways(w: Words, login: &Login, realm: Realm) -> Vec<(String, String)> {
    let way = |provider: &Provider| {
        let address = format!("/{}/federation/{}", realm.name(), provider.name);
        (address, w.with("sign-in-with", "provider", &provider.label))
    };
    login.providers(realm).map(way).collect()
}

/// `GET /{realm}/federation/{name}`: asks the provider how it is asked, and goes there.
pub(crate) async fn start(
    State(door): State<Arc<Door>>,
    Path((path, name)): Path<(String, String)>,
    view: View,
) -> Result<Response, Failure> {
    let realm = realm(&path)?;
    match begun(&door, &view, realm, name).await? {
        Ok(started) => Ok(there(&started)),
        Err(Error::Unsupported(_)) => Err(nowhere()),
        Err(error) => crate::sign_in::again(&door, &view, realm, error).await,
    }
}

async fn begun(
    door: &Door,
    view: &View,
    realm: Realm,
    name: String,
) -> Result<Result<Started, Error>, Failure> {
    let (visit, wanted) = (view.guest.visit.clone(), name.clone());
    let asked = door.login(move |login| Ok(login.wanted_provider(realm, &wanted, None, &visit))).await?;
    let provider = match asked {
        Ok(provider) => provider,
        Err(error) => return Ok(Err(error)),
    };
    let Ok(metadata) = outside::get(&provider.discovery()).await else { return Ok(Err(UNREACHED)) };
    let (visit, back) = (view.guest.visit.clone(), redirect(door));
    door.login(move |login| Ok(login.start_federation((realm, &name), None, &metadata, &back, &visit))).await
}

fn there(started: &Started) -> Response {
    go(&started.address, vec![cookie::set(cookie::ATTEMPT, started.attempt.reveal())])
}

/// `GET /federation/return`: nothing is done yet.
pub(crate) async fn show_return(view: View, query: RawQuery) -> Result<Response, Failure> {
    Ok(way_back(&view, query, "returned-lead", RETURN))
}

/// The page that a browser comes back to from another site, which asks for a click and passes on what came with it.
pub(crate) fn way_back(view: &View, RawQuery(query): RawQuery, lead: &str, action: &str) -> Response {
    let came = Form::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let field = |name: &'static str| Field {
        value: came.get(name).to_owned(),
        ..Field::new(name, "", "hidden", "off")
    };
    let w = view.words;
    let page = FormPage {
        title: w.say("returned"),
        lead: vec![w.say(lead)],
        fields: PASSED.map(field).to_vec(),
        action: action.into(),
        button: w.say("go-on"),
        ..FormPage::default()
    };
    page.show(&view.outside(None))
}

/// `POST /federation/return`: signs in, or links.
pub(crate) async fn take_return(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let visit = view.guest.visit.clone();
    let attempt = view.guest.attempt().to_owned();
    let came = door.login(move |login| {
        let realm = login.realm_of_journey(&attempt, &visit).map_err(of)?;
        let [state, code, error, issuer] = PASSED.map(|name| form.get(name));
        Ok((realm, login.returned(&attempt, Returned { state, code, error, issuer }, &visit)))
    });
    let (realm, exchange) = came.await?;
    let exchange = match exchange {
        Ok(exchange) => exchange,
        Err(error) => return Ok(crate::sign_in::again(&door, &view, realm, error).await?),
    };
    let Some((tokens, keys)) = fetched(&exchange).await else {
        return Ok(crate::sign_in::again(&door, &view, realm, UNREACHED).await?);
    };
    if exchange.links() {
        return link(&door, &view, realm, exchange, tokens, keys).await;
    }
    let visit = view.guest.visit.clone();
    let done = door.login(move |login| Ok(login.federated(&exchange, &tokens, &keys, &visit))).await?;
    match done {
        Ok(next) => Ok(step(realm, &next)),
        Err(Error::Denied) => {
            let text = "nobody here is linked to that account, or may come in; sign in as before, and link it under \"Your account\"";
            Ok(crate::sign_in::again(&door, &view, realm, Error::Outside(text)).await?)
        }
        Err(error) => Ok(crate::sign_in::again(&door, &view, realm, error).await?),
    }
}

/// What the provider says for the code, and its keys as they are now: a new key is good at once, and an old one is not.
async fn fetched(exchange: &Exchange) -> Option<(Vec<u8>, Vec<u8>)> {
    let authorization = exchange.authorization.as_deref();
    let tokens = outside::post_form(exchange.token_endpoint(), exchange.body(), authorization).await.ok()?;
    Some((tokens, outside::get(exchange.jwks_uri()).await.ok()?))
}

async fn link(
    door: &Door,
    view: &View,
    realm: Realm,
    exchange: Exchange,
    tokens: Vec<u8>,
    keys: Vec<u8>,
) -> Result<Response, Answer> {
    // The form of the way back is made without a session, so it has no session's token; the attempt's state stands for it.
    let linked = with(door, &view.guest, realm, None, move |login, who, visit| {
        login.link_federated(who, &exchange, &tokens, &keys, visit)
    });
    match linked.await?.1 {
        Ok(()) => Ok(go(home(realm), vec![cookie::remove(cookie::ATTEMPT)])),
        Err(Error::StepUp) => Ok(go(&format!("/{}/step-up", realm.name()), Vec::new())),
        Err(error) => Err(of(error).into()),
    }
}

fn home(realm: Realm) -> &'static str {
    match realm {
        Realm::Patient => "/patient/account/federation",
        Realm::Clinic => "/clinic/account/federation",
        Realm::Admin => "/admin/account/federation",
    }
}

fn removing(realm: Realm) -> &'static str {
    match realm {
        Realm::Patient => "/patient/account/federation/end",
        Realm::Clinic => "/clinic/account/federation/end",
        Realm::Admin => "/admin/account/federation/end",
    }
}

fn back(realm: Realm) -> &'static str {
    match realm {
        Realm::Patient => "/patient/account",
        Realm::Clinic => "/clinic/account",
        Realm::Admin => "/admin/account",
    }
}

fn look(w: Words, login: &Login, _: &Record, who: &Who, _: &Visit) -> Result<Tasks, Error> {
    let linked = who.account.linked.iter().map(|linked| Item {
        lines: vec![
            w.values("provider-line", &[("name", &linked.provider), ("since", &w.minute(linked.added))]),
        ],
        asks: vec![Ask {
            plain: true,
            ..Ask::new(removing(who.realm), &linked.handle(), Vec::new(), w.say("provider-remove"))
        }],
    });
    let offered = login.providers(who.realm).map(|provider| Item {
        lines: vec![provider.label.clone()],
        asks: vec![Ask::new(home(who.realm), &provider.name, Vec::new(), w.say("provider-link"))],
    });
    Ok(Tasks {
        title: w.say("providers"),
        sections: vec![
            Section::new(w.say("providers-linked"), Vec::new())
                .of(linked.collect(), w.say("providers-linked-none")),
            Section::new(w.say("providers-offered"), vec![w.say("providers-offered-lead")])
                .of(offered.collect(), w.say("providers-offered-none")),
        ],
        links: vec![(back(who.realm), w.say("account"))],
        ..Tasks::default()
    })
}

/// `GET /{realm}/account/federation`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let mut response = tasks::show(&door, &view, realm, look).await?;
    // A form of this page is answered by a step to the provider, and some browsers ask the policy for that step too.
    let origins = door.login(move |login| {
        Ok(login.providers(realm).map(|provider| provider.origin().to_owned()).collect::<Vec<_>>())
    });
    let policy = policy_with_answers_to(&origins.await?.join(" "));
    if let Ok(policy) = HeaderValue::from_str(policy.trim()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// `POST /{realm}/account/federation`: begins to link.
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let (name, wanted) = (form.get("about").to_owned(), form.get("about").to_owned());
    let asked = with(&door, &view.guest, realm, Some(&form), move |login, who, visit| {
        login.wanted_provider(realm, &wanted, Some(who), visit)
    });
    let provider = match asked.await?.1 {
        Ok(provider) => provider,
        Err(Error::StepUp) => return Ok(go(&format!("/{}/step-up", realm.name()), Vec::new())),
        Err(error) => return Err(of(error).into()),
    };
    let metadata = outside::get(&provider.discovery()).await.map_err(|_| of(UNREACHED))?;
    let back = redirect(&door);
    let started = with(&door, &view.guest, realm, Some(&form), move |login, who, visit| {
        login.start_federation((realm, &name), Some(who), &metadata, &back, visit)
    });
    Ok(there(&started.await?.1.map_err(of)?))
}

/// `POST /{realm}/account/federation/end`
pub(crate) async fn remove(
    State(door): State<Arc<Door>>,
    Path(path): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&path)?;
    let handle = form.get("about").to_owned();
    tasks::change(
        &door,
        &view,
        (realm, home(realm), removing(realm)),
        &form,
        (look, None),
        move |login, _, who, visit| login.unlink_federated(who, &handle, visit).map(|()| Done::Go),
    )
    .await
}
