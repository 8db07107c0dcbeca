//! Tokens that bring the key along that signed them (RFC 7515 §4.1.3). That the signature is right says only that
//! who made the token holds that key; who that is, the reader has to know by the key itself.

use serde_json::{Map, Value};

use super::{BadJws, MAX_BYTES, Typ, object, verify};
use crate::oauth::jwk::{Algorithm, PublicKey};

/// Checks a token by the public key in its header; the key, and the claims.
///
/// # Errors
/// [`BadJws`]; [`BadJws::UnknownKey`] for no key, a private or shared one, or one of another algorithm.
pub fn verify_embedded(text: &str, typ: Typ) -> Result<(PublicKey, Map<String, Value>), BadJws> {
    if text.len() > MAX_BYTES {
        return Err(BadJws::TooLarge);
    }
    let (header, _) = text.split_once('.').ok_or(BadJws::Malformed)?;
    let header = object(header)?;
    let key = header.get("jwk").ok_or(BadJws::UnknownKey)?;
    // A key of RSA need not say which padding it is for (RFC 7517 §4.4): then its one token does.
    let said = header.get("alg").and_then(Value::as_str).and_then(Algorithm::accepted);
    let key = match said {
        Some(algorithm) => PublicKey::for_algorithm(key, algorithm),
        None => PublicKey::from_value(key),
    };
    let key = key.map_err(|_| BadJws::UnknownKey)?;
    let verified = verify(text, typ, |_, _| Some(&key))?;
    Ok((key, verified.claims))
}
