//! `keepwell preview`: draws one page of a file, asked on standard input and answered on standard output ([`preview::wire`]). The server
//! starts itself so, for each page that somebody looks at: whatever is in the file happens here, within limits, and not there.

use std::{
    io::{Read, Write},
    process::ExitCode,
};

/// The longest question, in bytes: the largest file, and a line.
const QUESTION: u64 = 64 << 20;

/// Does it. It reads no settings, opens no file and knows no keys.
pub(crate) fn run() -> ExitCode {
    if limit().is_err() {
        return ExitCode::FAILURE;
    }
    let mut question = Vec::new();
    let read = std::io::stdin().lock().take(QUESTION).read_to_end(&mut question);
    let answered = read.and_then(|_| std::io::stdout().lock().write_all(&preview::wire::answer(&question)));
    if answered.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// No more of this machine than a page needs: 2 GiB of addresses, 15 seconds of the processor, no file to write, none to open.
#[cfg(unix)]
fn limit() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [
        (Resource::As, 2 << 30),
        (Resource::Cpu, 15),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 3),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> std::io::Result<()> {
    Ok(())
}
