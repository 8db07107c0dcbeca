//! What is known of each setting.

/// One setting.
pub(crate) struct Setting {
    /// Key in the configuration file; the flag is the same with dashes.
    pub(crate) key: &'static str,
    /// Environment variable. Every one also works as `NAME_FILE`, naming a file that holds the value.
    pub(crate) env: &'static str,
    /// What applies when nothing is said; empty for none.
    pub(crate) default: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// Never a flag, never shown.
    pub(crate) secret: bool,
}

/// One that everybody may see.
pub(super) const fn plain(
    key: &'static str,
    env: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, env, default, help, secret: false }
}

/// One that nobody may see.
pub(super) const fn secret(key: &'static str, env: &'static str, help: &'static str) -> Setting {
    Setting { key, env, default: "", help, secret: true }
}
