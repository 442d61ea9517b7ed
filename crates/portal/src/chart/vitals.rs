//! Vital signs: the form that a nurse fills by keyboard and a patient in plain words, and all of them side by side.

pub(super) mod edit;
pub(super) mod flowsheet;
pub(super) mod form;
