//! Why somebody sees what they see of a patient's record, and how much of it: with the conditions that every query is restricted by,
//! so that the explanation cannot differ from what happens.

use crate::{
    Store,
    dialect::Conn,
    error::Error,
    index::{COMPARTMENT, Index, effect_of},
    keys::type_number,
    reach::Reach,
    read::{Stored, Unsigned},
    rows::Rids,
    sql::Sql,
};
use access::{consent::Effect, grant::Grant};
use std::{collections::BTreeMap, fmt::Write};

/// How many reasons are told at most.
const REASONS: usize = 200;

/// What somebody sees of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The number of the type.
    pub kind: i64,
    /// How many there are of the patient.
    pub all: i64,
    /// How many of them are within reach.
    pub shown: i64,
}

/// Something that lets somebody in, or keeps them out, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The resource that says so; `None` for a consent that is only being considered.
    pub source: Option<Stored>,
    /// What a consent does; `None` for a care relationship.
    pub effect: Option<Effect>,
    /// Whether it is about part of the record alone: a type, a label, one resource.
    pub is_partial: bool,
    /// To which microsecond.
    pub until: i64,
}

/// What one [`View`] shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// By type.
    pub sights: Vec<Sight>,
    /// What has a say.
    pub reasons: Vec<Reason>,
}

/// What comes into sight of one type, and what goes out of it, from the first view to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// The number of the type.
    pub kind: i64,
    /// How many are newly seen.
    pub gained: i64,
    /// How many are seen no longer.
    pub lost: i64,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What each view shows, in their order.
    pub views: Vec<Explained>,
    /// How the last differs from the first.
    pub moves: Vec<Move>,
}

/// A consent that is only being considered, in place of the one that is stored under its id.
#[derive(Clone, Copy, Debug)]
pub struct Considered<'a> {
    /// The id of the Consent; one that does not exist yet has none.
    pub id: Option<&'a str>,
    /// What it would stand in the index with.
    pub index: &'a Index,
}

/// Somebody looks, and how things stand.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Who looks; `None` for somebody whose scopes allow nothing.
    pub subject: Option<&'a Grant>,
    /// A consent that is only being considered.
    pub considered: Option<Considered<'a>>,
}

/// The rows of a patient: row, type, and whether a view shows it.
type Row = (i64, i64, bool);

impl Store {
    /// What views show of a patient's record, and why; all at one moment of the database. `asker` is who wants to know. `None` where
    /// there is no such patient.
    ///
    /// # Errors
    /// [`Error::Refused`] where the asker may not know of the patient's consents, whether there is such a patient or not; where the
    /// database or the keys fail.
    pub fn explain(
        &self,
        asker: &Grant,
        patient: &str,
        views: &[View<'_>],
    ) -> Result<Unsigned<Option<(i64, Looked)>>, Error> {
        let blinder = self.keys.blinder();
        let found = self.pool.view(|conn| {
            let mut rids = Rids::default();
            let considered = || views.iter().filter_map(|view| view.considered);
            let named = considered().flat_map(|c| c.index.targets().map(|target| target.key));
            let consents = considered().filter_map(|c| c.id).map(|id| blinder.key("Consent", id));
            let key = blinder.key("Patient", patient);
            rids.look_up(conn, named.chain(consents).chain([key]))?;
            let owner = rids.get(&key);
            if !Reach::resolve(conn, blinder, asker)?.is_of_all("Consent", owner) {
                return Err(Error::Refused);
            }
            let Some(owner) = owner else { return Ok(None) };
            let (mut looked, mut seen) = (Looked::default(), Vec::new());
            for view in views {
                let rules = view.considered.map(|c| {
                    let number = |target: crate::keys::Target| rids.get(&target.key).unwrap_or(-1);
                    let rows: Vec<[i64; 10]> = c.index.rules.iter().map(|rule| rule.row(number)).collect();
                    (c.id.and_then(|id| rids.get(&blinder.key("Consent", id))).unwrap_or(-1), rows)
                });
                let reach = view.subject.map(|subject| Reach::resolve(conn, blinder, subject)).transpose()?;
                let rows = self.seen(conn, reach.as_ref(), owner, rules.as_ref())?;
                let reasons = match &reach {
                    Some(reach) => self.reasons(conn, reach, owner, rules.as_ref())?,
                    None => Vec::new(),
                };
                looked.views.push(Explained { sights: sights(&rows), reasons });
                seen.push(rows);
            }
            if let [first, .., last] = seen.as_slice() {
                looked.moves = moves(first, last);
            }
            Ok(Some((owner, looked)))
        })?;
        Ok(Unsigned::new(found))
    }

    /// Whether consents to a part of that record are all that lets the actor in: then what they do not find there may be there all the same.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn opens_in_part(&self, grant: &Grant, patient: &str) -> Result<bool, Error> {
        self.pool.view(|conn| {
            let blinder = self.keys.blinder();
            let key = blinder.key("Patient", patient);
            let mut rids = Rids::default();
            rids.look_up(conn, [key].into_iter())?;
            let Some(owner) = rids.get(&key) else { return Ok(false) };
            let reach = Reach::resolve(conn, blinder, grant)?;
            let mut sql = Sql::new(blinder);
            if reach.is_open(owner) || !reach.reasons(&mut sql, owner) {
                return Ok(false);
            }
            let rows = conn.query(sql.text(), &sql.args(), |row| Ok((row.int(1)?, row.int(2)?)))?;
            let permits = |effect: i64| effect_of(effect).is_some_and(Effect::permits);
            Ok(!rows.iter().any(|(effect, part)| *effect == 0 || (permits(*effect) && *part == 0)))
        })
    }

    /// Which rows of the patient there are, in order, and which of them are within reach.
    fn seen(
        &self,
        conn: &mut Conn,
        reach: Option<&Reach>,
        owner: i64,
        considered: Option<&Rules>,
    ) -> Result<Vec<Row>, Error> {
        let mut sql = Sql::new(self.keys.blinder());
        consider(&mut sql, conn, considered);
        sql.push("SELECT r.rid, r.type, CAST(CASE WHEN 1 = 1");
        match reach {
            Some(reach) => reach.restrict(&mut sql, "r", None, None),
            None => sql.push(" AND 1 = 0"),
        }
        let _ = write!(
            sql.text,
            " THEN 1 ELSE 0 END AS BIGINT) FROM link d CROSS JOIN resource r WHERE d.param = {COMPARTMENT} AND d.target = "
        );
        sql.int(owner);
        sql.push(" AND r.rid = d.rid AND r.live = 1 AND r.owner = ");
        sql.int(owner);
        sql.push(" ORDER BY r.rid");
        conn.query(sql.text(), &sql.args(), |row| Ok((row.int(0)?, row.int(1)?, row.int(2)? != 0)))
    }

    fn reasons(
        &self,
        conn: &mut Conn,
        reach: &Reach,
        owner: i64,
        considered: Option<&Rules>,
    ) -> Result<Vec<Reason>, Error> {
        let mut sql = Sql::new(self.keys.blinder());
        consider(&mut sql, conn, considered);
        if !reach.reasons(&mut sql, owner) {
            return Ok(Vec::new());
        }
        let _ = write!(sql.text, " LIMIT {REASONS}");
        let rows = conn
            .query(sql.text(), &sql.args(), |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?)))?;
        let rids: Vec<i64> = rows.iter().map(|(rid, ..)| *rid).collect();
        let sources = self.by_number(conn, &rids)?;
        let reason = |(rid, effect, is_partial, until): (i64, i64, i64, i64)| Reason {
            source: sources.iter().find(|stored| stored.rid == rid).cloned(),
            effect: effect_of(effect),
            is_partial: is_partial != 0,
            until,
        };
        Ok(rows.into_iter().map(reason).collect())
    }
}

/// Rows counted by type.
fn sights(rows: &[Row]) -> Vec<Sight> {
    let mut all: BTreeMap<i64, Sight> = BTreeMap::new();
    for (_, kind, shown) in rows {
        let sight = all.entry(*kind).or_insert(Sight { kind: *kind, ..Sight::default() });
        (sight.all, sight.shown) = (sight.all + 1, sight.shown + i64::from(*shown));
    }
    all.into_values().collect()
}

/// What one view shows and the other does not. Both are of the same rows: they were read at one moment.
fn moves(first: &[Row], last: &[Row]) -> Vec<Move> {
    let mut all: BTreeMap<i64, Move> = BTreeMap::new();
    for ((_, kind, before), (_, _, after)) in first.iter().zip(last).filter(|(a, b)| a.2 != b.2) {
        let step = all.entry(*kind).or_insert(Move { kind: *kind, ..Move::default() });
        (step.gained, step.lost) = (step.gained + i64::from(*after), step.lost + i64::from(*before));
    }
    all.into_values().collect()
}

/// The row of the consent that is replaced, and what would be in force instead.
type Rules = (i64, Vec<[i64; 10]>);

const COLUMNS: &str = "patient, effect, depth, who, purpose, type, label, item, since, until, rid";

/// Puts other rules in the place of a consent's, for this statement alone.
fn consider(sql: &mut Sql<'_>, conn: &Conn, considered: Option<&Rules>) {
    let Some((replaced, rules)) = considered else { return };
    let home = conn.home();
    let _ =
        write!(sql.text, "WITH consent ({COLUMNS}) AS (SELECT {COLUMNS} FROM {home}.consent WHERE rid <> ");
    sql.int(*replaced);
    for rule in rules {
        sql.push(" UNION ALL SELECT ");
        for value in rule {
            sql.push("CAST(");
            sql.int(*value);
            sql.push(" AS BIGINT), ");
        }
        sql.push("CAST(-2 AS BIGINT)");
    }
    sql.push(") ");
}

/// The number of a type, as [`Sight`] has it.
pub fn kind_number(resource_type: &str) -> i64 {
    type_number(resource_type)
}
