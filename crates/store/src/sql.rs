//! The SQL that a search, a read or a look into the past becomes.
//!
//! Values are blinded while the text is built and travel as arguments, so the text is the shape of the query and nothing else.

mod condition;
mod driver;

use crate::{
    dialect::Arg,
    keys::{Blinder, Key, type_number},
    reach::Reach,
    select::{Order, Select, Test},
};
pub(crate) use driver::{Driver, drivers};
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

/// Which changes are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Concern {
    /// Of what belongs to that row's Patient.
    Owner(i64),
    /// Of resources of that type.
    Kind(i64),
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

    /// `SELECT` of one change of what is asked for, after one change and not after another.
    pub(crate) fn change(&mut self, of: Concern, after: i64, until: i64, reach: &Reach) {
        self.push("SELECT v.seq FROM version v CROSS JOIN resource r WHERE v.seq > ");
        self.int(after);
        self.push(" AND v.seq <= ");
        self.int(until);
        let (column, value) = match of {
            Concern::Owner(owner) => ("r.owner", owner),
            Concern::Kind(kind) => ("v.type", kind),
        };
        let _ = write!(self.text, " AND r.rid = v.rid AND {column} = ");
        self.int(value);
        reach.restrict(self, "r", None, Some("v"));
        self.push(" LIMIT 1");
    }

    fn list(&mut self, values: impl Iterator<Item = Value>) {
        for (at, value) in values.enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            self.value(value);
        }
        self.push(")");
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
