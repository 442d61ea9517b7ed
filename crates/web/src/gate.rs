//! What every request passes on its way in and out: correlation id, limits, panics, security headers, the log line.

#[cfg(test)]
mod tests;

use crate::{
    body::Room,
    failure::Failure,
    limits::Limits,
    metrics::Metrics,
    multipart,
    request_id::{RequestId, X_REQUEST_ID},
    shape,
};
use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use fhir::outcome::IssueCode;
use futures_util::FutureExt;
use jiff::Timestamp;
use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// What the gate is told once, when the house opens.
pub struct Settings {
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// A new random id: letters, digits and dashes, 64 at most.
    pub fresh_id: Arc<dyn Fn() -> String + Send + Sync>,
    /// How much may come in.
    pub limits: Limits,
    /// Whether clients reach us by TLS (ours or a proxy's): then they are told never to come without.
    pub tls: bool,
    /// Names of query parameters that may stand in the log.
    pub parameters: HashSet<String>,
}

/// The gate. One for the whole house.
pub struct Gate {
    settings: Settings,
    room: Room,
    metrics: Metrics,
    ready: AtomicBool,
    closing: AtomicBool,
}

impl Gate {
    /// A gate that is not [ready](Gate::set_ready) yet.
    pub fn new(settings: Settings) -> Gate {
        let room = Room::new(settings.limits.body_bytes, settings.limits.bodies_bytes);
        Gate {
            settings,
            room,
            metrics: Metrics::default(),
            ready: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.settings.clock)()
    }

    /// How much may come in.
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Where bodies are read into.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// What was counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether `/readyz` says yes.
    pub fn ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Says whether requests may be sent here: yes once all is open, no as soon as it begins to close.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Begins to close: no more requests are wanted, and answers that would go on for ever end.
    pub fn close(&self) {
        self.set_ready(false);
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether the house is closing.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Puts the gate around all routes of `router`, and gives paths that lead nowhere their 404.
    pub fn around(self: &Arc<Gate>, router: Router) -> Router {
        router.fallback(nowhere).layer(from_fn_with_state(Arc::clone(self), pass))
    }
}

async fn nowhere() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        IssueCode::NotFound,
        "nothing is at this address; the API begins at its /metadata",
    )
}

/// What is known of a request before it is gone into its handler.
struct Seen {
    id: RequestId,
    method: Method,
    route: Option<MatchedPath>,
    shape: String,
    since: Instant,
}

async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let seen = gate.see(&request);
    request.extensions_mut().insert(seen.id.clone());
    let response = match gate.check(&request) {
        Ok(()) => {
            let limit_ms = gate.limit_ms(request.headers());
            gate.bounded(limit_ms, next.run(request)).await
        }
        Err(failure) => failure.into_response(),
    };
    gate.finish(&seen, response)
}

impl Gate {
    fn see(&self, request: &Request) -> Seen {
        let fresh = || RequestId::parse(&(self.settings.fresh_id)());
        let known = |name: &str| self.settings.parameters.contains(name);
        Seen {
            // A source that gives no well-formed id is a fault of ours and no reason to refuse care.
            id: RequestId::sent(request.headers()).or_else(fresh).unwrap_or_else(RequestId::none),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            shape: request.uri().query().map_or_else(String::new, |query| shape::of(query, known)),
            since: Instant::now(),
        }
    }

    fn check(&self, request: &Request) -> Result<(), Failure> {
        let limits = self.limits();
        let length = request.uri().path_and_query().map_or(0, |whole| whole.as_str().len());
        if length > limits.uri_bytes {
            let text = format!(
                "the address is longer than {} bytes; send a search as POST _search",
                limits.uri_bytes
            );
            return Err(Failure::new(StatusCode::URI_TOO_LONG, IssueCode::TooLong, text));
        }
        if header_bytes(request.headers()) > limits.header_bytes {
            let text = format!("the headers are longer than {} bytes; send fewer", limits.header_bytes);
            return Err(Failure::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, IssueCode::TooLong, text));
        }
        Ok(())
    }

    fn limit_ms(&self, headers: &HeaderMap) -> u64 {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        match kind.and_then(multipart::boundary) {
            Some(_) => self.limits().upload_ms,
            None => self.limits().request_ms,
        }
    }

    async fn bounded(&self, limit_ms: u64, response: impl Future<Output = Response>) -> Response {
        let limit = Duration::from_millis(limit_ms);
        match tokio::time::timeout(limit, AssertUnwindSafe(response).catch_unwind()).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => Failure::fault("a handler panicked").into_response(),
            Err(_) => {
                let text = "it took too long; a change may have been made all the same, so read before you repeat it";
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, IssueCode::Timeout, text).into_response()
            }
        }
    }

    fn finish(&self, seen: &Seen, mut response: Response) -> Response {
        let failure = response.extensions_mut().remove::<Arc<Failure>>();
        // A door that shows pages has made one already.
        if let Some(failure) = failure.as_ref().filter(|_| !is_page(response.headers())) {
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/fhir+json"));
            if seen.method != Method::HEAD {
                *response.body_mut() = Body::from(failure.body(&seen.id));
            }
        }
        self.dress(seen, response.headers_mut());
        let (route, took) = (seen.route.as_ref().map_or("other", MatchedPath::as_str), seen.since.elapsed());
        self.metrics.count(&seen.method, route, response.status(), took);
        log(seen, route, response.status(), took, failure.as_deref());
        response
    }

    fn dress(&self, seen: &Seen, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID, seen.id.header());
        for (name, value) in ALWAYS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.settings.tls {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            );
        }
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Headers of every response that does not say otherwise.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
];

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// The one line about a request.
fn log(seen: &Seen, route: &str, status: StatusCode, took: Duration, failure: Option<&Failure>) {
    let ms = took.as_secs_f64() * 1000.0;
    let method = seen.method.as_str();
    let (status, request, query) = (status.as_u16(), seen.id.as_str(), seen.shape.as_str());
    match failure.and_then(|failure| failure.cause.as_deref()) {
        Some(cause) => tracing::error!(method, route, status, ms, request, query, cause, "failed"),
        None => tracing::info!(method, route, status, ms, request, query, "done"),
    }
}
