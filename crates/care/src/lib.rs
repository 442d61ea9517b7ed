//! What people do with a record: they open a chart and read it by problems, medicines, results, visits. Here it is decided what of a
//! resource is worth a line, what is the newest, what is out of range; the doors only choose words and colours for it. And they write: a
//! form is read and checked here, and becomes resources that are stored all or nothing.
//!
//! May use: `record`, `access`, `fhir`. Never: HTTP, HTML, a language, a clock, the store. Every look goes through
//! [`record::Record::everything`] and is one entry in the log, whatever the page draws from it; every change is one
//! [`record::Record::commit`], on the version that its form was opened with.
//!
//! [`chart::Chart::open`] fetches, [`vitals::save`] stores; the other modules are pure readings of what came.

pub mod allergies;
pub mod amount;
pub mod banner;
pub mod chart;
pub mod coding;
pub mod documents;
pub mod elsewhere;
pub mod emergency;
pub mod entry;
pub mod health_card;
pub mod immunizations;
pub mod medicines;
pub mod name;
pub mod note;
pub mod own;
pub mod patient_summary;
pub mod plans;
pub mod problems;
pub mod procedures;
pub mod register;
pub mod results;
pub mod schedule;
pub mod search;
pub mod share;
pub mod takeout;
pub mod timeline;
pub mod today;
pub mod upload;
pub mod versions;
pub mod viewers;
pub mod visits;
pub mod vitals;
pub mod when;
pub mod writing;
