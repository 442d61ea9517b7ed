//! Signing in, on both engines: every flow, and what must not work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test house that cannot be built must stop the test")]

mod administration;
mod authenticator;
mod house;
mod passkeys;
mod patients;
mod roles;
mod sessions;
mod sign_in;
