//! Signed notes: <https://c2sp.org/signed-note>.
//!
//! A text, an empty line, then one line per signature: `— name base64(key id ‖ signature)`. A log signs its checkpoints
//! this way, and witnesses add their cosignatures as further lines.
//!
//! Reading is strict: what [`SignedNote::parse`] accepts, [`SignedNote::render`] gives back byte for byte.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The longest note read. Room for 16 post-quantum signatures, which the specification says to accept.
pub const MAX_NOTE_BYTES: usize = 128 * 1024;
/// The most signatures read.
pub const MAX_SIGNATURES: usize = 32;
/// The longest key name.
pub const MAX_NAME_BYTES: usize = 255;
/// The signature type byte of plain Ed25519 in [`key_id`].
pub const ED25519: u8 = 0x01;
/// The signature type byte of a witness's timestamped Ed25519 cosignature in [`key_id`].
pub const ED25519_COSIGNATURE: u8 = 0x04;

const SIGNATURE_LINE: &str = "\u{2014} ";

/// One signature under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Whose key it is, such as `clinic.example/log`: no white space, no plus sign.
    pub name: String,
    /// Which of their keys: see [`key_id`].
    pub key_id: u32,
    /// What the key's algorithm made of the text.
    pub bytes: Vec<u8>,
}

/// A text and its signatures. Do not trust the text before [`verify`](Self::verify) named a signer you trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

/// What a key holder's check says of one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The key is known and the signature is its.
    Valid,
    /// The key is known and the signature is not its: the whole note is refused.
    Invalid,
    /// The key is not known: the signature is passed over.
    Unknown,
}

/// A key holder's check of one signature: gets key id, key name, the signed text and the signature. It says
/// [`Verdict::Unknown`] unless name and id are both of one key it was configured with.
pub type Check<'a> = dyn Fn(u32, &str, &[u8], &[u8]) -> Verdict + 'a;

/// A key whose signature under a note was found valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: u32,
}

/// Why a note is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is longer than [`MAX_NOTE_BYTES`] or has more than [`MAX_SIGNATURES`] signatures.
    #[error("the note is too large")]
    TooLarge,
    /// It is not UTF-8, or has a control character other than the newline.
    #[error("a note is UTF-8 text without control characters")]
    NotText,
    /// The text is empty, does not end in a newline, or no empty line parts it from the signatures.
    #[error("a note is lines of text, an empty line and signature lines")]
    Shape,
    /// A line below the last empty line is no signature.
    #[error("line {line} of the signatures is not `— name base64`")]
    SignatureLine {
        /// Which signature line, counted from 1.
        line: usize,
    },
    /// A key name is empty, too long, or has white space or a plus sign.
    #[error("a key name is 1 to 255 bytes without white space and plus signs")]
    Name,
    /// A signature of a known key does not fit the text.
    #[error("a signature by a known key does not fit the text")]
    Forged,
    /// No known key signed it.
    #[error("no known key signed the note")]
    Unsigned,
}

impl SignedNote {
    /// A text that nobody signed yet. It must end in a newline and have no control character besides newlines.
    ///
    /// # Errors
    /// When it is no such text or too long.
    pub fn new(text: String) -> Result<Self, Error> {
        check_text(&text)?;
        if text.len() > MAX_NOTE_BYTES {
            return Err(Error::TooLarge);
        }
        if text == "\n" || !text.ends_with('\n') {
            return Err(Error::Shape);
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// What was signed, the last newline included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures in their order. None of them is checked.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Signs the text with a key held elsewhere and adds the signature. A key that may fail signs
    /// [`text`](Self::text) first, and the result goes to [`add`](Self::add).
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn sign(
        &mut self,
        name: &str,
        key_id: u32,
        sign: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Result<(), Error> {
        let bytes = sign(self.text.as_bytes());
        self.add(Signature { name: name.to_owned(), key_id, bytes })
    }

    /// Adds a signature made elsewhere, such as a witness's. It is not checked.
    ///
    /// # Errors
    /// When it has no key name or no bytes, or the note has its fill of signatures.
    pub fn add(&mut self, signature: Signature) -> Result<(), Error> {
        check_name(&signature.name)?;
        if signature.bytes.is_empty() {
            return Err(Error::SignatureLine { line: self.signatures.len() + 1 });
        }
        let length = self.render().len() + line_of(&signature).len();
        if self.signatures.len() >= MAX_SIGNATURES || length > MAX_NOTE_BYTES {
            return Err(Error::TooLarge);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Reads a note. A note without any signature is none.
    ///
    /// # Errors
    /// When the bytes are not strictly of the format, or beyond a limit.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(Error::TooLarge);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| Error::NotText)?;
        check_text(whole)?;
        let gap = whole.rfind("\n\n").ok_or(Error::Shape)?;
        let (text, lines) = (&whole[..=gap], &whole[gap + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(Error::Shape)?;
        let mut note = Self::new(text.to_owned())?;
        for (at, line) in lines.split('\n').enumerate() {
            if at >= MAX_SIGNATURES {
                return Err(Error::TooLarge);
            }
            note.signatures.push(parse_line(line).ok_or(Error::SignatureLine { line: at + 1 })?);
        }
        Ok(note)
    }

    /// The note as text: ready for [`parse`](Self::parse) once it has a signature.
    #[must_use]
    pub fn render(&self) -> String {
        let mut whole = format!("{}\n", self.text);
        whole.extend(self.signatures.iter().map(line_of));
        whole
    }

    /// Asks `check` about every signature and returns the keys whose signatures are valid, each once.
    ///
    /// # Errors
    /// [`Error::Forged`] when a known key's signature does not fit, [`Error::Unsigned`] when no known key signed.
    pub fn verify(&self, check: &Check<'_>) -> Result<Vec<Signer>, Error> {
        let mut signers: Vec<Signer> = Vec::new();
        for Signature { name, key_id, bytes } in &self.signatures {
            match check(*key_id, name, self.text.as_bytes(), bytes) {
                Verdict::Unknown => {}
                Verdict::Invalid => return Err(Error::Forged),
                Verdict::Valid if signers.iter().any(|s| s.key_id == *key_id && s.name == *name) => {}
                Verdict::Valid => signers.push(Signer { name: name.clone(), key_id: *key_id }),
            }
        }
        if signers.is_empty() { Err(Error::Unsigned) } else { Ok(signers) }
    }
}

/// The id of a key: the first four bytes of SHA-256(name ‖ newline ‖ signature type ‖ public key), big-endian.
/// It tells keys apart; it protects nothing.
#[must_use]
pub fn key_id(name: &str, signature_type: u8, public_key: &[u8]) -> u32 {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', signature_type])
        .chain_update(public_key)
        .finalize();
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') { Err(Error::NotText) } else { Ok(()) }
}

fn check_name(name: &str) -> Result<(), Error> {
    let fits = (1..=MAX_NAME_BYTES).contains(&name.len());
    let plain = !name.contains(|c: char| c == '+' || c.is_whitespace() || c < '\u{20}');
    if fits && plain { Ok(()) } else { Err(Error::Name) }
}

fn parse_line(line: &str) -> Option<Signature> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_LINE)?.split_once(' ')?;
    check_name(name).ok()?;
    let decoded = STANDARD.decode(encoded).ok()?;
    let (key_id, bytes) = decoded.split_first_chunk::<4>()?;
    let signature =
        Signature { name: name.to_owned(), key_id: u32::from_be_bytes(*key_id), bytes: bytes.to_vec() };
    (!bytes.is_empty()).then_some(signature)
}

fn line_of(signature: &Signature) -> String {
    let blob = [signature.key_id.to_be_bytes().as_slice(), &signature.bytes].concat();
    format!("{SIGNATURE_LINE}{} {}\n", signature.name, STANDARD.encode(blob))
}

#[cfg(test)]
mod tests;
