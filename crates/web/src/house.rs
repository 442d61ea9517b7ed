//! What the program says of itself, for who runs the house: made by the program at each request, and handed to its doors as a closure, for no
//! door knows the disk or the settings. Nothing of a patient stands here, and no secret.

use jiff::Timestamp;
use std::sync::Arc;

/// Asks the program how it is. It looks at disks and may take a moment.
pub type House = Arc<dyn Fn() -> HouseReport + Send + Sync>;

/// How the program is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseReport {
    /// Its version.
    pub version: String,
    /// Since when it runs.
    pub since: Timestamp,
    /// What keeps the records: `SQLite` or `PostgreSQL`.
    pub engine: &'static str,
    /// Bytes that the database takes, where it says so.
    pub database_bytes: Option<u64>,
    /// The disk under the data folder, where it can be seen.
    pub disk: Option<Disk>,
    /// How many changes were ever written, each a version of a resource.
    pub versions: Option<u64>,
    /// The keys.
    pub keys: Keys,
    /// When the certificate that it shows ends, where it speaks TLS itself.
    pub certificate_ends: Option<Timestamp>,
    /// Apps: how many may be let in, and how many wait for a word. `None` where it cannot be told.
    pub apps: Option<(usize, usize)>,
    /// Every setting.
    pub settings: Vec<Setting>,
    /// Everything that was looked at, in the order in which it was.
    pub findings: Vec<Finding>,
}

/// A disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes in all.
    pub all: u64,
}

/// The keys of the house.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The generation of the keyring, which grows with each renewal of the root key.
    pub generation: u64,
    /// How many patients have a key of their own.
    pub patients: u64,
    /// How many patients were erased: their keys are gone.
    pub erased: u64,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key.
    pub key: &'static str,
    /// Its value; of a database's address, no user and no password.
    pub value: String,
    /// Where it comes from; `None` where nobody said anything, and the default holds.
    pub origin: Option<String>,
}

/// How a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// All is well.
    Fine,
    /// It works, but somebody should know.
    Note,
    /// To be mended.
    Wrong,
}

/// What a look came to, in words that say what to do; in English, as the command line says them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it ended.
    pub level: Level,
    /// The words.
    pub text: String,
}

impl Disk {
    /// How much is free, in whole hundredths.
    ///
    /// ```
    /// use web::house::Disk;
    /// assert_eq!(Disk { free: 9, all: 100 }.percent(), 9);
    /// assert_eq!(Disk { free: u64::MAX, all: u64::MAX }.percent(), 100);
    /// assert_eq!(Disk { free: 0, all: 0 }.percent(), 0);
    /// ```
    pub fn percent(self) -> u64 {
        let percent = u128::from(self.free) * 100 / u128::from(self.all.max(1));
        u64::try_from(percent).unwrap_or(100).min(100)
    }
}
