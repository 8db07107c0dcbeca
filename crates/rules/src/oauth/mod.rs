//! What is decided of applications: who they are, what they may ask for, and what they are given.
//!
//! Pure functions over values, as everything here: what is stored arrives as facts, keys arrive parsed, instants and
//! random bytes are arguments.

pub mod access;
pub mod access_token;
pub mod assertion;
pub mod authorize;
pub mod claims;
pub mod client;
pub mod client_metadata;
pub mod client_secret;
pub mod code;
pub mod device;
pub mod dpop;
pub mod exchange;
pub mod fetched_keys;
pub mod form;
pub mod forwarding;
pub mod jwk;
pub mod jws;
pub mod logout_token;
pub mod pkce;
pub mod redirect;
pub mod refresh_token;
pub mod registration_token;
pub mod request_object;
pub mod request_uri;
pub mod scope;
pub mod signing_key;
pub mod user_code;

#[cfg(test)]
mod any_input;

/// What is wrong with a member of a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer} {text}")]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the member.
    pub pointer: String,
    /// What is wrong with it, to be read after its name.
    pub text: String,
}

impl Fault {
    /// The fault of the member at `pointer`.
    pub fn at(pointer: impl Into<String>, text: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), text: text.into() }
    }
}
