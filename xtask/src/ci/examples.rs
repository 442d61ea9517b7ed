//! HL7's example resources, which the tests store and read back.

use crate::definitions;
use std::path::PathBuf;

/// The variable that names their folder to the tests, which fail where it names none.
pub(crate) const VARIABLE: &str = "KEEPWELL_R4_EXAMPLES";

/// The folder that whoever started us has named.
pub(crate) fn given() -> Option<PathBuf> {
    std::env::var_os(VARIABLE).map(PathBuf::from)
}

/// The folder: the one that is named, or HL7's package, fetched once into the target folder.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let folder = given().map_or_else(definitions::examples_folder, Ok)?;
    // Tests run in their crates' folders.
    Ok(std::path::absolute(folder)?)
}
