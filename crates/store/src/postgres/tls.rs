//! TLS to the server, with libpq's meaning of `sslmode` and `sslrootcert`.
//!
//! `prefer` (the default) and `require` encrypt without asking who it is. `verify-ca` asks that an
//! authority of `sslrootcert` has signed the certificate, and so do the weaker modes once that is given;
//! `verify-full` asks for the right name too, and takes the system's authorities when no other is named.
//! Certificates are judged by webpki: the name has to be among the alternative names, and a certificate
//! that is an authority's own is not taken for a server's.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// What the URL says about TLS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Security {
    mode: SslMode,
    proof: Proof,
}

/// What a server has to show.
#[derive(Debug, PartialEq, Eq)]
enum Proof {
    /// Nothing: keeps out who only listens.
    None,
    /// A certificate by one of these authorities (a file).
    Issuer(String),
    /// A certificate in its name, by one of these authorities or the system's.
    Name(Option<String>),
}

/// Takes `sslmode` and `sslrootcert` out of the URL; the driver knows fewer modes.
pub(super) fn split(url: &str) -> Result<(String, Security)> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decode(value)?),
            Some(("sslrootcert", value)) => roots = Some(decode(value)?),
            // The driver would only say that something in the URL is invalid.
            Some((name @ ("sslcert" | "sslkey" | "sslpassword" | "sslcrl"), _)) => {
                return Err(refuse(&format!("{name} in the database URL is not supported")));
            }
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{base}{query}"), Security::new(mode.as_deref(), roots)?))
}

fn decode(value: &str) -> Result<String> {
    let text = percent_decode_str(value).decode_utf8();
    text.map(Into::into).map_err(|_| refuse("sslmode and sslrootcert must be UTF-8"))
}

fn refuse(text: &str) -> Error {
    Error::Driver(text.to_owned().into())
}

impl Security {
    fn new(mode: Option<&str>, roots: Option<String>) -> Result<Self> {
        if roots.as_deref() == Some("system") {
            return match mode {
                None | Some("verify-full") => {
                    Ok(Self { mode: SslMode::Require, proof: Proof::Name(None) })
                }
                Some(_) => Err(refuse("sslrootcert=system needs sslmode=verify-full")),
            };
        }
        let issuer = |roots: Option<String>| roots.map_or(Proof::None, Proof::Issuer);
        let (mode, proof) = match mode.unwrap_or("prefer") {
            "disable" => (SslMode::Disable, Proof::None),
            "allow" | "prefer" => (SslMode::Prefer, issuer(roots)),
            "require" => (SslMode::Require, issuer(roots)),
            // The system's authorities sign for everybody: that would prove nothing.
            "verify-ca" if roots.is_none() => {
                return Err(refuse("sslmode=verify-ca needs sslrootcert; or use verify-full"));
            }
            "verify-ca" => (SslMode::Require, issuer(roots)),
            "verify-full" => (SslMode::Require, Proof::Name(roots)),
            _ => {
                return Err(refuse(
                    "sslmode must be disable, allow, prefer, require, verify-ca or verify-full",
                ));
            }
        };
        Ok(Self { mode, proof })
    }

    pub(super) const fn mode(&self) -> SslMode {
        self.mode
    }

    pub(super) fn connector(&self) -> Result<MakeRustlsConnect> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Driver(Box::new(error)))?;
        let whatever_name = |roots| {
            let verifier = Arc::new(WhateverName { roots, provider });
            config.clone().dangerous().with_custom_certificate_verifier(verifier)
        };
        let config = match &self.proof {
            Proof::None => whatever_name(None),
            Proof::Issuer(path) => whatever_name(Some(from_file(path)?)),
            Proof::Name(Some(path)) => config.with_root_certificates(from_file(path)?),
            Proof::Name(None) => config.with_root_certificates(of_the_system()?),
        };
        Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
    }
}

fn from_file(path: &str) -> Result<RootCertStore> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| refuse(&format!("sslrootcert: {path} cannot be read: {error}")))?;
    let none = format!("sslrootcert: {path} holds no certificate of an authority");
    store(certificates).ok_or_else(|| refuse(&none))
}

fn of_the_system() -> Result<RootCertStore> {
    store(rustls_native_certs::load_native_certs().certs).ok_or_else(|| {
        refuse("this system has no certificates of authorities; name a file of them as sslrootcert")
    })
}

/// Nothing if there is no usable one among them: no server could ever be believed.
fn store(certificates: Vec<CertificateDer<'static>>) -> Option<RootCertStore> {
    let mut store = RootCertStore::empty();
    let (usable, _) = store.add_parsable_certificates(certificates);
    (usable > 0).then_some(store)
}

/// Accepts a certificate in whichever name, by one of the authorities if there are any.
#[derive(Debug)]
struct WhateverName {
    roots: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for WhateverName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            let certificate = ParsedCertificate::try_from(certificate)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                roots,
                intermediates,
                now,
                algorithms,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Security {
        split(&format!("postgres://h/d?{query}")).expect("a known mode").1
    }

    #[test]
    fn takes_its_own_parameters_out_of_the_url() {
        let (url, security) =
            split("postgres://h/d?sslmode=verify-full&a=b&sslrootcert=/x%20y.pem&c=d")
                .expect("known");
        assert_eq!(url, "postgres://h/d?a=b&c=d");
        let proof = Proof::Name(Some("/x y.pem".to_owned()));
        assert_eq!(security, Security { mode: SslMode::Require, proof });
        assert_eq!(split("postgres://h/d").expect("nothing").0, "postgres://h/d");
    }

    #[test]
    fn an_authority_that_is_named_has_to_have_signed_whatever_the_mode() {
        let issuer = || Proof::Issuer("/x.pem".to_owned());
        for (query, mode) in [
            ("sslrootcert=/x.pem", SslMode::Prefer),
            ("sslmode=prefer&sslrootcert=/x.pem", SslMode::Prefer),
            ("sslmode=require&sslrootcert=/x.pem", SslMode::Require),
            ("sslmode=verify-ca&sslrootcert=/x.pem", SslMode::Require),
        ] {
            assert_eq!(of(query), Security { mode, proof: issuer() }, "{query}");
        }
        assert_eq!(of(""), Security { mode: SslMode::Prefer, proof: Proof::None });
        assert_eq!(of("sslmode=disable&sslrootcert=/x.pem").mode, SslMode::Disable);
        assert_eq!(of("sslrootcert=system"), of("sslmode=verify-full"));
    }

    #[test]
    fn what_would_prove_less_than_it_says_is_refused() {
        for query in [
            "sslmode=maybe",
            "sslmode=verify-ca",
            "sslmode=require&sslrootcert=system",
            "sslmode=%ff",
        ] {
            assert!(split(&format!("postgres://h/d?{query}")).is_err(), "{query}");
        }
        let refused = split("postgres://h/d?sslcert=/x.pem").expect_err("not supported");
        let Error::Driver(source) = refused else { panic!("{refused}") };
        assert!(source.to_string().contains("sslcert"), "{source}");
        let empty = Security::new(Some("verify-full"), Some("/dev/null".to_owned()));
        let refused =
            empty.and_then(|security| security.connector().map(|_| ())).expect_err("empty");
        let Error::Driver(source) = refused else { panic!("{refused}") };
        assert!(source.to_string().contains("/dev/null"), "{source}");
    }
}
