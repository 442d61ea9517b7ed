//! The vault: keys and sealing. Everything Keepwell stores passes through here on its way to disk and back.
//!
//! **What it is.** Root key providers ([`provider`]), the file that keeps every patient's data key wrapped under
//! the root ([`keyring`]), authenticated encryption of stored values ([`seal`], [`compress`], [`aad`]) and of large
//! content in chunks ([`blob`]), what leaves sealed for a key of its own ([`jwe`]), blind index terms ([`blind`]), checkpoint signatures ([`sign`]), signatures on what apps
//! check ([`ecdsa`]), and the tags and
//! tokens that login and paging hand out ([`mac`], [`token`]).
//!
//! **Keys, from the top.** root (a passphrase or a key file, outside the data) → key-encryption key of one
//! generation → one 32-byte data key per owner → one key per resource or blob → AES-256-GCM. Destroying an owner's
//! wrapped key makes everything of that owner unreadable, in every backup too ([`keyring::Keyring::destroy`]).
//!
//! **What it may use.** The cryptography of `aws-lc-rs` and `argon2`, zstd, and the files it owns: the keyring, its
//! lock and temporary file, and the root key file ([`files`] is the only module that opens any). Randomness comes
//! from one place, [`random`]; keys and nonces are made of nothing else.
//!
//! **What it never does.** It reads no clock, knows no SQL, no network and no FHIR. It hands out no raw key bytes,
//! has no `Display` for a secret, prints `sealed` for `Debug`, and wipes keys when they are dropped. It has no
//! second cipher and no unauthenticated mode: whatever does not verify does not open.

pub mod aad;
pub mod blind;
pub mod blob;
pub mod compress;
pub mod ecdsa;
pub mod files;
pub mod jwe;
pub mod keyring;
pub mod mac;
pub mod provider;
pub mod random;
pub mod seal;
pub mod secret;
pub mod sign;
pub mod token;
