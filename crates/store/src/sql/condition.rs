//! Each condition of a search, as a condition on rows.

use super::{Sql, Value};
use crate::{
    reach::Reach,
    select::{Compare, Holder, Test},
};
use std::fmt::Write;

impl Sql<'_> {
    pub(crate) fn all(&mut self, alias: &str, tests: &[Test], reach: &Reach) {
        for test in tests {
            self.push(" AND ");
            self.test(alias, test, reach);
        }
    }

    pub(crate) fn test(&mut self, alias: &str, test: &Test, reach: &Reach) {
        match test {
            Test::Any(tests) => {
                self.push("(");
                for (at, test) in tests.iter().enumerate() {
                    self.push(if at == 0 { "" } else { " OR " });
                    self.test(alias, test, reach);
                }
                self.push(if tests.is_empty() { "1 = 0)" } else { ")" });
            }
            Test::Not(test) => {
                self.push("NOT ");
                self.test(alias, test, reach);
            }
            Test::Has { param, look } => {
                let term = self.blinder.look(*param, look);
                let x = self.alias();
                let _ = write!(
                    self.text,
                    "EXISTS (SELECT 1 FROM term {x} WHERE {x}.param = {param} AND {x}.term = "
                );
                self.int(term);
                let _ = write!(self.text, " AND {x}.rid = {alias}.rid)");
            }
            Test::Range { param, unit, compare, low, high } => {
                let scope = self.blinder.unit_scope(*param, unit.as_ref());
                let x = self.alias();
                let _ = write!(
                    self.text,
                    "EXISTS (SELECT 1 FROM span {x} WHERE {x}.rid = {alias}.rid AND {x}.param = {param} AND {x}.scope = "
                );
                self.int(scope);
                self.push(" AND ");
                self.compare(&format!("{x}.low"), &format!("{x}.high"), *compare, *low, *high);
                self.push(")");
            }
            Test::Updated { compare, low, high } => {
                let column = format!("{alias}.updated");
                self.compare(&column, &column, *compare, *low, *high);
            }
            Test::Id { resource_type, id } => {
                let _ = write!(self.text, "{alias}.key = ");
                self.value(Value::Key(self.blinder.key(resource_type, id)));
            }
            Test::Present { param, holders } => self.present(alias, *param, holders),
            Test::Refers { .. } | Test::Chain { .. } | Test::ReferredBy { .. } => {
                self.linked(alias, test, reach)
            }
            Test::Changed { after, until, .. } => {
                let _ = write!(self.text, "({alias}.seq > ");
                self.int(*after);
                let _ = write!(self.text, " AND {alias}.seq <= ");
                self.int(*until);
                self.push(")");
            }
            Test::Never => self.push("1 = 0"),
        }
    }

    fn linked(&mut self, alias: &str, test: &Test, reach: &Reach) {
        let (x, t) = (self.alias(), self.alias());
        match test {
            Test::Refers { param, resource_type, id } => {
                let key = self.blinder.key(resource_type, id);
                let _ = write!(
                    self.text,
                    "EXISTS (SELECT 1 FROM link {x} WHERE {x}.param = {param} AND {x}.target = (SELECT {t}.rid FROM resource {t} \
                     WHERE {t}.key = "
                );
                self.value(Value::Key(key));
                let _ = write!(self.text, ") AND {x}.rid = {alias}.rid)");
            }
            Test::Chain { param, resource_type, tests } => {
                let _ = write!(self.text, "{alias}.rid IN (");
                self.chain(*param, resource_type, tests, reach, "");
                self.push(")");
            }
            Test::ReferredBy { param, resource_type, tests } => {
                let _ = write!(
                    self.text,
                    "EXISTS (SELECT 1 FROM link {x} JOIN resource {t} ON {t}.rid = {x}.rid WHERE {x}.param = {param} \
                     AND {x}.target = {alias}.rid AND "
                );
                self.visible(&t, resource_type, reach);
                self.all(&t, tests, reach);
                self.push(")");
            }
            _ => self.push("1 = 0"),
        }
    }

    fn present(&mut self, alias: &str, param: u32, holders: &[Holder]) {
        self.push("(");
        for (at, holder) in holders.iter().enumerate() {
            let table = match holder {
                Holder::Term => "term",
                Holder::Span => "span",
                Holder::Link => "link",
            };
            let x = self.alias();
            self.push(if at == 0 { "" } else { " OR " });
            let _ = write!(
                self.text,
                "{alias}.rid IN (SELECT {x}.rid FROM {table} {x} WHERE {x}.param = {param})"
            );
        }
        self.push(if holders.is_empty() { "1 = 0)" } else { ")" });
    }

    fn compare(&mut self, low_column: &str, high_column: &str, compare: Compare, low: i64, high: i64) {
        let contained = |sql: &mut Self| {
            let _ = write!(sql.text, "({low_column} >= ");
            sql.int(low);
            let _ = write!(sql.text, " AND {high_column} <= ");
            sql.int(high);
            sql.push(")");
        };
        let single = |sql: &mut Self, column: &str, sign: &str, bound: i64| {
            let _ = write!(sql.text, "{column} {sign} ");
            sql.int(bound);
        };
        match compare {
            Compare::Eq => contained(self),
            Compare::Ne => {
                self.push("NOT ");
                contained(self);
            }
            Compare::Gt => single(self, high_column, ">", high),
            Compare::Lt => single(self, low_column, "<", low),
            Compare::Sa => single(self, low_column, ">", high),
            Compare::Eb => single(self, high_column, "<", low),
            Compare::Ge | Compare::Le => {
                self.push("(");
                match compare {
                    Compare::Ge => single(self, high_column, ">", high),
                    _ => single(self, low_column, "<", low),
                }
                self.push(" OR ");
                contained(self);
                self.push(")");
            }
            Compare::Ap => {
                self.push("(");
                single(self, low_column, "<=", high);
                self.push(" AND ");
                single(self, high_column, ">=", low);
                self.push(")");
            }
        }
    }
}
