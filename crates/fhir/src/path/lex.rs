//! Characters to tokens (<https://hl7.org/fhirpath/N1/grammar.html>).

use super::Error;

/// The longest expression that is read, in bytes. HL7's longest are below 4 KiB.
const LIMIT_BYTES: usize = 64 * 1024;

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 21] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "<", ">",
    "=",
];

/// One word of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    /// A plain word: an identifier, a keyword or a unit.
    Word(&'s str),
    /// `` `an identifier` ``: never a keyword.
    Delimited(String),
    /// `'text'`, unescaped.
    Text(String),
    /// `12`, `0.50`, as written.
    Number(&'s str),
    /// `12L`, without the letter.
    Long(&'s str),
    /// `@2015-02`, without the at sign.
    Date(&'s str),
    /// `@2015-02-04T14:34Z` or `@2015T`, without the at sign.
    DateTime(&'s str),
    /// `@T14:30`, without `@T`.
    Time(&'s str),
    /// `$this`, without the dollar sign.
    Special(&'s str),
    /// Everything else, `~` and `%` too.
    Symbol(&'static str),
    /// Behind the last word.
    End,
}

/// Cuts `source` into tokens with their byte positions; the last one is [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(Token<'_>, usize)>, Error> {
    if source.len() > LIMIT_BYTES {
        return Err(Error::TooLong { limit_bytes: LIMIT_BYTES });
    }
    let mut lexer = Lexer { source, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blank()?;
        let at = lexer.at;
        let token = lexer.token()?;
        let last = token == Token::End;
        found.push((token, at));
        if last {
            return Ok(found);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, Error> {
        Err(Error::Syntax { at: self.at, what })
    }

    /// Takes the longest start of the rest whose characters all satisfy `wanted`.
    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'s str {
        let rest = self.rest();
        let length = rest.bytes().position(|b| !wanted(b)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn skip_blank(&mut self) -> Result<(), Error> {
        loop {
            self.take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    return self.fail("a comment that does not end");
                };
                self.at += length + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token<'s>, Error> {
        let Some(first) = self.rest().bytes().next() else { return Ok(Token::End) };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Ok(Token::Word(self.word())),
            b'0'..=b'9' => Ok(self.number()),
            b'\'' => Ok(Token::Text(self.quoted('\'')?)),
            b'`' => Ok(Token::Delimited(self.quoted('`')?)),
            b'@' => self.moment(),
            b'$' => {
                self.at += 1;
                Ok(Token::Special(self.word()))
            }
            b'~' => Ok(self.symbol("~")),
            b'%' => Ok(self.symbol("%")),
            _ => match SYMBOLS.iter().find(|s| self.rest().starts_with(**s)) {
                Some(symbol) => Ok(self.symbol(symbol)),
                None => self.fail("a character that means nothing here"),
            },
        }
    }

    fn symbol(&mut self, symbol: &'static str) -> Token<'s> {
        self.at += symbol.len();
        Token::Symbol(symbol)
    }

    fn word(&mut self) -> &'s str {
        self.take_while(|b| b.is_ascii_alphanumeric() || b == b'_')
    }

    fn digits(&mut self) -> &'s str {
        self.take_while(|b| b.is_ascii_digit())
    }

    fn number(&mut self) -> Token<'s> {
        let start = self.at;
        self.digits();
        self.fraction();
        let text = &self.source[start..self.at];
        if self.rest().starts_with('L') && !text.contains('.') {
            self.at += 1;
            return Token::Long(text);
        }
        Token::Number(text)
    }

    /// A point belongs to a number only when a digit follows: `1.is(Integer)` calls a function.
    fn fraction(&mut self) {
        let mut next = self.rest().bytes();
        if next.next() == Some(b'.') && next.next().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
            self.digits();
        }
    }

    fn moment(&mut self) -> Result<Token<'s>, Error> {
        self.at += 1;
        let start = self.at;
        if self.rest().starts_with('T') {
            self.at += 1;
            self.clock()?;
            return Ok(Token::Time(&self.source[start + 1..self.at]));
        }
        if self.digits().len() != 4 {
            return self.fail("a year has four digits");
        }
        for _ in 0..2 {
            if self.rest().starts_with('-') {
                self.at += 1;
                self.two_digits()?;
            }
        }
        if !self.rest().starts_with('T') {
            return Ok(Token::Date(&self.source[start..self.at]));
        }
        self.at += 1;
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            self.clock()?;
            self.offset()?;
        }
        Ok(Token::DateTime(&self.source[start..self.at]))
    }

    /// `14`, `14:30`, `14:30:05`, `14:30:05.250`.
    fn clock(&mut self) -> Result<(), Error> {
        self.two_digits()?;
        for _ in 0..2 {
            if !self.rest().starts_with(':') {
                return Ok(());
            }
            self.at += 1;
            self.two_digits()?;
        }
        self.fraction();
        Ok(())
    }

    fn offset(&mut self) -> Result<(), Error> {
        if self.rest().starts_with('Z') {
            self.at += 1;
        } else if self.rest().starts_with(['+', '-']) {
            self.at += 1;
            self.two_digits()?;
            if !self.rest().starts_with(':') {
                return self.fail("an offset is written as +hh:mm");
            }
            self.at += 1;
            self.two_digits()?;
        }
        Ok(())
    }

    fn two_digits(&mut self) -> Result<(), Error> {
        if self.rest().len() < 2 || !self.rest().bytes().take(2).all(|b| b.is_ascii_digit()) {
            return self.fail("two digits belong here");
        }
        self.at += 2;
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<String, Error> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(length) = rest.find([quote, '\\']) else { return self.fail("a text that does not end") };
            text.push_str(&rest[..length]);
            self.at += length + 1;
            if rest[length..].starts_with(quote) {
                return Ok(text);
            }
            text.push(self.escape()?);
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let Some(letter) = self.rest().chars().next() else { return self.fail("a text that does not end") };
        self.at += letter.len_utf8();
        match letter {
            '\'' | '"' | '`' | '\\' | '/' => Ok(letter),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => self.unicode(),
            _ => self.fail("an unknown escape"),
        }
    }

    /// `\u0041`, or two of them that make a surrogate pair.
    fn unicode(&mut self) -> Result<char, Error> {
        let high = self.hex()?;
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            self.at += 2;
            let low = self.hex()?;
            let code = 0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
            let valid = (0xdc00..0xe000).contains(&low);
            return match char::from_u32(code).filter(|_| valid) {
                Some(found) => Ok(found),
                None => self.fail("half a surrogate pair"),
            };
        }
        char::from_u32(high).ok_or(Error::Syntax { at: self.at, what: "half a surrogate pair" })
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|d| u32::from_str_radix(d, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.fail("four hexadecimal digits belong here"),
        }
    }
}
