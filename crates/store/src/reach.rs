//! What a grant reaches, as every query is restricted to it.
//!
//! A grant is a union of parts; of a part with care in it a row is within reach when
//!
//! - it is of the directory, or belongs to the patient whose glass is broken, or
//! - no consent denies it, a care relationship or a consent opens its patient's record to the actor, and every sensitive label
//!   that it bears was granted.
//!
//! All of that is looked up by the row's owner in `tie` and `consent`, so it holds on the next request on every node.

use crate::{
    dialect::Conn,
    error::Error,
    index::{COMPARTMENT, LABEL, effect_number},
    keys::{Blinder, Key, type_number},
    rows::Rids,
    sql::Sql,
};
use access::{
    act::Standing,
    consent::Effect,
    directory,
    grant::{Grant, Types, Whose},
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rows {
    All,
    /// Those of this patient's compartment.
    Patient(i64),
    Cared(Cared),
}

/// What care and consent open.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cared {
    /// The rows that records know the actor by, in order.
    who: Vec<i64>,
    by_tie: bool,
    purpose: i64,
    at: i64,
    glass: Option<i64>,
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
            Whose::Patient { id } => keys.push(blinder.key("Patient", id)),
            Whose::Cared { standing, at, .. } => {
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

    /// `row` knows the rows of [`keys`].
    pub(crate) fn new(blinder: &Blinder, grant: &Grant, row: impl Fn(&Key) -> Option<i64>) -> Reach {
        let number = |kind: &str, id: &str| row(&blinder.key(kind, id));
        let rows = |whose: &Whose| match whose {
            Whose::Everyone => Rows::All,
            Whose::Patient { id } => Rows::Patient(number("Patient", id).unwrap_or(NOBODY)),
            Whose::Cared { standing, purpose, at } => Rows::Cared(Cared {
                who: who(standing, number),
                by_tie: standing.by_tie,
                purpose: blinder.purpose(purpose),
                at: *at,
                glass: Whose::glass(standing, *at).map(|id| number("Patient", id).unwrap_or(NOBODY)),
                sensitive: sensitive(blinder, &standing.labels),
            }),
        };
        let parts = grant.parts().iter();
        Reach { parts: parts.map(|p| Part { types: p.types.clone(), rows: rows(&p.whose) }).collect() }
    }

    /// Restricts a query to rows within reach. `kind` is their type, where they are all of one. `past` is the alias of the version
    /// that is shown, where it may be a past one.
    pub(crate) fn restrict(&self, sql: &mut Sql<'_>, alias: &str, kind: Option<&str>, past: Option<&str>) {
        let parts = self.parts.iter().filter(|part| kind.is_none_or(|kind| part.types.holds(kind)));
        let parts: Vec<&Part> = parts.collect();
        let is_whole = |part: &&Part| part.rows == Rows::All && (kind.is_some() || part.types == Types::All);
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

    /// Whether a resource of that type may be written: `owner` is the row of the patient that it will belong to (`None` where it
    /// has none, [`NOBODY`] where they have no row yet), `now` what is there now, `is_new_patient` whether that patient
    /// is registered by the same commit.
    pub(crate) fn may_write(
        &self,
        conn: &mut Conn,
        blinder: &Blinder,
        kind: &str,
        owner: Option<i64>,
        now: Option<(i64, i64)>,
        is_new_patient: bool,
    ) -> Result<bool, Error> {
        for part in self.parts.iter().filter(|part| part.types.holds(kind)) {
            let may = match &part.rows {
                Rows::All => true,
                Rows::Patient(patient) => {
                    owner == Some(*patient) && now.is_none_or(|(_, owner)| owner == *patient)
                }
                Rows::Cared(_) if directory::holds(kind) => {
                    owner.is_none() && now.is_none_or(|(_, owner)| owner == 0)
                }
                Rows::Cared(_) if is_new_patient && now.is_none() => true,
                Rows::Cared(cared) => {
                    let Some(owner) = owner else { continue };
                    let sees = match now {
                        None => true,
                        Some((rid, _)) => holds(conn, blinder, |sql| {
                            sql.push("SELECT 1 FROM resource r WHERE r.rid = ");
                            sql.int(rid);
                            self.restrict(sql, "r", Some(kind), None);
                        })?,
                    };
                    sees && holds(conn, blinder, |sql| {
                        sql.push("SELECT 1 FROM head h WHERE ");
                        cared.admits(sql, owner, type_number(kind));
                    })?
                }
            };
            if may {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn holds(conn: &mut Conn, blinder: &Blinder, build: impl FnOnce(&mut Sql<'_>)) -> Result<bool, Error> {
    let mut sql = Sql::new(blinder);
    build(&mut sql);
    // Whether there is a row, not what stands in it: a literal has another type on each engine.
    Ok(!conn.query(sql.text(), &sql.args(), |_| Ok(()))?.is_empty())
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

impl Part {
    fn restrict(&self, sql: &mut Sql<'_>, alias: &str, kind: Option<&str>, past: Option<&str>) {
        if let (Types::Only(types), None) = (&self.types, kind) {
            let numbers: Vec<String> = types.iter().map(|t| type_number(t).to_string()).collect();
            let _ = write!(sql.text, "{alias}.type IN ({}) AND ", numbers.join(", "));
        }
        match &self.rows {
            Rows::All => sql.push("1 = 1"),
            Rows::Patient(patient) => in_compartment(sql, alias, *patient, past),
            Rows::Cared(cared) => match kind {
                Some(kind) if directory::holds(kind) => {
                    let _ = write!(sql.text, "{alias}.owner = 0");
                }
                Some(_) => cared.reaches(sql, alias, past),
                None => {
                    let numbers: Vec<String> =
                        directory::TYPES.iter().map(|t| type_number(t).to_string()).collect();
                    let _ = write!(
                        sql.text,
                        "(({alias}.owner = 0 AND {alias}.type IN ({})) OR (",
                        numbers.join(", ")
                    );
                    cared.reaches(sql, alias, past);
                    sql.push("))");
                }
            },
        }
    }
}

/// Rows of the compartment: those that belong to the patient, and those that refer to them.
fn in_compartment(sql: &mut Sql<'_>, alias: &str, patient: i64, past: Option<&str>) {
    let x = sql.alias();
    let _ = write!(sql.text, "({alias}.owner = ");
    sql.int(patient);
    let _ = write!(
        sql.text,
        " OR EXISTS (SELECT 1 FROM link {x} WHERE {x}.param = {COMPARTMENT} AND {x}.rid = {alias}.rid AND {x}.target = "
    );
    sql.int(patient);
    sql.push("))");
    // Of the past only what belonged to the patient then: a resource that was moved to them, or that names them by now, may have
    // been about somebody else before.
    if let Some(version) = past {
        let _ = write!(sql.text, " AND ({version}.owner = ");
        sql.int(patient);
        let _ = write!(sql.text, " OR {version}.seq = {alias}.seq OR {version}.seq IS NULL)");
    }
}

impl Cared {
    fn reaches(&self, sql: &mut Sql<'_>, alias: &str, past: Option<&str>) {
        sql.push("(");
        if let Some(glass) = self.glass {
            let _ = write!(sql.text, "{alias}.owner = ");
            sql.int(glass);
            sql.push(" OR ");
        }
        let row = Row {
            owner: format!("{alias}.owner"),
            kind: format!("{alias}.type"),
            rid: Some(format!("{alias}.rid")),
        };
        let _ = write!(sql.text, "({alias}.owner > 0 AND ");
        self.open(sql, &row);
        let (s, c) = (sql.alias(), sql.alias());
        let _ = write!(
            sql.text,
            " AND NOT EXISTS (SELECT 1 FROM term {s} WHERE {s}.param = {LABEL} AND {s}.term IN ({}) AND {s}.rid = {alias}.rid \
             AND NOT EXISTS (SELECT 1 FROM consent {c} WHERE {c}.patient = {alias}.owner AND {c}.effect = {} \
             AND ({c}.label = {s}.term OR {c}.item = {alias}.rid) AND ",
            self.sensitive.iter().map(i64::to_string).collect::<Vec<_>>().join(", "),
            effect_number(Effect::Permit)
        );
        self.applies(sql, &c, &row);
        sql.push("))");
        sql.push("))");
        // What was deleted has no labels in the index any more, so of its past nothing is told.
        if let Some(version) = past {
            let _ = write!(
                sql.text,
                " AND ({version}.seq = {alias}.seq OR {version}.seq IS NULL OR ({alias}.live = 1 AND {version}.owner = {alias}.owner))"
            );
        }
    }

    /// Whether new resources of that type may be written into a patient's record.
    fn admits(&self, sql: &mut Sql<'_>, owner: i64, kind: i64) {
        if self.glass == Some(owner) {
            sql.push("1 = 1");
            return;
        }
        self.open(sql, &Row { owner: owner.to_string(), kind: kind.to_string(), rid: None });
    }

    /// No consent denies it, and a care relationship or a consent opens it.
    fn open(&self, sql: &mut Sql<'_>, row: &Row) {
        let (d, e) = (sql.alias(), sql.alias());
        let (permit, deny) = (effect_number(Effect::Permit), effect_number(Effect::Deny));
        let owner = &row.owner;
        let _ = write!(
            sql.text,
            "NOT EXISTS (SELECT 1 FROM consent {d} WHERE {d}.patient = {owner} AND {d}.effect = {deny} AND "
        );
        self.applies(sql, &d, row);
        // An exception of the same consent goes before what it is an exception of.
        let _ = write!(
            sql.text,
            " AND NOT EXISTS (SELECT 1 FROM consent {e} WHERE {e}.patient = {owner} AND {e}.effect = {permit} \
             AND {e}.rid = {d}.rid AND {e}.depth > {d}.depth AND "
        );
        self.applies(sql, &e, row);
        sql.push(")) AND (");
        let (k, c) = (sql.alias(), sql.alias());
        if self.by_tie && !self.who.is_empty() {
            let _ = write!(sql.text, "EXISTS (SELECT 1 FROM tie {k} WHERE {k}.who IN (");
            self.list_who(sql);
            let _ = write!(sql.text, ") AND {k}.patient = {owner} AND {k}.since <= ");
            sql.int(self.at);
            let _ = write!(sql.text, " AND {k}.until >= ");
            sql.int(self.at);
            sql.push(") OR ");
        }
        let _ = write!(
            sql.text,
            "EXISTS (SELECT 1 FROM consent {c} WHERE {c}.patient = {owner} AND {c}.effect = {permit} AND "
        );
        self.applies(sql, &c, row);
        sql.push("))");
    }

    /// Whether a rule is about this actor, now, and this row.
    fn applies(&self, sql: &mut Sql<'_>, rule: &str, row: &Row) {
        let _ = write!(sql.text, "{rule}.who IN (0");
        if !self.who.is_empty() {
            sql.push(", ");
            self.list_who(sql);
        }
        let _ = write!(sql.text, ") AND {rule}.purpose IN (0, ");
        sql.int(self.purpose);
        let _ = write!(sql.text, ") AND {rule}.since <= ");
        sql.int(self.at);
        let _ = write!(sql.text, " AND {rule}.until >= ");
        sql.int(self.at);
        let _ = write!(sql.text, " AND {rule}.type IN (0, {})", row.kind);
        match &row.rid {
            Some(rid) => {
                let t = sql.alias();
                let _ = write!(
                    sql.text,
                    " AND {rule}.item IN (0, {rid}) AND ({rule}.label = 0 OR EXISTS (SELECT 1 FROM term {t} \
                     WHERE {t}.param = {LABEL} AND {t}.term = {rule}.label AND {t}.rid = {rid}))"
                );
            }
            None => {
                let _ = write!(sql.text, " AND {rule}.item = 0 AND {rule}.label = 0");
            }
        }
    }

    fn list_who(&self, sql: &mut Sql<'_>) {
        for (at, who) in self.who.iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " });
            sql.int(*who);
        }
    }
}

/// A row that rules are held against, as SQL. A row that is yet to be written has no number and no labels.
struct Row {
    owner: String,
    kind: String,
    rid: Option<String>,
}
