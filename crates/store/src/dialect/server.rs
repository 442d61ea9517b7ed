//! The way to a PostgreSQL server: what its address says, and TLS where the way leaves this machine.
//!
//! Records are sealed before they go there, but dates, numbers and what belongs together are not, and neither is a password that the
//! server asks for. So nothing goes to another machine in the clear, and a certificate is verified unless the way is within this one.
//! The address takes `sslmode` and `sslrootcert` in their usual meaning, but for `require`, which verifies as well.

use crate::error::Error;
use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
};
use std::{net::IpAddr, path::PathBuf, sync::Arc};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    version::{TLS12, TLS13},
};

/// What to write for a server on another machine.
const IN_THE_CLEAR: &str = "the way to this PostgreSQL server leaves the machine, and would be in the clear: write \
    `?sslmode=verify-full` at the end of the database's address, with `&sslrootcert=FILE` where its certificate is from an authority \
    of your own; or reach it by 127.0.0.1 or a unix socket";

/// What the address may say of TLS.
const MODES: &str = "`sslmode` in the database's address must be verify-full, require or disable (disable within this machine only)";

/// How the way is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// Not at all: it does not leave the machine.
    Clear,
    /// TLS with whoever answers: it does not leave the machine, so nobody stands in between.
    Unverified,
    /// TLS with the server that the address names, vouched for by these authorities; `None` are those that this machine trusts.
    Verified(Option<PathBuf>),
}

/// Connects.
pub(super) fn connect(address: &str) -> Result<Client, Error> {
    let (mut config, way) = read(address)?;
    if way == Way::Clear {
        config.ssl_mode(SslMode::Disable);
        return Ok(config.connect(NoTls)?);
    }
    config.ssl_mode(SslMode::Require);
    Ok(config.connect(MakeRustlsConnect::new(tls(&way)?))?)
}

/// What an address says, without what the library does not know of.
fn read(address: &str) -> Result<(Config, Way), Error> {
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let (mut mode, mut authority, mut rest) = (None, None, Vec::new());
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => authority = Some(PathBuf::from(decoded(value))),
            _ => rest.push(part),
        }
    }
    let mark = if rest.is_empty() { "" } else { "?" };
    let config: Config = format!("{place}{mark}{}", rest.join("&")).parse()?;
    let within = is_within(&config);
    let way = match mode {
        Some("verify-full") => Way::Verified(authority),
        Some("require") if within && authority.is_none() => Way::Unverified,
        Some("require") => Way::Verified(authority),
        None | Some("disable") if within => Way::Clear,
        None | Some("disable") => return Err(Error::Address(IN_THE_CLEAR)),
        Some(_) => return Err(Error::Address(MODES)),
    };
    Ok((config, way))
}

/// Whether every host that it may reach is this machine. An address beside the name is where it goes.
fn is_within(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    })
}

/// The value of a part of a query.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = value.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn tls(way: &Way) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let unusable = |error: TlsError| Error::Fault(Box::new(error));
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(unusable)?;
    Ok(match way {
        Way::Verified(authority) => {
            builder.with_root_certificates(roots(authority.as_ref())?).with_no_client_auth()
        }
        Way::Clear | Way::Unverified => {
            let anybody = Arc::new(Anybody(provider));
            builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth()
        }
    })
}

/// Who may vouch for the server.
fn roots(authority: Option<&PathBuf>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let certificates = match authority {
        None => rustls_native_certs::load_native_certs().certs,
        Some(path) => {
            let pem =
                std::fs::read(path).map_err(|error| Error::Authority(path.clone(), error.to_string()))?;
            let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
            let all = all.map_err(|error| Error::Authority(path.clone(), error.to_string()))?;
            if all.is_empty() {
                return Err(Error::Authority(path.clone(), "it holds no PEM certificate".into()));
            }
            all
        }
    };
    roots.add_parsable_certificates(certificates);
    Ok(roots)
}

/// Takes any certificate, for a way that does not leave the machine. The handshake is still the certificate's.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
