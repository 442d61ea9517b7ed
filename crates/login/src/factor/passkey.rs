//! Passkeys: [Web Authentication, level 2](https://www.w3.org/TR/webauthn-2/), always with user verification, so that one passkey is
//! both something that somebody has and something that they know or are.
//!
//! No statement about the make of an authenticator is asked for, and none is looked at: the key that is registered is the one that
//! this browser, on our own page, within five minutes, gave to somebody who had proven who they are.

mod authenticator;
mod cbor;
mod cose;

use authenticator::Data;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
pub(crate) use cose::ALGORITHMS;
use cose::PublicKey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a challenge may be answered.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// The longest id of a credential, by the specification.
const LONGEST_ID: usize = 1_023;

/// Whom passkeys are made for: the address under which browsers know this house.
///
/// ```
/// use login::factor::passkey::Party;
/// let party = Party::of("https://records.example:8443").unwrap();
/// assert_eq!((party.id(), party.origin()), ("records.example", "https://records.example:8443"));
/// assert!(Party::of("http://localhost:8080").is_some());
/// assert!(Party::of("http://records.example").is_none(), "browsers make none over plain HTTP");
/// assert!(Party::of("https://192.0.2.7").is_none(), "nor for an address without a name");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    id: String,
    origin: String,
}

impl Party {
    /// That of an origin: scheme, host, and the port where it is not the scheme's own. `None` where browsers make no passkeys.
    pub fn of(origin: &str) -> Option<Party> {
        let origin = origin.trim_end_matches('/').to_ascii_lowercase();
        let (scheme, rest) = origin.split_once("://")?;
        let (host, port) = rest.split_once(':').unwrap_or((rest, ""));
        let is_name = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
            && !host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let own_port = matches!((scheme, port), ("https", "443") | ("http", "80"));
        let fits = is_name && (scheme == "https" || (scheme == "http" && host == "localhost"));
        let id = host.to_owned();
        let origin = if own_port { format!("{scheme}://{host}") } else { origin.clone() };
        fits.then_some(Party { id, origin })
    }

    /// The domain.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// A passkey of an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passkey {
    /// The credential's id, base64url.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) added: Timestamp,
    pub(crate) used: Option<Timestamp>,
    key: PublicKey,
    count: u32,
    may_be_copied: bool,
}

impl Passkey {
    /// By which the account is found.
    pub(crate) fn handle(&self) -> String {
        handle(&self.id)
    }
}

/// By which the account of a credential is found.
pub(crate) fn handle(id: &str) -> String {
    format!("passkey:{id}")
}

/// What a browser sent when a passkey was made, as base64url.
#[derive(Clone)]
pub struct Registration {
    /// `clientDataJSON`
    pub client_data: String,
    /// `attestationObject`
    pub attestation: String,
}

/// What a browser sent when a passkey was used, as base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The credential's id.
    pub id: String,
    /// `clientDataJSON`
    pub client_data: String,
    /// `authenticatorData`
    pub authenticator_data: String,
    /// `signature`
    pub signature: String,
    /// `userHandle`; empty where the browser sent none.
    pub user_handle: String,
}

/// Why a passkey was not taken. It is told to nobody but the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("what the browser sent is malformed")]
    Form,
    #[error("it answers another challenge, or too late")]
    Challenge,
    #[error("it was made on a page of another site")]
    Origin,
    #[error("it was made for another site")]
    Party,
    #[error("the authenticator did not verify who used it")]
    Unverified,
    #[error("keys of this kind are not taken")]
    Key,
    #[error("the signature is not right")]
    Signature,
    #[error("the counter went back: there may be a copy of this passkey")]
    Counter,
}

/// A challenge that is open: good for one answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    text: String,
    until: Timestamp,
}

impl Challenge {
    pub(crate) fn new(bytes: [u8; 32], now: Timestamp) -> Challenge {
        Challenge { text: BASE64.encode(bytes), until: now.saturating_add(LIFE).unwrap_or(now) }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn is_answered(&self, answer: &str, now: Timestamp) -> bool {
        super::same(&self.text, answer) && now < self.until
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

fn client_data(
    sent: &str,
    expected: &str,
    (party, challenge): (&Party, &Challenge),
    now: Timestamp,
) -> Result<Vec<u8>, Fault> {
    let bytes = BASE64.decode(sent).map_err(|_| Fault::Form)?;
    let data: ClientData = serde_json::from_slice(&bytes).map_err(|_| Fault::Form)?;
    if data.r#type != expected {
        return Err(Fault::Form);
    }
    if !challenge.is_answered(&data.challenge, now) {
        return Err(Fault::Challenge);
    }
    if data.origin != party.origin || data.cross_origin {
        return Err(Fault::Origin);
    }
    Ok(bytes)
}

fn checked(data: &Data<'_>, party: &Party) -> Result<(), Fault> {
    if data.party_hash != Sha256::digest(&party.id).as_slice() {
        return Err(Fault::Party);
    }
    if !data.is_present || !data.is_verified {
        return Err(Fault::Unverified);
    }
    // What cannot be copied was not.
    if data.was_copied && !data.may_be_copied { Err(Fault::Form) } else { Ok(()) }
}

/// The authenticator data in an attestation object.
fn data_of(object: &[u8]) -> Option<Data<'_>> {
    Data::read(cbor::field(object, "authData").and_then(cbor::Value::bytes)?)
}

/// Whether an attestation object (CBOR, as an authenticator makes it) brings a credential with a key of a kind that is taken. It says
/// nothing about for whom it was made.
pub fn brings_a_key(object: &[u8]) -> bool {
    let credential = data_of(object).and_then(|data| data.credential);
    credential.is_some_and(|credential| PublicKey::read(credential.key).is_some())
}

/// Whether bytes are authenticator data, as an authenticator signs it: for whom, and what it did.
pub fn is_authenticator_data(bytes: &[u8]) -> bool {
    Data::read(bytes).is_some()
}

impl Registration {
    /// The passkey that was made.
    pub(crate) fn check(
        &self,
        party: &Party,
        challenge: &Challenge,
        name: String,
        now: Timestamp,
    ) -> Result<Passkey, Fault> {
        client_data(&self.client_data, "webauthn.create", (party, challenge), now)?;
        let object = BASE64.decode(&self.attestation).map_err(|_| Fault::Form)?;
        let data = data_of(&object).ok_or(Fault::Form)?;
        checked(&data, party)?;
        let credential = data.credential.ok_or(Fault::Form)?;
        if credential.id.is_empty() || credential.id.len() > LONGEST_ID {
            return Err(Fault::Form);
        }
        Ok(Passkey {
            id: BASE64.encode(credential.id),
            name,
            added: now,
            used: None,
            key: PublicKey::read(credential.key).ok_or(Fault::Key)?,
            count: data.count,
            may_be_copied: data.may_be_copied,
        })
    }
}

impl Assertion {
    /// Whether it proves that whoever sent it has this passkey; then its use is noted.
    pub(crate) fn check(
        &self,
        passkey: &mut Passkey,
        account: &str,
        party: &Party,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let client = client_data(&self.client_data, "webauthn.get", (party, challenge), now)?;
        let bytes = BASE64.decode(&self.authenticator_data).map_err(|_| Fault::Form)?;
        let signature = BASE64.decode(&self.signature).map_err(|_| Fault::Form)?;
        let handle = BASE64.decode(&self.user_handle).map_err(|_| Fault::Form)?;
        let data = Data::read(&bytes).ok_or(Fault::Form)?;
        checked(&data, party)?;
        let is_theirs = handle.is_empty() || handle == account.as_bytes();
        if !is_theirs || self.id != passkey.id || data.may_be_copied != passkey.may_be_copied {
            return Err(Fault::Form);
        }
        let signed = [bytes.as_slice(), &Sha256::digest(&client)].concat();
        if !passkey.key.verifies(&signed, &signature) {
            return Err(Fault::Signature);
        }
        // Passkeys that are synchronised count nothing: both are 0 for ever.
        if (data.count > 0 || passkey.count > 0) && data.count <= passkey.count {
            return Err(Fault::Counter);
        }
        passkey.count = data.count;
        passkey.used = Some(now);
        Ok(())
    }
}

/// Base64url, as browsers send it.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the fuzz target begins with; its first byte says which of the two it is.
    const ATTESTATIONS: [&[u8]; 2] = [
        include_bytes!("../../../../fuzz/seeds/passkey/attestation"),
        include_bytes!("../../../../fuzz/seeds/passkey/attestation-p256"),
    ];
    const DATA: &[u8] = include_bytes!("../../../../fuzz/seeds/passkey/authenticator-data");

    #[test]
    fn what_an_authenticator_sends_is_read_whole_or_not_at_all() {
        for seed in ATTESTATIONS {
            let object = &seed[1..];
            assert!(seed[0] & 1 == 0 && brings_a_key(object));
            assert!((0..object.len()).all(|cut| !brings_a_key(&object[..cut])));
            assert!(!brings_a_key(&[object, &[0]].concat()));
        }
        let data = &DATA[1..];
        assert!(DATA[0] & 1 == 1 && data.len() == 37 && is_authenticator_data(data));
        assert!((0..data.len()).all(|cut| !is_authenticator_data(&data[..cut])));
        assert!(!is_authenticator_data(&[data, &[0]].concat()));
    }
}
