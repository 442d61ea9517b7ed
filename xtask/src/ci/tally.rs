//! Runs `cargo test`, shows it as it goes, and adds up what the test programs say.

use super::{cargo_command, examples, postgres};
use anyhow::{Context, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

/// The sum over all test programs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) ignored: usize,
    /// Tests that failed, by name.
    pub(super) names: Vec<String>,
}

/// Runs the workspace's tests against the cluster at `url`, with HL7's example resources in `folder`.
pub(super) fn run(url: &str, folder: &Path, tally: &mut Tally) -> anyhow::Result<()> {
    let mut child = cargo_command(&["test", "--workspace", "--no-fail-fast", "--locked"])
        .env(postgres::VARIABLE, url)
        .env(examples::VARIABLE, folder)
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo does not start")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut own = std::io::stdout();
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cargo's output breaks off")?;
        tally.read(&String::from_utf8_lossy(&line));
        own.write_all(&line).and_then(|()| own.write_all(b"\n")).context("cannot write")?;
    }
    let status = child.wait().context("cargo is lost")?;
    if tally.failed > 0 {
        bail!("{} tests failed:\n    {}", tally.failed, tally.names.join("\n    "));
    }
    if !status.success() {
        bail!("the tests do not build, or a test program broke off (see above)");
    }
    if tally.ignored > 0 {
        bail!(
            "{} tests are ignored\n    do: make them run (a doc example is `no_run` or `text`), or remove them",
            tally.ignored
        );
    }
    Ok(())
}

impl Tally {
    /// Takes in a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; …` or `test name ... FAILED`.
    fn read(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
            for count in counts.split("; ") {
                match count.split_once(' ').map(|(number, of)| (number.parse::<usize>(), of)) {
                    Some((Ok(number), "passed")) => self.passed += number,
                    Some((Ok(number), "failed")) => self.failed += number,
                    Some((Ok(number), "ignored")) => self.ignored += number,
                    _ => {}
                }
            }
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.names.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_results_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test a::b ... ok",
            "test a::c ... FAILED",
            "test a::d - a_doc (line 7) ... FAILED",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: ok. 40 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 1.10s",
            "the test result: ok. 9 passed; 9 failed",
        ] {
            tally.read(line);
        }
        let names = vec!["a::c".to_owned(), "a::d - a_doc (line 7)".to_owned()];
        assert_eq!(tally, Tally { passed: 41, failed: 2, ignored: 3, names });
    }
}
