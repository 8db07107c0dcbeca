//! TLS to what is asked: whose certificates are believed, and which name has to be in them.
//!
//! By the system's authorities, or by those of a file alone; never by nobody. HTTP/1.1 is spoken over it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Failure;

/// To whom TLS is spoken. Clones share what is believed.
#[derive(Clone, Debug)]
pub struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Tls {
    /// Demands a certificate in that name (or of that address), by an authority of the file `authorities`,
    /// or of the system's where none is named.
    ///
    /// # Errors
    /// When there is no certificate of an authority, or the name is none.
    pub fn new(name: &str, authorities: Option<&Path>) -> Result<Self> {
        let name = ServerName::try_from(name.to_owned())
            .with_context(|| format!("{name} cannot be the name in a certificate"))?;
        let roots = match authorities {
            Some(path) => of_file(path)?,
            None => of_the_system()?,
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), name })
    }

    /// Shakes hands. When that fails, no request has been sent.
    pub(super) async fn over(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let shaken = connector.connect(self.name.clone(), stream).await;
        shaken.map_err(|error| Failure::Refused(format!("TLS: {error}")))
    }
}

fn of_file(path: &Path) -> Result<RootCertStore> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let store = store(certificates);
    ensure!(!store.is_empty(), "{} holds no certificate of an authority", path.display());
    Ok(store)
}

fn of_the_system() -> Result<RootCertStore> {
    let store = store(rustls_native_certs::load_native_certs().certs);
    ensure!(
        !store.is_empty(),
        "this system has no certificates of authorities; name a file of them"
    );
    Ok(store)
}

fn store(certificates: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates);
    store
}
