//! Writing a Bundle around resources that are text already: what comes out of the store is never parsed again.

use super::{Kind, Method};
use crate::json::render_str;

/// What stands before the entries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head<'a> {
    /// `Bundle.id`
    pub id: Option<&'a str>,
    /// `Bundle.meta.lastUpdated` or, for documents and collections, what the caller wants there: an instant.
    pub last_updated: Option<&'a str>,
    /// `Bundle.total`: all matches, whatever the page holds.
    pub total: Option<u64>,
    /// `Bundle.link` as relation and URL: `("self", …)`, `("next", …)`.
    pub links: &'a [(&'a str, &'a str)],
}

/// Why a resource is in a searchset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchMode {
    /// It matches.
    Match,
    /// A match refers to it, or it to a match.
    Include,
    /// It is the OperationOutcome about the search.
    Outcome,
}

/// One entry. Parts that are `None` are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryParts<'a> {
    /// `entry.fullUrl`
    pub full_url: Option<&'a str>,
    /// `entry.resource`: the text of one JSON object. Written as it is, so it must be one that this house rendered.
    pub resource: Option<&'a [u8]>,
    /// `entry.search.mode`
    pub search: Option<SearchMode>,
    /// `entry.request`, in a history.
    pub request: Option<RequestParts<'a>>,
    /// `entry.response`, in a history or a response.
    pub response: Option<ResponseParts<'a>>,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    /// The HTTP method.
    pub method: Method,
    /// `Patient/a`
    pub url: &'a str,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct ResponseParts<'a> {
    /// `201 Created`
    pub status: &'a str,
    /// `Patient/a/_history/1`
    pub location: Option<&'a str>,
    /// `W/"1"`
    pub etag: Option<&'a str>,
    /// An instant.
    pub last_modified: Option<&'a str>,
    /// The text of an OperationOutcome, with the same care as [`EntryParts::resource`].
    pub outcome: Option<&'a [u8]>,
}

/// A Bundle being written.
///
/// ```
/// use fhir::bundle::{writer::{EntryParts, Head, SearchMode, Writer}, Kind};
///
/// let mut writer = Writer::new(Kind::Searchset, &Head { total: Some(1), ..Head::default() });
/// writer.entry(&EntryParts {
///     full_url: Some("https://here.example/fhir/Patient/a"),
///     resource: Some(br#"{"resourceType":"Patient","id":"a"}"#),
///     search: Some(SearchMode::Match),
///     ..EntryParts::default()
/// });
/// let text = writer.finish();
/// assert!(text.starts_with(br#"{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"fullUrl":"#));
/// ```
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    has_entries: bool,
}

impl Writer {
    /// Starts a Bundle.
    pub fn new(kind: Kind, head: &Head<'_>) -> Writer {
        let mut out = Vec::with_capacity(4096);
        let mut object = Object::open(&mut out);
        object.text("resourceType", "Bundle");
        object.optional("id", head.id);
        if let Some(last_updated) = head.last_updated {
            object.object("meta", |meta| meta.text("lastUpdated", last_updated));
        }
        object.text("type", kind.code());
        if let Some(total) = head.total {
            object.raw("total", total.to_string().as_bytes());
        }
        if !head.links.is_empty() {
            object.name("link");
            object.out.push(b'[');
            for (at, (relation, url)) in head.links.iter().enumerate() {
                if at > 0 {
                    object.out.push(b',');
                }
                let mut link = Object::open(object.out);
                link.text("relation", relation);
                link.text("url", url);
                link.close();
            }
            object.out.push(b']');
        }
        Writer { out, has_entries: false }
    }

    /// Writes an entry.
    pub fn entry(&mut self, parts: &EntryParts<'_>) {
        // A list that FHIR would forbid to be empty is opened by its first entry.
        self.out.extend_from_slice(if self.has_entries { b"," } else { b",\"entry\":[" });
        self.has_entries = true;
        let mut entry = Object::open(&mut self.out);
        entry.optional("fullUrl", parts.full_url);
        if let Some(resource) = parts.resource {
            entry.raw("resource", resource);
        }
        if let Some(mode) = parts.search {
            entry.object("search", |search| search.text("mode", mode.code()));
        }
        if let Some(request) = parts.request {
            entry.object("request", |object| {
                object.text("method", request.method.code());
                object.text("url", request.url);
            });
        }
        if let Some(response) = parts.response {
            entry.object("response", |object| {
                object.text("status", response.status);
                object.optional("location", response.location);
                object.optional("etag", response.etag);
                object.optional("lastModified", response.last_modified);
                if let Some(outcome) = response.outcome {
                    object.raw("outcome", outcome);
                }
            });
        }
        entry.close();
    }

    /// Bytes that are written and not yet taken.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether all that was written has been taken.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what is written so far, to send it before the rest is there.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends the Bundle: what is written and not yet taken.
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(if self.has_entries { b"]}" } else { b"}" });
        self.out
    }
}

impl SearchMode {
    /// The FHIR code.
    pub fn code(self) -> &'static str {
        match self {
            SearchMode::Match => "match",
            SearchMode::Include => "include",
            SearchMode::Outcome => "outcome",
        }
    }
}

/// A JSON object being written.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    has_members: bool,
}

impl<'a> Object<'a> {
    fn open(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, has_members: false }
    }

    fn close(self) {
        self.out.push(b'}');
    }

    /// `name` is one of ours and needs no escapes.
    fn name(&mut self, name: &str) {
        if self.has_members {
            self.out.push(b',');
        }
        self.has_members = true;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn raw(&mut self, name: &str, json: &[u8]) {
        self.name(name);
        self.out.extend_from_slice(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        render_str(self.out, text);
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        let mut object = Object::open(self.out);
        fill(&mut object);
        object.close();
    }
}
