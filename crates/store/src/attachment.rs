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
    rows::{Current, Rids},
};
use access::{audit::Touched, grant::Grant};
use std::collections::{BTreeMap, BTreeSet};

/// The type of documents.
const DOCUMENT: &str = "DocumentReference";

/// Documents that are opened at once: each may hold a whole file itself.
const FEW: usize = 4;

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

/// A file that may be handed out, named without being opened: only [`Store::files`] says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    touched: Touched,
    owner: i64,
}

impl File {
    /// How it stands in the audit entry of who has seen it.
    pub fn touched(&self) -> &Touched {
        &self.touched
    }
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
        let all = documents(conn, document.owner)?;
        let mut naming = self.by_number(conn, &all)?;
        naming.retain(|other| names(&other.body).as_deref() == Some(name));
        let naming: Vec<i64> = naming.iter().map(|other| other.rid).collect();
        let seen = self.within(conn, &naming, reach)?;
        Ok((seen.len() == naming.len()).then_some(file))
    }

    /// Of all documents of that patient within reach, by row number, the files that may be handed out by them, as [`Store::attached`] would:
    /// one look for all of them, in which no file is opened and few documents are in memory at once.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn files(
        &self,
        grant: &Grant,
        patient: &str,
        names: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Result<Unsigned<Vec<(i64, File)>>, Error> {
        let key = self.keys.blinder().key("Patient", patient);
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut rids = Rids::default();
            rids.look_up(conn, [key].into_iter())?;
            let Some(owner) = rids.get(&key) else { return Ok(Vec::new()) };
            let (mut naming, mut seen) = (BTreeMap::<String, Vec<i64>>::new(), BTreeSet::new());
            for few in documents(conn, owner)?.chunks(FEW) {
                for document in self.by_number(conn, few)?.iter().filter(|document| document.owner == owner) {
                    if let Some(name) = names(&document.body) {
                        naming.entry(name).or_default().push(document.rid);
                    }
                }
                seen.extend(self.within(conn, few, &reach)?.iter().map(|document| document.rid));
            }
            let mut found = Vec::new();
            for (name, documents) in naming {
                if documents.iter().all(|rid| seen.contains(rid))
                    && let Some(file) = self.file_named(conn, &name, owner)?
                {
                    found.extend(documents.into_iter().map(|rid| (rid, file.clone())));
                }
            }
            found.sort_by_key(|(document, _)| *document);
            Ok(found)
        })?;
        Ok(Unsigned::new(found))
    }

    /// The row of a Binary of that owner.
    fn file_named(&self, conn: &mut Conn, name: &str, owner: i64) -> Result<Option<File>, Error> {
        let key = self.keys.blinder().key(FILE, name);
        let mut rids = Rids::default();
        rids.look_up(conn, [key].into_iter())?;
        let Some(rid) = rids.get(&key) else { return Ok(None) };
        let row = Current::read(conn, &[rid])?.remove(&rid).filter(|row| row.live && row.owner == owner);
        Ok(row.map(|Current { rid, version, seq, .. }| File {
            touched: Touched { rid, version, seq, hash: None },
            owner,
        }))
    }

    /// A file that [`Store::files`] named, in the version that it had then; `None` where it was erased since.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn file_of(&self, file: &File) -> Result<Unsigned<Option<Stored>>, Error> {
        let Touched { rid, version, .. } = file.touched;
        let found = self.pool.view(|conn| self.past(conn, rid, version))?;
        Ok(Unsigned::new(found.filter(|stored| stored.owner == file.owner)))
    }
}

/// The live documents of a patient, by row number.
fn documents(conn: &mut Conn, owner: i64) -> Result<Vec<i64>, Error> {
    conn.query(
        "SELECT r.rid FROM link d CROSS JOIN resource r WHERE d.param = ?1 AND d.target = ?2 AND r.rid = d.rid AND r.live = 1 \
         AND r.type = ?3 ORDER BY r.rid",
        &[Arg::Int(i64::from(COMPARTMENT)), Arg::Int(owner), Arg::Int(type_number(DOCUMENT))],
        |row| row.int(0),
    )
}
