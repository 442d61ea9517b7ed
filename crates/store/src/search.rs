//! Running a search: choosing what drives it, reading a page of row numbers, counting.

use crate::{
    dialect::Conn,
    error::Error,
    keys::Blinder,
    reach::Reach,
    select::{Position, Select},
    sql::{Driver, Sql, drivers},
};

/// How far rows of a driver are counted before it is taken to be unselective.
const ESTIMATE: usize = 1_000;

/// A match: where it stands in the order, and its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) rid: i64,
    pub(crate) key: i64,
}

impl From<Match> for Position {
    fn from(m: Match) -> Position {
        Position { key: m.key, rid: m.rid }
    }
}

/// A page of matches.
pub(crate) fn page(
    conn: &mut Conn,
    blinder: &Blinder,
    select: &Select,
    reach: &Reach,
) -> Result<Vec<Match>, Error> {
    let driver = driver(conn, blinder, select, reach)?;
    let mut sql = Sql::new(blinder);
    sql.page(select, reach, driver.as_ref());
    conn.query(sql.text(), &sql.args(), |row| Ok(Match { rid: row.int(0)?, key: row.int(1)? }))
}

/// How many matches there are in all.
pub(crate) fn count(
    conn: &mut Conn,
    blinder: &Blinder,
    select: &Select,
    reach: &Reach,
) -> Result<i64, Error> {
    let driver = driver(conn, blinder, select, reach)?;
    let mut sql = Sql::new(blinder);
    sql.count(select, reach, driver.as_ref());
    Ok(conn.query(sql.text(), &sql.args(), |row| row.int(0))?.first().copied().unwrap_or_default())
}

/// How many drivers are weighed against each other.
const WEIGHED: usize = 4;

/// What hands out the fewest rows to begin with: a test, or the patients whose records are open. Where all that is open is the only
/// choice and much, walking the type in order finds a page sooner.
fn driver<'t>(
    conn: &mut Conn,
    blinder: &Blinder,
    select: &'t Select,
    reach: &Reach,
) -> Result<Option<Driver<'t>>, Error> {
    let mut candidates = drivers(blinder, &select.tests);
    candidates.truncate(WEIGHED);
    let of_tests = candidates.len();
    candidates.extend(Driver::of_reach(reach, &select.resource_type));
    if of_tests == candidates.len() && of_tests < 2 {
        return Ok(candidates.pop());
    }
    let mut sql = Sql::new(blinder);
    sql.estimates(&candidates, reach, ESTIMATE);
    let many = candidates.len();
    let estimates = conn.query(sql.text(), &sql.args(), |row| (0..many).map(|at| row.int(at)).collect())?;
    let rows: Vec<i64> = estimates.into_iter().next().unwrap_or_default();
    let best = rows.iter().enumerate().min_by_key(|(_, rows)| **rows).map_or(0, |(at, _)| at);
    let is_much = of_tests == 0 && rows.first().is_some_and(|rows| *rows >= ESTIMATE as i64);
    Ok((!is_much).then(|| candidates.swap_remove(best)))
}
