//! The configuration as it is written: flags over environment over file over default. What it means is
//! decided in [`used`].

mod setting;
pub(crate) mod table;
pub(crate) mod used;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Arg, ArgMatches, Args, Command};

pub(crate) use table::SETTINGS;

/// A configuration that cannot be used: exit code 78 (`EX_CONFIG` of sysexits).
#[derive(Debug)]
pub(crate) struct BadConfig(pub String);

impl std::fmt::Display for BadConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadConfig {}

/// The flags of a command that uses the configuration: one for each setting that is no secret.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    given: BTreeMap<&'static str, String>,
    file: Option<PathBuf>,
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("Read settings from a TOML file [env: TOKENHOUSE_CONFIG]")
            .value_parser(clap::value_parser!(PathBuf));
        SETTINGS.iter().filter(|setting| !setting.secret).fold(
            command.arg(file),
            |command, setting| {
                let default = match setting.default {
                    "" => String::new(),
                    default => format!(" [default: {default}]"),
                };
                command.arg(
                    Arg::new(setting.key)
                        .long(setting.key.replace('_', "-"))
                        .value_name("VALUE")
                        .help(format!("{} [env: {}]{default}", setting.help, setting.env)),
                )
            },
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags =
            Self { file: matches.get_one::<PathBuf>("config").cloned(), ..Self::default() };
        for setting in SETTINGS.iter().filter(|setting| !setting.secret) {
            if let Some(value) = matches.get_one::<String>(setting.key) {
                flags.given.insert(setting.key, value.clone());
            }
        }
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line.
    Flag,
    /// An environment variable.
    Environment,
    /// A file named by `NAME_FILE`.
    SecretFile,
    /// The configuration file.
    File,
    /// Nowhere.
    Default,
}

/// Every setting's value, and where it comes from.
pub(crate) struct Written {
    values: BTreeMap<&'static str, (String, Source)>,
}

impl Written {
    /// Gathers the settings.
    ///
    /// # Errors
    /// [`BadConfig`] for keys and `TOKENHOUSE_…` variables that do not exist, and for unreadable files.
    pub(crate) fn gather(flags: &Flags) -> Result<Self> {
        reject_unknown_variables()?;
        let path = flags.file.clone().or_else(|| variable("TOKENHOUSE_CONFIG").map(PathBuf::from));
        let file = match path {
            Some(path) => read_file(&path)?,
            None => BTreeMap::new(),
        };
        let mut values = BTreeMap::new();
        for setting in SETTINGS {
            let found = if let Some(value) = flags.given.get(setting.key) {
                (value.clone(), Source::Flag)
            } else if let Some(value) = variable(setting.env) {
                (value, Source::Environment)
            } else if let Some(path) = variable(&format!("{}_FILE", setting.env)) {
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| BadConfig(format!("{}_FILE: {path}: {error}", setting.env)))?;
                (text.trim().to_owned(), Source::SecretFile)
            } else if let Some(value) = file.get(setting.key) {
                (value.clone(), Source::File)
            } else {
                (setting.default.to_owned(), Source::Default)
            };
            values.insert(setting.key, found);
        }
        Ok(Self { values })
    }

    /// A setting's value; `None` when nothing is said and there is no default.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|(value, _)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Where a setting's value comes from.
    pub(crate) fn source(&self, key: &str) -> Source {
        self.values.get(key).map_or(Source::Default, |(_, source)| source.clone())
    }

    /// A setting's value, read as what it is.
    ///
    /// # Errors
    /// [`BadConfig`] naming variable and reason.
    pub(crate) fn read<T, E: std::fmt::Display>(
        &self,
        key: &str,
        reader: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T> {
        let env = SETTINGS.iter().find(|s| s.key == key).map_or(key, |setting| setting.env);
        reader(self.value(key).unwrap_or_default())
            .map_err(|error| BadConfig(format!("{env}: {error}")).into())
    }
}

#[expect(clippy::disallowed_methods, reason = "only the command line reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A misspelt variable would silently do nothing; the product's own prefix makes them findable.
#[expect(clippy::disallowed_methods, reason = "only the command line reads the environment")]
fn reject_unknown_variables() -> Result<()> {
    const OTHER: &[&str] = &[
        "TOKENHOUSE_CONFIG",
        "TOKENHOUSE_PARENT",
        "TOKENHOUSE_CHILD_SLOT",
        #[cfg(feature = "planted-bugs")]
        tokenhouse_store::planted::VARIABLE,
    ];
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let bare = name.strip_suffix("_FILE").unwrap_or(name);
        let foreign = ["TOKENHOUSE_TEST_", "TOKENHOUSE_BIN"].iter().any(|p| name.starts_with(p));
        if !name.starts_with("TOKENHOUSE_") || OTHER.contains(&name) || foreign {
            continue;
        }
        if !SETTINGS.iter().any(|setting| setting.env == bare) {
            bail!(BadConfig(unknown("variable", name, SETTINGS.iter().map(|s| s.env))));
        }
    }
    Ok(())
}

fn read_file(path: &std::path::Path) -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadConfig(format!("{}: {error}", path.display())))?;
    let table: toml::Table =
        text.parse().map_err(|error| BadConfig(format!("{}: {error}", path.display())))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        if !SETTINGS.iter().any(|setting| setting.key == key) {
            bail!(BadConfig(unknown("setting", &key, SETTINGS.iter().map(|s| s.key))));
        }
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Boolean(on) => (if on { "on" } else { "off" }).to_owned(),
            toml::Value::Integer(number) => number.to_string(),
            _ => bail!(BadConfig(format!("{key}: must be a text, a number or a truth value"))),
        };
        values.insert(key, value);
    }
    Ok(values)
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(candidate) => format!("there is no {kind} `{name}`; did you mean `{candidate}`?"),
        None => format!("there is no {kind} `{name}`; `tokenhouse config example` lists them all"),
    }
}

/// What somebody may have meant who wrote a name that is none.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.85)
        .map(|(_, candidate)| candidate)
}
