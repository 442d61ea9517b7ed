//! A client that takes next to no time of the machine it measures: HTTP/1.1 over one kept connection, blocking, no parsing beyond
//! status and length. For the loopback only.

use anyhow::{Context, bail};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// The largest answer that is read, bytes.
const MOST_BYTES: usize = 1 << 30;

/// A client with its connection.
pub(super) struct Client {
    address: SocketAddr,
    token: String,
    connection: Option<BufReader<TcpStream>>,
    answer: Vec<u8>,
    request: Vec<u8>,
}

impl Client {
    /// A client that is not connected yet.
    pub(super) fn new(address: SocketAddr, token: &str) -> Client {
        Client { address, token: token.to_owned(), connection: None, answer: Vec::new(), request: Vec::new() }
    }

    /// Reads something.
    ///
    /// # Errors
    /// Where the connection breaks.
    pub(super) fn get(&mut self, path: &str) -> anyhow::Result<(u16, &[u8])> {
        self.send("GET", path, &[])
    }

    /// Sends a resource.
    ///
    /// # Errors
    /// Where the connection breaks.
    pub(super) fn post(&mut self, path: &str, body: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.send("POST", path, body)
    }

    fn send(&mut self, method: &str, path: &str, body: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n",
            self.address, self.token
        )?;
        if !body.is_empty() {
            write!(
                self.request,
                "Content-Type: application/fhir+json\r\nContent-Length: {}\r\n",
                body.len()
            )?;
        }
        self.request.extend_from_slice(b"\r\n");
        if self.connection.is_none() {
            let stream = TcpStream::connect(self.address).context("the server cannot be reached")?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(120)))?;
            self.connection = Some(BufReader::with_capacity(1 << 16, stream));
        }
        let Some(connection) = &mut self.connection else { bail!("no connection") };
        let stream = connection.get_mut();
        stream.write_all(&self.request)?;
        stream.write_all(body)?;
        let status = read_answer(connection, &mut self.answer)?;
        Ok((status, &self.answer))
    }
}

fn read_answer(from: &mut BufReader<TcpStream>, answer: &mut Vec<u8>) -> anyhow::Result<u16> {
    answer.clear();
    let mut line = String::new();
    from.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no HTTP answer came")?;
    let (mut length, mut is_chunked) = (0, false);
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 {
            bail!("the answer ended in its headers");
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().context("a length that is no number")?;
        }
        is_chunked |=
            name.eq_ignore_ascii_case("transfer-encoding") && value.trim().eq_ignore_ascii_case("chunked");
    }
    if !is_chunked {
        return append(from, answer, length).map(|()| status);
    }
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim_end(), 16).context("a chunk without a size")?;
        append(from, answer, size)?;
        line.clear();
        from.read_line(&mut line)?;
        if size == 0 {
            return Ok(status);
        }
    }
}

fn append(from: &mut BufReader<TcpStream>, answer: &mut Vec<u8>, count: usize) -> anyhow::Result<()> {
    if answer.len() + count > MOST_BYTES {
        bail!("the answer is absurdly large");
    }
    let start = answer.len();
    answer.resize(start + count, 0);
    Ok(from.read_exact(&mut answer[start..])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn answered(text: &'static str) -> (u16, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let count = stream.read(&mut request).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..count]).into_owned()
        });
        let mut client = Client::new(address, "kw_t");
        let (status, body) = client.get("/a").unwrap();
        let answer = (status, String::from_utf8_lossy(body).into_owned());
        assert!(server.join().unwrap().contains("Bearer kw_t"));
        answer
    }

    #[test]
    fn an_answer_of_a_length_and_one_in_chunks_read_the_same() {
        let whole = answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let chunks =
            answered("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
        assert_eq!(whole, (200, "hello".to_owned()));
        assert_eq!(chunks, whole);
    }
}
