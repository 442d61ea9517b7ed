//! What a grant reaches, as every query is restricted to it.

use crate::{index::COMPARTMENT, keys::type_number, sql::Sql};
use access::grant::{Filter, Grant, Types};
use std::fmt::Write;

/// A grant, resolved to row numbers: what every query is restricted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    types: Types,
    /// The one patient whose compartment it reaches; `None` is everything.
    patient: Option<i64>,
}

impl Reach {
    /// `patient_rid` finds the row of the patient that the filter names; a patient that does not exist has row −1, which no
    /// row belongs to.
    pub(crate) fn new(grant: &Grant, patient_rid: impl FnOnce(&str) -> Option<i64>) -> Reach {
        let patient = match grant.filter() {
            Filter::Everything => None,
            Filter::Patient { id } => Some(patient_rid(id).unwrap_or(-1)),
        };
        Reach { types: grant.types().clone(), patient }
    }

    pub(crate) fn owner(&self) -> Option<i64> {
        self.patient
    }

    pub(crate) fn restrict(&self, sql: &mut Sql<'_>, alias: &str, resource_type: &str) {
        if let Types::Only(types) = &self.types
            && !types.iter().any(|t| t == resource_type)
        {
            sql.push(" AND 1 = 0");
        }
        self.compartment(sql, alias);
    }

    /// As [`Reach::restrict`], where the rows may be of any type.
    pub(crate) fn restrict_any(&self, sql: &mut Sql<'_>, alias: &str) {
        if let Types::Only(types) = &self.types {
            let numbers: Vec<String> = types.iter().map(|t| type_number(t).to_string()).collect();
            let _ = write!(sql.text, " AND {alias}.type IN ({})", numbers.join(", "));
        }
        self.compartment(sql, alias);
    }

    /// Of the past only what belonged to the patient then: a resource that was moved to them, or that names them by now, may have
    /// been about somebody else before.
    pub(crate) fn past(&self, sql: &mut Sql<'_>, row: &str, version: &str) {
        let Some(patient) = self.patient else { return };
        let _ = write!(sql.text, " AND ({version}.owner = ");
        sql.int(patient);
        let _ = write!(sql.text, " OR {version}.seq = {row}.seq OR {version}.seq IS NULL)");
    }

    /// Rows of the compartment: those that belong to the patient, and those that refer to them.
    fn compartment(&self, sql: &mut Sql<'_>, alias: &str) {
        let Some(patient) = self.patient else { return };
        let x = sql.alias();
        let _ = write!(sql.text, " AND ({alias}.owner = ");
        sql.int(patient);
        let _ = write!(
            sql.text,
            " OR EXISTS (SELECT 1 FROM link {x} WHERE {x}.param = {COMPARTMENT} AND {x}.rid = {alias}.rid AND {x}.target = "
        );
        sql.int(patient);
        sql.push("))");
    }
}
