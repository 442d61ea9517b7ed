//! What care and consent open, as conditions on rows.

use super::Cared;
use crate::{
    index::{COMPARTMENT, LABEL, effect_number},
    sql::Sql,
};
use access::consent::Effect;
use std::fmt::Write;

impl Cared {
    pub(super) fn reaches(&self, sql: &mut Sql<'_>, alias: &str, past: Option<&str>) {
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
             AND NOT EXISTS (SELECT 1 FROM consent {c} WHERE {c}.patient = {alias}.owner AND {c}.effect IN ({}) \
             AND ({c}.label = {s}.term OR {c}.item = {alias}.rid) AND ",
            self.sensitive.iter().map(i64::to_string).collect::<Vec<_>>().join(", "),
            self.effects(true)
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
    pub(super) fn drive(&self, sql: &mut Sql<'_>, once: &str) {
        let _ = write!(
            sql.text,
            "SELECT {once}d.rid FROM (SELECT c.patient FROM consent c WHERE c.effect IN ({}) AND ",
            self.effects(true)
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
    pub(super) fn admits(&self, sql: &mut Sql<'_>, owner: i64, kind: i64) {
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
        let (permit, deny) = (self.effects(true), self.effects(false));
        let owner = &row.owner;
        let _ = write!(
            sql.text,
            "NOT EXISTS (SELECT 1 FROM consent {d} WHERE {d}.patient = {owner} AND {d}.effect IN ({deny}) AND "
        );
        self.applies(sql, &d, row);
        // An exception of the same consent goes before what it is an exception of.
        let _ = write!(
            sql.text,
            " AND NOT EXISTS (SELECT 1 FROM consent {e} WHERE {e}.patient = {owner} AND {e}.effect IN ({permit}) \
             AND {e}.rid = {d}.rid AND {e}.depth > {d}.depth AND "
        );
        self.applies(sql, &e, row);
        sql.push(")) AND (");
        self.tied(sql, owner);
        let c = sql.alias();
        let _ = write!(
            sql.text,
            " OR EXISTS (SELECT 1 FROM consent {c} WHERE {c}.patient = {owner} AND {c}.effect IN ({permit}) AND "
        );
        self.applies(sql, &c, row);
        sql.push("))");
    }

    /// What `consent.effect` says of rules that let in, or that keep out, and have a say here.
    pub(super) fn effects(&self, permits: bool) -> String {
        let all = [Effect::Permit, Effect::PermitLooking, Effect::Deny, Effect::DenyTaking].into_iter();
        let these = all.filter(|effect| effect.permits() == permits && effect.is_about(self.takes));
        these.map(|effect| effect_number(effect).to_string()).collect::<Vec<_>>().join(", ")
    }

    /// Whether a care relationship holds.
    pub(super) fn tied(&self, sql: &mut Sql<'_>, owner: &str) {
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
    pub(super) fn is_about(&self, sql: &mut Sql<'_>, rule: &str) {
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

    pub(super) fn list_who(&self, sql: &mut Sql<'_>) {
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
