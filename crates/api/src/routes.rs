//! What there is, and the router made from it.

use crate::{
    Api, break_glass, bundle, capability, create, delete, everything, explain, history, look_up, method,
    operation, read, reveal, search, summary, update, vread,
};
use axum::{
    Router,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};
use std::{collections::BTreeMap, sync::Arc};
use web::route::{Needs, Route};

/// The path that all of the API is below.
pub const BASE: &str = "/fhir/R4";

/// An [interaction](https://hl7.org/fhir/R4/http.html) of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the specification's words")]
pub enum Interaction {
    Capabilities,
    Bundle,
    HistorySystem,
    Create,
    ConditionalUpdate,
    ConditionalDelete,
    Search,
    SearchForm,
    HistoryType,
    Read,
    Update,
    Delete,
    HistoryInstance,
    Vread,
    Reveal,
    Explain,
    LookUp,
    RequestAccess,
    BreakGlass,
    Everything,
    Summary,
    Compartment,
    CompartmentForm,
    UnknownOfType,
    Unknown,
}

macro_rules! table {
    ($($method:literal $template:literal $interaction:ident $operation:literal $needs:ident;)*) => {
        &[$((
            Interaction::$interaction,
            Route {
                method: $method,
                template: concat!("/fhir/R4", $template),
                operation: $operation,
                needs: Needs::$needs,
            },
        ),)*]
    };
}

/// All routes of the API.
pub const TABLE: &[(Interaction, Route)] = table! {
    "GET"    "/metadata"                        Capabilities      "capabilities"            Nothing;
    "POST"   ""                                 Bundle            "batch or transaction"    Entries;
    "GET"    "/_history"                        HistorySystem     "history of everything"   Search;
    "POST"   "/{type}"                          Create            "create"                  Create;
    "PUT"    "/{type}"                          ConditionalUpdate "conditional update"      Update;
    "DELETE" "/{type}"                          ConditionalDelete "conditional delete"      Delete;
    "GET"    "/{type}"                          Search            "search"                  Search;
    "POST"   "/{type}/_search"                  SearchForm        "search by form"          Search;
    "GET"    "/{type}/_history"                 HistoryType       "history of a type"       Search;
    "GET"    "/{type}/{id}"                     Read              "read"                    Read;
    "PUT"    "/{type}/{id}"                     Update            "update"                  Update;
    "DELETE" "/{type}/{id}"                     Delete            "delete"                  Delete;
    "GET"    "/{type}/{id}/_history"            HistoryInstance   "history of one"          Read;
    "GET"    "/{type}/{id}/_history/{version}"  Vread             "vread"                   Read;
    "POST"   "/{type}/{id}/$reveal"             Reveal            "reveal"                  Read;
    "POST"   "/Patient/{id}/$explain-access"    Explain           "explain access"          Search;
    "POST"   "/Patient/$look-up"                LookUp            "look-up"                 Person;
    "POST"   "/Patient/{id}/$request-access"    RequestAccess     "request access"          Person;
    "POST"   "/Patient/{id}/$break-glass"       BreakGlass        "break the glass"         Person;
    "GET"    "/Patient/{id}/$everything"        Everything        "everything of one"       Search;
    "GET"    "/Patient/{id}/$summary"           Summary           "summary of one"          Search;
    "GET"    "/{type}/{id}/{member}"            Compartment       "compartment search"      Search;
    "POST"   "/{type}/{id}/{member}/_search"    CompartmentForm   "compartment search form" Search;
    "POST"   "/{type}/{id}"                     UnknownOfType     "unknown type operation"  Refused;
    "POST"   "/{type}/{id}/{member}"            Unknown           "unknown operation"       Refused;
};

impl Interaction {
    /// What serves it.
    fn served(self, filter: MethodFilter) -> MethodRouter<Arc<Api>> {
        match self {
            Interaction::Capabilities => on(filter, capability::capabilities),
            Interaction::Bundle => on(filter, bundle::bundle),
            Interaction::HistorySystem => on(filter, history::system),
            Interaction::Create => on(filter, create::create),
            Interaction::ConditionalUpdate => on(filter, update::conditional),
            Interaction::ConditionalDelete => on(filter, delete::conditional),
            Interaction::Search | Interaction::Compartment => on(filter, search::by_query),
            Interaction::SearchForm | Interaction::CompartmentForm => on(filter, search::by_form),
            Interaction::HistoryType => on(filter, history::of_type),
            Interaction::Read => on(filter, read::read),
            Interaction::Update => on(filter, update::update),
            Interaction::Delete => on(filter, delete::delete),
            Interaction::HistoryInstance => on(filter, history::instance),
            Interaction::Vread => on(filter, vread::vread),
            Interaction::Reveal => on(filter, reveal::reveal),
            Interaction::Explain => on(filter, explain::explain),
            Interaction::LookUp => on(filter, look_up::look_up),
            Interaction::RequestAccess => on(filter, look_up::request_access),
            Interaction::BreakGlass => on(filter, break_glass::break_glass),
            Interaction::Everything => on(filter, everything::everything),
            Interaction::Summary => on(filter, summary::summary),
            Interaction::UnknownOfType | Interaction::Unknown => on(filter, operation::unknown),
        }
    }

    /// Its code in the CapabilityStatement, if it stands there among a resource type's.
    pub(crate) fn of_type(self) -> Option<&'static str> {
        match self {
            Interaction::Create => Some("create"),
            Interaction::Search => Some("search-type"),
            Interaction::HistoryType => Some("history-type"),
            Interaction::Read => Some("read"),
            Interaction::Update => Some("update"),
            Interaction::Delete => Some("delete"),
            Interaction::HistoryInstance => Some("history-instance"),
            Interaction::Vread => Some("vread"),
            _ => None,
        }
    }

    /// Its name in the CapabilityStatement, if it is an operation that stands there among that type's.
    pub(crate) fn operation_of(self, resource_type: &str) -> Option<&'static str> {
        match self {
            Interaction::Reveal if record::show::can_be_masked(resource_type) => Some("reveal"),
            Interaction::Explain if resource_type == "Patient" => Some("explain-access"),
            Interaction::LookUp if resource_type == "Patient" => Some("look-up"),
            Interaction::RequestAccess if resource_type == "Patient" => Some("request-access"),
            Interaction::BreakGlass if resource_type == "Patient" => Some("break-glass"),
            Interaction::Everything if resource_type == "Patient" => Some("everything"),
            Interaction::Summary if resource_type == "Patient" => Some("summary"),
            _ => None,
        }
    }

    /// Its codes in the CapabilityStatement that stand there for the whole system.
    pub(crate) fn of_system(self) -> &'static [&'static str] {
        match self {
            Interaction::Bundle => &["transaction", "batch"],
            Interaction::HistorySystem => &["history-system"],
            _ => &[],
        }
    }
}

/// The router, with an answer for every other method.
pub(crate) fn router(api: Arc<Api>) -> Router {
    let mut templates: BTreeMap<&str, MethodRouter<Arc<Api>>> = BTreeMap::new();
    for (interaction, route) in TABLE {
        let served = interaction.served(filter(route.method));
        let before = templates.remove(route.template).unwrap_or_default();
        templates.insert(route.template, before.merge(served));
    }
    let mut router = Router::new();
    for (template, methods) in crate::by_template() {
        let served = method::or_others(templates.remove(template).unwrap_or_default(), template, &methods);
        if template == BASE {
            router = router.route("/fhir/R4/", served.clone());
        }
        router = router.route(template, served);
    }
    router.with_state(api)
}

fn filter(method: &str) -> MethodFilter {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
    MethodFilter::try_from(method).unwrap_or(MethodFilter::GET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_each_route_once_and_by_a_method_we_know() {
        let mut seen = std::collections::HashSet::new();
        for (_, route) in TABLE {
            assert!(seen.insert((route.method, route.template)), "{route:?}");
            assert!(route.template.starts_with(BASE));
            assert!(["GET", "POST", "PUT", "DELETE"].contains(&route.method));
        }
    }

    #[test]
    fn only_the_capability_statement_is_for_everyone() {
        let open: Vec<_> = TABLE.iter().filter(|(_, r)| r.needs == Needs::Nothing).map(|(i, _)| *i).collect();
        assert_eq!(open, [Interaction::Capabilities]);
    }
}
