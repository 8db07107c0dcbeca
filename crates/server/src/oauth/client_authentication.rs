//! Which application asks, and whether it is the one it says it is (RFC 6749 §2.3): by a secret in the
//! `Authorization` header or in the form, or by its name alone where it can keep no secret.
//!
//! What it says is read before the database is asked; whether that suffices is judged from the client's row.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode;
use tokenhouse_rules::oauth::client::{Authentication, ClientId, GrantType, Settings};
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_rules::oauth::form::Parameters;
use tokenhouse_rules::token::is_same_hash;
use tokenhouse_store::{Client, Error};
use zeroize::Zeroizing;

use super::error::{Code, OAuthFailure};
use super::form::PostedForm;

/// One answer for a client that is none, is disabled, or is somebody else.
pub(super) const UNKNOWN: OAuthFailure =
    OAuthFailure::invalid_client("The client is not known or did not show that it is the one");

/// How a client says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name,
    Header,
    Form,
}

/// Who a client says it is.
#[derive(Debug)]
pub(super) struct Claimed {
    pub id: ClientId,
    /// SHA-256 of the secret that it shows.
    pub secret: Option<[u8; 32]>,
    by: By,
}

/// A client that showed who it is, and what it may do.
pub(super) struct Known {
    pub client: Client,
    pub settings: Settings,
}

impl Claimed {
    /// Reads header and form.
    ///
    /// # Errors
    /// `invalid_client` when it says nothing that can be understood, `invalid_request` when it says two things.
    pub(super) fn read(form: &PostedForm) -> Result<Self, OAuthFailure> {
        let PostedForm { parameters, headers } = form;
        let twice = OAuthFailure::invalid_request("The client says in two ways who it is");
        if parameters.has("client_assertion") {
            return Err(OAuthFailure::invalid_client("Assertions of clients are not supported"));
        }
        let named = parameters.text("client_id");
        match basic(headers)? {
            Some(_) if parameters.has("client_secret") => Err(twice),
            Some((id, _)) if named.is_some_and(|named| named != id.as_str()) => Err(twice),
            Some((id, secret)) => {
                let secret = (!secret.is_empty()).then(|| client_secret::hash(&secret));
                let by = if secret.is_some() { By::Header } else { By::Name };
                Ok(Self { id: parse(&id)?, secret, by })
            }
            None => Self::in_form(parameters),
        }
    }

    fn in_form(parameters: &Parameters) -> Result<Self, OAuthFailure> {
        let nobody = OAuthFailure::invalid_client("The client does not say who it is");
        let id = parse(parameters.text("client_id").ok_or(nobody)?)?;
        let secret = parameters.text("client_secret").map(client_secret::hash);
        let by = if secret.is_some() { By::Form } else { By::Name };
        Ok(Self { id, secret, by })
    }

    /// Judges it by the client's row.
    ///
    /// # Errors
    /// `invalid_client`: one answer for a client that is none, is disabled, or is somebody else.
    pub(super) fn judge(&self, found: Option<Client>) -> Result<Known, OAuthFailure> {
        let client = found.filter(|client| client.disabled_at.is_none()).ok_or(UNKNOWN)?;
        let settings = Settings::stored(&client.settings).map_err(|bad| {
            OAuthFailure::internal(Error::Corrupt(format!(
                "settings of client {}: {bad}",
                client.id
            )))
        })?;
        let known = Known { client, settings };
        if self.suffices_for(&known) { Ok(known) } else { Err(UNKNOWN) }
    }

    fn suffices_for(&self, Known { client, settings }: &Known) -> bool {
        let is_one = |shown: &[u8; 32]| {
            client.secrets.iter().any(|secret| is_same_hash(&secret.hash, shown))
        };
        match (settings.authentication, self.by) {
            (Authentication::None, By::Name) => true,
            (Authentication::Basic, By::Header | By::Form) | (Authentication::Post, By::Form) => {
                self.secret.as_ref().is_some_and(is_one)
            }
            _ => false,
        }
    }
}

impl Known {
    /// Refuses what the client may not ask for.
    pub(super) fn may(&self, grant: GrantType) -> Result<(), OAuthFailure> {
        if self.settings.allows(grant) {
            return Ok(());
        }
        let why = "The client may not ask in this way";
        Err(OAuthFailure::new(Code::UnauthorizedClient, why))
    }
}

fn parse(id: &str) -> Result<ClientId, OAuthFailure> {
    ClientId::parse(id).map_err(|_| UNKNOWN)
}

type Pair = (Zeroizing<String>, Zeroizing<String>);

/// Name and secret from `Authorization: Basic`, each encoded as a form is (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<Pair>, OAuthFailure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthFailure::invalid_request("There is more than one Authorization header"));
    }
    let unreadable = OAuthFailure::invalid_client("The Authorization header cannot be read");
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let encoded = scheme.eq_ignore_ascii_case("basic").then(|| encoded.trim_matches(' '))?;
        let decoded = Zeroizing::new(STANDARD.decode(encoded).ok()?);
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        Some((plain(&decoded[..colon])?, plain(&decoded[colon + 1..])?))
    };
    read().map(Some).ok_or(unreadable)
}

fn plain(encoded: &[u8]) -> Option<Zeroizing<String>> {
    let spaced: Zeroizing<Vec<u8>> = Zeroizing::new(
        encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect(),
    );
    let text = percent_decode(&spaced).decode_utf8().ok()?;
    Some(Zeroizing::new(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use tokenhouse_rules::id::SecretId;
    use tokenhouse_rules::oauth::client::Kind;
    use tokenhouse_rules::time::Timestamp;
    use tokenhouse_store::Secret;
    use uuid::Uuid;

    use super::*;

    fn form(authorization: Option<&str>, body: &str) -> PostedForm {
        let mut headers = HeaderMap::new();
        if let Some(text) = authorization {
            let value = HeaderValue::from_str(text).expect("a header value");
            headers.insert(header::AUTHORIZATION, value);
        }
        PostedForm { parameters: Parameters::parse(body.as_bytes()).expect("a form"), headers }
    }

    fn basic_of(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    fn client(authentication: Authentication, secrets: &[&str]) -> Client {
        let settings = Settings { authentication, ..Settings::preset(Kind::Server) };
        let at = Timestamp::from_micros(0);
        let secret = |text: &&str| Secret {
            id: SecretId::from_uuid(Uuid::nil()),
            hash: client_secret::hash(text),
            created_at: at,
            expires_at: None,
        };
        Client {
            id: "app".to_owned(),
            settings: serde_json::to_string(&settings).expect("JSON"),
            version: 1,
            created_at: at,
            disabled_at: None,
            secrets: secrets.iter().map(secret).collect(),
        }
    }

    fn refused(form: &PostedForm) -> Code {
        Claimed::read(form).expect_err("nobody").code
    }

    #[test]
    fn a_client_shows_who_it_is_in_the_way_it_is_registered_for() {
        let (in_form, named) = ("client_id=app&client_secret=right", "client_id=app");
        let cases = [
            (Authentication::Basic, Some("app:right"), "", true),
            (Authentication::Basic, Some("app:right"), named, true),
            (Authentication::Basic, Some("app:older"), "", true),
            (Authentication::Basic, Some("%61pp:righ%74"), "", true),
            (Authentication::Basic, Some("app:wrong"), "", false),
            (Authentication::Basic, Some("app:"), "", false),
            (Authentication::Basic, None, in_form, true),
            (Authentication::Basic, None, named, false),
            (Authentication::Post, None, in_form, true),
            (Authentication::Post, Some("app:right"), "", false),
            (Authentication::None, None, named, true),
            (Authentication::None, Some("app:"), "", true),
            (Authentication::None, None, in_form, false),
        ];
        for (authentication, header, body, right) in cases {
            let form = form(header.map(basic_of).as_deref(), body);
            let claimed = Claimed::read(&form).expect("a client");
            assert_eq!(claimed.id.to_string(), "app");
            let judged = claimed.judge(Some(client(authentication, &["right", "older"])));
            assert_eq!(judged.is_ok(), right, "{authentication:?} {header:?} {body}");
            assert!(judged.err().is_none_or(|failure| failure.code == Code::InvalidClient));
        }
    }

    #[test]
    fn a_client_that_is_none_or_disabled_is_refused_with_the_same_words() {
        let form = form(Some(&basic_of("app:right")), "");
        let claimed = Claimed::read(&form).expect("a client");
        let client = client(Authentication::Basic, &["right"]);
        let disabled = Client { disabled_at: Some(client.created_at), ..client.clone() };
        let stripped = Client { secrets: Vec::new(), ..client };
        for found in [None, Some(disabled), Some(stripped)] {
            let failure = claimed.judge(found).err().expect("a refusal");
            assert_eq!((failure.code, failure.description), (UNKNOWN.code, UNKNOWN.description));
        }
    }

    #[test]
    fn who_says_two_things_or_nothing_is_refused_before_the_database_is_asked() {
        let header = basic_of("app:right");
        for body in ["client_secret=right", "client_id=other", "client_id=app&client_secret=right"]
        {
            assert_eq!(refused(&form(Some(&header), body)), Code::InvalidRequest, "{body}");
        }
        for body in
            ["", "client_secret=right", "client_id=a%20b", "client_id=app&client_assertion=x"]
        {
            assert_eq!(refused(&form(None, body)), Code::InvalidClient, "{body}");
        }
        let unreadable = ["Basic", "Basic %%%", "Bearer x", &basic_of("app"), "Basic /w=="];
        for header in unreadable {
            assert_eq!(
                refused(&form(Some(header), "client_id=app")),
                Code::InvalidClient,
                "{header}"
            );
        }
        let mut twice = form(Some(&header), "");
        let value = HeaderValue::from_str(&header).expect("a header value");
        twice.headers.append(header::AUTHORIZATION, value);
        assert_eq!(refused(&twice), Code::InvalidRequest);
    }
}
