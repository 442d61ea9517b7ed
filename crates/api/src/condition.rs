//! Headers that make a request depend on what is there: [concurrency](https://hl7.org/fhir/R4/http.html#concurrency) and
//! [conditional reads](https://hl7.org/fhir/R4/http.html#cread).

use crate::content::text;
use axum::http::{HeaderMap, HeaderName, header};
use fhir::outcome::IssueCode;
use jiff::fmt::rfc2822::DateTimeParser;
use record::read::Shown;
use web::failure::Failure;

const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");

/// The version of `If-Match: W/"3"`.
///
/// # Errors
/// 400 for anything but one ETag of ours.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Failure> {
    let Some(etag) = text(headers, header::IF_MATCH)? else { return Ok(None) };
    Ok(Some(record::bundle::version(etag)?))
}

/// Whether `If-None-Match: *` stands before a write.
///
/// # Errors
/// 400 for another value, which would otherwise be passed over.
pub(crate) fn if_none_match_any(headers: &HeaderMap) -> Result<bool, Failure> {
    match text(headers, header::IF_NONE_MATCH)?.map(str::trim) {
        None => Ok(false),
        Some("*") => Ok(true),
        Some(_) => {
            let text = "a write takes no If-None-Match but *; use If-Match to replace a version";
            Err(Failure::invalid(IssueCode::NotSupported, text))
        }
    }
}

/// The query of `If-None-Exist`, without the type and `?` that some clients put before it.
///
/// # Errors
/// 400 for an empty one, which every resource would match.
pub(crate) fn if_none_exist(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(raw) = text(headers, IF_NONE_EXIST)? else { return Ok(None) };
    let query = raw.split_once('?').map_or(raw, |(_, query)| query).trim();
    if query.is_empty() {
        return Err(Failure::invalid(
            IssueCode::Value,
            "If-None-Exist must be a search, as in identifier=system|value",
        ));
    }
    Ok(Some(query.to_owned()))
}

/// Whether the client has this version already. `If-None-Match` counts before `If-Modified-Since`; what of them cannot be
/// read is as good as not there ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-13.1)).
pub(crate) fn has_it(headers: &HeaderMap, shown: &Shown) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let own = format!("\"{}\"", shown.version);
        let is_own = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == own;
        return tags.flat_map(|value| value.split(',')).any(|tag| is_own(tag.trim()));
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = since.and_then(|text| DateTimeParser::new().parse_timestamp(text).ok());
    since.is_some_and(|since| shown.updated.div_euclid(1_000_000) <= since.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pair = |(name, value): &(HeaderName, &str)| (name.clone(), HeaderValue::from_str(value).unwrap());
        pairs.iter().map(pair).collect()
    }

    fn shown() -> Shown {
        // Sun, 06 Nov 1994 08:49:37.5 GMT
        let updated = 784_111_777_500_000;
        Shown { resource_type: "Patient".into(), id: "a".into(), version: 3, updated, body: Vec::new() }
    }

    #[test]
    fn a_client_that_has_the_version_gets_it_not_again() {
        for tag in ["W/\"3\"", "\"3\"", "*", "W/\"1\", W/\"3\""] {
            assert!(has_it(&headers(&[(header::IF_NONE_MATCH, tag)]), &shown()), "{tag}");
        }
        for tag in ["W/\"2\"", "3", "", "W/\"33\""] {
            assert!(!has_it(&headers(&[(header::IF_NONE_MATCH, tag)]), &shown()), "{tag}");
        }
    }

    #[test]
    fn times_are_compared_by_the_second() {
        let has = |text| has_it(&headers(&[(header::IF_MODIFIED_SINCE, text)]), &shown());
        assert!(has("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(has("Sun, 06 Nov 1994 08:49:38 GMT"));
        assert!(!has("Sun, 06 Nov 1994 08:49:36 GMT"));
        assert!(!has("yesterday"));
    }

    #[test]
    fn an_etag_counts_before_a_time() {
        let both = [
            (header::IF_NONE_MATCH, "W/\"2\""),
            (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:38 GMT"),
        ];
        assert!(!has_it(&headers(&both), &shown()));
    }

    #[test]
    fn a_condition_that_cannot_be_read_is_refused_before_a_write() {
        assert_eq!(if_match(&headers(&[(header::IF_MATCH, "W/\"7\"")])).unwrap(), Some(7));
        assert!(if_match(&headers(&[(header::IF_MATCH, "soon")])).is_err());
        assert!(if_none_match_any(&headers(&[(header::IF_NONE_MATCH, "*")])).unwrap());
        assert!(if_none_match_any(&headers(&[(header::IF_NONE_MATCH, "W/\"1\"")])).is_err());
        assert!(if_none_exist(&headers(&[(IF_NONE_EXIST, "Patient?")])).is_err());
        let query = if_none_exist(&headers(&[(IF_NONE_EXIST, "Patient?identifier=a|b")])).unwrap();
        assert_eq!(query.as_deref(), Some("identifier=a|b"));
    }
}
