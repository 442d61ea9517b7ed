//! F1, X13: TLS as an outsider's scanner sees it. `cargo xtask ci` installs sslscan; without it these tests fail.

use crate::program::{Answer, Place, Serving};
use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName},
    },
};

/// A server with a certificate of its own; with an RSA-free key, as `rcgen` makes them.
fn serving(place: &Place) -> (Serving, CertificateDer<'static>) {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (place.path("cert.pem"), place.path("tls.key"));
    fs::write(&cert, pair.cert.pem()).unwrap();
    fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let arguments = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    (place.serve(&arguments), pair.cert.der().clone())
}

fn scan(address: &str) -> String {
    let output = Command::new("sslscan").args(["--no-colour", "--show-cipher-ids", address]).output();
    let output = output.expect(
        "sslscan does not run, and TLS is proved with it: `cargo xtask ci` installs it, or `apt-get install sslscan`",
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn f1_x13_a_scanner_finds_nothing_old_or_weak() {
    let place = Place::new();
    let (serving, _) = serving(&place);
    let seen = scan(serving.address());
    let says = |words: &[&str]| {
        let is_it = |line: &str| line.split_whitespace().collect::<Vec<_>>().starts_with(words);
        assert!(seen.lines().any(is_it), "{words:?} is missing in:\n{seen}");
    };
    for old in ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"] {
        says(&[old, "disabled"]);
    }
    says(&["TLSv1.2", "enabled"]);
    says(&["TLSv1.3", "enabled"]);
    says(&["Session", "renegotiation", "not", "supported"]);
    let bleeds = seen.lines().filter(|line| line.contains("heartbleed"));
    assert!(
        bleeds.clone().count() > 0 && bleeds.clone().all(|line| line.contains(" not vulnerable ")),
        "{seen}"
    );
    assert!(!seen.contains("Compression enabled"), "{seen}");

    let offers = ["Preferred", "Accepted"];
    let suites: Vec<&str> =
        seen.lines().filter(|line| offers.iter().any(|offer| line.starts_with(offer))).collect();
    assert!(suites.len() >= 5, "{seen}");
    for suite in suites {
        let (old, aead) = (suite.contains("TLSv1.2"), suite.contains("GCM") || suite.contains("CHACHA20"));
        assert!(aead && (!old || suite.contains("ECDHE-")), "{suite}");
    }
}

/// Debian's sslscan cannot ask for compression, so this does: a TLS 1.2 greeting that would rather have DEFLATE.
#[test]
fn f1_whoever_asks_for_compression_gets_none() {
    let place = Place::new();
    let (serving, _) = serving(&place);
    let extensions: &[u8] = &[
        0, 10, 0, 4, 0, 2, 0, 29, // groups: x25519
        0, 11, 0, 2, 1, 0, // points: uncompressed
        0, 13, 0, 4, 0, 2, 4, 3, // signatures: ecdsa_secp256r1_sha256
        0, 23, 0, 0, // extended master secret
    ];
    // Version, random, no session, ECDHE-ECDSA-AES256-GCM-SHA384, compression: DEFLATE before none.
    let hello =
        [&[3, 3][..], &[7; 32], &[0, 0, 2, 0xC0, 0x2C, 2, 1, 0, 0, extensions.len() as u8], extensions]
            .concat();
    let length = hello.len() as u8;
    let mut stream = std::net::TcpStream::connect(serving.address()).unwrap();
    stream.write_all(&[&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &hello].concat()).unwrap();
    let mut answer = [0; 5 + 4 + 2 + 32 + 1];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!((answer[0], answer[5]), (22, 2), "a ServerHello");
    let mut rest = vec![0; usize::from(answer[43]) + 3];
    stream.read_exact(&mut rest).unwrap();
    let [.., one, two, compression] = rest[..] else { panic!("{rest:?}") };
    assert_eq!(([one, two], compression), ([0xC0, 0x2C], 0), "the suite, and no compression");
}

#[tokio::test]
async fn f1_an_answer_over_tls_tells_browsers_never_to_come_without() {
    let place = Place::new();
    let (serving, certificate) = serving(&place);
    assert!(serving.base.starts_with("https://"), "{}", serving.base);
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(serving.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    stream
        .write_all(b"GET /fhir/R4/metadata HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    let answer = Answer::read(&String::from_utf8_lossy(&text));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includesubdomains");
}
