//! Whether something may be written: what is there now is within reach, and so will be what is to be there.

use super::{Reach, Rows};
use crate::{
    attachment::FILE,
    dialect::Conn,
    error::Error,
    index::Index,
    keys::{Blinder, type_number},
    sql::Sql,
};
use access::directory;

/// Something that is to be written.
pub(crate) struct Writing<'w> {
    /// Its type.
    pub(crate) kind: &'w str,
    /// The row of the patient that it will belong to: `None` where it has none, [`super::NOBODY`] where they have no row yet.
    pub(crate) owner: Option<i64>,
    /// Row and owner of what is there now.
    pub(crate) now: Option<(i64, i64)>,
    /// Whether that patient is registered by the same commit.
    pub(crate) is_new_patient: bool,
    /// What it will be found by; `None` where it goes.
    pub(crate) index: Option<&'w Index>,
    /// Whether it was there before, and was deleted.
    pub(crate) is_back: bool,
}

impl Reach {
    /// Whether something may be written: what is there now is within reach, and so is what will be.
    pub(crate) fn may_write(
        &self,
        conn: &mut Conn,
        blinder: &Blinder,
        writing: &Writing<'_>,
    ) -> Result<bool, Error> {
        let Writing { kind, owner, now, is_new_patient, index, is_back } = *writing;
        for part in self.parts.iter().filter(|part| part.types.holds(kind)) {
            let may = match &part.rows {
                Rows::All => true,
                // A file is new, or it is left alone: who may not read it by its name does not know whose it is.
                _ if kind == FILE && (now.is_some() || is_back) => false,
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
            if may && part.lets_through(conn, blinder, index, now.map(|(rid, _)| rid), is_back)? {
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

pub(super) fn holds(
    conn: &mut Conn,
    blinder: &Blinder,
    build: impl FnOnce(&mut Sql<'_>),
) -> Result<bool, Error> {
    let mut sql = Sql::new(blinder);
    build(&mut sql);
    // Whether there is a row, not what stands in it: a literal has another type on each engine.
    Ok(!conn.query(sql.text(), &sql.args(), |_| Ok(()))?.is_empty())
}
