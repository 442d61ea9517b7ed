//! A search as the store understands it.
//!
//! The kernel has already decided what each parameter means; here stand only parameter numbers, values, ranges and links.

use crate::index::PREFIX_CHARS;

/// How a range is compared; the meanings are those of the search prefixes.
///
/// Source: <https://hl7.org/fhir/R4/search.html#prefix>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// The search range holds the resource's range.
    Eq,
    /// It does not.
    Ne,
    /// The range above the search value meets the resource's range.
    Gt,
    /// The range below does.
    Lt,
    /// `Gt` or `Eq`.
    Ge,
    /// `Lt` or `Eq`.
    Le,
    /// The resource's range starts after the search range ends.
    Sa,
    /// The resource's range ends before the search range starts.
    Eb,
    /// The ranges overlap (the caller has widened the search range).
    Ap,
}

/// Which index table holds the values of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Equality values.
    Term,
    /// Ranges.
    Span,
    /// References.
    Link,
}

/// A value to look for, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// A token: system, code, or both; `no_system` looks for codes that have none.
    Token {
        /// The system.
        system: Option<String>,
        /// The code.
        code: Option<String>,
        /// `|code`.
        no_system: bool,
    },
    /// A folded text that the value equals.
    Text(String),
    /// A folded text that the value starts with. The index answers at a few lengths; see [`is_exact`].
    Start(String),
    /// A key of how a name sounds.
    Sound(String),
    /// A URI.
    Uri(String),
}

/// One condition on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Any of these holds.
    Any(Vec<Test>),
    /// It does not hold.
    Not(Box<Test>),
    /// The parameter has this value.
    Has {
        /// Parameter number.
        param: u32,
        /// The value.
        look: Look,
    },
    /// The parameter has a range that compares so.
    Range {
        /// Parameter number.
        param: u32,
        /// Unit system and code.
        unit: Option<(Option<String>, String)>,
        /// How to compare.
        compare: Compare,
        /// Lowest value of the search range.
        low: i64,
        /// Highest value of the search range.
        high: i64,
    },
    /// The parameter refers to this resource.
    Refers {
        /// Parameter number.
        param: u32,
        /// Type of the target.
        resource_type: String,
        /// Logical id of the target.
        id: String,
    },
    /// The parameter refers to a resource of that type for which all tests hold (a chain).
    Chain {
        /// Parameter number.
        param: u32,
        /// Type of the target.
        resource_type: String,
        /// What must hold there.
        tests: Vec<Test>,
    },
    /// A resource of that type refers to this one by the parameter, and all tests hold for it (`_has`).
    ReferredBy {
        /// Parameter number, of the referring type.
        param: u32,
        /// The referring type.
        resource_type: String,
        /// What must hold there.
        tests: Vec<Test>,
    },
    /// The parameter has any value at all.
    Present {
        /// Parameter number.
        param: u32,
        /// Which tables may hold it.
        holders: Vec<Holder>,
    },
    /// The resource has one of these logical ids.
    Id {
        /// Its type.
        resource_type: String,
        /// Its logical id.
        id: String,
    },
    /// The time of the last update compares so.
    Updated {
        /// How to compare.
        compare: Compare,
        /// Lowest microsecond of the search range.
        low: i64,
        /// Highest.
        high: i64,
    },
    /// Its newest change lies after the one and not after the other.
    Changed {
        /// Its type.
        resource_type: String,
        /// Number of a change.
        after: i64,
        /// Number of a later one.
        until: i64,
    },
    /// Nothing fulfils it.
    Never,
}

/// In which order matches come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they were first stored.
    Stored,
    /// By time of the last update.
    Updated {
        /// Newest first.
        descending: bool,
    },
    /// By the range of a parameter; those without one last.
    Span {
        /// Parameter number.
        param: u32,
        /// Highest first.
        descending: bool,
    },
}

/// Where a page ends and what the first page saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The order key of the last row.
    pub key: i64,
    /// Its row number.
    pub rid: i64,
}

/// A search over one type.
#[derive(Clone, Debug)]
pub struct Select {
    /// The type.
    pub resource_type: String,
    /// All must hold.
    pub tests: Vec<Test>,
    /// In which order.
    pub order: Order,
    /// Rows after this one.
    pub after: Option<Position>,
    /// Only rows that the first page could have seen: row number up to this.
    pub newest_rid: i64,
    /// At most so many.
    pub limit: usize,
}

/// Whether the index alone answers a text beginning, or candidates must be finished on their decrypted bodies.
pub fn is_exact(start: &str) -> bool {
    PREFIX_CHARS.contains(&start.chars().count())
}

impl Test {
    /// Whether it asks for nothing but whose a resource is.
    pub(crate) fn is_whose(&self) -> bool {
        match self {
            Test::Any(tests) => tests.iter().all(Test::is_whose),
            Test::Refers { resource_type, .. } => ["Patient", "Group"].contains(&resource_type.as_str()),
            _ => false,
        }
    }
}
