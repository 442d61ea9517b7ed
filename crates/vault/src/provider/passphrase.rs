//! A root from a passphrase: Argon2id, <https://www.rfc-editor.org/rfc/rfc9106>.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::Error;
use crate::secret::{Secret, sealed};

const LEAST_CHARS: usize = 12;

/// What one guess costs. Stored in the keyring, so that it can be raised at the next rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB: at least 65,536.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, three passes, four lanes.
    fn default() -> Self {
        Self { memory_kib: 64 << 10, passes: 3, lanes: 4 }
    }
}

impl Cost {
    /// The floor keeps a guess dear, the ceiling keeps a damaged header from taking the machine's memory.
    fn is_sane(self) -> bool {
        (64 << 10..=4 << 20).contains(&self.memory_kib)
            && (1..=64).contains(&self.passes)
            && (1..=64).contains(&self.lanes)
    }
}

/// A passphrase and what guessing it shall cost. Wiped when dropped.
pub struct Passphrase {
    text: Zeroizing<String>,
    cost: Cost,
}

impl Passphrase {
    /// Takes a passphrase, at the cost new generations shall have. Line ends at its end, which files and pipes add,
    /// are not part of it.
    ///
    /// # Errors
    /// [`Error::TooShort`] under 12 characters; [`Error::BadRecord`] for a cost out of range.
    pub fn new(mut text: String, cost: Cost) -> Result<Self, Error> {
        let kept = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
        text.zeroize();
        if kept.chars().count() < LEAST_CHARS {
            return Err(Error::TooShort { least: LEAST_CHARS });
        }
        if !cost.is_sane() {
            return Err(Error::BadRecord);
        }
        Ok(Self { text: kept, cost })
    }

    pub(super) fn cost(&self) -> Cost {
        self.cost
    }

    pub(super) fn root(&self, salt: &[u8], cost: Cost) -> Result<Secret, Error> {
        if !cost.is_sane() {
            return Err(Error::BadRecord);
        }
        let mut root = Secret::empty();
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(root.bytes().len()))
            .map_err(|_| Error::BadRecord)?;
        // Our own memory, so that it is wiped: the root could be worked out from it.
        let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                self.text.as_bytes(),
                salt,
                root.bytes_mut(),
                memory.as_mut_slice(),
            )
            .map_err(|_| Error::BadRecord)?;
        Ok(root)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sealed(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_passphrase_is_refused_with_advice() {
        let refused = Passphrase::new("eleven char\n".into(), Cost::default()).unwrap_err();
        assert!(refused.to_string().contains("five random words"));
    }

    #[test]
    fn a_cost_below_the_floor_or_above_the_ceiling_is_refused() {
        for cost in [
            Cost { memory_kib: 1024, ..Cost::default() },
            Cost { memory_kib: 5 << 20, ..Cost::default() },
            Cost { passes: 0, ..Cost::default() },
            Cost { lanes: 100, ..Cost::default() },
        ] {
            assert!(Passphrase::new("long enough it is".into(), cost).is_err());
            let sane = Passphrase::new("long enough it is".into(), Cost::default()).unwrap();
            assert!(matches!(sane.root(&[0; 16], cost), Err(Error::BadRecord)));
        }
    }

    #[test]
    fn a_line_end_is_no_part_of_the_passphrase_and_the_salt_matters() {
        let typed = Passphrase::new("long enough it is".into(), Cost::default()).unwrap();
        let piped = Passphrase::new("long enough it is\r\n".into(), Cost::default()).unwrap();
        let root = typed.root(&[1; 16], Cost::default()).unwrap();
        assert_eq!(root.bytes(), piped.root(&[1; 16], Cost::default()).unwrap().bytes());
        assert_ne!(root.bytes(), typed.root(&[2; 16], Cost::default()).unwrap().bytes());
    }
}
