//! Argon2id hashes, and the same work for somebody whom nobody knows.
//!
//! Parameters by [OWASP](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id).

use super::{Password, semaphore::Semaphore};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use std::time::Duration;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    fn default() -> Cost {
        Cost { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// Why there is no hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many people sign in at once.
    #[error("too many people sign in at once; try again in a moment")]
    Busy,
    /// The parameters, or a stored hash, are none.
    #[error("argon2: {0}")]
    Argon2(String),
}

/// Hashes so many passwords at once and no more, however many people come: memory is bounded.
pub struct Hasher {
    argon2: Argon2<'static>,
    places: Semaphore,
    wait: Duration,
    /// What is verified against where there is no account: nobody's password.
    nobody: String,
}

impl Hasher {
    /// A hasher for `at_once` passwords; the others wait for up to `wait`. `salt` is random.
    ///
    /// # Errors
    /// Where the parameters are out of Argon2's bounds.
    pub fn new(cost: Cost, at_once: usize, wait: Duration, salt: [u8; 16]) -> Result<Hasher, Error> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(fault)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2.hash_password(&salt, &salted(salt)?).map_err(fault)?.to_string();
        Ok(Hasher { argon2, places: Semaphore::new(at_once), wait, nobody })
    }

    /// The hash to be kept, in the PHC form.
    ///
    /// # Errors
    /// [`Error::Busy`] where no place came free in time.
    pub fn hash(&self, password: &Password, salt: [u8; 16]) -> Result<String, Error> {
        let _place = self.places.enter(self.wait).ok_or(Error::Busy)?;
        Ok(self.argon2.hash_password(password.bytes(), &salted(salt)?).map_err(fault)?.to_string())
    }

    /// Whether it is the password of that hash. Without one the same work is done, and it is not.
    ///
    /// # Errors
    /// [`Error::Busy`] where no place came free in time; a hash that is none.
    pub fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, Error> {
        let _place = self.places.enter(self.wait).ok_or(Error::Busy)?;
        let parsed = PasswordHash::new(hash.unwrap_or(&self.nobody)).map_err(fault)?;
        let same = self.argon2.verify_password(password.bytes(), &parsed).is_ok();
        Ok(same && hash.is_some())
    }
}

fn salted(salt: [u8; 16]) -> Result<SaltString, Error> {
    SaltString::encode_b64(&salt).map_err(fault)
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::Argon2(error.to_string())
}
