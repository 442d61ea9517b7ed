//! Where a query begins: the rows that pass one of its tests are read from the index, all else is looked up for these alone.

use super::{Sql, Value};
use crate::{
    keys::{Blinder, type_number},
    reach::Reach,
    select::Test,
};
use std::fmt::Write;

/// A test by which a query may be driven: the rows that pass it are read from the index, and all else is looked up for these alone.
pub(crate) struct Driver<'t> {
    /// Which of the query's tests it stands for, whole; `None` for one that has to be asked all the same, or the reach itself.
    pub(super) at: Option<usize>,
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
    /// Rows of a type that changed after one change and not after another. Which change of a row is its newest, the test itself says.
    Changed { kind: i64, after: i64, until: i64 },
    /// Rows of the compartments that the reach opens, for a search for this type.
    Reach(String),
}

/// A test of more values than this drives nothing.
const DRIVER_VALUES: usize = 64;

impl Sql<'_> {
    /// The rows of a driver, each once.
    pub(super) fn drive(&mut self, driver: &Driver<'_>, reach: &Reach) {
        let once = match driver.arms.as_slice() {
            [Arm::Index { values, .. }] if values.len() == 1 => "",
            [_] => "DISTINCT ",
            _ => "",
        };
        self.push("(");
        self.arms(driver, reach, " UNION ", once);
        self.push(") d");
    }

    pub(super) fn arms(&mut self, driver: &Driver<'_>, reach: &Reach, between: &str, once: &str) {
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
                Arm::Changed { kind, after, until } => {
                    let _ = write!(
                        self.text,
                        "SELECT {once}d.rid FROM version d WHERE d.type = {kind} AND d.seq > "
                    );
                    self.int(*after);
                    self.push(" AND d.seq <= ");
                    self.int(*until);
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
    pub(super) fn chain(
        &mut self,
        param: u32,
        resource_type: &str,
        tests: &[Test],
        reach: &Reach,
        once: &str,
    ) {
        let (x, t) = (self.alias(), self.alias());
        let driven = drivers(self.blinder, tests);
        let _ = write!(self.text, "SELECT {once}{x}.rid FROM (SELECT {t}.rid FROM ");
        self.rows_of(&t, resource_type, tests, reach, driven.first());
        let _ = write!(self.text, ") m CROSS JOIN link {x} WHERE {x}.param = {param} AND {x}.target = m.rid");
    }
}

/// Tests that may drive a query.
pub(crate) fn drivers<'t>(blinder: &Blinder, tests: &'t [Test]) -> Vec<Driver<'t>> {
    let driver = |(at, test): (usize, &'t Test)| {
        let mut alternatives = Vec::new();
        flatten(test, &mut alternatives);
        if let Test::Changed { resource_type, after, until } = test {
            let arm = Arm::Changed { kind: type_number(resource_type), after: *after, until: *until };
            return Some(Driver { at: None, arms: vec![arm] });
        }
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
