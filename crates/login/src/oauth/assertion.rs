//! How a confidential client proves who it is: a JWT that it signed a moment ago, `private_key_jwt`.
//! <https://www.rfc-editor.org/rfc/rfc7523>, <https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html>
//!
//! The order matters: the form, then the client's own keys, then the signature, and only then is a word of it believed.

use super::{
    error::OauthError,
    jwk::{Algorithm, Key},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;

/// What `client_assertion_type` must say.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest assertion.
const LONGEST: usize = 8 << 10;

/// How far ahead an assertion may end, in seconds.
const AHEAD: i64 = 300;

/// How much faster a client's clock may be, for `iat` and `nbf`, in seconds.
const SKEW: i64 = 60;

/// The header, each field once. What would bring in another key or another meaning is refused.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
    b64: Option<serde_json::Value>,
    jku: Option<serde_json::Value>,
    jwk: Option<serde_json::Value>,
    x5u: Option<serde_json::Value>,
    x5c: Option<serde_json::Value>,
    zip: Option<serde_json::Value>,
}

/// For whom it is: one, or a list of one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

/// An assertion whose form is right. Nothing in it is proven yet.
pub struct Assertion<'a> {
    algorithm: Algorithm,
    kid: String,
    signed: &'a str,
    signature: Vec<u8>,
    claims: Claims,
}

impl std::fmt::Debug for Assertion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// An assertion that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Its id, which the client must never use again before `until`.
    pub jti: String,
    /// Until when it would hold.
    pub until: Timestamp,
}

/// Reads an assertion: three parts of base64url without padding, a header with an allowed algorithm, and the claims that SMART
/// asks for.
///
/// # Errors
/// What is wrong with its form.
pub fn parse(text: &str) -> Result<Assertion<'_>, OauthError> {
    let no = OauthError::client;
    if text.len() > LONGEST {
        return Err(no("the client_assertion is too long"));
    }
    let form = || no("the client_assertion is no signed JWT: send header, claims and signature in base64url");
    let (signed, signature) = text.rsplit_once('.').ok_or_else(form)?;
    let (header, claims) = signed.split_once('.').ok_or_else(form)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| form());
    let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
    let header: Header = serde_json::from_slice(&header).map_err(|_| {
        no("the header of the client_assertion must be an object with `alg`, `kid` and `typ`, each once")
    })?;
    let algorithm = Algorithm::named(&header.alg)
        .ok_or_else(|| no("the `alg` of a client_assertion must be RS384 or ES384"))?;
    let kid = header.kid.ok_or_else(|| no("the header of the client_assertion lacks `kid`"))?;
    if header.typ.is_some_and(|typ| {
        !typ.eq_ignore_ascii_case("jwt") && !typ.eq_ignore_ascii_case("client-authentication+jwt")
    }) {
        return Err(no("the `typ` of a client_assertion must be JWT"));
    }
    let foreign =
        [&header.crit, &header.b64, &header.jku, &header.jwk, &header.x5u, &header.x5c, &header.zip];
    if foreign.iter().any(|field| field.is_some()) {
        return Err(no(
            "the header of the client_assertion may hold `alg`, `kid` and `typ`; keys are those that were registered",
        ));
    }
    let claims: Claims = serde_json::from_slice(&claims)
        .map_err(|_| no("the client_assertion needs `iss`, `sub`, `aud`, `exp` and `jti`, each once, times as whole seconds"))?;
    Ok(Assertion { algorithm, kid, signed, signature, claims })
}

impl Assertion<'_> {
    /// Which client it claims to be from.
    pub fn client(&self) -> &str {
        &self.claims.iss
    }

    /// Whether one of the client's keys signed it, for one of these audiences, for now. SMART names the token endpoint, newer drafts
    /// of OAuth the issuer; both are us alone.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, keys: &[Key], audiences: &[String], now: Timestamp) -> Result<Proof, OauthError> {
        let no = |text: &str| Err(OauthError::client(text));
        let key = keys.iter().find(|key| key.kid == self.kid && key.algorithm == self.algorithm);
        let Some(key) = key else {
            return no("no registered key has this `kid` and `alg`");
        };
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return no("the signature of the client_assertion does not verify");
        }
        let claims = &self.claims;
        if claims.iss != claims.sub {
            return no("`iss` and `sub` of a client_assertion must both be the client_id");
        }
        let (Audience::One(aud) | Audience::List([aud])) = &claims.aud;
        if !audiences.contains(aud) {
            return no(
                "the `aud` of a client_assertion must be the address of the token endpoint or the issuer, to the letter",
            );
        }
        let seconds = now.as_second();
        if claims.exp <= seconds {
            return no("the client_assertion has ended; make a new one, and check the clock");
        }
        if claims.exp > seconds.saturating_add(AHEAD) {
            return no("the `exp` of a client_assertion may be five minutes ahead at most; check the clock");
        }
        if [claims.iat, claims.nbf].into_iter().flatten().any(|start| start > seconds.saturating_add(SKEW)) {
            return no("the client_assertion is from the future; check the clock");
        }
        if claims.jti.is_empty() || claims.jti.len() > 256 {
            return no("the `jti` of a client_assertion must have 1 to 256 characters");
        }
        let until = Timestamp::from_second(claims.exp).map_err(|_| OauthError::client("`exp` is no time"))?;
        Ok(Proof { jti: claims.jti.clone(), until })
    }
}

#[cfg(test)]
mod tests;
