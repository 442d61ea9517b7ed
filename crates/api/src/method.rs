//! Methods that a path does not have: 405 with what it has, and `OPTIONS`.

use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use fhir::outcome::IssueCode;
use std::sync::Arc;
use web::failure::Failure;

use crate::{Api, routes::BASE};

/// Gives `served`, the methods of the path of `template`, an answer to all other methods.
pub(crate) fn or_others(
    served: MethodRouter<Arc<Api>>,
    template: &'static str,
    methods: &[&str],
) -> MethodRouter<Arc<Api>> {
    let mut allow = methods.join(", ");
    if methods.contains(&"GET") {
        allow.push_str(", HEAD");
    }
    allow.push_str(", OPTIONS");
    served.fallback(move |method: Method| {
        let response = other(template, &method, &allow);
        async move { response }
    })
}

fn other(template: &str, method: &Method, allow: &str) -> Response {
    let header = HeaderValue::from_str(allow).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"));
    if method == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, header)]).into_response();
    }
    let text = format!("{}; here you can use {allow}", hint(template, method));
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, IssueCode::NotSupported, text)
        .header(header::ALLOW, header)
        .into_response()
}

fn hint(template: &str, method: &Method) -> &'static str {
    match *method {
        Method::PATCH => "PATCH is not supported yet: read the resource, change it, and PUT it with If-Match",
        Method::GET if template == BASE => {
            "search over all types is not supported: search one type, as in Patient?name=…"
        }
        _ => "this address does not have that method",
    }
}
