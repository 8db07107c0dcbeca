//! The way to the server that takes our mails, one connection for each, step by step: so that whoever has to mend
//! something is told which step it was.

use std::error::Error as _;
use std::net::SocketAddr;
use std::time::Duration;

use lettre::Message;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

use super::failed::{Failed, Step, said};
use super::settings::{Protection, Smtp};

/// A server, with all that is needed to give it mails.
pub(super) struct Post {
    smtp: Smtp,
    /// By the name in our own address: some servers refuse numbers (RFC 5321 §4.1.1.1).
    hello: ClientId,
    tls: TlsParameters,
    /// How long a mail may take in all.
    patience: Duration,
}

impl Post {
    pub(super) fn new(smtp: &Smtp, from: &Mailbox, patience: Duration) -> Result<Self, Failed> {
        let tls = smtp.tls().map_err(|error| Failed::of(Step::Tls, &error))?;
        let hello = ClientId::Domain(from.email.domain().to_owned());
        Ok(Self { smtp: smtp.clone(), hello, tls, patience })
    }

    /// Gives a mail to the server. Whoever gets the connection back knows that it is taken.
    pub(super) async fn send(&self, message: &Message) -> Result<Connection, Failed> {
        let deadline = Instant::now() + self.patience;
        let mut connection = self.connect(deadline).await?;
        let content = message.formatted();
        let sending = connection.0.send(message.envelope(), &content);
        self.step(Step::Acceptance, deadline, sending).await?;
        Ok(connection)
    }

    /// Everything up to the point where a mail could be given.
    pub(super) async fn greet(&self) -> Result<Connection, Failed> {
        self.connect(Instant::now() + self.patience).await
    }

    async fn connect(&self, deadline: Instant) -> Result<Connection, Failed> {
        let server = (self.smtp.host.as_str(), self.smtp.port);
        let addresses = match timeout_at(deadline, lookup_host(server)).await {
            Ok(found) => found.map_err(|error| self.failed(Step::Resolution, error))?,
            Err(_) => return Err(self.late(Step::Resolution)),
        };
        let mut last = self.failed(Step::Resolution, "it has no address");
        for address in addresses {
            let opened = match self.smtp.protection {
                Protection::Wrapped => self.open_wrapped(address, deadline).await,
                _ => self.open(address, deadline).await,
            };
            match opened {
                Ok(connection) => return self.authenticate(connection, deadline).await,
                // Another address may be better.
                Err(failed) if failed.step == Step::Connection => last = failed,
                Err(failed) => return Err(failed),
            }
        }
        Err(last)
    }

    /// How long one address may take to answer, so that there is time for another.
    fn share(&self) -> Duration {
        self.patience / 4
    }

    async fn open_wrapped(
        &self,
        address: SocketAddr,
        deadline: Instant,
    ) -> Result<AsyncSmtpConnection, Failed> {
        let (share, tls) = (Some(self.share()), Some(self.tls.clone()));
        let opening = AsyncSmtpConnection::connect_tokio1(address, share, &self.hello, tls, None);
        match timeout_at(deadline, opening).await {
            Ok(opened) => opened.map_err(|error| {
                let step = wrapped_step(&error);
                self.failed(step, said(&error))
            }),
            Err(_) => Err(self.late(Step::Tls)),
        }
    }

    async fn open(
        &self,
        address: SocketAddr,
        deadline: Instant,
    ) -> Result<AsyncSmtpConnection, Failed> {
        let stream = match timeout(self.share(), TcpStream::connect(address)).await {
            Ok(opened) => opened.map_err(|error| self.failed(Step::Connection, error))?,
            Err(_) => return Err(self.late(Step::Connection)),
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello);
        let mut connection = self.step(Step::Greeting, deadline, greeting).await?;
        let protects = match self.smtp.protection {
            Protection::Required | Protection::Wrapped => true,
            Protection::Opportunistic => connection.can_starttls(),
            Protection::Plain => false,
        };
        if protects {
            let protecting = connection.starttls(self.tls.clone(), &self.hello);
            self.step(Step::Tls, deadline, protecting).await?;
        }
        Ok(connection)
    }

    async fn authenticate(
        &self,
        mut connection: AsyncSmtpConnection,
        deadline: Instant,
    ) -> Result<Connection, Failed> {
        if let Some(credentials) = self.smtp.credentials() {
            if !connection.is_encrypted() && !self.smtp.is_here() {
                let why = "the server offers no STARTTLS, and a password is not sent without";
                return Err(self.failed(Step::Tls, why));
            }
            let telling = connection.auth(DEFAULT_MECHANISMS, &credentials);
            self.step(Step::Authentication, deadline, telling).await?;
        }
        Ok(Connection(connection))
    }

    async fn step<T>(
        &self,
        step: Step,
        deadline: Instant,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failed> {
        match timeout_at(deadline, work).await {
            Ok(done) => done.map_err(|error| Failed::of(step, &error).by(&self.server())),
            Err(_) => Err(self.late(step)),
        }
    }

    fn failed(&self, step: Step, why: impl std::fmt::Display) -> Failed {
        Failed::at(step, format_args!("{}: {why}", self.server()))
    }

    fn late(&self, step: Step) -> Failed {
        let silent = step == Step::Greeting;
        let advice = if silent { " (is it one for smtps:// ?)" } else { "" };
        self.failed(step, format_args!("no answer in time{advice}"))
    }

    fn server(&self) -> String {
        let Smtp { host, port, .. } = &self.smtp;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// TCP, TLS and greeting are one call with `smtps://`; which of them failed can be told by the error.
fn wrapped_step(error: &Error) -> Step {
    use std::io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, PermissionDenied,
        TimedOut,
    };
    const TCP: [std::io::ErrorKind; 6] = [
        AddrNotAvailable,
        ConnectionRefused,
        HostUnreachable,
        NetworkUnreachable,
        PermissionDenied,
        TimedOut,
    ];
    if error.is_response() || error.is_client() || error.status().is_some() {
        return Step::Greeting;
    }
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<std::io::Error>()
            && TCP.contains(&inner.kind())
        {
            return Step::Connection;
        }
        source = inner.source();
    }
    Step::Tls
}

/// A connection over which a mail went, or could go.
pub(super) struct Connection(AsyncSmtpConnection);

impl Connection {
    /// Says goodbye; whether the server hears it does not matter.
    pub(super) async fn close(mut self) {
        drop(timeout(Duration::from_secs(1), self.0.quit()).await);
    }
}
