//! The `keepwell` program itself, run as people run it and looked at from outside; and the whole house through real HTTP: apps that
//! people let in, and systems with keys of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

mod backend;
mod break_glass;
mod charts;
mod client;
mod command;
mod commands;
mod faults;
mod house;
mod installs;
mod launch;
mod links;
mod log_level;
mod look_up;
mod notices;
mod preview;
mod program;
mod refusals;
mod set_up;
mod takeout;
mod tls;
mod together;
mod tokens;
