//! What an expression says, before it is known what it is asked of.

use super::Error;

/// The deepest tree that is built; every later walk recurses at most this far.
const LIMIT_DEPTH: u16 = 200;

/// One node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    /// Byte position in the source, for messages.
    pub(super) at: usize,
    pub(super) kind: Kind,
    depth: u16,
}

/// What stands at a node.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// `{}`
    Empty,
    Literal(Literal),
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%context`, without the percent sign.
    Variable(String),
    /// `name`, or `on.name`.
    Member {
        on: Option<Box<Expr>>,
        name: String,
    },
    /// `name(…)`, or `on.name(…)`.
    Call {
        on: Option<Box<Expr>>,
        name: String,
        arguments: Vec<Expr>,
    },
    /// `on[index]`
    Subscript {
        on: Box<Expr>,
        index: Box<Expr>,
    },
    /// `-on`, `+on`
    Sign {
        negative: bool,
        on: Box<Expr>,
    },
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `a | b | c`, flat, because HL7 writes unions of thirty branches.
    Union(Vec<Expr>),
    /// `on is Type`, `on as Type`
    TypeTest {
        on: Box<Expr>,
        test: Test,
        type_name: TypeName,
    },
}

/// A value written in the expression, still as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Boolean(bool),
    Text(String),
    /// Integer, or decimal where it has a point.
    Number(String),
    Long(String),
    Date(String),
    DateTime(String),
    Time(String),
    Quantity {
        value: String,
        unit: String,
        /// True for `4 days`, false for `4 'd'`.
        is_calendar: bool,
    },
}

/// `is` or `as`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Is,
    As,
}

/// `FHIR.Patient`, `System.String`, `Patient`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypeName {
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

/// The operators between two expressions, without `|`, `is` and `as`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

impl Expr {
    /// Puts `kind` at `at`; refuses a tree that later walks could not follow safely.
    pub(super) fn new(at: usize, kind: Kind) -> Result<Expr, Error> {
        let depth = 1 + kind.children().map(|e| e.depth).max().unwrap_or(0);
        if depth > LIMIT_DEPTH {
            return Err(Error::TooDeep);
        }
        Ok(Expr { at, kind, depth })
    }

    /// Reads `Patient`, `FHIR.Patient` as the name of a type: arguments of `is()` look like members.
    pub(super) fn as_type_name(&self) -> Option<TypeName> {
        let Kind::Member { on, name } = &self.kind else { return None };
        let namespace = match on {
            None => None,
            Some(on) => match &on.kind {
                Kind::Member { on: None, name } => Some(name.clone()),
                _ => return None,
            },
        };
        Some(TypeName { namespace, name: name.clone() })
    }
}

impl Kind {
    fn children(&self) -> impl Iterator<Item = &Expr> {
        let (one, other, many): (Option<&Expr>, Option<&Expr>, &[Expr]) = match self {
            Kind::Member { on, .. } => (on.as_deref(), None, &[]),
            Kind::Call { on, arguments, .. } => (on.as_deref(), None, arguments),
            Kind::Subscript { on, index } => (Some(on), Some(index), &[]),
            Kind::Sign { on, .. } | Kind::TypeTest { on, .. } => (Some(on), None, &[]),
            Kind::Binary { left, right, .. } => (Some(left), Some(right), &[]),
            Kind::Union(branches) => (None, None, branches),
            _ => (None, None, &[]),
        };
        one.into_iter().chain(other).chain(many)
    }
}

impl Operator {
    /// How it is written, for messages.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Div => "div",
            Operator::Mod => "mod",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Concatenate => "&",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Equivalent => "~",
            Operator::NotEquivalent => "!~",
            Operator::In => "in",
            Operator::Contains => "contains",
            Operator::And => "and",
            Operator::Or => "or",
            Operator::Xor => "xor",
            Operator::Implies => "implies",
        }
    }
}
