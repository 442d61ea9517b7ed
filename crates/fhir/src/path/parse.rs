//! Tokens to tree, by precedence climbing: one stack frame per bracket, not one per level of the grammar.

use super::Error;
use super::ast::{Expr, Kind, Literal, Operator, Test, TypeName};
use super::lex::{self, Token};

/// How deep brackets, arguments and signs may nest.
const LIMIT_NESTING: u16 = 64;

/// Binds tighter than every operator between two expressions.
const SIGN_POWER: u8 = 11;

/// Reads a whole expression.
pub(super) fn parse(source: &str) -> Result<Expr, Error> {
    let mut parser = Parser { tokens: lex::tokens(source)?, next: 0, nesting: 0 };
    let expr = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => parser.fail("the expression should end here"),
    }
}

struct Parser<'s> {
    tokens: Vec<(Token<'s>, usize)>,
    next: usize,
    nesting: u16,
}

/// What may stand between two expressions.
enum Infix {
    Operator(Operator),
    Union,
    Type(Test),
}

impl<'s> Parser<'s> {
    fn peek(&self) -> &Token<'s> {
        self.tokens.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(0, |(_, at)| *at)
    }

    fn take(&mut self) -> Token<'s> {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, Error> {
        Err(Error::Syntax { at: self.at(), what })
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(s) if *s == symbol)
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str, what: &'static str) -> Result<(), Error> {
        if self.accept(symbol) { Ok(()) } else { self.fail(what) }
    }

    /// Everything from here whose operators bind at least as tight as `power`.
    fn expression(&mut self, power: u8) -> Result<Expr, Error> {
        self.nesting += 1;
        if self.nesting > LIMIT_NESTING {
            return Err(Error::TooDeep);
        }
        let mut left = self.signed()?;
        while let Some((infix, infix_power)) = infix(self.peek()) {
            if infix_power < power {
                break;
            }
            let at = self.at();
            self.next += 1;
            left = match infix {
                Infix::Type(test) => {
                    let type_name = self.type_name()?;
                    Expr::new(at, Kind::TypeTest { on: Box::new(left), test, type_name })?
                }
                Infix::Union => union(at, left, self.expression(infix_power + 1)?)?,
                Infix::Operator(operator) => {
                    let right = Box::new(self.expression(infix_power + 1)?);
                    Expr::new(at, Kind::Binary { operator, left: Box::new(left), right })?
                }
            };
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        let negative = self.is_symbol("-");
        if negative || self.is_symbol("+") {
            self.next += 1;
            let on = Box::new(self.expression(SIGN_POWER)?);
            return Expr::new(at, Kind::Sign { negative, on });
        }
        self.chain()
    }

    /// A term with its `.name`, `.name(…)` and `[…]`.
    fn chain(&mut self) -> Result<Expr, Error> {
        let mut on = self.term()?;
        loop {
            let at = self.at();
            if self.accept(".") {
                on = match self.take() {
                    Token::Word(name) if is_identifier(name) => {
                        self.invocation(at, Some(on), name.to_owned())?
                    }
                    Token::Delimited(name) => self.invocation(at, Some(on), name)?,
                    _ => return Err(Error::Syntax { at, what: "a name belongs behind the point" }),
                };
            } else if self.accept("[") {
                let index = Box::new(self.expression(0)?);
                self.expect("]", "a closing ] belongs here")?;
                on = Expr::new(at, Kind::Subscript { on: Box::new(on), index })?;
            } else {
                return Ok(on);
            }
        }
    }

    fn invocation(&mut self, at: usize, on: Option<Expr>, name: String) -> Result<Expr, Error> {
        let on = on.map(Box::new);
        if !self.accept("(") {
            return Expr::new(at, Kind::Member { on, name });
        }
        let mut arguments = Vec::new();
        if !self.accept(")") {
            loop {
                arguments.push(self.expression(0)?);
                if !self.accept(",") {
                    break;
                }
            }
            self.expect(")", "a closing ) belongs here")?;
        }
        Expr::new(at, Kind::Call { on, name, arguments })
    }

    fn term(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        let literal = match self.take() {
            Token::Text(text) => Literal::Text(text),
            Token::Number(value) => self.number(value),
            Token::Long(value) => Literal::Long(value.to_owned()),
            Token::Date(value) => Literal::Date(value.to_owned()),
            Token::DateTime(value) => Literal::DateTime(value.to_owned()),
            Token::Time(value) => Literal::Time(value.to_owned()),
            Token::Word("true") => Literal::Boolean(true),
            Token::Word("false") => Literal::Boolean(false),
            Token::Word(name) if is_identifier(name) => return self.invocation(at, None, name.to_owned()),
            Token::Delimited(name) => return self.invocation(at, None, name),
            Token::Special(name) => return special(at, name),
            Token::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")", "a closing ) belongs here")?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.expect("}", "a closing } belongs here")?;
                return Expr::new(at, Kind::Empty);
            }
            Token::Symbol("%") => return self.variable(at),
            _ => {
                return Err(Error::Syntax { at, what: "a value, a name or an opening bracket belongs here" });
            }
        };
        Expr::new(at, Kind::Literal(literal))
    }

    /// `4`, or `4 'mg'` and `4 days`.
    fn number(&mut self, value: &str) -> Literal {
        let (unit, is_calendar) = match self.peek() {
            Token::Text(unit) => (unit.clone(), false),
            Token::Word(word) if is_calendar_unit(word) => ((*word).to_owned(), true),
            _ => return Literal::Number(value.to_owned()),
        };
        self.next += 1;
        Literal::Quantity { value: value.to_owned(), unit, is_calendar }
    }

    fn variable(&mut self, at: usize) -> Result<Expr, Error> {
        match self.take() {
            Token::Word(name) => Expr::new(at, Kind::Variable(name.to_owned())),
            Token::Delimited(name) | Token::Text(name) => Expr::new(at, Kind::Variable(name)),
            _ => Err(Error::Syntax { at, what: "a name belongs behind %" }),
        }
    }

    fn type_name(&mut self) -> Result<TypeName, Error> {
        let first = self.identifier()?;
        if self.accept(".") {
            return Ok(TypeName { namespace: Some(first), name: self.identifier()? });
        }
        Ok(TypeName { namespace: None, name: first })
    }

    fn identifier(&mut self) -> Result<String, Error> {
        let at = self.at();
        match self.take() {
            Token::Word(name) if is_identifier(name) => Ok(name.to_owned()),
            Token::Delimited(name) => Ok(name),
            _ => Err(Error::Syntax { at, what: "the name of a type belongs here" }),
        }
    }
}

/// `as`, `is`, `in` and `contains` may name elements; the other keywords may not.
fn is_identifier(word: &str) -> bool {
    !matches!(word, "and" | "or" | "xor" | "implies" | "div" | "mod" | "true" | "false")
}

fn is_calendar_unit(word: &str) -> bool {
    let one = word.strip_suffix('s').unwrap_or(word);
    matches!(one, "year" | "month" | "week" | "day" | "hour" | "minute" | "second" | "millisecond")
}

fn special(at: usize, name: &str) -> Result<Expr, Error> {
    match name {
        "this" => Expr::new(at, Kind::This),
        "index" => Expr::new(at, Kind::Index),
        "total" => Expr::new(at, Kind::Total),
        _ => Err(Error::Syntax { at, what: "only $this, $index and $total are known" }),
    }
}

/// `(a | b) | c` is one union of three.
fn union(at: usize, left: Expr, right: Expr) -> Result<Expr, Error> {
    let mut branches = match left {
        Expr { kind: Kind::Union(branches), .. } => branches,
        other => vec![other],
    };
    branches.push(right);
    Expr::new(at, Kind::Union(branches))
}

/// The operator at `token` with its binding power; a higher one binds tighter.
fn infix(token: &Token<'_>) -> Option<(Infix, u8)> {
    use Operator::*;
    let (operator, power) = match token {
        Token::Word("implies") => (Implies, 1),
        Token::Word("or") => (Or, 2),
        Token::Word("xor") => (Xor, 2),
        Token::Word("and") => (And, 3),
        Token::Word("in") => (In, 4),
        Token::Word("contains") => (Contains, 4),
        Token::Symbol("=") => (Equal, 5),
        Token::Symbol("!=") => (NotEqual, 5),
        Token::Symbol("~") => (Equivalent, 5),
        Token::Symbol("!~") => (NotEquivalent, 5),
        Token::Symbol("<") => (Less, 6),
        Token::Symbol("<=") => (LessOrEqual, 6),
        Token::Symbol(">") => (Greater, 6),
        Token::Symbol(">=") => (GreaterOrEqual, 6),
        Token::Symbol("|") => return Some((Infix::Union, 7)),
        Token::Word("is") => return Some((Infix::Type(Test::Is), 8)),
        Token::Word("as") => return Some((Infix::Type(Test::As), 8)),
        Token::Symbol("+") => (Add, 9),
        Token::Symbol("-") => (Subtract, 9),
        Token::Symbol("&") => (Concatenate, 9),
        Token::Symbol("*") => (Multiply, 10),
        Token::Symbol("/") => (Divide, 10),
        Token::Word("div") => (Div, 10),
        Token::Word("mod") => (Mod, 10),
        _ => return None,
    };
    Some((Infix::Operator(operator), power))
}

#[cfg(test)]
mod tests;
