//! How each of the provider's endpoints is asked.

use serde_json::json;

use super::super::person::Person;
use super::SECRET;
use crate::application::{CHALLENGE, HOST, REDIRECT, REDIRECT_ENCODED, VERIFIER};
use crate::http::{Client, Request};

/// Where the application wants her after she signed out.
pub(super) const AFTERWARDS: &str = "https://app.example/bye";
const DEVICE_GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";
const ASSERTION_TYPE: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

/// What her browser asks.
pub(super) fn page<'a>(request: Request<'a>, person: &Person) -> Request<'a> {
    let cookie = format!("tokenhouse-session={}", person.token);
    request.header("host", HOST).header("accept", "text/html").header("cookie", &cookie)
}

/// A form that she was shown.
fn posted<'a>(client: &'a Client, path: &str, fields: &str, person: &Person) -> Request<'a> {
    let form = format!("csrf={}&{fields}", encoded(&person.application.csrf));
    page(client.post(path).form(&form), person)
}

/// What the application asks, with its secret.
fn own<'a>(client: &'a Client, path: &str, fields: &str, person: &Person) -> Request<'a> {
    let secret = encoded(SECRET);
    let form = format!("{fields}&client_id={}&client_secret={secret}", person.name);
    client.post(path).form(&form).header("host", HOST)
}

fn asked() -> String {
    format!(
        "response_type=code&redirect_uri={REDIRECT_ENCODED}&scope=openid+profile&state=s&nonce=n\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    )
}

fn authorization(person: &Person) -> String {
    format!("/oauth2/authorize?client_id={}&{}", person.name, asked())
}

pub(super) fn authorize<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    page(client.get(&authorization(person)), person)
}

pub(super) fn consent<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let fields = format!("answer=allow&return_to={}", encoded(&authorization(person)));
    posted(client, "/oauth2/consent", &fields, person)
}

pub(super) fn push<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    own(client, "/oauth2/par", &asked(), person)
}

pub(super) fn follow<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    by_reference(client, person, &person.application.request_uri)
}

/// Her browser comes with a reference to what was sent ahead.
pub(super) fn by_reference<'a>(client: &'a Client, person: &Person, uri: &str) -> Request<'a> {
    let path = format!("/oauth2/authorize?client_id={}&request_uri={}", person.name, encoded(uri));
    page(client.get(&path), person)
}

pub(super) fn redeem<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    redeem_code(client, person, &person.application.code)
}

pub(super) fn redeem_code<'a>(client: &'a Client, person: &Person, code: &str) -> Request<'a> {
    let fields = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={REDIRECT_ENCODED}\
         &code_verifier={VERIFIER}"
    );
    own(client, "/oauth2/token", &fields, person)
}

pub(super) fn refresh<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let fields = format!("grant_type=refresh_token&refresh_token={}", person.application.refresh);
    own(client, "/oauth2/token", &fields, person)
}

pub(super) fn poll<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    poll_for(client, person, &person.application.device_code)
}

pub(super) fn poll_for<'a>(client: &'a Client, person: &Person, device: &str) -> Request<'a> {
    let fields = format!("grant_type={DEVICE_GRANT}&device_code={device}");
    own(client, "/oauth2/token", &fields, person)
}

pub(super) fn device<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    own(client, "/oauth2/device", "scope=openid+profile", person)
}

pub(super) fn decide<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let held = &person.application;
    let fields = format!("device={}&user_code={}&answer=allow", held.device, held.user_code);
    posted(client, "/device", &fields, person)
}

pub(super) fn revoke_refresh<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let fields = format!("token={}", person.application.refresh);
    own(client, "/oauth2/revoke", &fields, person)
}

pub(super) fn revoke_access<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let fields = format!("token={}", person.application.access);
    own(client, "/oauth2/revoke", &fields, person)
}

pub(super) fn introspect<'a>(client: &'a Client, person: &Person, token: &str) -> Request<'a> {
    own(client, "/oauth2/introspect", &format!("token={token}"), person)
}

/// She agrees to be signed out, which the application asked for.
pub(super) fn leave<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let afterwards = encoded(AFTERWARDS);
    let asked =
        format!("/oauth2/logout?client_id={}&post_logout_redirect_uri={afterwards}", person.name);
    posted(client, "/logout", &format!("return_to={}", encoded(&asked)), person)
}

pub(super) fn disconnect<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let fields = format!("disconnect={}", person.name);
    posted(client, "/account/applications", &fields, person)
}

pub(super) fn register<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let metadata = json!({ "client_name": person.name, "redirect_uris": [REDIRECT] });
    client.post_json("/oauth2/register", &metadata).bearer(&person.application.invitation)
}

fn registration(person: &Person) -> String {
    format!("/oauth2/register/{}", person.application.registered)
}

pub(super) fn replace<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let id = &person.application.registered;
    let uris = [REDIRECT, "https://app.example/other"];
    let metadata = json!({ "client_id": id, "client_name": person.name, "redirect_uris": uris });
    let request = client.put_json(&registration(person), &metadata);
    request.bearer(&person.application.registration)
}

pub(super) fn unregister<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    client.delete(&registration(person)).bearer(&person.application.registration)
}

/// For itself, with an assertion (RFC 7523 §2.2).
pub(super) fn assert<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_assertion_type={ASSERTION_TYPE}\
         &client_assertion={}",
        person.name, person.application.signed
    );
    client.post("/oauth2/token").form(&form).header("host", HOST)
}

/// For itself, bound to a key (RFC 9449 §5).
pub(super) fn prove<'a>(client: &'a Client, person: &Person) -> Request<'a> {
    let request = own(client, "/oauth2/token", "grant_type=client_credentials", person);
    request.header("dpop", &person.application.signed)
}

/// As a form or a query has it.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
