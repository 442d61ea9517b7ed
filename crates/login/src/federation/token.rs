//! What an outside provider says of somebody: an ID token, checked as
//! <https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation> asks.
//!
//! The order matters: the form, then the provider's own keys, then the signature, and only then is a word of it believed.

use super::keys::{Algorithm, Key};
use crate::factor::same;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;

/// The longest token.
const LONGEST: usize = 16 << 10;

/// How much two clocks may differ, in seconds.
const SKEW: i64 = 60;

/// How old a token may be: it was made while somebody signed in, and an attempt lives ten minutes.
const OLDEST: i64 = 600;

/// The most keys that one token is tried with.
const TRIED: usize = 10;

/// What does not hold. The words stand in the audit log; the person is told less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no signed token")]
    Form,
    #[error("algorithm")]
    Algorithm,
    #[error("no such key")]
    Key,
    #[error("signature")]
    Signature,
    #[error("issuer")]
    Issuer,
    #[error("audience")]
    Audience,
    #[error("nonce")]
    Nonce,
    #[error("time")]
    Time,
    #[error("subject")]
    Subject,
}

/// The header, each field once. What would bring in another key or another meaning is refused.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
    b64: Option<serde_json::Value>,
    jku: Option<serde_json::Value>,
    jwk: Option<serde_json::Value>,
    x5u: Option<serde_json::Value>,
    zip: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    auth_time: Option<i64>,
    acr: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
}

/// What a token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// Who somebody is, by a provider.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) subject: String,
    /// When they proved it there, where the provider says so.
    pub(crate) proven: Option<Timestamp>,
    pub(crate) acr: Option<String>,
    pub(crate) amr: Vec<String>,
}

/// Reads a token and believes it, or says what does not hold.
pub(crate) fn check(text: &str, keys: &[Key], expected: &Expected<'_>) -> Result<Said, Fault> {
    let claims = signed_claims(text, keys)?;
    if claims.iss != expected.issuer {
        return Err(Fault::Issuer);
    }
    let for_us = match &claims.aud {
        Audience::One(one) => one == expected.client,
        // With several, the token must say that it was made for us.
        Audience::Several(all) => {
            all.iter().any(|one| one == expected.client) && (all.len() == 1 || claims.azp.is_some())
        }
    };
    if !for_us || claims.azp.is_some_and(|azp| azp != expected.client) {
        return Err(Fault::Audience);
    }
    if !claims.nonce.is_some_and(|nonce| same(&nonce, expected.nonce)) {
        return Err(Fault::Nonce);
    }
    let now = expected.now.as_second();
    let ended = claims.exp.saturating_add(SKEW) <= now;
    let early = [Some(claims.iat), claims.nbf].into_iter().flatten().any(|at| at > now.saturating_add(SKEW));
    if ended || early || claims.iat < now.saturating_sub(OLDEST + SKEW) {
        return Err(Fault::Time);
    }
    let sane = (1..=255).contains(&claims.sub.len()) && !claims.sub.chars().any(char::is_control);
    if !sane {
        return Err(Fault::Subject);
    }
    let proven = claims.auth_time.and_then(|at| Timestamp::from_second(at).ok());
    let proven = proven.map(|at| at.min(expected.now));
    Ok(Said { subject: claims.sub, proven, acr: claims.acr, amr: claims.amr })
}

fn signed_claims(text: &str, keys: &[Key]) -> Result<Claims, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::Form);
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(Fault::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(Fault::Form)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Form);
    let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
    let header: Header = serde_json::from_slice(&header).map_err(|_| Fault::Form)?;
    let algorithm = Algorithm::named(&header.alg).ok_or(Fault::Algorithm)?;
    let foreign = [&header.crit, &header.b64, &header.jku, &header.jwk, &header.x5u, &header.zip];
    if foreign.iter().any(|field| field.is_some()) {
        return Err(Fault::Form);
    }
    let mut fitting = keys.iter().filter(|key| key.fits(algorithm, header.kid.as_deref())).peekable();
    if fitting.peek().is_none() {
        return Err(Fault::Key);
    }
    if !fitting.take(TRIED).any(|key| key.verifies(algorithm, signed.as_bytes(), &signature)) {
        return Err(Fault::Signature);
    }
    serde_json::from_slice(&claims).map_err(|_| Fault::Form)
}
