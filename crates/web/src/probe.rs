//! The three routes of the house itself: does it live, is it ready, what did it count.

use crate::{
    caller::Caller,
    door::Door,
    failure::Failure,
    route::{Needs, Route},
};
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;

/// What this module serves.
pub const ROUTES: &[Route] = &[
    Route { method: "GET", template: "/livez", operation: "livez", needs: Needs::Nothing },
    Route { method: "GET", template: "/readyz", operation: "readyz", needs: Needs::Nothing },
    Route { method: "GET", template: "/metrics", operation: "metrics", needs: Needs::SignIn },
];

/// The router of [`ROUTES`].
pub fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(door)
}

async fn readyz(State(door): State<Arc<Door>>) -> Response {
    if door.gate().ready() {
        return "ready\n".into_response();
    }
    Failure::busy("not ready: opening or closing").into_response()
}

/// For any role: the figures name no one.
async fn metrics(State(door): State<Arc<Door>>, caller: Caller) -> Result<Response, Failure> {
    door.sign_in(caller).await?;
    let text = door.gate().metrics().render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
