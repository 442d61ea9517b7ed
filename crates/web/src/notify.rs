//! Notices to apps that follow changes ([`record::subscription`]): what is due is prepared as the app may see it at that moment, signed, and
//! sent until it arrives.
//!
//! The feed is the queue: of each subscription it is kept how far it has been told, so a notice that was prepared when the process stopped is
//! prepared again with the same id, and whoever gets it twice can tell. Of several nodes, the one that first writes down that it sends is
//! the one that does. Nothing is sent from within a transaction, or with a turn at the kernel.

mod signature;

use crate::{
    caller::purpose,
    door::Door,
    failure::Failure,
    outside::{self, Error as Outside},
};
use access::act::Act;
use axum::http::{HeaderName, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use login::{
    Login,
    oauth::delivery::{Delivery, Sending, Tracked},
};
use record::{
    Record,
    error::Error,
    subscription::{
        Set, Subscription, Wanted,
        notice::{self, Head, Kind},
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

/// The least time between two rounds: changes that come close together are told together.
const ROUND: Duration = Duration::from_millis(250);

/// How often it is looked for notices that have to be sent again.
const PULSE: Duration = Duration::from_secs(1);

/// How many notices are on their way at once.
const AT_ONCE: usize = 64;

/// After how many changes without anything to tell it is written down that they were looked through.
const NOTED: i64 = 1_000;

/// How long whoever sends has a subscription to itself: longer than sending takes.
const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// How long a subscription is tried that nobody answers.
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);

/// How often a first notice is.
const GREETINGS: u32 = 3;

/// A notice ready to be sent.
struct Ready {
    tracked: Tracked,
    order: Subscription,
    endpoint: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
    /// How many events it tells of.
    events: u64,
}

/// Up to which change each subscription has been looked through without anything to tell: in memory alone, for after a start it is looked
/// through again.
type Looked = HashMap<String, i64>;

/// What one round has to go by.
struct Round {
    now: Timestamp,
    /// The newest change.
    newest: i64,
    /// Up to which change new subscriptions have been looked for.
    known: i64,
}

impl Door {
    /// Tells apps of changes until the process ends.
    pub async fn notify(self: Arc<Door>) {
        let mut changes = self.listen();
        let (mut known, mut looked) = (0, Looked::new());
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let newest = self.newest();
            match self.round(newest, known, &mut looked, &turns).await {
                Ok(()) => known = newest,
                Err(failure) => {
                    tracing::warn!(cause = failure.cause.as_deref(), "notices wait; they are tried again");
                }
            }
            sleep(ROUND).await;
            if matches!(timeout(PULSE, changes.any()).await, Ok(None)) {
                return;
            }
        }
    }

    async fn round(
        self: &Arc<Door>,
        newest: i64,
        known: i64,
        looked: &mut Looked,
        turns: &Arc<Semaphore>,
    ) -> Result<(), Failure> {
        let round = Round { now: self.gate().now(), newest, known };
        let (base, mut seen) = (self.base().to_owned(), std::mem::take(looked));
        let work = move |login: &Login, record: &Record| {
            let ready = prepare(login, record, &base, &round, &mut seen)?;
            Ok((ready, seen))
        };
        let (ready, seen) = self.pages(work).await?;
        *looked = seen;
        for ready in ready {
            // Who does not answer keeps nobody waiting but itself.
            let Ok(turn) = Arc::clone(turns).acquire_owned().await else { return Ok(()) };
            let door = Arc::clone(self);
            tokio::spawn(async move {
                let answer =
                    outside::notice(&ready.endpoint, ready.headers.clone(), ready.body.clone()).await;
                let now = door.gate().now();
                let settled =
                    door.pages(move |login, record| settle(login, record, ready, answer, now)).await;
                if let Err(failure) = settled {
                    tracing::warn!(
                        cause = failure.cause.as_deref(),
                        "a notice was sent, and that is not written down: it comes again"
                    );
                }
                drop(turn);
            });
        }
        Ok(())
    }
}

/// Looks for new subscriptions, and prepares what is due to those that are known.
fn prepare(
    login: &Login,
    record: &Record,
    base: &str,
    round: &Round,
    looked: &mut Looked,
) -> Result<Vec<Ready>, Failure> {
    let mut all = login.deliveries(round.now).map_err(fault)?;
    let known: HashSet<String> = all.iter().map(|tracked| tracked.delivery.subscription.clone()).collect();
    if round.newest > round.known {
        for order in record.subscriptions(round.now, round.known, round.newest)? {
            if order.is_on() && !known.contains(&order.id) {
                let mut tracked = Tracked::new(Delivery::new(&order.id, order.version, order.seq));
                if login.keep_delivery(&mut tracked).map_err(fault)? {
                    all.push(tracked);
                }
            }
        }
    }
    let is_due = |delivery: &Delivery| {
        let until = looked.get(&delivery.subscription).copied().unwrap_or_default().max(delivery.position);
        let has_work = !delivery.is_greeted || delivery.sending.is_some() || round.newest > until;
        has_work && delivery.next.is_none_or(|next| next <= round.now)
    };
    let due: Vec<Tracked> = all.into_iter().filter(|tracked| is_due(&tracked.delivery)).collect();
    let mut ready = Vec::new();
    for tracked in due {
        // One that cannot be served now does not keep the others waiting.
        match prepare_one(login, record, base, tracked, round, looked) {
            Ok(one) => ready.extend(one),
            Err(failure) => tracing::warn!(cause = failure.cause.as_deref(), "a subscription waits"),
        }
    }
    Ok(ready)
}

fn prepare_one(
    login: &Login,
    record: &Record,
    base: &str,
    mut tracked: Tracked,
    round: &Round,
    looked: &mut Looked,
) -> Result<Option<Ready>, Failure> {
    let now = round.now;
    let order = record.subscription(now, &tracked.delivery.subscription)?.filter(Subscription::is_on);
    let Some(order) = order else {
        looked.remove(&tracked.delivery.subscription);
        login.end_delivery(&tracked).map_err(fault)?;
        return Ok(None);
    };
    if order.version != tracked.delivery.version {
        // Its owner has changed it: it is greeted anew, and goes on from there.
        tracked.delivery = Delivery {
            events: tracked.delivery.events,
            position: tracked.delivery.position.max(order.seq),
            ..Delivery::new(&order.id, order.version, order.seq)
        };
    }
    let (wanted, act) = match serviceable(login, record, &order, now)? {
        Ok(both) => both,
        Err(set) => {
            looked.remove(&order.id);
            end(login, record, &tracked, &order, set.as_set(), now)?;
            return Ok(None);
        }
    };
    let delivery = &tracked.delivery;
    let kind = if delivery.is_greeted { Kind::Event } else { Kind::Handshake };
    let signed = delivery.sending.as_ref().map(|sending| sending.digest.clone()).unwrap_or_default();
    let due = match kind {
        Kind::Handshake => record::subscription::Due { until: delivery.position, ..Default::default() },
        Kind::Event => {
            let until = delivery.sending.as_ref().map_or(round.newest, |sending| sending.until);
            let seen = looked.get(&order.id).copied().filter(|_| delivery.sending.is_none());
            let after = seen.unwrap_or_default().max(delivery.position);
            match record.due(&act, &wanted, (after, until), &signed) {
                Err(Error::Refused | Error::Invalid(_) | Error::TooCostly(_)) => {
                    let why = "the app may not search for what the criteria name, or it takes too long: ask whoever runs this server for the scope, \
                               or name fewer, and store it again";
                    looked.remove(&order.id);
                    end(login, record, &tracked, &order, Set::Error(why), now)?;
                    return Ok(None);
                }
                due => due?,
            }
        }
    };
    if kind == Kind::Event && due.events.is_empty() {
        looked.insert(order.id, due.until);
        let is_news = delivery.sending.is_some() || due.until - delivery.position >= NOTED;
        if is_news {
            tracked.delivery.position = due.until;
            (tracked.delivery.sending, tracked.delivery.tries) = (None, 0);
            login.keep_delivery(&mut tracked).map_err(fault)?;
        }
        return Ok(None);
    }
    let id = match tracked.delivery.sending.take() {
        // What it tells has changed since, for a permission ended or a resource did: it is another notice.
        Some(sending) if due.digest == sending.digest => sending.id,
        _ => record.fresh_id(),
    };
    tracked.delivery.sending = Some(Sending { id: id.clone(), until: due.until, digest: due.digest });
    tracked.delivery.next = now.checked_add(LEASE).ok();
    if !login.keep_delivery(&mut tracked).map_err(fault)? {
        return Ok(None);
    }
    let before = tracked.delivery.events;
    let head = Head { base, subscription: &order.id, id: &id, kind, before, at: now };
    let body = notice::render(&head, wanted.payload, &due.events);
    let headers = headers(login, &wanted.endpoint, &id, &body, now)?;
    let events = due.events.len() as u64;
    Ok(Some(Ready { tracked, order, endpoint: wanted.endpoint, headers, body, events }))
}

/// Why a subscription ends.
enum Ending {
    Error(String),
    Off,
}

impl Ending {
    fn as_set(&self) -> Set<'_> {
        match self {
            Ending::Error(why) => Set::Error(why),
            Ending::Off => Set::Off,
        }
    }
}

/// What it asks for and as whom, or why it is not served any more.
fn serviceable(
    login: &Login,
    record: &Record,
    order: &Subscription,
    now: Timestamp,
) -> Result<Result<(Wanted, Act), Ending>, Failure> {
    let no = |why: &str| Ok(Err(Ending::Error(why.to_owned())));
    let Some(client) = &order.subscriber else {
        return no(
            "subscriptions are served for apps that are registered here as backend services: store it with a token of such an app",
        );
    };
    let Some(actor) = login.subscriber(client, now).map_err(fault)? else {
        return no("the app that stored this is not approved here any more");
    };
    let wanted = match order.wanted(record.notify_hosts()) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(Err(Ending::Error(why))),
    };
    if wanted.until.is_some_and(|until| until <= now) {
        return Ok(Err(Ending::Off));
    }
    let purpose = purpose(&actor, now);
    let request = format!("notice-{}", record.fresh_id());
    Ok(Ok((wanted, Act { actor, purpose, request, at: now, looks: false })))
}

fn headers(
    login: &Login,
    endpoint: &str,
    id: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Vec<(HeaderName, HeaderValue)>, Failure> {
    let mut signed = signature::Signed::default();
    let signature = login.sign_outside(now, |key| {
        signed = signature::signed(endpoint, id, body, now, key);
        signed.base.clone()
    });
    let signature = signature.map_err(fault)?;
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Failure::fault("a header of a notice"));
    Ok(vec![
        (header::CONTENT_TYPE, HeaderValue::from_static(signature::MEDIA_TYPE)),
        (HeaderName::from_static("content-digest"), value(&signed.digest)?),
        (HeaderName::from_static("webhook-id"), value(id)?),
        (HeaderName::from_static("signature-input"), value(&format!("keepwell={}", signed.input))?),
        (HeaderName::from_static("signature"), value(&signature::header(&signature))?),
    ])
}

/// Writes down what came of a notice.
fn settle(
    login: &Login,
    record: &Record,
    ready: Ready,
    answer: Result<u16, Outside>,
    now: Timestamp,
) -> Result<(), Failure> {
    let Ready { mut tracked, order, events, .. } = ready;
    match answer {
        Ok(200..=299) => {
            let delivery = &mut tracked.delivery;
            let sent = delivery.sending.take();
            delivery.position = sent.map_or(delivery.position, |sent| sent.until);
            delivery.events += events;
            (delivery.tries, delivery.failing, delivery.next) = (0, None, None);
            if !delivery.is_greeted {
                delivery.is_greeted = true;
                let Some(version) = record.set_subscription(now, &order, Set::Active)? else {
                    // Its owner changed it meanwhile: the next round sees to that.
                    return Ok(());
                };
                delivery.version = version;
            }
            login.keep_delivery(&mut tracked).map_err(fault)?;
            Ok(())
        }
        Ok(410) => end(login, record, &tracked, &order, Set::Off, now),
        _ => {
            let delivery = &mut tracked.delivery;
            delivery.tries += 1;
            let since = *delivery.failing.get_or_insert(now);
            let is_over = match delivery.is_greeted {
                true => now.duration_since(since) >= PATIENCE,
                false => delivery.tries >= GREETINGS,
            };
            if is_over {
                let why = "the endpoint did not answer with a status of 2xx: mend it, and store this again with the status requested";
                return end(login, record, &tracked, &order, Set::Error(why), now);
            }
            delivery.next = now.checked_add(pause(delivery.tries)).ok();
            login.keep_delivery(&mut tracked).map_err(fault)?;
            Ok(())
        }
    }
}

/// How long to wait after so many tries in vain: ten seconds, then three times as long each time, up to an hour.
fn pause(tries: u32) -> SignedDuration {
    let seconds = 10_i64.saturating_mul(3_i64.saturating_pow(tries.saturating_sub(1)));
    SignedDuration::from_secs(seconds.min(3_600))
}

fn end(
    login: &Login,
    record: &Record,
    tracked: &Tracked,
    order: &Subscription,
    set: Set<'_>,
    now: Timestamp,
) -> Result<(), Failure> {
    match record.set_subscription(now, order, set)? {
        Some(_) => login.end_delivery(tracked).map_err(fault),
        // Its owner has changed it meanwhile: the next round goes by what stands there now.
        None => Ok(()),
    }
}

fn fault(error: login::error::Error) -> Failure {
    Failure::fault(format!("notices: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_in_vain_come_further_and_further_apart() {
        let pauses: Vec<i64> = (1..9).map(|tries| pause(tries).as_secs()).collect();
        assert_eq!(pauses, [10, 30, 90, 270, 810, 2_430, 3_600, 3_600]);
        assert_eq!(pause(u32::MAX).as_secs(), 3_600);
    }
}
