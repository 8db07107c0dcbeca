//! What applications ask for: tokens of their own, the next tokens of a person, what a token is worth, what it lets
//! them know, and whole sign-ins of people who are signed in already.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::Result;
use tokenhouse_rules::keys::RootSecret;

use super::answer::Answer;
use super::asking::{Asking, Round, SAMPLE, unexpected};
use crate::chance::Chance;
use crate::fill::applications::{
    CLIENT_SECRET, Granted, HOUSE, REDIRECT, SERVICE, first_refresh_token,
};
use crate::fill::{People, SECRET, person};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A form to an endpoint, with the client's name and secret in it.
fn post(request: &mut Vec<u8>, path: &str, client: &str, fields: &[&str]) {
    let own = ["client_id=", client, "&client_secret=", CLIENT_SECRET];
    let length: usize = own.iter().chain(fields).map(|part| part.len()).sum();
    request.extend_from_slice(b"POST ");
    request.extend_from_slice(path.as_bytes());
    request.extend_from_slice(
        b" HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n",
    );
    request.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
    own.iter().chain(fields).for_each(|part| request.extend_from_slice(part.as_bytes()));
}

fn contains(text: &[u8], part: &str) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.contains(part))
}

/// The value of a member of JSON that needs no escape.
fn member<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once(name)?;
    rest.strip_prefix("\":\"")?.split_once('"').map(|(value, _)| value)
}

fn are_tokens(answer: &Answer<'_>) -> Result<(), String> {
    match answer.status == 200 && answer.body.starts_with(b"{\"access_token\":\"") {
        true => Ok(()),
        false => Err(unexpected(answer, "tokens")),
    }
}

/// Client credentials.
pub(crate) struct Machines(pub(crate) &'static str);

impl Asking for Machines {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        post(request, "/oauth2/token", self.0, &["&grant_type=client_credentials&scope=read"]);
        0
    }

    fn judge(&mut self, _: usize, answer: &Answer<'_>) -> Result<(), String> {
        are_tokens(answer)
    }
}

/// The next tokens of everybody in turn, each with the refresh token that she was given last.
pub(crate) struct Refreshes {
    round: Round,
    tokens: Vec<String>,
}

impl Refreshes {
    pub(crate) fn of(granted: &Granted) -> Result<Self> {
        let root = RootSecret::parse(SECRET)?;
        let people = 0..granted.count();
        let tokens = people.clone().map(|number| first_refresh_token(number, &root)).collect();
        Ok(Self { round: Round::of(people, &mut Chance::seeded(4)), tokens })
    }
}

impl Asking for Refreshes {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step() as usize;
        let fields = ["&grant_type=refresh_token&refresh_token=", self.tokens[person].as_str()];
        post(request, "/oauth2/token", HOUSE, &fields);
        person
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        are_tokens(answer)?;
        let next = member(answer.body, "refresh_token");
        let next = next.filter(|next| *next != self.tokens[whose]);
        self.tokens[whose] = next.ok_or_else(|| unexpected(answer, "another one"))?.to_owned();
        Ok(())
    }
}

/// What everybody's access token is worth, in turn.
pub(crate) struct Introspections {
    granted: Arc<Granted>,
    round: Round,
}

impl Introspections {
    pub(crate) fn of(granted: &Arc<Granted>) -> Self {
        let round = Round::of(0..granted.count(), &mut Chance::seeded(5));
        Self { granted: Arc::clone(granted), round }
    }
}

impl Asking for Introspections {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step();
        let fields = ["&token=", self.granted.access(person)];
        post(request, "/oauth2/introspect", SERVICE, &fields);
        person as usize
    }

    fn judge(&mut self, _: usize, answer: &Answer<'_>) -> Result<(), String> {
        match answer.status == 200 && contains(answer.body, "\"active\":true") {
            true => Ok(()),
            false => Err(unexpected(answer, "an active token")),
        }
    }
}

/// What everybody's access token lets an application know, in turn.
pub(crate) struct UserInfos {
    granted: Arc<Granted>,
    round: Round,
    judged: usize,
}

impl UserInfos {
    pub(crate) fn of(granted: &Arc<Granted>) -> Self {
        let round = Round::of(0..granted.count(), &mut Chance::seeded(6));
        Self { granted: Arc::clone(granted), round, judged: 0 }
    }
}

impl Asking for UserInfos {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step();
        request.extend_from_slice(
            b"GET /oauth2/userinfo HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ",
        );
        request.extend_from_slice(self.granted.access(person).as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        person as usize
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        self.judged += 1;
        let number = u32::try_from(whose).unwrap_or_default();
        let is_hers = || contains(answer.body, &person::user_id(number).to_string());
        match answer.status == 200 && (!self.judged.is_multiple_of(SAMPLE) || is_hers()) {
            true => Ok(()),
            false => Err(unexpected(answer, "her claims")),
        }
    }
}

/// The metadata and the keys by turns.
pub(crate) struct Documents {
    asked: usize,
}

impl Documents {
    pub(crate) fn new() -> Self {
        Self { asked: 0 }
    }
}

impl Asking for Documents {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let which = self.asked % 2;
        self.asked += 1;
        let path = ["/.well-known/openid-configuration", "/oauth2/jwks"][which];
        request.extend_from_slice(
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes(),
        );
        which
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        let wanted = ["\"jwks_uri\"", "\"kid\""][whose];
        match answer.status == 200 && contains(answer.body, wanted) {
            true => Ok(()),
            false => Err(unexpected(answer, wanted)),
        }
    }
}

/// From a person who is signed in to a code, and from the code to tokens: two requests, over whichever connection is
/// free, each person in turn.
pub(crate) struct RoundTrips {
    people: Arc<People>,
    round: Round,
    codes: VecDeque<String>,
}

/// What the redemption of a code is judged by.
const REDEMPTION: usize = usize::MAX;

impl RoundTrips {
    pub(crate) fn of(people: &Arc<People>) -> Self {
        let round = Round::of(0..people.count(), &mut Chance::seeded(7));
        Self { people: Arc::clone(people), round, codes: VecDeque::new() }
    }

    fn authorize(&mut self, request: &mut Vec<u8>) -> usize {
        let person = self.round.step();
        let redirect = REDIRECT.replace(':', "%3A").replace('/', "%2F");
        let query = format!(
            "response_type=code&client_id={HOUSE}&redirect_uri={redirect}&scope=openid+profile+email\
             &state=s{person}&nonce=n{person}&code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        request.extend_from_slice(format!("GET /oauth2/authorize?{query} HTTP/1.1\r\n").as_bytes());
        request.extend_from_slice(b"host: localhost\r\ncookie: tokenhouse-session=");
        request.extend_from_slice(self.people.token(person).as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        person as usize
    }
}

impl Asking for RoundTrips {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        let Some(code) = self.codes.pop_front() else { return self.authorize(request) };
        let redirect = ["&redirect_uri=", REDIRECT, "&code_verifier=", VERIFIER];
        let fields = [&["&grant_type=authorization_code&code=", code.as_str()], &redirect[..]];
        post(request, "/oauth2/token", HOUSE, &fields.concat());
        REDEMPTION
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        if whose == REDEMPTION {
            return are_tokens(answer);
        }
        match code(answer.head).filter(|_| answer.status == 303) {
            Some(code) => {
                self.codes.push_back(code.to_owned());
                Ok(())
            }
            None => Err(format!("no code: {}", String::from_utf8_lossy(answer.head))),
        }
    }
}

/// The code in the address that a browser is sent to.
fn code(head: &[u8]) -> Option<&str> {
    let (_, rest) = std::str::from_utf8(head).ok()?.split_once("?code=")?;
    rest.split(['&', '\r']).next().filter(|code| code.starts_with("thc_"))
}

/// Their first halves alone; the codes are kept.
pub(crate) struct Authorizations(pub(crate) RoundTrips);

impl Asking for Authorizations {
    fn compose(&mut self, request: &mut Vec<u8>) -> usize {
        self.0.authorize(request)
    }

    fn judge(&mut self, whose: usize, answer: &Answer<'_>) -> Result<(), String> {
        self.0.judge(whose, answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_how_long_it_is() {
        let mut request = Vec::new();
        post(&mut request, "/x", "a", &["&b=", "c"]);
        let text = String::from_utf8(request).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a body");
        assert_eq!(body, format!("client_id=a&client_secret={CLIENT_SECRET}&b=c"));
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
    }

    #[test]
    fn the_member_of_an_answer_is_found_and_a_part_of_a_name_is_not() {
        let body = br#"{"access_token":"tha_a","refresh_token":"thr_b","id_token":"c"}"#;
        assert_eq!(member(body, "refresh_token"), Some("thr_b"));
        assert_eq!(member(body, "token_type"), None);
    }

    #[test]
    fn a_code_is_taken_out_of_the_address_of_the_application_alone() {
        let to = |address: &str| format!("HTTP/1.1 303 See Other\r\nlocation: {address}\r\na: b");
        let back = to("https://house.example/cb?code=thc_x&state=s0");
        assert_eq!(code(back.as_bytes()), Some("thc_x"));
        assert_eq!(code(to("https://house.example/cb?code=thc_x").as_bytes()), Some("thc_x"));
        assert_eq!(code(to("/login?return_to=%2Foauth2").as_bytes()), None);
    }
}
