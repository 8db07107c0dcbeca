//! How single values are written.

use std::io::IsTerminal;
use std::time::Duration;

use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::span;
use tokenhouse_server::hashing::Implementation;
use tokenhouse_server::log::{Format, Level};

pub(super) fn positive<T: std::str::FromStr + PartialOrd + Default>(
    text: &str,
) -> Result<T, &'static str> {
    match text.parse::<T>() {
        Ok(number) if number > T::default() => Ok(number),
        _ => Err("must be a whole number above 0"),
    }
}

/// A length of time that is not nothing.
pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    match span::parse(text) {
        Ok(Duration::ZERO) => Err("must be more than nothing".to_owned()),
        other => other.map_err(|error| error.to_string()),
    }
}

pub(super) fn switch(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" | "1" | "true" | "yes" => Ok(true),
        "off" | "0" | "false" | "no" => Ok(false),
        _ => Err("must be on or off"),
    }
}

pub(super) fn implementation(text: &str) -> Result<Implementation, &'static str> {
    match text {
        "fast" => Ok(Implementation::Fast),
        "portable" => Ok(Implementation::Portable),
        _ => Err("must be fast or portable"),
    }
}

pub(super) fn format(text: &str) -> Result<Format, &'static str> {
    match text {
        "json" => Ok(Format::Json),
        "text" => Ok(Format::Text),
        "auto" if std::io::stdout().is_terminal() => Ok(Format::Text),
        "auto" => Ok(Format::Json),
        _ => Err("must be json, text or auto"),
    }
}

pub(super) fn level(text: &str) -> Result<Level, &'static str> {
    match text {
        "error" => Ok(Level::Error),
        "warn" => Ok(Level::Warn),
        "info" => Ok(Level::Info),
        "debug" => Ok(Level::Debug),
        _ => Err("must be error, warn, info or debug"),
    }
}

/// Algorithms by their names, each once.
pub(super) fn algorithms(text: &str) -> Result<Vec<Algorithm>, &'static str> {
    let names = text.split(',').map(str::trim).filter(|member| !member.is_empty());
    let mut list = names
        .map(|name| Algorithm::named(name).ok_or("must be some of ES256, EdDSA and RS256"))
        .collect::<Result<Vec<_>, _>>()?;
    list.sort();
    list.dedup();
    if list.is_empty() { Err("must name at least one of ES256, EdDSA and RS256") } else { Ok(list) }
}

pub(super) fn networks(text: &str) -> Result<Vec<ipnet::IpNet>, String> {
    let network = |member: &str| {
        let alone = member.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
        alone.or_else(|_| member.parse()).map_err(|_| format!("`{member}` is not a network"))
    };
    text.split(',').map(str::trim).filter(|member| !member.is_empty()).map(network).collect()
}
