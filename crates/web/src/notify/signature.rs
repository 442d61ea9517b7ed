//! [HTTP Message Signatures](https://www.rfc-editor.org/rfc/rfc9421) over notices: whoever gets one verifies it with our public keys at
//! `/oauth/jwks`, and there is no secret that could be stolen on the other side.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The media type of a notice.
pub(super) const MEDIA_TYPE: &str = "application/fhir+json";

/// What is signed of a request.
#[derive(Default)]
pub(super) struct Signed {
    /// The header `Content-Digest` ([RFC 9530](https://www.rfc-editor.org/rfc/rfc9530)).
    pub(super) digest: String,
    /// What the header `Signature-Input` says of the signature, after its label.
    pub(super) input: String,
    /// The signature base.
    pub(super) base: String,
}

/// The signature base of a POST. The key's name is known before, because it is signed as well.
pub(super) fn signed(target: &str, id: &str, body: &[u8], at: Timestamp, key: &str) -> Signed {
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
    let input = format!(
        "(\"@method\" \"@target-uri\" \"content-digest\" \"content-type\" \"webhook-id\");created={};keyid=\"{key}\";alg=\"ecdsa-p384-sha384\"",
        at.as_second()
    );
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": {target}\n\"content-digest\": {digest}\n\"content-type\": {MEDIA_TYPE}\n\
         \"webhook-id\": {id}\n\"@signature-params\": {input}"
    );
    Signed { digest, input, base }
}

/// The header `Signature`.
pub(super) fn header(signature: &[u8]) -> String {
    format!("keepwell=:{}:", STANDARD.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_has_a_line_for_each_part_and_none_after_the_last() {
        let at = Timestamp::from_second(1_618_884_473).unwrap();
        let signed = signed("https://app.example/notices", "n-1", b"{\"hello\": \"world\"}", at, "k1");
        // The digest is the one of RFC 9421's own example (B.2.4, with SHA-256 as in RFC 9530 B.1).
        assert_eq!(signed.digest, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
        let lines: Vec<&str> = signed.base.split('\n').collect();
        assert_eq!(
            lines,
            [
                "\"@method\": POST",
                "\"@target-uri\": https://app.example/notices",
                "\"content-digest\": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
                "\"content-type\": application/fhir+json",
                "\"webhook-id\": n-1",
                "\"@signature-params\": (\"@method\" \"@target-uri\" \"content-digest\" \"content-type\" \"webhook-id\")\
                 ;created=1618884473;keyid=\"k1\";alg=\"ecdsa-p384-sha384\"",
            ]
        );
    }
}
