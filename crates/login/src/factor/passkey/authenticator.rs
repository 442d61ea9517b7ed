//! [Authenticator data](https://www.w3.org/TR/webauthn-2/#sctn-authenticator-data): what an authenticator signs beside the challenge.

/// As it was sent.
pub(super) struct Data<'b> {
    pub(super) party_hash: &'b [u8],
    pub(super) is_present: bool,
    pub(super) is_verified: bool,
    pub(super) may_be_copied: bool,
    pub(super) was_copied: bool,
    pub(super) count: u32,
    pub(super) credential: Option<Credential<'b>>,
}

/// A new credential.
pub(super) struct Credential<'b> {
    pub(super) id: &'b [u8],
    /// Its key, with extensions perhaps after it.
    pub(super) key: &'b [u8],
}

impl<'b> Data<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Option<Data<'b>> {
        let (party_hash, rest) = bytes.split_at_checked(32)?;
        let (flags, rest) = rest.split_first()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let has = |bit: u8| flags & 1 << bit != 0;
        let credential = if has(6) { Some(credential(rest)?) } else { None };
        // Nothing follows but what the flags announce: a credential, extensions.
        if !has(6) && !has(7) && !rest.is_empty() {
            return None;
        }
        Some(Data {
            party_hash,
            is_present: has(0),
            is_verified: has(2),
            may_be_copied: has(3),
            was_copied: has(4),
            count: u32::from_be_bytes(*count),
            credential,
        })
    }
}

fn credential(bytes: &[u8]) -> Option<Credential<'_>> {
    // The make of the authenticator, 16 bytes, is not asked for.
    let (_, rest) = bytes.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (id, key) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some(Credential { id, key })
}
