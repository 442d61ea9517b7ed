//! The FHIR door before a real kernel, on both engines: requests straight into the router.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

mod explain;
mod hostile;
mod house;
mod operations;
mod roles;
mod searches;
mod who_may;
