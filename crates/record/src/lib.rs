//! The kernel's use cases: commit, read, search, history, bundles. Every door calls these and nothing below.
//!
//! May use: `store`, `r4`, `access`, `fhir`. Never: HTTP, HTML, the network, a clock, SQL. Each function takes the
//! [`access::act::Act`] it happens under; whatever it shows has been signed into the ledger first.

mod alike;
pub mod attachment;
pub mod bundle;
pub mod capability;
pub mod change;
pub mod changes;
pub mod commit;
mod compile;
pub mod contact;
pub mod cursor;
pub mod digest;
pub mod erase;
pub mod error;
pub mod everything;
pub mod explain;
mod facts;
pub mod feed;
pub mod find;
mod finish;
pub mod history;
mod include;
pub mod log;
pub mod now;
mod plan;
pub mod read;
pub mod refine;
pub mod search;
pub mod show;
pub mod sign_in;
mod signed;
mod sort;
pub mod subscription;
pub mod takeout;
pub mod verify;
pub mod viewers;

use std::sync::Arc;
use store::Store;

/// What the kernel must be given from outside, and its bounds.
#[derive(Clone)]
pub struct Settings {
    /// Makes a fresh random logical id (a UUID in text form).
    pub fresh_id: Arc<dyn Fn() -> String + Send + Sync>,
    /// Base URLs under which this server's resources are known, to recognise absolute references to itself.
    pub bases: Vec<String>,
    /// Matches per page when `_count` does not say.
    pub page: usize,
    /// Matches per page at most.
    pub page_most: usize,
    /// Candidates that a search may decrypt to finish what the index cannot answer alone.
    pub finish_most: usize,
    /// Hosts that notices of changes may be sent to ([`subscription`]).
    pub notify_hosts: Vec<String>,
}

/// The kernel.
pub struct Record {
    store: Arc<Store>,
    settings: Settings,
    signed_in: sign_in::Cache,
}

impl Record {
    /// A kernel over an open store.
    pub fn new(store: impl Into<Arc<Store>>, settings: Settings) -> Record {
        Record { store: store.into(), settings, signed_in: sign_in::Cache::default() }
    }

    /// The store, for keys, verification and tokens.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }
}
