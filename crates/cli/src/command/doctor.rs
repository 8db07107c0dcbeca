//! `tokenhouse doctor`: looks at everything that commonly goes wrong, and says what to do.

use std::io;
use std::time::{Instant, SystemTime};

use anyhow::Result;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::Store;

use super::Refused;
use crate::config::used::{Config, settings};
use crate::config::{Flags, Written};
use crate::print;

struct Report {
    bad: usize,
    printed: io::Result<()>,
}

impl Report {
    fn say(&mut self, good: bool, what: &str, detail: &str) {
        self.bad += usize::from(!good);
        let mark = if good { "ok  " } else { "BAD " };
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
    match settings(&written) {
        Ok(settings) => {
            report.say(true, "configuration", "every setting is understood");
            let weak = settings.hash_cost.is_below_default();
            let advice = if weak { "weaker than the default" } else { "as strong as advised" };
            report.say(!weak, "password hash", advice);
            let url = settings.public_url.as_deref();
            report.say(
                true,
                "public URL",
                url.unwrap_or("not set; set PUBLIC_URL once people reach it by name"),
            );
        }
        Err(error) => report.say(false, "configuration", &error.to_string()),
    }
    match config.root() {
        Ok(root) => report.say(true, "root secret", &root.ids().collect::<Vec<_>>().join(", ")),
        Err(error) => report.say(false, "root secret", &error.to_string()),
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
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
            report.say(true, "schema", &format!("version {}", state.applied))
        }
        Ok(state) if state.applied == 0 => {
            report.say(true, "schema", "empty; `serve` or `db migrate` makes it")
        }
        Ok(_) => report.say(false, "schema", "not for this release; run `tokenhouse db migrate`"),
        Err(error) => report.say(false, "schema", &error.to_string()),
    }
}
