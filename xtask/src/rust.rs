//! Just enough of Rust's lexical rules to tell code, comments and string literals apart, and tests from the rest.

use std::ops::Range;

/// A source text taken apart. All ranges are byte offsets into it.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    /// The text with comments and the insides of literals blanked out; offsets and lines are the same.
    pub(crate) code: String,
    pub(crate) comments: Vec<Range<usize>>,
    /// The insides of string literals of all kinds.
    pub(crate) strings: Vec<Range<usize>>,
    tests: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    /// Takes a source apart. Text that is no Rust gives something, but never a panic.
    pub(crate) fn read(text: &'a str) -> Self {
        let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, comments: Vec::new(), strings: Vec::new() };
        lexer.run();
        let (comments, strings) = (lexer.comments, lexer.strings);
        let mut code = text.as_bytes().to_vec();
        for range in comments.iter().chain(&strings) {
            for byte in &mut code[range.clone()] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
        }
        let code = String::from_utf8_lossy(&code).into_owned();
        let tests = test_items(&code);
        Self { text, code, comments, strings, tests }
    }

    /// Whether an offset stands inside an item marked `#[cfg(test)]`.
    pub(crate) fn in_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    comments: Vec<Range<usize>>,
    strings: Vec<Range<usize>>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            match rest {
                [b'/', b'/', ..] => self.line_comment(),
                [b'/', b'*', ..] => self.block_comment(),
                [b'"', ..] => self.string(),
                [b'r', b'"' | b'#', ..] if self.starts_literal() => self.raw_string(),
                [b'\'', ..] => self.character(),
                _ => self.at += 1,
            }
        }
    }

    fn line_comment(&mut self) {
        let from = self.at;
        self.at = self.find(b"\n", from).unwrap_or(self.bytes.len());
        self.comments.push(from..self.at);
    }

    fn block_comment(&mut self) {
        let (from, mut depth) = (self.at, 0_usize);
        while self.at < self.bytes.len() {
            match &self.bytes[self.at..] {
                [b'/', b'*', ..] => (depth, self.at) = (depth + 1, self.at + 2),
                [b'*', b'/', ..] => (depth, self.at) = (depth - 1, self.at + 2),
                _ => self.at += 1,
            }
            if depth == 0 {
                break;
            }
        }
        self.comments.push(from..self.at);
    }

    fn string(&mut self) {
        self.at += 1;
        let from = self.at;
        while self.at < self.bytes.len() && self.bytes[self.at] != b'"' {
            self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at = self.at.min(self.bytes.len());
        self.strings.push(from..self.at);
        self.at += 1;
    }

    /// Whether the `r` here is a literal's prefix (also after `b` or `c`) and no end of a name.
    fn starts_literal(&self) -> bool {
        let word = |at: usize| self.bytes[at].is_ascii_alphanumeric() || self.bytes[at] == b'_';
        match self.at.checked_sub(1) {
            None => true,
            Some(before) if matches!(self.bytes[before], b'b' | b'c') => before == 0 || !word(before - 1),
            Some(before) => !word(before),
        }
    }

    fn raw_string(&mut self) {
        let hashes = self.bytes[self.at + 1..].iter().take_while(|byte| **byte == b'#').count();
        let from = self.at + 2 + hashes;
        if self.bytes.get(from - 1) != Some(&b'"') {
            self.at += 1; // a raw name, r#type
            return;
        }
        let end = [&b"\""[..], &b"#".repeat(hashes)].concat();
        let to = self.find(&end, from).unwrap_or(self.bytes.len());
        self.strings.push(from..to);
        self.at = to + end.len();
    }

    /// A character literal, or the quote of a lifetime.
    fn character(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        self.at += match rest {
            [b'\\', _, more @ ..] => 3 + more.iter().position(|byte| *byte == b'\'').map_or(0, |at| at + 1),
            // Up to four bytes of one character, then the closing quote: anything else is a lifetime.
            _ => (1..=4)
                .find(|width| rest.get(*width) == Some(&b'\'') && is_one_character(&rest[..*width]))
                .map_or(1, |width| width + 2),
        };
    }

    fn find(&self, what: &[u8], from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        rest.windows(what.len()).position(|window| window == what).map(|at| from + at)
    }
}

fn is_one_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

/// The ranges of items under `#[cfg(test)]`.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    for (from, mark) in code.match_indices("#[cfg(test)]") {
        let after = from + mark.len();
        let to = match code[after..].find(['{', ';']) {
            Some(at) if code.as_bytes()[after + at] == b'{' => closing_brace(code, after + at),
            Some(at) => after + at,
            None => code.len(),
        };
        items.push(from..to);
    }
    items
}

fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

/// The names and keywords of a code text with their offsets.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + code[from..].find(is_word)?;
        let end = code[start..].find(|c| !is_word(c)).map_or(code.len(), |at| start + at);
        from = end;
        Some((start, &code[start..end]))
    })
}

/// The parts of a name in lower case: `AesEcb_key2` is aes, ecb, key2.
pub(crate) fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before_lower = false;
    for c in name.chars() {
        if c == '_' || c == '-' || (c.is_uppercase() && before_lower) {
            parts.push(String::new());
        }
        before_lower = c.is_lowercase() || c.is_ascii_digit();
        if let Some(last) = parts.last_mut().filter(|_| c != '_' && c != '-') {
            last.extend(c.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<&str> {
        Source::read(text).strings.iter().map(|range| &text[range.clone()]).collect()
    }

    #[test]
    fn literals_of_all_kinds_are_found() {
        let text = r####"f("a\"b", b"c", r"d\", r#"e"f"#, br##"g"#h"##, c"i"); let r#type = 'r';"####;
        assert_eq!(strings(text), [r#"a\"b"#, "c", r"d\", r#"e"f"#, r##"g"#h"##, "i"]);
    }

    #[test]
    fn quotes_and_lifetimes_do_not_open_literals() {
        assert_eq!(
            strings(r#"fn f<'a>(x: &'a str) { g('"', '\'', '\\', 'é', b'"', "in"); 'b: loop {} }"#),
            ["in"]
        );
    }

    #[test]
    fn comments_are_found_and_blanked() {
        let text = "a /* b /* \"c\" */ d */ e // f \" g\nh";
        let source = Source::read(text);
        let comments: Vec<_> = source.comments.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(comments, ["/* b /* \"c\" */ d */", "// f \" g"]);
        assert_eq!(source.code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "h"]);
        assert_eq!(source.code.len(), text.len());
    }

    #[test]
    fn test_items_are_told_apart() {
        let text = "fn a() { x }\n#[cfg(test)]\nmod tests { fn b() { \"}\"; y } }\n#[cfg(test)]\nuse c;\nfn d() { z }";
        let source = Source::read(text);
        let test = |what: &str| source.in_test(text.find(what).unwrap());
        assert_eq!([test("x }"), test("y }"), test("c;"), test("z }")], [false, true, true, false]);
    }

    #[test]
    fn names_fall_into_parts() {
        assert_eq!(parts("AesEcb_key2"), ["aes", "ecb", "key2"]);
        assert_eq!(parts("AES_256_ECB"), ["aes", "256", "ecb"]);
        assert_eq!(parts("recbound"), ["recbound"]);
    }

    #[test]
    fn broken_sources_are_survived() {
        for text in
            ["\"", "r#\"", "'", "/*", "\"\\", "'\\", "b'", "}", "#[cfg(test)]", "#[cfg(test)] }{", "é'é"]
        {
            let source = Source::read(text);
            assert_eq!(source.code.len(), text.len(), "{text}");
        }
    }
}
