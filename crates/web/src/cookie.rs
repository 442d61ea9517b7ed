//! Cookies of the pages. All are `__Host-` cookies: for this host alone, sent over TLS alone (browsers count `localhost` as
//! such), out of reach of scripts, and never sent along by another site.
//!
//! The rule of who takes what: the API takes bearer tokens and no cookie, pages take cookies and no bearer token. So another
//! site can make nobody's browser use the API, and a leaked API token opens no page.

use axum::http::{HeaderMap, HeaderValue, header};
use login::realm::Realm;

/// The cookie of a sign-in on its way.
pub const ATTEMPT: &str = "__Host-keepwell-attempt";

/// The cookie by which a browser is known again.
pub const DEVICE: &str = "__Host-keepwell-device";

/// The cookie that says which app's question somebody goes back to after signing in.
pub const QUESTION: &str = "__Host-keepwell-question";

/// The longest value that is looked at.
const LONGEST: usize = 256;

/// A year, in seconds.
const YEAR: u32 = 365 * 24 * 3600;

/// The cookie of a session: one for each realm.
pub fn session(realm: Realm) -> &'static str {
    match realm {
        Realm::Patient => "__Host-keepwell-patient",
        Realm::Clinic => "__Host-keepwell-clinic",
        Realm::Admin => "__Host-keepwell-admin",
    }
}

/// The value of the cookie of that name. Where it is sent twice, it is taken from neither.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() && value.len() <= LONGEST => Some(value),
        _ => None,
    }
}

/// Sets a cookie until the browser closes; the one that knows the browser stays for a year.
pub fn set(name: &str, value: &str) -> HeaderValue {
    let age = if name == DEVICE { format!("; Max-Age={YEAR}") } else { String::new() };
    header_value(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{age}"))
}

/// Removes a cookie.
pub fn remove(name: &str) -> HeaderValue {
    header_value(&format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"))
}

/// Our names and tokens are plain ASCII, so an empty value is never set.
fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn one_cookie_of_a_name_is_read_and_two_are_none() {
        assert_eq!(read(&headers(&["a=1; b=2"]), "b"), Some("2"));
        assert_eq!(read(&headers(&["a=1", "b=x=y"]), "b"), Some("x=y"));
        for bad in [&["b="][..], &["b=1; b=2"], &["b=1", "b=1"], &["ab=1"], &["b"], &[]] {
            assert_eq!(read(&headers(bad), "b"), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_set_is_for_this_host_alone_and_out_of_reach_of_scripts() {
        let all = Realm::ALL.map(session).into_iter().chain([ATTEMPT, DEVICE, QUESTION]);
        for name in all {
            assert!(name.starts_with("__Host-"));
            for value in [set(name, "kw_x"), remove(name)] {
                let text = value.to_str().unwrap().to_owned();
                for word in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
                    assert!(text.contains(word) && !text.contains("Domain"), "{text}");
                }
            }
        }
    }
}
