//! Addresses that an answer is sent to. They are registered, and compared letter by letter: an answer goes nowhere else.
//! <https://www.rfc-editor.org/rfc/rfc9700#section-2.1>

use super::params::encoded;

/// The longest address.
const LONGEST: usize = 512;

/// Whether an address may be registered: `https`, `http` on the user's own machine, or a scheme of a native app's own, which has
/// a dot in it as a reversed domain name has.
pub(crate) fn may_register(uri: &str) -> bool {
    let clean =
        uri.len() <= LONGEST && uri.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&b));
    let Some((scheme, rest)) = uri.split_once(':').filter(|_| clean) else { return false };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || !scheme.bytes().all(allowed) {
        return false;
    }
    match scheme {
        "https" => rest.strip_prefix("//").and_then(host).is_some(),
        "http" => rest.strip_prefix("//").and_then(host).is_some_and(is_here),
        own => own.contains('.') && rest.len() > 1,
    }
}

/// The host of what follows `//`, where it is one and nobody's name stands before it.
fn host(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?']).next().filter(|authority| !authority.contains('@'))?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(six) => six.split_once(']')?,
        None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
    let sane =
        !host.is_empty() && host.bytes().all(allowed) && (port.is_empty() || port.parse::<u16>().is_ok());
    sane.then_some(host)
}

fn is_here(host: &str) -> bool {
    ["127.0.0.1", "::1", "localhost"].contains(&host)
}

/// A registered address with an answer's parameters.
pub(crate) fn with(uri: &str, params: &[(&str, &str)]) -> String {
    let mut out = uri.to_owned();
    let mut mark = if uri.contains('?') { '&' } else { '?' };
    for (name, value) in params {
        out.push(mark);
        out.push_str(name);
        out.push('=');
        out.push_str(&encoded(value));
        mark = '&';
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_lead_to_the_app_itself_are_registered() {
        for good in [
            "https://app.example/back",
            "https://app.example:8443/back?x=1",
            "http://localhost:3000/",
            "http://127.0.0.1/back",
            "http://[::1]:9/back",
            "com.example.app:/back",
        ] {
            assert!(may_register(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "https:///back",
            "http://app.example/back",
            "http://localhost.evil.example/",
            "http://127.0.0.1@evil.example/",
            "https://app.example@evil.example/",
            "https://app.example/back#x",
            "https://app.example/a b",
            "https://app.example\\@evil.example/",
            "https://app.example:99999/",
            "javascript:alert(1)",
            "data:text/html,x",
            "urn:ietf:wg:oauth:2.0:oob",
            "HTTPS://app.example/",
            "//app.example/",
            "/back",
            "https://app.example/\r\nLocation:x",
            "https://\u{e4}.example/",
        ] {
            assert!(!may_register(bad), "{bad}");
        }
        assert!(!may_register(&format!("https://app.example/{}", "x".repeat(LONGEST))));
    }

    #[test]
    fn an_answer_is_added_to_the_query_that_is_there() {
        assert_eq!(
            with("https://a.example/", &[("state", "a&b"), ("code", "x")]),
            "https://a.example/?state=a%26b&code=x"
        );
        assert_eq!(with("https://a.example/?k=1", &[("code", "x")]), "https://a.example/?k=1&code=x");
    }
}
