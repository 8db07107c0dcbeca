//! What an application signs, and what is noted of what may come once. The key is that of RFC 8037 appendix A, which
//! is nobody's secret.

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Application;
use crate::application::PUBLIC_URL;

const PRIVATE: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

/// What may come once.
pub(super) struct Once {
    text: String,
    noted: Vec<u8>,
}

impl Once {
    /// Gives it to the application.
    pub(super) fn hand(self, application: &mut Application) {
        (application.signed, application.noted) = (self.text, self.noted);
    }
}

pub(super) fn public_key() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": PUBLIC })
}

/// An assertion of that client (RFC 7523 §3).
pub(super) fn assertion(client: &str, now: i64) -> Result<Once> {
    let name = Uuid::new_v4().to_string();
    let claims = json!({ "iss": client, "sub": client, "aud": PUBLIC_URL, "iat": now,
                         "exp": now + 300, "jti": name });
    let parts = ["client-assertion", client, &name];
    let noted: Vec<u8> = parts
        .iter()
        .flat_map(|part| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat())
        .collect();
    let text = sign(&json!({ "alg": "EdDSA", "typ": "JWT" }), &claims)?;
    Ok(Once { text, noted: hashed(&noted) })
}

/// A proof for the token endpoint (RFC 9449 §4.2), on that nonce.
pub(super) fn proof(nonce: &str, now: i64) -> Result<Once> {
    let name = Uuid::new_v4().to_string();
    let mut claims = json!({ "htm": "POST", "htu": format!("{PUBLIC_URL}/oauth2/token"),
                             "iat": now, "jti": name });
    if !nonce.is_empty() {
        claims["nonce"] = json!(nonce);
    }
    let header = json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": public_key() });
    let key = URL_SAFE_NO_PAD.decode(THUMBPRINT)?;
    let noted = [b"dpop-proof", key.as_slice(), name.as_bytes()].concat();
    Ok(Once { text: sign(&header, &claims)?, noted: hashed(&noted) })
}

/// What is noted when this access token (RFC 9068) is revoked.
pub(super) fn noted_of_access(token: &str) -> Result<Vec<u8>> {
    let claims = token.split('.').nth(1).context("not a JWT")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    let name: Uuid = claims["jti"].as_str().context("no jti")?.parse()?;
    Ok(hashed(&[b"access-token", name.as_bytes().as_slice()].concat()))
}

fn hashed(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn sign(header: &Value, claims: &Value) -> Result<String> {
    let key = Ed25519KeyPair::from_seed_unchecked(&URL_SAFE_NO_PAD.decode(PRIVATE)?)?;
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_key() {
        // RFC 7638 §3: the needed members in the order of their names.
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{PUBLIC}"}}"#);
        assert_eq!(URL_SAFE_NO_PAD.encode(hashed(members.as_bytes())), THUMBPRINT);
    }
}
