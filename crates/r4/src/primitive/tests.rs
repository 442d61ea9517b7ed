use proptest::prelude::*;
use serde_json::json;

use super::*;

fn check(format: Format, good: &[Value], bad: &[Value]) {
    for value in good {
        assert_eq!(format.check(value), Ok(()), "{format:?} {value}");
    }
    for value in bad {
        assert!(format.check(value).is_err(), "{format:?} {value}");
    }
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn numbers_keep_to_their_range() {
    check(
        Format::Integer,
        &[json!(0), json!(-7), number("2147483647"), number("-2147483648")],
        &[
            number("2147483648"),
            number("-2147483649"),
            number("1.0"),
            number("1e3"),
            number("-0"),
            json!("1"),
            json!(true),
        ],
    );
    check(Format::UnsignedInt, &[json!(0), json!(1)], &[json!(-1), number("2147483648")]);
    check(Format::PositiveInt, &[json!(1)], &[json!(0), json!(-1)]);
    check(Format::Decimal, &[number("-1.50"), number("1E-30"), json!(0)], &[json!("1.5"), json!(null)]);
    check(Format::Boolean, &[json!(true), json!(false)], &[json!("true"), json!(1)]);
}

#[test]
fn texts_are_not_empty_and_hold_no_control_characters() {
    let all = [
        Format::String,
        Format::Code,
        Format::Uri,
        Format::Id,
        Format::Oid,
        Format::Uuid,
        Format::Base64,
        Format::Date,
        Format::DateTime,
        Format::Instant,
        Format::Time,
        Format::Xhtml,
    ];
    for format in all {
        check(format, &[], &[json!(""), json!("\u{0}"), json!("a\u{8}b"), json!(1), json!({})]);
    }
    check(Format::String, &[json!("a\t\r\nb"), json!(" "), json!("é\u{7f}")], &[json!("\u{1b}[0m")]);
}

#[test]
fn a_string_counts_characters_not_bytes() {
    let long = |text: &str, count: usize| Value::from(text.repeat(count));
    check(
        Format::String,
        &[long("é", MAX_STRING), long("a", MAX_STRING)],
        &[long("é", MAX_STRING + 1), long("a", MAX_STRING + 1)],
    );
}

#[test]
fn identifiers_are_of_their_form() {
    check(
        Format::Id,
        &[json!("a"), json!("A-1.b"), json!("x".repeat(64))],
        &[json!("x".repeat(65)), json!("a_b"), json!("a b"), json!("é")],
    );
    check(
        Format::Oid,
        &[json!("urn:oid:1.2.3"), json!("urn:oid:2.0"), json!("urn:oid:0.16.840")],
        &[
            json!("1.2.3"),
            json!("urn:oid:3.1"),
            json!("urn:oid:1"),
            json!("urn:oid:1.02"),
            json!("urn:oid:1."),
            json!("urn:oid:1.a"),
        ],
    );
    check(
        Format::Uuid,
        &[json!("urn:uuid:c757873d-ec9a-4326-a141-556f43239520")],
        &[
            json!("c757873d-ec9a-4326-a141-556f43239520"),
            json!("urn:uuid:C757873D-ec9a-4326-a141-556f43239520"),
            json!("urn:uuid:c757873dec9a4326a141556f43239520"),
            json!("urn:uuid:c757873d-ec9a-4326-a141-556f4323952-"),
        ],
    );
    check(
        Format::Uri,
        &[json!("http://a/ö?b#c"), json!("urn:x"), json!("#a"), json!("Patient/1")],
        &[json!("a b"), json!(" a"), json!("a\u{a0}b"), json!("a\nb"), json!("ö\u{1}")],
    );
    check(
        Format::Code,
        &[json!("a"), json!("a b c"), json!("mm[Hg]"), json!("é")],
        &[json!(" a"), json!("a "), json!("a  b"), json!("a\tb"), json!(" ")],
    );
}

#[test]
fn base64_comes_in_groups_of_four() {
    check(
        Format::Base64,
        &[json!("YWI="), json!("YQ=="), json!("YWJj"), json!("YWJj\r\nYWJj"), json!(" YW Jj ")],
        &[
            json!("YWJ"),
            json!("YW=I"),
            json!("Y==="),
            json!("===="),
            json!("YW-_"),
            json!("  "),
            json!("YWJjZ"),
        ],
    );
}

#[test]
fn dates_are_of_the_calendar() {
    check(
        Format::Date,
        &[json!("2024"), json!("2024-02"), json!("2024-02-29")],
        &[
            json!("2023-02-29"),
            json!("2024-13"),
            json!("24"),
            json!("2024-02-29T00:00:00Z"),
            json!("2024-2-1"),
        ],
    );
    check(
        Format::DateTime,
        &[json!("2024"), json!("2024-02-29T10:00:00Z"), json!("2024-02-29T10:00:00.123+05:30")],
        &[
            json!("2024-02-29T10:00:00"),
            json!("2024-02-29T10:00Z"),
            json!("2024-02-29T25:00:00Z"),
            json!("2024-02-29 10:00:00Z"),
        ],
    );
    check(
        Format::Instant,
        &[json!("2024-02-29T10:00:00Z")],
        &[json!("2024-02-29"), json!("2024-02-29T10:00:00")],
    );
    check(
        Format::Time,
        &[json!("10:00:00"), json!("10:00:00.5")],
        &[json!("10:00"), json!("10:00:00Z"), json!("24:00:00")],
    );
}

#[test]
fn every_primitive_type_of_r4_has_a_format() {
    let model = &crate::definitions().model;
    let primitives = model.types().iter().filter(|t| t.kind == fhir::model::Kind::Primitive);
    let unknown = primitives.clone().find(|t| Format::of(&t.name).is_none());
    assert_eq!((primitives.count(), unknown.map(|t| &t.name)), (20, None));
}

proptest! {
    #[test]
    fn a_code_is_what_the_specification_s_pattern_says(text in "[a-c \t]{0,6}") {
        let words: Vec<&str> = text.split(' ').collect();
        let is_code = words.iter().all(|word| !word.is_empty() && !word.contains('\t'));
        prop_assert_eq!(Format::Code.check(&json!(text)).is_ok(), is_code);
    }
}
