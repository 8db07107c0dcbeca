//! What the command line says of an application, as members of its settings.

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value, json};
use tokenhouse_rules::oauth::client::{GrantType, Settings};

use crate::command::Refused;

/// What is said of it.
#[derive(Args)]
pub(super) struct Given {
    /// What people are shown; the id if nothing is said
    #[arg(long)]
    name: Option<String>,
    /// Where people come back to after signing in, exactly; give it once for each
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where people may come back to after signing out
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// Of which its scripts may ask this server (CORS), like https://app.example.org
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// What it may ask for, like openid, groups or offline_access
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Host behind a proxy whose requests are judged, like app.example.org or *.example.org
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Group whose members are let through to these hosts; without one, everybody who is signed in
    #[arg(long = "allow-group", value_name = "GROUP", requires = "hosts")]
    groups: Vec<String>,
    /// For whom it may exchange tokens that it is shown (RFC 8693), like https://orders.example.org
    #[arg(long = "token-exchange", value_name = "AUDIENCE")]
    token_exchange: Vec<String>,
    /// Any setting by its name, its value as JSON or as text, like access_token=jwt
    #[arg(long = "set", value_name = "NAME=VALUE")]
    others: Vec<String>,
}

impl Given {
    /// The members of the settings that it names; what comes by a flag of its own is not named twice.
    ///
    /// # Errors
    /// [`Refused`] for a `--set` without `=`.
    pub(super) fn members(&self) -> Result<Map<String, Value>> {
        let mut members = Map::new();
        if let Some(name) = &self.name {
            members.insert("name".to_owned(), json!(name));
        }
        for (name, list) in [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
            ("origins", &self.origins),
            ("token_exchange", &self.token_exchange),
        ] {
            if !list.is_empty() {
                members.insert(name.to_owned(), json!(list));
            }
        }
        if !self.scopes.is_empty() {
            members.insert("scopes".to_owned(), json!(self.scopes.join(" ")));
        }
        if !self.hosts.is_empty() {
            members.insert("access".to_owned(), self.access());
        }
        for text in &self.others {
            let (name, value) = text.split_once('=').ok_or_else(|| Refused {
                text: format!("--set {text}: write it as NAME=VALUE"),
                code: 2,
            })?;
            let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
            members.insert(name.to_owned(), value);
        }
        Ok(members)
    }

    /// Settings with what a flag means for others: who is to exchange tokens may ask for that.
    pub(super) fn implied(&self, mut base: Settings) -> Settings {
        if !self.token_exchange.is_empty() {
            base.grants.insert(GrantType::TokenExchange);
        }
        base
    }

    /// One rule for each host, as `rules::oauth::access` reads it.
    fn access(&self) -> Value {
        let allow = match self.groups.as_slice() {
            [] => json!("signed_in"),
            groups => json!({ "groups": groups }),
        };
        let rule = |host: &String| json!({ "host": host.to_ascii_lowercase(), "allow": allow });
        self.hosts.iter().map(rule).collect()
    }
}
