//! Receipts, one line's proof as a file: <https://c2sp.org/tlog-proof>.
//!
//! A receipt holds the line's index, its inclusion proof and the signed checkpoint, and can carry what the line
//! commits to (salt and entry). A person keeps it, and checks it years later without the server.

use crate::checkpoint::{self, Checkpoint};
use crate::commitment;
use crate::hash::Hash;
use crate::note::{self, Check, SignedNote, Signer};
use crate::proof::{self, Refuted};
use crate::tree::MAX_SIZE;
use base64::{Engine, engine::general_purpose::STANDARD};

/// The longest receipt read.
pub const MAX_RECEIPT_BYTES: usize = note::MAX_NOTE_BYTES + 256 * 1024;
/// The longest inclusion proof: one hash per level.
pub const MAX_PATH: usize = 62;

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// That some commitment is the line `index` of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Bytes for the reader's use, such as salt ‖ entry; empty for none. Nothing vouches for them but the check that
    /// their commitment is what the receipt is about.
    pub extra: Vec<u8>,
    /// The line's index, from 0.
    pub index: u64,
    /// The inclusion proof, from the leaf upwards.
    pub path: Vec<Hash>,
    /// The checkpoint the proof leads to, with its signatures.
    pub checkpoint: SignedNote,
}

/// Why a receipt is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is longer than [`MAX_RECEIPT_BYTES`] or its proof longer than [`MAX_PATH`].
    #[error("the receipt is too large")]
    TooLarge,
    /// It is not the lines of the format.
    #[error("a receipt is a header, an index, a proof in Base64 and a signed checkpoint")]
    Shape,
    /// Its checkpoint is refused.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// The proof does not lead from the commitment to the checkpoint.
    #[error(transparent)]
    Refuted(#[from] Refuted),
}

impl Receipt {
    /// Reads a receipt, strictly: what is accepted renders to the same bytes. Nothing in it is checked yet.
    ///
    /// # Errors
    /// When the bytes are not of the format, or beyond a limit.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_RECEIPT_BYTES {
            return Err(Error::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Shape)?;
        let (head, note) = text.split_once("\n\n").ok_or(Error::Shape)?;
        let mut lines = head.strip_prefix(HEADER).ok_or(Error::Shape)?.split('\n').peekable();
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(encoded) => {
                lines.next();
                STANDARD.decode(encoded).ok().filter(|extra| !extra.is_empty()).ok_or(Error::Shape)?
            }
            None => Vec::new(),
        };
        let index =
            lines.next().and_then(|line| parse_index(line.strip_prefix("index ")?)).ok_or(Error::Shape)?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == MAX_PATH {
                return Err(Error::TooLarge);
            }
            let hash = STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
            path.push(hash.ok_or(Error::Shape)?);
        }
        let checkpoint = SignedNote::parse(note.as_bytes()).map_err(checkpoint::Error::Note)?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// The receipt as text. Files that hold one end in `.tlog-proof`.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = HEADER.to_owned();
        if !self.extra.is_empty() {
            text.push_str(&format!("extra {}\n", STANDARD.encode(&self.extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.path {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.render());
        text
    }

    /// Checks that `commitment` is the line of the log `origin` that the receipt says it is, by the log's signature.
    /// Returns the checkpoint and all valid signers, for the caller to ask for enough witnesses.
    ///
    /// # Errors
    /// When the checkpoint is refused or the proof does not lead to it.
    pub fn verify(
        &self,
        commitment: &Hash,
        origin: &str,
        check: &Check<'_>,
    ) -> Result<(Checkpoint, Vec<Signer>), Error> {
        let (checkpoint, signers) = Checkpoint::of(&self.checkpoint, origin, check)?;
        let leaf = commitment::leaf(commitment);
        proof::verify_inclusion(&leaf, self.index, checkpoint.size, &self.path, &checkpoint.root)?;
        Ok((checkpoint, signers))
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|index| plain && *index < MAX_SIZE)
}

#[cfg(test)]
mod tests;
