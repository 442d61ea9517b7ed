//! Bearer tokens and other texts that open a door by themselves: `kw_` and 32 random bytes in base64url.
//!
//! The house stores only their SHA-256. The bytes are random, so a plain hash is enough: there is nothing to guess.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize, Zeroizing};

use crate::random;

/// What every token starts with, so that secret scanners know a leaked one when they see it.
pub const PREFIX: &str = "kw_";

const RANDOM_BYTES: usize = 32;
const ENCODED_CHARS: usize = 43;

/// A token as its holder gets it, once. Prints `sealed`, is wiped when dropped.
pub struct Token(String);

/// What is stored of a token: SHA-256 of the whole text, in lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash(pub String);

impl Token {
    /// The text to hand to its holder. It must go nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::secret::sealed(f)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A new token and the hash to store of it.
///
/// ```
/// let (token, stored) = vault::token::mint()?;
/// assert!(token.reveal().starts_with("kw_"));
/// assert_eq!(vault::token::hash(token.reveal()), Some(stored));
/// assert_eq!(vault::token::hash("kw_short"), None);
/// # Ok::<(), vault::random::Unavailable>(())
/// ```
///
/// # Errors
/// [`random::Unavailable`] when the operating system gives no randomness.
pub fn mint() -> Result<(Token, TokenHash), random::Unavailable> {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
    random::fill(bytes.as_mut_slice())?;
    let mut text = String::with_capacity(PREFIX.len() + ENCODED_CHARS);
    text.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    let stored = sha256_hex(&text);
    Ok((Token(text), stored))
}

/// The hash under which a presented token would be stored, or `None` for a text that is no token of ours.
pub fn hash(text: &str) -> Option<TokenHash> {
    let encoded = text.strip_prefix(PREFIX)?;
    if encoded.len() != ENCODED_CHARS {
        return None;
    }
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES + 1]);
    let length = URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut_slice()).ok()?;
    (length == RANDOM_BYTES).then(|| sha256_hex(text))
}

fn sha256_hex(text: &str) -> TokenHash {
    TokenHash(hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn minted_tokens_never_repeat_and_are_found_by_their_hash() {
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let (token, stored) = mint().unwrap();
            assert_eq!(token.reveal().len(), 46);
            assert_eq!(hash(token.reveal()), Some(stored.clone()));
            assert!(!stored.0.contains(&token.reveal()[3..]));
            assert!(seen.insert(stored.0));
        }
    }

    #[test]
    fn the_stored_form_is_sha256_in_hex() {
        let TokenHash(stored) = sha256_hex("abc");
        assert_eq!(stored, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    proptest! {
        #[test]
        fn a_text_that_is_no_token_has_no_hash(text in ".{0,60}") {
            prop_assume!(!text.starts_with("kw_"));
            prop_assert_eq!(hash(&text), None);
        }
    }
}
