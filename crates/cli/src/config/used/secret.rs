//! The root secret beside an embedded database: found, or made once by whichever process comes first.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokenhouse_rules::keys::RootSecret;
use zeroize::Zeroizing;

/// The file beside the database. Of several processes that start at once one makes it: the file appears
/// whole, by a link that only succeeds once.
#[expect(clippy::disallowed_methods, reason = "makes the one secret that is made")]
pub(super) fn embedded_secret(database: &Path) -> Result<Zeroizing<String>> {
    let path = database.with_file_name("secret");
    if let Some(text) = read_secret(&path)? {
        return Ok(text);
    }
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy).context("the operating system gives no random bytes")?;
    let draft = PathBuf::from(format!("{}.{}", path.display(), std::process::id()));
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&draft)
        .with_context(|| format!("{} cannot be made", draft.display()))?;
    file.write_all(RootSecret::compose("k1", &entropy).as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, &path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("{} cannot be made", path.display()))
        }
        _ => read_secret(&path)?.context("the root secret vanished"),
    }
}

fn read_secret(path: &Path) -> Result<Option<Zeroizing<String>>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
