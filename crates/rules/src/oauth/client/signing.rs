//! The keys that an application signs with, and what it has to sign or to send ahead.

use super::super::jwk::{BadKey, KeySet};
use super::{Authentication, Fault, Kind, Settings};

/// The most keys: some of each kind, and those before them.
const MAX_KEYS: usize = 20;

impl Settings {
    /// The public keys by which it signs; none where it has registered none.
    pub fn keys(&self) -> KeySet {
        let read = self.jwks.as_ref().map(KeySet::from_value);
        read.and_then(Result::ok).unwrap_or_default()
    }

    pub(super) fn signing_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut when = |wrong: bool, pointer: &str, text: &str| {
            if wrong {
                faults.push(Fault::at(pointer, text));
            }
        };
        let not_fetched = "must be left out: no keys are fetched; write them into jwks";
        when(self.jwks_uri.is_some(), "/jwks_uri", not_fetched);
        let read = self.jwks.as_ref().map(KeySet::from_value);
        let at = "/jwks";
        match &read {
            None => {}
            Some(Err(BadKey::Private)) => {
                when(true, at, "must hold public keys only; make another pair, this one is known");
            }
            Some(Err(_)) => when(true, at, "must be a JSON Web Key Set: {\"keys\": [...]}"),
            Some(Ok(keys)) => {
                let none = "must hold a key on P-256 or Ed25519, or of RSA with 2048 to 8192 bits";
                when(keys.is_empty(), at, none);
                when(keys.len() > MAX_KEYS, at, "must hold at most 20 keys");
                when(self.kind == Kind::Proxy, at, "must be left out: a proxy signs nothing");
            }
        }
        let missing = self.jwks.is_none();
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
    fn no_key_is_fetched() {
        let settings = json!({ "jwks_uri": "https://shop.example/jwks" });
        assert_eq!(faults(&settings), ["/jwks_uri"]);
    }

    #[test]
    fn only_who_shows_who_it_is_has_to_send_requests_ahead() {
        let mut settings = json!({ "require_pushed_authorization_requests": true });
        assert!(faults(&settings).is_empty());
        settings["authentication"] = json!("none");
        assert_eq!(faults(&settings), ["/require_pushed_authorization_requests"]);
    }
}
