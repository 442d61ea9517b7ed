//! The pages, as browsers see them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test house that cannot be built must stop the test")]

mod flows;
mod house;
mod letting_in;
mod refusals;
mod who_may;
