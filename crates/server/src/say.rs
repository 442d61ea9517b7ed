//! The one place that writes to the terminal: answers to standard output, progress and faults to standard error.
//!
//! Nothing here comes back as an error: a reader that went away (`keepwell … | head`) is no fault of ours.

use std::{
    fmt::Arguments,
    io::{self, IsTerminal, Write},
};

/// One line of the answer.
pub(crate) fn answer_line(text: Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// One line about the work.
pub(crate) fn work_line(text: Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Bytes of the answer, as they are.
///
/// # Errors
/// Where standard output fails: whoever writes data must know.
pub(crate) fn bytes(bytes: &[u8]) -> io::Result<()> {
    io::stdout().lock().write_all(bytes)
}

/// Whether somebody watches: bars and redrawn lines are for people.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// A line of the answer, formatted.
macro_rules! say {
    ($($text:tt)*) => { $crate::say::answer_line(format_args!($($text)*)) };
}

/// A line about the work, formatted.
macro_rules! note {
    ($($text:tt)*) => { $crate::say::work_line(format_args!($($text)*)) };
}

pub(crate) use {note, say};
