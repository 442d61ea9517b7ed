//! A kernel with its door, and people with tokens.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode},
};
use bytes::Bytes;
use login::Login;
use record::sign_in::Pass;
use serde_json::Value;
use std::{
    cell::RefCell,
    io,
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering},
    },
};
use testkit::house::{Engine, House};
use tower::ServiceExt;
use web::{
    door::Door,
    gate::{Gate, Settings},
    help,
    limits::Limits,
    probe,
};

pub(crate) const BASE: &str = "http://localhost/fhir/R4";

/// One test for each engine, from a function that takes the engine.
macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name(testkit::house::Engine::Sqlite).await })*
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { super::$name(testkit::house::Engine::Postgres).await })*
        }
    };
}
pub(crate) use on_both_engines;

/// A house whose door stands open to those with a token.
pub(crate) struct Doors {
    /// Always there, until it is dropped.
    house: Option<Arc<House>>,
    login: Option<Arc<Login>>,
    app: Router,
    tokens: AtomicU64,
}

/// Does what blocks away from the tests' runtime, which PostgreSQL's client will not be called from.
fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

impl Drop for Doors {
    fn drop(&mut self) {
        let parts = (std::mem::take(&mut self.app), self.login.take(), self.house.take());
        aside(|| drop(parts));
    }
}

/// Somebody with a token, or without.
pub(crate) struct Person<'a> {
    doors: &'a Doors,
    token: Option<String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

thread_local! {
    /// What the door logged on this thread, which is this test.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThreadLog;

impl io::Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was logged in this test so far.
pub(crate) fn logged() -> String {
    LOG.with_borrow(|log| String::from_utf8_lossy(log).into_owned())
}

/// One subscriber for the process: scoped ones lose events where tests run side by side.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        tracing::subscriber::set_global_default(subscriber.with_writer(|| ThreadLog).finish()).unwrap();
    });
}

impl Doors {
    pub(crate) fn open(engine: Engine) -> Doors {
        Doors::with(engine, Limits::default())
    }

    pub(crate) fn with(engine: Engine, limits: Limits) -> Doors {
        listen();
        let house = Arc::new(aside(|| House::new(engine)));
        let (clock, count) = (Arc::clone(&house), AtomicU64::new(0));
        let gate = Arc::new(Gate::new(Settings {
            clock: Arc::new(move || clock.now()),
            fresh_id: Arc::new(move || format!("request-{}", count.fetch_add(1, Ordering::Relaxed))),
            limits,
            tls: false,
            parameters: api::parameters(),
        }));
        let store = Arc::clone(house.record.store());
        let login = Arc::new(Login::new(store, login::settings::Settings::default(), None).unwrap());
        let door = Door::new(Arc::clone(&house.record), Arc::clone(&gate), BASE);
        let door = Arc::new(door.with_login(Arc::clone(&login), false));
        let routes =
            api::router(Arc::clone(&door), house.now()).merge(probe::router(door)).merge(help::router());
        let app = gate.around(routes);
        gate.set_ready(true);
        Doors { house: Some(house), login: Some(login), app, tokens: AtomicU64::new(0) }
    }

    /// Somebody with these scopes.
    pub(crate) fn person(&self, role: &str, scopes: &[&str], patient: Option<&str>) -> Person<'_> {
        let house = self.house.as_ref().unwrap();
        let expires = house.now() + jiff::SignedDuration::from_hours(1);
        self.with_token(role, Pass { actor: house.act(role, scopes, patient).actor, expires })
    }

    /// Somebody in a built-in role, whom records know as these.
    pub(crate) fn staff(&self, role: &str, known_as: &[&str], patient: Option<&str>) -> Person<'_> {
        let house = self.house.as_ref().unwrap();
        let expires = house.now() + jiff::SignedDuration::from_hours(1);
        let mut actor = house.staff(role, known_as).actor;
        actor.patient = patient.map(str::to_owned);
        self.with_token(role, Pass { actor, expires })
    }

    fn with_token(&self, role: &str, pass: Pass) -> Person<'_> {
        let token = format!("kw_{role}{}", self.tokens.fetch_add(1, Ordering::Relaxed));
        let record = &self.house.as_ref().unwrap().record;
        aside(|| record.issue(&token, &pass)).unwrap();
        Person { doors: self, token: Some(token) }
    }

    /// Somebody who may do everything.
    pub(crate) fn operator(&self) -> Person<'_> {
        self.person("operator", &["system/*.cruds"], None)
    }

    /// Somebody without a token.
    pub(crate) fn nobody(&self) -> Person<'_> {
        Person { doors: self, token: None }
    }

    /// Somebody whose token was never given out.
    pub(crate) fn impostor(&self) -> Person<'_> {
        Person { doors: self, token: Some("kw_forged".into()) }
    }
}

impl Person<'_> {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        if let Some(token) = &self.token {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        let response: Response<Body> = self.doors.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 28).await.unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/fhir/R4{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], Body::empty()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, &[], Body::empty()).await
    }

    pub(crate) async fn put(&self, path: &str, resource: &Value) -> Answer {
        self.ask("PUT", path, &[("content-type", "application/fhir+json")], resource.to_string()).await
    }

    pub(crate) async fn post(&self, path: &str, resource: &Value) -> Answer {
        self.ask("POST", path, &[("content-type", "application/fhir+json")], resource.to_string()).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        fhir::json::parse(&self.body, fhir::json::Limits::default()).expect("a JSON body")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The answer, once it has this status.
    #[track_caller]
    pub(crate) fn is(self, status: StatusCode) -> Answer {
        assert_eq!(self.status, status.as_u16(), "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The first issue's code, once it is an OperationOutcome with the request's id.
    #[track_caller]
    pub(crate) fn issue(&self) -> String {
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let text = outcome["issue"][0]["diagnostics"].as_str().unwrap();
        assert!(text.contains(&format!("request id {}", self.header("x-request-id"))), "{text}");
        outcome["issue"][0]["code"].as_str().unwrap().to_owned()
    }
}
