//! The pages, as browsers see them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test house that cannot be built must stop the test")]

#[path = "../../../login/tests/it/authenticator.rs"]
#[allow(dead_code, reason = "it is shared with the tests of the sign-in, which lie more often")]
mod authenticator;
mod cards;
mod charts;
mod clients;
mod elsewhere;
mod federation;
mod flows;
mod history;
mod home;
mod house;
mod immunizations;
mod letting_in;
mod looking;
mod notes;
mod oversight;
mod own_entries;
mod passkeys;
mod public;
mod refusals;
mod registration;
mod roles;
mod search;
mod shares;
mod takeout;
mod uploads;
mod viewers;
mod vitals;
mod welcome;
mod who_may;
