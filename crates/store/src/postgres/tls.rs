//! TLS to the server, with libpq's meaning of `sslmode`: `disable`, `prefer` (the default) and
//! `require` encrypt without asking who it is; `verify-ca` and `verify-full` check the certificate
//! against the system's roots or `sslrootcert` (here both also check the name).

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// What the URL says about TLS.
pub(super) struct Security {
    mode: SslMode,
    verify: bool,
    roots: Option<String>,
}

/// Takes `sslmode` and `sslrootcert` out of the URL; the driver knows fewer modes.
pub(super) fn split(url: &str) -> Result<(String, Security)> {
    let mut security = Security { mode: SslMode::Prefer, verify: false, roots: None };
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), security)) };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => {
                (security.mode, security.verify) = match mode {
                    "disable" => (SslMode::Disable, false),
                    "allow" | "prefer" => (SslMode::Prefer, false),
                    "require" => (SslMode::Require, false),
                    "verify-ca" | "verify-full" => (SslMode::Require, true),
                    _ => {
                        return Err(refuse(
                            "sslmode must be disable, prefer, require or verify-full",
                        ));
                    }
                }
            }
            Some(("sslrootcert", path)) => security.roots = Some(path.to_owned()),
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{base}{query}"), security))
}

fn refuse(text: &str) -> Error {
    Error::Driver(text.to_owned().into())
}

impl Security {
    pub(super) const fn mode(&self) -> SslMode {
        self.mode
    }

    pub(super) fn connector(&self) -> Result<MakeRustlsConnect> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Driver(Box::new(error)))?;
        let config = if self.verify {
            config.with_root_certificates(self.roots()?).with_no_client_auth()
        } else {
            let anyone = Arc::new(Anyone(provider));
            config.dangerous().with_custom_certificate_verifier(anyone).with_no_client_auth()
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut store = RootCertStore::empty();
        let certificates = match &self.roots {
            Some(path) => CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
                .map_err(|error| refuse(&format!("sslrootcert cannot be read: {error}")))?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        store.add_parsable_certificates(certificates);
        Ok(store)
    }
}

/// Accepts any certificate: what libpq does for `prefer` and `require`. Keeps out who only listens.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_its_own_parameters_out_of_the_url() {
        let (url, security) =
            split("postgres://h/d?sslmode=verify-full&a=b&sslrootcert=/x.pem").expect("known mode");
        assert_eq!(url, "postgres://h/d?a=b");
        assert!(security.verify);
        assert_eq!(security.roots.as_deref(), Some("/x.pem"));
        assert!(split("postgres://h/d?sslmode=maybe").is_err());
    }
}
