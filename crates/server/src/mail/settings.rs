//! Who takes our mails: a server by its URL, how its connection is protected, and whose word is believed on who it is.

use std::net::IpAddr;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// Why a text names no server that mails can be given to. Never repeats any part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSmtp {
    /// Another scheme, no host, a path, or what a password with special characters looks like.
    #[error(
        "must be smtp://user:password@host:587 or smtps://user:password@host:465; what is special in a URL, as @ / ? # \
         and %, has to be written as %40, %2F, … in user and password"
    )]
    Url,
    /// A parameter that is not known, or `tls=` with `smtps://`.
    #[error(
        "may end in ?tls=required, ?tls=opportunistic or ?tls=none, for smtp:// only, and in nothing else"
    )]
    Parameter,
    /// No TLS over a network.
    #[error(
        "tls=none shows passwords and links to everybody on the way; it is for a server on this machine only"
    )]
    Plain,
    /// Half of a name and a password.
    #[error("must have both user and password, or neither")]
    Account,
    /// Not a certificate.
    #[error("the file of TOKENHOUSE_SMTP_CA holds no certificate in PEM")]
    Authority,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    /// TLS from the first byte (RFC 8314 §3.3).
    Wrapped,
    /// `STARTTLS`, or nothing is sent.
    Required,
    /// `STARTTLS` if the server offers it.
    Opportunistic,
    /// None.
    Plain,
}

/// A server that takes mails.
#[derive(Clone)]
pub struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    account: Option<(String, SecretString)>,
    authority: Option<Certificate>,
}

impl Smtp {
    /// Reads `smtp://user:password@host:587?tls=required|opportunistic|none` or `smtps://user:password@host:465`.
    /// `authority` is a certificate in PEM: what it names has to have signed the server's, and nobody else.
    ///
    /// # Errors
    /// [`BadSmtp`].
    pub fn parse(text: &str, authority: Option<&[u8]>) -> Result<Self, BadSmtp> {
        let url = Url::parse(text.trim()).map_err(|_| BadSmtp::Url)?;
        let wrapped = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(BadSmtp::Url),
        };
        if !["", "/"].contains(&url.path()) || url.fragment().is_some() {
            return Err(BadSmtp::Url);
        }
        let host = url.host_str().and_then(|host| Host::parse(host).ok()).ok_or(BadSmtp::Url)?;
        let host = match host {
            Host::Domain(name) => name,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let protection = match (wrapped, url.query()) {
            (true, None) => Protection::Wrapped,
            (false, None | Some("tls=required")) => Protection::Required,
            (false, Some("tls=opportunistic")) => Protection::Opportunistic,
            (false, Some("tls=none")) => Protection::Plain,
            _ => return Err(BadSmtp::Parameter),
        };
        let smtp = Self {
            host,
            port: url.port().unwrap_or(if wrapped { 465 } else { 587 }),
            protection,
            account: account(&url)?,
            authority: authority.map(certificate).transpose()?,
        };
        if protection == Protection::Plain && !smtp.is_here() {
            return Err(BadSmtp::Plain);
        }
        Ok(smtp)
    }

    /// Whether it is this very machine, by its name.
    pub(super) fn is_here(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        address.map_or(self.host == "localhost", |address| address.is_loopback())
    }

    /// What to say who we are, if it is to be said.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        let (user, password) = self.account.as_ref()?;
        Some(Credentials::new(user.clone(), password.expose_secret().to_owned()))
    }

    /// Whom to believe that the server is who it should be. Reads the machine's certificates, which takes
    /// milliseconds: once for many mails.
    pub(super) fn tls(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let builder = TlsParametersBuilder::new(self.host.clone());
        match &self.authority {
            None => builder.build(),
            Some(authority) => only(builder, authority.clone()).build(),
        }
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("protection", &self.protection)
            .finish_non_exhaustive()
    }
}

fn account(url: &Url) -> Result<Option<(String, SecretString)>, BadSmtp> {
    let decoded = |text: &str| {
        percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| BadSmtp::Account)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(BadSmtp::Account),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?.into()))),
    }
}

fn certificate(pem: &[u8]) -> Result<Certificate, BadSmtp> {
    // Without this a file of anything else would be a list of no certificates.
    let begins = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(begins.len()).any(|window| window == begins) {
        return Err(BadSmtp::Authority);
    }
    let certificate = Certificate::from_pem(pem).map_err(|_| BadSmtp::Authority)?;
    let trial = only(TlsParametersBuilder::new("localhost".to_owned()), certificate.clone());
    trial.build().map_err(|_| BadSmtp::Authority)?;
    Ok(certificate)
}

fn only(builder: TlsParametersBuilder, authority: Certificate) -> TlsParametersBuilder {
    builder.certificate_store(CertificateStore::None).add_root_certificate(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(String, u16, Protection), BadSmtp> {
        Smtp::parse(text, None).map(|smtp| (smtp.host, smtp.port, smtp.protection))
    }

    #[test]
    fn a_server_is_read_with_its_port_and_protection() {
        use Protection::{Opportunistic, Plain, Required, Wrapped};
        for (text, host, port, protection) in [
            ("smtp://mail.example.org", "mail.example.org", 587, Required),
            ("smtp://MAIL.example.org:2525/?tls=required", "mail.example.org", 2525, Required),
            ("smtp://mail.example.org?tls=opportunistic", "mail.example.org", 587, Opportunistic),
            ("smtps://mail.example.org", "mail.example.org", 465, Wrapped),
            ("smtps://mail.exämple.org:4465", "mail.xn--exmple-cua.org", 4465, Wrapped),
            ("smtp://localhost:25?tls=none", "localhost", 25, Plain),
            ("smtp://127.0.0.1?tls=none", "127.0.0.1", 587, Plain),
            ("smtp://[::1]:25?tls=none", "::1", 25, Plain),
        ] {
            assert_eq!(parsed(text), Ok((host.to_owned(), port, protection)), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_by_others_or_in_two_ways_is_refused() {
        for (text, why) in [
            ("", BadSmtp::Url),
            ("mail.example.org:587", BadSmtp::Url),
            ("http://mail.example.org", BadSmtp::Url),
            ("smtp:mail.example.org", BadSmtp::Url),
            ("smtp:///", BadSmtp::Url),
            ("smtp://mail.example.org/inbox", BadSmtp::Url),
            ("smtp://ada:pass#word@mail.example.org", BadSmtp::Url),
            ("smtp://mail.example.org?tls=off", BadSmtp::Parameter),
            ("smtp://mail.example.org?TLS=none", BadSmtp::Parameter),
            ("smtps://mail.example.org?tls=required", BadSmtp::Parameter),
            ("smtp://mail.example.org?tls=none", BadSmtp::Plain),
            ("smtp://localhost.example.org?tls=none", BadSmtp::Plain),
            ("smtp://192.0.2.1?tls=none", BadSmtp::Plain),
            ("smtp://ada@mail.example.org", BadSmtp::Account),
            ("smtp://ada:@mail.example.org", BadSmtp::Account),
            ("smtp://:secret@mail.example.org", BadSmtp::Account),
        ] {
            assert_eq!(parsed(text), Err(why), "{text}");
        }
        for pem in [&b""[..], b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n"] {
            let refused = Smtp::parse("smtp://mail.example.org", Some(pem)).map(drop);
            assert_eq!(refused, Err(BadSmtp::Authority));
        }
    }

    #[test]
    fn user_and_password_are_decoded_once_and_shown_nowhere() {
        let smtp = Smtp::parse("smtps://ada%40example.org:p%40ss%2525%2F@mail.example.org", None);
        let smtp = smtp.expect("a server");
        let expected = Credentials::new("ada@example.org".to_owned(), "p@ss%25/".to_owned());
        assert_eq!(smtp.credentials(), Some(expected));
        let shown = format!("{smtp:?}");
        assert!(shown.contains("mail.example.org") && !shown.contains("ss"), "{shown}");
        assert_eq!(parsed("smtp://x").map(|_| ()), Ok(()));
    }
}
