//! The whole grammar, also what is not compiled yet.

use super::super::Error;
use super::super::ast::{Expr, Kind, Test};
use super::parse;
use proptest::prelude::*;

/// The tree as text with every bracket written.
fn show(expr: &Expr) -> String {
    let list = |all: &[Expr], between: &str| all.iter().map(show).collect::<Vec<_>>().join(between);
    match &expr.kind {
        Kind::Empty => "{}".to_owned(),
        Kind::Literal(literal) => format!("{literal:?}"),
        Kind::This => "$this".to_owned(),
        Kind::Index => "$index".to_owned(),
        Kind::Total => "$total".to_owned(),
        Kind::Variable(name) => format!("%{name}"),
        Kind::Member { on: None, name } => name.clone(),
        Kind::Member { on: Some(on), name } => format!("{}.{name}", show(on)),
        Kind::Call { on, name, arguments } => {
            let on = on.as_ref().map(|on| format!("{}.", show(on))).unwrap_or_default();
            format!("{on}{name}({})", list(arguments, ", "))
        }
        Kind::Subscript { on, index } => format!("{}[{}]", show(on), show(index)),
        Kind::Sign { negative, on } => format!("({}{})", if *negative { "-" } else { "+" }, show(on)),
        Kind::Binary { operator, left, right } => {
            format!("({} {} {})", show(left), operator.sign(), show(right))
        }
        Kind::Union(branches) => format!("({})", list(branches, " | ")),
        Kind::TypeTest { on, test, type_name } => {
            let sign = if *test == Test::Is { "is" } else { "as" };
            let space = type_name.namespace.as_ref().map(|n| format!("{n}.")).unwrap_or_default();
            format!("({} {sign} {space}{})", show(on), type_name.name)
        }
    }
}

#[test]
fn operators_bind_as_the_grammar_says() {
    let cases = [
        ("a or b and c", "(a or (b and c))"),
        ("a and b = c | d", "(a and (b = (c | d)))"),
        ("a implies b or c implies d", "((a implies (b or c)) implies d)"),
        ("a | b | c as X", "(a | b | (c as X))"),
        ("a.b as X | c", "((a.b as X) | c)"),
        ("a - b * -c.d", "(a - (b * (-c.d)))"),
        ("-a mod b & c", "(((-a) mod b) & c)"),
        ("a + b as System.Integer", "((a + b) as System.Integer)"),
        ("a in b = c", "(a in (b = c))"),
        ("a < b != (c >= d)", "((a < b) != (c >= d))"),
        ("(a | b).c[0].d()", "(a | b).c[Number(\"0\")].d()"),
        ("a.is(FHIR.`X`).not()", "a.is(FHIR.X).not()"),
        ("contains.is.as.in", "contains.is.as.in"),
        ("a contains b", "(a contains b)"),
        ("%`us-zip` ~ %'x' /* c */ !~ $this // end", "((%us-zip ~ %x) !~ $this)"),
        ("f(x, $index, {})", "f(x, $index, {})"),
    ];
    for (source, expected) in cases {
        assert_eq!(show(&parse(source).unwrap()), expected, "{source}");
    }
}

#[test]
fn literals_keep_what_is_written() {
    let cases = [
        ("1.50", "Number(\"1.50\")"),
        ("12L", "Long(\"12\")"),
        ("1.is(Integer)", "Number(\"1\").is(Integer)"),
        ("@2015", "Date(\"2015\")"),
        ("@2015-02T", "DateTime(\"2015-02T\")"),
        ("@2015-02-04T14:34:28.123+10:00.x", "DateTime(\"2015-02-04T14:34:28.123+10:00\").x"),
        ("@T14:30", "Time(\"14:30\")"),
        ("4 'mg'", "Quantity { value: \"4\", unit: \"mg\", is_calendar: false }"),
        ("4 days", "Quantity { value: \"4\", unit: \"days\", is_calendar: true }"),
        (r"'\u0041\'\n\ud83d\ude00'", "Text(\"A'\\n😀\")"),
        ("`true`", "true"),
        ("true", "Boolean(true)"),
    ];
    for (source, expected) in cases {
        assert_eq!(show(&parse(source).unwrap()), expected, "{source}");
    }
}

#[test]
fn what_the_grammar_does_not_allow_is_refused() {
    for source in [
        "",
        "a.",
        "a..b",
        "a b",
        "(a",
        "a)",
        "a[",
        "a[]",
        "'x",
        "`x",
        "a and",
        "and",
        "a.and",
        "2 + 2 /",
        "/* x",
        "@15",
        "@2015-2",
        "@T14:30Z",
        "@2015T14+1",
        r"'\q'",
        r"'\ud83d'",
        r"'\u00g0'",
        "$that",
        "%",
        "a is",
        "é",
        "f(a,)",
        "{a}",
        "a.$this",
        "2 /* not finished",
    ] {
        assert!(matches!(parse(source), Err(Error::Syntax { .. })), "{source}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(parse(&nested), Err(Error::TooDeep));
    assert_eq!(parse(&"-".repeat(100)), Err(Error::TooDeep));
    assert_eq!(parse(&format!("a{}", ".a".repeat(10_000))), Err(Error::TooDeep));
    assert_eq!(parse(&format!("a{}", " and a".repeat(10_000))), Err(Error::TooDeep));
    assert!(parse(&format!("a{}", " | a".repeat(10_000))).is_ok());
    assert!(matches!(parse(&" ".repeat(100_000)), Err(Error::TooLong { .. })));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|[a-c0-9 .'`()\\[\\]{}|=<>!~+*/@$%,T:-]{0,40}") {
        let _ = parse(&text);
    }
}
