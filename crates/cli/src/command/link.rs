//! Links that a command prints: an invitation, and the one that sets a server up.

use std::time::Duration;

use anyhow::Result;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::link::Purpose;
use tokenhouse_server::mail;
use tokenhouse_server::settings::Settings;
use tokenhouse_store::{MakeLink, NewLink, Store};
use zeroize::Zeroizing;

use super::{by_operator, random};
use crate::config::Written;
use crate::config::used::{Config, settings};
use crate::print;

/// How long the link that sets a server up may be used.
pub(super) const SETUP_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// What it takes to make links: the settings and the root secret.
pub(super) struct Links {
    pub(super) settings: Settings,
    root: RootSecret,
}

impl Links {
    /// As the configuration says.
    ///
    /// # Errors
    /// [`crate::config::BadConfig`], naming the variable at fault.
    pub(super) fn of(written: &Written) -> Result<Self> {
        Ok(Self { settings: settings(written)?, root: Config::new(written)?.root()? })
    }

    /// What links are sealed with.
    pub(super) fn root(&self) -> &RootSecret {
        &self.root
    }

    /// The address of a link, to be shown to a person.
    pub(super) fn address(&self, purpose: Purpose, id: LinkId) -> Zeroizing<String> {
        Zeroizing::new(mail::link(&self.settings.base_url, purpose, id, &self.root))
    }

    /// Says what a link is worth, and whether its beginning is a guess.
    pub(super) fn explain(&self, what: &str) {
        print::note(what);
        if self.settings.public_url.is_none() {
            print::note(format_args!(
                "PUBLIC_URL is not set; if people reach this server elsewhere, put that in the place of {}",
                self.settings.base_url
            ));
        }
    }
}

/// Makes a link that sets the server up; none when setup is closed.
///
/// # Errors
/// Trouble with the database.
pub(super) async fn setup(
    store: &dyn Store,
    base_url: &str,
    root: &RootSecret,
) -> Result<Option<Zeroizing<String>>> {
    let now = store.now().await?;
    let id = LinkId::new(now, random()?);
    let made = store
        .make_link(MakeLink {
            purpose: Purpose::Setup,
            link: NewLink { id, lifetime: SETUP_LIFETIME },
            email: None,
            mail: None,
            trail: by_operator(Event::SetupLinkMade, now)?,
        })
        .await?;
    Ok(made.then(|| Zeroizing::new(mail::link(base_url, Purpose::Setup, id, root))))
}
