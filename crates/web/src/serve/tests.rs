use super::*;
use axum::routing::get;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

struct House {
    at: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

async fn open(tls: Option<Tls>, limits: Limits) -> House {
    let app = Router::new().route("/", get(async || "here")).route(
        "/slow",
        get(async || {
            sleep(Duration::from_millis(300)).await;
            "late"
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let serving = Serving { app, tls, limits, grace: Duration::from_secs(5) };
    let served = tokio::spawn(serve(listener, serving, async {
        let _ = ended.await;
    }));
    House { at, end: Some(end), served }
}

async fn all(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut text))
        .await
        .expect("the server ends the connection");
    String::from_utf8_lossy(&text).into_owned()
}

async fn send(house: &House, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(house.at).await.unwrap();
    // The server may refuse and close before all is written.
    let _ = stream.write_all(bytes).await;
    all(&mut stream).await
}

#[tokio::test]
async fn requests_in_flight_finish_and_then_it_ends() {
    let mut house = open(None, Limits::default()).await;
    let mut slow = TcpStream::connect(house.at).await.unwrap();
    slow.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    house.end.take().unwrap().send(()).unwrap();
    assert!(all(&mut slow).await.ends_with("late"));
    timeout(Duration::from_secs(5), house.served).await.unwrap().unwrap();
    assert!(TcpStream::connect(house.at).await.is_err());
}

#[tokio::test]
async fn whoever_says_nothing_is_not_waited_for() {
    let house = open(None, Limits { greeting_ms: 100, ..Limits::default() }).await;
    for beginning in [&b""[..], b"G", b"GET / HTTP/1.1\r\nhost: a\r\n", b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"]
    {
        send(&house, beginning).await;
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_house_stands() {
    let house = open(None, Limits { greeting_ms: 500, ..Limits::default() }).await;
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(5_000));
    let huge = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "y".repeat(1 << 20));
    for bytes in [
        &b"\x00\x01\x02\x03\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nzz\r\n",
        many.as_bytes(),
        huge.as_bytes(),
        long.as_bytes(),
    ] {
        let answer = send(&house, bytes).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let good = send(&house, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(good.starts_with("HTTP/1.1 200") && good.ends_with("here"), "{good}");
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_their_turn() {
    let house = open(None, Limits { connections: 1, greeting_ms: 300, ..Limits::default() }).await;
    let first = TcpStream::connect(house.at).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let second = send(&house, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(second.ends_with("here"), "{second}");
    drop(first);
}

#[tokio::test]
async fn tls_is_spoken_where_there_is_a_certificate_and_nothing_else() {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let tls = Tls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let house = open(Some(tls), Limits { greeting_ms: 1_000, ..Limits::default() }).await;

    let plain = send(&house, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(!plain.contains("here"));

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(house.at).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(all(&mut stream).await.ends_with("here"));
}
