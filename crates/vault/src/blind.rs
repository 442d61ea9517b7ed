//! Blind index terms: what the database may compare without being able to read it.
//!
//! An equality value, normalised by the caller, becomes HMAC-SHA256 under the index key, cut to 64 bits. Without the
//! key nobody can turn a term back into a name or a code, or test a guess. What terms do show (which rows share one)
//! is told in `docs/security.md`. Sixty-four bits collide for one pair in 2^64, which is taken as never.

use std::fmt;

use aws_lc_rs::hmac;

use crate::secret::{self, Secret, derive};

/// The key of all index terms, prepared once: one context per domain.
pub struct IndexKey {
    term: hmac::Key,
    reference: hmac::Key,
}

impl IndexKey {
    pub(crate) fn new(secret: &Secret) -> Self {
        let root = secret.hmac();
        Self {
            term: derive(&root, &[b"keepwell/term/1"]).hmac(),
            reference: derive(&root, &[b"keepwell/reference/1"]).hmac(),
        }
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

/// The blind term of a normalised value of one search parameter.
///
/// `value` is a list of parts (a token's system and code, say); their lengths are hashed with them, so
/// `["ab", "c"]` and `["a", "bc"]` differ.
pub fn term(key: &IndexKey, param: u32, value: &[&[u8]]) -> i64 {
    let mut context = hmac::Context::with_key(&key.term);
    let mut short = ShortMessage::new();
    short.push(&mut context, &param.to_be_bytes());
    for part in value {
        short.push(&mut context, &(part.len() as u64).to_be_bytes());
        short.push(&mut context, part);
    }
    i64::from_be_bytes(cut(short.finish(context)))
}

/// The blind look-up key of a resource by its public name, `Type/id`.
pub fn key16(key: &IndexKey, kind: &str, id: &str) -> [u8; 16] {
    let mut context = hmac::Context::with_key(&key.reference);
    let mut short = ShortMessage::new();
    for part in [kind.as_bytes(), b"/", id.as_bytes()] {
        short.push(&mut context, part);
    }
    cut(short.finish(context))
}

/// Gathers a message on the stack: each call into the hash costs more than copying a few bytes.
struct ShortMessage {
    bytes: [u8; 128],
    length: usize,
}

impl ShortMessage {
    fn new() -> Self {
        Self { bytes: [0; 128], length: 0 }
    }

    fn push(&mut self, context: &mut hmac::Context, part: &[u8]) {
        if part.len() > self.bytes.len() - self.length {
            context.update(&self.bytes[..self.length]);
            self.length = 0;
        }
        if part.len() > self.bytes.len() {
            context.update(part);
        } else {
            self.bytes[self.length..self.length + part.len()].copy_from_slice(part);
            self.length += part.len();
        }
    }

    fn finish(&self, mut context: hmac::Context) -> hmac::Tag {
        context.update(&self.bytes[..self.length]);
        context.sign()
    }
}

fn cut<const N: usize>(tag: hmac::Tag) -> [u8; N] {
    let mut cut = [0; N];
    cut.copy_from_slice(&tag.as_ref()[..N]);
    cut
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn key() -> IndexKey {
        IndexKey::new(&Secret::random().unwrap())
    }

    #[test]
    fn the_same_value_has_the_same_term_and_another_installation_has_another() {
        let (here, there) = (key(), key());
        assert_eq!(term(&here, 7, &[b"smith"]), term(&here, 7, &[b"smith"]));
        assert_ne!(term(&here, 7, &[b"smith"]), term(&there, 7, &[b"smith"]));
    }

    #[test]
    fn the_same_value_under_two_parameters_has_two_terms() {
        let key = key();
        assert_ne!(term(&key, 7, &[b"smith"]), term(&key, 8, &[b"smith"]));
    }

    #[test]
    fn parts_do_not_run_together() {
        let key = key();
        let values: [&[&[u8]]; 7] =
            [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"", b"abc"], &[b"abc", b""], &[], &[b""]];
        let terms: HashSet<i64> = values.iter().map(|value| term(&key, 1, value)).collect();
        assert_eq!(terms.len(), values.len());
    }

    #[test]
    fn type_and_id_do_not_run_together_and_are_no_term() {
        let key = key();
        assert_ne!(key16(&key, "Patient", "a"), key16(&key, "Patient", "b"));
        assert_ne!(key16(&key, "Patient", "a"), key16(&key, "Person", "a"));
        assert_eq!(key16(&key, "Patient", "a"), key16(&key, "Patient", "a"));
    }

    proptest! {
        #[test]
        fn a_long_value_is_hashed_as_a_whole(long in prop::collection::vec(any::<u8>(), 1..400), at in any::<prop::sample::Index>()) {
            let key = key();
            let mut other = long.clone();
            other[at.index(long.len())] ^= 1;
            prop_assert_ne!(term(&key, 1, &[b"system", &long]), term(&key, 1, &[b"system", &other]));
            prop_assert_eq!(term(&key, 1, &[b"system", &long]), term(&key, 1, &[b"system", &long]));
        }

        #[test]
        fn gathering_on_the_stack_changes_no_term(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..5)) {
            let key = key();
            let mut plain = 9_u32.to_be_bytes().to_vec();
            for part in &parts {
                plain.extend_from_slice(&(part.len() as u64).to_be_bytes());
                plain.extend_from_slice(part);
            }
            let expected = i64::from_be_bytes(cut(hmac::sign(&key.term, &plain)));
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(term(&key, 9, &parts), expected);
        }
    }
}
