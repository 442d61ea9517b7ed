//! Who brings messages to people. Keepwell has no post of its own yet; the one courier that there is drops files.

use crate::identifier::Identifier;
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A message to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: Identifier,
    /// What it says.
    pub text: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Message {
    pub(crate) fn code(to: Identifier, code: &str) -> Message {
        let text = format!(
            "{code} is your Keepwell code. It is good for ten minutes. Nobody from us will ever ask you for it."
        );
        Message { to, text }
    }

    /// For whoever says that they are the patient of a chart with this contact.
    pub(crate) fn chart_code(to: Identifier, code: &str) -> Message {
        let text = format!(
            "{code} links a Keepwell account to your health record. It is good for ten minutes. If you did not ask for it, tell nobody, and let the front desk know."
        );
        Message { to, text }
    }

    /// It says nothing of who and why: that stands in the account.
    pub(crate) fn glass_broken(to: Identifier) -> Message {
        let text = "Somebody opened your Keepwell health record in an emergency. Sign in to Keepwell to see who it was.";
        Message { to, text: text.into() }
    }

    pub(crate) fn link_opened(to: Identifier) -> Message {
        let text = "Somebody opened your Keepwell health record with a card or a link of yours. Sign in to Keepwell to see when.";
        Message { to, text: text.into() }
    }

    pub(crate) fn link_dead(to: Identifier) -> Message {
        let text = "A card or a link to your Keepwell health record was closed: a wrong PIN was typed ten times. Sign in to Keepwell to make a new one.";
        Message { to, text: text.into() }
    }

    pub(crate) fn asked_for_access(to: Identifier) -> Message {
        let text = "Somebody asks for access to your Keepwell health record. Sign in to Keepwell to allow or deny it.";
        Message { to, text: text.into() }
    }

    pub(crate) fn there_already(to: Identifier) -> Message {
        let text = "Somebody, perhaps you, tried to sign up for Keepwell with this address. You have an account already: sign in with it.";
        Message { to, text: text.into() }
    }
}

/// The message did not get away.
#[derive(Debug, thiserror::Error)]
#[error("the message could not be sent; try again in a moment")]
pub struct Undelivered;

/// Brings messages. It is never called while a transaction is open.
pub trait Courier: Send + Sync {
    /// Sends one.
    ///
    /// # Errors
    /// [`Undelivered`], with nothing else that a stranger could learn from.
    fn send(&self, message: &Message) -> Result<(), Undelivered>;
}

/// Writes each message into a file of its own, for its owner alone: for development, where everybody is the same person.
pub struct FileDrop {
    folder: PathBuf,
    next: AtomicU64,
}

impl FileDrop {
    /// Drops files into that folder, which is made when there is something to drop.
    pub fn new(folder: PathBuf) -> FileDrop {
        FileDrop { folder, next: AtomicU64::new(1) }
    }

    fn drop_file(&self, message: &Message) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        loop {
            let path = self.folder.join(format!("{:06}.txt", self.next.fetch_add(1, Relaxed)));
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                file => return writeln!(file?, "To: {}\n\n{}", message.to.text(), message.text),
            }
        }
    }
}

impl Courier for FileDrop {
    fn send(&self, message: &Message) -> Result<(), Undelivered> {
        self.drop_file(message).map_err(|_| Undelivered)
    }
}
