//! Applications are told over TLS that sessions ended, and only where the machine believes their certificate.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokenhouse_proof::server::{Builder, Tokenhouse};
use tokenhouse_suite::authorize::SPA;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::certify;
use crate::client::{api, on};
use crate::logouts::{LONG, come_and_go, heard, make_client, say_yes};

/// An application's server.
struct Receiver {
    listener: TcpListener,
    tls: TlsAcceptor,
}

impl Receiver {
    /// With a certificate by an authority of its own, which lies in the folder.
    async fn start(folder: &Path) -> Self {
        certify(folder, &["localhost"]);
        let certificates = CertificateDer::pem_file_iter(folder.join("certificate.pem"));
        let certificates = certificates.and_then(Iterator::collect).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .expect("the key is that of the certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self { listener, tls: TlsAcceptor::from(Arc::new(config)) }
    }

    fn address(&self) -> String {
        let port = self.listener.local_addr().expect("an address").port();
        format!("https://localhost:{port}/out")
    }

    /// Waits for somebody and shakes hands; who does not believe the certificate goes away.
    async fn greet(&self) -> io::Result<TlsStream<TcpStream>> {
        let greeting = async {
            let (stream, _) = self.listener.accept().await?;
            self.tls.accept(stream).await
        };
        tokio::time::timeout(LONG, greeting).await.expect("somebody comes")
    }
}

/// A server that believes the authority of `believed`.
fn server(folder: &Path, believed: &Path) -> Builder {
    on(folder)
        .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
        .env("SSL_CERT_FILE", &believed.join("authority.pem").display().to_string())
}

/// Nothing of what was told, or was to be told, is in the log.
fn assert_keeps_secrets(server: &Tokenhouse) {
    let log = [server.lines(), server.error_lines()].concat().join("\n");
    assert!(!log.contains("logout_token") && !log.contains("eyJ"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_certificate_is_believed_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let receiver = Receiver::start(folder.path()).await;
    let server = server(folder.path(), folder.path()).start().await.expect("a server");
    make_client(folder.path(), &receiver.address()).await;
    let session = come_and_go(&api(server.addr())).await;
    let mut stream = receiver.greet().await.expect("a handshake");
    assert_eq!(heard(&mut stream).await["sid"], session);
    say_yes(&mut stream).await;
    let note = server.wait_for_event("tokenhouse.logout.told", LONG).await.expect("a note");
    assert_eq!(note["tokenhouse.client.id"], SPA);
    assert_keeps_secrets(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_certificate_is_not_believed_is_tried_again_and_never_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let other = tempfile::tempdir().expect("a temporary folder");
    certify(other.path(), &["localhost"]);
    let receiver = Receiver::start(folder.path()).await;
    let server = server(folder.path(), other.path()).start().await.expect("a server");
    make_client(folder.path(), &receiver.address()).await;
    come_and_go(&api(server.addr())).await;
    let failed = |attempt: u64| {
        server.stdout().wait_for(LONG, move |line| {
            let event: Value = serde_json::from_str(line).ok()?;
            let is_it = event["event.name"] == "tokenhouse.logout.failed"
                && event["tokenhouse.logout.attempts"] == attempt;
            is_it.then_some(event)
        })
    };
    for attempt in 1..=2 {
        // By an authority that has the same name and another key. No request follows such a handshake.
        let refused = receiver.greet().await.expect_err("nobody trusts it");
        assert!(refused.to_string().contains("fatal alert"), "{refused}");
        let note = failed(attempt).await.expect("a note");
        assert_eq!(note["tokenhouse.client.id"], SPA);
        assert_eq!(note["error.type"], "tls", "{note}");
        assert!(note["tokenhouse.logout.retry_after"].is_u64(), "{note}");
    }
    assert!(server.events("tokenhouse.logout.told").is_empty());
    assert_keeps_secrets(&server);
}
