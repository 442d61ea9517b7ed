//! The file in the data folder that says: these records are the demo's, these people are meant, so many are there.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{io::ErrorKind, path::Path};

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    /// Where all chance came from.
    pub(super) seed: u64,
    /// How many patients there shall be.
    pub(super) patients: usize,
    /// The people's today: the day of the first run.
    pub(super) as_of: jiff::civil::Date,
    /// How many bundles are durable: the houses, then one for each patient.
    pub(super) loaded: usize,
}

impl Marker {
    /// Reads it; `None` where there is none.
    ///
    /// # Errors
    /// Where it is damaged.
    pub(super) fn read(path: &Path) -> anyhow::Result<Option<Marker>> {
        match std::fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => {
                let bytes = other.with_context(|| format!("{} cannot be read", path.display()))?;
                let marker = serde_json::from_slice(&bytes).with_context(|| {
                    format!("{} is damaged: remove the demo's folder and start again", path.display())
                })?;
                Ok(Some(marker))
            }
        }
    }

    /// The same house, with more patients if more are wanted.
    pub(super) fn with_at_least(self, patients: usize) -> Marker {
        Marker { patients: self.patients.max(patients), ..self }
    }

    /// As text for the file.
    pub(super) fn render(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// How many bundles there are in all.
    pub(super) fn bundles(&self) -> usize {
        1 + self.patients
    }

    /// Which people.
    pub(super) fn plan(&self) -> people::Plan {
        people::Plan { seed: self.seed, patients: self.patients, as_of: self.as_of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_finds_what_the_first_one_wrote() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("demo.json");
        assert_eq!(Marker::read(&path).unwrap(), None);
        let marker = Marker { seed: 7, patients: 5, as_of: jiff::civil::date(2026, 6, 1), loaded: 3 };
        std::fs::write(&path, marker.render()).unwrap();
        let read = Marker::read(&path).unwrap().unwrap();
        assert_eq!(read, marker);
        assert_eq!((read.clone().with_at_least(9).patients, read.with_at_least(2).patients), (9, 5));
        std::fs::write(&path, "{").unwrap();
        assert!(Marker::read(&path).is_err());
    }
}
