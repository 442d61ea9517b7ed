use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::secret::Secret;

const OBJECT: ObjectId = ObjectId([5; 16]);

fn key() -> SealKey {
    SealKey::new(&Secret::random().unwrap()).unwrap()
}

fn sealed(key: &SealKey, content: &[u8]) -> Vec<u8> {
    let mut object = Vec::new();
    let summary = seal(key, OBJECT, &mut &*content, &mut object).unwrap();
    assert_eq!(summary.sealed_bytes, object.len() as u64);
    assert_eq!(summary.plain_bytes, content.len() as u64);
    assert_eq!(summary.sha256, aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content).as_ref());
    object
}

fn opened(key: &SealKey, object: &[u8]) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    open(key, OBJECT, &mut &*object, &mut content).map(|_| content)
}

/// Content that does not repeat and does not shrink.
fn noise(length: usize) -> Vec<u8> {
    let mut noise = vec![0; length];
    crate::random::fill(&mut noise).unwrap();
    noise
}

/// The frames of an object: heads with their sealed values.
fn frames(object: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &object[MAGIC.len()..object.len() - TRAILER_BYTES];
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize + FRAME_HEAD_BYTES;
        frames.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    frames
}

fn assembled(frames: &[Vec<u8>], object: &[u8]) -> Vec<u8> {
    let trailer = &object[object.len() - TRAILER_BYTES..];
    [MAGIC, frames.concat().as_slice(), trailer].concat()
}

#[test]
fn content_of_every_size_around_a_chunk_comes_back() {
    let key = key();
    for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
        let content = noise(length);
        assert_eq!(opened(&key, &sealed(&key, &content)).unwrap(), content, "{length}");
    }
}

#[test]
fn text_shrinks_and_compressed_media_is_left_alone() {
    let key = key();
    let text = "Blood pressure was taken lying and standing. ".repeat(20_000);
    assert!(sealed(&key, text.as_bytes()).len() * 4 < text.len());
    let mut photo = b"\xff\xd8\xff\xe0".to_vec();
    photo.extend(vec![0; CHUNK_BYTES]); // would shrink to nothing if it were tried
    assert!(sealed(&key, &photo).len() > photo.len());
}

#[test]
fn a_flipped_byte_at_any_position_does_not_open() {
    let key = key();
    let good = sealed(&key, b"a short document");
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(opened(&key, &bad).is_err(), "byte {at}");
    }
}

#[test]
fn an_object_cut_short_anywhere_does_not_open() {
    let key = key();
    let good = sealed(&key, b"a short document");
    for length in 0..good.len() {
        assert!(opened(&key, &good[..length]).is_err(), "{length}");
    }
}

#[test]
fn anything_after_the_end_is_refused() {
    let key = key();
    let mut longer = sealed(&key, b"a short document");
    longer.push(0);
    assert!(matches!(opened(&key, &longer), Err(Error::Damaged)));
}

#[test]
fn chunks_left_out_swapped_or_repeated_do_not_open() {
    let key = key();
    let object = sealed(&key, &noise(3 * CHUNK_BYTES));
    let good = frames(&object);
    assert_eq!(good.len(), 4);
    assert!(opened(&key, &assembled(&good, &object)).is_ok());
    for order in [
        vec![1, 0, 2, 3],
        vec![0, 0, 2, 3],
        vec![0, 2, 3],
        vec![0, 1, 3],
        vec![0, 1, 2],
        vec![3],
        vec![0, 1, 2, 2, 3],
    ] {
        let frames: Vec<Vec<u8>> = order.iter().map(|at| good[*at].clone()).collect();
        assert!(matches!(opened(&key, &assembled(&frames, &object)), Err(Error::Damaged)), "{order:?}");
    }
}

#[test]
fn a_chunk_that_is_made_the_last_one_does_not_open() {
    let key = key();
    let object = sealed(&key, &noise(2 * CHUNK_BYTES));
    let mut frames = frames(&object);
    frames[0][0] = Kind::LastChunk as u8;
    assert!(matches!(opened(&key, &assembled(&frames, &object)), Err(Error::Damaged)));
}

#[test]
fn a_chunk_of_another_object_does_not_open_even_under_the_same_key() {
    let key = key();
    let mut other = Vec::new();
    seal(&key, ObjectId([6; 16]), &mut &b"a short document"[..], &mut other).unwrap();
    assert!(opened(&key, &other).is_err());
}

#[test]
fn after_an_error_the_reader_gives_nothing_more() {
    let key = key();
    let mut object = sealed(&key, &noise(3 * CHUNK_BYTES));
    object[MAGIC.len() + FRAME_HEAD_BYTES + 100] ^= 1;
    let mut reader = Reader::new(&key, OBJECT, object.as_slice()).unwrap();
    assert!(reader.next_chunk().is_err());
    assert!(reader.next_chunk().is_err());
    assert!(reader.summary().is_none());
}

#[test]
fn the_reader_is_a_stream_that_ends_with_an_error_when_the_object_is_cut() {
    let key = key();
    let content = noise(CHUNK_BYTES + 10);
    let object = sealed(&key, &content);
    let mut read = Vec::new();
    Reader::new(&key, OBJECT, object.as_slice()).unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read, content);
    let cut = &object[..object.len() - 1];
    let error = Reader::new(&key, OBJECT, cut).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_range_opens_the_same_bytes_as_the_whole() {
    let key = key();
    let content = noise(2 * CHUNK_BYTES + 777);
    let object = sealed(&key, &content);
    let manifest = Manifest::read(&key, OBJECT, &mut Cursor::new(&object)).unwrap();
    let (chunk, end) = (CHUNK_BYTES as u64, content.len() as u64);
    for range in [
        0..1,
        0..end,
        5..5,
        chunk - 1..chunk + 1,
        chunk..2 * chunk,
        2 * chunk..end,
        end - 1..end + 9,
        end..end + 1,
    ] {
        let mut part = Vec::new();
        manifest.open_range(&key, OBJECT, &mut Cursor::new(&object), range.clone(), &mut part).unwrap();
        let cut = range.start.min(end) as usize..range.end.min(end) as usize;
        assert_eq!(part, content[cut], "{range:?}");
    }
    assert_eq!(manifest.locate(chunk..chunk + 1).len(), 1);
}

#[test]
fn a_range_of_a_damaged_chunk_does_not_open_and_its_neighbours_do() {
    let key = key();
    let content = noise(3 * CHUNK_BYTES);
    let mut object = sealed(&key, &content);
    let manifest = Manifest::read(&key, OBJECT, &mut Cursor::new(&object)).unwrap();
    let middle = manifest.locate(CHUNK_BYTES as u64..CHUNK_BYTES as u64 + 1)[0].sealed.start as usize;
    object[middle + 50] ^= 1;
    let read = |range| manifest.open_range(&key, OBJECT, &mut Cursor::new(&object), range, &mut Vec::new());
    assert!(read(0..10).is_ok());
    assert!(matches!(read(CHUNK_BYTES as u64..CHUNK_BYTES as u64 + 1), Err(Error::Damaged)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_is_written_it_reads_the_same(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90_000), 0..8),
    ) {
        let key = key();
        let mut writer = Writer::new(&key, OBJECT, Vec::new()).unwrap();
        for piece in &pieces {
            writer.write_all(piece).unwrap();
        }
        let (summary, object) = writer.finish().unwrap();
        prop_assert_eq!(summary.sealed_bytes, object.len() as u64);
        prop_assert_eq!(opened(&key, &object).unwrap(), pieces.concat());
    }

    #[test]
    fn garbage_never_opens_and_never_panics(junk in prop::collection::vec(any::<u8>(), 0..400)) {
        let key = key();
        prop_assert!(opened(&key, &junk).is_err());
        prop_assert!(opened(&key, &[&MAGIC[..], &junk].concat()).is_err());
        prop_assert!(Manifest::read(&key, OBJECT, &mut Cursor::new(&junk)).is_err());
    }
}
