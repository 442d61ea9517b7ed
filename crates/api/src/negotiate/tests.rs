use super::*;
use axum::http::HeaderValue;

fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn offer(accept: &[&[u8]], query: Option<&str>) -> Format {
    Offer::read(&headers("accept", accept), query).unwrap().format
}

#[test]
fn whoever_reads_json_gets_it() {
    for accept in [
        &b"application/fhir+json"[..],
        b"application/json",
        b"Application/FHIR+JSON; fhirVersion=4.0; charset=utf-8",
        b"application/fhir+xml, application/fhir+json;q=0.1",
        b"text/html,*/*;q=0.8,application/json",
    ] {
        assert_eq!(offer(&[accept], None), Format::Json, "{accept:?}");
    }
}

#[test]
fn whoever_reads_anything_gets_what_there_is() {
    assert_eq!(offer(&[], None), Format::Any);
    assert_eq!(offer(&[b""], None), Format::Any);
    assert_eq!(offer(&[b"text/html,application/xml;q=0.9,*/*;q=0.8"], None), Format::Any);
}

#[test]
fn whoever_reads_no_json_is_told_so() {
    for accept in [
        &b"application/fhir+xml"[..],
        b"text/turtle",
        b"application/fhir+json;q=0",
        b"application/fhir+json; fhirVersion=5.0",
        b"\xff",
        b"image/*",
    ] {
        let offer = Offer::read(&headers("accept", &[accept]), None).unwrap();
        assert_eq!(offer.json().unwrap_err().status, StatusCode::NOT_ACCEPTABLE, "{accept:?}");
    }
}

#[test]
fn format_in_the_query_overrules_accept() {
    assert_eq!(offer(&[b"text/html"], Some("_format=json")), Format::Json);
    assert_eq!(offer(&[b"text/html"], Some("_format=application/fhir+json")), Format::Json);
    assert_eq!(offer(&[b"application/json"], Some("_format=xml")), Format::Other);
    assert!(Offer::read(&HeaderMap::new(), Some("_format=%zz")).is_err());
}

#[test]
fn preferences_are_read_from_all_their_headers() {
    let wants = prefer(&headers("prefer", &[b"respond-async, return=minimal", b"handling=lenient"]));
    assert_eq!(wants, Wants { back: Return::Minimal, lenient: true, ..Wants::default() });
    assert_eq!(prefer(&headers("prefer", &[b"return=OperationOutcome"])).back, Return::Outcome);
    assert_eq!(prefer(&headers("prefer", &[b"return=everything"])), Wants::default());
}

#[test]
fn a_part_of_a_resource_is_refused_unless_leniently() {
    let strict = Wants::default();
    assert!(strict.refuse_parts(None).is_ok());
    assert!(strict.refuse_parts(Some("_summary=false&_pretty=true")).is_ok());
    for query in ["_summary=true", "_elements=name"] {
        assert_eq!(strict.refuse_parts(Some(query)).unwrap_err().status, StatusCode::BAD_REQUEST);
        assert!(Wants { lenient: true, ..strict }.refuse_parts(Some(query)).is_ok());
    }
}
