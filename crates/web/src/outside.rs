//! Asking another server: an outside OpenID provider, and the endpoints of apps that follow changes. Over TLS with a name that this machine trusts, or in the
//! clear within this machine. One address, no redirects, ten seconds in all, 256 KiB of answer.
//!
//! Whoever calls decides which host may be asked. Never called while a transaction is open, or with a turn at the kernel.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header},
};
use hyper_util::rt::TokioIo;
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

/// How long it may take, all in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer.
const LONGEST: usize = 256 << 10;

/// Why there is no answer. None of it holds what was sent or came back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not an address that may be asked.
    #[error("the address cannot be asked")]
    Address,
    /// Nobody is there, or nobody whom this machine trusts.
    #[error("the other server cannot be reached: {0}")]
    Unreachable(std::io::ErrorKind),
    /// It does not speak HTTP.
    #[error("the other server does not answer as it should")]
    Broken,
    /// It answered with something else than 200; a redirect is not followed.
    #[error("the other server answered {0}")]
    Status(u16),
    /// It took too long.
    #[error("the other server took too long")]
    Late,
}

/// Fetches a document.
///
/// # Errors
/// [`Error`].
pub async fn get(address: &str) -> Result<Vec<u8>, Error> {
    let request = Request::builder().method(Method::GET);
    ask(address, request, Body::empty()).await
}

/// Sends a form, with or without an `Authorization` header.
///
/// # Errors
/// [`Error`].
pub async fn post_form(address: &str, form: String, authorization: Option<&str>) -> Result<Vec<u8>, Error> {
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    let mut request = Request::builder().method(Method::POST).header(header::CONTENT_TYPE, kind);
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| Error::Address)?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    ask(address, request, Body::from(form)).await
}

/// Sends a document with headers; the status of the answer, whatever it is. What the answer says is not read.
///
/// # Errors
/// [`Error`], but never [`Error::Status`].
pub async fn post(
    address: &str,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
) -> Result<u16, Error> {
    let mut request = Request::builder().method(Method::POST);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    Ok(answer(address, request, Body::from(body)).await?.status.as_u16())
}

/// An answer's document.
async fn ask(address: &str, request: axum::http::request::Builder, body: Body) -> Result<Vec<u8>, Error> {
    match answer(address, request, body).await? {
        Answer { status: StatusCode::OK, body } => body.ok_or(Error::Broken),
        Answer { status, .. } => Err(Error::Status(status.as_u16())),
    }
}

/// What came back.
struct Answer {
    status: StatusCode,
    /// `None` where it is longer than anybody reads, or broke off.
    body: Option<Vec<u8>>,
}

async fn answer(address: &str, request: axum::http::request::Builder, body: Body) -> Result<Answer, Error> {
    let uri: Uri = address.parse().map_err(|_| Error::Address)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(Error::Address);
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = request
        .uri(path)
        .header(header::HOST, authority.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .body(body)
        .map_err(|_| Error::Address)?;
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let is_here = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
    let port = authority.port_u16();
    let asked = async {
        match scheme {
            "https" => {
                let stream = connected(&host, port.unwrap_or(443)).await?;
                let name = ServerName::try_from(host).map_err(|_| Error::Address)?;
                let tls = TlsConnector::from(trust()?).connect(name, stream).await.map_err(unreachable)?;
                exchange(tls, request).await
            }
            "http" if is_here => exchange(connected(&host, port.unwrap_or(80)).await?, request).await,
            _ => Err(Error::Address),
        }
    };
    let answer = timeout(PATIENCE, asked).await.unwrap_or(Err(Error::Late));
    if let Err(error) = &answer {
        tracing::warn!(host = authority.host(), %error, "another server was asked in vain");
    }
    answer
}

fn unreachable(error: std::io::Error) -> Error {
    Error::Unreachable(error.kind())
}

async fn connected(host: &str, port: u16) -> Result<TcpStream, Error> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(unreachable)?;
    let mut last = Error::Address;
    for address in found.filter(|address| !is_of_the_machinery(address.ip())) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = unreachable(error),
        }
    }
    Err(last)
}

/// Addresses that nobody is asked at, whatever name leads there: those where clouds hand out their keys, and those that are nobody's.
fn is_of_the_machinery(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast(),
    }
}

/// Whom this machine trusts; read once.
fn trust() -> Result<Arc<ClientConfig>, Error> {
    static TRUST: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    let made = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let builder = ClientConfig::builder_with_provider(Arc::new(crate::tls::provider()));
        let versions = builder.with_protocol_versions(crate::tls::VERSIONS).ok()?;
        Some(Arc::new(versions.with_root_certificates(roots).with_no_client_auth()))
    };
    TRUST.get_or_init(made).clone().ok_or(Error::Broken)
}

async fn exchange<S>(stream: S, request: Request<Body>) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|_| Error::Broken)?;
    // Whoever waits no longer for the answer drops this, and the connection with it.
    let mut connection = std::pin::pin!(connection);
    let answered = async {
        let response = sender.send_request(request).await.map_err(|_| Error::Broken)?;
        let status = response.status();
        let bytes = axum::body::to_bytes(Body::new(response.into_body()), LONGEST).await;
        Ok(Answer { status, body: bytes.ok().map(|bytes| bytes.to_vec()) })
    };
    let mut answered = std::pin::pin!(answered);
    tokio::select! {
        done = &mut answered => done,
        // The connection may end before its last bytes are read.
        _ = &mut connection => answered.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn server(answer: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/a?b=c", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = [0; 4096];
                let _ = stream.read(&mut bytes).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_is_read_and_what_is_none_is_said() {
        let right = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
        assert_eq!(get(&right).await.unwrap(), b"{}");
        assert_eq!(post_form(&right, "a=b".into(), Some("Basic x")).await.unwrap(), b"{}");
        let elsewhere =
            server("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        assert!(matches!(get(&elsewhere).await, Err(Error::Status(302))));
        let broken = server("what?").await;
        assert!(matches!(get(&broken).await, Err(Error::Broken)));
        let endless = server("HTTP/1.1 200 OK\r\ncontent-length: 900000000\r\n\r\n{}").await;
        assert!(matches!(get(&endless).await, Err(Error::Broken)));
    }

    #[tokio::test]
    async fn of_a_document_that_is_sent_the_status_is_told_whatever_comes_with_it() {
        let sent = |address: String| async move { post(&address, Vec::new(), b"{}".to_vec()).await };
        let gone = server("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
        assert!(matches!(sent(gone).await, Ok(410)));
        let endless = server("HTTP/1.1 202 Accepted\r\ncontent-length: 900000000\r\n\r\n{}").await;
        assert!(matches!(sent(endless).await, Ok(202)));
        assert!(matches!(sent("http://127.0.0.1:1/".into()).await, Err(Error::Unreachable(_))));
    }

    #[tokio::test]
    async fn n13_nobody_is_asked_where_clouds_hand_out_their_keys() {
        for bad in [
            "https://169.254.169.254/latest/meta-data/",
            "https://[fe80::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
        ] {
            assert!(matches!(post(bad, Vec::new(), Vec::new()).await, Err(Error::Address)), "{bad}");
        }
    }

    #[tokio::test]
    async fn nobody_is_asked_in_the_clear_but_this_machine() {
        for bad in [
            "http://192.0.2.1/",
            "http://example.org/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "/x",
            "localhost",
            "",
        ] {
            assert!(matches!(get(bad).await, Err(Error::Address)), "{bad}");
        }
        assert!(matches!(get("http://127.0.0.1:1/").await, Err(Error::Unreachable(_))));
    }
}
