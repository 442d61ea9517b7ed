//! Tags that prove we made a value: paging cursors, links, form tokens. HMAC-SHA256, compared in constant time.
//! <https://www.rfc-editor.org/rfc/rfc2104>

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::{self, Secret, derive};

/// Length of a tag in bytes.
pub const TAG_BYTES: usize = 32;

/// A key for tags of one use. A cursor's tag is worth nothing as a form token's: each use has a key of its own.
pub struct MacKey(hmac::Key);

/// The installation's MAC key, from which each use gets its own.
pub struct MacRoot(hmac::Key);

impl MacRoot {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(secret.hmac())
    }

    /// The key for one use, such as `cursor` or `form`. Prepare it once and keep it.
    pub fn for_use(&self, name: &str) -> MacKey {
        MacKey(derive(&self.0, &[b"keepwell/mac/1", name.as_bytes()]).hmac())
    }
}

impl MacKey {
    /// The tag of a message.
    pub fn tag(&self, message: &[u8]) -> [u8; TAG_BYTES] {
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(hmac::sign(&self.0, message).as_ref());
        tag
    }

    /// Whether we made this tag for this message. Takes the same time for every wrong tag.
    pub fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }

    /// A message with its tag as one URL-safe text: readable by its holder, unchangeable. Seal what must be secret.
    pub fn stamp(&self, message: &[u8]) -> String {
        let mut stamped = message.to_vec();
        stamped.extend_from_slice(&self.tag(message));
        URL_SAFE_NO_PAD.encode(stamped)
    }

    /// The message of a stamped text, or `None` when we did not stamp it.
    pub fn unstamp(&self, text: &str) -> Option<Vec<u8>> {
        let mut stamped = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (message, tag) = stamped.split_last_chunk::<TAG_BYTES>()?;
        if !self.verifies(message, tag) {
            return None;
        }
        stamped.truncate(stamped.len() - TAG_BYTES);
        Some(stamped)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

impl fmt::Debug for MacRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn root() -> MacRoot {
        MacRoot::new(&Secret::random().unwrap())
    }

    #[test]
    fn a_tag_of_another_use_or_installation_does_not_verify() {
        let root = root();
        let tag = root.for_use("cursor").tag(b"page 2");
        assert!(root.for_use("cursor").verifies(b"page 2", &tag));
        assert!(!root.for_use("form").verifies(b"page 2", &tag));
        assert!(!self::root().for_use("cursor").verifies(b"page 2", &tag));
    }

    #[test]
    fn a_changed_message_or_tag_does_not_verify() {
        let key = root().for_use("cursor");
        let tag = key.tag(b"page 2");
        assert!(!key.verifies(b"page 3", &tag));
        assert!(!key.verifies(b"page 2", &tag[..31]));
        assert!(!key.verifies(b"page 2", &[]));
        for at in 0..tag.len() {
            let mut changed = tag;
            changed[at] ^= 1;
            assert!(!key.verifies(b"page 2", &changed));
        }
    }

    proptest! {
        #[test]
        fn a_stamped_message_comes_back(message in prop::collection::vec(any::<u8>(), 0..100)) {
            let key = root().for_use("cursor");
            prop_assert_eq!(key.unstamp(&key.stamp(&message)), Some(message));
        }

        #[test]
        fn a_text_that_we_did_not_stamp_is_nothing(text in "[A-Za-z0-9_-]{0,100}|.{0,20}") {
            prop_assert_eq!(root().for_use("cursor").unstamp(&text), None);
        }
    }
}
