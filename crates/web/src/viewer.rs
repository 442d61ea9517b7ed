//! Pages of files as pictures, drawn by a process of its own with limits: a file that leads a parser astray takes that process with it, and
//! nothing else. What passes through is held in memory alone.

pub use preview::{Fault, Picture, Seen};

use preview::{Ask, wire};
use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    sync::Semaphore,
    time::timeout,
};

/// How long a page may take, with the wait for a turn.
const WAIT: Duration = Duration::from_secs(20);

/// How many pages are drawn at once.
const AT_ONCE: usize = 2;

/// How wide a page is drawn, in pixels.
const WIDTH: u32 = 1_100;

/// How wide the picture in a list is, in pixels.
const SMALL: u32 = 96;

/// The longest answer, in bytes.
const ANSWER: u64 = 64 << 20;

/// Why there is no file with a mark on every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// It has no pages that are drawn here: it is of another kind, locked or broken.
    Undrawn,
    /// It has more pages than are made into one file.
    Long,
    /// It took too long, or the process did not come to its end: what the file is, nobody has said.
    Silent,
}

/// Who draws.
#[derive(Clone)]
pub struct Viewer {
    drawn_by: By,
    turns: Arc<Semaphore>,
}

#[derive(Clone)]
enum By {
    Program(PathBuf),
    ThisProcess,
}

impl Viewer {
    /// That program, told `preview`.
    pub fn program(path: PathBuf) -> Viewer {
        Viewer { drawn_by: By::Program(path), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// This process: for tests of pages, whose files are their own.
    #[doc(hidden)]
    pub fn in_this_process() -> Viewer {
        Viewer { drawn_by: By::ThisProcess, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// One page of a file, with a mark across it.
    ///
    /// # Errors
    /// [`Fault`]; also where it took too long, or the process did not come to its end.
    pub async fn see(&self, file: Vec<u8>, page: usize, mark: String) -> Result<Seen, Fault> {
        let question = wire::question(&Ask { page, width: WIDTH, mark }, &file);
        drop(file);
        self.asked(question).await
    }

    /// The words of a file; none where it has none, or they cannot be read in time.
    pub async fn words(&self, file: &[u8]) -> String {
        self.asked(wire::question_of_words(file)).await.map(|seen| seen.words).unwrap_or_default()
    }

    /// The whole file as a PDF with a mark on every page.
    ///
    /// # Errors
    /// [`Unmade`]: whoever is to hand out nothing without a mark must know why there is none.
    pub async fn paper(&self, file: &[u8], mark: &str) -> Result<Vec<u8>, Unmade> {
        let answer = self.answer(wire::question_of_paper(mark, file)).await;
        if answer.is_empty() {
            return Err(Unmade::Silent);
        }
        match wire::seen(&answer) {
            Ok(seen) => seen.picture.map(|picture| picture.bytes).ok_or(Unmade::Silent),
            Err(Fault::Long) => Err(Unmade::Long),
            Err(_) => Err(Unmade::Undrawn),
        }
    }

    /// The first page of a file, small: what a list shows of it. `None` where it has no picture.
    pub async fn small(&self, file: &[u8]) -> Option<Picture> {
        let question = wire::question(&Ask { page: 1, width: SMALL, mark: String::new() }, file);
        self.asked(question).await.ok()?.picture
    }

    async fn asked(&self, question: Vec<u8>) -> Result<Seen, Fault> {
        wire::seen(&self.answer(question).await)
    }

    /// What is answered; nothing where it took too long, or the process did not come to its end.
    async fn answer(&self, question: Vec<u8>) -> Vec<u8> {
        let turn = async {
            let _turn = self.turns.acquire().await.ok()?;
            match &self.drawn_by {
                By::Program(path) => ask(path, question).await.ok(),
                By::ThisProcess => tokio::task::spawn_blocking(move || wire::answer(&question)).await.ok(),
            }
        };
        timeout(WAIT, turn).await.ok().flatten().unwrap_or_default()
    }
}

async fn ask(program: &PathBuf, question: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let mut command = Command::new(program);
    command.arg("preview").env_clear().current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Ok(Vec::new());
    };
    // A process that ends before it has read everything has an answer all the same, or none.
    let asking = async move {
        let _ = stdin.write_all(&question).await;
    };
    let (mut answer, mut stdout) = (Vec::new(), stdout.take(ANSWER));
    let (_, read) = tokio::join!(asking, stdout.read_to_end(&mut answer));
    read?;
    child.wait().await?;
    Ok(answer)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn mute(program: &str) -> Viewer {
        Viewer::program(program.into())
    }

    #[tokio::test]
    async fn a_process_that_fails_says_nothing_or_is_not_there_shows_a_broken_file_and_no_more() {
        for program in ["/bin/false", "/bin/true", "/nowhere/at/all"] {
            let seen = mute(program).see(vec![b'x'; 1 << 20], 1, String::new()).await;
            assert_eq!(seen, Err(Fault::Broken), "{program}");
            let made = mute(program).paper(&[b'x'; 1 << 20], "mark").await;
            assert_eq!(made, Err(Unmade::Silent), "{program}");
        }
    }
}
