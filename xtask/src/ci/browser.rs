//! Real browsers and real clients against the real program: the journeys in `e2e/`, run by node.

use super::{cargo, needs, tally::Tally};
use anyhow::{Context, bail};
use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// `cargo xtask browser [JOURNEY …]`: those journeys, or all.
pub(crate) fn command(names: &[String]) -> anyhow::Result<ExitCode> {
    needs::install_browser()?;
    let mut tally = Tally::default();
    let outcome = run(names, &mut tally);
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Runs the journeys of these names, or all, and adds up what came of their tests.
pub(super) fn run(names: &[String], tally: &mut Tally) -> anyhow::Result<()> {
    let root = crate::repo::root();
    let journeys = journeys(&root.join("e2e/journeys"), names)?;
    let target = target();
    let own = target.join("e2e");
    fs::create_dir_all(&own).with_context(|| format!("cannot make {}", own.display()))?;
    install_packages(&root.join("e2e"), &own)?;
    cargo(&["build", "--package", "server", "--quiet", "--locked"], "mend what the compiler says")?;
    let results = own.join("results.tap");
    // What an earlier run left says nothing of this one.
    let _ = fs::remove_file(&results);
    let status = Command::new("node")
        .args(["--test", "--test-concurrency=2"])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", results.display()))
        .args(&journeys)
        .current_dir(&root)
        .env("KEEPWELL_PROGRAM", target.join("debug/keepwell"))
        .env("KEEPWELL_CHROMIUM", needs::chromium().context("Chromium is not found")?)
        .env("KEEPWELL_PICTURES", own.join("pictures"))
        .status()
        .context("node does not start")?;
    let said = fs::read_to_string(&results).context("node left no results")?;
    let read = Results::read(&said);
    tally.passed += read.passed;
    tally.failed += read.failed;
    println!("screenshots are in {}", own.join("pictures").display());
    if read.failed > 0 || !status.success() {
        bail!(
            "{} journeys failed (see above)\n    do: `cargo xtask browser NAME` runs one file again",
            read.failed
        );
    }
    if read.left_out > 0 {
        bail!("{} journeys were left out\n    do: make them run, or remove them", read.left_out);
    }
    if read.passed == 0 {
        bail!("no journey ran");
    }
    Ok(())
}

/// The folder of what is built.
fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| crate::repo::root().join("target"))
}

/// The files of these names; all of the folder where none is named.
fn journeys(folder: &Path, names: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let name =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".test.js"));
        if name.is_some_and(|name| names.is_empty() || names.iter().any(|wanted| wanted == name)) {
            found.push(path);
        }
    }
    // Two run at once: the longest begin first, so that none of them is left at the end.
    found.sort_by_cached_key(|path| (Reverse(fs::metadata(path).map_or(0, |file| file.len())), path.clone()));
    if found.len() < names.len() || found.is_empty() {
        bail!("there is no such journey\n    do: name a file of e2e/journeys, without `.test.js`");
    }
    Ok(found)
}

/// Installs the packages of the lock file into the target folder where they are not there yet, and shows them to the journeys.
fn install_packages(from: &Path, into: &Path) -> anyhow::Result<()> {
    let files = ["package.json", ".npmrc", "package-lock.json"];
    let same = |name: &str| fs::read(from.join(name)).ok() == fs::read(into.join(name)).ok();
    let marker = into.join("node_modules/.package-lock.json");
    if !marker.exists() || !files.iter().all(|name| same(name)) {
        for name in files {
            fs::copy(from.join(name), into.join(name)).with_context(|| format!("cannot copy e2e/{name}"))?;
        }
        let status = Command::new("npm").arg("ci").current_dir(into).status();
        if !status.context("npm does not start")?.success() {
            let _ = fs::remove_file(marker);
            bail!("npm could not install the packages of e2e/package-lock.json (see above)");
        }
    }
    show(&from.join("node_modules"), &std::path::absolute(into)?.join("node_modules"))
}

/// Node looks for packages beside the files that import them: a link leads from there to the target folder.
fn show(link: &Path, packages: &Path) -> anyhow::Result<()> {
    if fs::read_link(link).is_ok_and(|to| to == packages) {
        return Ok(());
    }
    match fs::symlink_metadata(link) {
        Ok(there) if there.is_dir() => bail!("{} is in the way\n    do: remove it", link.display()),
        Ok(_) => fs::remove_file(link)?,
        Err(_) => {}
    }
    std::os::unix::fs::symlink(packages, link).with_context(|| format!("cannot make {}", link.display()))
}

/// What node's `tap` reporter counts at its end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Results {
    passed: usize,
    failed: usize,
    left_out: usize,
}

impl Results {
    fn read(text: &str) -> Results {
        let mut results = Results::default();
        for line in text.lines() {
            let count = line.strip_prefix("# ").and_then(|rest| rest.split_once(' '));
            match count.map(|(what, number)| (what, number.parse::<usize>())) {
                Some(("pass", Ok(number))) => results.passed += number,
                Some(("fail" | "cancelled", Ok(number))) => results.failed += number,
                Some(("skipped" | "todo", Ok(number))) => results.left_out += number,
                _ => {}
            }
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_node_counts_is_read_and_what_was_left_out_is_no_success() {
        let text = "TAP version 13\nok 1 - pass 7\n# Subtest: x\n# tests 9\n# pass 4\n# fail 2\n# cancelled 1\n# skipped 1\n# todo 1\n";
        assert_eq!(Results::read(text), Results { passed: 4, failed: 3, left_out: 2 });
        assert_eq!(Results::read(""), Results::default());
    }

    #[test]
    fn the_lock_file_names_few_packages_by_hash_and_no_place_but_the_registry() {
        let text = fs::read(crate::repo::root().join("e2e/package-lock.json")).unwrap();
        let lock: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let packages: Vec<_> =
            lock["packages"].as_object().unwrap().iter().filter(|(name, _)| !name.is_empty()).collect();
        assert!((1..=20).contains(&packages.len()), "{} packages", packages.len());
        for (name, package) in packages {
            assert!(package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")), "{name}");
            let place = package["resolved"].as_str().unwrap_or("https://registry.npmjs.org/");
            assert!(place.starts_with("https://registry.npmjs.org/"), "{name} comes from {place}");
        }
    }

    #[test]
    fn journeys_are_found_by_name_and_a_wrong_name_is_an_error() {
        let folder = crate::repo::root().join("e2e/journeys");
        let named = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            journeys(&folder, &names).map(|found| found.len())
        };
        assert_eq!(named(&["accounts"]).unwrap(), 1);
        assert!(named(&[]).unwrap() > 3);
        assert!(named(&["accounts", "no-such"]).is_err());
    }
}
