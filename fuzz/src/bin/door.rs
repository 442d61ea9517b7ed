//! The FHIR door before a real kernel: whatever comes, the answer is no fault of ours, and says so in FHIR's words.
//!
//! Input: lines of a request as HTTP writes it (method and path, headers, an empty line, the body), without a version. The
//! caller may do everything, so that nothing is refused before it is read.
#![no_main]

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, Response},
};
use record::sign_in::Pass;
use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};
use testkit::house::{Engine, House};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use web::{
    door::Door,
    gate::{Gate, Settings},
    limits::Limits,
};

const TOKEN: &str = "kw_fuzz";

struct Doors {
    app: Router,
    runtime: Runtime,
    _house: Arc<House>,
}

static DOORS: LazyLock<Doors> = LazyLock::new(|| {
    let house = Arc::new(House::new(Engine::Sqlite));
    let (clock, count) = (Arc::clone(&house), AtomicU64::new(0));
    let gate = Arc::new(Gate::new(Settings {
        clock: Arc::new(move || clock.now()),
        fresh_id: Arc::new(move || format!("request-{}", count.fetch_add(1, Ordering::Relaxed))),
        limits: Limits::default(),
        tls: false,
        parameters: api::parameters(),
    }));
    let door = Arc::new(Door::new(Arc::clone(&house.record), Arc::clone(&gate), "http://localhost/fhir/R4"));
    let app = gate.around(api::router(door, house.now()));
    gate.set_ready(true);
    let actor = house.act("operator", &["system/*.cruds"], None).actor;
    let expires = house.now() + jiff::SignedDuration::from_hours(24 * 365);
    house.record.issue(TOKEN, &Pass { actor, expires }).expect("a token");
    Doors {
        app,
        runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
        _house: house,
    }
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(request) = request(bytes) else { return };
    let response: Response<Body> =
        DOORS.runtime.block_on(DOORS.app.clone().oneshot(request)).unwrap_or_else(|never| match never {});
    let status = response.status();
    assert_ne!(status.as_u16(), 500, "a fault of ours");
    assert!(response.headers().contains_key("x-request-id"));
    let body =
        DOORS.runtime.block_on(axum::body::to_bytes(response.into_body(), 1 << 28)).expect("a whole answer");
    if status.is_client_error() && !body.is_empty() {
        let outcome = fhir::json::parse(&body, fhir::json::Limits::default()).expect("JSON");
        assert_eq!(outcome["resourceType"], "OperationOutcome");
    }
});

fn request(bytes: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &b""[..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let mut request = Request::builder().method(first.next()?).uri(first.next()?);
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next()?).ok()?;
        if name == "authorization" {
            continue;
        }
        request = request.header(name, HeaderValue::from_bytes(parts.next()?.trim_ascii()).ok()?);
    }
    request.header("authorization", format!("Bearer {TOKEN}")).body(Body::from(body.to_vec())).ok()
}
