//! Who may come to which path of which host behind a proxy.
//!
//! The first rule that fits a request decides, and what no rule fits is forbidden. A path is compared as the
//! service behind the proxy will understand it; one that two programs could understand differently (dot segments,
//! empty segments, encoded slashes, path parameters) fits nothing, so that no rule can be walked around.

use serde::{Deserialize, Serialize};

use super::Fault;

mod path;

/// The longest name of a group.
pub const MAX_GROUP: usize = 64;

const MAX_RULES: usize = 200;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRule {
    /// `app.example.org`, or `*.example.org` for all hosts below it, itself not.
    pub host: String,
    /// Beginnings of paths, by whole segments; all paths when there is none. Case matters.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Methods, in capitals; all of them when there is none. `GET` is `HEAD` too.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Who may come.
    pub allow: Allow,
}

/// Who may come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allow {
    /// Everybody, signed in or not.
    Anyone,
    /// Who is signed in.
    SignedIn,
    /// Who is in one of these groups.
    Groups(Vec<String>),
}

/// The judgement on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on.
    Allowed,
    /// It may go on once it is known who sends it, perhaps.
    SignInFirst,
    /// It may not.
    Forbidden,
}

/// Judges a request. `host` is folded ([`fold_host`]), `path` is as it was sent, with or without its query;
/// `groups` are those of who is signed in, none when nobody is.
pub fn judge(
    rules: &[AccessRule],
    host: &str,
    path: &str,
    method: &str,
    groups: Option<&[String]>,
) -> Verdict {
    let Some(path) = path::plain(path) else { return Verdict::Forbidden };
    if !is_method(method) {
        return Verdict::Forbidden;
    }
    let rule = rules.iter().find(|rule| rule.fits(host, &path, method));
    match (rule.map(|rule| &rule.allow), groups) {
        (None, _) => Verdict::Forbidden,
        (Some(Allow::Anyone), _) | (Some(Allow::SignedIn), Some(_)) => Verdict::Allowed,
        (Some(Allow::SignedIn | Allow::Groups(_)), None) => Verdict::SignInFirst,
        (Some(Allow::Groups(wanted)), Some(groups)) => {
            let is_in = wanted.iter().any(|group| groups.contains(group));
            if is_in { Verdict::Allowed } else { Verdict::Forbidden }
        }
    }
}

impl AccessRule {
    fn fits(&self, host: &str, path: &str, method: &str) -> bool {
        let named = |known: &String| known == method || (known == "GET" && method == "HEAD");
        let begins = |prefix: &String| path::is_below(path, prefix);
        covers(&self.host, host)
            && (self.paths.is_empty() || self.paths.iter().any(begins))
            && (self.methods.is_empty() || self.methods.iter().any(named))
    }
}

/// A host as it is compared and stored: in lower case, without port and final dot. `None` for what is no host.
pub fn fold_host(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let host = match lower.rsplit_once(':') {
        Some((host, port)) if !lower.ends_with(']') => {
            port.bytes().all(|byte| byte.is_ascii_digit()).then_some(host)?
        }
        _ => lower.as_str(),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    is_host(host).then(|| host.to_owned())
}

/// How a host may stand in a rule: itself, and every wildcard that covers it, the longest first.
pub fn patterns(host: &str) -> Vec<String> {
    let mut all = vec![host.to_owned()];
    let mut rest = host;
    while let Some((_, parent)) = rest.split_once('.') {
        all.push(format!("*.{parent}"));
        rest = parent;
    }
    all
}

/// The hosts of the rules, each once, in the order of their first rule.
pub(super) fn hosts(rules: &[AccessRule]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for rule in rules {
        if !all.contains(&rule.host) {
            all.push(rule.host.clone());
        }
    }
    all
}

/// Judges rules that are to be stored; `at` is the pointer to their list.
pub(super) fn check(rules: &[AccessRule], at: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if rules.len() > MAX_RULES {
        faults.push(Fault::at(at, "must have at most 200 members"));
    }
    for (place, rule) in rules.iter().enumerate() {
        check_rule(rule, &format!("{at}/{place}"), &mut faults);
    }
    faults
}

fn check_rule(rule: &AccessRule, at: &str, faults: &mut Vec<Fault>) {
    let suffix = rule.host.strip_prefix("*.").unwrap_or(&rule.host);
    if fold_host(suffix).as_deref() != Some(suffix) {
        let text = "must be a host in lower case, without a port, or *. and one";
        faults.push(Fault::at(format!("{at}/host"), text));
    }
    for (place, prefix) in rule.paths.iter().enumerate() {
        // As it is compared: one that is written otherwise would never fit.
        if path::plain(prefix).as_deref() != Some(prefix.as_str()) {
            let text = "must be the beginning of a path, decoded, as / or /admin";
            faults.push(Fault::at(format!("{at}/paths/{place}"), text));
        }
    }
    for (place, method) in rule.methods.iter().enumerate() {
        if !is_method(method) {
            let text = "must be a method in capitals";
            faults.push(Fault::at(format!("{at}/methods/{place}"), text));
        }
    }
    if let Allow::Groups(groups) = &rule.allow {
        if groups.is_empty() {
            faults.push(Fault::at(format!("{at}/allow/groups"), "must name at least one"));
        }
        for (place, group) in groups.iter().enumerate() {
            if let Err(bad) = check_group(group) {
                faults.push(Fault::at(format!("{at}/allow/groups/{place}"), bad.to_string()));
            }
        }
    }
}

/// A text that is no name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 letters, digits and . _ - : @")]
pub struct BadGroup;

/// Judges the name of a group: one that can stand in a list with commas, in a header.
///
/// # Errors
/// [`BadGroup`].
pub fn check_group(name: &str) -> Result<(), BadGroup> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:@".contains(&byte);
    let fits = (1..=MAX_GROUP).contains(&name.len()) && name.bytes().all(legal);
    if fits { Ok(()) } else { Err(BadGroup) }
}

fn covers(known: &str, host: &str) -> bool {
    match known.strip_prefix('*') {
        Some(suffix) => {
            suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(suffix)
        }
        None => known == host,
    }
}

fn is_host(host: &str) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = bracketed {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // An underscore is no letter of a host, but services in containers are called so.
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(legal);
    host.len() <= 253 && host.split('.').all(label)
}

/// Capitals only: what a service may read as another method must not slip past a rule for that one.
fn is_method(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_uppercase() || byte == b'-' || byte == b'_';
    (1..=32).contains(&text.len()) && text.bytes().all(legal)
}

#[cfg(test)]
mod tests;
