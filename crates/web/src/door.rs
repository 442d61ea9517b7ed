//! The one way from a handler into the kernel.

use crate::{
    caller::{Caller, invalid_token, purpose},
    failure::Failure,
    gate::Gate,
};
use access::act::Act;
use login::Login;
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
    record: Arc<Record>,
    gate: Arc<Gate>,
    base: String,
    at_work: Arc<Semaphore>,
    login: Option<Arc<Login>>,
    behind_proxy: bool,
}

impl Door {
    /// A door to `record`.
    ///
    /// `base` is the address clients use for the API, without a slash at its end: `https://here.example/fhir/R4`. It
    /// stands in every link the server makes, and is never taken from a request.
    pub fn new(record: Arc<Record>, gate: Arc<Gate>, base: &str) -> Door {
        let at_work = Arc::new(Semaphore::new(gate.limits().at_work));
        Door {
            record,
            gate,
            base: base.trim_end_matches('/').to_owned(),
            at_work,
            login: None,
            behind_proxy: false,
        }
    }

    /// With sign-in, for pages. `behind_proxy` says that all requests come through a proxy, which tells where from.
    #[must_use]
    pub fn with_login(self, login: Arc<Login>, behind_proxy: bool) -> Door {
        Door { login: Some(login), behind_proxy, ..self }
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
        let (record, gate) = (Arc::clone(&self.record), Arc::clone(&self.gate));
        self.blocking(move || {
            let act = sign_in(&record, &gate, caller)?;
            work(&record, &act).map_err(Failure::from)
        })
        .await
    }

    /// Signs the caller in, for handlers that read a body after it.
    ///
    /// # Errors
    /// 401 for a token that is not valid; 503 where no turn came in time.
    pub async fn sign_in(&self, caller: Caller) -> Result<Act, Failure> {
        let (record, gate) = (Arc::clone(&self.record), Arc::clone(&self.gate));
        self.blocking(move || sign_in(&record, &gate, caller)).await
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

fn sign_in(record: &Record, gate: &Gate, caller: Caller) -> Result<Act, Failure> {
    let at = gate.now();
    let actor = record.sign_in(&caller.token, at)?.ok_or_else(invalid_token)?;
    let purpose = purpose(&actor, at);
    Ok(Act { actor, purpose, request: caller.request.as_str().to_owned(), at })
}
