use super::*;
use axum::{body::to_bytes, routing::get};
use tower::ServiceExt;

fn gate(limits: Limits, tls: bool) -> Arc<Gate> {
    Arc::new(Gate::new(Settings {
        clock: Arc::new(|| Timestamp::UNIX_EPOCH),
        fresh_id: Arc::new(|| "fresh-1".to_owned()),
        limits,
        tls,
        parameters: ["name".to_owned()].into(),
    }))
}

fn app(limits: Limits) -> Router {
    let routes = Router::new()
        .route("/there/{id}", get(async || "here"))
        .route("/cached", get(async || ([(header::CACHE_CONTROL, "max-age=60")], "")))
        .route("/panic", get(async || -> &'static str { panic!("Smith was born 1950") }))
        .route("/fault", get(async || Failure::fault("the disk is gone")))
        .route("/slow", get(std::future::pending::<&'static str>));
    gate(limits, false).around(routes)
}

async fn ask(app: Router, method: &str, path: &str, headers: &[(&str, &str)]) -> (Response<()>, String) {
    let mut request = axum::http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    (Response::from_parts(parts, ()), text)
}

async fn get_at(path: &str) -> (Response<()>, String) {
    ask(app(Limits::default()), "GET", path, &[]).await
}

#[tokio::test]
async fn every_response_has_its_id_and_stays_out_of_caches() {
    for path in ["/there/a", "/panic", "/nowhere", "/fault"] {
        let (response, _) = get_at(path).await;
        let headers = response.headers();
        assert_eq!(headers[X_REQUEST_ID], "fresh-1", "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
    let (response, _) = get_at("/cached").await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "max-age=60");
}

#[tokio::test]
async fn a_clients_own_id_comes_back_and_a_bad_one_does_not() {
    for (sent, back) in [("mine-7", "mine-7"), ("a b", "fresh-1"), ("", "fresh-1")] {
        let (response, _) = ask(app(Limits::default()), "GET", "/there/a", &[("x-request-id", sent)]).await;
        assert_eq!(response.headers()[X_REQUEST_ID], back);
    }
}

#[tokio::test]
async fn tls_is_to_be_kept() {
    let app = gate(Limits::default(), true).around(Router::new());
    let (response, _) = ask(app, "GET", "/", &[]).await;
    assert!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
}

#[tokio::test]
async fn a_panic_or_fault_tells_the_client_nothing_but_the_id() {
    for path in ["/panic", "/fault"] {
        let (response, body) = get_at(path).await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/fhir+json");
        assert!(body.contains("\"exception\"") && body.contains("request id fresh-1"), "{body}");
        assert!(!body.contains("Smith") && !body.contains("disk"), "{body}");
    }
}

#[tokio::test]
async fn what_is_nowhere_and_what_is_too_slow_is_an_outcome_too() {
    let (response, body) = get_at("/nowhere/Smith").await;
    assert_eq!(response.status(), 404);
    assert!(body.contains("OperationOutcome") && !body.contains("Smith"));
    let app = app(Limits { request_ms: 20, ..Limits::default() });
    let (response, body) = ask(app, "GET", "/slow", &[]).await;
    assert_eq!(response.status(), 503);
    assert!(body.contains("\"timeout\""), "{body}");
}

#[tokio::test]
async fn a_failed_head_has_no_body() {
    let (response, body) = ask(app(Limits::default()), "HEAD", "/fault", &[]).await;
    assert_eq!((response.status().as_u16(), body.as_str()), (500, ""));
}

#[tokio::test]
async fn long_addresses_and_headers_are_refused() {
    let limits = Limits { uri_bytes: 100, header_bytes: 100, ..Limits::default() };
    let path = format!("/there/a?x={}", "y".repeat(100));
    assert_eq!(ask(app(limits), "GET", &path, &[]).await.0.status(), 414);
    let value = "y".repeat(100);
    assert_eq!(ask(app(limits), "GET", "/there/a", &[("cookie", &value)]).await.0.status(), 431);
    assert_eq!(ask(app(limits), "GET", "/there/a", &[]).await.0.status(), 200);
}

#[tokio::test]
async fn what_is_counted_goes_by_template() {
    let gate = gate(Limits::default(), false);
    let app = gate.around(Router::new().route("/there/{id}", get(async || "here")));
    ask(app.clone(), "GET", "/there/Smith", &[]).await;
    ask(app, "GET", "/Smith", &[]).await;
    let text = gate.metrics().render();
    assert!(text.contains("route=\"/there/{id}\",status=\"2xx\"} 1"), "{text}");
    assert!(text.contains("route=\"other\",status=\"4xx\"} 1"), "{text}");
    assert!(!text.contains("Smith"));
}
