use super::writer::{EntryParts, Head, RequestParts, ResponseParts, SearchMode, Writer};
use super::*;
use crate::json::{Limits, parse as read, render};
use proptest::prelude::*;
use serde_json::json;

fn entries(kind: &str, entries: Value) -> Vec<Result<Entry, Vec<Issue>>> {
    parse(json!({"resourceType": "Bundle", "type": kind, "entry": entries})).unwrap().entries
}

fn faults(kind: &str, list: Value) -> Vec<String> {
    let all = entries(kind, list).into_iter().filter_map(Result::err).flatten();
    all.map(|issue| issue.expression.unwrap()).collect()
}

fn whole_faults(bundle: Value) -> Vec<String> {
    parse(bundle).unwrap_err().into_iter().map(|issue| issue.expression.unwrap()).collect()
}

#[test]
fn a_transaction_comes_apart() {
    let patient = json!({"resourceType": "Patient"});
    let found = entries(
        "transaction",
        json!([
            {"fullUrl": "urn:uuid:1", "resource": patient, "request": {"method": "POST", "url": "Patient", "ifNoneExist": "a=b"}},
            {"request": {"method": "GET", "url": "Patient/a", "ifMatch": "W/\"1\"", "ifNoneMatch": "x", "ifModifiedSince": "2013-06-08T10:57:34Z"}},
        ]),
    );
    let request = |method, url: &str| Request {
        method,
        url: url.to_owned(),
        if_match: None,
        if_none_match: None,
        if_modified_since: None,
        if_none_exist: None,
    };
    let post = Request { if_none_exist: Some("a=b".into()), ..request(Method::Post, "Patient") };
    let get = Request {
        if_match: Some("W/\"1\"".into()),
        if_none_match: Some("x".into()),
        if_modified_since: Some("2013-06-08T10:57:34Z".into()),
        ..request(Method::Get, "Patient/a")
    };
    assert_eq!(
        found,
        [
            Ok(Entry { full_url: Some("urn:uuid:1".into()), resource: Some(patient), request: Some(post) }),
            Ok(Entry { full_url: None, resource: None, request: Some(get) }),
        ]
    );
}

#[test]
fn what_is_no_bundle_is_refused_as_a_whole() {
    assert_eq!(whole_faults(json!([])), ["Bundle"]);
    assert_eq!(whole_faults(json!({"resourceType": "Patient"})), ["Bundle"]);
    assert_eq!(whole_faults(json!({"resourceType": "Bundle"})), ["Bundle.type"]);
    assert_eq!(
        whole_faults(json!({"resourceType": "Bundle", "type": "sack", "entry": {}})),
        ["Bundle.type", "Bundle.entry"]
    );
    let empty = parse(json!({"resourceType": "Bundle", "type": "batch"})).unwrap();
    assert_eq!(empty, Bundle { kind: Kind::Batch, entries: Vec::new() });
}

#[test]
fn a_fault_names_its_element_and_spares_the_other_entries() {
    let good = json!({"request": {"method": "GET", "url": "Patient/a"}});
    let list = json!([
        good, 1, {}, {"request": 1}, {"request": {}}, {"request": {"method": "BREW", "url": ""}},
        {"request": {"method": "GET", "url": "Patient/a", "ifMatch": 1}}, {"fullUrl": [], "request": {"method": "PUT", "url": "Patient/a"}},
        {"resource": {"id": "a"}, "request": {"method": "PUT", "url": "Patient/a"}}, good,
    ]);
    assert_eq!(
        faults("batch", list.clone()),
        [
            "Bundle.entry[1]",
            "Bundle.entry[2].request",
            "Bundle.entry[3].request",
            "Bundle.entry[4].request.method",
            "Bundle.entry[4].request.url",
            "Bundle.entry[5].request.method",
            "Bundle.entry[5].request.url",
            "Bundle.entry[6].request.ifMatch",
            "Bundle.entry[7].fullUrl",
            "Bundle.entry[7].resource",
            "Bundle.entry[8].resource",
        ]
    );
    let ok: Vec<bool> = entries("batch", list).iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, false, false, false, false, false, false, false, true]);
}

#[test]
fn only_searches_and_operations_are_posted_without_a_resource() {
    let request = |method: &str, url: &str| json!({"request": {"method": method, "url": url}});
    for (method, url) in [
        ("POST", "Patient/_search?a=b"),
        ("POST", "$process"),
        ("POST", "Patient/a/$everything"),
        ("DELETE", "Patient/a"),
        ("HEAD", "Patient/a"),
    ] {
        assert!(faults("batch", json!([request(method, url)])).is_empty(), "{method} {url}");
    }
    for (method, url) in
        [("POST", "Patient"), ("POST", "Patient?x=/_search"), ("PUT", "Patient/a"), ("PATCH", "Patient/a")]
    {
        assert_eq!(
            faults("batch", json!([request(method, url)])),
            ["Bundle.entry[0].resource"],
            "{method} {url}"
        );
    }
}

#[test]
fn full_urls_name_one_entry_each_and_no_version() {
    let entry =
        |full_url: &str| json!({"fullUrl": full_url, "request": {"method": "GET", "url": "Patient/a"}});
    let list =
        json!([entry("urn:uuid:1"), entry("urn:uuid:1"), entry("http://x.example/Patient/a/_history/2")]);
    assert_eq!(faults("transaction", list.clone()), ["Bundle.entry[1].fullUrl", "Bundle.entry[2].fullUrl"]);
    assert!(faults("history", list).is_empty());
}

#[test]
fn a_collection_needs_no_requests() {
    assert!(faults("collection", json!([{"resource": {"resourceType": "Patient"}}, {}])).is_empty());
}

#[test]
fn no_issue_holds_a_value() {
    let list = json!([{"fullUrl": "urn:uuid:Schmidt", "request": {"method": "Schmidt", "url": ["Schmidt"]}}, {"fullUrl": "urn:uuid:Schmidt", "request": "Schmidt"}]);
    let issues = entries("batch", list).into_iter().filter_map(Result::err).flatten();
    let texts: Vec<String> = issues.map(|i| format!("{i:?}")).collect();
    assert_eq!(texts.len(), 4);
    assert!(texts.iter().all(|t| !t.contains("Schmidt")));
    let named = json!([{"resource": {"resourceType": "Patient", "name": "Schmidt"}, "request": {"method": "PUT", "url": "Patient?name=Schmidt"}}]);
    let entry = entries("batch", named).remove(0).unwrap();
    assert!(!format!("{entry:?} {:?}", entry.request).contains("Schmidt"));
}

#[test]
fn a_searchset_is_written_as_it_stands_in_the_specification() {
    let links = [
        ("self", "https://here.example/fhir/Patient?name=a\"b"),
        ("next", "https://here.example/fhir?page=2"),
    ];
    let head =
        Head { id: Some("s"), last_updated: Some("2013-06-08T10:57:34.120Z"), total: Some(2), links: &links };
    let mut writer = Writer::new(Kind::Searchset, &head);
    let (a, b) = (br#"{"resourceType":"Patient","id":"a"}"#, br#"{"resourceType":"Patient","id":"b"}"#);
    let entry = EntryParts {
        full_url: Some("https://here.example/fhir/Patient/a"),
        resource: Some(a),
        search: Some(SearchMode::Match),
        ..EntryParts::default()
    };
    writer.entry(&entry);
    writer.entry(&EntryParts {
        resource: Some(b),
        search: Some(SearchMode::Include),
        ..EntryParts::default()
    });
    let text = String::from_utf8(writer.finish()).unwrap();
    assert_eq!(
        text,
        r#"{"resourceType":"Bundle","id":"s","meta":{"lastUpdated":"2013-06-08T10:57:34.120Z"},"type":"searchset","total":2,"#.to_owned()
            + r#""link":[{"relation":"self","url":"https://here.example/fhir/Patient?name=a\"b"},{"relation":"next","url":"https://here.example/fhir?page=2"}],"#
            + r#""entry":[{"fullUrl":"https://here.example/fhir/Patient/a","resource":{"resourceType":"Patient","id":"a"},"search":{"mode":"match"}},"#
            + r#"{"resource":{"resourceType":"Patient","id":"b"},"search":{"mode":"include"}}]}"#
    );
}

#[test]
fn history_and_response_entries_say_what_was_done() {
    let response = ResponseParts {
        status: "201 Created",
        location: Some("Patient/a/_history/1"),
        etag: Some("W/\"1\""),
        last_modified: Some("2013-06-08T10:57:34Z"),
        outcome: Some(b"{\"resourceType\":\"OperationOutcome\"}"),
    };
    let request = RequestParts { method: Method::Put, url: "Patient/a" };
    let mut writer = Writer::new(Kind::History, &Head::default());
    writer.entry(&EntryParts { request: Some(request), response: Some(response), ..EntryParts::default() });
    let written = read(&writer.finish(), Limits::default()).unwrap();
    assert_eq!(
        written["entry"][0],
        json!({
            "request": {"method": "PUT", "url": "Patient/a"},
            "response": {"status": "201 Created", "location": "Patient/a/_history/1", "etag": "W/\"1\"",
                "lastModified": "2013-06-08T10:57:34Z", "outcome": {"resourceType": "OperationOutcome"}},
        })
    );
}

#[test]
fn a_bundle_without_entries_has_no_empty_list() {
    let text = Writer::new(Kind::TransactionResponse, &Head::default()).finish();
    assert_eq!(text, br#"{"resourceType":"Bundle","type":"transaction-response"}"#);
}

proptest! {
    #[test]
    fn the_pieces_taken_on_the_way_make_the_same_bundle(urls in prop::collection::vec(any::<String>(), 0..6)) {
        let (mut whole, mut pieces) = (Writer::new(Kind::Batch, &Head::default()), Writer::new(Kind::Batch, &Head::default()));
        let mut sent = pieces.take();
        prop_assert!(pieces.is_empty());
        for url in &urls {
            let entry = EntryParts { full_url: Some(url), ..EntryParts::default() };
            whole.entry(&entry);
            pieces.entry(&entry);
            sent.extend(pieces.take());
        }
        sent.extend(pieces.finish());
        prop_assert_eq!(&sent, &whole.finish());
        let read = read(&sent, Limits::default()).unwrap();
        let found: Vec<&str> = read["entry"].as_array().into_iter().flatten().map(|e| e["fullUrl"].as_str().unwrap()).collect();
        prop_assert_eq!(found, urls);
        prop_assert_eq!(render(&read), sent);
    }

    #[test]
    fn any_entry_is_read_or_refused(name in "fullUrl|resource|request|x", value in prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("a")), Just(json!({})), Just(json!([[]]))]) {
        for kind in ["batch", "document"] {
            prop_assert_eq!(entries(kind, json!([{&name: &value}])).len(), 1);
        }
    }
}
