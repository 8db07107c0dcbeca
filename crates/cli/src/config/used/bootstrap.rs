//! The first administrator of an installation that nobody watches: an address and a password from the
//! configuration.

use anyhow::{Result, bail};
use secrecy::{ExposeSecret, SecretString};
use tokenhouse_rules::password;
use tokenhouse_rules::user::Email;

use crate::config::{BadConfig, Written};

/// Who becomes the first administrator while setup is open.
pub(crate) struct Bootstrap {
    /// Her address, which is her name too.
    pub(crate) email: Email,
    /// Her password.
    pub(crate) password: SecretString,
}

impl Bootstrap {
    /// Judges the password by the rules for all passwords. Asked while setup is open only: once it is closed
    /// nothing depends on it, and no release with stricter rules is to fail over it.
    ///
    /// # Errors
    /// [`BadConfig`], naming the variable and never its value.
    pub(crate) fn check(&self, password_min: usize) -> Result<()> {
        let chosen = self.password.expose_secret();
        password::accept(chosen, &[self.email.shown()], password_min)
            .map_err(|refusal| BadConfig(format!("BOOTSTRAP_ADMIN_PASSWORD {refusal}")))?;
        Ok(())
    }
}

/// What the configuration says of the first administrator, if it names one.
///
/// # Errors
/// [`BadConfig`], naming the variable at fault.
pub(crate) fn bootstrap(written: &Written) -> Result<Option<Bootstrap>> {
    let (email, chosen) =
        (written.value("bootstrap_admin_email"), written.value("bootstrap_admin_password"));
    let (Some(_), Some(chosen)) = (email, chosen) else {
        let missing = match (email, chosen) {
            (Some(_), None) => "BOOTSTRAP_ADMIN_PASSWORD (or BOOTSTRAP_ADMIN_PASSWORD_FILE)",
            (None, Some(_)) => "BOOTSTRAP_ADMIN_EMAIL",
            _ => return Ok(None),
        };
        bail!(BadConfig(format!("{missing} is missing; the first administrator needs both")));
    };
    let email = written.read("bootstrap_admin_email", Email::parse)?;
    Ok(Some(Bootstrap { email, password: chosen.to_owned().into() }))
}
