//! A key of an application, and the proofs that it makes with it (RFC 9449 §4.2), by nothing of ours.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::oauth_client::{Application, MACHINE};
use crate::signer::{self, Signer};
use crate::{Answer, Api, body};

/// A key on P-256 that nobody has registered.
pub struct Prover {
    key: Signer,
    issuer: String,
    /// What the server gave it last.
    pub nonce: String,
}

impl Prover {
    /// A new key, which has been given a nonce.
    pub async fn new(api: &Api) -> Self {
        let mut prover = Self::holding(api, String::new()).await;
        let machine = Application::new(api, MACHINE).proving(&[&prover.for_tokens()]);
        let answer = machine.ask(&[("grant_type", "client_credentials")]).await;
        assert_eq!(body(&answer)["error"], "use_dpop_nonce", "{}", answer.text());
        prover.nonce = nonce(&answer).expect("a nonce");
        prover
    }

    /// A new key, with that nonce or, where it is empty, with none.
    pub async fn holding(api: &Api, nonce: String) -> Self {
        let path = "/.well-known/openid-configuration";
        let discovered = body(&api.ask((Method::GET, path), None, None).await);
        let issuer = discovered["issuer"].as_str().expect("an issuer").to_owned();
        Self { key: Signer::stranger(), issuer, nonce }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        self.key.jwk()
    }

    /// Its thumbprint (RFC 7638 §3).
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        hash(&json!({ "crv": "P-256", "kty": "EC", "x": jwk["x"], "y": jwk["y"] }).to_string())
    }

    /// The header of a proof.
    pub fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    /// The claims of a proof for a request that is made now.
    pub fn claims(&self, method: &str, path: &str) -> Value {
        let mut claims = json!({ "jti": Uuid::new_v4().to_string(), "htm": method,
            "htu": format!("{}{path}", self.issuer), "iat": signer::now() });
        if !self.nonce.is_empty() {
            claims["nonce"] = json!(self.nonce);
        }
        claims
    }

    /// A proof, right or wrong.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.key.sign(header, claims)
    }

    /// A proof for the token endpoint.
    pub fn for_tokens(&self) -> String {
        self.sign(&self.header(), &self.claims("POST", "/oauth2/token"))
    }

    /// A proof for the userinfo endpoint, with that token.
    pub fn for_userinfo(&self, token: &str) -> String {
        let mut claims = self.claims("GET", "/oauth2/userinfo");
        claims["ath"] = json!(hash(token));
        self.sign(&self.header(), &claims)
    }
}

/// SHA-256 in base64url.
pub fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// The nonce that came along.
pub fn nonce(answer: &Answer) -> Option<String> {
    answer.header("dpop-nonce").map(str::to_owned)
}

/// Shows a token to the userinfo endpoint by that scheme, with that proof if there is one.
pub async fn shown(api: &Api, scheme: &str, token: &str, proof: Option<&str>) -> Answer {
    let mut request =
        Request::get("/oauth2/userinfo").header(header::AUTHORIZATION, format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    api.send(request.body(bytes::Bytes::new()).expect("a good request")).await
}
