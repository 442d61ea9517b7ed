//! The keyring's file: checksummed frames, appended and never changed in place.
//!
//! ```text
//! frame    "KWF1" · kind u8 · length u32 · payload · check 8 (SHA-256 of all before it, cut)
//! header   JSON: format, keyring id, generation, record of the root, wrapped house keys    (first frame, once)
//! owners   n × (owner i64 · nonce 12 · wrapped key 32 · tag 16)
//! erased   n × owner i64
//! torn     offset u64 · length u64: these bytes before me are an append that a crash cut off
//! ```
//!
//! One append is one frame. A bad frame with nothing valid after it is an append that a crash tore: it was never
//! acknowledged, so nothing was sealed with its keys. It is left where it is and noted with a `torn` frame before the
//! next append. A bad frame followed by anything else is damage, and damage is never skipped.
//! Checks find accidents; against change, every key is wrapped with its owner, generation and keyring id.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::provider::RootRecord;
use crate::seal::{WRAPPED_BYTES, Wrapped};

const MARKER: &[u8; 4] = b"KWF1";
const FRAME_START: usize = MARKER.len() + 1 + 4;
const CHECK_BYTES: usize = 8;
const OWNER_BYTES: usize = 8 + WRAPPED_BYTES;

/// The only header format there is.
pub(super) const FORMAT: u32 = 1;
/// The most owners in one frame, and so in one append.
pub(super) const OWNERS_PER_FRAME: usize = 16_384;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Header = 1,
    Owners = 2,
    Erased = 3,
    Torn = 4,
}

impl Kind {
    fn parse(byte: u8) -> Option<Self> {
        [Self::Header, Self::Owners, Self::Erased, Self::Torn].into_iter().find(|kind| *kind as u8 == byte)
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: u32,
    /// 16 random bytes in base64url: no two installations have the same.
    pub(super) keyring: String,
    pub(super) generation: u64,
    pub(super) root: RootRecord,
    /// Wrapped house keys by name, in base64url.
    pub(super) house: BTreeMap<String, String>,
}

/// Everything a keyring file says.
pub(super) struct Content {
    pub(super) header: Header,
    pub(super) wrapped: HashMap<i64, Wrapped>,
    pub(super) erased: BTreeSet<i64>,
    /// An append at the end that a crash tore and that is not noted yet.
    pub(super) torn: Option<Range<usize>>,
}

/// Why a file is no keyring.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// Damaged at this offset.
    Damaged(usize),
    /// Written by a newer version.
    Newer,
}

/// Renders a whole keyring file.
pub(super) fn render(
    header: &Header,
    erased: &BTreeSet<i64>,
    wrapped: &HashMap<i64, Wrapped>,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut file = Vec::with_capacity(4096 + wrapped.len() * (OWNER_BYTES + 1));
    push_frame(&mut file, Kind::Header, &serde_json::to_vec(header)?);
    if !erased.is_empty() {
        let payload: Vec<u8> = erased.iter().flat_map(|owner| owner.to_be_bytes()).collect();
        push_frame(&mut file, Kind::Erased, &payload);
    }
    let mut owners: Vec<(i64, &Wrapped)> = wrapped.iter().map(|(owner, key)| (*owner, key)).collect();
    owners.sort_unstable_by_key(|(owner, _)| *owner);
    for group in owners.chunks(OWNERS_PER_FRAME) {
        file.extend_from_slice(&owners_frame(group.iter().copied()));
    }
    Ok(file)
}

/// The frame that adds owners.
pub(super) fn owners_frame<'a>(owners: impl Iterator<Item = (i64, &'a Wrapped)>) -> Vec<u8> {
    let mut payload = Vec::new();
    for (owner, wrapped) in owners {
        payload.extend_from_slice(&owner.to_be_bytes());
        payload.extend_from_slice(wrapped);
    }
    frame(Kind::Owners, &payload)
}

/// The frame that notes a torn append.
pub(super) fn torn_frame(torn: &Range<usize>) -> Vec<u8> {
    let (offset, length) = (torn.start as u64, torn.len() as u64);
    frame(Kind::Torn, &[offset.to_be_bytes(), length.to_be_bytes()].concat())
}

fn frame(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(FRAME_START + payload.len() + CHECK_BYTES);
    push_frame(&mut frame, kind, payload);
    frame
}

fn push_frame(file: &mut Vec<u8>, kind: Kind, payload: &[u8]) {
    let start = file.len();
    file.extend_from_slice(MARKER);
    file.push(kind as u8);
    // A frame of 4 GiB would need 500 million erased owners.
    file.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    file.extend_from_slice(payload);
    let check = check(&file[start..]);
    file.extend_from_slice(&check);
}

fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&digest::digest(&digest::SHA256, bytes).as_ref()[..CHECK_BYTES]);
    check
}

/// A frame whose check holds: its kind byte, its payload, its whole length.
struct Frame<'a> {
    kind: u8,
    payload: &'a [u8],
    length: usize,
}

fn read_frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let rest = bytes.strip_prefix(MARKER)?;
    let (kind, rest) = rest.split_first()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    let end = FRAME_START.checked_add(u32::from_be_bytes(*length) as usize)?;
    let (checked, rest) = bytes.split_at_checked(end)?;
    let (expected, _) = rest.split_first_chunk::<CHECK_BYTES>()?;
    (check(checked) == *expected).then(|| Frame {
        kind: *kind,
        payload: &checked[FRAME_START..],
        length: end + CHECK_BYTES,
    })
}

/// The offset of the next frame at or after `from`.
fn next_frame(bytes: &[u8], from: usize) -> Option<usize> {
    let candidates = bytes.get(from..)?.windows(MARKER.len()).enumerate();
    candidates
        .filter(|(_, window)| *window == MARKER)
        .map(|(at, _)| from + at)
        .find(|at| read_frame(&bytes[*at..]).is_some())
}

/// Reads a keyring file.
pub(super) fn parse(bytes: &[u8]) -> Result<Content, Malformed> {
    let first = read_frame(bytes).ok_or(Malformed::Damaged(0))?;
    if Kind::parse(first.kind) != Some(Kind::Header) {
        return Err(Malformed::Damaged(0));
    }
    let header = parse_header(first.payload)?;
    let mut content = Content { header, wrapped: HashMap::new(), erased: BTreeSet::new(), torn: None };
    content.wrapped.reserve(bytes.len() / OWNER_BYTES);
    let mut at = first.length;
    while at < bytes.len() {
        if let Some(frame) = read_frame(&bytes[at..]) {
            content.apply(&frame).ok_or(Malformed::Damaged(at))??;
            at += frame.length;
            continue;
        }
        match next_frame(bytes, at + 1) {
            None => {
                content.torn = Some(at..bytes.len());
                break;
            }
            Some(next) if notes(&bytes[next..], at..next) => at = next,
            Some(_) => return Err(Malformed::Damaged(at)),
        }
    }
    Ok(content)
}

fn parse_header(payload: &[u8]) -> Result<Header, Malformed> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let version: Version = serde_json::from_slice(payload).map_err(|_| Malformed::Damaged(0))?;
    if version.format != FORMAT {
        return Err(Malformed::Newer);
    }
    serde_json::from_slice(payload).map_err(|_| Malformed::Damaged(0))
}

/// Whether the frame at the start of `bytes` notes exactly this torn range.
fn notes(bytes: &[u8], torn: Range<usize>) -> bool {
    bytes.starts_with(&torn_frame(&torn))
}

impl Content {
    /// Takes in one frame. `None` when it contradicts what came before.
    fn apply(&mut self, frame: &Frame<'_>) -> Option<Result<(), Malformed>> {
        let Some(kind) = Kind::parse(frame.kind) else {
            return Some(Err(Malformed::Newer));
        };
        match kind {
            Kind::Header => return None,
            Kind::Torn => {}
            Kind::Erased => {
                let (owners, rest) = frame.payload.as_chunks::<8>();
                if !rest.is_empty() {
                    return None;
                }
                self.erased.extend(owners.iter().map(|owner| i64::from_be_bytes(*owner)));
            }
            Kind::Owners => {
                let (owners, rest) = frame.payload.as_chunks::<OWNER_BYTES>();
                if !rest.is_empty() {
                    return None;
                }
                for record in owners {
                    let (owner, wrapped) = record.split_first_chunk::<8>()?;
                    let wrapped = Wrapped::try_from(wrapped).ok()?;
                    if self.wrapped.insert(i64::from_be_bytes(*owner), wrapped).is_some() {
                        return None;
                    }
                }
            }
        }
        Some(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header() -> Header {
        let root = RootRecord::KeyFile { salt: "c2FsdA".into(), key: "id".into() };
        Header { format: FORMAT, keyring: "aWQ".into(), generation: 1, root, house: BTreeMap::new() }
    }

    fn file(groups: &[&[i64]]) -> Vec<u8> {
        let mut file = render(&header(), &BTreeSet::new(), &HashMap::new()).unwrap();
        for group in groups {
            file.extend(owners_frame(group.iter().map(|owner| (*owner, &[7; WRAPPED_BYTES]))));
        }
        file
    }

    fn owners(content: &Content) -> Vec<i64> {
        let mut owners: Vec<i64> = content.wrapped.keys().copied().collect();
        owners.sort_unstable();
        owners
    }

    #[test]
    fn an_append_torn_at_any_byte_is_left_out_and_the_rest_stands() {
        let before = file(&[&[1, 2]]);
        let whole = file(&[&[1, 2], &[3, 4]]);
        for length in before.len()..whole.len() {
            let content = parse(&whole[..length]).ok().unwrap();
            assert_eq!(owners(&content), [1, 2], "cut at {length}");
            assert_eq!(content.torn.is_some(), length > before.len());
        }
        assert_eq!(owners(&parse(&whole).ok().unwrap()), [1, 2, 3, 4]);
    }

    #[test]
    fn an_append_whose_first_page_never_reached_the_disk_is_torn_as_well() {
        let before = file(&[&[1, 2]]).len();
        let mut bytes = file(&[&[1, 2], &[3, 4]]);
        bytes[before..before + 40].fill(0);
        let content = parse(&bytes).ok().unwrap();
        assert_eq!(owners(&content), [1, 2]);
        assert_eq!(content.torn, Some(before..bytes.len()));
    }

    #[test]
    fn appends_after_a_noted_tear_are_read() {
        let mut bytes = file(&[&[1]]);
        let start = bytes.len();
        bytes.extend_from_slice(b"KWF1 half of somethi");
        let torn = parse(&bytes).ok().unwrap().torn.unwrap();
        assert_eq!(torn, start..bytes.len());
        bytes.extend(torn_frame(&torn));
        bytes.extend(owners_frame([(2, &[7; WRAPPED_BYTES])].into_iter()));
        let content = parse(&bytes).ok().unwrap();
        assert_eq!(owners(&content), [1, 2]);
        assert_eq!(content.torn, None);
    }

    #[test]
    fn a_torn_note_is_torn_together_with_what_it_notes() {
        let mut bytes = file(&[&[1]]);
        let start = bytes.len();
        bytes.extend_from_slice(b"half");
        let note = torn_frame(&(start..bytes.len()));
        bytes.extend_from_slice(&note[..10]);
        assert_eq!(parse(&bytes).ok().unwrap().torn, Some(start..bytes.len()));
    }

    #[test]
    fn a_flipped_byte_before_the_last_append_is_damage_and_never_skipped() {
        let last = file(&[&[1, 2], &[3]]).len();
        let good = file(&[&[1, 2], &[3], &[4]]);
        for at in 0..last {
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            assert!(matches!(parse(&bad), Err(Malformed::Damaged(_))), "byte {at}");
        }
    }

    #[test]
    fn the_same_owner_twice_is_damage() {
        assert!(matches!(parse(&file(&[&[1], &[1]])), Err(Malformed::Damaged(_))));
    }

    #[test]
    fn a_frame_or_format_from_the_future_is_told_apart_from_damage() {
        let mut bytes = file(&[]);
        let mut future = frame(Kind::Owners, b"");
        future[4] = 99;
        let end = future.len() - CHECK_BYTES;
        let again = check(&future[..end]);
        future[end..].copy_from_slice(&again);
        bytes.extend(future);
        assert!(matches!(parse(&bytes), Err(Malformed::Newer)));
        let next = Header { format: 2, ..header() };
        let bytes = render(&next, &BTreeSet::new(), &HashMap::new()).unwrap();
        assert!(matches!(parse(&bytes), Err(Malformed::Newer)));
    }

    proptest! {
        #[test]
        fn what_is_rendered_is_read(
            wrapped in prop::collection::hash_map(any::<i64>(), any::<[u8; 4]>(), 0..50),
            erased in prop::collection::btree_set(any::<i64>(), 0..9),
        ) {
            let wrapped: HashMap<i64, Wrapped> = wrapped
                .into_iter()
                .map(|(owner, seed)| (owner, std::array::from_fn(|at| seed[at % 4])))
                .collect();
            let content = parse(&render(&header(), &erased, &wrapped).unwrap()).ok().unwrap();
            prop_assert_eq!(content.wrapped, wrapped);
            prop_assert_eq!(content.erased, erased);
        }

        #[test]
        fn garbage_is_no_keyring_and_never_panics(junk in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(parse(&junk).is_err());
            let mut after = file(&[&[1]]);
            after.extend(&junk);
            let _ = parse(&after);
        }
    }
}
