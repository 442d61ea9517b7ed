use super::*;
use proptest::prelude::*;
use serde_json::{Map, Number, json};

fn read(text: &str) -> Result<Value, Fault> {
    parse(text.as_bytes(), Limits::default()).map_err(|e| e.fault)
}

fn refused(text: &str) -> Fault {
    read(text).expect_err(text)
}

#[test]
fn numbers_keep_every_character() {
    for text in
        ["107.50", "1E+2", "1e2", "-0", "0.0", "-0.10", "1e-7", "123456789012345678901234567890.5", "0e0"]
    {
        let read = read(text).unwrap();
        assert!(read.is_number());
        assert_eq!(render(&read), text.as_bytes());
    }
}

#[test]
fn malformed_numbers_are_refused() {
    for text in
        ["01", "-", "-a", "1.", ".5", "1e", "1e+", "+1", "1.2.3", "0x10", "NaN", "Infinity", "--1", "1e5.5"]
    {
        assert!(matches!(refused(text), Fault::Number | Fault::Value), "{text}");
    }
    assert_eq!(refused(&"1".repeat(MAX_NUMBER + 1)), Fault::LongNumber);
    assert!(read(&"1".repeat(MAX_NUMBER)).is_ok());
}

#[test]
fn a_name_that_stands_twice_is_refused_where_it_stands() {
    let error = parse(b"{\"a\": 1,\n \"b\": {\"x\": 1, \"x\": 2}}", Limits::default()).unwrap_err();
    assert_eq!(error, Error { fault: Fault::Duplicate, line: 2, column: 16 });
    assert_eq!(refused(r#"{"a":1,"\u0061":2}"#), Fault::Duplicate);
    let many: Vec<String> = (0..100).map(|n| format!("\"m{n}\":0")).collect();
    assert!(read(&format!("{{{}}}", many.join(","))).is_ok());
    assert_eq!(refused(&format!("{{{},\"m7\":1}}", many.join(","))), Fault::Duplicate);
}

#[test]
fn nesting_stops_at_the_limit() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(read(&nested(64)).is_ok());
    assert_eq!(refused(&nested(65)), Fault::Depth);
    assert_eq!(refused(&"{\"a\":".repeat(70)), Fault::Depth);
    let greedy = Limits { depth: usize::MAX, ..Limits::default() };
    assert!(parse(nested(MAX_DEPTH).as_bytes(), greedy).is_ok());
    assert_eq!(parse(nested(100_000).as_bytes(), greedy).unwrap_err().fault, Fault::Depth);
}

#[test]
fn the_number_of_values_is_bounded() {
    let three = Limits { values: 3, ..Limits::default() };
    assert!(parse(b"[1,2]", three).is_ok());
    assert_eq!(parse(b"[1,2,3]", three).unwrap_err().fault, Fault::Values);
}

#[test]
fn only_one_document_stands_in_the_text() {
    assert_eq!(refused("{} {}"), Fault::Trailing);
    assert_eq!(refused("1,"), Fault::Trailing);
    assert_eq!(refused("\u{FEFF}{}"), Fault::ByteOrderMark);
    assert_eq!(refused(""), Fault::Ended);
    assert_eq!(refused(" \n"), Fault::Ended);
    assert_eq!(read(" \r\n\t{ } \n").unwrap(), json!({}));
}

#[test]
fn structure_faults_say_what_was_expected() {
    assert_eq!(refused("[1,]"), Fault::Value);
    assert_eq!(refused("{\"a\":1,}"), Fault::Name);
    assert_eq!(refused("{a:1}"), Fault::Name);
    assert_eq!(refused("{\"a\" 1}"), Fault::Colon);
    assert_eq!(refused("{\"a\":1 \"b\":2}"), Fault::Member);
    assert_eq!(refused("[1 2]"), Fault::Item);
    assert_eq!(refused("[1}"), Fault::Item);
    assert_eq!(refused("[1"), Fault::Ended);
    assert_eq!(refused("{\"a\""), Fault::Ended);
    assert_eq!(refused("tru"), Fault::Value);
    assert_eq!(refused("// no\n1"), Fault::Value);
    assert_eq!(refused("'a'"), Fault::Value);
}

#[test]
fn strings_hold_every_escape_and_no_control_character() {
    assert_eq!(read(r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#).unwrap(), json!("\"\\/\u{8}\u{c}\n\r\té😀"));
    for n in 0..0x20u8 {
        let text = format!("\"long enough for a word {}\"", char::from(n));
        assert_eq!(refused(&text), Fault::Control, "{n}");
    }
    assert_eq!(read("\"\u{7f}\"").unwrap(), json!("\u{7f}"));
    assert_eq!(refused(r#""\x41""#), Fault::Escape);
    assert_eq!(refused(r#""\u12g4""#), Fault::Escape);
    assert_eq!(refused(r#""\u+123""#), Fault::Escape);
    assert_eq!(refused(r#""\u12"#), Fault::Escape);
    assert_eq!(refused("\"abc"), Fault::Ended);
    assert_eq!(refused("\"abc\\"), Fault::Ended);
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    for text in [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\n""#,
        r#""\ud83d\ud83d""#,
        r#""\ud83d\u0041""#,
    ] {
        assert_eq!(refused(text), Fault::Surrogate, "{text}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused_where_they_stand() {
    let error = parse(b"{\n\"\xC3\xA9\xFF\"}", Limits::default()).unwrap_err();
    assert_eq!(error, Error { fault: Fault::Encoding, line: 2, column: 3 });
    for bad in [b"\"\xC0\x80\"".as_slice(), b"\"\xED\xA0\x80\"", b"\"\xF4\x90\x80\x80\"", b"\"\xE2\x82\""] {
        assert_eq!(parse(bad, Limits::default()).unwrap_err().fault, Fault::Encoding);
    }
}

#[test]
fn the_private_key_of_the_library_is_a_name_like_any_other() {
    for text in [r#"{"$serde_json::private::Number":"12"}"#, r#"{"$serde_json::private::Number":"not one"}"#]
    {
        let value = read(text).unwrap();
        assert!(value.is_object());
        assert_eq!(render(&value), text.as_bytes());
    }
}

#[test]
fn an_error_never_quotes_the_document() {
    let error = parse(b"{\"name\": Schmidt}", Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "expected a value at line 1, column 10");
}

fn any_number() -> impl Strategy<Value = Value> {
    "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?"
        .prop_map(|text| Value::Number(Number::from_string_unchecked(text)))
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any_number(),
        any::<String>().prop_map(Value::String),
        "[a-z\"\\\\\u{0}-\u{20}]{0,20}".prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_written_reads_back_the_same(value in any_value()) {
        prop_assert_eq!(parse(&render(&value), Limits::default()).unwrap(), value);
    }

    #[test]
    fn the_writer_agrees_with_serde_json(value in any_value()) {
        prop_assert_eq!(render(&value), serde_json::to_vec(&value).unwrap());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, Limits::default());
    }

    #[test]
    fn nearly_json_agrees_with_serde_json(text in "[\\[\\]{}:,\"\\\\u0-9aeE.+ntrfls -]{0,24}") {
        let ours = parse(text.as_bytes(), Limits::default());
        let theirs = serde_json::from_str::<Value>(&text);
        // The one difference these characters can make: we refuse duplicates.
        let twice = ours.as_ref().is_err_and(|e| e.fault == Fault::Duplicate);
        prop_assert!(twice || ours.is_ok() == theirs.is_ok(), "{:?} {:?}", ours, theirs);
    }

    #[test]
    fn cut_and_flipped_documents_never_panic(value in any_value(), cut in any::<prop::sample::Index>(), flip in any::<u8>()) {
        let mut bytes = render(&value);
        let at = cut.index(bytes.len());
        let _ = parse(&bytes[..at], Limits::default());
        bytes[at] ^= flip;
        let _ = parse(&bytes, Limits::default());
    }
}
