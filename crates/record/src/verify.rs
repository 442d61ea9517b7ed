//! Whether everything that is stored is what was written ([`store::verify`]), the search index included.

use crate::{Record, error::Error, facts, search::value_of};
use store::verify::{Progress, Report};

impl Record {
    /// Checks the whole store. `older` is a checkpoint that was saved earlier, outside the database: without it, nobody can tell
    /// that the database was put back whole to an older copy. `deep` also extracts the index of every live resource again and
    /// compares it row by row.
    ///
    /// # Errors
    /// Where the database cannot be read through; what is wrong with its content is in the report.
    pub fn verify(
        &self,
        older: Option<&[u8]>,
        deep: bool,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Report, Error> {
        let index = |body: &[u8]| facts::index(self, &value_of(body).ok()?).ok();
        Ok(self.store.verify(progress, older, deep.then_some(&index))?)
    }
}
