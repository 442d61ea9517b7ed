use super::*;
use fhir::json::{Limits, parse};

fn said(error: record::error::Error) -> (u16, String, String) {
    let failure = Failure::from(error);
    let id = RequestId::parse("r-1").unwrap();
    let body = parse(&failure.body(&id), Limits::default()).unwrap();
    let issue = &body["issue"][0];
    let text = |name: &str| issue[name].as_str().unwrap().to_owned();
    (failure.status.as_u16(), text("code"), text("diagnostics"))
}

#[test]
fn every_error_of_the_kernel_has_its_status_and_code() {
    use record::error::Error as E;
    let issue = || vec![Issue::error(IssueCode::Value, "is not a date").at("Patient.birthDate")];
    let table: Vec<(E, u16, &str)> = vec![
        (E::Invalid(issue()), 400, "value"),
        (E::Unprocessable(issue()), 422, "value"),
        (E::NotFound, 404, "not-found"),
        (E::Gone { version: 3 }, 410, "deleted"),
        (E::Erased, 410, "deleted"),
        (E::Conflict("somebody was faster".into()), 409, "conflict"),
        (E::Precondition("the version is another".into()), 412, "conflict"),
        (E::MultipleMatches, 412, "multiple-matches"),
        (E::Refused, 403, "forbidden"),
        (E::Busy("try again".into()), 503, "transient"),
        (E::Unsupported("not yet".into()), 400, "not-supported"),
        (E::TooCostly("narrow it".into()), 400, "too-costly"),
        (E::Fault("inner secret".into()), 500, "exception"),
    ];
    for (error, status, code) in table {
        let (found, issue, text) = said(error);
        assert_eq!((found, issue.as_str()), (status, code));
        assert!(text.ends_with(" (request id r-1)"), "{text}");
        assert!(!text.contains("secret"));
    }
}

#[test]
fn a_fault_tells_the_log_all_its_sources() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);
    let failure = Failure::from(record::error::Error::Fault(Box::new(Outer(std::io::Error::other("inner")))));
    assert_eq!(failure.cause.as_deref(), Some("outer: inner"));
}

#[test]
fn gone_tells_the_version_that_deleted_it() {
    let response = Failure::from(record::error::Error::Gone { version: 3 }).into_response();
    assert_eq!(response.headers()[header::ETAG], "W/\"3\"");
}
