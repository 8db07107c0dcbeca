//! TLS to a server that takes nobody without it: whom each `sslmode` believes.
//!
//! The server has a certificate for `db.test` by an authority made here. Its address comes from
//! `hostaddr`, so no name has to be resolved.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokenhouse_proof::postgres::{Cluster, Options};

use crate::{Outcome, generous, open};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const NAME: &str = "db.test";

/// Everybody has to come over TLS; the superuser is let in, `ada` needs her password.
const HBA: &str = "local all all trust\n\
                   hostssl all postgres all trust\n\
                   hostssl all ada all scram-sha-256\n";

/// A server with TLS, and the authority that signed for it beside one that did not.
struct Place {
    cluster: Cluster,
    folder: TempDir,
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

async fn place(valid_until: i32) -> Result<Place> {
    let folder = TempDir::new()?;
    let (ours, theirs) = (authority("ours")?, authority("theirs")?);
    fs::write(folder.path().join("our authority.pem"), ours.pem())?;
    fs::write(folder.path().join("theirs.pem"), theirs.pem())?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new([NAME.to_owned()])?;
    params.not_after = date_time_ymd(valid_until, 1, 1);
    let certificate = params.signed_by(&key, &ours)?;
    let options = Options::quick()
        .setting("ssl", "on")
        .file("server.crt", &certificate.pem())
        .file("server.key", &key.serialize_pem())
        .file("pg_hba.conf", HBA);
    Ok(Place { cluster: Cluster::start(options).await?, folder })
}

impl Place {
    fn url(&self, who: &str, host: &str, query: &str) -> Result<String> {
        let folder = self.folder.path().display();
        // A space in the path, as a URL writes it.
        let query = query
            .replace("OURS", &format!("{folder}/our%20authority.pem"))
            .replace("THEIRS", &format!("{folder}/theirs.pem"));
        let port = self.cluster.port()?;
        Ok(format!("postgres://{who}@{host}:{port}/postgres?hostaddr=127.0.0.1&{query}"))
    }

    /// Asks the server for its time; the text of the refusal.
    async fn ask(&self, host: &str, query: &str) -> Result<std::result::Result<(), String>> {
        ask(&self.url("postgres", host, query)?).await
    }
}

async fn ask(url: &str) -> Result<std::result::Result<(), String>> {
    let store = open(url, generous())?;
    Ok(store.now().await.map(|_| ()).map_err(|error| error.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sslmode_believes_whom_it_should() -> Outcome {
    let place = place(4096).await?;
    for (host, query) in [
        (NAME, ""),
        ("other.test", "sslmode=prefer"),
        ("other.test", "sslmode=require"),
        ("other.test", "sslmode=require&sslrootcert=OURS"),
        ("other.test", "sslmode=verify-ca&sslrootcert=OURS"),
        (NAME, "sslmode=verify-full&sslrootcert=OURS"),
    ] {
        assert_eq!(place.ask(host, query).await?, Ok(()), "{host} {query}");
    }
    for (host, query, why) in [
        (NAME, "sslmode=disable", "no encryption"),
        (NAME, "sslmode=require&sslrootcert=THEIRS", "UnknownIssuer"),
        (NAME, "sslmode=verify-ca&sslrootcert=THEIRS", "UnknownIssuer"),
        (NAME, "sslmode=verify-full&sslrootcert=THEIRS", "UnknownIssuer"),
        ("other.test", "sslmode=verify-full&sslrootcert=OURS", "other.test"),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=OURS", "127.0.0.1"),
    ] {
        let refused = place.ask(host, query).await?.expect_err(query);
        assert!(refused.contains(why), "{host} {query}: {refused}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_has_expired_is_believed_by_nobody_who_asks_for_one() -> Outcome {
    let place = place(2001).await?;
    assert_eq!(place.ask(NAME, "sslmode=require").await?, Ok(()));
    for query in ["sslmode=verify-ca&sslrootcert=OURS", "sslmode=verify-full&sslrootcert=OURS"] {
        let refused = place.ask(NAME, query).await?.expect_err(query);
        assert!(refused.contains("expired"), "{query}: {refused}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_bound_to_the_channel_and_never_shown() -> Outcome {
    let place = place(4096).await?;
    place.cluster.psql("postgres", "CREATE ROLE ada LOGIN PASSWORD 'open sesame'").await?;
    let query = "sslmode=verify-full&sslrootcert=OURS&channel_binding=require";
    assert_eq!(ask(&place.url("ada:open%20sesame", NAME, query)?).await?, Ok(()));
    let refused = ask(&place.url("ada:open%20says-me", NAME, query)?).await?.expect_err("wrong");
    assert!(refused.contains("password authentication failed"), "{refused}");
    assert!(!refused.contains("says-me") && !refused.contains("sesame"), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_met_by_no_mode_that_asks_for_it() -> Outcome {
    let cluster = Cluster::start(Options::quick()).await?;
    let url = |query: &str| format!("{}?{query}", cluster.url("postgres"));
    for query in ["sslmode=disable", "sslmode=prefer", ""] {
        assert_eq!(ask(&url(query)).await?, Ok(()), "{query}");
    }
    let refused = ask(&url("sslmode=require")).await?.expect_err("no TLS");
    assert!(refused.contains("does not support TLS"), "{refused}");
    Ok(())
}
