//! The `keepwell` program itself, run as people run it, and looked at from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

mod commands;
mod faults;
mod installs;
mod log_level;
mod program;
mod tls;
