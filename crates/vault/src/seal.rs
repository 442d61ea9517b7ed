//! Sealing one value: AES-256-GCM over packed bytes, bound to the place the value belongs to.
//!
//! ```text
//! format u8 = 1 · algorithm u8 = 1 (AES-256-GCM) · codec u8 · dictionary u8 · nonce 12 · ciphertext · tag 16
//! ```
//!
//! The four header bytes and the place ([`Aad`]) are authenticated with the ciphertext. Nonces are random; every
//! resource, leaf and blob has a key of its own, so the 2^32 messages that random nonces allow under one key
//! (NIST SP 800-38D, 8.3) are never near: <https://csrc.nist.gov/pubs/sp/800/38/d/final>.

use std::fmt;

use aws_lc_rs::aead;

use crate::aad::Aad;
use crate::compress::{self, Codec, Compressed};
use crate::random;
use crate::secret::{self, KEY_BYTES, Secret};

const FORMAT: u8 = 1;
const AES_256_GCM: u8 = 1;
const HEADER_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// What sealing adds to the packed bytes.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/// A wrapped 32-byte key: nonce, ciphertext, tag.
pub(crate) const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
pub(crate) type Wrapped = [u8; WRAPPED_BYTES];

/// A prepared AES-256-GCM key. Wiped by `aws-lc` when dropped.
pub struct SealKey(aead::LessSafeKey);

/// Why a value could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Changed bytes, another place, or another key: it fails closed and says no more.
    #[error("the sealed value does not open here: its bytes were changed, moved, or sealed with another key")]
    Integrity,
    /// A format, algorithm, codec or dictionary that this version does not know.
    #[error("the sealed value has a format this version does not know: open it with a newer version")]
    Unsupported,
    /// It would unpack to more than the limit.
    #[error(transparent)]
    Packed(#[from] compress::Error),
    /// No randomness for a nonce.
    #[error(transparent)]
    Random(#[from] random::Unavailable),
}

impl SealKey {
    /// Prepares a key. The secret can be dropped afterwards.
    pub(crate) fn new(secret: &Secret) -> Result<Self, Error> {
        // Only a wrong length fails, and the length is the type's.
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, secret.bytes()).map_err(|_| Error::Integrity)?;
        Ok(Self(aead::LessSafeKey::new(key)))
    }

    /// Wraps a key for a place.
    pub(crate) fn wrap(&self, aad: &Aad, secret: &Secret) -> Result<Wrapped, Error> {
        let nonce: [u8; NONCE_BYTES] = random::bytes()?;
        let mut wrapped = [0; WRAPPED_BYTES];
        wrapped[..NONCE_BYTES].copy_from_slice(&nonce);
        let (body, tag) = wrapped[NONCE_BYTES..].split_at_mut(KEY_BYTES);
        body.copy_from_slice(secret.bytes());
        let made = self
            .0
            .seal_in_place_separate_tag(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(aad.place()),
                body,
            )
            .map_err(|_| Error::Integrity)?;
        tag.copy_from_slice(made.as_ref());
        Ok(wrapped)
    }

    /// Unwraps a key at its place.
    pub(crate) fn unwrap(&self, aad: &Aad, wrapped: &Wrapped) -> Result<Secret, Error> {
        let mut secret = Secret::empty();
        self.decrypt(aad.place(), wrapped, secret.bytes_mut())?;
        Ok(secret)
    }

    /// Opens `nonce ‖ ciphertext ‖ tag` into `out`, which has the ciphertext's length.
    fn decrypt(&self, aad: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Integrity)?;
        let (body, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Error::Integrity)?;
        let nonce = aead::Nonce::assume_unique_for_key(*nonce);
        self.0.open_separate_gather(nonce, aead::Aad::from(aad), body, tag, out).map_err(|_| Error::Integrity)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

/// Seals packed bytes for one place. The packed value can be sealed again if the transaction must be tried again.
///
/// # Errors
/// [`Error::Random`] when no nonce can be drawn.
pub fn seal(key: &SealKey, aad: &Aad, packed: &Compressed) -> Result<Vec<u8>, Error> {
    let [codec, dictionary] = packed.codec.header();
    let header = [FORMAT, AES_256_GCM, codec, dictionary];
    let nonce: [u8; NONCE_BYTES] = random::bytes()?;
    let mut sealed = Vec::with_capacity(packed.bytes.len() + OVERHEAD_BYTES);
    sealed.extend_from_slice(&header);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&packed.bytes);
    let mut place = *aad;
    let tag = key
        .0
        .seal_in_place_separate_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(place.under(header)),
            &mut sealed[HEADER_BYTES + NONCE_BYTES..],
        )
        .map_err(|_| Error::Integrity)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens a sealed value at its place and unpacks it, to at most [`compress::LARGEST_BYTES`].
///
/// # Errors
/// [`Error::Integrity`] when anything was changed or moved, [`Error::Unsupported`] for a header from the future.
pub fn open(key: &SealKey, aad: &Aad, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    open_within(key, aad, sealed, compress::LARGEST_BYTES)
}

/// [`open`] with a limit of the caller's on the unpacked size, in bytes.
///
/// # Errors
/// As [`open`], and [`Error::Packed`] when the value is larger than the limit.
pub fn open_within(key: &SealKey, aad: &Aad, sealed: &[u8], limit_bytes: usize) -> Result<Vec<u8>, Error> {
    let (header, rest) = sealed.split_first_chunk::<HEADER_BYTES>().ok_or(Error::Integrity)?;
    let [FORMAT, AES_256_GCM, codec, dictionary] = *header else {
        return Err(Error::Unsupported);
    };
    let codec = Codec::parse([codec, dictionary]).ok_or(Error::Unsupported)?;
    let length = rest.len().checked_sub(NONCE_BYTES + TAG_BYTES).ok_or(Error::Integrity)?;
    let mut packed = vec![0; length];
    let mut place = *aad;
    key.decrypt(place.under(*header), rest, &mut packed)?;
    Ok(compress::decompress(codec, packed, limit_bytes)?)
}

#[cfg(test)]
mod tests;
