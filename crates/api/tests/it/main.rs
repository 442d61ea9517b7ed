//! The FHIR door before a real kernel: the embedded database in a temporary folder, requests straight into the router.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod hostile;
mod house;
mod operations;
mod searches;
mod who_may;
