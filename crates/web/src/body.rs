//! Request bodies, read whole and bounded twice: each for itself, and all together.

use crate::failure::Failure;
use axum::{body::Body, http::StatusCode};
use bytes::{Bytes, BytesMut};
use fhir::outcome::IssueCode;
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory for bodies is counted in units of this many bytes.
const UNIT: usize = 4096;

/// The memory that request bodies share.
#[derive(Debug)]
pub struct Room {
    units: Arc<Semaphore>,
    limit_bytes: usize,
}

/// A body, with its share of the [`Room`] until it is dropped.
#[derive(Debug)]
pub struct Bounded {
    /// What was sent.
    pub bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Room for `all_bytes` of bodies, none longer than `limit_bytes`.
    pub fn new(limit_bytes: usize, all_bytes: usize) -> Room {
        let units = (all_bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Room { units: Arc::new(Semaphore::new(units)), limit_bytes }
    }

    /// Reads a body. `announced` is its `Content-Length`, if it has one.
    ///
    /// # Errors
    /// 413 over the limit; 503 where the room is full; 400 where the client stops halfway.
    pub async fn read(&self, body: Body, announced: Option<usize>) -> Result<Bounded, Failure> {
        if announced.is_some_and(|length| length > self.limit_bytes) {
            return Err(self.too_long());
        }
        let mut stream = body.into_data_stream();
        let mut share = None;
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk =
                chunk.map_err(|_| Failure::invalid(IssueCode::Incomplete, "the body ended too early"))?;
            let length = first.len().max(rest.len()) + chunk.len();
            if length > self.limit_bytes {
                return Err(self.too_long());
            }
            self.extend(&mut share, length)?;
            if first.is_empty() && rest.is_empty() {
                // One chunk is all there is to most bodies: it stays where it is.
                first = chunk;
                continue;
            }
            if rest.is_empty() {
                rest.reserve(announced.unwrap_or(2 * length).min(self.limit_bytes));
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&chunk);
        }
        let bytes = if rest.is_empty() { first } else { rest.freeze() };
        Ok(Bounded { bytes, _share: share })
    }

    /// As [`Room::read`] of a body of a browser, which shows no answer before all is sent: what is over the limit is thrown away as it
    /// comes, and then it is `None`.
    ///
    /// # Errors
    /// 503 where the room is full; 400 where the client stops halfway.
    pub async fn read_or_drain(&self, body: Body) -> Result<Option<Bounded>, Failure> {
        let mut stream = body.into_data_stream();
        let (mut share, mut whole) = (None, BytesMut::new());
        let mut length = 0usize;
        while let Some(chunk) = stream.next().await {
            let chunk =
                chunk.map_err(|_| Failure::invalid(IssueCode::Incomplete, "the body ended too early"))?;
            length = length.saturating_add(chunk.len());
            if length > self.limit_bytes {
                (share, whole) = (None, BytesMut::new());
                continue;
            }
            self.extend(&mut share, length)?;
            whole.extend_from_slice(&chunk);
        }
        Ok((length <= self.limit_bytes).then(|| Bounded { bytes: whole.freeze(), _share: share }))
    }

    fn extend(&self, share: &mut Option<OwnedSemaphorePermit>, length: usize) -> Result<(), Failure> {
        let held = share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = length.div_ceil(UNIT).saturating_sub(held);
        if wanted == 0 {
            return Ok(());
        }
        let full = |_| {
            Failure::busy(
                "the server is taking in as much as it can hold; nothing was done, try again in a second",
            )
        };
        let more = u32::try_from(wanted).map_err(|_| self.too_long())?;
        let more = Arc::clone(&self.units).try_acquire_many_owned(more).map_err(full)?;
        match share {
            Some(share) => share.merge(more),
            None => *share = Some(more),
        }
        Ok(())
    }

    fn too_long(&self) -> Failure {
        let text = format!("the body is longer than {} bytes; send it in smaller parts", self.limit_bytes);
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, IssueCode::TooLong, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use std::convert::Infallible;

    fn body(chunks: &[&str]) -> Body {
        let chunks: Vec<_> = chunks.iter().map(|c| Ok::<_, Infallible>(Bytes::from(c.to_string()))).collect();
        Body::from_stream(stream::iter(chunks))
    }

    #[tokio::test]
    async fn what_a_browser_sends_too_much_of_is_heard_to_its_end_and_not_kept() {
        let room = Room::new(6, 4096);
        assert_eq!(room.read_or_drain(body(&["abc", "def"])).await.unwrap().unwrap().bytes, "abcdef");
        assert!(room.read_or_drain(body(&["abc", "def", "g", "hij"])).await.unwrap().is_none());
        assert_eq!(room.units.available_permits(), 1);
    }

    #[tokio::test]
    async fn chunks_come_together_in_order() {
        let room = Room::new(9, 1 << 20);
        for chunks in [&[][..], &["abc"], &["abc", "def"], &["a", "", "bc", "defghi"], &["", "a"]] {
            let read = room.read(body(chunks), None).await.unwrap();
            assert_eq!(read.bytes, chunks.concat());
        }
    }

    #[tokio::test]
    async fn a_long_body_is_refused_whether_it_is_announced_or_not() {
        let room = Room::new(9, 1 << 20);
        for (chunks, announced) in
            [(&["abcde", "fghij"][..], None), (&[], Some(10)), (&["0123456789"], Some(3))]
        {
            let status = room.read(body(chunks), announced).await.unwrap_err().status;
            assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        }
    }

    #[tokio::test]
    async fn all_bodies_together_stay_in_the_room_and_leave_it() {
        let room = Room::new(3 * UNIT, 4 * UNIT);
        let three = "x".repeat(3 * UNIT);
        let held = room.read(body(&[&three]), None).await.unwrap();
        let status = room.read(body(&[&three[..UNIT], &three[UNIT..]]), None).await.unwrap_err().status;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        room.read(body(&["a"]), None).await.unwrap();
        drop(held);
        room.read(body(&[&three]), None).await.unwrap();
    }
}
