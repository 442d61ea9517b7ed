//! Proof that whoever brings a code is whoever asked for it: <https://www.rfc-editor.org/rfc/rfc7636>. `S256` and nothing else.

use crate::factor::same;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Whether a challenge can be one: SHA-256 in base64url.
pub(crate) fn is_challenge(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier is the one that the challenge was made of.
pub(crate) fn proves(verifier: &str, challenge: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_verifier = (43..=128).contains(&verifier.len()) && verifier.bytes().all(allowed);
    is_verifier && same(&URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())), challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_holds_and_nothing_near_it() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_challenge(challenge) && proves(verifier, challenge));
        assert!(
            !proves(challenge, challenge) && !proves("", challenge) && !proves(&verifier[..42], challenge)
        );
        let (long, spaced) = ("a".repeat(129), format!("{verifier} "));
        for bad in [long.as_str(), &spaced] {
            let own = URL_SAFE_NO_PAD.encode(Sha256::digest(bad.as_bytes()));
            assert!(!proves(bad, &own));
        }
        for bad in
            ["", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"]
        {
            assert!(!is_challenge(bad), "{bad}");
        }
    }
}
