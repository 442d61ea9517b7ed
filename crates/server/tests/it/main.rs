//! The whole house through real HTTP: apps that people let in, and systems with keys of their own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test house that cannot be built must stop the test"
)]

mod backend;
mod client;
mod command;
mod house;
mod launch;
mod refusals;
mod tokens;
