//! What a person sees in the first minute: where it listens, where the data is, and lines to paste.

use std::net::SocketAddr;

use crate::config::used::Config;
use crate::print;

/// Printed to people, not into a log that was asked to be JSON.
pub(super) fn banner(config: &Config, address: SocketAddr) {
    if config.format_was_given && config.format == tokenhouse_server::log::Format::Json {
        return;
    }
    let at = format!("http://{address}");
    print::note(format_args!(
        "
  Tokenhouse {version} listens on {at}
  Data: {location}

  In a browser: {at}/login

  Try it:

  curl {at}/register \\
    --json '{{\"username\":\"ada\",\"password\":\"correct horse battery staple\"}}'

  TOKEN=$(curl -s {at}/login \\
    --json '{{\"username\":\"ada\",\"password\":\"correct horse battery staple\"}}' \\
    | sed -E 's/.*\"token\":\"([^\"]+)\".*/\\1/')

  curl {at}/data -H \"Authorization: Bearer $TOKEN\"

  Ctrl-C ends it. `tokenhouse demo` shows several processes at work.
",
        version = env!("CARGO_PKG_VERSION"),
        location = config.location,
    ));
}
