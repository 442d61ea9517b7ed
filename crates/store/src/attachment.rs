//! The file of a document. A Binary bears no label and stands in no relation, so nobody but the house's operators reaches it by name. It is
//! reached through a DocumentReference, and a DocumentReference may be written by patients: that it names a file is no proof that the file
//! is its own.
//!
//! So a file is handed out only where it belongs to the very patient whom the document is about (`Binary.securityContext` says so), and where
//! every document of that patient that names it is within reach: somebody from whom one is hidden cannot write another that opens it.

use crate::{
    Store,
    dialect::{Arg, Conn},
    error::Error,
    index::COMPARTMENT,
    keys::type_number,
    reach::Reach,
    read::{Stored, Unsigned},
    rows::Rids,
};
use access::grant::Grant;

/// The type of documents.
const DOCUMENT: &str = "DocumentReference";

/// The type of files.
pub const FILE: &str = "Binary";

/// A document, and its file where it has one that may be handed out.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The DocumentReference.
    pub document: Stored,
    /// The Binary.
    pub file: Option<Stored>,
}

impl Store {
    /// A document within reach, with its file. `None` where the document does not exist or the grant does not reach it. `names` reads the
    /// id of the Binary that a DocumentReference names: the store knows no FHIR.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn attached(
        &self,
        grant: &Grant,
        id: &str,
        names: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Result<Unsigned<Option<Attached>>, Error> {
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let blinder = self.keys.blinder();
            let mut rids = Rids::default();
            rids.look_up(conn, [blinder.key(DOCUMENT, id)].into_iter())?;
            let Some(rid) = rids.get(&blinder.key(DOCUMENT, id)) else { return Ok(None) };
            let Some(document) = self.within(conn, &[rid], &reach)?.pop() else { return Ok(None) };
            let file = match names(&document.body) {
                Some(name) if document.owner != 0 => self.file(conn, &reach, &document, &name, names)?,
                _ => None,
            };
            Ok(Some(Attached { document, file }))
        })?;
        Ok(Unsigned::new(found))
    }

    fn file(
        &self,
        conn: &mut Conn,
        reach: &Reach,
        document: &Stored,
        name: &str,
        names: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Result<Option<Stored>, Error> {
        let blinder = self.keys.blinder();
        let mut rids = Rids::default();
        rids.look_up(conn, [blinder.key(FILE, name)].into_iter())?;
        let Some(rid) = rids.get(&blinder.key(FILE, name)) else { return Ok(None) };
        let Some(file) = self.by_number(conn, &[rid])?.pop() else { return Ok(None) };
        if file.owner != document.owner {
            return Ok(None);
        }
        let all = conn.query(
            "SELECT r.rid FROM link d CROSS JOIN resource r WHERE d.param = ?1 AND d.target = ?2 AND r.rid = d.rid AND r.live = 1 \
             AND r.type = ?3",
            &[
                Arg::Int(i64::from(COMPARTMENT)),
                Arg::Int(document.owner),
                Arg::Int(type_number(DOCUMENT)),
            ],
            |row| row.int(0),
        )?;
        let mut naming = self.by_number(conn, &all)?;
        naming.retain(|other| names(&other.body).as_deref() == Some(name));
        let naming: Vec<i64> = naming.iter().map(|other| other.rid).collect();
        let seen = self.within(conn, &naming, reach)?;
        Ok((seen.len() == naming.len()).then_some(file))
    }
}
