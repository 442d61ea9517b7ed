//! Finishing a text search on decrypted candidates, where the blind index can only narrow it down.

use fhir::text;
use r4::index::{IndexValue, SearchParam};
use serde_json::Value;

/// A text condition that is checked on the resource itself.
#[derive(Debug)]
pub(crate) struct Finish {
    param: &'static SearchParam,
    how: How,
    values: Vec<String>,
}

#[derive(Debug)]
enum How {
    Starts,
    Is,
    Contains,
}

impl Finish {
    /// A value begins with one of these, already folded.
    pub(crate) fn starting(param: &'static SearchParam, starts: &[String]) -> Finish {
        Finish { param, how: How::Starts, values: starts.to_vec() }
    }

    /// A value is one of these, letter by letter.
    pub(crate) fn exactly(param: &'static SearchParam, values: Vec<String>) -> Finish {
        Finish { param, how: How::Is, values }
    }

    /// A value contains one of these, already folded.
    pub(crate) fn containing(param: &'static SearchParam, values: Vec<String>) -> Finish {
        Finish { param, how: How::Contains, values }
    }

    /// Whether the resource fulfils it.
    pub(crate) fn holds(&self, resource: &Value) -> bool {
        let mut found = false;
        let answered = self.param.values(resource, &mut |value| {
            if let IndexValue::Text(raw) = value {
                found = found || self.values.iter().any(|wanted| self.fits(raw, wanted));
            }
        });
        found && answered.is_ok()
    }

    fn fits(&self, raw: &str, wanted: &str) -> bool {
        match self.how {
            How::Is => raw == wanted,
            How::Starts => text::normalize(raw).starts_with(wanted),
            How::Contains => text::normalize(raw).contains(wanted),
        }
    }
}
