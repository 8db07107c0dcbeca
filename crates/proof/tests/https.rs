//! The client over TLS: to a real terminator, with a certificate by an authority made here.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokenhouse_proof::http::{Client, Failure, Tls};
use tokenhouse_proof::keeper::Folder;
use tokenhouse_proof::ports::free_address;
use tokenhouse_proof::process::{Running, bare_command, run_to_end};
use tokenhouse_proof::server::Tokenhouse;

const NAME: &str = "proof.test";
const ADDRESS: &str = "127.0.0.1";
const LONG: Duration = Duration::from_secs(15);

/// HAProxy with a certificate, before a server.
struct Terminator {
    folder: Folder,
    url: String,
    addr: std::net::SocketAddr,
    _haproxy: Running,
    _server: Tokenhouse,
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

impl Terminator {
    async fn start() -> Result<Self> {
        let folder = Folder::create("tokenhouse-https-")?;
        let path = folder.path();
        let (ours, theirs) = (authority("ours")?, authority("theirs")?);
        std::fs::write(path.join("ours.pem"), ours.pem())?;
        std::fs::write(path.join("theirs.pem"), theirs.pem())?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([NAME.to_owned(), ADDRESS.to_owned()])?;
        let certificate = certificate.signed_by(&key, &ours)?;
        std::fs::write(path.join("both.pem"), certificate.pem() + &key.serialize_pem())?;

        let url = format!("sqlite:{}", path.join("test.db").display());
        let server = Tokenhouse::builder().database(&url).folder(path).start().await?;
        let addr = free_address()?;
        let configuration = format!(
            "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n\
             frontend f\n bind {addr} ssl crt {}\n default_backend b\n\
             backend b\n server s {}\n",
            path.join("both.pem").display(),
            server.addr()
        );
        std::fs::write(path.join("cfg"), configuration)?;
        let mut command = bare_command("haproxy");
        let mut programs = std::env::var_os("PATH").context("a PATH")?;
        programs.push(":/usr/local/sbin:/usr/sbin");
        command.env("PATH", programs).args(["-db", "-f"]).arg(path.join("cfg"));
        let haproxy = Running::start(command)?;
        let url = format!("https://{ADDRESS}:{}", addr.port());
        let started = Self { folder, url, addr, _haproxy: haproxy, _server: server };
        started.wait_until_it_listens().await?;
        Ok(started)
    }

    /// HAProxy announces nothing.
    async fn wait_until_it_listens(&self) -> Result<()> {
        let listening = async {
            while tokio::net::TcpStream::connect(self.addr).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LONG, listening).await.context("HAProxy does not listen")
    }

    fn client(&self, name: &str, authorities: &Path) -> Result<Client> {
        let tls = Tls::new(name, Some(authorities))?;
        Ok(Client::kept(self.addr).over(Some(tls)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_believed_only_in_its_name_and_by_its_authority() -> Result<()> {
    let terminator = Terminator::start().await?;
    let (ours, theirs) =
        (terminator.folder.path().join("ours.pem"), terminator.folder.path().join("theirs.pem"));
    let answer = terminator.client(NAME, &ours)?.get("/healthz").send().await?;
    assert_eq!(answer.status, 200);
    let answer = terminator.client(ADDRESS, &ours)?.get("/healthz").send().await?;
    assert_eq!(answer.status, 200);
    for (name, authorities) in [(NAME, &theirs), ("example.org", &ours)] {
        let refused = terminator.client(name, authorities)?.get("/healthz").send().await;
        assert!(
            matches!(&refused, Err(Failure::Refused(why)) if why.contains("TLS")),
            "{name}: {refused:?}"
        );
    }
    assert!(Tls::new(NAME, Some(&terminator.folder.path().join("cfg"))).is_err(), "no certificate");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_judged_over_https() -> Result<()> {
    let terminator = Terminator::start().await?;
    let run = async |more: &[&str]| {
        let mut command = bare_command(env!("CARGO_BIN_EXE_tokenhouse-proof"));
        command.args(["run", "--target", &terminator.url, "--duration", "1s", "--rate", "50"]);
        command.args(["--users", "3", "--undisturbed"]).args(more);
        run_to_end(command, b"", Duration::from_secs(60)).await
    };
    let ours = terminator.folder.path().join("ours.pem").display().to_string();
    let judged = run(&["--ca", &ours]).await?;
    let said = String::from_utf8_lossy(&judged.stdout);
    ensure!(judged.status.success(), "{said}{}", String::from_utf8_lossy(&judged.stderr));
    assert!(said.contains("lost 0, wrong 0"), "{said}");

    // The system's authorities know nothing of this one: nothing is sent, so nothing is proved.
    let stranger = run(&[]).await?;
    assert_ne!(stranger.status.code(), Some(0), "{}", String::from_utf8_lossy(&stranger.stdout));
    Ok(())
}
