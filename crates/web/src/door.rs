//! The one way from a handler into the kernel.

use crate::{
    caller::{Caller, invalid_token, purpose},
    failure::Failure,
    feed::Feed,
    gate::Gate,
    home::Homes,
    house::House,
    installation::{Installation, RootKey},
    log_check::LogChecks,
    presence::Presence,
    quota::Quotas,
    scanner::Scanner,
    stream::{self, Streaming},
    viewer::Viewer,
};
use access::{
    act::{Act, Actor},
    role::{self, Role},
};
use login::{Login, home::Home, session::Who, visit::Visit};
use record::Record;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

/// The kernel behind sign-in. Handlers cannot reach the [`Record`] without a [`Caller`] whose token it knows, or
/// the sign-in beside it: there is no open mode.
pub struct Door {
    pub(crate) record: Arc<Record>,
    pub(crate) feed: Feed,
    presence: Arc<Presence>,
    log_checks: Arc<LogChecks>,
    gate: Arc<Gate>,
    base: String,
    at_work: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    login: Option<Arc<Login>>,
    behind_proxy: bool,
    roles: Roles,
    scanner: Option<Scanner>,
    viewer: Option<Viewer>,
    house: Option<House>,
    homes: Homes,
    quotas: Arc<Quotas>,
    root: RootKey,
    speaks_tls: bool,
    since: jiff::Timestamp,
}

/// The role of a name: asked at each request of an app, so that a role that was narrowed is narrow at once.
pub type Roles = Arc<dyn Fn(&str) -> Option<Role> + Send + Sync>;

impl Door {
    /// A door to `record`.
    ///
    /// `base` is the address clients use for the API, without a slash at its end: `https://here.example/fhir/R4`. It
    /// stands in every link the server makes, and is never taken from a request.
    pub fn new(record: Arc<Record>, gate: Arc<Gate>, base: &str) -> Door {
        let at_work = Arc::new(Semaphore::new(gate.limits().at_work));
        let quotas = Arc::new(Quotas::new(gate.limits().app_requests));
        let log_checks = Arc::new(LogChecks::new(Arc::clone(&record), Arc::clone(&gate)));
        Door {
            since: gate.now(),
            root: RootKey::default(),
            speaks_tls: false,
            record,
            log_checks,
            feed: Feed::default(),
            presence: Arc::default(),
            gate,
            base: base.trim_end_matches('/').to_owned(),
            at_work,
            streams: Arc::new(Semaphore::new(stream::MOST)),
            login: None,
            behind_proxy: false,
            scanner: None,
            viewer: None,
            house: None,
            homes: Homes::default(),
            quotas,
            roles: Arc::new(|name| role::built_in(name).cloned()),
        }
    }

    /// What a role allows.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// What apps are told, where there is a sign-in for their people.
    pub fn apps(&self) -> Option<&login::oauth::Settings> {
        self.login.as_ref().map(|login| &login.settings().oauth)
    }

    /// With sign-in, for pages. `behind_proxy` says that all requests come through a proxy, which tells where from.
    #[must_use]
    pub fn with_login(self, login: Arc<Login>, behind_proxy: bool) -> Door {
        let (known, gate) = (Arc::clone(&login), Arc::clone(&self.gate));
        // Where the store fails a role allows nothing.
        let roles: Roles = Arc::new(move |name| known.role(name, gate.now()).ok().flatten());
        Door { login: Some(login), behind_proxy, roles, ..self }
    }

    /// With a virus scanner that looks at every file before it is kept.
    #[must_use]
    pub fn with_scanner(self, scanner: Option<Scanner>) -> Door {
        Door { scanner, ..self }
    }

    /// The virus scanner, where there is one.
    pub fn scanner(&self) -> Option<Scanner> {
        self.scanner
    }

    /// With somebody who draws pages of files.
    #[must_use]
    pub fn with_viewer(self, viewer: Option<Viewer>) -> Door {
        Door { viewer, ..self }
    }

    /// Who draws pages of files, where there is somebody.
    pub fn viewer(&self) -> Option<&Viewer> {
        self.viewer.as_ref()
    }

    /// With a program around it that says how it is.
    #[must_use]
    pub fn with_house(self, house: House) -> Door {
        Door { house: Some(house), ..self }
    }

    /// Who says how the program is, where there is one.
    pub fn house(&self) -> Option<&House> {
        self.house.as_ref()
    }

    /// Where the house is: its time zone and its country. It is read from what is kept now and then; where that fails, what was known
    /// before holds.
    pub async fn home(&self) -> Home {
        let now = self.gate.now();
        if self.login.is_some() && self.homes.is_due(now) {
            match self.login(move |login| login.home(now).map_err(fault)).await {
                Ok(said) => self.homes.read(said.home),
                Err(_) => self.homes.unread(),
            }
        }
        self.homes.now()
    }

    /// Where the house is from now on, once that is kept.
    pub fn moved(&self, home: Home) {
        self.homes.read(home);
    }

    /// With a root key that is kept in that way. `speaks_tls` says that this program speaks TLS itself.
    #[must_use]
    pub fn with_installation(self, root: RootKey, speaks_tls: bool) -> Door {
        Door { root, speaks_tls, ..self }
    }

    /// How this server is run, as far as everybody may know it.
    pub fn installation(&self) -> Installation {
        let tls = (self.speaks_tls, self.behind_proxy);
        Installation::new(self.origin(), tls, self.root, self.scanner.is_some(), self.since)
    }

    /// Who has which chart open at this node.
    pub fn presence(&self) -> &Arc<Presence> {
        &self.presence
    }

    /// The check of the audit log.
    pub fn log_checks(&self) -> &Arc<LogChecks> {
        &self.log_checks
    }

    /// Whether all requests come through a proxy.
    pub fn behind_proxy(&self) -> bool {
        self.behind_proxy
    }

    /// The scheme, host and port under which browsers know this server.
    pub fn origin(&self) -> &str {
        let path = self
            .base
            .split_once("://")
            .and_then(|(scheme, rest)| rest.find('/').map(|at| scheme.len() + 3 + at));
        path.map_or(self.base.as_str(), |at| &self.base[..at])
    }

    /// Does `work` with the sign-in, on a blocking thread. Who is signed in, and whether anybody, is asked there.
    ///
    /// # Errors
    /// 503 where no turn came in time; else what `work` fails with.
    pub async fn login<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Login) -> Result<T, Failure> + Send + 'static,
    {
        self.pages(move |login, _| work(login)).await
    }

    /// As [`Door::login`], with the kernel beside it, for what a page does in records. The kernel asks for an act, which the sign-in
    /// makes of a session.
    ///
    /// # Errors
    /// As [`Door::login`].
    pub async fn pages<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Login, &Record) -> Result<T, Failure> + Send + 'static,
    {
        let login = self.login.clone().ok_or_else(|| Failure::fault("a page without sign-in"))?;
        let record = Arc::clone(&self.record);
        self.blocking(move || work(&login, &record)).await
    }

    /// A turn for an answer that is made while it is sent. It is asked for before anything is signed that the answer is to show.
    ///
    /// # Errors
    /// 503 where too many such answers are being sent.
    pub fn streaming(&self) -> Result<Streaming, Failure> {
        match Arc::clone(&self.streams).try_acquire_owned() {
            Ok(turn) => Ok(Streaming { record: Arc::clone(&self.record), turn }),
            Err(_) => {
                Err(Failure::busy("too many downloads at once; nothing was done, try again in a minute"))
            }
        }
    }

    /// The address clients use for the API, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The gate its requests passed.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Signs the caller in and does `work`, both on one blocking thread.
    ///
    /// # Errors
    /// 401 for a token that is not valid; 503 where no turn came in time; else what `work` fails with.
    pub async fn run<T, W>(&self, caller: Caller, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Record, &Act) -> Result<T, record::error::Error> + Send + 'static,
    {
        let (record, bell) = (Arc::clone(&self.record), self.bell());
        self.blocking(move || {
            let act = bell.sign_in(&record, caller)?;
            work(&record, &act).map_err(Failure::from)
        })
        .await
    }

    /// Signs the caller in, for handlers that read a body after it.
    ///
    /// # Errors
    /// 401 for a token that is not valid; 503 where no turn came in time.
    pub async fn sign_in(&self, caller: Caller) -> Result<Act, Failure> {
        let (record, bell) = (Arc::clone(&self.record), self.bell());
        self.blocking(move || bell.sign_in(&record, caller)).await
    }

    /// Does `work` for somebody who is signed in.
    ///
    /// # Errors
    /// 503 where no turn came in time; else what `work` fails with.
    pub async fn work<T, W>(&self, act: Act, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Record, &Act) -> Result<T, Failure> + Send + 'static,
    {
        let record = Arc::clone(&self.record);
        self.blocking(move || work(&record, &act)).await
    }

    /// Does `work` for a person who let an app see patients for them: what the sign-in does for people, and not in records.
    ///
    /// # Errors
    /// 401 for a token that is not valid; 403, which is signed, for one with nobody behind it, or without a `user/` scope that reads
    /// Patient; else what `work` fails with.
    pub async fn by_app<T, W>(&self, caller: Caller, operation: &'static str, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Login, &Record, &Who, &Visit) -> Result<T, Failure> + Send + 'static,
    {
        let (roles, bell) = (Arc::clone(&self.roles), self.bell());
        self.pages(move |login, record| {
            let visit = Visit {
                now: bell.gate.now(),
                request: caller.request.as_str().to_owned(),
                address: String::new(),
                browser: String::new(),
                device: None,
            };
            if let Some(who) = login.who_by_app(&caller.token, &*roles, &visit).map_err(fault)? {
                // It counts as any other request of the app does.
                bell.of_app(&caller.token, visit.now)?;
                return work(login, record, &who, &visit);
            }
            let act = bell.sign_in(record, caller)?;
            record.refuse(&act, operation, "Patient")?;
            Err(record::error::Error::Refused.into())
        })
        .await
    }

    fn bell(&self) -> Bell {
        Bell {
            gate: Arc::clone(&self.gate),
            login: self.login.clone(),
            roles: Arc::clone(&self.roles),
            quotas: Arc::clone(&self.quotas),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = self.turn().await?;
        let done = spawn_blocking(move || {
            // The turn ends with the work, even where the client has gone.
            let _turn = turn;
            work()
        });
        done.await.unwrap_or_else(|_| Err(Failure::fault("the kernel panicked")))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(turn) = Arc::clone(&self.at_work).try_acquire_owned() {
            return Ok(turn);
        }
        let wait = Duration::from_millis(self.gate.limits().turn_ms);
        match timeout(wait, Arc::clone(&self.at_work).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Failure::busy("too many requests at once; nothing was done, try again in a second")),
        }
    }
}

/// All that is asked when somebody rings with a token.
struct Bell {
    gate: Arc<Gate>,
    login: Option<Arc<Login>>,
    roles: Roles,
    quotas: Arc<Quotas>,
}

impl Bell {
    /// A token is one that was made at the command line, or an app's; both are random, and neither can be the other. The former
    /// is looked for first, because it is remembered for a moment; of an app's, nothing is.
    fn sign_in(&self, record: &Record, caller: Caller) -> Result<Act, Failure> {
        let at = self.gate.now();
        let actor = match record.sign_in(&caller.token, at)? {
            Some(actor) => actor,
            None => self.of_app(&caller.token, at)?.ok_or_else(invalid_token)?,
        };
        let purpose = purpose(&actor, at);
        Ok(Act { actor, purpose, request: caller.request.as_str().to_owned(), at, looks: false })
    }

    fn of_app(&self, token: &str, at: jiff::Timestamp) -> Result<Option<Actor>, Failure> {
        let Some(login) = &self.login else { return Ok(None) };
        let Some(holder) = login.bearer(token, at).map_err(fault)? else { return Ok(None) };
        self.quotas.take(&holder.client.id, at)?;
        Ok(Some(holder.actor(&*self.roles)))
    }
}

/// What the sign-in could not do: later it may go, or it is our fault.
fn fault(error: login::error::Error) -> Failure {
    match error {
        login::error::Error::Busy(text) => Failure::busy(text),
        error => Failure::fault(format!("the sign-in: {error:?}")),
    }
}
