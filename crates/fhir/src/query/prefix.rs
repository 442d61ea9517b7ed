//! [Comparators](https://hl7.org/fhir/R4/search.html#prefix) before numbers, dates and quantities.

/// How the resource's value compares to the searched one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// `eq`, and where none is given: inside the searched range.
    Eq,
    /// `ne`: not inside.
    Ne,
    /// `gt`: greater.
    Gt,
    /// `lt`: less.
    Lt,
    /// `ge`: greater or inside.
    Ge,
    /// `le`: less or inside.
    Le,
    /// `sa`: starts after.
    Sa,
    /// `eb`: ends before.
    Eb,
    /// `ap`: about the same.
    Ap,
}

/// Takes the prefix off a number, date or quantity; [`Prefix::Eq`] where there is none.
///
/// ```
/// use fhir::query::prefix::{split, Prefix};
///
/// assert_eq!(split("ge2013-06"), (Prefix::Ge, "2013-06"));
/// assert_eq!(split("-5.4"), (Prefix::Eq, "-5.4"));
/// ```
pub fn split(text: &str) -> (Prefix, &str) {
    let Some((prefix, rest)) = text.split_at_checked(2) else { return (Prefix::Eq, text) };
    let prefix = match prefix {
        "eq" => Prefix::Eq,
        "ne" => Prefix::Ne,
        "gt" => Prefix::Gt,
        "lt" => Prefix::Lt,
        "ge" => Prefix::Ge,
        "le" => Prefix::Le,
        "sa" => Prefix::Sa,
        "eb" => Prefix::Eb,
        "ap" => Prefix::Ap,
        _ => return (Prefix::Eq, text),
    };
    (prefix, rest)
}
