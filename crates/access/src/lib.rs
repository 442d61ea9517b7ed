//! Who may do what: the act (who, why, for whom), scopes, the decision that mints a [`grant::Grant`], and the audit entry.
//!
//! May use: `fhir`. Never: I/O, a clock, randomness, the store. Everything here is a pure function over values, so that the
//! rules can be read on one page and tried in a table.

pub mod act;
pub mod audit;
pub mod brought;
pub mod consent;
pub mod decide;
pub mod directory;
pub mod grant;
pub mod label;
pub mod mask;
pub mod oversight;
pub mod refine;
pub mod role;
pub mod scope;
pub mod tie;
