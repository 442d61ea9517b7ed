//! A test house: a whole kernel in a temporary folder, on either engine, with a clock and ids that tests set, and people who act.
//!
//! May use: every room, in tests only. Never: a part of the product.
#![allow(clippy::expect_used, reason = "a test house that cannot be built must stop the test")]

pub mod chance;
pub mod finder;
pub mod house;
pub mod raw;
