//! The XHTML of a [Narrative](https://hl7.org/fhir/R4/narrative.html#xhtml): one `div` with text and formatting in it,
//! and nothing that runs or fetches. A small scanner: well-formed, known elements and attributes, harmless links.
//!
//! FHIR allows chapters 7 to 11 (without 9.4) and 15 of HTML 4.0, links, images and `style` attributes. It is a list of
//! what may stand; anything else is refused.

/// What is wrong with a narrative, and what to do. Holds none of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub &'static str);

const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// The deepest that elements may be nested.
const MAX_DEPTH: usize = 64;

const NOT_DIV: Fault = Fault("must start with <div xmlns=\"http://www.w3.org/1999/xhtml\">");
const MARKUP: Fault =
    Fault("must be well-formed XHTML: an element or attribute is not written as XML wants it");
const UNBALANCED: Fault =
    Fault("must be well-formed XHTML: every element closed, in order, and nothing behind the div");
const ENTITY: Fault = Fault("must be well-formed XHTML: write & as &amp; and < as &lt;");
const DECLARATION: Fault = Fault("must hold no declarations, CDATA sections or processing instructions");
const ELEMENT: Fault =
    Fault("may hold only formatting elements of HTML: no script, style, form, frame, object or the like");
const ATTRIBUTE: Fault = Fault("may hold only formatting attributes: no event handlers (on…)");
const LINK: Fault = Fault(
    "may link only by http, https, ftp, mailto, tel, urn, cid, a relative address or an image's own data",
);
const STYLE: Fault = Fault("may hold no style that runs something");
const DEEP: Fault = Fault("must not be nested deeper than 64 elements");
const EMPTY: Fault = Fault("must say something: text or an image");

/// Sorted.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "area", "b", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code",
    "col", "colgroup", "dd", "dfn", "dir", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img", "kbd", "li", "map", "menu", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
];

/// Sorted. Attributes of HTML 4.0 for the elements above; none of them runs anything.
#[rustfmt::skip]
const ATTRIBUTES: &[&str] = &[
    "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellpadding", "cellspacing", "char", "charoff", "charset",
    "cite", "class", "clear", "color", "colspan", "compact", "coords", "dir", "face", "frame", "headers", "height", "href",
    "hreflang", "hspace", "id", "ismap", "lang", "longdesc", "name", "nohref", "noshade", "nowrap", "rel", "rev", "rowspan",
    "rules", "scope", "shape", "size", "span", "src", "start", "style", "summary", "tabindex", "title", "type",
    "usemap", "valign", "value", "vspace", "width", "xml:lang", "xml:space", "xmlns",
];

/// Checks a narrative's `div`.
///
/// # Errors
/// The first [`Fault`] found.
///
/// ```
/// assert!(r4::narrative::check("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Well</p></div>").is_ok());
/// assert!(r4::narrative::check("<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/></div>").is_err());
/// ```
pub fn check(div: &str) -> Result<(), Fault> {
    if !div.starts_with("<div") {
        return Err(NOT_DIV);
    }
    let mut scan = Scan { rest: div, open: [""; MAX_DEPTH], depth: 0, says: false };
    loop {
        scan.markup()?;
        if scan.depth == 0 {
            break;
        }
        scan.text()?;
    }
    if !scan.rest.trim_ascii().is_empty() {
        return Err(UNBALANCED);
    }
    if scan.says { Ok(()) } else { Err(EMPTY) }
}

struct Scan<'a> {
    rest: &'a str,
    /// Names of the elements that are open; on the stack, so that nothing is allocated.
    open: [&'a str; MAX_DEPTH],
    depth: usize,
    /// Whether there was text or an image.
    says: bool,
}

impl<'a> Scan<'a> {
    /// Text up to the next markup.
    fn text(&mut self) -> Result<(), Fault> {
        let end = self.rest.find('<').ok_or(UNBALANCED)?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.says = self.says || !text.trim_ascii().is_empty();
        references(text)
    }

    /// A tag or comment; `rest` starts with `<`.
    fn markup(&mut self) -> Result<(), Fault> {
        if let Some(comment) = self.rest.strip_prefix("<!--") {
            let (inside, rest) = comment.split_once("-->").ok_or(MARKUP)?;
            // Where HTML ends a comment and XML does not, a browser would obey what we took for a remark.
            if comment.starts_with('>') || comment.starts_with("->") || inside.contains("--!>") {
                return Err(MARKUP);
            }
            self.rest = rest;
            return Ok(());
        }
        if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
            return Err(DECLARATION);
        }
        match self.rest.strip_prefix("</") {
            Some(rest) => self.close(rest),
            None => self.open(self.rest.get(1..).ok_or(MARKUP)?),
        }
    }

    fn close(&mut self, rest: &'a str) -> Result<(), Fault> {
        let (name, rest) = rest.split_once('>').ok_or(MARKUP)?;
        self.depth = self.depth.checked_sub(1).ok_or(UNBALANCED)?;
        self.rest = rest;
        if self.open[self.depth] == name.trim_ascii_end() { Ok(()) } else { Err(UNBALANCED) }
    }

    fn open(&mut self, rest: &'a str) -> Result<(), Fault> {
        let (name, mut rest) = word(rest);
        if ELEMENTS.binary_search(&name).is_err() {
            return Err(if name.is_empty() { MARKUP } else { ELEMENT });
        }
        self.says = self.says || name == "img";
        let mut has_namespace = self.depth > 0;
        loop {
            let after_space = rest.trim_ascii_start();
            if let Some(rest) = after_space.strip_prefix("/>") {
                self.rest = rest;
                break;
            }
            if let Some(rest) = after_space.strip_prefix('>') {
                self.rest = rest;
                *self.open.get_mut(self.depth).ok_or(DEEP)? = name;
                self.depth += 1;
                break;
            }
            if after_space.len() == rest.len() {
                return Err(MARKUP);
            }
            let (attribute, value, behind) = attribute(after_space)?;
            has_namespace |= check_attribute(name, attribute, value)?;
            rest = behind;
        }
        if has_namespace { Ok(()) } else { Err(NOT_DIV) }
    }
}

/// A name of letters, digits, `:` and `-`, and what stands behind it.
fn word(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b':' || *b == b'-').count();
    text.split_at(end)
}

/// `name="value"` or `name='value'`, and what stands behind it.
fn attribute(text: &str) -> Result<(&str, &str, &str), Fault> {
    let (name, rest) = word(text);
    let rest = rest.trim_ascii_start().strip_prefix('=').ok_or(MARKUP)?.trim_ascii_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(MARKUP)?;
    let (value, rest) = rest[1..].split_once(quote).ok_or(MARKUP)?;
    if name.is_empty() || value.contains('<') { Err(MARKUP) } else { Ok((name, value, rest)) }
}

/// Says whether it is the namespace.
fn check_attribute(element: &str, name: &str, value: &str) -> Result<bool, Fault> {
    if ATTRIBUTES.binary_search(&name).is_err() {
        return Err(ATTRIBUTE);
    }
    references(value)?;
    match name {
        "xmlns" if value == NAMESPACE => return Ok(true),
        "xmlns" => return Err(NOT_DIV),
        "href" | "src" | "cite" | "longdesc" | "usemap" if !is_harmless_link(value, element == "img") => {
            return Err(LINK);
        }
        "style" if !is_harmless_style(value) => return Err(STYLE),
        _ => {}
    }
    Ok(false)
}

/// Every `&` starts a reference to a character.
fn references(text: &str) -> Result<(), Fault> {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (reference, behind) = rest[at + 1..].split_once(';').ok_or(ENTITY)?;
        let is_number =
            |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).is_some();
        let is_reference = match reference.strip_prefix('#') {
            Some(number) => match number.strip_prefix('x') {
                Some(hex) => is_number(hex, 16),
                None => is_number(number, 10),
            },
            None => {
                (2..=31).contains(&reference.len()) && reference.bytes().all(|b| b.is_ascii_alphanumeric())
            }
        };
        if !is_reference {
            return Err(ENTITY);
        }
        rest = behind;
    }
    Ok(())
}

/// A link with a reference in its scheme is refused rather than decoded: no honest address spells its scheme so.
fn is_harmless_link(value: &str, is_image: bool) -> bool {
    let value = value.trim_ascii();
    let end = value.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(value.len());
    let Some((scheme, rest)) = value[..end].split_once(':') else {
        return !value[..end].contains('&');
    };
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    let is_image_data = is_image && is("data") && rest.trim_ascii().eq_ignore_ascii_case("image");
    is_image_data || ["http", "https", "ftp", "mailto", "tel", "urn", "cid"].into_iter().any(is)
}

/// Addresses of images are fine; scripts are not, nor escapes or comments that could hide one.
fn is_harmless_style(value: &str) -> bool {
    const BAD: [&str; 8] =
        ["image(", "import", "expression(", "behavior:", "-moz-binding", "script:", "\\", "/*"];
    if BAD.into_iter().any(|bad| find(value, bad).is_some()) || !value.split('&').skip(1).all(is_quote) {
        return false;
    }
    let mut rest = value;
    while let Some(at) = find(rest, "url(") {
        rest = &rest[at + 4..];
        let Some((address, behind)) = rest.split_once(')') else { return false };
        let address = address.trim_ascii().trim_matches(['"', '\'']);
        if !is_harmless_link(address.strip_prefix("&quot;").unwrap_or(address), true) {
            return false;
        }
        rest = behind;
    }
    true
}

/// What stands behind a `&`: of all references a style needs only these.
fn is_quote(behind: &str) -> bool {
    ["quot;", "apos;", "amp;", "#34;", "#39;"].into_iter().any(|name| behind.starts_with(name))
}

/// Where `small`, in lower case ASCII, stands in `text` in any case.
fn find(text: &str, small: &str) -> Option<usize> {
    text.as_bytes().windows(small.len()).position(|w| w.eq_ignore_ascii_case(small.as_bytes()))
}

#[cfg(test)]
mod tests;
