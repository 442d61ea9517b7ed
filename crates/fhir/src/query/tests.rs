use super::path::Path;
use super::prefix::{Prefix, split};
use super::result::{Contained, ContainedType, Include, Sort, Summary, Total};
use super::*;
use proptest::prelude::*;

fn code(code: &str) -> Path {
    Path::Code(code.to_owned())
}

fn one(raw: &str) -> Clause {
    let query = parse(raw).unwrap();
    assert_eq!(query.clauses.len(), 1, "{raw}");
    query.clauses[0].clone()
}

fn texts(raw: &str) -> Vec<String> {
    one(raw).values.iter().map(|v| v.text().into_owned()).collect()
}

fn fault(raw: &str) -> Fault {
    match parse(raw) {
        Err(Error::Parameter { fault, .. }) => fault,
        other => panic!("{raw}: {other:?}"),
    }
}

#[test]
fn a_clause_has_a_code_a_modifier_and_values() {
    let clause = one("name:exact=Eve,Ada");
    assert_eq!((clause.path.clone(), clause.modifier.as_deref()), (code("name"), Some("exact")));
    assert_eq!(texts("name:exact=Eve,Ada"), ["Eve", "Ada"]);
    assert_eq!(clause.name(), "name:exact");
    assert_eq!(one("subject:Patient=a").modifier.as_deref(), Some("Patient"));
}

#[test]
fn chains_lead_to_other_resources() {
    let chain = |c: &str, target: Option<&str>, next| Path::Chain {
        code: c.to_owned(),
        target: target.map(str::to_owned),
        next: Box::new(next),
    };
    assert_eq!(one("subject.name=x").path, chain("subject", None, code("name")));
    let clause = one("patient:Patient.general-practitioner:Practitioner.name:exact=x");
    let last = chain("general-practitioner", Some("Practitioner"), code("name"));
    assert_eq!(clause.path, chain("patient", Some("Patient"), last));
    assert_eq!(clause.modifier.as_deref(), Some("exact"));
    assert_eq!(clause.name(), "patient:Patient.general-practitioner:Practitioner.name:exact");
}

#[test]
fn reverse_chains_lead_back() {
    let clause = one("_has:Observation:patient:_has:AuditEvent:entity:agent:Practitioner=x");
    let inner =
        Path::Has { type_name: "AuditEvent".into(), code: "entity".into(), next: Box::new(code("agent")) };
    assert_eq!(
        clause.path,
        Path::Has { type_name: "Observation".into(), code: "patient".into(), next: Box::new(inner) }
    );
    assert_eq!(clause.modifier.as_deref(), Some("Practitioner"));
    assert_eq!(clause.name(), "_has:Observation:patient:_has:AuditEvent:entity:agent:Practitioner");
    let mixed = one("subject:Patient._has:Group:member:_id=102");
    assert_eq!(mixed.name(), "subject:Patient._has:Group:member:_id");
}

#[test]
fn names_that_are_malformed_are_told_by_their_place() {
    for raw in [
        "a=1&name",
        "a=1&=x",
        "a=1&na me=x",
        "a=1&name:=x",
        "a=1&:exact=x",
        "a=1&a..b=x",
        "a=1&.b=x",
        "a=1&a.=x",
        "a=1&a:patient.b=x",
        "a=1&_has:Observation:patient=x",
        "a=1&_has:observation:patient:code=x",
        "a=1&_has:Observation:patient:=x",
        "a=1&name:a:b=x",
        "a=1&%ff=x",
        "a=1&n%=x",
        "a=1&é=x",
        "a=1&Smith",
    ] {
        assert_eq!(parse(raw), Err(Error::Name(2)), "{raw}");
    }
    let long = format!("{}=x", "a".repeat(65));
    assert_eq!(parse(&long), Err(Error::Name(1)));
}

#[test]
fn a_chain_has_a_last_link() {
    let chained = |steps: usize| format!("{}name=x", "a.".repeat(steps));
    assert!(parse(&chained(path::MAX_STEPS)).is_ok());
    assert_eq!(parse(&chained(path::MAX_STEPS + 1)), Err(Error::Name(1)));
    let hostile = format!("{}x=1", "_has:A:b:".repeat(10_000));
    assert_eq!(parse(&hostile), Err(Error::Name(1)));
}

#[test]
fn percent_and_plus_are_decoded_strictly() {
    assert_eq!(texts("name=a+b%20c%2Bd"), ["a b c+d"]);
    assert_eq!(texts("name=M%C3%BCller,%E0%B0%B0"), ["Müller", "ర"]);
    assert_eq!(texts("na%6De=x%26y%3D"), ["x&y="]);
    for raw in ["name=%", "name=%2", "name=%zz", "name=%+1", "name=%FF", "name=%C3"] {
        assert_eq!(fault(raw), Fault::Encoding, "{raw}");
    }
}

#[test]
fn escaped_separators_do_not_separate() {
    assert_eq!(texts(r"name=a\,b,c"), ["a,b", "c"]);
    assert_eq!(texts(r"name=a%5C%2Cb%2Cc"), ["a,b", "c"]);
    assert_eq!(texts(r"name=a\\,b"), [r"a\", "b"]);
    assert_eq!(texts(r"name=\$\|"), ["$|"]);
    for raw in [r"name=a\b", r"name=a\", r"name=\\\"] {
        assert_eq!(fault(raw), Fault::Escape, "{raw}");
    }
}

#[test]
fn tokens_and_composites_split_where_they_are_not_escaped() {
    let value = one(r"code=http://loinc.org|8480\|6").values[0].clone();
    assert_eq!(value.parts_on_pipe(), ["http://loinc.org", "8480|6"]);
    assert_eq!(one("code=|x").values[0].parts_on_pipe(), ["", "x"]);
    assert_eq!(one("code=x|").values[0].parts_on_pipe(), ["x", ""]);
    assert_eq!(one("code=x").values[0].parts_on_pipe(), ["x"]);
    let parts = one(r"code-value-quantity=http://loinc.org|8480\$6$gt5.4|http://unitsofmeasure.org|mg")
        .values[0]
        .parts_on_dollar();
    let parts = parts.unwrap();
    assert_eq!(parts[0].parts_on_pipe(), ["http://loinc.org", "8480$6"]);
    assert_eq!(parts[1].parts_on_pipe(), ["gt5.4", "http://unitsofmeasure.org", "mg"]);
    assert_eq!(one("a=x$").values[0].parts_on_dollar(), None);
}

#[test]
fn prefixes_come_off_numbers_and_dates() {
    let all = [
        ("eq", Prefix::Eq),
        ("ne", Prefix::Ne),
        ("gt", Prefix::Gt),
        ("lt", Prefix::Lt),
        ("ge", Prefix::Ge),
        ("le", Prefix::Le),
        ("sa", Prefix::Sa),
        ("eb", Prefix::Eb),
        ("ap", Prefix::Ap),
    ];
    for (text, prefix) in all {
        assert_eq!(split(&format!("{text}2013")), (prefix, "2013"));
    }
    for text in ["2013", "-5", "", "g", "é", "GT5"] {
        assert_eq!(split(text), (Prefix::Eq, text));
    }
}

#[test]
fn result_parameters_stand_apart() {
    let query = parse(
        "code=x&_count=0&_sort=-date,_id&_total=accurate&_summary=data&_elements=id,Patient.name&_elements=status\
         &_format=application/fhir+json&_pretty=true&_contained=both&_containedType=contained&_filter=y",
    )
    .unwrap();
    let result = &query.result;
    assert_eq!(query.shape(), "code&_filter");
    assert_eq!(result.count, Some(0));
    let sort = |code: &str, descending| Sort { code: code.to_owned(), descending };
    assert_eq!(result.sort, [sort("date", true), sort("_id", false)]);
    assert_eq!((result.total, result.summary), (Some(Total::Accurate), Some(Summary::Data)));
    assert_eq!(result.elements, ["id", "Patient.name", "status"]);
    assert_eq!((result.format.as_deref(), result.pretty), (Some("application/fhir+json"), Some(true)));
    assert_eq!(
        (result.contained, result.contained_type),
        (Some(Contained::Both), Some(ContainedType::Contained))
    );
}

#[test]
fn includes_name_source_parameter_and_target() {
    let query = parse("_include=Observation:subject:Patient&_include:iterate=Patient:*&_include=*&_revinclude=Provenance:target:").unwrap();
    let include = |source: Option<&str>, code: Option<&str>, target: Option<&str>, iterate| Include {
        source: source.map(str::to_owned),
        code: code.map(str::to_owned),
        target: target.map(str::to_owned),
        iterate,
    };
    assert_eq!(
        query.result.include,
        [
            include(Some("Observation"), Some("subject"), Some("Patient"), false),
            include(Some("Patient"), None, None, true),
            include(None, None, None, false),
        ]
    );
    assert_eq!(query.result.revinclude, [include(Some("Provenance"), Some("target"), None, false)]);
}

#[test]
fn result_parameters_know_their_values() {
    for raw in [
        "_count=-1",
        "_count=x",
        "_count=1,2",
        "_sort=--a",
        "_sort=-",
        "_include=Observation",
        "_include=observation:subject",
        "_include=A:b:C:d",
        "_include=A:b:c",
        "_total=all",
        "_summary=yes",
        "_pretty=1",
        "_contained=maybe",
        "_elements=a%20b",
    ] {
        assert_eq!(fault(raw), Fault::Value, "{raw}");
    }
    assert_eq!(parse("_count=99999999999").unwrap().result.count, Some(u32::MAX));
    assert_eq!(fault("_count=1&_count=2"), Fault::Repeated);
    assert_eq!(fault("_sort=a&_sort=b"), Fault::Repeated);
    assert_eq!(fault("_include:recurse=A:b"), Fault::Modifier);
    assert_eq!(fault("_count:exact=1"), Fault::Modifier);
}

#[test]
fn a_value_is_never_empty() {
    for raw in ["name=", "name=a,", "name=,a", "name=a,,b", "_sort=", "_count="] {
        assert_eq!(fault(raw), Fault::Empty, "{raw}");
    }
    assert_eq!(parse("").unwrap(), Query::default());
    assert_eq!(parse("&&name=a&").unwrap().clauses.len(), 1);
}

#[test]
fn a_query_has_an_end() {
    let times = |n: usize| vec!["a=b"; n].join("&");
    assert!(parse(&times(MAX_CLAUSES)).is_ok());
    assert_eq!(parse(&times(MAX_CLAUSES + 1)), Err(Error::TooManyClauses));
    let values = |n: usize| format!("a={}&c=d", vec!["b"; n].join(","));
    assert!(parse(&values(MAX_VALUES - 1)).is_ok());
    assert_eq!(parse(&values(MAX_VALUES)), Err(Error::TooManyValues));
    assert!(parse(&format!("a={}", "b".repeat(MAX_VALUE))).is_ok());
    assert_eq!(fault(&format!("a={}", "b".repeat(MAX_VALUE + 1))), Fault::TooLong);
    assert_eq!(parse(&"&".repeat(MAX_QUERY + 1)), Err(Error::TooLong));
}

#[test]
fn nothing_printed_holds_a_value() {
    let query = parse("name=Schmidt&_id=a").unwrap();
    assert!(!format!("{query:?}").contains("Schmidt"));
    assert_eq!(query.shape(), "name&_id");
    let error = parse("name=Schmidt%").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("Schmidt"));
}

#[test]
fn plain_parameters_can_be_taken_out() {
    let mut query = parse("_since=2013&name=x&_since=2014&subject._since=y").unwrap();
    assert_eq!(query.take("_since").len(), 2);
    assert_eq!(query.shape(), "name&subject._since");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(raw in "\\PC{0,60}|[a-zA-Z_:.&=,|$\\\\%0-9+-]{0,80}") {
        if let Ok(query) = parse(&raw) {
            for value in query.clauses.iter().flat_map(|c| &c.values) {
                let _ = (value.parts_on_pipe(), value.parts_on_dollar());
                let _ = split(&value.text());
            }
        }
    }

    #[test]
    fn any_text_comes_through_escaping_and_encoding(text in ".{1,40}") {
        let literal = Value::literal(&text);
        prop_assert_eq!(literal.text(), text.as_str());
        prop_assert_eq!(literal.parts_on_pipe(), [text.as_str()]);
        let mut escaped = String::new();
        for c in text.chars() {
            if ",|$\\".contains(c) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        let encoded: String = escaped.bytes().map(|b| format!("%{b:02X}")).collect();
        prop_assert_eq!(&one(&format!("a={encoded}")).values, &[literal]);
    }

    #[test]
    fn a_name_is_written_as_it_was_read(name in "((_has:[A-Z][a-z]{1,5}:[a-z]{1,5}:){0,2}|([a-z]{1,5}(:[A-Z][a-z]{1,5})?\\.){0,3})[a-z_-]{1,8}(:[a-z]{1,8})?") {
        prop_assume!(!name.starts_with("_has") || name.starts_with("_has:"));
        if let Ok(query) = parse(&format!("{name}=x")) && let [clause] = &query.clauses[..] {
            prop_assert_eq!(clause.name(), name);
        }
    }
}
