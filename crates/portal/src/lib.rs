//! The people's door: pages for patients, staff and administrators. So far sign-in, sign-up, invitations, the first run, one's
//! own account with its sessions, the apps that people let in, who lets whom into a record, charts to read, and notes to write in them;
//! for whoever has a patient's card or link and its PIN, what that opens; and for anybody, what the house says of itself.
//!
//! May use: `web`, `care`, `record`, `login`, `fhir`. Never: the store, a script but those for passkeys and for saving notes, an answer to another site's form, a password in a page.
//! Pages work without JavaScript, and load nothing from anywhere else.
//!
//! [`routes::TABLE`] is the one list of what there is; the router and the who-may matrix are made from it.

mod account;
mod administration;
mod apps;
mod card;
mod chart;
mod clients;
mod consent;
mod design;
mod desk;
mod disputes;
mod draft;
mod elsewhere;
mod emergency;
mod factor;
mod failure;
mod federation;
mod home;
mod icon;
mod installable;
mod invitation;
mod launch;
mod live;
mod log;
mod mine;
mod own_words;
mod page;
mod passkey;
mod patients;
mod pick;
mod public;
mod qr;
mod register;
mod roles;
mod roster;
pub mod routes;
mod server_room;
mod setup;
mod sharing;
mod sign_in;
mod sign_up;
mod signed_in;
mod tasks;
mod today;
mod view;
mod welcome;
mod words;

use axum::{Router, middleware::from_fn_with_state};
use std::sync::Arc;
use web::door::Door;

/// The router of [`routes::TABLE`], to be put behind a [`web::gate::Gate`]. The door must have a sign-in.
pub fn router(door: Arc<Door>) -> Router {
    routes::router().with_state(Arc::clone(&door)).layer(from_fn_with_state(door, failure::as_pages))
}
