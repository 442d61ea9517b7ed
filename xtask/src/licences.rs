//! Licences, banned crates and duplicate versions among the dependencies.

mod spdx;

use crate::allow::Allowed;
use crate::finding::Finding;
use crate::metadata::{Metadata, Package};
use crate::repo::Repo;
use std::collections::{BTreeMap, BTreeSet};

/// Licences that an Apache-2.0 product may be built from and shipped with.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A crate that is not to be depended on.
struct Ban {
    name: &'static str,
    why: &'static str,
    /// Crates that may have it all the same.
    except: &'static [&'static str],
}

const BANNED: &[Ban] = &[
    Ban {
        name: "openssl",
        why: "TLS is rustls with aws-lc-rs; the build needs no system library",
        except: &[],
    },
    Ban {
        name: "openssl-sys",
        why: "TLS is rustls with aws-lc-rs; the build needs no system library",
        except: &[],
    },
    Ban {
        name: "native-tls",
        why: "TLS is rustls with aws-lc-rs; the build needs no system library",
        except: &[],
    },
    // aws-lc-sys lists it, and on Linux builds with the C compiler alone.
    Ban {
        name: "cmake",
        why: "the build needs Rust and a C compiler, nothing else",
        except: &["aws-lc-sys"],
    },
    Ban { name: "ring", why: "one cryptography library is enough: aws-lc-rs", except: &[] },
    Ban { name: "des", why: "an obsolete cipher", except: &[] },
    Ban { name: concat!("blow", "fish"), why: "an obsolete cipher", except: &[] },
    Ban { name: "ecb", why: "a mode that leaks patterns", except: &[] },
    Ban { name: "rc4", why: "an obsolete cipher", except: &[] },
    Ban { name: "rc2", why: "an obsolete cipher", except: &[] },
    Ban {
        name: "rsa",
        why: "its PKCS#1 v1.5 decryption leaks by timing; aws-lc-rs verifies RSA",
        except: &[],
    },
    Ban { name: "sqlx", why: "decided against: one dialect file over rusqlite and postgres", except: &[] },
];

/// All three checks over the lock file.
pub(crate) fn run() -> anyhow::Result<Vec<Finding>> {
    let repo = Repo::read()?;
    let ours = Metadata::ours()?;
    let mut findings = licences(&Metadata::everywhere()?, &Allowed::read(&repo, "licences"));
    findings.extend(bans(&ours));
    findings.extend(duplicates(&ours, &Allowed::read(&repo, "duplicates")));
    Ok(findings)
}

fn licences(metadata: &Metadata, allowed: &Allowed) -> Vec<Finding> {
    let others = metadata.packages.iter().filter(|package| !metadata.is_member(package));
    allowed.judge(others.filter_map(|p| Some((p.name.clone(), (1, licence_of(p)?)))).collect())
}

/// What is wrong with a package's licence, if anything.
fn licence_of(package: &Package) -> Option<Finding> {
    let verdict = package.license.as_deref().map(|text| spdx::satisfied(text, &|id| ALLOWED.contains(&id)));
    let said = package.license.as_deref().unwrap_or("no licence");
    let what = match verdict {
        Some(Some(true)) => return None,
        Some(Some(false)) => format!("version {} is under `{said}`, which is not allowed", package.version),
        Some(None) => format!("version {}: `{said}` is no SPDX expression", package.version),
        None => format!("version {} names no licence", package.version),
    };
    let cure = "use another crate; or read the licence and add it to xtask/src/licences.rs or an entry to xtask/allow/licences.txt";
    Some(Finding::error(&package.name, 0, what, cure))
}

fn bans(metadata: &Metadata) -> Vec<Finding> {
    let dependents = metadata.dependents();
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let Some(ban) = BANNED.iter().find(|ban| ban.name == package.name) else { continue };
        let Some(by) = dependents.get(package.id.as_str()) else { continue };
        let by: Vec<&str> = by.iter().copied().filter(|name| !ban.except.contains(name)).collect();
        if !by.is_empty() {
            let what = format!("banned ({}), and {} depends on it", ban.why, by.join(", "));
            findings.push(Finding::error(&package.name, 0, what, "choose features or a crate without it"));
        }
    }
    findings
}

fn duplicates(metadata: &Metadata, allowed: &Allowed) -> Vec<Finding> {
    let dependents = metadata.dependents();
    let mut versions = BTreeMap::<&str, BTreeMap<String, BTreeSet<&str>>>::new();
    for package in &metadata.packages {
        if let Some(by) = dependents.get(package.id.as_str()) {
            let series = versions.entry(&package.name).or_default().entry(series(&package.version));
            series.or_default().extend(by);
        }
    }
    let found = versions.into_iter().filter(|(_, series)| series.len() > 1).map(|(name, series)| {
        let count = series.len();
        let who: Vec<String> = series
            .iter()
            .map(|(version, by)| {
                format!("{version} for {}", by.iter().copied().collect::<Vec<_>>().join(", "))
            })
            .collect();
        let what = format!("{count} incompatible versions are built: {}", who.join("; "));
        let cure = format!("align them, or write `{name} {count} why` into xtask/allow/duplicates.txt");
        (name.to_owned(), (count, Finding::error(name, 0, what, cure)))
    });
    allowed.judge(found.collect())
}

/// What of a version must be equal for cargo to build one crate for both: 2.x, 0.10.x.
fn series(version: &str) -> String {
    let kept = if version.starts_with("0.") { 2 } else { 1 };
    version.split('.').take(kept).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::errors;

    #[test]
    fn every_dependency_may_be_used() {
        let found = run().unwrap();
        assert!(found.is_empty(), "{}", errors(&found));
    }

    #[test]
    fn versions_of_one_series_are_no_duplicates() {
        assert_eq!(series("1.2.3"), series("1.99.0-beta"));
        assert_ne!(series("1.2.3"), series("2.0.0"));
        assert_ne!(series("0.10.7"), series("0.11.0"));
        assert_eq!(series("0.10.7"), series("0.10.8"));
    }

    #[test]
    fn a_licence_beyond_the_list_is_found() {
        let package = |license: Option<&str>| Package {
            id: "a".to_owned(),
            name: "a".to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            dependencies: Vec::new(),
        };
        let said = |license| licence_of(&package(license)).map(|finding| finding.what);
        assert_eq!(said(Some("MIT OR GPL-3.0-only")), None);
        assert_eq!(
            said(Some("GPL-3.0-only")).as_deref(),
            Some("version 1.0.0 is under `GPL-3.0-only`, which is not allowed")
        );
        assert_eq!(said(Some("MIT AND")).as_deref(), Some("version 1.0.0: `MIT AND` is no SPDX expression"));
        assert_eq!(said(None).as_deref(), Some("version 1.0.0 names no licence"));
    }
}
