//! A secret that an operator brings: never in the file itself.

use std::path::PathBuf;

use anyhow::{Context, Result};
use zeroize::Zeroizing;

use crate::command::Refused;

/// A digest that is as quick as SHA-256 is enough for what nobody can guess (RFC 6749 §10.10), and for nothing else. A
/// MAC with SHA-256 wants as much too (RFC 7518 §3.2).
const FEWEST: usize = 32;
const MOST: usize = 256;

/// The secret in a file, or in a variable.
///
/// # Errors
/// [`Refused`] for both at once, and for what is no secret; it never repeats one.
pub(super) fn read(
    file: Option<PathBuf>,
    variable: Option<String>,
) -> Result<Option<Zeroizing<String>>> {
    let (text, from) = match (file, variable) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let text = "`secret_file` and `secret_env` are both there; leave one out".to_owned();
            return Err(Refused { text, code: 2 }.into());
        }
        (Some(file), None) => {
            let text = std::fs::read_to_string(&file);
            let text = text.with_context(|| format!("secret_file: {}", file.display()))?;
            (Zeroizing::new(text), "secret_file")
        }
        (None, Some(name)) => (value(&name)?, "secret_env"),
    };
    let secret = text.trim();
    let legal = |byte: u8| byte.is_ascii_graphic();
    if !(FEWEST..=MOST).contains(&secret.len()) || !secret.bytes().all(legal) {
        let text = format!(
            "{from}: a secret has {FEWEST} to {MOST} visible characters of ASCII, by chance; \
             `openssl rand -hex 32` makes one"
        );
        return Err(Refused { text, code: 2 }.into());
    }
    Ok(Some(Zeroizing::new(secret.to_owned())))
}

#[expect(clippy::disallowed_methods, reason = "only the command line reads the environment")]
fn value(name: &str) -> Result<Zeroizing<String>> {
    let missing = || Refused { text: format!("secret_env: {name} is not set"), code: 2 };
    Ok(Zeroizing::new(std::env::var(name).map_err(|_| missing())?))
}
