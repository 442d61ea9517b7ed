//! Between what somebody types and the XHTML of a [narrative](https://hl7.org/fhir/R4/narrative.html): paragraphs and line breaks, and
//! nothing else. What was typed comes back as it was; what other programs wrote is read as far as plain text goes.

/// What was typed, as it is kept: one kind of line break, no characters that XML has no place for, nothing empty around it.
pub fn clean(typed: &str) -> String {
    let lines = typed.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines.chars().filter(|c| is_text(*c)).collect();
    kept.trim().to_owned()
}

/// As [`clean`], on one line.
pub fn clean_line(typed: &str) -> String {
    clean(typed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// [Char](https://www.w3.org/TR/xml/#charsets) of XML, without the control characters that nobody types.
fn is_text(c: char) -> bool {
    matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// The narrative that says this text.
///
/// ```
/// use care::note::text::{div, plain};
/// let said = div("5 < 6\nand\n\nso on");
/// assert_eq!(said, "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>5 &lt; 6<br/>and</p><p>so on</p></div>");
/// assert_eq!(plain(&said), "5 < 6\nand\n\nso on");
/// ```
pub fn div(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    out.push_str("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for paragraph in text.split("\n\n") {
        out.push_str("<p>");
        for c in paragraph.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\n' => out.push_str("<br/>"),
                c => out.push(c),
            }
        }
        out.push_str("</p>");
    }
    out.push_str("</div>");
    out
}

/// Whether a narrative is one of ours: saying its text again gives the same.
pub fn is_plain(narrative: &str) -> bool {
    div(&plain(narrative)) == narrative
}

/// The text of a narrative, as far as it is text.
pub fn plain(narrative: &str) -> String {
    let mut out = String::with_capacity(narrative.len());
    let mut rest = narrative;
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        say(&mut out, text);
        rest = match after.strip_prefix("<!--") {
            Some(comment) => comment.split_once("-->").map_or("", |(_, rest)| rest),
            None => match after.strip_prefix('<').and_then(|tag| tag.split_once('>')) {
                Some((tag, rest)) => {
                    mark(&mut out, tag);
                    rest
                }
                None => "",
            },
        };
    }
    out.trim().to_owned()
}

/// Text between two tags. A break in the source of a narrative is a space, and none at the beginning of a line.
fn say(out: &mut String, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let (space, after) = rest.split_at(spaces);
        if !space.contains(['\n', '\r']) {
            out.push_str(space);
        } else if !out.is_empty() && !out.ends_with(['\n', ' ']) {
            out.push(' ');
        }
        let (word, after) = after.split_at(after.find([' ', '\t', '\n', '\r']).unwrap_or(after.len()));
        say_word(out, word);
        rest = after;
    }
}

/// A word with its references to characters.
fn say_word(out: &mut String, word: &str) {
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let named = after.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        rest = match named {
            Some((c, after)) => {
                out.push(c);
                after
            }
            None => {
                out.push('&');
                after
            }
        };
    }
    out.push_str(rest);
}

fn character(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name.strip_prefix('#') {
        Some(number_of) => match number_of.strip_prefix('x') {
            Some(hex) => number(hex, 16),
            None => number(number_of, 10),
        }
        .filter(|c| is_text(*c)),
        None => Some(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            _ => return None,
        }),
    }
}

/// What a tag means for plain text: a new line, a new paragraph, the next cell of a table.
fn mark(out: &mut String, tag: &str) {
    let name = tag.trim_start_matches('/').split([' ', '/', '\t', '\n', '\r']).next().unwrap_or_default();
    let is_start = !tag.starts_with('/');
    match name {
        "br" => out.push('\n'),
        // A heading has ended its line already; our own paragraphs never end in one line break.
        "p" if is_start && out.ends_with('\n') && !out.ends_with("\n\n") => out.push('\n'),
        "p" if is_start && !out.is_empty() => out.push_str("\n\n"),
        "li" if is_start => {
            new_line(out);
            out.push_str("• ");
        }
        "td" | "th" if is_start && !out.is_empty() && !out.ends_with('\n') => out.push_str("  "),
        "div" | "tr" | "table" | "caption" | "ul" | "ol" | "dl" | "dt" | "dd" | "pre" | "blockquote"
        | "hr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => new_line(out),
        _ => {}
    }
}

fn new_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_to_the_letter() {
        for typed in [
            "one line",
            "a\nb\n\nc\n\n\nd\n\n\n\n\ne",
            "<script>alert(1)</script> & &amp; </p></div> <!-- x --> ]]>",
            "  indented? no: around\n  but inside\tyes  so\n",
            "\u{202e}gnirts\u{202c} العربية \u{200f}x 👩‍⚕️ తెలుగు हिन्दी",
            "5 < 6 > 4 \"q\" 'a' &lt; &#60; &nbsp; \u{a0}",
            "a &amp b; &; &#x110000; &#0;",
        ] {
            let kept = clean(typed);
            assert_eq!(plain(&div(&kept)), kept, "{typed:?}");
            assert!(is_plain(&div(&kept)));
        }
        let long = "ఆ రోగి बुखार fever 🌡 <b>\n\n".repeat(4_000);
        assert!(clean(&long).len() > 100_000);
        assert_eq!(plain(&div(&clean(&long))), clean(&long));
    }

    #[test]
    fn control_characters_and_the_breaks_of_other_systems_are_put_right() {
        assert_eq!(clean("\r\na\r\nb\rc\u{0}\u{8}\u{1b}[31m\u{ffff}\u{85}d \r\n"), "a\nb\nc[31md");
        assert_eq!(clean(" \r\n\t \u{0}\u{a0}"), "");
        assert_eq!(clean_line(" a\r\n b\t c "), "a b c");
    }

    #[test]
    fn what_another_program_wrote_is_read_as_lines_and_is_not_taken_for_ours() {
        let theirs = "<div xmlns=\"http://www.w3.org/1999/xhtml\">\n  <h1>Head</h1>\n  <p>First\n    line &#8212; <b>bold</b></p>\
            <ul>\n<li>one</li><li>two</li></ul><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></div>";
        assert_eq!(plain(theirs), "Head\n\nFirst line — bold\n• one\n• two\na  b\n1  2");
        assert!(!is_plain(theirs));
    }

    #[test]
    fn whatever_the_bytes_are_reading_ends() {
        for bad in ["<", "<div", "&", "<p>&", "<!--", "</", "a<b", "&#xzz;", ""] {
            assert!(plain(bad).len() <= bad.len() + 2, "{bad}");
        }
    }
}
