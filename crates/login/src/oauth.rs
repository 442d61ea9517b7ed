//! Apps: the authorization server of [OAuth 2.1](https://datatracker.ietf.org/doc/draft-ietf-oauth-v2-1/) and
//! [SMART App Launch 2.2](https://hl7.org/fhir/smart-app-launch/STU2.2/).
//!
//! An app is a [`client`]; an administrator approves it. A person lets it in ([`authorize`], [`consent`]), which makes a
//! [`connection`]; the app gets tokens for it ([`token`]), and each request asks whether they still hold ([`bearer`]). What an app
//! may do is never more than what the person behind it may do at that moment.
//!
//! Nothing here fetches an address, holds a shared secret, or answers to an address that was not registered.

pub mod assertion;
pub mod error;
pub mod jwk;
pub mod params;
mod pkce;
mod redirect;
pub mod wanted;
