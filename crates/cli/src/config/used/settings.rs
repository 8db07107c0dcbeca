//! What handlers need to know, setting by setting.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use tokenhouse_rules::limit::Limit;
use tokenhouse_rules::oauth::client::MAX_ACCESS_TOKEN_LIFETIME;
use tokenhouse_rules::oauth::forwarding;
use tokenhouse_rules::origin::Origin;
use tokenhouse_rules::registration::{DynamicRegistration, Registration};
use tokenhouse_rules::session::Lifetime;
use tokenhouse_rules::span;
use tokenhouse_server::hashing::Cost;
use tokenhouse_server::settings::Settings;

use super::mail::Mails;
use super::value::{algorithms, implementation, networks, positive, some_time, switch};
use crate::config::{BadConfig, Written};

/// What handlers need to know.
///
/// # Errors
/// [`BadConfig`], naming the variable at fault.
pub(crate) fn settings(written: &Written) -> Result<Settings> {
    settings_at(written, None)
}

/// The same for a listener that is open, wherever it came from.
///
/// # Errors
/// [`BadConfig`], naming the variable at fault.
pub(crate) fn settings_at(written: &Written, bound: Option<SocketAddr>) -> Result<Settings> {
    let cost = Cost {
        memory: written.read("argon2_memory", positive)?,
        iterations: written.read("argon2_iterations", positive)?,
        parallelism: written.read("argon2_parallelism", positive)?,
    };
    if !cost.is_possible() {
        bail!(BadConfig("TOKENHOUSE_ARGON2_…: Argon2 does not accept these numbers".to_owned()));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mails = Mails::of(written, bound)?;
    let schema = written.value("data_schema").map(data_schema).transpose()?;
    Ok(Settings {
        lifetime: Lifetime {
            idle: written.read("session_idle", span::parse)?,
            absolute: written.read("session_absolute", span::parse)?,
        },
        cookie_domain: cookie_domain(written)?,
        signing_algorithms: written.read("signing_algorithms", algorithms)?,
        key_rotation: written.read("key_rotation", some_time)?,
        jwks_max_age: written.read("jwks_max_age", some_time)?,
        password_min: written.read("password_min", |text| match text.parse() {
            Ok(count @ 8..=64) => Ok(count),
            _ => Err("must be 8 to 64"),
        })?,
        data_max_bytes: written.read("data_max_bytes", positive)?,
        data_schema: schema,
        limit_account: written.read("login_limit_account", Limit::parse)?,
        limit_address: written.read("login_limit_address", Limit::parse)?,
        limit_mail: written.read("mail_limit", Limit::parse)?,
        limit_recovery: written.read("recovery_limit", Limit::parse)?,
        limit_registration: written.read("registration_limit", Limit::parse)?,
        registration: written.read("registration", Registration::parse)?,
        dynamic_registration: written.read("dynamic_registration", DynamicRegistration::parse)?,
        address: mails.address,
        delete_grace: written.read("delete_grace", span::parse)?,
        recovery_lifetime: written.read("recovery_lifetime", some_time)?,
        confirmation_lifetime: written.read("confirmation_lifetime", some_time)?,
        invitation_lifetime: written.read("invitation_lifetime", some_time)?,
        mailing: mails.mailing,
        base_url: mails.base_url,
        mail_from: mails.from,
        mail_retry_for: written.read("mail_retry_for", span::parse)?,
        trusted_proxies: written.read("trusted_proxies", networks)?,
        public_url: public_url(written)?,
        site_name: written.value("site_name").unwrap_or("Tokenhouse").to_owned(),
        show_process: written.read("show_process", switch)?,
        request_timeout: written.read("request_timeout", span::parse)?,
        hash_cost: cost,
        hash_implementation: written.read("argon2_implementation", implementation)?,
        hash_permits: written.read("hash_permits", |text| match text {
            "auto" => Ok(cores),
            other => positive(other),
        })?,
        hash_budget: written.read("hash_budget", span::parse)?,
        access_log: written.read("access_log", switch)?,
    })
}

/// Where people reach this server. What cannot be such an address would only show when nobody can sign in.
pub(super) fn public_url(written: &Written) -> Result<Option<String>> {
    if written.value("public_url").is_none() {
        return Ok(None);
    }
    written.read("public_url", |url| {
        Origin::parse(url).map(|_| Some(url.trim_end_matches('/').to_owned()))
    })
}

/// The domain for whose hosts proxies ask who is signed in: one that this server is in too.
fn cookie_domain(written: &Written) -> Result<Option<String>> {
    if written.value("cookie_domain").is_none() {
        return Ok(None);
    }
    let public = public_url(written)?.and_then(|url| Origin::parse(&url).ok());
    let Some(public) = public else {
        bail!(BadConfig(
            "PUBLIC_URL is missing: TOKENHOUSE_COOKIE_DOMAIN is set, and its host has to be in that"
                .to_owned()
        ));
    };
    written.read("cookie_domain", |text| forwarding::cookie_domain(text, &public)).map(Some)
}

/// How long access tokens live of a client that says nothing of it.
///
/// # Errors
/// [`BadConfig`] when that is nothing, or longer than any client may have it.
pub(crate) fn access_token_lifetime(written: &Written) -> Result<Duration> {
    let most = Duration::from_secs(MAX_ACCESS_TOKEN_LIFETIME);
    written.read("access_token_lifetime", |text| match some_time(text)? {
        span if span > most => Err(format!("must be {} at most", span::format(most))),
        span if span.subsec_nanos() > 0 => Err("must be whole seconds".to_owned()),
        span => Ok(span),
    })
}

fn data_schema(path: &str) -> Result<jsonschema::Validator> {
    let refuse = |why: String| BadConfig(format!("TOKENHOUSE_DATA_SCHEMA: {path}: {why}"));
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let schema: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    Ok(jsonschema::validator_for(&schema).map_err(|error| refuse(error.to_string()))?)
}
