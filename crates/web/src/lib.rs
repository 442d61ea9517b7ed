//! What every door of the house has in common: who is calling, how much they may send, how errors are said, what is
//! logged and measured, TLS, and the accept loop.
//!
//! May use: `record`, `login`, `access`, `fhir`. Never: the store, a route of its own beside the [`probe`]s and the
//! [`help`] pages, a value of a query or
//! a resource in a log, a label or an error.
//!
//! A request passes the [`gate`] (id, limits, panics, log), then a handler that can reach the kernel in one way only:
//! through a [`door::Door`], which asks who is calling first.

pub mod body;
pub mod caller;
pub mod cookie;
pub mod cross_origin;
pub mod door;
pub mod failure;
pub mod feed;
pub mod form;
pub mod gate;
pub mod guest;
pub mod help;
pub mod home;
pub mod house;
pub mod installation;
pub mod limits;
pub mod log_check;
pub mod metrics;
pub mod multipart;
mod notify;
pub mod outside;
pub mod panics;
pub mod presence;
pub mod probe;
mod quota;
pub mod request_id;
pub mod route;
pub mod scanner;
pub mod serve;
pub mod shape;
pub mod stream;
pub mod tls;
pub mod viewer;
