//! A route as data: routers, CapabilityStatement and the who-may matrix are all made from the same tables of these.

/// One way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method, in capitals. A `GET` route answers `HEAD` as well.
    pub method: &'static str,
    /// The path, with `{names}` for what varies.
    pub template: &'static str,
    /// The operation's name, as it stands in the who-may matrix.
    pub operation: &'static str,
    /// What a caller must bring.
    pub needs: Needs,
}

/// What a caller must bring to use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Needs {
    /// Nothing: anyone may. For what is the same in every house: no record, and nothing that follows from one.
    Nothing,
    /// A valid token of any role.
    SignIn,
    /// A client that proves who it is, or names itself where it is public.
    Client,
    /// A sign-in on its way, in its cookie.
    Attempt,
    /// A link that a patient gave, and its PIN: without them there is nothing, whether there is such a link or not.
    Link,
    /// A session's cookie of the realm that the path names.
    Session,
    /// A scope with the letter `c`.
    Create,
    /// A scope with the letter `r`.
    Read,
    /// A scope with the letter `u`.
    Update,
    /// A scope with the letter `d`.
    Delete,
    /// A scope with the letter `s`.
    Search,
    /// What each entry of the Bundle would need alone.
    Entries,
    /// Somebody of the staff behind an app, with a `user/` scope that reads Patient.
    Person,
    /// Nothing that there is: whoever asks is refused, and that is signed.
    Refused,
}
