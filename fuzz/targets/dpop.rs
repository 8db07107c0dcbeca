#![no_main]
//! Proofs of a key: method and address on the first line, then a token, or header and claims that are signed. A proof that
//! is read was made for that method and that address, as a browser reads both addresses too.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::{Corpus, fuzz_target};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokenhouse_fuzz::{NOW, begin, claims_of, jwk, root, signed, token_of};
use tokenhouse_rules::oauth::dpop::{Proof, nonce};
use url::Url;

const AT: &str = "https://login.example/oauth2/token";

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(input) else { return Corpus::Reject };
    let Some((first, rest)) = text.split_once('\n') else { return Corpus::Reject };
    let Some((method, address)) = first.split_once(' ') else { return Corpus::Reject };
    let token = token_of(rest);
    if let Ok(proof) = Proof::read(&token, method, address) {
        judge(&proof, &claims_of(&token).into(), method, address);
    }
    Corpus::Keep
});

fn judge(proof: &Proof, claims: &Value, method: &str, address: &str) {
    assert_eq!(claims["htm"], method);
    assert!(!claims["jti"].as_str().expect("text").is_empty());
    is_same(claims["htu"].as_str().expect("text"), address);
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"tha_token"));
    assert_eq!(proof.is_for("tha_token"), claims["ath"] == hash.as_str());
    let (_, until) = proof.once();
    if proof.judge(NOW, &root()).is_ok() {
        assert!(until > NOW, "it is noted for as long as it could come again");
    }
}

/// That a browser which was sent to either would ask the same server for the same.
fn is_same(htu: &str, address: &str) {
    let (Ok(htu), Ok(address)) = (Url::parse(htu), Url::parse(address)) else { return };
    let path = |url: &Url| percent_decode_str(url.path()).collect::<Vec<u8>>();
    assert_eq!(htu.origin(), address.origin());
    assert_eq!(path(&htu), path(&address), "{htu} {address}");
}

fn seeds() -> Vec<String> {
    let mut seeds = Vec::new();
    for algorithm in ["EdDSA", "ES256"] {
        let header =
            json!({ "typ": "dpop+jwt", "alg": algorithm, "jwk": jwk(algorithm) }).to_string();
        let now = NOW.seconds();
        for htu in [AT, "HTTPS://login.example:443/a/../oauth2/%74oken?x#y"] {
            let ath = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
            let nonce = nonce(&root(), NOW);
            let claims = json!({ "jti": "one", "htm": "POST", "htu": htu, "iat": now, "nonce": nonce,
                "ath": ath });
            seeds.push(format!("POST {AT}\n{header}\n{claims}"));
            seeds.push(format!("POST {AT}\n{}", signed(&header, &claims.to_string())));
        }
    }
    seeds
}
