use proptest::prelude::*;

use super::*;

fn div(inner: &str) -> Result<(), Fault> {
    check(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>"))
}

fn refused(inner: &str, fault: Fault) {
    assert_eq!(div(inner), Err(fault), "{inner}");
}

#[test]
fn formatting_is_let_through() {
    for inner in [
        "text",
        "<p>a</p><!-- note --><br/><hr />",
        "<table class=\"grid\" border='1'><tr><td colspan=\"2\" style=\"color: red; font: &quot;A&quot;\">&nbsp;&#160;&#xA0;</td></tr></table>",
        "<a href=\"https://example.org/a?b=1&amp;c\" title=\"x\">a</a><a name=\"b\"/><a href=\"#b\">b</a><a href=\"Patient/1\">c</a>",
        "<img src=\"data:image/png;base64,AAAA\" alt=\"x\"/>",
        "<td style=\"background-image: url(data: image/png;base64,AAAA)\">x</td>",
        "<span\n  lang = \"te\"\n  xml:lang=\"te\">నమస్తే</span>",
    ] {
        assert_eq!(div(inner), Ok(()), "{inner}");
    }
    assert_eq!(check("<div xmlns='http://www.w3.org/1999/xhtml'>x</div>\n"), Ok(()));
}

#[test]
fn what_runs_or_fetches_is_refused() {
    for inner in [
        "<script>x</script>",
        "<style>x</style>",
        "<iframe/>",
        "<object/>",
        "<form/>",
        "<input/>",
        "<svg/>",
        "<link/>",
        "<base/>",
        "<meta/>",
        "<embed/>",
        "<video/>",
        "<SCRIPT>x</SCRIPT>",
        "<x:script>x</x:script>",
        "<ins>x</ins>",
        "<body>x</body>",
    ] {
        refused(inner, ELEMENT);
    }
    for inner in [
        "<p onclick=\"x\">a</p>",
        "<img onerror='x' src='a'/>",
        "<p ONLOAD=\"x\">a</p>",
        "<p srcdoc=\"x\">a</p>",
        "<a xlink:href=\"x\">a</a>",
    ] {
        refused(inner, ATTRIBUTE);
    }
    for link in [
        "javascript:x",
        "JavaScript:x",
        " javascript:x",
        "java\nscript:x",
        "&#106;avascript:x",
        "javascript&#58;x",
        "javascript&colon;x",
        "vbscript:x",
        "data:text/html,x",
        "data:image/svg+xml,x",
        "file:///etc/x",
        "\u{1}javascript:x",
    ] {
        refused(&format!("<a href=\"{link}\">a</a>"), LINK);
    }
    refused("<img src=\"data:text/html,x\"/>", LINK);
    for style in [
        "width: expression(x)",
        "a: url(javascript:x)",
        "a: URL( 'vbscript:x' )",
        "a: u\\72l(x)",
        "a: /**/",
        "behavior: x",
        "a: url(x",
        "a: &#x75;rl(x)",
    ] {
        refused(&format!("<p style=\"{style}\">a</p>"), STYLE);
    }
}

#[test]
fn it_is_well_formed() {
    for (inner, fault) in [
        ("<p>a", UNBALANCED),
        ("a</p>", UNBALANCED),
        ("<b><i>a</b></i>", UNBALANCED),
        ("</div><div>", UNBALANCED),
        ("a & b", ENTITY),
        ("a &b", ENTITY),
        ("&;", ENTITY),
        ("&#xD800;", ENTITY),
        ("&#-1;", ENTITY),
        ("a < b", MARKUP),
        ("<p a>x</p>", MARKUP),
        ("<p class>x</p>", MARKUP),
        ("<p class=x>x</p>", MARKUP),
        ("<p class=\"x\"id=\"y\">x</p>", MARKUP),
        ("<p class=\"<\">x</p>", MARKUP),
        ("<p class=\"x>x</p>", MARKUP),
        ("<!-- a", MARKUP),
        // Where a browser ends the comment, and XML does not.
        ("<!--><script>a</script>-->", MARKUP),
        ("<!---><script>a</script>-->", MARKUP),
        ("<!-- a --!><script>a</script>-->", MARKUP),
        ("<![CDATA[x]]>", DECLARATION),
        ("<?php x?>", DECLARATION),
    ] {
        refused(inner, fault);
    }
    for (text, fault) in [
        ("", NOT_DIV),
        ("text", NOT_DIV),
        ("<p>x</p>", NOT_DIV),
        ("<div>x</div>", NOT_DIV),
        ("<div xmlns=\"urn:x\">x</div>", NOT_DIV),
        ("<divx xmlns=\"http://www.w3.org/1999/xhtml\">x</divx>", ELEMENT),
        ("<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div><p>y</p>", UNBALANCED),
        ("<div xmlns=\"http://www.w3.org/1999/xhtml\"/>", EMPTY),
        ("<div", MARKUP),
    ] {
        assert_eq!(check(text), Err(fault), "{text}");
    }
}

#[test]
fn it_says_something() {
    refused("", EMPTY);
    refused(" <p> </p>\n", EMPTY);
    assert_eq!(div("<img src=\"a.png\" alt=\"\"/>"), Ok(()));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}x{}", "<b>".repeat(depth), "</b>".repeat(depth));
    assert_eq!(div(&nested(MAX_DEPTH - 1)), Ok(()));
    refused(&nested(MAX_DEPTH), DEEP);
}

#[test]
fn the_lists_are_sorted() {
    assert!(ELEMENTS.is_sorted() && ATTRIBUTES.is_sorted());
    assert!(!ATTRIBUTES.iter().any(|name| name.starts_with("on")));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}", markup in "[<>/!&;#='\" a-dp:é-]{0,40}") {
        let _ = check(&text);
        let _ = check(&format!("<div{markup}"));
        let _ = div(&markup);
    }

    #[test]
    fn what_passes_has_no_script(inner in "(<(p|a|script|img|b) ?((href|onclick|class|style)=\"[a-z:(;]{0,12}\")?/?>|</(p|a|b)>|[a-z]){0,8}") {
        if div(&inner).is_ok() {
            prop_assert!(!inner.contains("<script") && !inner.contains("onclick"));
        }
    }
}
