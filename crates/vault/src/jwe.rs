//! What leaves the house sealed for whoever holds a key: JSON Web Encryption, compact, with the key itself (`dir`) and AES-256-GCM.
//!
//! ```text
//! BASE64URL(header) .. BASE64URL(nonce) . BASE64URL(ciphertext) . BASE64URL(tag)
//! ```
//!
//! The part between the first two dots is empty: there is no wrapped key. The header is authenticated with the ciphertext.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc7516#section-3.1>, <https://www.rfc-editor.org/rfc/rfc7518#section-5.3>

use aws_lc_rs::aead;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::random;

/// The bytes of a key.
pub const KEY_BYTES: usize = 32;

const NONCE_BYTES: usize = 12;

/// Why something was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The media type cannot stand in a header.
    #[error("a content type is printable ASCII without quotes and backslashes")]
    ContentType,
    /// No randomness for a nonce.
    #[error(transparent)]
    Random(#[from] random::Unavailable),
    /// The cipher refused, which only a text beyond its bounds makes it do.
    #[error("the text cannot be sealed: it is too long")]
    Long,
}

/// Seals a text of that media type. Each call draws a nonce of its own, so the same text never looks the same twice.
///
/// ```
/// let sealed = vault::jwe::seal(&[7; 32], "application/fhir+json", b"{}")?;
/// assert_eq!(sealed.split('.').count(), 5);
/// assert!(sealed.starts_with("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIi"));
/// # Ok::<(), vault::jwe::Error>(())
/// ```
///
/// # Errors
/// [`Error`].
pub fn seal(key: &[u8; KEY_BYTES], content_type: &str, text: &[u8]) -> Result<String, Error> {
    seal_with(key, random::bytes()?, content_type, text)
}

fn seal_with(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    content_type: &str,
    text: &[u8],
) -> Result<String, Error> {
    let may_stand = |b: u8| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\';
    if content_type.is_empty() || !content_type.bytes().all(may_stand) {
        return Err(Error::ContentType);
    }
    let header = format!("{{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"cty\":\"{content_type}\"}}");
    let mut out = URL_SAFE_NO_PAD.encode(header);
    let mut body = text.to_vec();
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).map_err(|_| Error::Long)?;
    let tag = aead::LessSafeKey::new(key)
        .seal_in_place_separate_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(out.as_bytes()),
            &mut body,
        )
        .map_err(|_| Error::Long)?;
    out.push('.');
    for part in [&nonce[..], &body, tag.as_ref()] {
        out.push('.');
        URL_SAFE_NO_PAD.encode_string(part, &mut out);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [
        0xb1, 0xa1, 0xf4, 0x80, 0x54, 0x8f, 0xe1, 0x73, 0x3f, 0xb4, 0x03, 0xff, 0x6b, 0x9a, 0xd4, 0xf6, 0x8a,
        0x07, 0x6e, 0x5b, 0x70, 0x2e, 0x22, 0x69, 0x2f, 0x82, 0xcb, 0x2e, 0x7a, 0xea, 0x40, 0xfc,
    ];

    fn open(key: &[u8; 32], sealed: &str) -> Option<Vec<u8>> {
        let parts: Vec<&str> = sealed.split('.').collect();
        let [header, "", nonce, body, tag] = parts[..] else { return None };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let nonce: [u8; 12] = bytes(nonce)?.try_into().ok()?;
        let mut whole = [bytes(body)?, bytes(tag)?].concat();
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, key).ok()?);
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let text = key.open_in_place(nonce, aead::Aad::from(header.as_bytes()), &mut whole).ok()?;
        Some(text.to_vec())
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_and_as_it_stands_alone() {
        let text = "{\"resourceType\": \"Bundle\"} \u{e1}";
        let sealed = seal(&KEY, "application/fhir+json", text.as_bytes()).unwrap();
        assert_eq!(open(&KEY, &sealed).as_deref(), Some(text.as_bytes()));
        let header = URL_SAFE_NO_PAD.decode(sealed.split('.').next().unwrap()).unwrap();
        assert_eq!(header, br#"{"alg":"dir","enc":"A256GCM","cty":"application/fhir+json"}"#);
        assert_eq!(open(&[1; 32], &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&KEY, &String::from_utf8(changed).unwrap()), None, "byte {at}");
        }
        assert_ne!(sealed, seal(&KEY, "application/fhir+json", text.as_bytes()).unwrap());
    }

    #[test]
    fn a_fixed_nonce_gives_what_another_implementation_gives() {
        // Made by Node's `crypto`, which is OpenSSL's.
        let sealed = seal_with(
            &KEY,
            *b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c",
            "text/plain",
            b"Live long and prosper.",
        )
        .unwrap();
        assert_eq!(sealed, VECTOR);
    }

    const VECTOR: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoidGV4dC9wbGFpbiJ9..AQIDBAUGBwgJCgsM.0v21KCaIyR33sQ0zDcfhKndIzJllbQ.ws1KO92n291QEssaMst6RA";

    #[test]
    fn a_media_type_cannot_break_out_of_the_header() {
        for bad in ["", "a\"b", "a\\b", "a\nb", "\u{e1}"] {
            assert!(matches!(seal(&KEY, bad, b""), Err(Error::ContentType)), "{bad}");
        }
    }
}
