//! The FHIR door before a real kernel: the embedded database in a temporary folder, requests straight into the router.

mod hostile;
mod house;
mod operations;
mod searches;
mod who_may;
