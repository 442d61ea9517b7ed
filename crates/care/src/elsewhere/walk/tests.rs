use super::*;
use proptest::prelude::*;
use serde_json::json;

const BASE: &str = "https://there.example/fhir";

fn fhir(value: &Value) -> Vec<u8> {
    json::render(value)
}

fn observation(id: &str) -> Value {
    json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/p"}})
}

/// What a server answers: a media type and bytes, or why it does not.
type Said = Result<(&'static str, Vec<u8>), Why>;

/// Answers each request by `server`; what was asked, and what came.
fn walked(offers: Offers, server: &mut dyn FnMut(&str) -> Said) -> (Vec<String>, Result<Came, Why>) {
    let mut walk = Walk::new(BASE, "p", offers);
    let mut asked = Vec::new();
    while let Some(wanted) = walk.wanted() {
        let path = wanted.address.strip_prefix(BASE).unwrap().to_owned();
        let answer = server(&path);
        walk.took(answer.as_ref().map(|(kind, bytes)| (*kind, bytes.as_slice())).map_err(|why| *why));
        asked.push(path);
    }
    (asked, walk.done())
}

fn ok(value: &Value) -> Said {
    Ok(("application/fhir+json; charset=utf-8", fhir(value)))
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p"})
}

fn bundle(resources: &[Value], next: Option<&str>) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    let link: Vec<Value> = next.iter().map(|next| json!({"relation": "next", "url": next})).collect();
    json!({"resourceType": "Bundle", "link": link, "entry": entries})
}

fn some(kinds: &[&str]) -> Offers {
    Offers { everything: false, types: kinds.iter().map(|kind| (*kind).to_owned()).collect() }
}

#[test]
fn e9_everything_is_asked_where_it_is_offered_and_else_each_type_page_by_page() {
    let everything = Offers { everything: true, ..Offers::default() };
    let (asked, came) = walked(everything.clone(), &mut |path| match path {
        "/Patient/p" => ok(&patient()),
        _ => ok(&bundle(&[observation("a"), json!({"resourceType": "Task", "id": "t"})], None)),
    });
    assert_eq!(asked, ["/Patient/p", "/Patient/p/$everything"]);
    let came = came.unwrap();
    assert_eq!((came.resources.len(), came.left.get("Task"), came.troubles.len()), (1, Some(&1), 0));

    let mut offers = some(&["Observation", "Condition"]);
    offers.everything = true;
    let (asked, came) = walked(offers, &mut |path| match path {
        "/Patient/p" => ok(&patient()),
        "/Patient/p/$everything" => Err(Why::Fault),
        "/Observation?patient=p&_count=100" => {
            ok(&bundle(&[observation("a")], Some("https://there.example/fhir?page=2")))
        }
        "?page=2" => ok(&bundle(&[observation("b"), observation("a")], None)),
        _ => Err(Why::Refused),
    });
    assert_eq!(asked.len(), 5, "{asked:?}");
    let came = came.unwrap();
    assert_eq!(came.resources.len(), 2, "the same one twice is one");
    assert_eq!(came.troubles, [Trouble { what: "Condition".into(), why: Why::Refused }]);
}

#[test]
fn e9_a_page_that_leads_elsewhere_or_round_is_not_asked_and_endless_ones_end() {
    for next in [
        "https://evil.example/fhir?page=2",
        "https://169.254.169.254/latest",
        "/etc/passwd",
        "https://there.example/fhir/Observation?patient=p&_count=100",
    ] {
        let (asked, came) = walked(some(&["Observation"]), &mut |path| match path {
            "/Patient/p" => ok(&patient()),
            _ => ok(&bundle(&[observation("a")], Some(next))),
        });
        assert_eq!(asked.len(), 2, "{next}");
        let came = came.unwrap();
        assert_eq!((came.resources.len(), came.troubles[0].why), (1, Why::Elsewhere), "{next}");
    }
    let mut page = 0;
    let (asked, came) = walked(some(&["Observation"]), &mut |path| {
        page += 1;
        let next = format!("{BASE}?page={page}");
        if path == "/Patient/p" {
            ok(&patient())
        } else {
            ok(&bundle(&[observation(&format!("o{page}"))], Some(&next)))
        }
    });
    assert_eq!(asked.len(), MOST_REQUESTS);
    assert!(came.unwrap().troubles.iter().any(|trouble| trouble.why == Why::TooMany));
}

#[test]
fn e9_somebody_elses_record_and_what_is_no_fhir_are_not_taken() {
    let other = json!({"resourceType": "Patient", "id": "q"});
    assert_eq!(walked(Offers::default(), &mut |_| ok(&other)).1, Err(Why::NotTheirs));
    assert_eq!(
        walked(Offers::default(), &mut |_| Ok(("text/html", b"<html>".to_vec()))).1,
        Err(Why::Unreadable)
    );
    assert_eq!(
        walked(Offers::default(), &mut |_| Ok(("application/json", b"{\"resourceType\":".to_vec()))).1,
        Err(Why::Unreadable)
    );
    assert_eq!(walked(Offers::default(), &mut |_| Err(Why::Late)).1, Err(Why::Late));
    for id in ["", "../admin", "a/b", "p?x=y"] {
        assert!(Walk::new(BASE, id, Offers::default()).wanted().is_none(), "{id}");
    }
    let (_, came) = walked(some(&["Observation"]), &mut |path| {
        match path {
        "/Patient/p" => ok(&patient()),
        _ => Ok(("application/fhir+json", b"{\"resourceType\": \"Bundle\", \"entry\": [{\"resource\": {}}, 1, {\"resource\": {\"resourceType\": \"Observation\", \"id\": \"../x\"}}]}".to_vec())),
    }
    });
    assert_eq!(came.unwrap().resources.len(), 0);
}

#[test]
fn e9_observations_that_are_not_given_at_once_are_asked_by_category() {
    let (asked, came) = walked(some(&["Observation"]), &mut |path| match path {
        "/Patient/p" => ok(&patient()),
        path if path.contains("category=laboratory") => ok(&bundle(&[observation("a")], None)),
        path if path.contains("category=") => Err(Why::Refused),
        _ => Err(Why::Fault),
    });
    assert_eq!(asked.len(), 2 + CATEGORIES.len());
    let came = came.unwrap();
    assert_eq!((came.resources.len(), came.troubles.len()), (1, 1));
}

#[test]
fn e9_files_come_from_that_server_alone_and_a_bad_one_is_told() {
    let document = |id: &str, attachment: Value| {
        json!({"resourceType": "DocumentReference", "id": id, "status": "current", "subject": {"reference": "Patient/p"},
            "content": [{"attachment": attachment}]})
    };
    let found = [
        document("a", json!({"url": "Binary/a", "title": "Letter"})),
        document("b", json!({"url": "https://evil.example/b", "title": "Trap"})),
        document("c", json!({"data": STANDARD.encode("MZ\u{90}program"), "title": "Program"})),
        document("d", json!({"data": STANDARD.encode("words"), "title": "Words"})),
        document("e", json!({"url": format!("{BASE}/Binary/e"), "title": "Raw"})),
        document("f", json!({"url": "Binary/f", "title": "Page"})),
    ];
    let binary = json!({"resourceType": "Binary", "contentType": "application/pdf", "data": STANDARD.encode("%PDF-1.7 letter")});
    let (asked, came) = walked(some(&["DocumentReference"]), &mut |path| match path {
        "/Patient/p" => ok(&patient()),
        "/Binary/a" => ok(&binary),
        "/Binary/e" => Ok(("text/plain", b"raw words".to_vec())),
        "/Binary/f" => Ok(("text/html", b"<html><script>".to_vec())),
        _ => ok(&bundle(&found, None)),
    });
    assert_eq!(asked.len(), 5, "{asked:?}");
    let came = came.unwrap();
    assert_eq!(came.files.len(), 3);
    let troubles: Vec<(&str, Why)> = came.troubles.iter().map(|t| (t.what.as_str(), t.why)).collect();
    assert_eq!(troubles, [("Program", Why::FileKind), ("Trap", Why::Elsewhere), ("Page", Why::FileKind)]);
    assert!(came.resources.iter().all(|resource| !resource.to_string().contains("\"data\"")));
}

#[test]
fn what_a_server_offers_is_read_from_its_statement() {
    let said = json!({"rest": [{"resource": [
        {"type": "Patient", "operation": [{"name": "$everything"}]},
        {"type": "Observation", "interaction": [{"code": "search-type"}]},
        {"type": "Immunization", "interaction": [{"code": "read"}]},
        {"type": "Consent", "interaction": [{"code": "search-type"}]},
    ]}]});
    assert_eq!(Offers::read(&fhir(&said)), Offers { everything: true, types: vec!["Observation".into()] });
    assert_eq!(Offers::read(b"<html>"), Offers::default());
}

/// Pieces of answers that a hostile server could make.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        r#"{"resourceType":"Bundle","link":[{"relation":"next","url":"https://there.example/fhir?page=2"}],"entry":[{"resource":{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"recorder":{"reference":"Practitioner/d"}}}]}"#,
        r#"{"resourceType":"Bundle","link":[{"relation":"next","url":"https://evil.example/"}],"entry":[{"resource":{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"https://there.example/fhir/Patient/p"},"medicationReference":{"reference":"Medication/a"}}},{"resource":{"resourceType":"Medication","id":"a","ingredient":[{"itemReference":{"reference":"Medication/a"}}]}}]}"#,
        r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"url":"Binary/b"}},{"attachment":{"data":"d29yZHM="}}]}}]}"#,
        r#"{"resourceType":"Binary","data":"d29yZHM="}"#,
        r#"{"rest":[{"resource":[{"type":"Patient","operation":[{"name":"everything"}]}]}]}"#,
        r#"[]"#,
    ];
    prop_oneof![
        6 => proptest::sample::select(known.map(str::to_owned).to_vec()),
        1 => "\\PC{0,40}",
        2 => (proptest::sample::select(known.map(str::to_owned).to_vec()), 0usize..300).prop_map(|(text, at)| text.chars().take(at).collect()),
    ]
}

proptest! {
    /// N13: the laws that the fuzz target holds as well.
    #[test]
    fn n13_whatever_a_server_says_nothing_else_is_asked_and_no_reference_is_left(
        said in piece(), answers in proptest::collection::vec(piece(), 0..8)
    ) {
        let mut walk = Walk::new(BASE, "p", Offers::read(said.as_bytes()));
        let mut answers = answers.iter();
        while let Some(wanted) = walk.wanted() {
            prop_assert!(address::is_within(BASE, &wanted.address));
            let person = fhir(&patient());
            let answer = if wanted.address.ends_with("/Patient/p") { Some(person.as_slice()) } else { answers.next().map(String::as_bytes) };
            match answer {
                Some(answer) => walk.took(Ok(("application/fhir+json", answer))),
                None => walk.stop(),
            }
        }
        let Ok(came) = walk.done() else { return Ok(()) };
        let kept = Came::parse(&came.render());
        prop_assert_eq!(kept.as_ref(), Some(&came));
        let from = mapped::From { base: BASE, label: "There", patient: "ours", fetch: "f" };
        for made in mapped::all(&from, &came).0 {
            let mut left = Vec::new();
            reference::each_reference(&made.value, &mut |text| left.push(text.to_owned()));
            let is_ours = |text: &String| {
                text == "Patient/ours" || text.starts_with('#') || text.split_once('/').is_some_and(|(_, id)| id.starts_with('e') && id.len() == 41)
            };
            prop_assert!(left.iter().all(is_ours), "{:?}", left);
        }
    }
}
