//! The one source of randomness for secrets in the house: the operating system, through `aws-lc-rs`.
//!
//! Keys, salts, nonces and tokens come from here and from nowhere else, so that one page shows where they are made.
//! Ids and anything a test wants to fix are arguments instead.

use aws_lc_rs::rand;

/// The system gave no randomness. Nothing secret can be made; the caller must stop.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: nothing can be sealed until it does")]
pub struct Unavailable;

/// Fills `bytes` with randomness fit for keys.
///
/// # Errors
/// [`Unavailable`] when the operating system refuses.
pub fn fill(bytes: &mut [u8]) -> Result<(), Unavailable> {
    rand::fill(bytes).map_err(|_| Unavailable)
}

/// `N` random bytes fit for salts, nonces and ids. For keys, see [`crate::secret::Secret::random`], which wipes.
///
/// # Errors
/// [`Unavailable`] when the operating system refuses.
pub fn bytes<const N: usize>() -> Result<[u8; N], Unavailable> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>().unwrap(), bytes::<32>().unwrap());
    }
}
