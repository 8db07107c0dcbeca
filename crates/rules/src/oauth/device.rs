//! Signing in on a device without a browser (RFC 8628): what it asks for, and the code it asks for tokens with.
//!
//! The device code is `thd_` and 71 characters, of the layout of an authorization code (`code.rs`) under a key of
//! its own. Once a person allowed it, its row is that of an authorization code with the same identifier and secret:
//! what is true of those (one winner, an end when it comes again) is true of it. As texts neither is ever taken for
//! the other.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::authorize::{self, Refusal};
use super::client::Settings;
use super::code::{self, Presented};
use super::form::Parameters;
use super::scope::Scopes;
use crate::id::CodeId;
use crate::keys::RootSecret;
use crate::keys::sealed::Kind;

/// How long a person has to allow it, in seconds (`expires_in`).
pub const LIFETIME: u64 = 600;
/// How many seconds a device waits between two polls (`interval`, §3.2).
pub const INTERVAL: u64 = 5;
/// How much sooner a poll may come, in seconds: networks do not keep distances.
pub const LENIENCE: u64 = 1;

const KIND: Kind = Kind { prefix: "thd_", key: |key| &key.device_code };

/// A text that is no device code of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device code of this server")]
pub struct BadDeviceCode;

/// Makes the code that the device keeps, from 128 random bits.
pub fn seal(id: CodeId, secret: &[u8; 16], root: &RootSecret) -> Zeroizing<String> {
    code::seal_as(&KIND, id, secret, root)
}

/// Reads a code that a device presents.
///
/// # Errors
/// [`BadDeviceCode`]; the MAC is compared in constant time.
pub fn open(text: &str, root: &RootSecret) -> Result<Presented, BadDeviceCode> {
    code::open_as(&KIND, text, root).ok_or(BadDeviceCode)
}

/// What a device asks for, as it is stored until a person decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What for.
    pub scope: Scopes,
    /// For which services (RFC 8707), each once.
    #[serde(default)]
    pub resource: Vec<String>,
}

impl Asked {
    /// Reads a request (§3.1). One that names no scope asks for all that its application may ask for: devices
    /// often cannot be told more than their `client_id`.
    ///
    /// # Errors
    /// [`Refusal`]: `invalid_scope` or `invalid_target`.
    pub fn read(parameters: &Parameters, settings: &Settings) -> Result<Self, Refusal> {
        let all = settings.scopes.to_string();
        let scope = authorize::granted(parameters.text("scope").unwrap_or(&all), settings)?;
        let resource = authorize::resources(parameters, settings)?;
        Ok(Self { scope, resource })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::authorize::ErrorCode;
    use super::super::client::{GrantType, Kind as Sort};
    use super::super::scope::OFFLINE_ACCESS;
    use super::*;
    use crate::token::secret_hash;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn root() -> RootSecret {
        RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret")
    }

    fn asked(form: &str, settings: &Settings) -> Result<Asked, ErrorCode> {
        let parameters = Parameters::parse(form.as_bytes()).expect("a form");
        Asked::read(&parameters, settings).map_err(|refusal| refusal.error)
    }

    #[test]
    fn a_device_code_says_which_row_it_is_of_and_is_no_authorization_code() {
        let (root, id) = (root(), CodeId::from_uuid(Uuid::from_u128(7)));
        let text = seal(id, &[9; 16], &root);
        let expected = Presented { id, secret_hash: secret_hash(&[9; 16]) };
        assert_eq!((open(&text, &root), text.len()), (Ok(expected), 75));
        assert!(code::open(&text, &root).is_err());
        assert!(code::open(&text.replace("thd_", "thc_"), &root).is_err());
        let code = code::seal(id, &[9; 16], &root);
        for other in [code.as_str(), &code.replace("thc_", "thd_"), "thd_", "", &text[1..]] {
            assert_eq!(open(other, &root), Err(BadDeviceCode), "{other}");
        }
    }

    #[test]
    fn a_device_asks_for_what_its_application_may_ask_for_and_by_itself_for_all_of_it() {
        let mut settings = Settings::preset(Sort::Device);
        settings.resources = vec!["https://api.example".to_owned()];
        let everything = asked("client_id=tv", &settings).expect("a request");
        assert_eq!((everything.scope, everything.resource.len()), (settings.scopes.clone(), 0));
        let less = asked("scope=openid+admin&resource=https%3A%2F%2Fapi.example", &settings);
        let less = less.expect("a request");
        assert_eq!((less.scope.to_string(), less.resource.len()), ("openid".to_owned(), 1));
        assert_eq!(asked("scope=admin", &settings), Err(ErrorCode::InvalidScope));
        assert_eq!(asked("scope=%22", &settings), Err(ErrorCode::InvalidScope));
        let elsewhere = asked("resource=https%3A%2F%2Felse.example", &settings);
        assert_eq!(elsewhere, Err(ErrorCode::InvalidTarget));
        settings.grants.remove(&GrantType::RefreshToken);
        let once = asked("", &settings).expect("a request");
        assert!(!once.scope.contains(OFFLINE_ACCESS), "there is no refresh token");
    }

    #[test]
    fn what_is_stored_is_read_again_and_a_member_of_the_next_release_is_ignored() {
        let asked = Asked { scope: Scopes::of(&["a", "b"]), resource: vec!["urn:x".to_owned()] };
        let text = serde_json::to_string(&asked).expect("JSON");
        assert_eq!(serde_json::from_str::<Asked>(&text).expect("what was written"), asked);
        let newer = r#"{"scope":"a","more":1}"#;
        let read: Asked = serde_json::from_str(newer).expect("what was written");
        assert_eq!((read.scope.to_string().as_str(), read.resource.len()), ("a", 0));
    }
}
