//! A profile that an application keeps: rules of a standard that are stricter than what everybody has to keep, for its
//! settings as a whole and for what it sends.

use serde::{Deserialize, Serialize};

use super::super::jwk::{Algorithm, KeySet};
use super::{Authentication, Fault, GrantType, Pkce, Settings};

/// A profile of OAuth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityProfile {
    /// FAPI 2.0 Security Profile.
    Fapi2,
}

impl Settings {
    /// Whether it keeps the FAPI 2.0 Security Profile.
    pub fn is_fapi2(&self) -> bool {
        self.security_profile == Some(SecurityProfile::Fapi2)
    }

    /// Those of its keys that its signatures may be checked by: none is for RSASSA-PKCS1-v1_5 (FAPI 2.0 §5.4.1).
    pub fn usable(&self, keys: KeySet) -> KeySet {
        if self.is_fapi2() { keys.without(Algorithm::RS256) } else { keys }
    }

    /// What of its settings the profile does not allow (FAPI 2.0 §5.3.2, §5.4.1).
    pub(super) fn profile_faults(&self) -> Vec<Fault> {
        if !self.is_fapi2() {
            return Vec::new();
        }
        let signs_in = self.allows(GrantType::AuthorizationCode);
        let is_bare = |uri: &String| !uri.starts_with("https://");
        let algorithms = [Some(self.id_token_algorithm), self.userinfo_signed_response_alg];
        let [id_token, userinfo] = algorithms.map(|algorithm| algorithm == Some(Algorithm::RS256));
        [
            (
                self.authentication != Authentication::PrivateKeyJwt,
                "/authentication",
                "must be private_key_jwt in the profile fapi2",
            ),
            (
                !self.dpop_bound_access_tokens,
                "/dpop_bound_access_tokens",
                "must be true in the profile fapi2",
            ),
            (
                signs_in && !self.require_pushed_authorization_requests,
                "/require_pushed_authorization_requests",
                "must be true in the profile fapi2",
            ),
            (self.pkce != Pkce::Required, "/pkce", "must be required in the profile fapi2"),
            (
                self.redirect_uris.iter().any(is_bare),
                "/redirect_uris",
                "must begin with https in the profile fapi2",
            ),
            (id_token, "/id_token_algorithm", "must not be RS256 in the profile fapi2"),
            (userinfo, "/userinfo_signed_response_alg", "must not be RS256 in the profile fapi2"),
        ]
        .into_iter()
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, at, text)| Fault::at(at, text))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "name": "Bank", "security_profile": "fapi2", "authentication": "private_key_jwt",
            "redirect_uris": ["https://bank.example/cb"], "dpop_bound_access_tokens": true,
            "require_pushed_authorization_requests": true,
            "jwks": { "keys": [{ "kty": "OKP", "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] },
        })
    }

    fn faults(settings: &Value) -> Vec<String> {
        let settings: Settings = serde_json::from_value(settings.clone()).expect("settings");
        let faults = settings.check().err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn who_keeps_the_profile_has_all_of_its_settings_so() {
        assert!(faults(&good()).is_empty());
        for (member, other) in [
            ("authentication", json!("basic")),
            ("dpop_bound_access_tokens", json!(false)),
            ("require_pushed_authorization_requests", json!(false)),
            ("pkce", json!("optional")),
            ("redirect_uris", json!(["http://127.0.0.1/cb"])),
            ("id_token_algorithm", json!("RS256")),
            ("userinfo_signed_response_alg", json!("RS256")),
        ] {
            let mut settings = good();
            settings[member] = other;
            assert_eq!(faults(&settings), [format!("/{member}")]);
            settings["security_profile"] = Value::Null;
            assert!(faults(&settings).is_empty(), "{member} is allowed without it");
        }
    }

    #[test]
    fn no_key_is_for_the_old_padding() {
        let key = json!({ "kty": "RSA", "e": "AQAB", "kid": "a", "n": RSA });
        let keys = || KeySet::from_value(&json!({ "keys": [key] })).expect("a set");
        let fapi: Settings = serde_json::from_value(good()).expect("settings");
        let found = |settings: &Settings, algorithm| {
            settings.usable(keys()).find(Some("a"), algorithm).is_some()
        };
        assert!(found(&Settings::default(), Algorithm::RS256));
        assert!(found(&Settings::default(), Algorithm::PS256));
        assert!(!found(&fapi, Algorithm::RS256) && found(&fapi, Algorithm::PS256));
    }

    /// The modulus of RFC 7517 appendix A.1.
    const RSA: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
}
