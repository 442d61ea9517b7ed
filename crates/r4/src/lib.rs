//! What FHIR R4 *says*, as data: types and elements, required bindings, invariants, search parameters, compartments;
//! and the check of a whole resource against them.
//!
//! May use: `fhir`. Never: I/O, clocks, randomness, hand-written knowledge of single resource types (that stands in
//! `data/definitions.bin`, made from HL7's packages by `cargo xtask definitions`).

mod bytes;
pub mod check;
pub mod definitions;
pub mod format;
pub mod index;
pub mod narrative;
mod primitive;

// The room's three doors, by the names the house calls them.
pub use check::check;
pub use definitions::{definitions, load};
