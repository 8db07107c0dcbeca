//! Claims of one application that are no standard: an operator maps them from the document of the person, from her
//! groups, or sets them to what they are for everybody; and roles, which groups stand for before this application.
//!
//! The document is written by the person herself, so what comes from it is her word, and opens nothing. A name that
//! means something in a token of this server, or in the registers of OpenID Connect and JWT, cannot be mapped.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::access::check_group;
use super::super::client::Settings;
use super::{Fault, OF_THE_TOKEN, scope_of};

/// The most mapped claims of a client, the most of its roles, and the most groups that stand for one.
const MOST: usize = 50;
/// The longest name of a claim, the longest pointer, in bytes.
const MAX_TEXT: usize = 255;
/// The largest value that is the same for everybody, in bytes.
const MAX_CONSTANT: usize = 1024;

/// Further names of tokens of this server and of answers about them, and what readers of tokens judge by (IANA's
/// register of JSON Web Token Claims, RFC 7662 §2.2, RFC 8693, RFC 9068, RFC 9449, RFC 7515 §4.1).
const RESERVED: &[&str] = &[
    "_claim_names",
    "_claim_sources",
    "act",
    "active",
    "alg",
    "ath",
    "authorization_details",
    "bond",
    "client_id",
    "crit",
    "entitlements",
    "gid",
    "htm",
    "htu",
    "jwk",
    "jku",
    "kid",
    "may_act",
    "roles",
    "scope",
    "scp",
    "status",
    "sub_id",
    "sub_jwk",
    "toe",
    "token_introspection",
    "token_type",
    "txn",
    "typ",
    "username",
    "vct",
    "verified_claims",
    "vot",
    "vtm",
    "x5c",
];

/// Who may act for the subject of a token (RFC 8693 §4.4). Of the reserved names the one that an operator may set: to an
/// object with nothing but a `sub`, in access tokens, where an exchange looks for it.
pub const MAY_ACT: &str = "may_act";

/// Where a claim is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In ID tokens.
    IdToken,
    /// By the userinfo endpoint.
    Userinfo,
    /// In access tokens, and by introspection of them.
    AccessToken,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What this JSON pointer (RFC 6901) finds in the document of the person.
    Document(String),
    /// The names of all her groups.
    Groups,
    /// The same for everybody.
    Constant(Value),
}

/// A claim that is mapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    /// From what.
    pub from: Source,
    /// Where it is told; by itself not to those whom access tokens are shown to.
    #[serde(rename = "in", default = "to_the_client")]
    pub places: BTreeSet<Place>,
}

fn to_the_client() -> BTreeSet<Place> {
    BTreeSet::from([Place::IdToken, Place::Userinfo])
}

/// What the mapped claims of a client are made of, for one person.
#[derive(Debug)]
pub struct Mapping<'a> {
    settings: &'a Settings,
    groups: Option<&'a [String]>,
    document: Value,
}

impl<'a> Mapping<'a> {
    /// For a person, by her groups and her document; that is only needed where a claim comes from it.
    pub fn of(settings: &'a Settings, groups: &'a [String], document: Option<&str>) -> Self {
        // What cannot be read has no members.
        let document =
            document.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { settings, groups: Some(groups), document }
    }

    /// For a client by itself: what is the same for everybody.
    pub fn of_nobody(settings: &'a Settings) -> Self {
        Self { settings, groups: None, document: Value::Null }
    }

    /// The claims of one place. What is not there is left out, and so are null and the empty text
    /// (OpenID Connect Core §5.3.2).
    pub fn told(&self, place: Place) -> Map<String, Value> {
        let is_said = |value: &Value| !value.is_null() && *value != "";
        let mut told = Map::new();
        for (name, mapped) in &self.settings.claims {
            if !mapped.places.contains(&place) || is_reserved(name) {
                continue;
            }
            if let Some(value) = self.value(&mapped.from).filter(is_said) {
                told.insert(name.clone(), value);
            }
        }
        if let Some(groups) = self.groups.filter(|_| !self.settings.roles.is_empty()) {
            told.insert("roles".to_owned(), roles(&self.settings.roles, groups).into());
        }
        told
    }

    fn value(&self, from: &Source) -> Option<Value> {
        match from {
            Source::Document(pointer) => self.document.pointer(pointer).cloned(),
            Source::Groups => self.groups.map(Value::from),
            Source::Constant(value) => Some(value.clone()),
        }
    }
}

/// The roles that one of these groups stands for.
fn roles(roles: &BTreeMap<String, BTreeSet<String>>, groups: &[String]) -> Vec<Value> {
    let held = roles.iter().filter(|(_, of)| groups.iter().any(|group| of.contains(group)));
    held.map(|(role, _)| Value::from(role.as_str())).collect()
}

/// Whether a name cannot be mapped; some readers do not tell capitals from small letters.
fn is_reserved(name: &str) -> bool {
    if name == MAY_ACT {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let among = |names: &[&str]| names.contains(&name.as_str());
    among(OF_THE_TOKEN) || among(RESERVED) || scope_of(&name).is_some()
}

/// What is wrong with the mapped claims and the roles of a client.
pub fn check(settings: &Settings) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, count) in [("/claims", settings.claims.len()), ("/roles", settings.roles.len())] {
        if count > MOST {
            faults.push(Fault::at(at, "must have at most 50 members"));
        }
    }
    for (name, mapped) in &settings.claims {
        let at = format!("/claims/{}", escaped(name));
        faults.extend(fault_of_name(name).map(|text| Fault::at(&at, text)));
        if mapped.places.is_empty() {
            faults.push(Fault::at(format!("{at}/in"), "must name at least one place"));
        }
        faults.extend(
            fault_of_source(&mapped.from).map(|text| Fault::at(format!("{at}/from"), text)),
        );
        if name == MAY_ACT && !names_an_actor(mapped) {
            let text = r#"must be from {"constant": {"sub": "…"}}, in ["access_token"] alone"#;
            faults.push(Fault::at(&at, text));
        }
    }
    for (role, groups) in &settings.roles {
        let at = format!("/roles/{}", escaped(role));
        faults.extend(check_group(role).err().map(|bad| Fault::at(&at, bad.to_string())));
        if !(1..=MOST).contains(&groups.len()) {
            faults.push(Fault::at(&at, "must name one to fifty groups"));
        }
        let bad = groups.iter().filter_map(|group| check_group(group).err());
        faults.extend(bad.map(|bad| Fault::at(&at, format!("names a group that {bad}"))));
    }
    faults
}

fn fault_of_name(name: &str) -> Option<&'static str> {
    let legal = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !(1..=MAX_TEXT).contains(&name.len()) || !name.bytes().all(legal) {
        return Some("must have a name of 1 to 255 visible ASCII characters without quotes");
    }
    is_reserved(name).then_some("must have another name: this one has a meaning of its own")
}

fn fault_of_source(from: &Source) -> Option<&'static str> {
    match from {
        Source::Document(pointer) => (pointer.len() > MAX_TEXT || !is_pointer(pointer))
            .then_some("must be a JSON pointer of at most 255 bytes, like /team/name"),
        Source::Groups => None,
        Source::Constant(value) => {
            (value.to_string().len() > MAX_CONSTANT).then_some("must have at most 1024 bytes")
        }
    }
}

fn names_an_actor(mapped: &Mapped) -> bool {
    let Source::Constant(Value::Object(who)) = &mapped.from else { return false };
    let is_named = who.len() == 1 && who.get("sub").is_some_and(Value::is_string);
    is_named && mapped.places == BTreeSet::from([Place::AccessToken])
}

/// RFC 6901 §3; the whole document is no claim.
fn is_pointer(text: &str) -> bool {
    text.starts_with('/') && text.split('~').skip(1).all(|part| part.starts_with(['0', '1']))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
