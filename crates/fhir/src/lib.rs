//! What a resource *is*: lossless JSON, datatypes, paths into resources, bundles, outcomes and search query syntax.
//!
//! May use: no other room. Never: I/O, clocks, randomness, knowledge of one FHIR release's content (that is `r4`).

pub mod bundle;
pub mod decimal;
pub mod json;
pub mod model;
pub mod object;
pub mod outcome;
pub mod path;
pub mod phonetic;
pub mod query;
pub mod reference;
pub mod text;
pub mod time;
