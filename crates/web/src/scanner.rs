//! The virus scanner that looks at files before they are kept: a clamd on this machine or in this house, where there is one.
//!
//! Source: <https://docs.clamav.net/manual/Usage/Scanning.html#clamd>, its command `INSTREAM`

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long it may take for one step.
const WAIT: Duration = Duration::from_secs(30);

/// How much is sent at once, in bytes.
const CHUNK: usize = 64 << 10;

/// The longest answer, in bytes.
const ANSWER: u64 = 1 << 10;

/// What it says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It knows nothing bad of it.
    Clean,
    /// It found something.
    Found,
}

/// Where it listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanner(pub SocketAddr);

impl Scanner {
    /// Asks about a file. It blocks.
    ///
    /// # Errors
    /// Where it does not answer, or says that it could not look: then nobody knows, and the file must wait.
    pub fn scan(&self, bytes: &[u8]) -> io::Result<Verdict> {
        let mut line = TcpStream::connect_timeout(&self.0, WAIT)?;
        line.set_read_timeout(Some(WAIT))?;
        line.set_write_timeout(Some(WAIT))?;
        line.write_all(b"zINSTREAM\0")?;
        for chunk in bytes.chunks(CHUNK) {
            let length = u32::try_from(chunk.len()).map_err(io::Error::other)?;
            line.write_all(&length.to_be_bytes())?;
            line.write_all(chunk)?;
        }
        line.write_all(&[0; 4])?;
        let mut answer = Vec::new();
        line.take(ANSWER).read_to_end(&mut answer)?;
        verdict(&answer)
    }
}

fn verdict(answer: &[u8]) -> io::Result<Verdict> {
    let text = String::from_utf8_lossy(answer);
    match text.trim_end_matches(['\0', '\n']) {
        "stream: OK" => Ok(Verdict::Clean),
        text if text.ends_with(" FOUND") => Ok(Verdict::Found),
        _ => Err(io::Error::other("the virus scanner could not look at a file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    /// A clamd that takes whatever has `evil` in it for bad.
    fn clamd() -> Scanner {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scanner = Scanner(listener.local_addr().unwrap());
        thread::spawn(move || {
            for line in listener.incoming() {
                let mut line = line.unwrap();
                let mut command = [0; 10];
                line.read_exact(&mut command).unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut all = Vec::new();
                loop {
                    let mut length = [0; 4];
                    line.read_exact(&mut length).unwrap();
                    let length = u32::from_be_bytes(length) as usize;
                    if length == 0 {
                        break;
                    }
                    let before = all.len();
                    all.resize(before + length, 0);
                    line.read_exact(&mut all[before..]).unwrap();
                }
                let is_bad = all.windows(4).any(|part| part == b"evil");
                let said: &[u8] = if is_bad { b"stream: Test-Signature FOUND\0" } else { b"stream: OK\0" };
                line.write_all(said).unwrap();
            }
        });
        scanner
    }

    #[test]
    fn d1_a_scanner_is_asked_and_believed() {
        let scanner = clamd();
        assert_eq!(scanner.scan(b"a letter").unwrap(), Verdict::Clean);
        let mut long = vec![b'a'; 3 * CHUNK + 7];
        assert_eq!(scanner.scan(&long).unwrap(), Verdict::Clean);
        long.extend(b"evil");
        assert_eq!(scanner.scan(&long).unwrap(), Verdict::Found);
    }

    #[test]
    fn what_a_scanner_could_not_look_at_is_not_clean() {
        for answer in ["", "stream: INSTREAM size limit exceeded. ERROR\0", "OK", "stream: OK but\0"] {
            assert!(verdict(answer.as_bytes()).is_err(), "{answer}");
        }
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(Scanner(closed).scan(b"x").is_err());
    }
}
