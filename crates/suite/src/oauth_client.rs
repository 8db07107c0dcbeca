//! An application, as far as the cases need one: it is registered here, redeems codes, and shows its tokens.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::authorize::{Code, Flow, HOUSE, Registered, SECRET, SPA, VERIFIER, WEB};
use crate::browser::{Browser, query};
use crate::claims::MAPPED;
use crate::dpop::BOUND;
use crate::{Answer, Api, body};

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// One whose access tokens are JWTs.
pub const SIGNED: &str = "suite-signed";
/// One that may leave PKCE out.
pub const LOOSE: &str = "suite-loose";
/// One that acts for itself.
pub const MACHINE: &str = "suite-machine";
/// A service that is shown tokens, and asks what they are worth.
pub const SERVICE: &str = "suite-service";

/// The service whose tokens [`SIGNED`] and [`MACHINE`] may ask for.
pub const RESOURCE: &str = "https://api.example/v1";

/// The applications that are needed beside those of `authorize.rs`.
pub fn clients() -> Vec<Registered> {
    let scopes = "openid profile email groups offline_access";
    let signed = json!({ "name": "Suite Signed", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://signed.example/cb"], "scopes": scopes, "access_token": "jwt",
        "id_token_algorithm": "EdDSA", "resources": [RESOURCE, "https://other.example"] });
    let loose = json!({ "name": "Suite Loose", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://loose.example/cb"], "scopes": scopes, "pkce": "optional",
        "authentication": "post" });
    let machine = json!({ "name": "Suite Machine", "kind": "machine",
        "grants": ["client_credentials"], "scopes": "read write", "resources": [RESOURCE] });
    let service = json!({ "name": "Suite Service", "kind": "machine",
        "grants": ["client_credentials"], "scopes": "", "audience": RESOURCE });
    [(SIGNED, signed), (LOOSE, loose), (MACHINE, machine), (SERVICE, service)]
        .map(|(id, settings)| Registered { id, settings, secret: Some(SECRET) })
        .into()
}

/// An application that asks.
#[derive(Clone)]
pub struct Application {
    api: Api,
    /// Its `client_id`.
    pub id: &'static str,
    secret: Option<String>,
    /// Whether it shows its secret in the form instead of the header.
    pub in_form: bool,
    /// From which origin its scripts ask.
    pub origin: Option<&'static str>,
    /// The proofs of a key that it sends along (RFC 9449).
    pub proofs: Vec<String>,
}

impl Application {
    /// The one of that name.
    pub fn new(api: &Api, id: &'static str) -> Self {
        let mut known = crate::authorize::clients().into_iter();
        let secret = known.find(|known| known.id == id).and_then(|known| known.secret);
        let (api, secret) = (api.clone(), secret.map(str::to_owned));
        Self { api, id, secret, in_form: id == LOOSE, origin: None, proofs: Vec::new() }
    }

    /// The same with another secret, or with none.
    #[must_use]
    pub fn showing(mut self, secret: Option<&str>) -> Self {
        self.secret = secret.map(str::to_owned);
        self
    }

    /// The same with these proofs.
    #[must_use]
    pub fn proving(mut self, proofs: &[&str]) -> Self {
        self.proofs = proofs.iter().map(|proof| (*proof).to_owned()).collect();
        self
    }

    /// Sends a form to an endpoint, and says who it is.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.accept(path, fields, "application/json").await
    }

    /// The same; the answer is to be of that type.
    pub async fn accept(&self, path: &str, fields: &[(&str, &str)], kind: &str) -> Answer {
        let mut fields = fields.to_vec();
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, FORM).header(header::ACCEPT, kind);
        match &self.secret {
            Some(secret) if !self.in_form => {
                request = request.header(header::AUTHORIZATION, basic(self.id, secret));
            }
            Some(secret) => {
                fields.extend([("client_id", self.id), ("client_secret", secret.as_str())])
            }
            None => fields.push(("client_id", self.id)),
        }
        if let Some(origin) = self.origin {
            request = request.header(header::ORIGIN, origin);
        }
        for proof in &self.proofs {
            request = request.header("dpop", proof);
        }
        let body = Bytes::from(query(&fields));
        self.api.send(request.body(body).expect("a good request")).await
    }

    /// Asks for tokens.
    pub async fn ask(&self, fields: &[(&str, &str)]) -> Answer {
        self.send("/oauth2/token", fields).await
    }

    /// Redeems a code, with other values of some parameters; an empty one leaves the parameter out.
    pub async fn redeem(&self, code: &Code, other: &[(&str, &str)]) -> Answer {
        let mut fields = BTreeMap::from([
            ("grant_type", "authorization_code"),
            ("code", code.code.as_str()),
            ("redirect_uri", code.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ]);
        fields.extend(other.iter().copied());
        let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        self.ask(&fields).await
    }

    /// Asks for the next tokens.
    pub async fn refresh(&self, token: &str, other: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        fields.extend(other);
        self.ask(&fields).await
    }

    /// What a token is worth.
    pub async fn introspect(&self, token: &str) -> Value {
        let answer = self.send("/oauth2/introspect", &[("token", token)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        body(&answer)
    }

    /// Gives a token back.
    pub async fn revoke(&self, token: &str) -> Answer {
        self.send("/oauth2/revoke", &[("token", token)]).await
    }

    /// The request that it sends browsers with.
    pub fn flow(&self) -> Flow {
        match self.id {
            SPA => Flow::of(SPA, "https://spa.example/cb"),
            HOUSE => Flow::of(HOUSE, "https://house.example/cb"),
            SIGNED => Flow::of(SIGNED, "https://signed.example/cb"),
            MAPPED => Flow::of(MAPPED, "https://mapped.example/cb"),
            BOUND => Flow::of(BOUND, "https://bound.example/cb"),
            LOOSE => Flow::of(LOOSE, "https://loose.example/cb"),
            _ => Flow::of(WEB, "https://web.example/cb"),
        }
    }

    /// Somebody new comes with that request; her tokens and her browser.
    pub async fn sign_in(&self, flow: &Flow) -> (Tokens, Browser) {
        let mut browser = Browser::new(&self.api);
        browser.newcomer().await;
        (self.tokens(flow, &mut browser).await, browser)
    }

    /// The tokens of who is signed in.
    pub async fn tokens(&self, flow: &Flow, browser: &mut Browser) -> Tokens {
        let code = flow.code(browser).await;
        Tokens::of(&self.redeem(&code, &[]).await)
    }
}

/// What an application was given.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For protected resources.
    pub access: String,
    /// For the next tokens; empty when there was none.
    pub refresh: String,
    /// The claims of the ID token; null when there was none.
    pub id: Value,
    /// The whole answer.
    pub all: Value,
}

impl Tokens {
    /// Those of an answer.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let all = body(answer);
        let text = |name: &str| all[name].as_str().unwrap_or_default().to_owned();
        let id = all["id_token"].as_str().map_or(Value::Null, |token| read(token).1);
        Self { access: text("access_token"), refresh: text("refresh_token"), id, all }
    }
}

/// Header and claims of a JWT. Its signature is looked at elsewhere.
pub fn read(token: &str) -> (Value, Value) {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    let json = |part: &str| {
        serde_json::from_slice(&decode(part)).unwrap_or_else(|_| panic!("not JSON: {part}"))
    };
    (json(parts[0]), json(parts[1]))
}

/// Asserts that an application was refused for this reason, in the form of RFC 6749 §5.2.
pub fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = body(answer);
    assert_eq!(said["error"], error, "{said}");
    let description = said["error_description"].as_str().expect("a description");
    let legal = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ';
    assert!(!description.is_empty() && description.chars().all(legal), "{description}");
}

/// `Authorization: Basic`.
pub fn basic(id: &str, secret: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("Basic ");
    for chunk in format!("{id}:{secret}").as_bytes().chunks(3) {
        let bytes =
            [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = bytes.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

fn decode(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => panic!("not base64url: {text}"),
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        bits = bits << 6 | u32::from(value(byte));
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

/// Asks the userinfo endpoint with a token in the header.
pub async fn userinfo(api: &Api, token: &str) -> Answer {
    api.ask((Method::GET, "/oauth2/userinfo"), Some(token), None).await
}
