//! Signing in, on both engines: every flow, and what must not work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test house that cannot be built must stop the test")]

mod access_request;
mod administration;
mod authenticator;
mod break_glass;
mod chart;
mod chart_link;
mod dispute;
mod elsewhere;
mod house;
mod link;
mod own_house;
mod passkeys;
mod patients;
mod proxy;
mod registration;
mod roles;
mod roster;
mod sessions;
mod sign_in;
mod stand_in;
