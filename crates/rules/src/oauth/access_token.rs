//! Access tokens, in two forms with the same claims.
//!
//! Opaque: `tha_` and base64url over the claims as JSON, encrypted under a key of the root secret
//! (`keys/sealed.rs`). Who holds one learns nothing from it, and it is judged against its grant each time. Signed:
//! a JWT (RFC 9068) for services that judge by themselves; it is good until it expires, whatever happens to its
//! grant. Expiry, audience and grant are for the reader to judge, by the database's time.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::jwk::{Algorithm, PublicKey};
use super::jws::{self, BadJws, SigningKey, Typ};
use crate::id::GrantId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Cipher};
use crate::time::Timestamp;

/// What every opaque token begins with, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "tha_";

const CIPHER: Cipher = |key| &key.access_token;

/// Whom a token is for (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One service.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    /// Whether it is for this one.
    pub fn contains(&self, name: &str) -> bool {
        self.all().iter().any(|one| one == name)
    }
}

impl From<Vec<String>> for Audience {
    fn from(mut names: Vec<String>) -> Self {
        match names.pop() {
            Some(name) if names.is_empty() => Self::One(name),
            last => {
                names.extend(last);
                Self::Many(names)
            }
        }
    }
}

/// What a token says (RFC 9068 §2.2). What a newer release adds is ignored by an older one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// This server.
    pub iss: String,
    /// The user, or the client when it acts for itself.
    pub sub: String,
    /// Whom it is for.
    pub aud: Audience,
    /// The client it was given to.
    pub client_id: String,
    /// When it expires, in seconds since 1970.
    pub exp: u64,
    /// When it was made.
    pub iat: u64,
    /// Its own name.
    pub jti: Uuid,
    /// What it allows, separated by spaces.
    pub scope: String,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// How sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what she signed in (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The grant it belongs to; none for a client that acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<GrantId>,
    /// Her groups, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

impl Claims {
    /// Whether it has expired.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now.seconds() >= self.exp
    }
}

/// A text that is no opaque token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an access token of this server")]
pub struct BadAccessToken;

/// Makes an opaque token, from a nonce of random bytes.
pub fn seal(claims: &Claims, root: &RootSecret, nonce: [u8; 12]) -> Zeroizing<String> {
    let claims = serde_json::to_vec(claims).expect("claims are members with names");
    let bytes = sealed::encrypt(CIPHER, nonce, PREFIX.as_bytes(), &claims, root);
    sealed::encode(PREFIX, &bytes)
}

/// Reads an opaque token.
///
/// # Errors
/// [`BadAccessToken`], before any of it is looked at that was not made here.
pub fn open(text: &str, root: &RootSecret) -> Result<Claims, BadAccessToken> {
    if text.len() > jws::MAX_BYTES {
        return Err(BadAccessToken);
    }
    let bytes = sealed::decode(PREFIX, text).ok_or(BadAccessToken)?;
    let claims = sealed::decrypt(CIPHER, PREFIX.as_bytes(), &bytes, root).ok_or(BadAccessToken)?;
    serde_json::from_slice(&claims).map_err(|_| BadAccessToken)
}

/// Makes a signed token.
pub fn sign(claims: &Claims, key: &SigningKey) -> String {
    key.sign(Typ::AccessToken, claims)
}

/// Reads a signed token.
///
/// # Errors
/// [`BadJws`]; a token without all claims of ours is malformed.
pub fn verify<'k>(
    text: &str,
    keys: impl Fn(Option<&str>, Algorithm) -> Option<&'k PublicKey>,
) -> Result<Claims, BadJws> {
    let verified = jws::verify(text, Typ::AccessToken, keys)?;
    serde_json::from_value(Value::Object(verified.claims)).map_err(|_| BadJws::Malformed)
}

/// What is noted when this one token is revoked.
pub fn revocation(claims: &Claims) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"access-token");
    context.update(claims.jti.as_bytes());
    let mut noted = [0; 32];
    noted.copy_from_slice(context.finish().as_ref());
    noted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn root() -> RootSecret {
        RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret")
    }

    fn claims() -> Claims {
        Claims {
            iss: "https://login.example".to_owned(),
            sub: "subject".to_owned(),
            aud: Audience::from(vec!["https://login.example".to_owned()]),
            client_id: "photos".to_owned(),
            exp: 1_800_000_300,
            iat: 1_800_000_000,
            jti: Uuid::from_u128(7),
            scope: "openid".to_owned(),
            auth_time: Some(1_799_999_000),
            acr: None,
            amr: Some(vec!["pwd".to_owned()]),
            gid: Some(GrantId::from_uuid(Uuid::from_u128(9))),
            groups: Some(vec!["staff".to_owned()]),
        }
    }

    /// Claims of a client that acts for itself, for two services.
    fn bare() -> Claims {
        let aud = Audience::from(vec!["a".to_owned(), "b".to_owned()]);
        Claims { aud, auth_time: None, amr: None, gid: None, groups: None, ..claims() }
    }

    #[test]
    fn both_forms_say_what_was_put_into_them_and_neither_is_taken_for_the_other() {
        let (key, _) = SigningKey::generate(Algorithm::ES256).expect("a new key");
        for claims in [claims(), bare()] {
            let opaque = seal(&claims, &root(), [1; 12]);
            assert_eq!(open(&opaque, &root()).as_ref(), Ok(&claims));
            let signed = sign(&claims, &key);
            let known = |_: Option<&str>, _: Algorithm| Some(key.public());
            assert_eq!(verify(&signed, known).as_ref(), Ok(&claims));
            assert_eq!(verify(&opaque, known), Err(BadJws::Malformed));
            assert_eq!(open(&signed, &root()), Err(BadAccessToken));
        }
    }

    #[test]
    fn an_id_token_is_no_access_token_and_one_without_our_claims_is_none_either() {
        let (key, _) = SigningKey::generate(Algorithm::EdDSA).expect("a new key");
        let known = |_: Option<&str>, _: Algorithm| Some(key.public());
        let id_token = key.sign(Typ::IdToken, &claims());
        assert_eq!(verify(&id_token, known), Err(BadJws::Type));
        let foreign = key.sign(Typ::AccessToken, &json!({ "sub": "subject" }));
        assert_eq!(verify(&foreign, known), Err(BadJws::Malformed));
    }

    #[test]
    fn claims_are_written_as_rfc_9068_names_them() {
        assert_eq!(
            serde_json::to_value(bare()).expect("JSON"),
            json!({
                "iss": "https://login.example", "sub": "subject", "aud": ["a", "b"],
                "client_id": "photos", "exp": 1_800_000_300, "iat": 1_800_000_000,
                "jti": "00000000-0000-0000-0000-000000000007", "scope": "openid",
            })
        );
        let mut newer = serde_json::to_value(claims()).expect("JSON");
        assert_eq!(newer["aud"], json!("https://login.example"));
        newer["cnf"] = json!({ "jkt": "later" });
        assert_eq!(serde_json::from_value::<Claims>(newer).ok(), Some(claims()));
    }

    #[test]
    fn who_holds_an_opaque_token_learns_nothing_and_no_two_are_alike() {
        let text = seal(&claims(), &root(), [1; 12]);
        assert_ne!(text, seal(&claims(), &root(), [2; 12]));
        let bytes = sealed::decode(PREFIX, &text).expect("our own");
        for word in ["subject", "photos", "staff"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let text = seal(&claims(), &root(), [1; 12]);
        for position in 0..text.len() {
            for other in ["A", "B", "_", "=", "."] {
                let mut altered = text.to_string();
                altered.replace_range(position..=position, other);
                if altered != *text {
                    assert_eq!(open(&altered, &root()), Err(BadAccessToken), "{position} {other}");
                }
            }
            assert_eq!(open(&text[..position], &root()), Err(BadAccessToken), "{position}");
        }
        let long = format!("tha_{}", "A".repeat(jws::MAX_BYTES));
        assert_eq!(open(&long, &root()), Err(BadAccessToken));
    }

    #[test]
    fn a_token_ends_at_its_expiry_and_is_revoked_by_its_own_name() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert!(!claims().has_expired(at(1_800_000_299)));
        assert!(claims().has_expired(at(1_800_000_300)));
        let another = Claims { jti: Uuid::from_u128(8), ..claims() };
        assert_ne!(revocation(&claims()), revocation(&another));
        // It is stored: another release must note the same.
        assert_eq!(revocation(&claims())[..4], [9, 143, 121, 78]);
        assert_eq!(revocation(&claims()), revocation(&Claims { exp: 0, ..claims() }));
    }

    #[test]
    fn an_audience_is_one_name_or_several() {
        assert!(claims().aud.contains("https://login.example"));
        assert!(bare().aud.contains("a") && bare().aud.contains("b"));
        assert!(!bare().aud.contains("https://login.example") && !bare().aud.contains(""));
        assert_eq!(Audience::from(Vec::new()).all().len(), 0);
    }
}
