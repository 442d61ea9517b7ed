//! What refinements of scopes leave of a part: the tests of a search.

use super::{Part, Reach};
use crate::{
    dialect::Conn,
    error::Error,
    index::Index,
    keys::Blinder,
    select::{Look, Test},
    sql::Sql,
};
use access::refine::{Criterion, Refinement, Value};
use std::fmt::Write;

/// Refinements as tests: all of one of these. One that nobody understood lets nothing through.
pub(super) fn tests(refinements: &[Refinement]) -> Vec<Vec<Test>> {
    let test = |criterion: &Criterion| {
        Test::Any(criterion.any.iter().map(|value| of_value(criterion.param, value)).collect())
    };
    let understood = refinements.iter().filter_map(Refinement::criteria);
    understood.map(|criteria| criteria.iter().map(test).collect()).collect()
}

fn of_value(param: u32, value: &Value) -> Test {
    match value.clone() {
        Value::Token { system, code, no_system } => {
            Test::Has { param, look: Look::Token { system, code, no_system } }
        }
        Value::Uri(uri) => Test::Has { param, look: Look::Uri(uri) },
        Value::Resource { resource_type, id } => Test::Refers { param, resource_type, id },
    }
}

impl Part {
    /// The condition that a row matches one of the refinements, where there are any. The index holds what is in force now and not what
    /// was, so of the past nothing is told through a refined scope.
    pub(super) fn refine(&self, sql: &mut Sql<'_>, alias: &str, past: Option<&str>) {
        let Some(refined) = &self.refined else { return };
        sql.push(" AND (1 = 0");
        for tests in refined {
            sql.push(" OR (1 = 1");
            // These tests lead to no other row, so nothing restricts them further.
            sql.all(alias, tests, &Reach::everything());
            sql.push(")");
        }
        sql.push(")");
        if let Some(version) = past {
            let _ = write!(sql.text, " AND ({version}.seq = {alias}.seq OR {version}.seq IS NULL)");
        }
    }

    /// Whether what is to be written matches one of the refinements: `index` is what it will be found by, `was` what is there now,
    /// `is_back` whether there was something that was deleted, of which nobody knows by now whether it matched.
    pub(super) fn lets_through(
        &self,
        conn: &mut Conn,
        blinder: &Blinder,
        index: Option<&Index>,
        was: Option<i64>,
        is_back: bool,
    ) -> Result<bool, Error> {
        let Some(refined) = &self.refined else { return Ok(true) };
        let matches =
            |index: &Index| refined.iter().any(|tests| tests.iter().all(|test| index.passes(blinder, test)));
        if is_back || !index.is_none_or(matches) {
            return Ok(false);
        }
        match was {
            Some(rid) => super::write::holds(conn, blinder, |sql| {
                sql.push("SELECT r.rid FROM resource r WHERE r.rid = ");
                sql.int(rid);
                self.refine(sql, "r", None);
            }),
            None => Ok(true),
        }
    }
}
