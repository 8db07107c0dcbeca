//! An application of the provider that takes down what it asks and what it is told, so that the checker can judge
//! codes, refresh tokens and keys. Tokens are numbered here: a history holds none.

pub(crate) mod said;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::history::{
    History, Kind, Nanos, OperationId, PasswordNo, Recorder, Run, SessionNo, TokenNo, UserNo,
};
use crate::http::{Answer, Client, Failure, Request};
use crate::server::run;

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const REDIRECT: &str = "https://app.example/cb";
pub(crate) const REDIRECT_ENCODED: &str = "https%3A%2F%2Fapp.example%2Fcb";
const ID: &str = "proof-app";
/// `PUBLIC_URL` of every process that it asks, whatever their addresses are: pages answer at no other host.
pub const PUBLIC_URL: &str = "http://localhost";
pub(crate) const HOST: &str = "localhost";

/// An application of the house; people are not asked for it.
#[derive(Debug)]
pub struct Application {
    secret: String,
    recorder: Recorder,
    numbers: Mutex<Numbers>,
}

#[derive(Debug, Default)]
struct Numbers {
    users: u32,
    tokens: HashMap<String, u64>,
}

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    user: UserNo,
    session: SessionNo,
    token: String,
}

/// A code that was got.
#[derive(Clone, Debug)]
pub struct Code {
    user: UserNo,
    text: String,
    by: OperationId,
}

/// What a code became, and the tokens that are current.
#[derive(Clone, Debug)]
pub struct Grant {
    user: UserNo,
    by: OperationId,
    /// The refresh token that was given last.
    pub refresh: String,
    access: String,
}

impl Application {
    /// Registers it in a database that has its schema, as an operator does.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn register(url: &str, seed: u64) -> Result<Self> {
        let args = ["client", "create", ID, "--preset", "server", "--redirect-uri", REDIRECT];
        let args = [&args[..], &["--set", "consent=skip", "--json"]].concat();
        let output = run(&args, &[("DATABASE_URL", url)], "").await?;
        ensure!(output.status.success(), "client create: {}", output.stderr);
        let said: Value = serde_json::from_str(&output.stdout)?;
        let secret = said["client_secret"].as_str().context("no secret")?.to_owned();
        let random = uuid::Uuid::new_v4().simple().to_string();
        let recorder = Recorder::new(Run { name: format!("proof-{}", &random[..12]), seed });
        Ok(Self { secret, recorder, numbers: Mutex::default() })
    }

    /// What was asked so far.
    #[must_use]
    pub fn history(&self) -> History {
        self.recorder.history()
    }

    /// Somebody new, with a session.
    ///
    /// # Errors
    /// When she is refused.
    pub async fn newcomer(&self, at: &Client) -> Result<Person> {
        let user = {
            let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
            numbers.users += 1;
            UserNo(numbers.users)
        };
        let name = format!("{}-{}", self.recorder.run().name, user.0);
        let kind = Kind::Register { name: name.clone(), password: PasswordNo(1) };
        let body = json!({ "username": name, "password": "the right password" });
        let asking = at.post_json("/register", &body);
        let (by, answer) = self.ask(kind, user, None, asking).await;
        let said = answer.context("no answer to a registration")?.json()?;
        let token = said["token"].as_str().context("a registration was refused")?.to_owned();
        Ok(Person { user, session: SessionNo(by), token })
    }

    /// Her browser comes with a request of the application; the code that it is sent back with.
    pub async fn authorize(&self, at: &Client, person: &Person) -> Option<Code> {
        let path = format!(
            "/oauth2/authorize?response_type=code&client_id={ID}&redirect_uri={REDIRECT_ENCODED}\
             &scope=openid+profile&state=s&nonce=n&code_challenge={CHALLENGE}\
             &code_challenge_method=S256"
        );
        let cookie = format!("tokenhouse-session={}", person.token);
        let asking = at.get(&path).header("cookie", &cookie);
        let session = Some(person.session);
        let (by, answer) = self.ask(Kind::Authorize, person.user, session, asking).await;
        let text = said::code(&answer?)?.to_owned();
        Some(Code { user: person.user, text, by })
    }

    /// Turns a code into a grant.
    pub async fn redeem(&self, at: &Client, code: &Code) -> Option<Grant> {
        let form = self.form(&format!(
            "grant_type=authorization_code&code={}&redirect_uri={REDIRECT_ENCODED}\
             &code_verifier={VERIFIER}",
            code.text
        ));
        let kind = Kind::Redeem { code: code.by };
        let (by, answer) = self.ask(kind, code.user, None, token(at, &form)).await;
        let (refresh, access) = said::tokens(&answer?)?;
        Some(Grant { user: code.user, by, refresh, access })
    }

    /// Presents a refresh token of a grant; the next one, and the access token, where it is good.
    pub async fn refresh(
        &self,
        at: &Client,
        grant: &Grant,
        presented: &str,
    ) -> Option<(String, String)> {
        let form = self.form(&format!("grant_type=refresh_token&refresh_token={presented}"));
        let kind = Kind::Refresh { grant: grant.by, token: self.number(presented) };
        let (_, answer) = self.ask(kind, grant.user, None, token(at, &form)).await;
        said::tokens(&answer?)
    }

    /// Has a grant turned to its next tokens; whether it was.
    pub async fn turn(&self, at: &Client, grant: &mut Grant) -> bool {
        let next = self.refresh(at, grant, &grant.refresh).await;
        let turned = next.is_some();
        if let Some((refresh, access)) = next {
            (grant.refresh, grant.access) = (refresh, access);
        }
        turned
    }

    /// Asks about the person, with the access token that was given last.
    pub async fn user_info(&self, at: &Client, grant: &Grant) {
        let asking = at.get("/oauth2/userinfo").bearer(&grant.access);
        self.ask(Kind::UserInfo { grant: grant.by }, grant.user, None, asking).await;
    }

    /// Reads the public keys.
    pub async fn keys(&self, at: &Client) {
        self.ask(Kind::Keys, UserNo(0), None, at.get("/oauth2/jwks")).await;
    }

    fn form(&self, fields: &str) -> String {
        format!("{fields}&client_id={ID}&client_secret={}", self.secret)
    }

    fn number(&self, token: &str) -> TokenNo {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = numbers.tokens.len() as u64 + 1;
        TokenNo(*numbers.tokens.entry(token.to_owned()).or_insert(next))
    }

    /// Asks, and takes it down.
    async fn ask(
        &self,
        kind: Kind,
        user: UserNo,
        session: Option<SessionNo>,
        asking: Request<'_>,
    ) -> (OperationId, Option<Answer>) {
        let started = self.recorder.start(kind.clone(), user, session, Nanos::now());
        let id = started.id();
        let name = self.recorder.run().request_id(id);
        let asking = asking.header("host", HOST).header("x-request-id", &name);
        let answer: Result<Answer, Failure> = asking.send().await;
        let ret = Nanos::now();
        if let Err(Failure::Refused(_)) = answer {
            // Nobody was there, so nobody was asked.
            return (id, None);
        }
        let process = answer.as_ref().ok().and_then(Answer::process).map(str::to_owned);
        let outcome = said::outcome(&kind, &answer, |token| self.number(token));
        self.recorder.end(started, ret, process, outcome);
        (id, answer.ok())
    }
}

fn token<'a>(at: &'a Client, form: &str) -> Request<'a> {
    at.post("/oauth2/token").form(form)
}
