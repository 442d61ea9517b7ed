//! P12: what goes in comes out. Strange resources, and every example that HL7 publishes, are stored and read back, and
//! compared value by value on the JSON text itself, with a reader of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

mod examples;
mod text;

use record::{
    change::{Change, Wish},
    error::Error,
    history::{HistoryRequest, Scope},
    search::SearchRequest,
};
use serde_json::Value;
use testkit::house::{ENGINES, House};
use text::{Json, read};

/// As a door reads a body.
fn parse(text: &str) -> Value {
    fhir::json::parse(text.as_bytes(), fhir::json::Limits::default()).unwrap()
}

fn put(resource: Value) -> Change {
    let named = |name: &str| resource[name].as_str().unwrap().to_owned();
    let (resource_type, id) = (named("resourceType"), Some(named("id")));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

/// Both texts say the same, but for version and time.
fn assert_same(sent: &str, shown: &[u8], what: &str) {
    let shown = std::str::from_utf8(shown).unwrap();
    let difference = Json::first_difference(&read(sent), &read(shown), &mut String::from("$"));
    assert_eq!(difference, None, "{what}");
}

/// Resources that pass every rule and are hard to keep. Raw texts, so that no writer of ours smooths them first.
const STRANGE: &[(&str, &str)] = &[
    (
        "numbers keep their form",
        r#"{"resourceType":"Observation","id":"s1","status":"final","code":{"text":"x"},
        "valueQuantity":{"value":107.50},
        "component":[{"code":{"text":"a"},"valueQuantity":{"value":1E+2}},{"code":{"text":"b"},"valueQuantity":{"value":-0}},
          {"code":{"text":"c"},"valueQuantity":{"value":123456789012345678}},{"code":{"text":"d"},"valueQuantity":{"value":0.000000000000000001}},
          {"code":{"text":"e"},"valueQuantity":{"value":1.000000000000000000000000000001}},{"code":{"text":"f"},"valueQuantity":{"value":-0.0e-0}},
          {"code":{"text":"g"},"valueQuantity":{"value":9007199254740993}},{"code":{"text":"h"},"valueQuantity":{"value":1e400}},
          {"code":{"text":"i"},"valueInteger":0},{"code":{"text":"j"},"valueInteger":-2147483648}]}"#,
    ),
    (
        "members in no order",
        r#"{"gender":"male","meta":{"tag":[{"code":"z"},{"code":"a"},{"code":"z"}],"versionId":"900"},"id":"s2",
        "active":false,"resourceType":"Patient"}"#,
    ),
    (
        "primitive extensions, nulls and gaps",
        r#"{"resourceType":"Patient","id":"s3",
        "_birthDate":{"id":"b","extension":[{"url":"urn:x","valueDate":"1980"}]},
        "name":[{"given":[null,"B",null],"_given":[{"extension":[{"url":"urn:y","valueString":"first"}]},null,{"id":"g3"}]},
                {"_family":{"extension":[{"url":"urn:why","valueCode":"unknown"}]}}],
        "active":true,"_active":{"id":"q"}}"#,
    ),
    (
        "extensions of every depth",
        r#"{"resourceType":"Basic","id":"s4","code":{"text":"x"},"extension":[
        {"url":"urn:a","extension":[{"url":"b","extension":[{"url":"c","valueDecimal":0.10},{"url":"c","valueDecimal":0.1}]}]},
        {"url":"urn:p","valuePeriod":{"start":"2020-01-01T00:00:00.000+00:00"}},{"url":"urn:i","valueInstant":"2020-01-01T00:00:00.100Z"},
        {"url":"urn:m","valueMarkdown":"* a\n* b"},{"url":"urn:64","valueBase64Binary":"AAEC"},{"url":"urn:u","valueUri":"urn:x:%20"}],
        "modifierExtension":[{"url":"urn:mod","valueBoolean":false}]}"#,
    ),
    (
        "escapes",
        r#"{"resourceType":"Patient","id":"s5","name":[{"text":"\"\\\/\t\n\r\u00e9\ud83d\ude00 \u2028 \u007f \ufeffx"}],
        "address":[{"text":"{\"meta\":{\"versionId\":\"1\"}}"}]}"#,
    ),
    (
        "all of Unicode",
        r#"{"resourceType":"Patient","id":"s6","name":[{"family":"😀𝔘𠜎e\u0301é","given":["שלום","مرحبا","राम","రాము","김"]}],
        "telecom":[{"value":"\u0020\ud834\udd1e \udbff\udffd"}]}"#,
    ),
    (
        "text that looks like the place of the version",
        r#"{"resourceType":"Basic","id":"s7","code":{"text":"\"meta\":{"},
        "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">\"meta\":{ &lt;b&gt; &amp; &quot;</div>"}}"#,
    ),
    (
        "a resource in a resource in a resource",
        r##"{"resourceType":"Bundle","id":"s8","type":"collection","entry":[{"fullUrl":"urn:oid:1.2.3",
        "resource":{"resourceType":"Observation","meta":{"versionId":"7","lastUpdated":"2020-01-01T00:00:00Z"},"status":"final","code":{"text":"x"},
        "contained":[{"resourceType":"Patient","id":"p","birthDate":"1980"}],"subject":{"reference":"#p"}}}]}"##,
    ),
    (
        "parameters of every type",
        r#"{"resourceType":"Parameters","id":"s9","parameter":[{"name":"a","valueDecimal":1.10},{"name":"a","part":[
        {"name":"b","valueTime":"10:00:00"},{"name":"c","resource":{"resourceType":"Patient","id":"in"}}]}]}"#,
    ),
    (
        "meta of its own",
        r#"{"resourceType":"Patient","id":"s10","meta":{"lastUpdated":"1999-01-01T00:00:00Z","_lastUpdated":{"id":"lu"},
        "extension":[{"url":"urn:x","valueString":"y"}],"profile":["http://x.example/p|1"],"security":[{"code":"R"}],"source":"urn:here"}}"#,
    ),
    (
        "references are left as they came",
        r##"{"resourceType":"Observation","id":"s11","status":"final","code":{"text":"x"},
        "subject":{"reference":"http://localhost/fhir/R4/Patient/s3"},"focus":[{"reference":"Patient/s3/_history/1"},
        {"reference":"urn:uuid:0a000000-0000-4000-8000-000000000001"},{"reference":"https://elsewhere.example/fhir/Patient/s3"}]}"##,
    ),
    (
        "binary content",
        r#"{"data":"AAECAwT/","resourceType":"Binary","id":"s12","contentType":"x/y","_data":{"id":"d"},"language":"te"}"#,
    ),
    (
        "base64 with bits to spare",
        r#"{"resourceType":"Binary","id":"s13","contentType":"x/y","data":"QR=="}"#,
    ),
    (
        "base64 in lines",
        r#"{"resourceType":"Binary","id":"s14","contentType":"x/y","data":"QUJD\r\nRA==\n"}"#,
    ),
    (
        "a Binary of zeros in a Bundle",
        r#"{"resourceType":"Bundle","id":"s15","type":"collection","entry":[{"resource":
        {"resourceType":"Binary","id":"b","contentType":"x/y","data":"AAAA"}}]}"#,
    ),
    (
        "the longest id",
        r#"{"resourceType":"Patient","id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}"#,
    ),
];

#[test]
fn strange_resources_come_back_as_they_came() {
    for engine in ENGINES {
        let house = House::new(engine);
        for (what, sent) in STRANGE {
            let resource = parse(sent);
            let (kind, id) = (
                resource["resourceType"].as_str().unwrap().to_owned(),
                resource["id"].as_str().unwrap().to_owned(),
            );
            let done = house.record.commit(&house.operator(), "update", &[put(resource.clone())]);
            let done = done.unwrap_or_else(|e| panic!("{what}: {:?}", e.issues())).remove(0);
            assert_same(sent, &done.body, what);
            let again =
                house.record.commit(&house.operator(), "transaction", &[put(resource)]).unwrap().remove(0);
            assert_same(sent, &again.body, what);
            assert_everywhere(&house, what, sent, &kind, &id);
        }
        let report = house.record.verify(None, true, &mut |_| {}).unwrap();
        assert!(report.is_sound(), "{:?}", report.faults);
        let house = house.reopen();
        for (what, sent) in STRANGE {
            let resource = parse(sent);
            assert_everywhere(
                &house,
                what,
                sent,
                resource["resourceType"].as_str().unwrap(),
                resource["id"].as_str().unwrap(),
            );
        }
    }
}

/// Every way to read a resource shows the same.
fn assert_everywhere(house: &House, what: &str, sent: &str, kind: &str, id: &str) {
    let act = house.operator();
    assert_same(sent, &house.record.read(&act, kind, id).unwrap().body, what);
    for version in [1, 2] {
        let shown = house.record.vread(&act, kind, id, version).unwrap().body;
        assert_same(sent, &shown, what);
        let meta = &parse(std::str::from_utf8(&shown).unwrap())["meta"];
        assert_eq!(meta["versionId"], version.to_string(), "{what}");
    }
    let request = SearchRequest {
        resource_type: kind.into(),
        query: format!("_id={id}"),
        lenient: false,
        compartment: None,
    };
    assert_same(sent, &house.record.search(&act, &request).unwrap().entries[0].body, what);
    let scope = Scope::Instance { resource_type: kind.into(), id: id.into() };
    for entry in house.record.history(&act, &scope, &HistoryRequest::default()).unwrap().entries {
        assert_same(sent, &entry.body.unwrap(), what);
    }
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"request":{{"method":"GET","url":"{kind}/{id}"}}}}]}}"#
    );
    let answer =
        record::bundle::Answer { base: "http://localhost/fhir/R4", representation: true, lenient: false };
    let shown = house.record.bundle(&act, parse(&bundle), answer).unwrap();
    let Json::Members(bundle) = read(std::str::from_utf8(&shown).unwrap()) else { panic!("no Bundle") };
    let Json::Items(entries) = &bundle["entry"] else { panic!("no entries") };
    let Json::Members(entry) = &entries[0] else { panic!("no entry") };
    assert_eq!(
        Json::first_difference(&read(sent), &entry["resource"], &mut String::from("$")),
        None,
        "{what}"
    );
}

/// What FHIR does not allow is refused, never dropped or mended.
#[test]
fn what_cannot_be_kept_is_refused_and_says_where() {
    let house = House::new(testkit::house::Engine::Sqlite);
    for (sent, place) in [
        (r#"{"resourceType":"Patient","id":"u","$serde_json::private::Number":"1"}"#, "Patient"),
        (r#"{"resourceType":"Patient","id":"u","nickname":"x"}"#, "Patient"),
        (r#"{"resourceType":"Patient","id":"u","name":[]}"#, "Patient.name"),
        (r#"{"resourceType":"Patient","id":"u","name":[null]}"#, "Patient.name[0]"),
        (r#"{"resourceType":"Patient","id":"u","birthDate":null}"#, "Patient.birthDate"),
        (r#"{"resourceType":"Patient","id":"u","active":"true"}"#, "Patient.active"),
        (r#"{"resourceType":"Patient","id":"u","name":[{"family":""}]}"#, "Patient.name[0].family"),
        (r#"{"resourceType":"Patient","id":"u","name":[{"family":"\u0000"}]}"#, "Patient.name[0].family"),
    ] {
        let failed = house.record.commit(&house.operator(), "update", &[put(parse(sent))]);
        let Err(Error::Unprocessable(issues)) = failed else { panic!("{sent} was taken: {failed:?}") };
        assert_eq!(issues[0].expression.as_deref(), Some(place), "{sent}");
    }
    for sent in [
        r#"{"id":"a","id":"b"}"#,
        r#"{"a":1e}"#,
        r#"{"a":"\ud800"}"#,
        "{\"a\":\"\u{1}\"}",
        r#"{"a":01}"#,
        r#"{"a":NaN}"#,
    ] {
        assert!(fhir::json::parse(sent.as_bytes(), fhir::json::Limits::default()).is_err(), "{sent}");
    }
}
