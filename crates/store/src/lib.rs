//! The only SQL in the house: one schema, two engines (SQLite and PostgreSQL), sealed bodies, blind index, audit leaves.
//!
//! May use: `fhir`, `access`, `vault`, `ledger`. Never: a resource's meaning (that is `r4`), a decision (that is `access`), a
//! clock, the network other than its own database. Every function that returns or changes patient data takes a
//! [`access::grant::Grant`] and compiles it into its query.

mod dialect;
pub mod error;
mod schema;
