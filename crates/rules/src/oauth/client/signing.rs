//! The keys that an application signs with, and what it has to sign or to send ahead.

use serde_json::Value;

use super::super::jwk::{BadKey, KeySet};
use super::super::redirect;
use super::{Authentication, Fault, Kind, Settings};
use crate::document;

/// The most keys: some of each kind, and those before them.
const MAX_KEYS: usize = 20;

/// The longest set that is fetched, in bytes.
pub const MAX_SET: usize = 64 * 1024;

/// Why a set of keys is not taken that was fetched from `jwks_uri`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Web Key Set of at most 20 public keys, some of which can be used")]
pub struct BadKeySet;

impl Settings {
    /// The public keys by which it signs; none where it has registered none, or only where they are.
    pub fn keys(&self) -> KeySet {
        let read = self.jwks.as_ref().map(KeySet::from_value);
        self.usable(read.and_then(Result::ok).unwrap_or_default())
    }

    /// Whether there are keys that something of it could be signed by.
    pub const fn signs(&self) -> bool {
        self.jwks.is_some() || self.jwks_uri.is_some()
    }

    /// What its `jwks_uri` answered.
    ///
    /// # Errors
    /// [`BadKeySet`].
    pub fn fetched(text: &str) -> Result<KeySet, BadKeySet> {
        let value = document::check(text, MAX_SET).map_err(|_| BadKeySet)?;
        let value = serde_json::from_str(value).map_err(|_| BadKeySet)?;
        let keys = KeySet::from_value(&value).map_err(|_| BadKeySet)?;
        if keys.is_empty() || length(&value) > MAX_KEYS { Err(BadKeySet) } else { Ok(keys) }
    }

    pub(super) fn signing_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut when = |wrong: bool, pointer: &str, text: &str| {
            if wrong {
                faults.push(Fault::at(pointer, text));
            }
        };
        let proxy = "must be left out: a proxy signs nothing";
        if let Some(address) = &self.jwks_uri {
            let at = "/jwks_uri";
            when(self.jwks.is_some(), at, "must be left out where jwks holds the keys");
            when(self.kind == Kind::Proxy, at, proxy);
            // An address of the web in any case, as those where it is told of the end of sessions.
            if let Err(bad) = redirect::accept(address, Kind::Server) {
                when(true, at, &bad.to_string());
            }
        }
        let at = "/jwks";
        match self.jwks.as_ref().map(|set| (KeySet::from_value(set), length(set))) {
            None => {}
            Some((Err(BadKey::Private), _)) => {
                when(true, at, "must hold public keys only; make another pair, this one is known");
            }
            Some((Err(_), _)) => when(true, at, "must be a JSON Web Key Set: {\"keys\": [...]}"),
            Some((Ok(keys), length)) => {
                let none = "must hold a key on P-256 or Ed25519, or of RSA with 2048 to 8192 bits";
                when(keys.is_empty(), at, none);
                when(length > MAX_KEYS, at, "must hold at most 20 keys");
                when(self.kind == Kind::Proxy, at, proxy);
            }
        }
        let missing = !self.signs();
        let signs = self.authentication == Authentication::PrivateKeyJwt;
        when(signs && missing, at, "must hold the keys that private_key_jwt is checked by");
        let signed = self.require_signed_request_object;
        when(signed && missing, at, "must hold the keys that requests are checked by");
        let bare = self.require_pushed_authorization_requests && !self.is_confidential();
        let text = "must be false: only who shows who it is sends requests ahead";
        when(bare, "/require_pushed_authorization_requests", text);
        faults
    }
}

/// How many keys a set has, whether they can be used or not.
fn length(set: &Value) -> usize {
    set.get("keys").and_then(Value::as_array).map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    }

    fn faults(members: &Value) -> Vec<String> {
        let settings: Settings = serde_json::from_value(members.clone()).expect("settings");
        settings.signing_faults().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn who_signs_has_registered_a_key() {
        let nothing: [&str; 0] = [];
        let keys = json!({ "keys": [key()] });
        for member in ["authentication", "require_signed_request_object"] {
            let value =
                if member == "authentication" { json!("private_key_jwt") } else { json!(true) };
            let mut settings = json!({});
            settings[member] = value;
            assert_eq!(faults(&settings), ["/jwks"], "{member}");
            settings["jwks"] = keys.clone();
            assert_eq!(faults(&settings), nothing, "{member}");
        }
        let signs: Settings = serde_json::from_value(json!({ "jwks": keys })).expect("settings");
        assert!(!signs.keys().is_empty() && Settings::default().keys().is_empty());
    }

    #[test]
    fn a_set_holds_public_keys_that_can_be_used() {
        let mut private = key();
        private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let many: Vec<_> = (0..21).map(|_| key()).collect();
        for bad in [
            json!({}),
            json!([]),
            json!("https://shop.example/jwks"),
            json!({ "keys": [] }),
            json!({ "keys": [private] }),
            json!({ "keys": [{ "kty": "EC", "crv": "P-521", "x": "a", "y": "b" }] }),
            json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] }),
            json!({ "keys": many }),
        ] {
            assert_eq!(faults(&json!({ "jwks": bad })), ["/jwks"], "{bad}");
        }
    }

    #[test]
    fn keys_are_named_by_themselves_or_by_an_address_of_the_web() {
        let nothing: [&str; 0] = [];
        let signs = |uri: &str| json!({ "authentication": "private_key_jwt", "jwks_uri": uri });
        for good in ["https://shop.example/jwks?a=b", "http://127.0.0.1:9000/jwks"] {
            assert_eq!(faults(&signs(good)), nothing, "{good}");
        }
        for bad in [
            "http://shop.example/jwks",
            "http://169.254.169.254/latest",
            "https://user@shop.example/",
            "https://shop.example/#x",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(faults(&signs(bad)), ["/jwks_uri"], "{bad}");
        }
        let mut both = signs("https://shop.example/jwks");
        both["jwks"] = json!({ "keys": [key()] });
        assert_eq!(faults(&both), ["/jwks_uri"]);
        let proxy = json!({ "kind": "proxy", "jwks_uri": "https://shop.example/jwks" });
        assert_eq!(faults(&proxy), ["/jwks_uri"]);
    }

    #[test]
    fn a_set_that_is_fetched_holds_public_keys_that_can_be_used() {
        let set = json!({ "keys": [key(), { "kty": "AKP" }] }).to_string();
        assert!(Settings::fetched(&set).is_ok());
        let mut private = key();
        private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let many: Vec<_> = (0..21).map(|_| key()).collect();
        let long = format!(r#"{{"a":"{}","keys":[{}]}}"#, "x".repeat(MAX_SET), key());
        for bad in [
            String::new(),
            "<html>".to_owned(),
            json!({ "keys": [] }).to_string(),
            json!({ "keys": [{ "kty": "AKP" }] }).to_string(),
            json!({ "keys": [key(), private] }).to_string(),
            json!({ "keys": many }).to_string(),
            set.replacen('{', r#"{"keys":[],"#, 1),
            long,
        ] {
            assert!(Settings::fetched(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_who_shows_who_it_is_has_to_send_requests_ahead() {
        let mut settings = json!({ "require_pushed_authorization_requests": true });
        assert!(faults(&settings).is_empty());
        settings["authentication"] = json!("none");
        assert_eq!(faults(&settings), ["/require_pushed_authorization_requests"]);
    }
}
