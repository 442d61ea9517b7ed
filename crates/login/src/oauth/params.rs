//! Parameters of a request, from a query or a form. A parameter that is sent twice is an error, and one without a value was not
//! sent: <https://www.rfc-editor.org/rfc/rfc6749#section-3.1>

use super::error::OauthError;

/// The longest query or form.
const LONGEST: usize = 48 << 10;

/// The most parameters.
const MOST: usize = 64;

/// Parameters, each once.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Params {
    /// Reads `a=1&b=2`, percent-encoded UTF-8.
    ///
    /// ```
    /// use login::oauth::params::Params;
    /// let params = Params::parse(b"scope=launch+openid&state=%C3%A1&nonce=").unwrap();
    /// assert_eq!((params.get("scope"), params.get("state"), params.get("nonce")), (Some("launch openid"), Some("\u{e1}"), None));
    /// assert!(Params::parse(b"a=1&a=2").is_err() && Params::parse(b"a=%f").is_err());
    /// ```
    ///
    /// # Errors
    /// Where it is malformed, too long, or says something twice.
    pub fn parse(bytes: &[u8]) -> Result<Params, OauthError> {
        if bytes.len() > LONGEST {
            return Err(OauthError::request("the request is too long"));
        }
        let malformed =
            || OauthError::request("the parameters cannot be read: send them percent-encoded as UTF-8");
        let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
        let mut all: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = decoded(name).zip(decoded(value)).ok_or_else(malformed)?;
            if all.iter().any(|(known, _)| *known == name) {
                return Err(OauthError::request("a parameter was sent twice; send each once"));
            }
            if all.len() == MOST {
                return Err(OauthError::request("there are too many parameters"));
            }
            all.push((name, value));
        }
        Ok(Params(all))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    pub(crate) fn must(&self, name: &'static str) -> Result<&str, OauthError> {
        self.get(name).ok_or_else(|| OauthError::request(format!("`{name}` is missing")))
    }
}

fn decoded(text: &str) -> Option<String> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match first {
            b'+' => out.push(b' '),
            b'%' => {
                let (digits, more) = more.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                out.push(is_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()?);
                rest = more;
            }
            byte => out.push(*byte),
        }
    }
    String::from_utf8(out).ok()
}

/// A value as it may stand in a query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_sent_twice_or_malformed_or_too_much_is_refused() {
        let long = format!("a={}", "x".repeat(LONGEST));
        let many: String = (0..=MOST).map(|n| format!("p{n}=1&")).collect();
        for bad in ["a=1&a=1", "a=1&%61=2", "a=%", "a=%zz", "a=%+1", "a=%ff", long.as_str(), many.as_str()] {
            assert!(Params::parse(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(20)]);
        }
        assert!(Params::parse(b"\xff").is_err());
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_again(value in ".{1,40}") {
            let text = format!("v={}", encoded(&value));
            let params = Params::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(params.get("v"), Some(value.as_str()));
        }
    }
}
