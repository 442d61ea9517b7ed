//! What a caller wants changed, and what came of it.

use serde_json::Value;

/// One wished change. Several of them are committed all or nothing.
#[derive(Clone, Debug)]
pub struct Change {
    /// What to do.
    pub wish: Wish,
    /// The temporary name by which other resources of the same bundle refer to this one (`urn:uuid:…`).
    pub full_url: Option<String>,
}

impl From<Wish> for Change {
    fn from(wish: Wish) -> Change {
        Change { wish, full_url: None }
    }
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Store a new resource under an id of ours.
    Create {
        /// The resource.
        resource: Value,
        /// `If-None-Exist`: a search; where it has a match, that is taken instead.
        if_none_exist: Option<String>,
    },
    /// Store a resource under an id of the caller's, or in place of the one that a search selects.
    Update {
        /// The type in the URL.
        resource_type: String,
        /// The id in the URL.
        id: Option<String>,
        /// The search in the URL.
        query: Option<String>,
        /// The resource.
        resource: Value,
        /// `If-Match`: the version that it replaces.
        if_match: Option<i64>,
        /// `If-None-Match: *`: only where there is none yet.
        if_none_match: bool,
    },
    /// Delete a resource.
    Delete {
        /// The type in the URL.
        resource_type: String,
        /// The id in the URL.
        id: Option<String>,
        /// The search in the URL.
        query: Option<String>,
        /// `If-Match`: the version that it deletes.
        if_match: Option<i64>,
    },
}

/// How a wish ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneKind {
    /// A resource is new.
    Created,
    /// It has a new version.
    Updated,
    /// A conditional create found one that exists.
    Unchanged,
    /// It is gone.
    Deleted,
    /// There was nothing to delete.
    NothingToDelete,
}

/// What came of a wish.
#[derive(Clone, Debug)]
pub struct Done {
    /// How it ended.
    pub kind: DoneKind,
    /// The resource's type.
    pub resource_type: String,
    /// Its logical id; empty where nothing was deleted.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// When that was written, microseconds since the epoch.
    pub updated: i64,
    /// The resource as a read would show it; empty after a delete.
    pub body: Vec<u8>,
}
