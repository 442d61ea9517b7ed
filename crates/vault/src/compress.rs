//! Compression, the step before sealing: zstd with a dictionary trained on FHIR JSON.
//!
//! It is apart from [`crate::seal`] because it costs most of the time and needs no row id: it runs before the write
//! lock is taken, sealing inside it. zstd: <https://www.rfc-editor.org/rfc/rfc8878>. How the dictionary is trained
//! is told in `data/README.md`; a dictionary that is in use is never changed, a better one gets the next number.

use std::cell::RefCell;
use std::fmt;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe;

use crate::secret;

/// The largest body, in bytes before compression: 64 MiB. Larger content is a [`crate::blob`].
pub const LARGEST_BYTES: usize = 64 << 20;

/// The number of the dictionary that new bodies are compressed with.
pub const CURRENT_DICTIONARY: u8 = 1;

/// Balances 2,000 bodies a second in against size; measured with `examples/measure.rs`.
const LEVEL: i32 = 3;

const FHIR_1: &[u8] = include_bytes!("../data/fhir-1.dict");

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(FHIR_1, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(FHIR_1));

thread_local! {
    // One working context per thread: making one costs more than compressing a body.
    static WITH_DICTIONARY: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static PLAIN: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACK_WITH_DICTIONARY: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    static UNPACK_PLAIN: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// How the bytes inside a sealed value are packed. The number stands in the sealed value's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// As they came: compression would not have made them smaller.
    Stored,
    /// zstd without a dictionary.
    Zstd,
    /// zstd with the dictionary of this number.
    ZstdWithDictionary(u8),
}

impl Codec {
    /// Header bytes: codec, dictionary.
    pub(crate) fn header(self) -> [u8; 2] {
        match self {
            Self::Stored => [0, 0],
            Self::Zstd => [1, 0],
            Self::ZstdWithDictionary(number) => [2, number],
        }
    }

    pub(crate) fn parse(header: [u8; 2]) -> Option<Self> {
        match header {
            [0, 0] => Some(Self::Stored),
            [1, 0] => Some(Self::Zstd),
            [2, CURRENT_DICTIONARY] => Some(Self::ZstdWithDictionary(CURRENT_DICTIONARY)),
            _ => None,
        }
    }
}

/// Packed plaintext, ready for [`crate::seal::seal`]. Still readable by anyone: it never goes to disk as it is.
pub struct Compressed {
    pub(crate) codec: Codec,
    pub(crate) bytes: Vec<u8>,
}

impl Compressed {
    /// How it was packed.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Packed length in bytes.
    #[allow(clippy::len_without_is_empty)] // nobody asks whether a packed body is empty
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl fmt::Debug for Compressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

/// Why something could not be packed or unpacked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Larger than the limit; large content is stored as a blob.
    #[error("{bytes} bytes are more than the {limit} a stored value may have: store large content as a blob")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The packed bytes are not what their header says.
    #[error("packed bytes do not unpack")]
    Damaged,
}

/// Packs a body with the FHIR dictionary, or stores it as it is when that is not smaller.
///
/// ```
/// let packed = vault::compress::compress(br#"{"resourceType":"Patient","id":"a"}"#)?;
/// assert!(packed.len() <= 35);
/// # Ok::<(), vault::compress::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooLarge`] over [`LARGEST_BYTES`].
pub fn compress(plain: &[u8]) -> Result<Compressed, Error> {
    check_size(plain.len() as u64, LARGEST_BYTES)?;
    let packed = WITH_DICTIONARY.with_borrow_mut(|slot| pack(slot, with_dictionary, plain));
    Ok(smaller_of(plain, packed, Codec::ZstdWithDictionary(CURRENT_DICTIONARY)))
}

/// Packs without a dictionary: for chunks of large content, where a dictionary no longer helps.
pub(crate) fn compress_chunk(plain: &[u8]) -> Compressed {
    let packed = PLAIN.with_borrow_mut(|slot| pack(slot, without_dictionary, plain));
    smaller_of(plain, packed, Codec::Zstd)
}

/// Leaves the bytes as they are: for media that is compressed already.
pub(crate) fn store(plain: &[u8]) -> Compressed {
    Compressed { codec: Codec::Stored, bytes: plain.to_vec() }
}

/// Unpacks to at most `limit` bytes; what claims more is refused before memory is given to it.
pub(crate) fn decompress(codec: Codec, packed: Vec<u8>, limit: usize) -> Result<Vec<u8>, Error> {
    match codec {
        Codec::Stored => {
            check_size(packed.len() as u64, limit)?;
            Ok(packed)
        }
        Codec::Zstd => UNPACK_PLAIN.with_borrow_mut(|slot| unpack(slot, Decompressor::new, &packed, limit)),
        Codec::ZstdWithDictionary(_) => UNPACK_WITH_DICTIONARY.with_borrow_mut(|slot| {
            unpack(slot, || Decompressor::with_prepared_dictionary(&DECODER), &packed, limit)
        }),
    }
}

fn with_dictionary() -> std::io::Result<Compressor<'static>> {
    lean(Compressor::with_prepared_dictionary(&ENCODER)?)
}

fn without_dictionary() -> std::io::Result<Compressor<'static>> {
    lean(Compressor::new(LEVEL)?)
}

/// Leaves out what the seal already says: the dictionary's id stands in its header, its tag is the checksum.
fn lean(mut compressor: Compressor<'static>) -> std::io::Result<Compressor<'static>> {
    compressor.set_parameter(zstd_safe::CParameter::ChecksumFlag(false))?;
    compressor.set_parameter(zstd_safe::CParameter::DictIdFlag(false))?;
    Ok(compressor)
}

/// `None` when zstd fails: the body is then stored as it came, which is larger and just as safe.
fn pack(
    slot: &mut Option<Compressor<'static>>,
    make: fn() -> std::io::Result<Compressor<'static>>,
    plain: &[u8],
) -> Option<Vec<u8>> {
    if slot.is_none() {
        *slot = make().ok();
    }
    let mut packed = slot.as_mut()?.compress(plain).ok()?;
    packed.shrink_to_fit();
    Some(packed)
}

fn smaller_of(plain: &[u8], packed: Option<Vec<u8>>, codec: Codec) -> Compressed {
    match packed {
        Some(bytes) if bytes.len() < plain.len() => Compressed { codec, bytes },
        _ => store(plain),
    }
}

fn unpack(
    slot: &mut Option<Decompressor<'static>>,
    make: impl FnOnce() -> std::io::Result<Decompressor<'static>>,
    packed: &[u8],
    limit: usize,
) -> Result<Vec<u8>, Error> {
    // Our own frames always state their size, so a frame without one is not ours.
    let bytes = zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or(Error::Damaged)?;
    check_size(bytes, limit)?;
    if slot.is_none() {
        *slot = make().ok();
    }
    let decompressor = slot.as_mut().ok_or(Error::Damaged)?;
    let plain = decompressor.decompress(packed, bytes as usize).map_err(|_| Error::Damaged)?;
    if plain.len() as u64 == bytes { Ok(plain) } else { Err(Error::Damaged) }
}

fn check_size(bytes: u64, limit: usize) -> Result<(), Error> {
    let limit = limit as u64;
    if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_goes_in_comes_out(plain in prop::collection::vec(any::<u8>(), 0..4096)) {
            let packed = compress(&plain).unwrap();
            prop_assert!(packed.len() <= plain.len());
            prop_assert_eq!(&decompress(packed.codec, packed.bytes, LARGEST_BYTES).unwrap(), &plain);
            let chunk = compress_chunk(&plain);
            prop_assert_eq!(&decompress(chunk.codec, chunk.bytes, LARGEST_BYTES).unwrap(), &plain);
        }

        #[test]
        fn garbage_that_claims_to_be_zstd_is_refused_and_never_panics(junk in prop::collection::vec(any::<u8>(), 0..512)) {
            for codec in [Codec::Zstd, Codec::ZstdWithDictionary(1)] {
                prop_assert!(decompress(codec, junk.clone(), 1 << 20).is_err());
            }
        }
    }

    #[test]
    fn a_small_resource_shrinks_with_the_dictionary() {
        let plain = br#"{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]},"subject":{"reference":"Patient/p1"}}"#;
        let packed = compress(plain).unwrap();
        assert_eq!(packed.codec(), Codec::ZstdWithDictionary(1));
        assert!(packed.len() * 2 < plain.len(), "{} of {}", packed.len(), plain.len());
    }

    #[test]
    fn what_does_not_shrink_is_stored_as_it_is() {
        let noise = crate::random::bytes::<512>().unwrap();
        assert_eq!(compress(&noise).unwrap().codec(), Codec::Stored);
    }

    #[test]
    fn a_value_that_would_unpack_beyond_the_limit_is_refused_before_it_is_unpacked() {
        let bomb = compress_chunk(&vec![0; 1 << 20]);
        assert!(bomb.len() < 1000);
        let refused = decompress(bomb.codec, bomb.bytes, 1000);
        assert_eq!(refused, Err(Error::TooLarge { bytes: 1 << 20, limit: 1000 }));
    }

    #[test]
    fn a_body_over_the_limit_is_refused() {
        let refused = compress(&vec![b' '; LARGEST_BYTES + 1]).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { .. }));
    }
}
