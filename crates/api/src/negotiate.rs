//! What a client wants back: [formats](https://hl7.org/fhir/R4/http.html#mime-type), `_pretty`, and the `Prefer` header.

#[cfg(test)]
mod tests;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use fhir::{
    outcome::IssueCode,
    query::{
        self,
        result::{ResultParameters, Summary},
    },
};
use web::failure::Failure;

/// Parameters that are no search parameters, and may stand in a log by their names.
pub(crate) const RESULT_PARAMETERS: &[&str] = &[
    "_count",
    "_sort",
    "_include",
    "_revinclude",
    "_total",
    "_summary",
    "_elements",
    "_format",
    "_pretty",
    "_contained",
    "_containedType",
    "_has",
    "_since",
    "_at",
    "_cursor",
    "_type",
    "_list",
    "_text",
    "_content",
    "_filter",
    "_query",
];

/// What comes back of a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Return {
    /// No body.
    Minimal,
    /// The resource.
    #[default]
    Representation,
    /// An OperationOutcome.
    Outcome,
}

/// What a client wants back, which is JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    /// `_pretty=true`
    pub(crate) pretty: bool,
    /// `Prefer: handling=lenient`
    pub(crate) lenient: bool,
    /// `Prefer: return=…`
    pub(crate) back: Return,
    /// Whether `Prefer` said `return=representation` by name.
    pub(crate) says_representation: bool,
}

/// What a client wants back, where that may be something else than JSON: a Binary's own content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    wants: Wants,
    format: Format,
}

/// How the client names what it can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// JSON, by name.
    Json,
    /// Anything.
    Any,
    /// Something else.
    Other,
}

impl Offer {
    /// Where only JSON can be had.
    ///
    /// # Errors
    /// 406 where the client does not read it.
    pub(crate) fn json(self) -> Result<Wants, Failure> {
        match self.format {
            Format::Json | Format::Any => Ok(self.wants),
            Format::Other => Err(not_acceptable()),
        }
    }

    /// Whether a Binary comes as a resource, not as its own content.
    pub(crate) fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Before a read of that type: whether it can be answered as asked.
    ///
    /// # Errors
    /// 406 where the client reads no JSON and it is no Binary; 400 where it asks for a part.
    pub(crate) fn check_read(self, kind: &str, query: Option<&str>) -> Result<(), Failure> {
        if kind != "Binary" {
            self.json()?;
        }
        self.wants.refuse_parts(query)
    }

    fn read(headers: &HeaderMap, query: Option<&str>) -> Result<Offer, Failure> {
        let mut wants = prefer(headers);
        let result = result_parameters(query)?;
        wants.pretty = result.pretty.unwrap_or(false);
        let format = match &result.format {
            Some(format) => named(format),
            None => accept(headers),
        };
        Ok(Offer { wants, format })
    }
}

impl<S: Sync> FromRequestParts<S> for Offer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Offer, Failure> {
        Offer::read(&parts.headers, parts.uri.query())
    }
}

impl<S: Sync> FromRequestParts<S> for Wants {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Wants, Failure> {
        Offer::read(&parts.headers, parts.uri.query())?.json()
    }
}

impl Wants {
    /// Takes over `_format` and `_pretty` from a search form.
    ///
    /// # Errors
    /// 406 where the form asks for something else than JSON; 400 where it cannot be read.
    pub(crate) fn and_form(mut self, form: &str) -> Result<Wants, Failure> {
        let result = result_parameters(Some(form))?;
        self.pretty |= result.pretty.unwrap_or(false);
        match result.format.as_deref().map(named) {
            Some(Format::Other) => Err(not_acceptable()),
            _ => Ok(self),
        }
    }

    /// For reads: parts of a resource are not to be had (yet), and all of it instead would be a surprise.
    ///
    /// # Errors
    /// 400 where the query asks for a part, unless leniently.
    pub(crate) fn refuse_parts(self, query: Option<&str>) -> Result<(), Failure> {
        let result = result_parameters(query)?;
        let whole = matches!(result.summary, None | Some(Summary::False)) && result.elements.is_empty();
        if whole || self.lenient {
            return Ok(());
        }
        let text = "_summary and _elements are not supported for reads; leave them out, or send Prefer: handling=lenient";
        Err(Failure::invalid(IssueCode::NotSupported, text))
    }
}

fn result_parameters(query: Option<&str>) -> Result<ResultParameters, Failure> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(ResultParameters::default()) };
    match query::parse(query) {
        Ok(query) => Ok(query.result),
        Err(error) => Err(Failure::invalid(IssueCode::Value, error.to_string())),
    }
}

fn not_acceptable() -> Failure {
    let text = "only JSON can be had: send Accept: application/fhir+json (FHIR 4.0), or leave Accept and _format out";
    Failure::new(StatusCode::NOT_ACCEPTABLE, IssueCode::NotSupported, text)
}

fn accept(headers: &HeaderMap) -> Format {
    let mut found = Format::Any;
    let mut any = false;
    for part in headers.get_all(header::ACCEPT).iter().flat_map(|v| v.as_bytes().split(|b| *b == b',')) {
        let part = std::str::from_utf8(part).unwrap_or("-/-").trim();
        if part.is_empty() {
            continue;
        }
        let here = named(part);
        if here == Format::Json {
            return Format::Json;
        }
        any |= here == Format::Any;
        found = if any { Format::Any } else { Format::Other };
    }
    found
}

/// A media range or one of the short names of `_format`.
fn named(text: &str) -> Format {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
        let never = name == "q" && value.parse::<f32>().is_ok_and(|q| q <= 0.0);
        let other_version = name == "fhirversion" && !matches!(value, "4.0" | "4.0.1");
        if never || other_version {
            return Format::Other;
        }
    }
    match media.as_str() {
        "json" | "application/fhir+json" | "application/json" | "application/json+fhir" | "text/json" => {
            Format::Json
        }
        "*/*" | "application/*" => Format::Any,
        _ => Format::Other,
    }
}

/// [Prefer](https://www.rfc-editor.org/rfc/rfc7240); what is not known is left aside, as that RFC wants.
fn prefer(headers: &HeaderMap) -> Wants {
    let mut wants = Wants::default();
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    for part in values.flat_map(|value| value.split([',', ';'])).map(str::trim) {
        match part {
            "return=minimal" => wants.back = Return::Minimal,
            "return=representation" => {
                (wants.back, wants.says_representation) = (Return::Representation, true)
            }
            "return=OperationOutcome" => wants.back = Return::Outcome,
            "handling=lenient" => wants.lenient = true,
            "handling=strict" => wants.lenient = false,
            _ => {}
        }
    }
    wants
}
