//! What a person sees in the first minute: where it listens, where the data is, the link that makes her its
//! administrator, and lines to paste.

use std::io::IsTerminal;
use std::net::SocketAddr;

use tokenhouse_server::log::Format;
use tokenhouse_server::mail::Mailing;
use tokenhouse_server::settings::Settings;

use crate::config::used::Config;
use crate::print;

/// What is printed once, when the server is there.
pub(super) struct Banner {
    at: String,
    data: String,
    outbox: Option<String>,
    is_quiet: bool,
    is_private: bool,
}

impl Banner {
    /// For a server that listens there.
    pub(super) fn new(config: &Config, settings: &Settings, address: SocketAddr) -> Self {
        let at = format!("http://{address}");
        // Whoever reads what is printed on a terminal, or is alone with a database on this machine.
        let alone = config.is_embedded() && address.ip().is_loopback();
        Self {
            data: config.location.to_string(),
            outbox: matches!(settings.mailing, Mailing::Outbox).then(|| format!("{at}/dev/outbox")),
            at,
            // To people, not into a log that was asked to be JSON.
            is_quiet: config.format_was_given && config.format == Format::Json,
            is_private: alone || std::io::stderr().is_terminal(),
        }
    }

    /// Whether a link that makes an administrator may stand in it.
    pub(super) const fn may_hold_a_link(&self) -> bool {
        self.is_private && !self.is_quiet
    }

    /// Prints it, with the link that sets the server up when there is one.
    pub(super) fn print(&self, setup: Option<&str>) {
        if !self.is_quiet {
            print::note(self.text(setup));
        }
    }

    fn text(&self, setup: Option<&str>) -> String {
        let Self { at, data, outbox, .. } = self;
        let version = env!("CARGO_PKG_VERSION");
        let mut lines =
            vec![format!("\n  Tokenhouse {version} listens on {at}"), format!("  Data: {data}")];
        if let Some(link) = setup {
            lines.push(format!(
                "\n  Become its administrator (once, within 30 minutes):\n\n  {link}"
            ));
        }
        lines.push(format!("\n  In a browser: {at}/login"));
        if let Some(outbox) = outbox {
            lines.push(format!("  Mails, to read and not sent: {outbox}"));
        }
        lines.push(format!(
            "
  Try it:

  curl {at}/register \\
    --json '{{\"username\":\"ada\",\"password\":\"correct horse battery staple\"}}'

  TOKEN=$(curl -s {at}/login \\
    --json '{{\"username\":\"ada\",\"password\":\"correct horse battery staple\"}}' \\
    | sed -E 's/.*\"token\":\"([^\"]+)\".*/\\1/')

  curl {at}/data -H \"Authorization: Bearer $TOKEN\"

  Ctrl-C ends it. `tokenhouse demo` shows several processes at work.
"
        ));
        lines.join("\n")
    }
}
