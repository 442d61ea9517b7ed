//! TLS 1.3, and 1.2 with forward secrecy and AEAD only.

mod ends;

pub use ends::ends;

use std::sync::Arc;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        CipherSuite as Suite, ServerConfig, SupportedProtocolVersion,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        version::{TLS12, TLS13},
    },
};

/// The suites this house speaks, whatever a later library would offer beside them.
const SUITES: [Suite; 9] = [
    Suite::TLS13_AES_256_GCM_SHA384,
    Suite::TLS13_AES_128_GCM_SHA256,
    Suite::TLS13_CHACHA20_POLY1305_SHA256,
    Suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    Suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    Suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    Suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    Suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    Suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// A certificate with its key, ready to greet clients.
#[derive(Clone)]
pub struct Tls(pub(crate) TlsAcceptor);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The chain is no PEM with a certificate in it.
    #[error("the certificate file holds no PEM certificate")]
    Certificate,
    /// The key is no PEM with a private key in it.
    #[error("the key file holds no PEM private key")]
    Key,
    /// They do not belong together, or their algorithm is not spoken here.
    #[error("the certificate and the key do not go together: {0}")]
    Pair(#[source] tokio_rustls::rustls::Error),
}

impl Tls {
    /// Reads a PEM chain, the server's own certificate first, and its PEM private key.
    ///
    /// # Errors
    /// Where one of them cannot be read, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Tls, Error> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| Error::Certificate)?;
        if chain.is_empty() {
            return Err(Error::Certificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| Error::Key)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(VERSIONS)
            .map_err(Error::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(Error::Pair)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls(TlsAcceptor::from(Arc::new(config))))
    }
}

/// The versions, the newest first.
pub(crate) const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

pub(crate) fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| SUITES.contains(&suite.suite()));
    provider
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_we_name_is_to_be_had() {
        assert_eq!(provider().cipher_suites.len(), SUITES.len());
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let pair = rcgen::generate_simple_self_signed(["here.example".to_owned()]).unwrap();
        let (chain, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
        let other = rcgen::generate_simple_self_signed(["here.example".to_owned()]).unwrap();
        let other = other.signing_key.serialize_pem();
        assert!(Tls::from_pem(chain.as_bytes(), key.as_bytes()).is_ok());
        assert!(matches!(Tls::from_pem(b"", key.as_bytes()), Err(Error::Certificate)));
        assert!(matches!(Tls::from_pem(chain.as_bytes(), b"x"), Err(Error::Key)));
        assert!(matches!(Tls::from_pem(chain.as_bytes(), other.as_bytes()), Err(Error::Pair(_))));
    }
}
