//! [batch and transaction](https://hl7.org/fhir/R4/http.html#transaction), and search results as Bundles.
//!
//! A transaction is one commit: all or nothing, one audit entry. A batch is its entries one by one, each with its own.

use crate::{
    Record,
    change::{Change, Done, DoneKind, Wish},
    error::{Error, chain},
    history::{HistoryPage, HistoryRequest, Scope},
    plan::invalid,
    search::{Mode, Page, SearchRequest},
};
use access::act::Act;
use fhir::{
    bundle::{
        self, Bundle, Entry, Kind, Method, Request,
        writer::{EntryParts, Head, RequestParts, ResponseParts, SearchMode, Writer},
    },
    json,
    outcome::{Issue, IssueCode, outcome},
};
use serde_json::Value;
use store::{batch::Op, body::instant};

/// What a caller wants back of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The base URL, for `fullUrl` and links, without a slash at its end.
    pub base: &'a str,
    /// `Prefer: return=representation`: with the resources.
    pub representation: bool,
    /// `Prefer: handling=lenient`, for searches in the bundle.
    pub lenient: bool,
}

/// What one entry came to.
struct Answered {
    status: &'static str,
    location: Option<String>,
    etag: Option<String>,
    updated: Option<String>,
    resource: Option<Vec<u8>>,
    outcome: Option<Vec<u8>>,
}

impl Record {
    /// Does what a batch or transaction asks for, and renders the response Bundle.
    ///
    /// # Errors
    /// Where the Bundle is neither, is malformed as a whole, or the transaction fails (nothing was changed then).
    pub fn bundle(&self, act: &Act, bundle: Value, answer: Answer<'_>) -> Result<Vec<u8>, Error> {
        let bundle = bundle::parse(bundle).map_err(Error::Invalid)?;
        let (kind, answered) = match bundle.kind {
            Kind::Batch => (Kind::BatchResponse, self.batch(act, bundle, answer)),
            Kind::Transaction => (Kind::TransactionResponse, self.transaction(act, bundle, answer)?),
            _ => {
                return Err(invalid(
                    IssueCode::Value,
                    "only a Bundle of type batch or transaction can be posted here".into(),
                ));
            }
        };
        let mut writer = Writer::new(kind, &Head::default());
        for entry in &answered {
            writer.entry(&EntryParts {
                resource: entry.resource.as_deref(),
                response: Some(ResponseParts {
                    status: entry.status,
                    location: entry.location.as_deref(),
                    etag: entry.etag.as_deref(),
                    last_modified: entry.updated.as_deref(),
                    outcome: entry.outcome.as_deref(),
                }),
                ..EntryParts::default()
            });
        }
        Ok(writer.finish())
    }

    fn batch(&self, act: &Act, bundle: Bundle, answer: Answer<'_>) -> Vec<Answered> {
        let one = |entry: Result<Entry, Vec<Issue>>| {
            let entry = entry.map_err(Error::Invalid)?;
            match change(&entry, answer.base)? {
                Some(change) => {
                    let done = self.commit(act, operation(&change.wish), &[change])?;
                    done.into_iter().next().map(|done| written(done, answer)).ok_or(Error::NotFound)
                }
                None => self.look(act, &entry, answer),
            }
        };
        let entries = bundle.entries.into_iter().enumerate();
        entries.map(|(at, entry)| one(entry).unwrap_or_else(|error| failed(act, at, &error))).collect()
    }

    /// In the order of the specification: deletions, creations, updates; then reading, which sees them.
    fn transaction(&self, act: &Act, bundle: Bundle, answer: Answer<'_>) -> Result<Vec<Answered>, Error> {
        let mut faults = Vec::new();
        let mut entries = Vec::with_capacity(bundle.entries.len());
        for entry in bundle.entries {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(issues) => faults.extend(issues),
            }
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let mut places: Vec<(usize, u8)> = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (at, entry.request.as_ref().map_or(9, |r| rank(r.method))))
            .collect();
        places.sort_by_key(|(at, rank)| (*rank, *at));
        let mut answers: Vec<Option<Answered>> = entries.iter().map(|_| None).collect();
        let mut changes = Vec::new();
        let mut writers = Vec::new();
        for (at, _) in &places {
            if let Some(change) = change(&entries[*at], answer.base)? {
                changes.push(change);
                writers.push(*at);
            }
        }
        if !changes.is_empty() {
            let done =
                self.commit(act, "transaction", &changes).map_err(|error| renumber(error, &writers))?;
            for (at, done) in writers.iter().zip(done) {
                answers[*at] = Some(written(done, answer));
            }
        }
        for (at, answered) in answers.iter_mut().enumerate().filter(|(_, answered)| answered.is_none()) {
            // What was written is durable by now, so a reading entry can only fail alone.
            let looked = self.look(act, &entries[at], answer);
            *answered = Some(looked.unwrap_or_else(|error| failed(act, at, &error)));
        }
        Ok(answers.into_iter().flatten().collect())
    }

    /// A reading entry.
    fn look(&self, act: &Act, entry: &Entry, answer: Answer<'_>) -> Result<Answered, Error> {
        let request = request(entry)?;
        let url = below(&request.url, answer.base);
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let parts: Vec<&str> = path.split('/').collect();
        let resource = match parts.as_slice() {
            [kind, "_history"] => {
                let page = self.history(act, &Scope::Type((*kind).to_owned()), &HistoryRequest::default())?;
                history_bundle(&page, answer.base, &[])
            }
            [kind, id, "_history"] => {
                let scope = Scope::Instance { resource_type: (*kind).to_owned(), id: (*id).to_owned() };
                history_bundle(&self.history(act, &scope, &HistoryRequest::default())?, answer.base, &[])
            }
            [kind, id, "_history", version] => {
                let version = version.parse().map_err(|_| Error::NotFound)?;
                let shown = self.vread(act, kind, id, version)?;
                return Ok(shown_entry(shown.version, shown.updated, shown.body));
            }
            [kind, id] => {
                let shown = self.read(act, kind, id)?;
                return Ok(shown_entry(shown.version, shown.updated, shown.body));
            }
            [kind] if crate::capability::is_resource_type(kind) => {
                let search = SearchRequest {
                    resource_type: (*kind).to_owned(),
                    query: query.to_owned(),
                    lenient: answer.lenient,
                    compartment: None,
                };
                let page = self.search(act, &search)?;
                searchset(&page, answer.base, &format!("{kind}?{query}"), kind)
            }
            _ => {
                return Err(Error::Unsupported(
                    "a reading entry's url must be Type/id, Type/id/_history/version or Type?query".into(),
                ));
            }
        };
        Ok(Answered {
            status: "200 OK",
            location: None,
            etag: None,
            updated: None,
            resource: Some(resource),
            outcome: None,
        })
    }
}

/// A search page as a searchset Bundle.
pub fn searchset(page: &Page, base: &str, own: &str, kind: &str) -> Vec<u8> {
    let own = format!("{base}/{own}");
    let next = page.next.as_ref().map(|query| format!("{base}/{kind}?{query}"));
    let mut links = vec![("self", own.as_str())];
    links.extend(next.as_deref().map(|next| ("next", next)));
    let mut writer =
        Writer::new(Kind::Searchset, &Head { total: page.total, links: &links, ..Head::default() });
    for entry in &page.entries {
        let url = format!("{base}/{}/{}", entry.resource_type, entry.id);
        writer.entry(&EntryParts {
            full_url: Some(&url),
            resource: Some(&entry.body),
            search: Some(match entry.mode {
                Mode::Match => SearchMode::Match,
                Mode::Include => SearchMode::Include,
            }),
            ..EntryParts::default()
        });
    }
    if !page.issues.is_empty() {
        let said = json::render(&outcome(&page.issues));
        writer.entry(&EntryParts {
            resource: Some(&said),
            search: Some(SearchMode::Outcome),
            ..EntryParts::default()
        });
    }
    writer.finish()
}

/// A history page as a history Bundle.
pub fn history_bundle(page: &HistoryPage, base: &str, links: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = Writer::new(Kind::History, &Head { links, ..Head::default() });
    for entry in &page.entries {
        let name = format!("{}/{}", entry.resource_type, entry.id);
        let (method, status) = match entry.op {
            Op::Create => (Method::Put, "201 Created"),
            Op::Update => (Method::Put, "200 OK"),
            Op::Delete => (Method::Delete, "204 No Content"),
        };
        writer.entry(&EntryParts {
            full_url: Some(&format!("{base}/{name}")),
            resource: entry.body.as_deref(),
            request: Some(RequestParts { method, url: &name }),
            response: Some(ResponseParts {
                status,
                location: Some(&format!("{name}/_history/{}", entry.version)),
                etag: Some(&format!("W/\"{}\"", entry.version)),
                last_modified: Some(&instant(entry.updated)),
                outcome: None,
            }),
            search: None,
        });
    }
    writer.finish()
}

fn rank(method: Method) -> u8 {
    match method {
        Method::Delete => 0,
        Method::Post => 1,
        Method::Put | Method::Patch => 2,
        Method::Get | Method::Head => 3,
    }
}

fn operation(wish: &Wish) -> &'static str {
    match wish {
        Wish::Create { .. } => "create",
        Wish::Update { .. } => "update",
        Wish::Delete { .. } => "delete",
    }
}

fn request(entry: &Entry) -> Result<&Request, Error> {
    entry.request.as_ref().ok_or_else(|| invalid(IssueCode::Required, "an entry has no request".into()))
}

fn below<'a>(url: &'a str, base: &str) -> &'a str {
    url.strip_prefix(base).unwrap_or(url).trim_start_matches('/')
}

/// The change that an entry asks for; `None` where it only reads.
fn change(entry: &Entry, base: &str) -> Result<Option<Change>, Error> {
    let request = request(entry)?;
    let url = below(&request.url, base);
    let (path, search) =
        url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query.to_owned())));
    let (resource_type, id) =
        path.split_once('/').map_or((path, None), |(kind, id)| (kind, Some(id.to_owned())));
    let resource = || {
        let missing =
            || invalid(IssueCode::Required, "an entry that stores something has no resource".into());
        entry.resource.clone().ok_or_else(missing)
    };
    let if_match = request.if_match.as_deref().map(version).transpose()?;
    let wish = match request.method {
        Method::Get | Method::Head => return Ok(None),
        Method::Patch => {
            return Err(Error::Unsupported("PATCH is not supported yet: PUT the whole resource".into()));
        }
        Method::Post if id.is_none() && search.is_none() => {
            let resource = resource()?;
            if resource.get("resourceType").and_then(Value::as_str) != Some(resource_type) {
                return Err(invalid(
                    IssueCode::Value,
                    "an entry's request.url names another type than its resource".into(),
                ));
            }
            Wish::Create { resource, if_none_exist: request.if_none_exist.clone() }
        }
        Method::Post => {
            return Err(Error::Unsupported("operations inside a Bundle are not supported yet".into()));
        }
        Method::Put => Wish::Update {
            resource_type: resource_type.to_owned(),
            id,
            query: search,
            resource: resource()?,
            if_match,
            if_none_match: request.if_none_match.as_deref() == Some("*"),
        },
        Method::Delete => {
            Wish::Delete { resource_type: resource_type.to_owned(), id, query: search, if_match }
        }
    };
    if !crate::capability::is_resource_type(resource_type) {
        return Err(invalid(
            IssueCode::NotSupported,
            "an entry's request.url does not begin with a resource type of FHIR R4".into(),
        ));
    }
    Ok(Some(Change { wish, full_url: entry.full_url.clone() }))
}

/// The version in `W/"3"`.
///
/// # Errors
/// [`Error::Invalid`] for anything else.
pub fn version(etag: &str) -> Result<i64, Error> {
    let text = etag.trim().trim_start_matches("W/").trim_matches('"');
    text.parse().map_err(|_| {
        invalid(IssueCode::Value, "If-Match must be an ETag of this server, such as W/\"3\"".into())
    })
}

fn written(done: Done, answer: Answer<'_>) -> Answered {
    let gone = matches!(done.kind, DoneKind::Deleted | DoneKind::NothingToDelete);
    Answered {
        status: match done.kind {
            DoneKind::Created => "201 Created",
            DoneKind::Updated | DoneKind::Unchanged => "200 OK",
            DoneKind::Deleted | DoneKind::NothingToDelete => "204 No Content",
        },
        location: (!gone).then(|| format!("{}/{}/_history/{}", done.resource_type, done.id, done.version)),
        etag: (done.version > 0).then(|| format!("W/\"{}\"", done.version)),
        updated: (done.version > 0).then(|| instant(done.updated)),
        resource: (answer.representation && !gone).then_some(done.body),
        outcome: None,
    }
}

fn shown_entry(version: i64, updated: i64, body: Vec<u8>) -> Answered {
    Answered {
        status: "200 OK",
        location: None,
        etag: Some(format!("W/\"{version}\"")),
        updated: Some(instant(updated)),
        resource: Some(body),
        outcome: None,
    }
}

/// The entry's answer. A fault is logged here, since no door sees it by itself: the Bundle around it is well.
fn failed(act: &Act, at: usize, error: &Error) -> Answered {
    if let Error::Fault(source) = error {
        let (request, cause) = (act.request.as_str(), chain(source.as_ref()));
        tracing::error!(request, entry = at, cause, "an entry of a Bundle failed");
    }
    let said = json::render(&outcome(&error.issues()));
    Answered {
        status: error.status().1,
        location: None,
        etag: None,
        updated: None,
        resource: None,
        outcome: Some(said),
    }
}

/// Faults were found in the order of processing; the caller knows the order of the Bundle.
fn renumber(error: Error, writers: &[usize]) -> Error {
    let Error::Unprocessable(issues) = error else { return error };
    let place = |issue: Issue| {
        let at = issue.expression.as_deref().and_then(|e| {
            let (number, rest) = e.strip_prefix("Bundle.entry[")?.split_once(']')?;
            Some(format!("Bundle.entry[{}]{rest}", writers.get(number.parse::<usize>().ok()?)?))
        });
        Issue { expression: at.or(issue.expression), ..issue }
    };
    Error::Unprocessable(issues.into_iter().map(place).collect())
}
