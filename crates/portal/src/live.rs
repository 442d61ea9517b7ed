//! An open page hears of what changes in what it shows, and staff of who else has a chart open.
//!
//! The stream says that there is something new, and never what: the page then asks for itself again, as whoever looks at it, and that look is
//! signed as every other. So who may see nothing of a change hears nothing of it, and where a session, a role or a permission ends, the stream
//! does. Without the script a page shows what was there when it was opened, as pages do.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use crate::{
    chart::unopened,
    failure::{Answer, of},
    signed_in::{realm, with_record},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{
    Record,
    feed::{Heard, Mark},
};
use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use web::{
    door::Door,
    failure::Failure,
    feed::Listener,
    presence::{Present, Stay},
};

const MODULE: &str = include_str!("../assets/live.js");

/// What the script is, by its SHA-256: browsers run no other one.
const INTEGRITY: &str = "sha256-IJ5DsLaDVfnGA4xr1zUErh+LELAU7yn4FdZVn6+danY=";

/// How often it is looked whether the house closes.
const TICK: Duration = Duration::from_secs(1);

/// How often a quiet stream says that it is there, and looks whether its reader still may listen.
const QUIET: Duration = Duration::from_secs(20);

/// The least time between two words about changes.
const PAUSE: Duration = Duration::from_millis(250);

/// `GET /assets/live.js`
pub(crate) async fn module() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, MODULE).into_response()
}

/// The strip of a page that keeps itself up to date: what the script needs, and where it says what it did.
#[derive(Template)]
#[template(path = "live.html")]
pub(crate) struct Strip {
    w: Words,
    /// Where the page hears of changes.
    of: String,
    /// What it says of one while somebody types.
    news: &'static str,
    /// The newest change when it was made.
    since: i64,
}

impl Strip {
    /// Of a chart that hears of changes at that address.
    pub(crate) fn of_chart(w: Words, of: String, since: i64) -> Strip {
        Strip { w, of, news: "live-news", since }
    }

    /// Of today's list.
    pub(crate) fn of_today(w: Words, since: i64) -> Strip {
        Strip { w, of: "/clinic/changes".to_owned(), news: "live-news-today", since }
    }

    fn integrity(&self) -> &'static str {
        INTEGRITY
    }
}

/// What is listened to.
#[derive(Clone)]
enum What {
    /// A patient's chart.
    Chart(String),
    /// Who is booked.
    Today,
}

/// What today's list is drawn from.
const OF_TODAY: &str = "Appointment";

/// Who listens, to what.
#[derive(Clone)]
struct Ear {
    realm: Realm,
    token: String,
    what: What,
    visit: Visit,
}

impl Ear {
    /// Whether there is a change after that one which they may see.
    fn hears(&self, login: &Login, record: &Record, who: &Who, after: i64) -> Result<Heard, Failure> {
        match &self.what {
            What::Chart(patient) => {
                let act = login.act_on_chart(who, patient, &self.visit).map_err(of)?;
                Ok(record.news(&act, patient, after)?)
            }
            What::Today => {
                let act = login.act_of(who, &self.visit).map_err(of)?;
                Ok(record.news_of_type(&act, OF_TODAY, after)?)
            }
        }
    }

    /// By what the feed names it.
    fn mark(&self, door: &Door) -> Mark {
        match &self.what {
            What::Chart(patient) => door.mark(patient),
            What::Today => Record::mark_of_type(OF_TODAY),
        }
    }

    /// By what those are counted who have it open.
    fn place(&self) -> String {
        match &self.what {
            What::Chart(patient) => format!("{}/{patient}", self.realm.name()),
            What::Today => "today".to_owned(),
        }
    }

    /// The same, now; `None` where they may not listen any more.
    async fn ask(&self, door: &Door, after: i64) -> Result<Option<Heard>, Failure> {
        let ear = Ear { visit: Visit { now: door.gate().now(), ..self.visit.clone() }, ..self.clone() };
        let work = move |login: &Login, record: &Record| {
            let who = login.who_unasked(ear.realm, &ear.token, &ear.visit).map_err(of)?;
            who.map(|who| ear.hears(login, record, &who, after)).transpose()
        };
        door.pages(work).await
    }
}

/// `GET /{realm}/chart/{patient}/changes`
pub(crate) async fn changes(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    listen(door, view, (realm(&name)?, What::Chart(patient)), &asked).await
}

/// `GET /clinic/changes`
pub(crate) async fn changes_of_today(
    State(door): State<Arc<Door>>,
    view: View,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    listen(door, view, (Realm::Clinic, What::Today), &asked).await
}

async fn listen(
    door: Arc<Door>,
    view: View,
    (realm, what): (Realm, What),
    asked: &HashMap<String, String>,
) -> Result<Response, Answer> {
    let shows_others = realm == Realm::Clinic && matches!(what, What::Chart(_));
    // What the page says of itself: the newest change when it was made, and whether somebody writes on it.
    let since: i64 = asked.get("since").and_then(|text| text.parse().ok()).unwrap_or_default();
    let writes = asked.get("writes").is_some_and(|text| text == "true");
    let (listener, others) = (door.listen(), door.presence().listen());
    let token = view.guest.session(realm).unwrap_or_default().to_owned();
    let ear = Ear { realm, token, what, visit: view.guest.visit.clone() };
    let opens = ear.clone();
    let work =
        move |login: &Login, record: &Record, who: &Who, _: &Visit| opens.hears(login, record, who, since);
    let (who, heard) = with_record(&door, &view.guest.clone().unasked(), realm, None, work).await?;
    let heard = heard.or_else(|failure| unopened(&view, (realm, &who), failure))?;
    let place = ear.place();
    let account = who.account.id.clone();
    let present = Present { account: account.clone(), name: who.account.name, writes };
    let Some(stay) = door.presence().enter(&place, present) else {
        return Err(Failure::busy("too many charts are open; close some, and open this one again").into());
    };
    let open = Open {
        mark: ear.mark(&door),
        shows_others,
        quiet: Instant::now() + QUIET,
        after: since,
        first: Some(heard),
        said: None,
        place,
        account,
        listener,
        others,
        ear,
        door,
        _stay: stay,
    };
    let body = stream::unfold(open, |mut open| async move {
        let word = open.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(word)), open))
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies that gather an answer before they pass it on would never pass this one on.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// A stream.
struct Open {
    door: Arc<Door>,
    ear: Ear,
    mark: Mark,
    listener: Listener,
    others: watch::Receiver<u64>,
    place: String,
    account: String,
    shows_others: bool,
    /// Who was said to be there.
    said: Option<Vec<Present>>,
    /// Up to which change it was looked through.
    after: i64,
    /// What was heard before the stream began.
    first: Option<Heard>,
    quiet: Instant,
    _stay: Stay,
}

/// What wakes a stream.
enum Turn {
    Changed,
    Others,
    Tick,
    End,
}

impl Open {
    /// The next words; `None` where it ends.
    async fn next(&mut self) -> Option<String> {
        if let Some(heard) = self.first.take() {
            let (there, changed) = (self.there().unwrap_or_default(), self.told(heard).unwrap_or_default());
            return Some(format!("retry: 2000\n\n{there}{changed}"));
        }
        loop {
            let tick = Instant::now() + TICK;
            let turn = tokio::select! {
                turn = self.listener.of(self.mark) => if turn.is_some() { Turn::Changed } else { Turn::End },
                turn = self.others.changed() => if turn.is_ok() { Turn::Others } else { Turn::End },
                () = sleep_until(tick) => Turn::Tick,
            };
            if self.door.gate().is_closing() {
                return None;
            }
            match turn {
                Turn::End => return None,
                Turn::Others => {
                    if let Some(there) = self.there() {
                        return Some(there);
                    }
                }
                Turn::Changed => {
                    sleep(PAUSE).await;
                    if let Some(changed) = self.look().await? {
                        return Some(changed);
                    }
                }
                Turn::Tick if Instant::now() >= self.quiet => {
                    let changed = self.look().await?;
                    return Some(changed.unwrap_or_else(|| ":\n\n".to_owned()));
                }
                Turn::Tick => {}
            }
        }
    }

    /// What is to be said of changes; `None` where the stream ends.
    async fn look(&mut self) -> Option<Option<String>> {
        self.quiet = Instant::now() + QUIET;
        let turn = self.door.turn_to_look().await?;
        let heard = self.ear.ask(&self.door, self.after).await.ok()??;
        drop(turn);
        Some(self.told(heard))
    }

    /// What is said of it.
    fn told(&mut self, heard: Heard) -> Option<String> {
        self.after = heard.until;
        heard.is_news.then(|| format!("event: changed\ndata: {}\n\n", heard.until))
    }

    /// Who else is there, where that is to be said and was not.
    fn there(&mut self) -> Option<String> {
        let others = self.door.presence().others(&self.place, &self.account);
        if !self.shows_others || self.said.as_ref() == Some(&others) {
            return None;
        }
        let words: Vec<serde_json::Value> = others
            .iter()
            .map(|present| serde_json::json!({"name": present.name, "writes": present.writes}))
            .collect();
        self.said = Some(others);
        Some(format!("event: there\ndata: {}\n\n", serde_json::Value::Array(words)))
    }
}
