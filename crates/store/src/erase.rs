//! Erasing a patient: their key first, for nothing that is said afterwards may be untrue; then what the index knows of them, and the
//! leaf that tells of it, in one transaction.
//!
//! A crash between the halves leaves a record that nobody can open and that the index still knows. Doing it again finishes it:
//! each half done twice is done once.

use crate::{
    Store,
    dialect::{Arg, Conn},
    error::Error,
    index::CONCERNS,
};
use access::{audit::Entry, grant::Grant};
use vault::keyring;

/// What opens the keyring, so that all other keys can be wrapped anew. A key file's old root is destroyed as well.
pub type Root = vault::provider::Provider;

impl Store {
    /// The row of a patient for whom something was sealed; `None` where nothing ever was.
    ///
    /// # Errors
    /// [`Error::Refused`] where the grant does not reach everything; where the database fails.
    pub fn owner(&self, grant: &Grant, patient: &str) -> Result<Option<i64>, Error> {
        self.may_erase(grant)?;
        let key = self.keys.blinder().key("Patient", patient);
        let rids = self.pool.view(|conn| {
            conn.query("SELECT rid FROM resource WHERE key = ?1", &[Arg::Bytes(&key.0)], |row| row.int(0))
        })?;
        Ok(rids.into_iter().next().filter(|rid| !self.keys.is_unknown(*rid)))
    }

    /// First half: destroys an owner's key, and writes down that the keyring has a new generation.
    ///
    /// # Errors
    /// [`Error::Beside`] where the keyring is another process's; [`Error::Keys`] for the organization, or where the keyring cannot
    /// be rewritten: it is then as it was.
    pub fn destroy_key(&self, grant: &Grant, owner: i64, root: &mut Root) -> Result<(), Error> {
        self.may_erase(grant)?;
        let ring = self.keyring();
        let keys = |error: keyring::Error| Error::Keys(error.to_string());
        // Only asked: whether it can be destroyed at all. The root is not renewed for nothing.
        if owner == keyring::ORGANIZATION || self.keys.is_unknown(owner) {
            return ring.destroy(&[owner], root).map_err(keys);
        }
        if matches!(root, Root::KeyFile(_)) && !self.keys.is_erased(owner) {
            root.renew().map_err(|error| Error::Keys(error.to_string()))?;
        }
        ring.destroy(&[owner], root).map_err(keys)?;
        self.note_generation()?;
        ring.retire_old_roots(root).map_err(keys)
    }

    /// Second half: takes everything of an erased owner out of the index, so that nothing finds it, and signs the entry.
    ///
    /// # Errors
    /// [`Error::Keys`] where the owner still has a key; where the database fails nothing of this half is done.
    pub fn forget(&self, grant: &Grant, owner: i64, mut entry: Entry) -> Result<(), Error> {
        self.may_erase(grant)?;
        if !self.keys.is_erased(owner) {
            return Err(Error::Keys("the patient's key is still there: destroy it first".into()));
        }
        entry.patients = vec![owner];
        self.writer.forget(owner, entry)
    }

    fn may_erase(&self, grant: &Grant) -> Result<(), Error> {
        if self.keyring().is_read_only() {
            return Err(Error::Beside);
        }
        if grant.is_whole() { Ok(()) } else { Err(Error::Refused) }
    }
}

/// Within the writer's transaction. Rows that say whom an audit leaf concerns stay: they are the log's, and their `rid` is a leaf's
/// number. So do references to the erased in what belongs to others: they follow from bodies that are still there.
pub(crate) fn forget(conn: &mut Conn, owner: i64) -> Result<(), Error> {
    let owner = Arg::Int(owner);
    conn.execute("DELETE FROM term WHERE rid IN (SELECT rid FROM resource WHERE owner = ?1)", &[owner])?;
    conn.execute("DELETE FROM span WHERE rid IN (SELECT rid FROM resource WHERE owner = ?1)", &[owner])?;
    conn.execute(
        "DELETE FROM link WHERE param <> ?2 AND rid IN (SELECT rid FROM resource WHERE owner = ?1)",
        &[owner, Arg::Int(i64::from(CONCERNS))],
    )?;
    conn.execute("DELETE FROM tie WHERE rid IN (SELECT rid FROM resource WHERE owner = ?1)", &[owner])?;
    conn.execute("DELETE FROM consent WHERE rid IN (SELECT rid FROM resource WHERE owner = ?1)", &[owner])?;
    conn.execute("UPDATE resource SET live = 0 WHERE owner = ?1", &[owner])?;
    Ok(())
}
