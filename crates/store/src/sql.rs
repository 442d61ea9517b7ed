//! The SQL that a search, a read or a look into the past becomes.
//!
//! Values are blinded while the text is built and travel as arguments, so the text is the shape of the query and nothing else.

use crate::{
    dialect::Arg,
    keys::{Blinder, Key, type_number},
    reach::Reach,
    select::{Compare, Holder, Order, Select, Test},
};
use std::fmt::Write;

#[cfg(test)]
mod tests;

/// The columns of a version as `read` takes them.
///
/// The resource row's own columns come along, so that `read` can see whether both fit each other. A version that is missing
/// although the resource row names it shows as zeros, not as a resource that does not exist.
const VERSION_COLUMNS: &str = "SELECT r.rid, r.version, r.seq, r.live, r.owner, COALESCE(v.rid, 0), COALESCE(v.version, 0), \
    COALESCE(v.seq, 0), v.updated, COALESCE(v.op, 0), COALESCE(v.owner, 0), v.type, v.body FROM resource r ";

/// Whose past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PastOf {
    Resource(Key),
    Type(String),
    Everything,
}

/// A page of the past, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) of: PastOf,
    pub(crate) before: i64,
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) limit: usize,
}

/// SQL under construction with its arguments. Arguments are numbered in the order in which they stand in the text, which both
/// engines count alike.
pub(crate) struct Sql<'k> {
    pub(crate) text: String,
    ints: Vec<Value>,
    blinder: &'k Blinder,
    alias: usize,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Int(i64),
    Key(Key),
}

/// A test by which a query may be driven: the rows that pass it are read from the index, and all else is looked up for these alone.
pub(crate) struct Driver<'t> {
    /// Which of the query's tests it stands for; `None` for the reach itself.
    at: Option<usize>,
    arms: Vec<Arm<'t>>,
}

impl Driver<'_> {
    /// The rows within reach, where these are few enough to begin with: those of the patients that it opens.
    pub(crate) fn of_reach(reach: &Reach, resource_type: &str) -> Option<Driver<'static>> {
        reach
            .can_drive(resource_type)
            .then(|| Driver { at: None, arms: vec![Arm::Reach(resource_type.to_owned())] })
    }
}

/// Where a driver's rows are read.
enum Arm<'t> {
    /// Rows of one table of the index that have one of these values.
    Index { table: &'static str, column: &'static str, param: u32, values: Vec<Value> },
    /// Rows that refer to rows which pass tests of their own, one of which drives.
    Chain { param: u32, resource_type: &'t str, tests: &'t [Test] },
    /// Rows of the compartments that the reach opens, for a search for this type.
    Reach(String),
}

/// A test of more values than this drives nothing.
const DRIVER_VALUES: usize = 64;

impl<'k> Sql<'k> {
    pub(crate) fn new(blinder: &'k Blinder) -> Sql<'k> {
        Sql { text: String::with_capacity(512), ints: Vec::new(), blinder, alias: 0 }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn args(&self) -> Vec<Arg<'_>> {
        self.ints
            .iter()
            .map(|v| match v {
                Value::Int(i) => Arg::Int(*i),
                Value::Key(k) => Arg::Bytes(&k.0),
            })
            .collect()
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn int(&mut self, value: i64) {
        self.value(Value::Int(value));
    }

    fn value(&mut self, value: Value) {
        self.ints.push(value);
        let _ = write!(self.text, "?{}", self.ints.len());
    }

    pub(crate) fn alias(&mut self) -> String {
        self.alias += 1;
        format!("x{}", self.alias)
    }

    /// `SELECT rid, key` of a page of matches.
    pub(crate) fn page(&mut self, select: &Select, reach: &Reach, driver: Option<&Driver<'_>>) {
        let (key, descending) = match select.order {
            // The driver's own column: its rows are in this order in the index, so a page reads no further than its end.
            Order::Stored if driver.is_some() => ("d.rid".to_owned(), false),
            Order::Stored => ("r.rid".to_owned(), false),
            Order::Updated { descending } => ("r.seq".to_owned(), descending),
            Order::Span { param, descending } => (span_key(param, descending), descending),
        };
        let (after, direction) = if descending { ("<", "DESC") } else { (">", "ASC") };
        let _ = write!(self.text, "SELECT q.rid, q.k FROM (SELECT r.rid AS rid, {key} AS k FROM ");
        self.matches(select, reach, driver);
        if let (Order::Stored, Some(position)) = (select.order, select.after) {
            self.push(if driver.is_some() { " AND d.rid > " } else { " AND r.rid > " });
            self.int(position.rid);
        }
        self.push(") q");
        match (select.order, select.after) {
            (Order::Stored, _) | (_, None) => {}
            (_, Some(position)) => {
                let _ = write!(self.text, " WHERE q.k {after} ");
                self.int(position.key);
                self.push(" OR (q.k = ");
                self.int(position.key);
                self.push(" AND q.rid > ");
                self.int(position.rid);
                self.push(")");
            }
        }
        let then = if select.order == Order::Stored { "" } else { ", q.rid" };
        let _ = write!(self.text, " ORDER BY q.k {direction}{then} LIMIT {}", select.limit);
    }

    /// `SELECT COUNT(*)` of all matches.
    pub(crate) fn count(&mut self, select: &Select, reach: &Reach, driver: Option<&Driver<'_>>) {
        self.push("SELECT COUNT(*) FROM ");
        self.matches(select, reach, driver);
    }

    /// How many rows each driver would hand out, counted no further than `most`.
    pub(crate) fn estimates(&mut self, drivers: &[Driver<'_>], reach: &Reach, most: usize) {
        for (at, driver) in drivers.iter().enumerate() {
            self.push(if at == 0 { "SELECT (SELECT COUNT(*) FROM (" } else { ", (SELECT COUNT(*) FROM (" });
            self.arms(driver, reach, " UNION ALL ", "");
            let _ = write!(self.text, " LIMIT {most}) q)");
        }
    }

    /// `SELECT` of one resource by its key: the current version, or the one that is named.
    pub(crate) fn one(&mut self, key: Key, version: Option<i64>, resource_type: &str, reach: &Reach) {
        self.push(VERSION_COLUMNS);
        match version {
            None => self.push("LEFT JOIN version v ON v.seq = r.seq WHERE r.version > 0 AND r.key = "),
            Some(version) => {
                self.push("LEFT JOIN version v ON v.rid = r.rid AND v.version = ");
                self.int(version);
                self.push(" WHERE r.version >= ");
                self.int(version);
                self.push(if version > 0 { " AND r.key = " } else { " AND 1 = 0 AND r.key = " });
            }
        }
        self.value(Value::Key(key));
        reach.restrict(self, "r", Some(resource_type), version.map(|_| "v"));
    }

    /// `SELECT` of one version of a row, current or past, whatever its type, as far as the grant reaches.
    pub(crate) fn version(&mut self, rid: i64, version: i64, reach: &Reach) {
        self.push(VERSION_COLUMNS);
        self.push("JOIN version v ON v.rid = r.rid AND v.version = ");
        self.int(version);
        self.push(" WHERE r.rid = ");
        self.int(rid);
        reach.restrict(self, "r", None, Some("v"));
    }

    /// `SELECT` of the current versions of rows by number, whatever their type, as far as the grant reaches.
    pub(crate) fn rows(&mut self, rids: &[i64], reach: &Reach) {
        self.push(VERSION_COLUMNS);
        self.push("LEFT JOIN version v ON v.seq = r.seq WHERE r.live = 1 AND r.rid IN (");
        self.list(rids.iter().map(|rid| Value::Int(*rid)));
        reach.restrict(self, "r", None, None);
    }

    /// `SELECT` of the current versions of resources by key, as far as the grant reaches.
    pub(crate) fn keyed(&mut self, keys: &[Key], reach: &Reach) {
        self.push(VERSION_COLUMNS);
        self.push("LEFT JOIN version v ON v.seq = r.seq WHERE r.live = 1 AND r.key IN (");
        self.list(keys.iter().map(|key| Value::Key(*key)));
        reach.restrict(self, "r", None, None);
    }

    /// `SELECT` of row numbers of that type which refer to any of `targets` by the parameter.
    pub(crate) fn referring(
        &mut self,
        param: u32,
        resource_type: &str,
        targets: &[i64],
        limit: usize,
        reach: &Reach,
    ) {
        let _ = write!(
            self.text,
            "SELECT DISTINCT r.rid FROM link l JOIN resource r ON r.rid = l.rid WHERE l.param = {param} AND l.target IN ("
        );
        self.list(targets.iter().map(|rid| Value::Int(*rid)));
        self.push(" AND ");
        self.visible("r", resource_type, reach);
        let _ = write!(self.text, " ORDER BY r.rid LIMIT {limit}");
    }

    /// `SELECT` of versions, newest first.
    pub(crate) fn history(&mut self, of: &Past, reach: &Reach) {
        self.push(VERSION_COLUMNS);
        self.push("JOIN version v ON v.rid = r.rid WHERE v.seq < ");
        self.int(of.before);
        match &of.of {
            PastOf::Resource(key) => {
                self.push(" AND r.key = ");
                self.value(Value::Key(*key));
            }
            PastOf::Type(resource_type) => {
                let _ = write!(self.text, " AND v.type = {}", type_number(resource_type));
            }
            PastOf::Everything => {}
        }
        if let Some(since) = of.since {
            self.push(" AND v.updated >= ");
            self.int(since);
        }
        if let Some(until) = of.until {
            self.push(" AND v.updated <= ");
            self.int(until);
        }
        reach.restrict(self, "r", None, Some("v"));
        let _ = write!(self.text, " ORDER BY v.seq DESC LIMIT {}", of.limit);
    }

    fn list(&mut self, values: impl Iterator<Item = Value>) {
        for (at, value) in values.enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            self.value(value);
        }
        self.push(")");
    }

    /// The rows of a driver, each once.
    fn drive(&mut self, driver: &Driver<'_>, reach: &Reach) {
        let once = match driver.arms.as_slice() {
            [Arm::Index { values, .. }] if values.len() == 1 => "",
            [_] => "DISTINCT ",
            _ => "",
        };
        self.push("(");
        self.arms(driver, reach, " UNION ", once);
        self.push(") d");
    }

    fn arms(&mut self, driver: &Driver<'_>, reach: &Reach, between: &str, once: &str) {
        for (at, arm) in driver.arms.iter().enumerate() {
            self.push(if at == 0 { "" } else { between });
            match arm {
                Arm::Index { table, column, param, values } => {
                    let _ = write!(
                        self.text,
                        "SELECT {once}d.rid FROM {table} d WHERE d.param = {param} AND d.{column} IN ("
                    );
                    self.any_of(values);
                }
                Arm::Chain { param, resource_type, tests } => {
                    self.chain(*param, resource_type, tests, reach, once);
                }
                Arm::Reach(resource_type) => reach.drive(self, resource_type, once),
            }
        }
    }

    fn any_of(&mut self, values: &[Value]) {
        for (at, value) in values.iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            match value {
                Value::Key(_) => {
                    self.push("(SELECT t.rid FROM resource t WHERE t.key = ");
                    self.value(*value);
                    self.push(")");
                }
                Value::Int(_) => self.value(*value),
            }
        }
        self.push(")");
    }

    /// `SELECT` of the rows that refer by `param` to rows of that type which pass the tests.
    fn chain(&mut self, param: u32, resource_type: &str, tests: &[Test], reach: &Reach, once: &str) {
        let (x, t) = (self.alias(), self.alias());
        let driven = drivers(self.blinder, tests);
        let _ = write!(self.text, "SELECT {once}{x}.rid FROM (SELECT {t}.rid FROM ");
        self.rows_of(&t, resource_type, tests, reach, driven.first());
        let _ = write!(self.text, ") m CROSS JOIN link {x} WHERE {x}.param = {param} AND {x}.target = m.rid");
    }

    fn matches(&mut self, select: &Select, reach: &Reach, driver: Option<&Driver<'_>>) {
        self.rows_of("r", &select.resource_type, &select.tests, reach, driver);
        if select.newest_rid < i64::MAX {
            self.push(" AND r.rid <= ");
            self.int(select.newest_rid);
        }
    }

    /// The rows of that type which the grant reaches and which pass the tests: what follows `FROM`.
    fn rows_of(
        &mut self,
        alias: &str,
        resource_type: &str,
        tests: &[Test],
        reach: &Reach,
        driver: Option<&Driver<'_>>,
    ) {
        if let Some(driver) = driver {
            self.drive(driver, reach);
            let _ = write!(self.text, " CROSS JOIN resource {alias} WHERE {alias}.rid = d.rid AND ");
        } else {
            let _ = write!(self.text, "resource {alias} WHERE ");
        }
        self.visible(alias, resource_type, reach);
        let driving = driver.and_then(|driver| driver.at);
        for (_, test) in tests.iter().enumerate().filter(|(at, _)| Some(*at) != driving) {
            self.push(" AND ");
            self.test(alias, test, reach);
        }
    }

    /// A live resource of that type which the grant reaches. Also the inside of chains, so that nothing can be learned of a row
    /// by asking about its neighbours.
    fn visible(&mut self, alias: &str, resource_type: &str, reach: &Reach) {
        let _ = write!(self.text, "{alias}.type = {} AND {alias}.live = 1", type_number(resource_type));
        reach.restrict(self, alias, Some(resource_type), None);
    }

    fn all(&mut self, alias: &str, tests: &[Test], reach: &Reach) {
        for test in tests {
            self.push(" AND ");
            self.test(alias, test, reach);
        }
    }

    fn test(&mut self, alias: &str, test: &Test, reach: &Reach) {
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

fn span_key(param: u32, descending: bool) -> String {
    let (pick, column, missing) =
        if descending { ("MAX", "high", i64::MIN) } else { ("MIN", "low", i64::MAX) };
    // A literal -9223372036854775808 is read as a negated number that does not fit, so the last but one stands for it.
    let missing = missing.max(i64::MIN + 1);
    format!(
        "COALESCE((SELECT {pick}(s.{column}) FROM span s WHERE s.rid = r.rid AND s.param = {param} AND s.scope = 0), {missing})"
    )
}

/// Tests that may drive a query.
pub(crate) fn drivers<'t>(blinder: &Blinder, tests: &'t [Test]) -> Vec<Driver<'t>> {
    let driver = |(at, test): (usize, &'t Test)| {
        let mut alternatives = Vec::new();
        flatten(test, &mut alternatives);
        let drives = (1..=DRIVER_VALUES).contains(&alternatives.len());
        let arms = drives.then(|| arms(blinder, &alternatives)).flatten()?;
        Some(Driver { at: Some(at), arms })
    };
    tests.iter().enumerate().filter_map(driver).collect()
}

fn flatten<'t>(test: &'t Test, alternatives: &mut Vec<&'t Test>) {
    match test {
        Test::Any(tests) => tests.iter().for_each(|test| flatten(test, alternatives)),
        test => alternatives.push(test),
    }
}

/// Where the rows that pass any of these are read; nothing where the index cannot tell of one of them.
fn arms<'t>(blinder: &Blinder, alternatives: &[&'t Test]) -> Option<Vec<Arm<'t>>> {
    let mut arms: Vec<Arm<'t>> = Vec::new();
    for test in alternatives {
        match test {
            Test::Has { param, look } => {
                add(&mut arms, ("term", "term"), *param, Value::Int(blinder.look(*param, look)));
            }
            Test::Refers { param, resource_type, id } => {
                add(&mut arms, ("link", "target"), *param, Value::Key(blinder.key(resource_type, id)));
            }
            Test::Chain { param, resource_type, tests } if !drivers(blinder, tests).is_empty() => {
                arms.push(Arm::Chain { param: *param, resource_type, tests });
            }
            _ => return None,
        }
    }
    Some(arms)
}

fn add(arms: &mut Vec<Arm<'_>>, place: (&'static str, &'static str), number: u32, value: Value) {
    let same = arms.iter_mut().find_map(|arm| match arm {
        Arm::Index { table, param, values, .. } if (*table, *param) == (place.0, number) => Some(values),
        _ => None,
    });
    match same {
        Some(values) => values.push(value),
        None => arms.push(Arm::Index { table: place.0, column: place.1, param: number, values: vec![value] }),
    }
}
