//! The FHIR door: the [RESTful API](https://hl7.org/fhir/R4/http.html) of R4 under `/fhir/R4`, one operation one file; and beside
//! it what programs need to get in, [`oauth`], and what readers of health links ask for, [`shl`].
//!
//! May use: `web`, `care`, `record`, `login`, `fhir`. Never: the store, a rule about who may do what (the kernel asks `access`), a second
//! reading of a body that the kernel has rendered.
//!
//! [`routes::TABLE`] is the one list of what there is: the router, the CapabilityStatement and the who-may matrix are made
//! from it.

mod answer;
mod binary;
mod break_glass;
mod bundle;
mod capability;
mod condition;
mod content;
mod create;
mod delete;
mod everything;
mod explain;
mod history;
mod look_up;
mod method;
mod negotiate;
pub mod oauth;
mod operation;
mod parameters;
mod place;
mod read;
mod refusal;
mod reveal;
pub mod routes;
mod search;
pub mod shl;
mod summary;
mod update;
mod vread;

use axum::{Router, middleware::from_fn};
use bytes::Bytes;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use web::{door::Door, route::Needs};

/// What every handler has at hand.
pub(crate) struct Api {
    door: Arc<Door>,
    types: HashSet<&'static str>,
    /// Rendered once, both ways: anyone may ask for it.
    capability: Bytes,
    pretty_capability: Bytes,
}

/// The router of [`routes::TABLE`], to be put behind a [`web::gate::Gate`].
///
/// `opened` is when the server was started; it stands in the CapabilityStatement as its date.
pub fn router(door: Arc<Door>, opened: Timestamp) -> Router {
    let types = record::capability::resource_types();
    let capability = capability::render(door.base(), opened, &types, door.apps());
    let api = Api {
        types: types.iter().map(|t| t.name).collect(),
        pretty_capability: answer::pretty(capability.clone()).into(),
        capability: capability.into(),
        door,
    };
    routes::router(Arc::new(api)).layer(from_fn(web::cross_origin::allow))
}

/// Names of query parameters that may stand in a log: those that FHIR knows, and ours.
pub fn parameters() -> HashSet<String> {
    let types = record::capability::resource_types();
    let known = types.iter().flat_map(|t| &t.parameters).map(|p| p.code);
    known.chain(negotiate::RESULT_PARAMETERS.iter().copied()).map(str::to_owned).collect()
}

/// Path templates of the table, each with its methods.
pub(crate) fn by_template() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (_, route) in routes::TABLE {
        let methods = all.entry(route.template).or_default();
        // Nobody is offered what everybody is refused.
        if route.needs != Needs::Refused {
            methods.push(route.method);
        }
    }
    all
}
