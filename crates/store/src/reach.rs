//! What a grant reaches, as every query is restricted to it.
//!
//! A grant is a union of parts; of a part with care in it a row is within reach when
//!
//! - it is of the directory, or belongs to the patient whose glass is broken, or
//! - no consent denies it, a care relationship or a consent opens its patient's record to the actor, and every sensitive label
//!   that it bears was granted.
//!
//! Of a part of one patient's own, everything of their compartment is, but what bears a label that is hidden from who acts for them.
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
        Reach { parts: vec![Part { types: Types::All, rows: Rows::All }] }
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
            Whose::Cared { standing, purpose, at, only } => Rows::Cared(Cared {
                only: only.as_ref().map(|id| number("Patient", id).unwrap_or(NOBODY)),
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

    /// The other side: rows of patients that the actor cares for which are kept back from them. `None` where the type is within
    /// reach in another way as well.
    pub(crate) fn withheld(&self, kind: &str) -> Option<Reach> {
        let parts = self.parts.iter().filter(|part| part.types.holds(kind));
        let other = |part: &Part| match &part.rows {
            Rows::Cared(cared) => {
                Some(Part { types: part.types.clone(), rows: Rows::Withheld(cared.clone()) })
            }
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

    /// Whether all consents of that patient are within reach, and nothing is hidden. Of no patient: whether everybody's are.
    pub(crate) fn is_of_consents(&self, patient: Option<i64>) -> bool {
        self.parts.iter().filter(|part| part.types.holds("Consent")).any(|part| match &part.rows {
            Rows::All => true,
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
        sql.push(" AND ");
        cared.is_about(sql, "c");
        sql.push(") q ORDER BY q.effect DESC, q.rid, q.until");
        true
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
                Rows::Patient(patient, hides) => {
                    let own = owner == Some(*patient) && now.is_none_or(|(_, owner)| owner == *patient);
                    // What is hidden from somebody, they do not overwrite either.
                    own && match now {
                        Some((rid, _)) if !hides.is_empty() => {
                            holds(conn, blinder, |sql| self.sees(sql, rid, kind))?
                        }
                        _ => true,
                    }
                }
                Rows::Withheld(_) => false,
                Rows::Cared(_) if directory::holds(kind) => {
                    owner.is_none() && now.is_none_or(|(_, owner)| owner == 0)
                }
                Rows::Cared(cared) if is_new_patient && now.is_none() => cared.only.is_none(),
                Rows::Cared(_) => {
                    let Some(owner) = owner else { continue };
                    let sees = match now {
                        None => true,
                        Some((rid, _)) => holds(conn, blinder, |sql| self.sees(sql, rid, kind))?,
                    };
                    sees && holds(conn, blinder, |sql| self.admits(sql, owner, kind))?
                }
            };
            if may {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Reach {
    /// `SELECT` of a row, if it is within reach.
    pub(crate) fn sees(&self, sql: &mut Sql<'_>, rid: i64, kind: &str) {
        sql.push("SELECT r.rid FROM resource r WHERE r.rid = ");
        sql.int(rid);
        self.restrict(sql, "r", Some(kind), None);
    }

    /// `SELECT` of something, if care or consent opens a patient's record for new resources of that type.
    pub(crate) fn admits(&self, sql: &mut Sql<'_>, patient: i64, kind: &str) {
        sql.push("SELECT h.id FROM head h WHERE (1 = 0");
        for part in self.parts.iter().filter(|part| part.types.holds(kind)) {
            if let Rows::Cared(cared) = &part.rows {
                sql.push(" OR (");
                cared.admits(sql, patient, type_number(kind));
                sql.push(")");
            }
        }
        sql.push(")");
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
            Rows::Patient(patient, hides) => {
                in_compartment(sql, alias, *patient, past);
                without(sql, alias, hides, past);
            }
            Rows::Withheld(cared) => {
                if let Some(only) = cared.only {
                    let _ = write!(sql.text, "{alias}.owner = ");
                    sql.int(only);
                    sql.push(" AND ");
                }
                cared.tied(sql, &format!("{alias}.owner"));
                sql.push(" AND NOT (");
                cared.reaches(sql, alias, None);
                sql.push(")");
            }
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

/// Without rows that bear one of these labels. What was deleted has no labels in the index any more, so where something is hidden
/// nothing is told of its past.
fn without(sql: &mut Sql<'_>, alias: &str, hides: &[i64], past: Option<&str>) {
    if hides.is_empty() {
        return;
    }
    let t = sql.alias();
    let labels: Vec<String> = hides.iter().map(i64::to_string).collect();
    let _ = write!(
        sql.text,
        " AND NOT EXISTS (SELECT 1 FROM term {t} WHERE {t}.param = {LABEL} AND {t}.term IN ({}) AND {t}.rid = {alias}.rid)",
        labels.join(", ")
    );
    if let Some(version) = past {
        let _ = write!(
            sql.text,
            " AND ({version}.seq = {alias}.seq OR {version}.seq IS NULL OR {alias}.live = 1)"
        );
    }
}

impl Cared {
    fn reaches(&self, sql: &mut Sql<'_>, alias: &str, past: Option<&str>) {
        if let Some(only) = self.only {
            let _ = write!(sql.text, "{alias}.owner = ");
            sql.int(only);
            sql.push(" AND ");
        }
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

    /// `SELECT` of the rows in the compartments of patients with whom there is a relationship, who permit something, or whose glass is
    /// broken.
    fn drive(&self, sql: &mut Sql<'_>, once: &str) {
        let _ = write!(
            sql.text,
            "SELECT {once}d.rid FROM (SELECT c.patient FROM consent c WHERE c.effect = {} AND ",
            effect_number(Effect::Permit)
        );
        self.is_about(sql, "c");
        if self.by_tie && !self.who.is_empty() {
            sql.push(" UNION SELECT k.patient FROM tie k WHERE k.who IN (");
            self.list_who(sql);
            sql.push(") AND k.since <= ");
            sql.int(self.at);
            sql.push(" AND k.until >= ");
            sql.int(self.at);
        }
        if let Some(glass) = self.glass {
            sql.push(" UNION SELECT g.rid FROM resource g WHERE g.rid = ");
            sql.int(glass);
        }
        let _ =
            write!(sql.text, ") o CROSS JOIN link d WHERE d.param = {COMPARTMENT} AND d.target = o.patient");
    }

    /// Whether new resources of that type may be written into a patient's record.
    fn admits(&self, sql: &mut Sql<'_>, owner: i64, kind: i64) {
        if self.only.is_some_and(|only| only != owner) {
            sql.push("1 = 0");
            return;
        }
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
        self.tied(sql, owner);
        let c = sql.alias();
        let _ = write!(
            sql.text,
            " OR EXISTS (SELECT 1 FROM consent {c} WHERE {c}.patient = {owner} AND {c}.effect = {permit} AND "
        );
        self.applies(sql, &c, row);
        sql.push("))");
    }

    /// Whether a care relationship holds.
    fn tied(&self, sql: &mut Sql<'_>, owner: &str) {
        if !self.by_tie || self.who.is_empty() {
            sql.push("1 = 0");
            return;
        }
        let k = sql.alias();
        let _ = write!(sql.text, "EXISTS (SELECT 1 FROM tie {k} WHERE {k}.who IN (");
        self.list_who(sql);
        let _ = write!(sql.text, ") AND {k}.patient = {owner} AND {k}.since <= ");
        sql.int(self.at);
        let _ = write!(sql.text, " AND {k}.until >= ");
        sql.int(self.at);
        sql.push(")");
    }

    /// Whether a rule is about this actor, now, and this row.
    fn applies(&self, sql: &mut Sql<'_>, rule: &str, row: &Row) {
        self.is_about(sql, rule);
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

    /// Whether a rule is about this actor and purpose, now.
    fn is_about(&self, sql: &mut Sql<'_>, rule: &str) {
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
