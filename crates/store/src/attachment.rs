//! The file of a document: a Binary has no owner of its own, so nobody but the house's operators reaches it by name. It is reached through
//! a DocumentReference, and a DocumentReference may be written by patients: that it names a file is no proof that the file is its own.
//!
//! So a file is handed out only where it says itself (`Binary.securityContext`) that it is of the very patient whom the document is about,
//! and where every document of that patient that names it is within reach: somebody from whom one is hidden cannot write another that opens it.

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

/// How bodies are read: the store knows no FHIR.
pub struct Reading<'a> {
    /// The id of the Binary that a DocumentReference names.
    pub file: &'a dyn Fn(&[u8]) -> Option<String>,
    /// The id of the patient whose a Binary says that it is.
    pub of: &'a dyn Fn(&[u8]) -> Option<String>,
}

/// A document, and its file where it has one that may be handed out.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The DocumentReference.
    pub document: Stored,
    /// The Binary.
    pub file: Option<Stored>,
}

impl Store {
    /// A document within reach, with its file. `None` where the document does not exist or the grant does not reach it.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn attached(
        &self,
        grant: &Grant,
        id: &str,
        reading: &Reading<'_>,
    ) -> Result<Unsigned<Option<Attached>>, Error> {
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let blinder = self.keys.blinder();
            let mut rids = Rids::default();
            rids.look_up(conn, [blinder.key(DOCUMENT, id)].into_iter())?;
            let Some(rid) = rids.get(&blinder.key(DOCUMENT, id)) else { return Ok(None) };
            let Some(document) = self.within(conn, &[rid], &reach)?.pop() else { return Ok(None) };
            let file = match (reading.file)(&document.body) {
                Some(name) if document.owner != 0 => self.file(conn, &reach, &document, &name, reading)?,
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
        reading: &Reading<'_>,
    ) -> Result<Option<Stored>, Error> {
        let blinder = self.keys.blinder();
        let mut rids = Rids::default();
        rids.look_up(conn, [blinder.key("Binary", name)].into_iter())?;
        let Some(rid) = rids.get(&blinder.key("Binary", name)) else { return Ok(None) };
        let Some(file) = self.by_number(conn, &[rid])?.pop() else { return Ok(None) };
        let Some(patient) = (reading.of)(&file.body) else { return Ok(None) };
        rids.look_up(conn, [blinder.key("Patient", &patient)].into_iter())?;
        if rids.get(&blinder.key("Patient", &patient)) != Some(document.owner) {
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
        naming.retain(|other| (reading.file)(&other.body).as_deref() == Some(name));
        let naming: Vec<i64> = naming.iter().map(|other| other.rid).collect();
        let seen = self.within(conn, &naming, reach)?;
        Ok((seen.len() == naming.len()).then_some(file))
    }
}
