//! One part of a grant, as a condition on rows.

use super::{Part, Rows};
use crate::{
    attachment::FILE,
    index::{COMPARTMENT, LABEL},
    keys::type_number,
    sql::Sql,
};
use access::{directory, grant::Types};
use std::fmt::Write;

impl Part {
    pub(super) fn restrict(&self, sql: &mut Sql<'_>, alias: &str, kind: Option<&str>, past: Option<&str>) {
        if let (Types::Only(types), None) = (&self.types, kind) {
            let numbers: Vec<String> = types.iter().map(|t| type_number(t).to_string()).collect();
            let _ = write!(sql.text, "{alias}.type IN ({}) AND ", numbers.join(", "));
        }
        // A file is reached through its document, which has the labels and stands in the consents.
        match (&self.rows, kind) {
            (Rows::All, _) => {}
            (_, Some(FILE)) => return sql.push("1 = 0"),
            (_, Some(_)) => {}
            (_, None) => drop(write!(sql.text, "{alias}.type <> {} AND ", type_number(FILE))),
        }
        sql.push("(");
        self.rows(sql, alias, kind, past);
        sql.push(")");
        self.refine(sql, alias, past);
    }

    fn rows(&self, sql: &mut Sql<'_>, alias: &str, kind: Option<&str>, past: Option<&str>) {
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
