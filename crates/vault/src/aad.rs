//! What a sealed value is bound to: the associated data that ties ciphertext to its place in the house.
//!
//! Every kind of place starts with its own tag byte and has a fixed width, big-endian, so no two places ever encode
//! alike. A value moved to another row, version, owner or position does not open.

/// Space for the four header bytes of [`crate::seal`], then the tag, then the widest place (an owner key's).
const CAPACITY: usize = HEADER_BYTES + 1 + 40;
const HEADER_BYTES: usize = 4;

const BODY: u8 = 1;
const AUDIT_LEAF: u8 = 2;
const BLOB_CHUNK: u8 = 3;
const BLOB_MANIFEST: u8 = 4;
const HEAD: u8 = 5;
const OWNER_KEY: u8 = 6;
const HOUSE_KEY: u8 = 7;
const LABELLED: u8 = 8;

/// The place one sealed value belongs to. Cheap to build and copy; holds nothing secret.
///
/// ```
/// use vault::aad::Aad;
/// let body = Aad::body(7, 1, 12, 3);
/// assert_ne!(body, Aad::body(7, 2, 12, 3));
/// assert_ne!(Aad::audit_leaf(1), Aad::head(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aad {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Aad {
    /// A resource version: row id, version number, the number of its type, the owner of its key.
    pub fn body(rid: i64, version: i64, kind: u32, owner: i64) -> Self {
        Self::tagged(BODY)
            .then(&rid.to_be_bytes())
            .then(&version.to_be_bytes())
            .then(&kind.to_be_bytes())
            .then(&owner.to_be_bytes())
    }

    /// An audit entry by its index in the log.
    pub fn audit_leaf(index: u64) -> Self {
        Self::tagged(AUDIT_LEAF).then(&index.to_be_bytes())
    }

    /// One chunk of a blob: the object, the chunk's number from 0, and whether it is the last one.
    pub fn blob_chunk(object: ObjectId, index: u32, last: bool) -> Self {
        Self::tagged(BLOB_CHUNK).then(&object.0).then(&index.to_be_bytes()).then(&[u8::from(last)])
    }

    /// The manifest that closes a blob.
    pub(crate) fn blob_manifest(object: ObjectId) -> Self {
        Self::tagged(BLOB_MANIFEST).then(&object.0)
    }

    /// A head: a single value of the installation that moves forward, such as the log's size and root, bound to
    /// its own sequence number. Its key says which head it is ([`crate::keyring::AuditKey::head`]).
    pub fn head(number: u64) -> Self {
        Self::tagged(HEAD).then(&number.to_be_bytes())
    }

    /// A value under a labelled key ([`crate::keyring::OwnerKey::labelled`]), by its row id.
    pub fn labelled(rid: i64) -> Self {
        Self::tagged(LABELLED).then(&rid.to_be_bytes())
    }

    pub(crate) fn owner_key(owner: i64, generation: u64, keyring: &[u8; 16]) -> Self {
        Self::tagged(OWNER_KEY).then(&owner.to_be_bytes()).then(&generation.to_be_bytes()).then(keyring)
    }

    pub(crate) fn house_key(number: u64, generation: u64, keyring: &[u8; 16]) -> Self {
        Self::tagged(HOUSE_KEY).then(&number.to_be_bytes()).then(&generation.to_be_bytes()).then(keyring)
    }

    fn tagged(tag: u8) -> Self {
        Self { bytes: [0; CAPACITY], length: HEADER_BYTES }.then(&[tag])
    }

    /// Appends a field. Every field list above is fixed and fits; `aad_never_overflows` holds it.
    fn then(mut self, field: &[u8]) -> Self {
        let end = self.length + field.len();
        self.bytes[self.length..end].copy_from_slice(field);
        self.length = end;
        self
    }

    /// The place alone, for values without a header (wrapped keys).
    pub(crate) fn place(&self) -> &[u8] {
        &self.bytes[HEADER_BYTES..self.length]
    }

    /// The place with the sealed value's header in front, so that no header byte can be changed either.
    pub(crate) fn under(&mut self, header: [u8; HEADER_BYTES]) -> &[u8] {
        self.bytes[..HEADER_BYTES].copy_from_slice(&header);
        &self.bytes[..self.length]
    }
}

/// The 16 random bytes that name a blob, for its whole life and in every store it is copied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub [u8; 16]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aad_never_overflows_and_no_two_places_are_alike() {
        let object = ObjectId([1; 16]);
        let places = [
            Aad::body(1, 1, 1, 1),
            Aad::body(1, 2, 1, 1),
            Aad::body(1, 1, 2, 1),
            Aad::body(1, 1, 1, 2),
            Aad::body(2, 1, 1, 1),
            Aad::audit_leaf(1),
            Aad::head(1),
            Aad::labelled(1),
            Aad::blob_chunk(object, 0, false),
            Aad::blob_chunk(object, 0, true),
            Aad::blob_chunk(object, 1, false),
            Aad::blob_chunk(ObjectId([2; 16]), 0, false),
            Aad::blob_manifest(object),
            Aad::owner_key(1, 1, &[1; 16]),
            Aad::house_key(1, 1, &[1; 16]),
        ];
        for (at, one) in places.iter().enumerate() {
            for other in &places[at + 1..] {
                assert_ne!(one.place(), other.place());
            }
        }
    }

    #[test]
    fn numbers_stand_at_full_width_so_neighbours_cannot_run_together() {
        assert_eq!(Aad::body(0x0102, 3, 4, -1).place().len(), 29);
        assert_eq!(&Aad::body(0x0102, 3, 4, -1).place()[..9], &[BODY, 0, 0, 0, 0, 0, 0, 1, 2]);
    }
}
