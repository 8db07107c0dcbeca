//! Tokens under a MAC (HMAC with SHA-256; RFC 7518 §3.2): what an application makes with its secret. Only where that is
//! how it shows who it is are they read at all, and by no other function than this one.

use aws_lc_rs::hmac;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{BadJws, Parts, Typ, expect, member, object};

/// The one algorithm (RFC 7518 §3.1).
pub const MAC_ALGORITHM: &str = "HS256";

/// Checks a token by any of these secrets; its claims. A `kid` is not looked at: secrets have no names outside of here.
///
/// # Errors
/// [`BadJws`]; [`BadJws::UnknownKey`] where there is no secret.
pub fn verify_mac(
    text: &str,
    typ: Typ,
    secrets: &[Zeroizing<Vec<u8>>],
) -> Result<Map<String, Value>, BadJws> {
    let parts = Parts::of(text)?;
    let header = object(parts.header)?;
    if member(&header, "alg")?.ok_or(BadJws::Malformed)? != MAC_ALGORITHM {
        return Err(BadJws::Algorithm);
    }
    expect(&header, typ)?;
    let shown = parts.signature()?;
    if secrets.is_empty() {
        return Err(BadJws::UnknownKey);
    }
    let signed = parts.signed.as_bytes();
    if !secrets.iter().any(|secret| is_made_with(secret, signed, &shown)) {
        return Err(BadJws::Forged);
    }
    object(parts.claims)
}

/// Whether `shown` is the whole MAC of what is signed. Takes the same time whatever differs.
pub(super) fn is_made_with(secret: &[u8], signed: &[u8], shown: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::verify(&key, signed, shown).is_ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::super::{SigningKey, verify};
    use super::*;
    use crate::oauth::jwk::Algorithm;

    /// RFC 7515 appendix A.1: key, header, claims and MAC.
    const KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn secret(text: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.to_vec())
    }

    fn made(header: &Value, secret: &[u8]) -> String {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(b"{}"));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", encode(tag.as_ref()))
    }

    #[test]
    fn the_example_of_the_rfc_is_right_and_nothing_of_it_can_be_changed() {
        let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(KEY).expect("a key"));
        let read = |text: &str| verify_mac(text, Typ::ClientAssertion, std::slice::from_ref(&key));
        assert_eq!(read(EXAMPLE).expect("RFC 7515 A.1")["iss"], "joe");
        for (from, to) in [("dBjf", "eBjf"), ("eyJpc3Mi", "eyJpc3Mj"), ("EjXk", ""), (".dBj", ".")]
        {
            let altered = EXAMPLE.replacen(from, to, 1);
            assert!(matches!(read(&altered), Err(BadJws::Forged | BadJws::Malformed)), "{altered}");
        }
        assert_eq!(verify_mac(EXAMPLE, Typ::ClientAssertion, &[]), Err(BadJws::UnknownKey));
        let others = [secret(b"another secret of thirty-two bytes")];
        assert_eq!(verify_mac(EXAMPLE, Typ::ClientAssertion, &others), Err(BadJws::Forged));
        let both = [others[0].clone(), key.clone()];
        assert!(verify_mac(EXAMPLE, Typ::ClientAssertion, &both).is_ok(), "any of them");
    }

    #[test]
    fn only_the_one_algorithm_and_the_expected_type_are_read() {
        let read = |header: &Value| {
            let text = made(header, b"a secret");
            verify_mac(&text, Typ::ClientAssertion, &[secret(b"a secret")])
        };
        assert!(read(&json!({ "alg": "HS256" })).is_ok());
        assert!(read(&json!({ "alg": "HS256", "kid": "x", "jwk": {} })).is_ok(), "not looked at");
        for alg in ["none", "hs256", "HS384", "HS512", "ES256", "RS256", "PS256", "EdDSA"] {
            assert_eq!(read(&json!({ "alg": alg })), Err(BadJws::Algorithm), "{alg}");
        }
        for alg in [json!(null), json!(1)] {
            assert_eq!(read(&json!({ "alg": alg })), Err(BadJws::Malformed), "{alg}");
        }
        assert_eq!(read(&json!({ "alg": "HS256", "crit": [] })), Err(BadJws::Critical));
        assert_eq!(read(&json!({ "alg": "HS256", "typ": "at+jwt" })), Err(BadJws::Type));
    }

    /// RFC 8725 §2.1: the public key, as whoever attacks knows it, is no secret.
    #[test]
    fn a_public_key_is_never_taken_for_a_secret() {
        let (key, _) = SigningKey::generate(Algorithm::RS256).expect("a new key");
        let public = key.public().to_json();
        for known in [public.to_string(), public["n"].to_string(), key.kid().to_owned()] {
            let text = made(&json!({ "alg": "HS256", "kid": key.kid() }), known.as_bytes());
            let judged = verify(&text, Typ::ClientAssertion, |_, _| Some(key.public()));
            assert_eq!(judged, Err(BadJws::Algorithm));
        }
        let signed = key.sign(Typ::ClientAssertion, &json!({})).expect("short");
        let judged =
            verify_mac(&signed, Typ::ClientAssertion, &[secret(public.to_string().as_bytes())]);
        assert_eq!(judged, Err(BadJws::Algorithm));
    }
}
