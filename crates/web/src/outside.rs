//! Asking another server: an outside OpenID provider, the endpoints of apps that follow changes, or a server that an administrator listed for
//! patients to bring their record from, and nobody else. Over TLS with a name that this machine trusts, or in the clear within this machine. One address, no redirects, seconds in
//! all, a bounded answer.
//!
//! Whoever calls decides which host may be asked. Of listed servers a name must lead to addresses of the public network: a name that was
//! pointed into this one is not asked, whatever is listed. Never called while a transaction is open, or with a turn at the kernel.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header},
};
use futures_util::StreamExt;
use hyper_util::rt::TokioIo;
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, LazyLock, OnceLock},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Semaphore,
    task::spawn_blocking,
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
    /// It answered with something else than 200 or 201; a redirect is not followed.
    #[error("the other server answered {0}")]
    Status(u16),
    /// It took too long.
    #[error("the other server took too long")]
    Late,
    /// It answered with more than is read.
    #[error("the other server's answer is too long")]
    TooLong,
}

/// What an answer may be, and whom a name may lead to.
#[derive(Clone, Copy)]
struct Bounds {
    patience: Duration,
    longest: usize,
    /// Whether a name must lead to the public network.
    public: bool,
}

const PLAIN: Bounds = Bounds { patience: PATIENCE, longest: LONGEST, public: false };

/// Something to fetch from a listed server.
#[derive(Clone, Copy, Debug)]
pub struct Fetch<'f> {
    /// From where.
    pub address: &'f str,
    /// What kind of answer is asked for.
    pub accept: &'static str,
    /// The token that is shown, if one is.
    pub bearer: Option<&'f str>,
    /// The longest answer, in bytes.
    pub longest: usize,
    /// How long it may take.
    pub patience: Duration,
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Came {
    /// Its media type; empty where it says none.
    pub kind: String,
    /// What came.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes, sealed", self.bytes.len())
    }
}

/// Fetches a document.
///
/// # Errors
/// [`Error`].
pub async fn get(address: &str) -> Result<Vec<u8>, Error> {
    let request = Request::builder().method(Method::GET).header(header::ACCEPT, "application/json");
    Ok(ask(address, request, Body::empty(), PLAIN).await?.bytes)
}

/// Fetches something from a listed server.
///
/// # Errors
/// [`Error`].
pub async fn fetch(fetch: Fetch<'_>) -> Result<Came, Error> {
    let mut request = Request::builder().method(Method::GET).header(header::ACCEPT, fetch.accept);
    if let Some(bearer) = fetch.bearer {
        request = request.header(header::AUTHORIZATION, secret(&format!("Bearer {bearer}"))?);
    }
    let bounds = Bounds { patience: fetch.patience, longest: fetch.longest, public: true };
    ask(fetch.address, request, Body::empty(), bounds).await
}

/// Sends a body to a listed server, with or without an `Authorization` header.
///
/// # Errors
/// [`Error`].
pub async fn post(
    address: &str,
    kind: &'static str,
    body: String,
    authorization: Option<&str>,
) -> Result<Vec<u8>, Error> {
    let bounds = Bounds { public: true, ..PLAIN };
    Ok(ask(address, posting(kind, authorization)?, Body::from(body), bounds).await?.bytes)
}

/// How many records are fetched at once; each may hold some tens of megabytes.
const AT_ONCE: usize = 4;

/// Does something that asks other servers for minutes, after the request that began it is answered. `false` where too much is being fetched
/// already: then nothing was begun.
pub fn begin(work: impl Future<Output = ()> + Send + 'static) -> bool {
    static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));
    let Ok(turn) = Arc::clone(&TURNS).try_acquire_owned() else { return false };
    tokio::spawn(async move {
        work.await;
        drop(turn);
    });
    true
}

/// Reads something long beside the threads that answer; `None` where the reading broke off.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    spawn_blocking(work).await.ok()
}

fn secret(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Error::Address)?;
    value.set_sensitive(true);
    Ok(value)
}

fn posting(kind: &'static str, authorization: Option<&str>) -> Result<axum::http::request::Builder, Error> {
    let request = Request::builder().method(Method::POST).header(header::ACCEPT, "application/json");
    let request = request.header(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    match authorization {
        Some(authorization) => Ok(request.header(header::AUTHORIZATION, secret(authorization)?)),
        None => Ok(request),
    }
}

/// Sends a form, with or without an `Authorization` header.
///
/// # Errors
/// [`Error`].
pub async fn post_form(address: &str, form: String, authorization: Option<&str>) -> Result<Vec<u8>, Error> {
    let request = posting("application/x-www-form-urlencoded", authorization)?;
    Ok(ask(address, request, Body::from(form), PLAIN).await?.bytes)
}

/// Sends a notice to an app; the status of the answer, whatever it is. What the answer says is nobody's business.
///
/// # Errors
/// [`Error`], but never [`Error::Status`].
pub async fn notice(
    address: &str,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
) -> Result<u16, Error> {
    let request = Request::builder().method(Method::POST);
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    match ask(address, request, Body::from(body), PLAIN).await {
        // It was taken; only what was said about it is longer than anybody reads.
        Ok(_) | Err(Error::TooLong) => Ok(200),
        Err(Error::Status(status)) => Ok(status),
        Err(error) => Err(error),
    }
}

async fn ask(
    address: &str,
    request: axum::http::request::Builder,
    body: Body,
    bounds: Bounds,
) -> Result<Came, Error> {
    let uri: Uri = address.parse().map_err(|_| Error::Address)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(Error::Address);
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = request
        .uri(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONNECTION, "close")
        .body(body)
        .map_err(|_| Error::Address)?;
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let is_here = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
    let port = authority.port_u16();
    let asked = async {
        match scheme {
            "https" => {
                let stream = connected(&host, port.unwrap_or(443), bounds.public && !is_here).await?;
                let name = ServerName::try_from(host).map_err(|_| Error::Address)?;
                let stream = TlsConnector::from(trust()?).connect(name, stream).await.map_err(unreachable)?;
                exchange(stream, request, bounds.longest).await
            }
            "http" if is_here => {
                exchange(connected(&host, port.unwrap_or(80), false).await?, request, bounds.longest).await
            }
            _ => Err(Error::Address),
        }
    };
    let answer = timeout(bounds.patience, asked).await.unwrap_or(Err(Error::Late));
    if let Err(error) = &answer {
        tracing::warn!(host = authority.host(), %error, "another server was asked in vain");
    }
    answer
}

fn unreachable(error: std::io::Error) -> Error {
    Error::Unreachable(error.kind())
}

/// Connects to the address that was looked at, so that a name cannot lead elsewhere between the look and the call. A host that is a number
/// was listed as that number, and is asked unless it is a link's own.
async fn connected(host: &str, port: u16, public: bool) -> Result<TcpStream, Error> {
    if !public {
        let found = tokio::net::lookup_host((host, port)).await.map_err(unreachable)?;
        let asked: Vec<SocketAddr> = found.filter(|address| is_ever_asked(address.ip())).collect();
        return match asked.is_empty() {
            true => Err(Error::Address),
            false => TcpStream::connect(asked.as_slice()).await.map_err(unreachable),
        };
    }
    let all: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(number) if is_ever_asked(number) => vec![SocketAddr::new(number, port)],
        Ok(_) => return Err(Error::Address),
        Err(_) => tokio::net::lookup_host((host, port)).await.map_err(unreachable)?.collect(),
    };
    let is_name = host.parse::<IpAddr>().is_err();
    if all.is_empty() || is_name && !all.iter().all(|address| is_public(address.ip())) {
        return Err(Error::Address);
    }
    TcpStream::connect(all.as_slice()).await.map_err(unreachable)
}

/// Whether a number may be asked where it was listed itself.
fn is_ever_asked(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            !(four.is_link_local() || four.is_unspecified() || four.is_broadcast() || four.is_multicast())
        }
        IpAddr::V6(six) => {
            let is_odd = six.is_unspecified() || six.is_multicast() || (six.segments()[0] & 0xffc0) == 0xfe80;
            !is_odd && six.to_ipv4_mapped().is_none()
        }
    }
}

/// Whether an address is one of the public network, for a name to lead to.
///
/// Source: <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>
fn is_public(address: IpAddr) -> bool {
    if !is_ever_asked(address) {
        return false;
    }
    match address {
        IpAddr::V4(four) => {
            let [one, two, three, _] = four.octets();
            let is_shared = one == 100 && (two & 0xc0) == 64;
            let is_of_tests = one == 198 && (two & 0xfe) == 18 || four.is_documentation();
            let is_odd = one == 0 || one >= 240 || (one, two, three) == (192, 0, 0);
            !(four.is_private() || four.is_loopback() || is_shared || is_of_tests || is_odd)
        }
        IpAddr::V6(six) => {
            let [one, two, ..] = six.segments();
            // Only 2000::/3 is given out; 6to4 and NAT64 lead on to other numbers, and 2001::/23 is for protocols.
            let is_given = (one & 0xe000) == 0x2000;
            let leads_on = one == 0x2002 || (one == 0x2001 && two < 0x200) || (one == 0x2001 && two == 0xdb8);
            is_given && !leads_on
        }
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

/// Reads an answer, and no more of it than that.
async fn read(body: Body, longest: usize) -> Result<Vec<u8>, Error> {
    let (mut stream, mut bytes) = (body.into_data_stream(), Vec::new());
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Error::Broken)?;
        if bytes.len() + part.len() > longest {
            return Err(Error::TooLong);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

async fn exchange<S>(stream: S, request: Request<Body>, longest: usize) -> Result<Came, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|_| Error::Broken)?;
    // Whoever waits no longer for the answer drops this, and the connection with it.
    let mut connection = std::pin::pin!(connection);
    let answered = async {
        let response = sender.send_request(request).await.map_err(|_| Error::Broken)?;
        // Who registers is told that it was created.
        if ![StatusCode::OK, StatusCode::CREATED].contains(&response.status()) {
            return Err(Error::Status(response.status().as_u16()));
        }
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let told = response
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse().ok());
        if told.is_some_and(|told: usize| told > longest) {
            return Err(Error::TooLong);
        }
        Ok(Came { kind, bytes: read(Body::new(response.into_body()), longest).await? })
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
        assert!(matches!(get(&endless).await, Err(Error::TooLong)));
    }

    #[test]
    fn n13_a_name_leads_to_the_public_network_or_nowhere() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["93.184.215.14", "8.8.8.8", "2606:4700::1111"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[tokio::test]
    async fn n13_a_listed_server_is_bounded_in_kind_length_and_time() {
        let ask = |address: &str, longest| {
            let address = address.to_owned();
            async move {
                let patience = Duration::from_millis(500);
                fetch(Fetch {
                    address: &address,
                    accept: "application/fhir+json",
                    bearer: Some("t"),
                    longest,
                    patience,
                })
                .await
            }
        };
        let right = server("HTTP/1.1 200 OK\r\ncontent-type: a/b\r\ncontent-length: 2\r\n\r\n{}").await;
        assert_eq!(ask(&right, 10).await.unwrap(), Came { kind: "a/b".into(), bytes: b"{}".to_vec() });
        assert!(matches!(ask(&right, 1).await, Err(Error::TooLong)));
        let untold = server(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n",
        )
        .await;
        assert!(matches!(ask(&untold, 7).await, Err(Error::TooLong)));
        let slow = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}").await;
        assert!(matches!(ask(&slow, 10).await, Err(Error::Late | Error::Broken)));
        for inside in ["https://169.254.169.254/", "https://[::ffff:169.254.169.254]/", "http://10.0.0.1/"] {
            assert!(matches!(ask(inside, 10).await, Err(Error::Address)), "{inside}");
        }
        // A name of this machine that is not one of those that are known as such.
        assert!(matches!(
            ask("https://localhost.localdomain/", 10).await,
            Err(Error::Address | Error::Unreachable(_) | Error::Late)
        ));
    }

    #[tokio::test]
    async fn of_a_notice_the_status_is_told_whatever_comes_with_it() {
        let sent = |address: String| async move { notice(&address, Vec::new(), b"{}".to_vec()).await };
        let gone = server("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
        assert!(matches!(sent(gone).await, Ok(410)));
        let endless = server("HTTP/1.1 200 OK\r\ncontent-length: 900000000\r\n\r\n{}").await;
        assert!(matches!(sent(endless).await, Ok(200)));
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
            assert!(matches!(notice(bad, Vec::new(), Vec::new()).await, Err(Error::Address)), "{bad}");
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
