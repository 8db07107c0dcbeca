//! An application's server, as far as something is told to it or asked of it: one request. Of the answer to what is told
//! only the status counts; what is asked for is read up to a limit.
//!
//! The address is one that was registered, never one that a request names. Even so this server reaches places that
//! others do not, so it asks nobody by plain http but this very machine, nobody at an address that is of one link only
//! (cloud providers keep secrets there), follows no redirect, and shows nobody what it read.

use std::future::ready;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Method, Request, Response, StatusCode, header, request};
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

/// The longest head of an answer, in bytes.
const MOST_HEAD: usize = 16 * 1024;

/// Why an application was not told or asked, in words for who runs this server. Never with anything of what was sent,
/// or of a body that came back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("this release cannot read the settings of the application")]
    Settings,
    #[error("there is no key that can be opened to sign with")]
    Key,
    #[error("the address is none that applications are asked at")]
    Address,
    #[error("the name of its server is not found: {0}")]
    Resolution(std::io::Error),
    #[error("its server cannot be reached: {0}")]
    Connection(std::io::Error),
    #[error("the connection to its server cannot be protected: {0}")]
    Tls(std::io::Error),
    #[error("its server does not speak HTTP as expected: {0}")]
    Protocol(#[from] hyper::Error),
    #[error("its server answered {0}")]
    Status(u16),
    #[error("its server did not answer in time")]
    Late,
    #[error("what its server answered is too long")]
    Length,
    #[error("what its server answered is no set of keys that can be used")]
    Keys,
}

impl Failed {
    /// A stable name, for the log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Key => "key",
            Self::Address => "address",
            Self::Resolution(_) => "name_resolution",
            Self::Connection(_) => "connection",
            Self::Tls(_) => "tls",
            Self::Protocol(_) => "protocol",
            Self::Status(_) => "refusal",
            Self::Late => "timeout",
            Self::Length => "length",
            Self::Keys => "keys",
        }
    }
}

/// How applications are asked.
pub(super) struct Http {
    tls: TlsConnector,
    /// How long all of it may take.
    patience: Duration,
}

impl Http {
    /// Reads the machine's certificates, which takes milliseconds: once for many. Without any, nobody is believed.
    pub(super) fn new(patience: Duration) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions of TLS that are safe")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { tls: TlsConnector::from(Arc::new(config)), patience }
    }

    /// Sends a form; `Ok` when it was taken (Back-Channel Logout §2.8: 200, and 204 where a framework makes it that).
    pub(super) async fn post(&self, address: &str, form: &str) -> Result<(), Failed> {
        let target = Target::parse(address)?;
        let request = target.post(form)?;
        match self.ask(&target, request, |answer| ready(Ok(answer.status()))).await? {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
            other => Err(Failed::Status(other.as_u16())),
        }
    }

    /// What is at an address, where that is no more than `most` bytes. Nobody is followed elsewhere.
    pub(super) async fn get(&self, address: &str, most: usize) -> Result<Bytes, Failed> {
        let target = Target::parse(address)?;
        let request = target.get()?;
        self.ask(&target, request, |answer| whole(answer, most)).await
    }

    async fn ask<T, R: Future<Output = Result<T, Failed>>>(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
        read: impl FnOnce(Response<Incoming>) -> R,
    ) -> Result<T, Failed> {
        let asked = async {
            // So that there is time for another of its addresses.
            let stream = target.connect(self.patience / 2).await?;
            if !target.is_secure {
                return answered(stream, request, read).await;
            }
            let name = ServerName::try_from(target.host.clone()).map_err(|_| Failed::Address)?;
            let stream = self.tls.connect(name, stream).await.map_err(Failed::Tls)?;
            answered(stream, request, read).await
        };
        timeout(self.patience, asked).await.unwrap_or(Err(Failed::Late))
    }
}

/// Where a request goes.
struct Target {
    is_secure: bool,
    /// A name, or an IP address without brackets.
    host: String,
    port: u16,
    /// As the request says it.
    authority: String,
    path: String,
}

impl Target {
    fn parse(address: &str) -> Result<Self, Failed> {
        let url = Url::parse(address).map_err(|_| Failed::Address)?;
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Failed::Address),
        };
        let host = match url.host().ok_or(Failed::Address)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Failed::Address);
        }
        let port = url.port_or_known_default().ok_or(Failed::Address)?;
        let authority = url[Position::BeforeHost..Position::AfterPort].to_owned();
        let path = url[Position::BeforePath..Position::AfterQuery].to_owned();
        Ok(Self { is_secure, host, port, authority, path })
    }

    fn request(&self, method: Method) -> request::Builder {
        Request::builder()
            .method(method)
            .uri(&self.path)
            .header(header::HOST, &self.authority)
            .header(header::USER_AGENT, "Tokenhouse")
            .header(header::CONNECTION, "close")
    }

    fn post(&self, form: &str) -> Result<Request<Full<Bytes>>, Failed> {
        self.request(Method::POST)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::copy_from_slice(form.as_bytes())))
            .map_err(|_| Failed::Address)
    }

    fn get(&self) -> Result<Request<Full<Bytes>>, Failed> {
        self.request(Method::GET)
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .body(Full::default())
            .map_err(|_| Failed::Address)
    }

    /// The name is looked up once, and what is found is what is judged and connected to.
    async fn connect(&self, share: Duration) -> Result<TcpStream, Failed> {
        let found =
            lookup_host((self.host.as_str(), self.port)).await.map_err(Failed::Resolution)?;
        let may = |address: &SocketAddr| may_be_asked(address.ip(), self.is_secure);
        let mut last = Failed::Address;
        for address in found.filter(may) {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = Failed::Connection(error),
                Err(_) => last = Failed::Late,
            }
        }
        Err(last)
    }
}

/// Whether somebody at this address is asked. A private network is fine: applications of a house are there.
fn may_be_asked(address: IpAddr, is_secure: bool) -> bool {
    let address = address.to_canonical();
    if !is_secure {
        return address.is_loopback();
    }
    let of_one_link = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !(of_one_link || address.is_unspecified() || address.is_multicast())
}

/// What is read of the answer. Whatever else comes is not waited for: the connection is given up.
async fn answered<T, R: Future<Output = Result<T, Failed>>>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    read: impl FnOnce(Response<Incoming>) -> R,
) -> Result<T, Failed> {
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(MOST_HEAD).handshake(TokioIo::new(stream)).await?;
    let asked = pin!(async { read(sender.send_request(request).await?).await });
    match select(asked, pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        Either::Right((ended, asked)) => {
            ended?;
            asked.await
        }
    }
}

/// The body of an answer that is good.
async fn whole(answer: Response<Incoming>, most: usize) -> Result<Bytes, Failed> {
    if answer.status() != StatusCode::OK {
        return Err(Failed::Status(answer.status().as_u16()));
    }
    let body = Limited::new(answer.into_body(), most).collect().await;
    body.map(Collected::to_bytes).map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => Failed::Protocol(*error),
        Err(_) => Failed::Length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_where_only_this_machine_gets() {
        let may =
            |address: &str, secure| may_be_asked(address.parse().expect("an address"), secure);
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(may(address, true) && may(address, false), "{address}");
        }
        for address in ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fd00::1"] {
            assert!(may(address, true) && !may(address, false), "{address}");
        }
        for address in
            ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1"]
        {
            assert!(!may(address, true) && !may(address, false), "{address}");
        }
    }

    #[test]
    fn an_address_says_where_its_request_goes() {
        let target = Target::parse("https://app.example:8443/out?a=b").expect("a target");
        assert!(target.is_secure);
        assert_eq!((target.host.as_str(), target.port), ("app.example", 8443));
        assert_eq!(
            (target.authority.as_str(), target.path.as_str()),
            ("app.example:8443", "/out?a=b")
        );
        let target = Target::parse("http://[::1]").expect("a target");
        assert_eq!((target.host.as_str(), target.port), ("::1", 80));
        assert_eq!((target.authority.as_str(), target.path.as_str()), ("[::1]", "/"));
        for bad in ["", "/out", "ftp://a.example/", "https://u:p@a.example/", "file:///etc/passwd"]
        {
            assert!(matches!(Target::parse(bad), Err(Failed::Address)), "{bad}");
        }
    }
}
