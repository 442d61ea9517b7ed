//! Who somebody is: accounts, sign-in, second factors, sessions, invitations. It turns a session into an
//! [`access::act::Act`].
//!
//! May use: `store`, `access`, `vault`. Never: HTTP, HTML, a decision about what somebody may see (that is `access`), a clock.
//! Everything is kept in the store's [`store::items`], and every sign-in, failure, change of a factor and end of a session is
//! an entry of the audit log, in the same transaction as what it tells of.

pub mod identifier;
pub mod password;
