//! Who is at the door of the pages: when, from where, with which browser and which cookies. Whether anybody is signed in is asked
//! of the sign-in, at each request.

use crate::{cookie, door::Door, failure::Failure, request_id::RequestId, serve::Peer};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
};
use login::{realm::Realm, visit::Visit};
use std::{net::IpAddr, sync::Arc};

/// What a page's own script says of what it asks by itself.
const UNASKED: HeaderName = HeaderName::from_static("x-unasked");

/// A request for a page.
#[derive(Clone, Debug)]
pub struct Guest {
    /// What the sign-in wants to know of it.
    pub visit: Visit,
    /// The path that was asked for, without its query.
    pub path: String,
    headers: HeaderMap,
}

impl Guest {
    /// The session's token for that realm.
    pub fn session(&self, realm: Realm) -> Option<&str> {
        cookie::read(&self.headers, cookie::session(realm))
    }

    /// Whether a page asks by itself, because something has changed, and nobody pressed anything.
    pub fn is_unasked(&self) -> bool {
        self.headers.contains_key(UNASKED)
    }

    /// The same request, as one that a page makes by itself.
    #[must_use]
    pub fn unasked(mut self) -> Guest {
        self.headers.insert(UNASKED, HeaderValue::from_static("yes"));
        self
    }

    /// Which app's question somebody goes back to after signing in: the realm and the request's name.
    pub fn question(&self) -> Option<(&str, &str)> {
        cookie::read(&self.headers, cookie::QUESTION)?.split_once('.')
    }

    /// The token of a sign-in on its way; empty where there is none.
    pub fn attempt(&self) -> &str {
        cookie::read(&self.headers, cookie::ATTEMPT).unwrap_or_default()
    }
}

impl<S> FromRequestParts<S> for Guest
where
    S: Send + Sync,
    Arc<Door>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Guest, Failure> {
        Guest::of(parts, &Arc::<Door>::from_ref(state))
    }
}

impl Guest {
    /// Whoever sent this.
    ///
    /// # Errors
    /// Where it did not pass the gate, which is a fault of ours.
    pub fn of(parts: &mut Parts, door: &Door) -> Result<Guest, Failure> {
        let request = parts.extensions.get::<RequestId>();
        let request = request.ok_or_else(|| Failure::fault("a route stands outside the gate"))?;
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let headers = parts.headers.clone();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let visit = Visit {
            now: door.gate().now(),
            request: request.as_str().to_owned(),
            address: address(peer, text(HeaderName::from_static("x-forwarded-for")), door.behind_proxy()),
            browser: text(header::USER_AGENT).to_owned(),
            device: cookie::read(&headers, cookie::DEVICE).map(str::to_owned),
        };
        Ok(Guest { visit, path: parts.uri.path().to_owned(), headers })
    }
}

/// The address that a request came from. What a proxy says of it counts only where a proxy is known to stand in front, or where
/// the peer is this machine itself; and of that only the last entry, which the nearest proxy wrote.
fn address(peer: Option<IpAddr>, forwarded: &str, behind_proxy: bool) -> String {
    let trusted = behind_proxy || peer.is_some_and(|peer| peer.is_loopback());
    let last = forwarded.rsplit(',').next().and_then(|entry| entry.trim().parse::<IpAddr>().ok());
    let address = last.filter(|_| trusted).or(peer);
    address.map_or_else(String::new, |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_counts_only_from_a_proxy() {
        let at = |text: &str| Some(text.parse().unwrap());
        assert_eq!(address(at("192.0.2.1"), "198.51.100.9", false), "192.0.2.1");
        assert_eq!(address(at("192.0.2.1"), "203.0.113.1, 198.51.100.9", true), "198.51.100.9");
        assert_eq!(address(at("127.0.0.1"), "198.51.100.9", false), "198.51.100.9");
        assert_eq!(address(at("127.0.0.1"), "no address", false), "127.0.0.1");
        assert_eq!(address(None, "", false), "");
    }
}
