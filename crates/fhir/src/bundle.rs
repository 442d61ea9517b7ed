//! [Bundle](https://hl7.org/fhir/R4/bundle.html): taking one apart, and [writing](writer) one.

pub mod writer;

#[cfg(test)]
mod tests;

use crate::outcome::{Issue, IssueCode};
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};
use std::fmt;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal, $meaning:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// The FHIR code.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$variant => $code,)*
                }
            }

            /// The one of that FHIR code.
            pub fn from_code(code: &str) -> Option<$name> {
                match code {
                    $($code => Some($name::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// [What a Bundle is for](https://hl7.org/fhir/R4/valueset-bundle-type.html).
    Kind {
        Document = "document", "A document, its first entry a Composition.";
        Message = "message", "A message, its first entry a MessageHeader.";
        Transaction = "transaction", "Requests to be done all or none.";
        TransactionResponse = "transaction-response", "What came of a transaction.";
        Batch = "batch", "Requests to be done each for itself.";
        BatchResponse = "batch-response", "What came of a batch.";
        History = "history", "Versions, newest first.";
        Searchset = "searchset", "A page of search results.";
        Collection = "collection", "Resources put together.";
    }
}

codes! {
    /// The HTTP method of an entry's request.
    Method {
        Get = "GET", "Read, search.";
        Head = "HEAD", "Read without the body.";
        Post = "POST", "Create, operation.";
        Put = "PUT", "Update.";
        Delete = "DELETE", "Delete.";
        Patch = "PATCH", "Change a part.";
    }
}

impl Kind {
    /// Whether its entries ask for something to be done.
    pub fn is_request(self) -> bool {
        matches!(self, Kind::Batch | Kind::Transaction)
    }
}

/// A Bundle taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Its type.
    pub kind: Kind,
    /// Its entries by their position, each with what is wrong with it if anything is. In a transaction one such entry
    /// fails all; in a batch only itself.
    pub entries: Vec<Result<Entry, Vec<Issue>>>,
}

/// One entry. Its `Debug` says `sealed`.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// The name by which other entries may refer to it.
    pub full_url: Option<String>,
    /// Its resource: an object that says its `resourceType`.
    pub resource: Option<Value>,
    /// What is to be done. In a batch or transaction always there.
    pub request: Option<Request>,
}

/// What an entry asks for. The texts are as they stood, none empty. Its `Debug` says `sealed`, for a URL may hold a search.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The URL below the server's base: `Patient/a`, `Patient?name=x`.
    pub url: String,
    /// `If-Match`
    pub if_match: Option<String>,
    /// `If-None-Match`
    pub if_none_match: Option<String>,
    /// `If-Modified-Since`, an instant.
    pub if_modified_since: Option<String>,
    /// `If-None-Exist`, a query.
    pub if_none_exist: Option<String>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sealed", self.method.code())
    }
}

/// Takes a Bundle apart. Nothing is copied; elements that are not kept here (`meta`, `link`, `signature` …) are dropped.
///
/// Fails as a whole when it is no Bundle, has no known type or its entries are no list. Checks of what entries hold, like
/// bdl-3 and bdl-7, are made for batches and transactions only.
///
/// ```
/// use fhir::bundle::{parse, Kind, Method};
/// use serde_json::json;
///
/// let bundle = parse(json!({
///     "resourceType": "Bundle",
///     "type": "transaction",
///     "entry": [{"request": {"method": "DELETE", "url": "Patient/a"}}, {"request": {"method": "DELETE"}}],
/// }))
/// .unwrap();
/// assert_eq!(bundle.kind, Kind::Transaction);
/// assert_eq!(bundle.entries[0].as_ref().unwrap().request.as_ref().unwrap().method, Method::Delete);
/// let issue = &bundle.entries[1].as_ref().unwrap_err()[0];
/// assert_eq!(issue.expression.as_deref(), Some("Bundle.entry[1].request.url"));
/// ```
pub fn parse(bundle: Value) -> Result<Bundle, Vec<Issue>> {
    let Value::Object(mut members) = bundle else {
        return Err(vec![Issue::error(IssueCode::Structure, "a Bundle is a JSON object").at("Bundle")]);
    };
    if members.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return Err(vec![Issue::error(IssueCode::Invalid, "expected a Bundle").at("Bundle")]);
    }
    let mut faults = Faults::at("Bundle".to_owned());
    let kind = faults.code(&members, "type", Kind::from_code);
    let entries = match members.swap_remove("entry") {
        Some(Value::Array(entries)) => entries,
        None => Vec::new(),
        Some(_) => {
            faults.add(IssueCode::Structure, "entry", "must be a list");
            Vec::new()
        }
    };
    let (Some(kind), true) = (kind, faults.issues.is_empty()) else { return Err(faults.issues) };
    let mut full_urls = FxHashSet::default();
    let entries = entries.into_iter().enumerate().map(|(at, e)| entry(kind, at, e, &mut full_urls)).collect();
    Ok(Bundle { kind, entries })
}

fn entry(
    kind: Kind,
    at: usize,
    entry: Value,
    full_urls: &mut FxHashSet<String>,
) -> Result<Entry, Vec<Issue>> {
    let mut faults = Faults::at(format!("Bundle.entry[{at}]"));
    let Value::Object(mut members) = entry else {
        faults.add(IssueCode::Structure, "", "must be an object");
        return Err(faults.issues);
    };
    let full_url = faults.text(&mut members, "fullUrl");
    let resource = members.swap_remove("resource");
    if resource.as_ref().is_some_and(|r| !r["resourceType"].is_string()) {
        faults.add(IssueCode::Structure, "resource", "must be an object with a resourceType");
    }
    let request = match members.swap_remove("request") {
        Some(request) => parse_request(at, request, &mut faults),
        None if kind.is_request() => {
            faults.add(IssueCode::Required, "request", "is required in a batch or transaction (bdl-3)");
            None
        }
        None => None,
    };
    if kind.is_request() {
        check_full_url(full_url.as_deref(), full_urls, &mut faults);
        if resource.is_none() && request.as_ref().is_some_and(needs_resource) {
            faults.add(IssueCode::Required, "resource", "is required for this request");
        }
    }
    if faults.issues.is_empty() { Ok(Entry { full_url, resource, request }) } else { Err(faults.issues) }
}

fn parse_request(at: usize, request: Value, entry: &mut Faults) -> Option<Request> {
    let mut faults = Faults::at(format!("Bundle.entry[{at}].request"));
    let request = match request {
        Value::Object(mut members) => {
            let method = faults.code(&members, "method", Method::from_code);
            if !members.contains_key("url") {
                faults.add(IssueCode::Required, "url", "is required");
            }
            let url = faults.text(&mut members, "url");
            let mut text = |name| faults.text(&mut members, name);
            let (if_match, if_none_match) = (text("ifMatch"), text("ifNoneMatch"));
            let (if_modified_since, if_none_exist) = (text("ifModifiedSince"), text("ifNoneExist"));
            method.zip(url).map(|(method, url)| Request {
                method,
                url,
                if_match,
                if_none_match,
                if_modified_since,
                if_none_exist,
            })
        }
        _ => {
            faults.add(IssueCode::Structure, "", "must be an object");
            None
        }
    };
    entry.issues.append(&mut faults.issues);
    request
}

/// bdl-7 and bdl-8.
fn check_full_url(full_url: Option<&str>, seen: &mut FxHashSet<String>, faults: &mut Faults) {
    let Some(full_url) = full_url else { return };
    if full_url.contains("/_history/") {
        faults.add(IssueCode::Invariant, "fullUrl", "must not name a version (bdl-8)");
    }
    if !seen.insert(full_url.to_owned()) {
        faults.add(IssueCode::Invariant, "fullUrl", "stands in an entry before this one too (bdl-7)");
    }
}

/// Operations and searches may be posted without a resource.
fn needs_resource(request: &Request) -> bool {
    let path = request.url.split('?').next().unwrap_or("");
    let last = path.rsplit('/').next().unwrap_or("");
    match request.method {
        Method::Put | Method::Patch => true,
        Method::Post => last != "_search" && !last.starts_with('$'),
        Method::Get | Method::Head | Method::Delete => false,
    }
}

/// What is wrong below one element.
struct Faults {
    element: String,
    issues: Vec<Issue>,
}

impl Faults {
    fn at(element: String) -> Faults {
        Faults { element, issues: Vec::new() }
    }

    fn add(&mut self, code: IssueCode, name: &str, what: &str) {
        let element = if name.is_empty() { self.element.clone() } else { format!("{}.{name}", self.element) };
        self.issues.push(Issue::error(code, format!("{element} {what}")).at(element));
    }

    /// A text that may be missing, but not be anything else.
    fn text(&mut self, members: &mut Map<String, Value>, name: &str) -> Option<String> {
        match members.swap_remove(name)? {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => {
                self.add(IssueCode::Value, name, "must be a text that is not empty");
                None
            }
        }
    }

    /// A code that must be there.
    fn code<T>(
        &mut self,
        members: &Map<String, Value>,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        match members.get(name) {
            None => self.add(IssueCode::Required, name, "is required"),
            Some(value) => match value.as_str().and_then(read) {
                Some(known) => return Some(known),
                None => {
                    self.add(IssueCode::CodeInvalid, name, "is not one of the codes that may stand there")
                }
            },
        }
        None
    }
}
