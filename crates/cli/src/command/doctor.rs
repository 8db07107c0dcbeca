//! `tokenhouse doctor`: looks at everything that commonly goes wrong, and says what to do.

use std::io;
use std::time::{Instant, SystemTime};

use anyhow::Result;
use tokenhouse_rules::registration::Registration;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_server::mail::{self, Mailing};
use tokenhouse_server::settings::Settings;
use tokenhouse_store::{SetupState, Store};

use super::Refused;
use crate::config::used::{Config, bootstrap, is_own_machine, settings};
use crate::config::{Flags, Written};
use crate::print;

struct Report {
    bad: usize,
    printed: io::Result<()>,
}

impl Report {
    fn say(&mut self, good: bool, what: &str, detail: &str) {
        self.bad += usize::from(!good);
        self.line(if good { "ok  " } else { "BAD " }, what, detail);
    }

    /// What is no fault and should be known.
    fn note(&mut self, what: &str, detail: &str) {
        self.line("note", what, detail);
    }

    fn line(&mut self, mark: &str, what: &str, detail: &str) {
        if self.printed.is_ok() {
            self.printed = print::line(format_args!("{mark}  {what:16} {detail}"));
        }
    }
}

/// # Errors
/// When anything is wrong; every finding has been printed by then.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let written = Written::gather(flags)?;
    let config = Config::new(&written)?;
    let mut report = Report { bad: 0, printed: Ok(()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match checked(&written) {
        Ok(settings) => {
            report.say(true, "configuration", "every setting is understood");
            let weak = settings.hash_cost.is_below_default();
            let advice = if weak { "weaker than the default" } else { "as strong as advised" };
            report.say(!weak, "password hash", advice);
            way(&settings, &mut report);
            runtime.block_on(mails(&settings, &mut report));
        }
        Err(error) => report.say(false, "configuration", &error.to_string()),
    }
    match config.root() {
        Ok(root) => report.say(true, "root secret", &root.ids().collect::<Vec<_>>().join(", ")),
        Err(error) => report.say(false, "root secret", &error.to_string()),
    }
    match config.store() {
        Ok(store) => runtime.block_on(database(store.as_ref(), &config, &mut report)),
        Err(error) => report.say(false, "database", &format!("{error:#}")),
    }
    report.printed?;
    if report.bad > 0 {
        return Err(Refused { text: format!("{} finding(s)", report.bad), code: 1 }.into());
    }
    Ok(())
}

fn checked(written: &Written) -> Result<Settings> {
    let settings = settings(written)?;
    if let Some(first) = bootstrap(written)? {
        first.check(settings.password_min)?;
    }
    Ok(settings)
}

/// Whether people can sign in by the way they come: on plain http over a network the cookie would be lost.
fn way(settings: &Settings, report: &mut Report) {
    let Some(url) = &settings.public_url else {
        return report.note("public URL", "not set; set PUBLIC_URL once people reach it by name");
    };
    if url.starts_with("http://") && !is_own_machine(url) {
        let why =
            "is not protected: browsers would lose the cookie, so nobody can sign in; use https";
        return report.say(false, "public URL", &format!("{url} {why}"));
    }
    report.say(true, "public URL", url);
}

async fn mails(settings: &Settings, report: &mut Report) {
    match settings.mailing {
        Mailing::Smtp(_) => match mail::check(settings).await {
            Ok(()) => report.say(true, "mail", "the server takes mails from us"),
            Err(error) => report.say(false, "mail", &error.to_string()),
        },
        Mailing::Outbox => report.note("mail", "kept to be read at /dev/outbox, never sent"),
        Mailing::Off => report.note(
            "mail",
            "off, so nobody can recover a forgotten password; set TOKENHOUSE_SMTP_URL",
        ),
    }
    if settings.registration == Registration::Invitation && !settings.mailing.is_on() {
        report.note("invitations", "not sent by mail; `tokenhouse invitation create` prints links");
    }
}

#[expect(clippy::disallowed_methods, reason = "compares this machine's clock with the database's")]
async fn database(store: &dyn Store, config: &Config, report: &mut Report) {
    let asked = Instant::now();
    let now = match store.now().await {
        Ok(now) => now,
        Err(error) => return report.say(false, "database", &error.to_string()),
    };
    let took = asked.elapsed();
    report.say(true, "database", &format!("{} answers in {took:.1?}", config.location));
    let here = Timestamp::from(SystemTime::now());
    let skew = here.since(now).max(now.since(here));
    let close = skew.as_secs() < 5;
    let advice = "differs from the database's; nothing depends on it but log times";
    report.say(close, "clock", if close { "agrees with the database's" } else { advice });
    match store.schema().await {
        Ok(state) if state.is_acceptable() => {
            report.say(true, "schema", &format!("version {}", state.applied));
            setup(store, report).await;
        }
        Ok(state) if state.applied == 0 => {
            report.say(true, "schema", "empty; `serve` or `db migrate` makes it")
        }
        Ok(_) => report.say(false, "schema", "not for this release; run `tokenhouse db migrate`"),
        Err(error) => report.say(false, "schema", &error.to_string()),
    }
}

async fn setup(store: &dyn Store, report: &mut Report) {
    match store.setup_state().await {
        Ok(SetupState { closed_at: None, .. }) => report.note(
            "setup",
            "open; `tokenhouse admin setup-link` prints a link for the first administrator",
        ),
        Ok(SetupState { administrators: 0, .. }) => report.say(
            false,
            "setup",
            "closed, and nobody is administrator; `tokenhouse admin grant USER`",
        ),
        Ok(state) => {
            report.say(true, "setup", &format!("closed, administrators: {}", state.administrators))
        }
        Err(error) => report.say(false, "setup", &error.to_string()),
    }
}
