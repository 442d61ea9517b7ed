//! The Merkle transparency log: what makes the audit trail tamper-evident to people outside the house.
//!
//! Every audit entry becomes one leaf of a SHA-256 Merkle tree (RFC 9162, section 2.1). Signed [checkpoint]s say what
//! the tree was at a given size. Whoever keeps an old checkpoint can demand a consistency [proof] that nothing before
//! it was changed or removed, and whoever is shown one line can check that this line stands in the log, all
//! offline and without trusting the server (a [receipt] is that proof as a file). Leaves carry only [commitment]s, so the tree itself tells nobody anything.
//!
//! May use: no other room. Never: I/O, clocks, randomness, keys. Salts come in as arguments, signing and checking of
//! signatures are closures, and where hashes are kept is the caller's business.
//!
//! An outsider's whole check of one line:
//!
//! ```
//! use ledger::{checkpoint::Checkpoint, commitment, proof, tree::Tree};
//!
//! // The server's side: two entries go in, and a checkpoint comes out.
//! let (salt, entry) = ([7; 32], b"who, when, what, why");
//! let leaves = [commitment::leaf(&commitment::commit(&[1; 32], b"another")), commitment::leaf(&commitment::commit(&salt, entry))];
//! let mut tree = Tree::default();
//! for leaf in &leaves {
//!     tree.append(*leaf);
//! }
//! let checkpoint = Checkpoint::new("clinic.example/log", tree.size(), tree.root());
//! let path = proof::inclusion(1, tree.size(), &proof::nodes_over(&leaves)).unwrap();
//!
//! // The outsider's side: salt, entry, index, path and checkpoint are all it takes.
//! assert!(checkpoint.includes(&salt, entry, 1, &path).is_ok());
//! assert!(checkpoint.includes(&salt, b"who, when, what, never", 1, &path).is_err());
//! ```

pub mod checkpoint;
pub mod commitment;
pub mod hash;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod tree;
