//! What programs call to get in: tokens, registration, keys, and where to find all that. What people see of it are pages.
//!
//! Answers are in the form of OAuth, not of FHIR: <https://www.rfc-editor.org/rfc/rfc6749#section-5>

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use login::{
    Login,
    oauth::{
        error::{Code, OauthError},
        params::Params,
    },
    visit::Visit,
};
use serde_json::Value;
use std::sync::Arc;
use web::{
    door::Door,
    failure::Failure,
    guest::Guest,
    route::{Needs, Route},
};

/// The longest form or registration.
const LONGEST: usize = 48 << 10;

const fn route(method: &'static str, template: &'static str, operation: &'static str, needs: Needs) -> Route {
    Route { method, template, operation, needs }
}

/// All of them.
pub const TABLE: &[Route] = &[
    route("GET", "/.well-known/smart-configuration", "SMART configuration", Needs::Nothing),
    route("GET", "/fhir/R4/.well-known/smart-configuration", "SMART configuration", Needs::Nothing),
    route("GET", "/.well-known/openid-configuration", "OpenID configuration", Needs::Nothing),
    route("GET", "/.well-known/oauth-authorization-server", "OAuth configuration", Needs::Nothing),
    route("GET", "/oauth/jwks", "public keys", Needs::Nothing),
    route("GET", "/.well-known/jwks.json", "public keys of health cards", Needs::Nothing),
    route("POST", "/oauth/register", "register an app", Needs::Nothing),
    route("POST", "/oauth/token", "get a token", Needs::Client),
    route("POST", "/oauth/introspect", "ask about a token", Needs::Client),
    route("POST", "/oauth/revoke", "give a token back", Needs::Client),
];

/// The router of [`TABLE`], to be put behind a [`web::gate::Gate`]. The door must have a sign-in.
pub fn router(door: Arc<Door>) -> Router {
    let mut router = Router::new();
    for route in TABLE {
        router = router.route(route.template, served(route.template));
    }
    router.with_state(door).layer(from_fn(web::cross_origin::allow))
}

fn served(template: &str) -> MethodRouter<Arc<Door>> {
    match template {
        "/oauth/jwks" => get(jwks),
        "/.well-known/jwks.json" => get(health_card_keys),
        "/oauth/register" => post(register),
        "/oauth/token" => post(token),
        "/oauth/introspect" => post(introspect),
        "/oauth/revoke" => post(revoke),
        _ => get(configuration),
    }
}

fn answered(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// An error as OAuth says it; our own faults go to the log as everywhere.
fn refused(error: OauthError) -> Response {
    let status = match error.code {
        Code::ServerError => return Failure::fault(error.cause.unwrap_or(error.text)).into_response(),
        Code::InvalidClient => StatusCode::UNAUTHORIZED,
        Code::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::AccessDenied => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = serde_json::json!({"error": error.code.word(), "error_description": error.text});
    let mut response = answered(status, &body);
    let extra = match status {
        StatusCode::UNAUTHORIZED => {
            Some((header::WWW_AUTHENTICATE, "Bearer realm=\"keepwell\", error=\"invalid_client\""))
        }
        StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "1")),
        _ => None,
    };
    if let Some((name, value)) = extra {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `GET /.well-known/smart-configuration` and its like, for anyone.
async fn configuration(State(door): State<Arc<Door>>) -> Result<Response, Failure> {
    let apps = door.apps().ok_or_else(|| Failure::fault("apps without sign-in"))?;
    Ok(answered(StatusCode::OK, &apps.discovery()))
}

/// `GET /oauth/jwks`, for anyone.
async fn jwks(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Failure> {
    let keys = door.login(move |login| Ok(login.jwks(guest.visit.now))).await?;
    Ok(keys.map_or_else(|error| refused(error.into()), |keys| answered(StatusCode::OK, &keys)))
}

/// `GET /.well-known/jwks.json`, for anyone: whom to believe a [SMART Health Card](https://spec.smarthealth.cards/) of this house by.
async fn health_card_keys(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Failure> {
    let keys = door.login(move |login| Ok(login.health_card_keys(guest.visit.now))).await?;
    Ok(keys.map_or_else(|error| refused(error.into()), |keys| answered(StatusCode::OK, &keys)))
}

/// `POST /oauth/register`
async fn register(
    State(door): State<Arc<Door>>,
    guest: Guest,
    request: Request,
) -> Result<Response, Failure> {
    if !is_of(request.headers(), "application/json") {
        return Ok(refused(OauthError::new(
            Code::InvalidClientMetadata,
            "send the registration as application/json",
        )));
    }
    let body = door.gate().room().read(request.into_body(), None).await?;
    let registered = door.login(move |login| Ok(login.register(&body.bytes, &guest.visit))).await?;
    Ok(registered.map_or_else(refused, |client| answered(StatusCode::CREATED, &client.registration())))
}

/// `POST /oauth/token`
async fn token(State(door): State<Arc<Door>>, guest: Guest, request: Request) -> Result<Response, Failure> {
    form(&door, guest, request, |login, params, visit| login.token(params, visit).map(Some)).await
}

/// `POST /oauth/introspect`
async fn introspect(
    State(door): State<Arc<Door>>,
    guest: Guest,
    request: Request,
) -> Result<Response, Failure> {
    form(&door, guest, request, |login, params, visit| login.inspect(params, visit).map(Some)).await
}

/// `POST /oauth/revoke`
async fn revoke(State(door): State<Arc<Door>>, guest: Guest, request: Request) -> Result<Response, Failure> {
    form(&door, guest, request, |login, params, visit| login.revoke_token(params, visit).map(|()| None)).await
}

/// Reads a form and answers it.
async fn form<W>(door: &Door, guest: Guest, request: Request, work: W) -> Result<Response, Failure>
where
    W: FnOnce(&Login, &Params, &Visit) -> Result<Option<Value>, OauthError> + Send + 'static,
{
    if request.headers().contains_key(header::AUTHORIZATION) {
        let text = "this server knows no client secrets; send no Authorization header, but a client_assertion in the form";
        return Ok(refused(OauthError::new(Code::InvalidClient, text)));
    }
    if request.uri().query().is_some() || !is_of(request.headers(), "application/x-www-form-urlencoded") {
        let text =
            "send the parameters as a form, application/x-www-form-urlencoded, and none in the address";
        return Ok(refused(OauthError::new(Code::InvalidRequest, text)));
    }
    let body = door.gate().room().read(request.into_body(), None).await?;
    if body.bytes.len() > LONGEST {
        return Ok(refused(OauthError::new(Code::InvalidRequest, "the form is too long")));
    }
    let done = door.login(move |login| {
        let params = Params::parse(&body.bytes);
        Ok(params.and_then(|params| work(login, &params, &guest.visit)))
    });
    Ok(match done.await? {
        Ok(Some(value)) => answered(StatusCode::OK, &value),
        Ok(None) => answered(StatusCode::OK, &serde_json::json!({})),
        Err(error) => refused(error),
    })
}

fn is_of(headers: &HeaderMap, kind: &str) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.split(';').next().is_some_and(|sent| sent.trim().eq_ignore_ascii_case(kind))
}
