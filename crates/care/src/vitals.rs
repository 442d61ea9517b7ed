//! Vital signs as they are taken at a bedside: one form, checked, stored as one set under one entry of the log.
//!
//! [`typed`] reads a form and says what is wrong with it, [`resource`] makes FHIR of it, [`news2`] scores it, [`save`] stores it,
//! [`flowsheet`] lays what is stored side by side. All but `save` are pure.
//!
//! Source: <https://hl7.org/fhir/R4/observation-vitalsigns.html>

pub mod flowsheet;
pub mod measure;
pub mod news2;
pub mod number;
pub mod resource;
pub mod save;
pub mod typed;
