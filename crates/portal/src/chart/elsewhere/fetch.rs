//! The fetch itself, after the page that began it was answered: it goes on while the patient reads something else.

use care::elsewhere::{
    came::{Came, Why},
    walk::{Offers, Walk, capabilities},
};
use jiff::SignedDuration;
use login::elsewhere::{parcel::Slip, walk::Token};
use std::{sync::Arc, time::Duration};
use web::{
    door::Door,
    outside::{self, Error, Fetch, aside},
};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long all of it may take; then what is there is taken, and the rest is told.
const ALL: SignedDuration = SignedDuration::from_mins(4);

/// The longest word of a server on what it can do, in bytes.
const LONGEST: usize = 16 << 20;

/// What is fetched, and where it goes. The token ends with it.
#[derive(Clone)]
pub(super) struct Errand {
    pub(super) base: String,
    pub(super) token: Arc<Token>,
    pub(super) slip: Slip,
}

/// Fetches a record and puts it where it waits for the patient's word.
pub(super) async fn bring(door: Arc<Door>, errand: Errand) {
    let came = match walked(&door, &errand).await {
        Ok(came) => came,
        Err(why) => return lose(&door, errand.slip, why.word()).await,
    };
    let scanner = door.scanner();
    let scanned = aside(move || {
        let mut came = came;
        let is_bad = |bytes: &[u8]| crate::chart::upload::is_bad(scanner, bytes);
        came.scan(&is_bad).map(|()| came.render())
    });
    match scanned.await {
        Some(Ok(bytes)) => {
            let (slip, now) = (errand.slip, door.gate().now());
            // Where it cannot be kept, the page says after its time that nothing came.
            let _ = door
                .login(move |login| login.fill_parcel(&slip, Ok(&bytes), now).map_err(crate::failure::of))
                .await;
        }
        Some(Err(_)) => lose(&door, errand.slip, "scanner").await,
        None => lose(&door, errand.slip, "fault").await,
    }
}

/// Writes down that nothing came, and why.
pub(super) async fn lose(door: &Door, slip: Slip, word: &'static str) {
    let now = door.gate().now();
    let _ =
        door.login(move |login| login.fill_parcel(&slip, Err(word), now).map_err(crate::failure::of)).await;
}

async fn walked(door: &Door, errand: &Errand) -> Result<Came, Why> {
    let begun = door.gate().now();
    let address = capabilities(&errand.base);
    let said = Fetch {
        address: &address,
        accept: "application/fhir+json",
        bearer: None,
        longest: LONGEST,
        patience: PATIENCE,
    };
    let offers = match outside::fetch(said).await {
        Ok(came) => aside(move || Offers::read(&came.bytes)).await.unwrap_or_default(),
        Err(_) => Offers::default(),
    };
    let mut walk = Walk::new(&errand.base, &errand.token.patient, offers);
    loop {
        if door.gate().now().duration_since(begun) > ALL {
            walk.stop();
        }
        let Some(wanted) = walk.wanted() else { break };
        let fetch = Fetch {
            address: &wanted.address,
            accept: wanted.accept,
            bearer: Some(&errand.token.access),
            longest: wanted.longest,
            patience: PATIENCE,
        };
        let answer = outside::fetch(fetch).await.map_err(|error| why(&error));
        let read = aside(move || {
            let answer = answer.as_ref().map(|came| (came.kind.as_str(), came.bytes.as_slice()));
            walk.took(answer.map_err(|why| *why));
            walk
        });
        walk = read.await.ok_or(Why::Fault)?;
    }
    walk.done()
}

fn why(error: &Error) -> Why {
    match error {
        Error::Late => Why::Late,
        Error::TooLong => Why::TooLong,
        Error::Status(401 | 403) => Why::Refused,
        Error::Status(404 | 410) => Why::Missing,
        // A redirect is not followed: it could lead anywhere.
        Error::Status(300..=399) => Why::Elsewhere,
        Error::Status(_) => Why::Fault,
        Error::Broken => Why::Unreadable,
        Error::Address => Why::Elsewhere,
        Error::Unreachable(_) => Why::Unreachable,
    }
}
