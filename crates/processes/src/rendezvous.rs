//! The line between a child and its parent: the invitation a child finds in its environment and the report it sends.
//!
//! The parent listens on a datagram socket whose name cannot be guessed (abstract on Linux, in a private directory
//! elsewhere), and each child has a token of its own, so no other process can speak for it.

use std::io;
use std::net::SocketAddr;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixDatagram};

/// Set by the parent for its children: `place;token;parent's pid`.
pub(crate) const PARENT_VARIABLE: &str = "TOKENHOUSE_PARENT";
/// Set by the parent for its children: the child's place among its siblings, from 0.
pub(crate) const SLOT_VARIABLE: &str = "TOKENHOUSE_CHILD_SLOT";

/// Longer than any report.
const MAX_REPORT: usize = 256;

/// 128 random bits in hexadecimal.
pub(crate) fn random_token() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// What a child is told about its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) place: String,
    pub(crate) token: String,
    pub(crate) parent: u32,
}

impl Invitation {
    /// `None` when this process was not started by a parent of ours.
    #[expect(
        clippy::disallowed_methods,
        reason = "what the parent says travels in the environment"
    )]
    pub(crate) fn from_environment() -> Option<Self> {
        Self::decode(&std::env::var(PARENT_VARIABLE).ok()?)
    }

    pub(crate) fn encode(&self) -> String {
        format!("{};{};{}", self.place, self.token, self.parent)
    }

    fn decode(text: &str) -> Option<Self> {
        let mut fields = text.rsplitn(3, ';');
        let parent = fields.next()?.parse().ok()?;
        let token = fields.next()?.to_owned();
        let place = fields.next()?.to_owned();
        Some(Self { place, token, parent })
    }

    /// Sends `report` to the parent.
    pub(crate) fn answer(&self, report: &Report) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address(&self.place)?)?;
        socket.send(report.encode().as_bytes())?;
        Ok(())
    }
}

/// "I am ready", as said by a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) token: String,
    pub(crate) process_id: String,
    pub(crate) management: Option<SocketAddr>,
}

impl Report {
    fn encode(&self) -> String {
        let management = self.management.map(|addr| addr.to_string());
        format!("READY {} {} {}", self.token, self.process_id, management.as_deref().unwrap_or("-"))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(bytes).ok()?.split(' ');
        if words.next()? != "READY" {
            return None;
        }
        let token = words.next()?.to_owned();
        let process_id = words.next()?.to_owned();
        let management = match words.next()? {
            "-" => None,
            addr => Some(addr.parse().ok()?),
        };
        Some(Self { token, process_id, management })
    }
}

/// The parent's end.
#[derive(Debug)]
pub(crate) struct Inbox {
    socket: tokio::net::UnixDatagram,
    /// The same socket, to be read past what the runtime has noticed so far.
    direct: UnixDatagram,
    pub(crate) place: String,
}

impl Inbox {
    /// Opens the socket; inside a tokio runtime only.
    pub(crate) fn open() -> io::Result<Self> {
        let place = new_place()?;
        let direct = UnixDatagram::bind_addr(&address(&place)?)?;
        direct.set_nonblocking(true)?;
        let socket = tokio::net::UnixDatagram::from_std(direct.try_clone()?)?;
        Ok(Self { socket, direct, place })
    }

    /// The next report; anything else is passed over. Losing this future loses no report.
    pub(crate) async fn receive(&self) -> Report {
        let mut buffer = [0; MAX_REPORT];
        loop {
            match self.socket.recv(&mut buffer).await {
                Ok(length) => {
                    if let Some(report) = Report::from_bytes(&buffer[..length]) {
                        return report;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "reports of processes cannot be received");
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Everything that has been sent before this call, by processes that may have ended since.
    pub(crate) fn arrived(&self) -> Vec<Report> {
        let mut buffer = [0; MAX_REPORT];
        let mut reports = Vec::new();
        while let Ok(length) = self.direct.recv(&mut buffer) {
            reports.extend(Report::from_bytes(&buffer[..length]));
        }
        reports
    }
}

#[cfg(target_os = "linux")]
fn new_place() -> io::Result<String> {
    Ok(format!("@tokenhouse-{}", random_token()?))
}

#[cfg(target_os = "linux")]
fn address(place: &str) -> io::Result<UnixAddr> {
    use std::os::linux::net::SocketAddrExt;

    match place.strip_prefix('@') {
        Some(name) => UnixAddr::from_abstract_name(name),
        None => UnixAddr::from_pathname(place),
    }
}

#[cfg(not(target_os = "linux"))]
fn new_place() -> io::Result<String> {
    use std::os::unix::fs::DirBuilderExt;

    let directory = std::env::temp_dir().join(format!("tokenhouse-{}", random_token()?));
    std::fs::DirBuilder::new().mode(0o700).create(&directory)?;
    directory
        .join("parent")
        .into_os_string()
        .into_string()
        .map_err(|_| io::Error::other("the temporary directory's name is not text"))
}

#[cfg(not(target_os = "linux"))]
fn address(place: &str) -> io::Result<UnixAddr> {
    UnixAddr::from_pathname(place)
}

#[cfg(not(target_os = "linux"))]
impl Drop for Inbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.place);
        if let Some(directory) = std::path::Path::new(&self.place).parent() {
            let _ = std::fs::remove_dir(directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_survives_the_environment() {
        let invitation = Invitation { place: "/odd;name".into(), token: "ab12".into(), parent: 77 };
        assert_eq!(Invitation::decode(&invitation.encode()), Some(invitation.clone()));
        assert_eq!(Invitation::decode("nonsense"), None);
    }

    #[tokio::test]
    async fn a_report_reaches_the_inbox_and_noise_does_not() {
        let inbox = Inbox::open().unwrap();
        let invitation = Invitation {
            place: inbox.place.clone(),
            token: random_token().unwrap(),
            parent: std::process::id(),
        };
        let noise = UnixDatagram::unbound().unwrap();
        noise.connect_addr(&address(&inbox.place).unwrap()).unwrap();
        noise.send(b"READY only").unwrap();
        for management in [None, Some("[::1]:9".parse().unwrap())] {
            let report =
                Report { token: invitation.token.clone(), process_id: "abc234".into(), management };
            invitation.answer(&report).unwrap();
            assert_eq!(inbox.receive().await, report);
            invitation.answer(&report).unwrap();
            assert_eq!(inbox.arrived(), [report]);
        }
    }
}
