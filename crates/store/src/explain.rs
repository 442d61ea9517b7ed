//! Why somebody sees what they see of a patient's record, and how much of it: with the conditions that every query is restricted by,
//! so that the explanation cannot differ from what happens.

use crate::{
    Store,
    dialect::Conn,
    error::Error,
    index::{COMPARTMENT, Index},
    keys::type_number,
    reach::Reach,
    read::{Stored, Unsigned},
    rows::Rids,
    sql::Sql,
};
use access::{consent::Effect, grant::Grant};
use std::fmt::Write;

/// How many reasons are told at most.
const REASONS: usize = 200;

/// What somebody sees of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// By type.
    pub sights: Vec<Sight>,
    /// What has a say.
    pub reasons: Vec<Reason>,
}

/// A consent that is only being considered, in place of the one that is stored under its id.
#[derive(Clone, Copy, Debug)]
pub struct Considered<'a> {
    /// The id of the Consent; one that does not exist yet has none.
    pub id: Option<&'a str>,
    /// What it would stand in the index with.
    pub index: &'a Index,
}

impl Store {
    /// What `subject` reaches of a patient's record, and why. `asker` is who wants to know. `None` where there is no such patient.
    ///
    /// # Errors
    /// [`Error::Refused`] where the asker may not know of the patient's consents; where the database or the keys fail.
    pub fn explain(
        &self,
        asker: &Grant,
        subject: &Grant,
        patient: &str,
        considered: Option<Considered<'_>>,
    ) -> Result<Unsigned<Option<(i64, Explained)>>, Error> {
        let blinder = self.keys.blinder();
        let found = self.pool.view(|conn| {
            let mut rids = Rids::default();
            let named = considered.into_iter().flat_map(|c| c.index.targets().map(|target| target.key));
            let consent = considered.and_then(|c| c.id).map(|id| blinder.key("Consent", id));
            let key = blinder.key("Patient", patient);
            rids.look_up(conn, named.chain(consent).chain([key]))?;
            let Some(owner) = rids.get(&key) else { return Ok(None) };
            if !Reach::resolve(conn, blinder, asker)?.is_of_consents(owner) {
                return Err(Error::Refused);
            }
            let reach = Reach::resolve(conn, blinder, subject)?;
            let considered = considered.map(|c| {
                let number = |target: crate::keys::Target| rids.get(&target.key).unwrap_or(-1);
                let rows: Vec<[i64; 10]> = c.index.rules.iter().map(|rule| rule.row(number)).collect();
                (consent.and_then(|key| rids.get(&key)).unwrap_or(-1), rows)
            });
            let sights = self.sights(conn, &reach, owner, considered.as_ref())?;
            let reasons = self.reasons(conn, &reach, owner, considered.as_ref())?;
            Ok(Some((owner, Explained { sights, reasons })))
        })?;
        Ok(Unsigned::new(found))
    }

    fn sights(
        &self,
        conn: &mut Conn,
        reach: &Reach,
        owner: i64,
        considered: Option<&Rules>,
    ) -> Result<Vec<Sight>, Error> {
        let mut sql = Sql::new(self.keys.blinder());
        consider(&mut sql, conn, considered);
        sql.push("SELECT r.type, COUNT(*), SUM(CASE WHEN 1 = 1");
        reach.restrict(&mut sql, "r", None, None);
        let _ = write!(
            sql.text,
            " THEN 1 ELSE 0 END) FROM link d CROSS JOIN resource r WHERE d.param = {COMPARTMENT} AND d.target = "
        );
        sql.int(owner);
        sql.push(" AND r.rid = d.rid AND r.live = 1 AND r.owner = ");
        sql.int(owner);
        sql.push(" GROUP BY r.type");
        conn.query(sql.text(), &sql.args(), |row| {
            Ok(Sight { kind: row.int(0)?, all: row.int(1)?, shown: row.int(2)? })
        })
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
            effect: match effect {
                1 => Some(Effect::Permit),
                2 => Some(Effect::Deny),
                _ => None,
            },
            is_partial: is_partial != 0,
            until,
        };
        Ok(rows.into_iter().map(reason).collect())
    }
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
