//! What a grant reaches, as every query is restricted to it.
//!
//! A grant is a union of parts; of a part with care in it a row is within reach when
//!
//! - it is of the directory, or belongs to the patient whose glass is broken, or
//! - no consent denies it, a care relationship or a consent opens its patient's record to the actor, and every sensitive label
//!   that it bears was granted.
//!
//! Of a part of refined scopes (`?category=laboratory`), those of these rows that match, in the version that is in force.
//!
//! Of a part of one patient's own, everything of their compartment is, but what bears a label that is hidden from who acts for them.
//!
//! All of that is looked up by the row's owner in `tie` and `consent`, so it holds on the next request on every node.

mod cared;
mod part;
mod refined;
mod write;

pub(crate) use write::Writing;

use crate::{
    attachment::FILE,
    dialect::Conn,
    error::Error,
    index::COMPARTMENT,
    keys::{Blinder, Key},
    rows::Rids,
    select::Test,
    sql::Sql,
};
use access::{
    act::Standing,
    directory,
    grant::{self, Grant, Types, Whose},
    label,
};
use std::fmt::Write;

/// A grant, resolved to row numbers: what every query is restricted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    types: Types,
    rows: Rows,
    /// Where scopes are refined: of these rows, those for which all tests of one of these hold.
    refined: Option<Vec<Vec<Test>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rows {
    All,
    /// Those of this patient's compartment, without those that bear one of these labels.
    Patient(i64, Vec<i64>),
    Cared(Cared),
    /// Of the patients that the actor has a care relationship with, what consents and labels keep back.
    Withheld(Cared),
}

/// What care and consent open.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cared {
    /// The one patient that it is about, if it is.
    only: Option<i64>,
    /// The rows that records know the actor by, in order.
    who: Vec<i64>,
    by_tie: bool,
    purpose: i64,
    at: i64,
    glass: Option<i64>,
    takes: bool,
    /// Labels that hide.
    sensitive: Vec<i64>,
}

/// A resource that does not exist has row −1, which no row belongs to.
pub(crate) const NOBODY: i64 = -1;

/// The resources whose row numbers a grant depends on.
pub(crate) fn keys(blinder: &Blinder, grant: &Grant) -> Vec<Key> {
    let mut keys = Vec::new();
    for part in grant.parts() {
        match &part.whose {
            Whose::Everyone => {}
            Whose::Patient { id, .. } => keys.push(blinder.key("Patient", id)),
            Whose::Cared { standing, at, only, .. } => {
                keys.extend(only.iter().map(|id| blinder.key("Patient", id)));
                keys.extend(standing.known_as.iter().map(|(kind, id)| blinder.key(kind, id)));
                keys.extend(Whose::glass(standing, *at).map(|id| blinder.key("Patient", id)));
            }
        }
    }
    keys
}

impl Reach {
    /// Resolves a grant, on the same view of the database that the query will see.
    pub(crate) fn resolve(conn: &mut Conn, blinder: &Blinder, grant: &Grant) -> Result<Reach, Error> {
        let mut rids = Rids::default();
        rids.look_up(conn, keys(blinder, grant).into_iter())?;
        Ok(Reach::new(blinder, grant, |key| rids.get(key)))
    }

    /// No bounds, for what is decided elsewhere.
    pub(crate) fn everything() -> Reach {
        Reach { parts: vec![Part { types: Types::All, rows: Rows::All, refined: None }] }
    }

    /// `row` knows the rows of [`keys`].
    pub(crate) fn new(blinder: &Blinder, grant: &Grant, row: impl Fn(&Key) -> Option<i64>) -> Reach {
        let number = |kind: &str, id: &str| row(&blinder.key(kind, id));
        let rows = |whose: &Whose| match whose {
            Whose::Everyone => Rows::All,
            Whose::Patient { id, hides } => Rows::Patient(
                number("Patient", id).unwrap_or(NOBODY),
                hides.iter().map(|code| blinder.label(code)).collect(),
            ),
            Whose::Cared { standing, purpose, at, only, takes } => Rows::Cared(Cared {
                only: only.as_ref().map(|id| number("Patient", id).unwrap_or(NOBODY)),
                who: who(standing, number),
                by_tie: standing.by_tie,
                purpose: blinder.purpose(purpose),
                at: *at,
                glass: Whose::glass(standing, *at).map(|id| number("Patient", id).unwrap_or(NOBODY)),
                takes: *takes,
                sensitive: sensitive(blinder, &standing.labels),
            }),
        };
        let parts = grant.parts().iter();
        let part = |p: &grant::Part| Part {
            types: p.types.clone(),
            rows: rows(&p.whose),
            refined: p.refined.as_deref().map(refined::tests),
        };
        Reach { parts: parts.map(part).collect() }
    }

    /// The other side: rows of patients that the actor cares for which are kept back from them. `None` where the type is within
    /// reach in another way as well.
    pub(crate) fn withheld(&self, kind: &str) -> Option<Reach> {
        let parts = self.parts.iter().filter(|part| part.types.holds(kind));
        let other = |part: &Part| match &part.rows {
            Rows::Cared(cared) => Some(Part { rows: Rows::Withheld(cared.clone()), ..part.clone() }),
            _ => None,
        };
        parts.map(other).collect::<Option<Vec<Part>>>().map(|parts| Reach { parts })
    }

    /// Whether a search for that type can begin with the rows of the patients whose records are open.
    pub(crate) fn can_drive(&self, kind: &str) -> bool {
        let mut parts = self.parts.iter().filter(|part| part.types.holds(kind));
        match (parts.next(), parts.next()) {
            (Some(part), None) => match &part.rows {
                Rows::Patient(..) => true,
                Rows::Cared(_) => !directory::holds(kind),
                Rows::All | Rows::Withheld(_) => false,
            },
            _ => false,
        }
    }

    /// `SELECT` of the rows in the compartments of these patients; more than are within reach.
    pub(crate) fn drive(&self, sql: &mut Sql<'_>, kind: &str, once: &str) {
        let part = self.parts.iter().find(|part| part.types.holds(kind));
        match part.map(|part| &part.rows) {
            Some(Rows::Patient(patient, _)) => {
                let _ = write!(
                    sql.text,
                    "SELECT {once}d.rid FROM link d WHERE d.param = {COMPARTMENT} AND d.target = "
                );
                sql.int(*patient);
            }
            Some(Rows::Cared(cared)) => cared.drive(sql, once),
            _ => sql.push("SELECT d.rid FROM link d WHERE 1 = 0"),
        }
    }

    /// Whether that record is the actor's own, everybody's is theirs to read, or its glass is broken for them.
    pub(crate) fn is_open(&self, patient: i64) -> bool {
        self.parts.iter().any(|part| match &part.rows {
            Rows::All => true,
            Rows::Patient(own, _) => *own == patient,
            Rows::Cared(cared) => cared.glass == Some(patient),
            Rows::Withheld(_) => false,
        })
    }

    /// Whether all of a type of that patient is within reach, and nothing is hidden. Of no patient: whether everybody's is.
    pub(crate) fn is_of_all(&self, kind: &str, patient: Option<i64>) -> bool {
        self.parts.iter().filter(|part| part.types.holds(kind)).any(|part| match &part.rows {
            _ if part.refined.is_some() => false,
            Rows::All => true,
            _ if kind == FILE => false,
            Rows::Patient(own, hides) => Some(*own) == patient && hides.is_empty(),
            _ => false,
        })
    }

    /// `SELECT` of what lets the actor into a patient's record or keeps them out: row, effect (0 for a care relationship), whether it
    /// is about a part alone, until when. `false` where neither care nor consent has a say.
    pub(crate) fn reasons(&self, sql: &mut Sql<'_>, patient: i64) -> bool {
        let cared = self.parts.iter().find_map(|part| match &part.rows {
            Rows::Cared(cared) => Some(cared),
            _ => None,
        });
        let Some(cared) = cared else { return false };
        sql.push("SELECT q.rid, q.effect, q.part, q.until FROM (SELECT k.rid AS rid, CAST(0 AS BIGINT) AS effect, CAST(0 AS BIGINT) AS part, k.until AS until FROM tie k WHERE k.who IN (0");
        if cared.by_tie && !cared.who.is_empty() {
            sql.push(", ");
            cared.list_who(sql);
        }
        sql.push(") AND k.patient = ");
        sql.int(patient);
        sql.push(" AND k.since <= ");
        sql.int(cared.at);
        sql.push(" AND k.until >= ");
        sql.int(cared.at);
        sql.push(
            " UNION ALL SELECT c.rid, c.effect, CAST(CASE WHEN c.type = 0 AND c.label = 0 AND c.item = 0 THEN 0 ELSE 1 END AS BIGINT), c.until \
             FROM consent c WHERE c.patient = ",
        );
        sql.int(patient);
        let _ = write!(sql.text, " AND c.effect IN ({}, {}) AND ", cared.effects(false), cared.effects(true));
        cared.is_about(sql, "c");
        // Denials first, then permissions, then care relationships.
        let denials = cared.effects(false);
        let _ = write!(
            sql.text,
            ") q ORDER BY CASE WHEN q.effect = 0 THEN 2 WHEN q.effect IN ({denials}) THEN 0 ELSE 1 END, q.rid, q.until"
        );
        true
    }

    /// Restricts a query to rows within reach. `kind` is their type, where they are all of one. `past` is the alias of the version
    /// that is shown, where it may be a past one.
    pub(crate) fn restrict(&self, sql: &mut Sql<'_>, alias: &str, kind: Option<&str>, past: Option<&str>) {
        let parts = self.parts.iter().filter(|part| kind.is_none_or(|kind| part.types.holds(kind)));
        let parts: Vec<&Part> = parts.collect();
        let is_whole = |part: &&Part| {
            part.rows == Rows::All && part.refined.is_none() && (kind.is_some() || part.types == Types::All)
        };
        if parts.iter().any(is_whole) {
            return;
        }
        sql.push(if parts.is_empty() { " AND (1 = 0" } else { " AND (" });
        for (at, part) in parts.iter().enumerate() {
            sql.push(if at == 0 { "(" } else { " OR (" });
            part.restrict(sql, alias, kind, past);
            sql.push(")");
        }
        sql.push(")");
    }
}

fn who(standing: &Standing, number: impl Fn(&str, &str) -> Option<i64>) -> Vec<i64> {
    let mut who: Vec<i64> = standing.known_as.iter().filter_map(|(kind, id)| number(kind, id)).collect();
    who.sort_unstable();
    who.dedup();
    who
}

fn sensitive(blinder: &Blinder, seen: &[String]) -> Vec<i64> {
    let hides = |code: &&&str| !seen.iter().any(|seen| seen == **code);
    label::SENSITIVE.iter().filter(hides).map(|code| blinder.label(code)).collect()
}
