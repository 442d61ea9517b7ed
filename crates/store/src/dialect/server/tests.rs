//! What an address means, and a real server with certificates of its own.

use super::*;
use crate::dialect::{Conn, Database, Use};
use crate::trial::{Trial, WAIT, commit, ring};
use crate::{Store, keys::Keys};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::{
    path::Path,
    time::{Duration, Instant},
};

fn way(address: &str) -> Result<Way, String> {
    read(address).map(|(_, way)| way).map_err(|error| error.to_string())
}

#[test]
fn nothing_leaves_the_machine_in_the_clear() {
    for address in [
        "postgres://k@127.0.0.1/k",
        "postgres://k@localhost:5433/k?application_name=x",
        "postgres://k@[::1]/k?sslmode=disable",
        "postgres://k@%2Fvar%2Frun%2Fpostgresql/k",
        "postgres://k@name/k?hostaddr=127.0.0.1",
    ] {
        assert_eq!(way(address), Ok(Way::Clear), "{address}");
    }
    for address in [
        "postgres://k@db.example/k",
        "postgres://k@10.0.0.7/k?sslmode=disable",
        "postgres://k@127.0.0.1,db.example/k",
        "postgres://k@localhost/k?hostaddr=10.0.0.7",
        "postgres://k@localhost.example/k",
    ] {
        let said = way(address).unwrap_err();
        assert!(
            said.contains("sslmode=verify-full") && said.contains("sslrootcert=FILE"),
            "{address}: {said}"
        );
    }
    for mode in ["prefer", "allow", "verify-ca", "", "VERIFY-FULL"] {
        let said = way(&format!("postgres://k@127.0.0.1/k?sslmode={mode}")).unwrap_err();
        assert!(said.contains("must be verify-full, require or disable"), "{mode}: {said}");
    }
}

#[test]
fn a_certificate_is_verified_unless_the_way_is_within_the_machine() {
    let by = |path: &str| Ok(Way::Verified(Some(path.into())));
    assert_eq!(way("postgres://k@db.example/k?sslmode=require"), Ok(Way::Verified(None)));
    assert_eq!(way("postgres://k@db.example/k?sslmode=verify-full"), Ok(Way::Verified(None)));
    assert_eq!(way("postgres://k@127.0.0.1/k?sslmode=verify-full"), Ok(Way::Verified(None)));
    assert_eq!(way("postgres://k@127.0.0.1/k?sslmode=require"), Ok(Way::Unverified));
    assert_eq!(way("postgres://k@127.0.0.1/k?sslmode=require&sslrootcert=/a%20b/ca.pem"), by("/a b/ca.pem"));
    assert_eq!(way("postgres://k@db.example/k?sslrootcert=ca&sslmode=require&password=x"), by("ca"));
}

#[test]
fn an_authority_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("missing.pem"), folder.path().join("empty.pem"));
    std::fs::write(&empty, "nothing").unwrap();
    for path in [missing, empty] {
        let said = roots(Some(&path)).unwrap_err().to_string();
        assert!(said.contains(path.to_str().unwrap()) && said.contains("sslrootcert"), "{said}");
    }
}

/// A certificate authority in a folder.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    path: PathBuf,
}

fn authority(folder: &Path, name: &str) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let path = folder.join(name);
    std::fs::write(&path, params.self_signed(&key).unwrap().pem()).unwrap();
    Authority { issuer: Issuer::new(params, key), path }
}

/// Lets the test cluster speak TLS with a certificate for `names`. Its files are written by the server itself, which alone may
/// read them then.
fn speak_tls(address: &str, authority: &Authority, names: &[&str]) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority.issuer).unwrap();
    let mut client = Client::connect(address, NoTls).unwrap();
    for (file, pem) in [("tls.crt", certificate.pem()), ("tls.key", key.serialize_pem())] {
        let text = STANDARD.encode(pem);
        let write = format!("umask 077; rm -f {file}; base64 -d > {file}");
        client.batch_execute(&format!("COPY (SELECT '{text}') TO PROGRAM '{write}'")).unwrap();
    }
    for setting in ["ssl_cert_file = 'tls.crt'", "ssl_key_file = 'tls.key'", "ssl = on"] {
        client.batch_execute(&format!("ALTER SYSTEM SET {setting}")).unwrap();
    }
    client.batch_execute("SELECT pg_reload_conf()").unwrap();
    // The server takes the settings up in its own time.
    let encrypted = format!("{address}?sslmode=require");
    let since = Instant::now();
    while let Err(error) = connect(&encrypted) {
        assert!(since.elapsed() < Duration::from_secs(20), "the server does not speak TLS: {error}");
    }
}

/// Whether a connection is encrypted, as the server sees it, and whether with TLS 1.3.
fn encrypted(database: &Database) -> Result<(i64, i64), Error> {
    let mut conn = Conn::open_waiting(database, Use::Read, WAIT)?;
    let sql = "SELECT COUNT(*), COUNT(CASE WHEN version = 'TLSv1.3' THEN 1 END) FROM pg_stat_ssl \
               WHERE ssl AND pid = pg_backend_pid()";
    Ok(conn.query(sql, &[], |row| Ok((row.int(0)?, row.int(1)?)))?[0])
}

#[test]
fn a_server_is_reached_over_tls_where_its_authority_is_known_and_not_otherwise() {
    let [_, trial] = Trial::both();
    let Database::Postgres(address) = &trial.database else { unreachable!() };
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (authority(folder.path(), "ours.pem"), authority(folder.path(), "other.pem"));
    speak_tls(address, &ours, &["127.0.0.1", "db.example"]);

    let by = |query: &str| Database::Postgres(format!("{address}?{query}"));
    let full =
        |authority: &Authority| format!("sslmode=verify-full&sslrootcert={}", authority.path.display());
    assert_eq!(encrypted(&by("")).unwrap(), (0, 0));
    assert_eq!(encrypted(&by("sslmode=require")).unwrap(), (1, 1));
    assert_eq!(encrypted(&by(&full(&ours))).unwrap(), (1, 1));
    // Nobody that this machine trusts vouches for it, nor does that other authority, and it has another name.
    for query in ["sslmode=verify-full".to_owned(), full(&other)] {
        let said = encrypted(&by(&query)).unwrap_err();
        assert!(matches!(said, Error::Certificate(_)), "{query}: {said:?}");
        assert!(said.to_string().contains("sslrootcert=FILE"), "{said}");
    }
    let named = |name: &str| {
        let address = address.replace("127.0.0.1", name);
        Database::Postgres(format!("{address}?hostaddr=127.0.0.1&{}", full(&ours)))
    };
    assert_eq!(encrypted(&named("db.example")).unwrap(), (1, 1));
    assert!(matches!(encrypted(&named("else.example")), Err(Error::Certificate(_))));

    // And a whole store over it.
    drop(trial.conn);
    let home = tempfile::tempdir().unwrap();
    let database = Database::Postgres(format!("{}?{}", testkit::house::fresh_postgres(), full(&ours)));
    let keyring = Arc::new(ring(home.path()));
    let store = Store::open(&database, keyring.clone(), 2).unwrap();
    store.commit(commit(&Keys::new(keyring), "p", "a", 0, 10)).unwrap();
    assert!(store.verify(&mut |_| {}, None, None).unwrap().is_sound());
}
