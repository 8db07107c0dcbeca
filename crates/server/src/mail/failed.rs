//! Why a mail was not taken: at which step, and whether that will change.

use std::error::Error as _;

use lettre::transport::smtp::Error;

/// Replies about us, not about the mail: authentication is needed, too weak, wrong, or needs TLS (RFC 4954 §6).
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// What is kept of what a server says.
const MOST_SAID: usize = 300;

/// A step on the way of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What is needed before the first byte: addresses, certificates.
    Preparation,
    /// The address of the server's name.
    Resolution,
    /// TCP.
    Connection,
    /// The server says who it is.
    Greeting,
    /// TLS, and that the server is who it should be.
    Tls,
    /// User name and password.
    Authentication,
    /// Sender, recipient and content.
    Acceptance,
}

impl Step {
    /// Its stable name, for the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparation => "preparation",
            Self::Resolution => "name_resolution",
            Self::Connection => "connection",
            Self::Greeting => "greeting",
            Self::Tls => "tls",
            Self::Authentication => "authentication",
            Self::Acceptance => "refusal",
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Preparation => "nothing was sent",
            Self::Resolution => "the name of the mail server is not found",
            Self::Connection => "the mail server cannot be reached",
            Self::Greeting => "what answers does not behave like a mail server",
            Self::Tls => "the connection cannot be protected by TLS",
            Self::Authentication => "the mail server does not accept user and password",
            Self::Acceptance => "the mail server did not take the mail",
        }
    }
}

/// Why a mail was not taken, in words for who runs this server. They may hold the recipient's address, as servers
/// repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// At which step.
    pub step: Step,
    /// The reply code, if the server gave one.
    pub code: Option<u16>,
    /// Whether trying again would change nothing.
    pub is_final: bool,
    why: String,
}

impl Failed {
    /// Before anything was sent.
    pub(super) fn unprepared(why: impl std::fmt::Display, is_final: bool) -> Self {
        Self { step: Step::Preparation, code: None, is_final, why: why.to_string() }
    }

    /// For a reason that is told.
    pub(super) fn at(step: Step, why: impl std::fmt::Display) -> Self {
        Self { step, code: None, is_final: false, why: tamed(&why.to_string()) }
    }

    /// What the server answered, or what is at the bottom of the failure.
    pub(super) fn of(step: Step, error: &Error) -> Self {
        let code = error.status().map(u16::from);
        let refused = error.is_permanent() && !code.is_some_and(|code| ABOUT_US.contains(&code));
        // An error of the client itself: an address that this server cannot be given.
        let is_final = step == Step::Acceptance && (refused || error.is_client());
        Self { step, code, is_final, why: tamed(&said(error)) }
    }

    /// With the server that it was.
    pub(super) fn by(self, server: &str) -> Self {
        Self { why: format!("{server}: {}", self.why), ..self }
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.step.told(), self.why)
    }
}

impl std::error::Error for Failed {}

/// The reply of the server, or what is at the bottom of the failure.
pub(super) fn said(error: &Error) -> String {
    let mut parts: Vec<String> = error.status().map(|code| code.to_string()).into_iter().collect();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        source = inner.source();
    }
    match parts.is_empty() {
        true => error.to_string(),
        false => parts.join(" "),
    }
}

/// On one line, without anything that a terminal would obey.
fn tamed(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(MOST_SAID).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_stays_on_one_line_and_commands_no_terminal() {
        assert_eq!(tamed("550 no\r\n\u{1b}[2J such user\n"), "550 no   [2J such user");
        assert_eq!(tamed(&"x".repeat(1000)).len(), MOST_SAID);
    }

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let all = [
            Step::Preparation,
            Step::Resolution,
            Step::Connection,
            Step::Greeting,
            Step::Tls,
            Step::Authentication,
            Step::Acceptance,
        ];
        let mut names: Vec<_> = all.iter().flat_map(|step| [step.name(), step.told()]).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2 * all.len());
    }
}
