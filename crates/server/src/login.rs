//! `POST /login`: two round trips, and a hash between them with no connection held.
//!
//! The attempt is counted before the password is looked at (OWASP ASVS 6.3.1), and given back by
//! success. An unknown user costs the same time as a wrong password and gets the same answer (6.3.8).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::limit::{self, Verdict};
use tokenhouse_rules::registration::Address;
use tokenhouse_rules::user;
use tokenhouse_store::{Asking, Credential, OpenSession, Opened, Refund, SignIn, SignInFacts};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::{Json as Body, JsonOrForm};
use crate::extract::client::Client;
use crate::hashing::{self, Place};
use crate::log::Level;
use crate::metrics::Outcome;
use crate::signed_in::{Prepared, SignedIn};
use crate::{email, notices};

/// How often an account may change under a login before it is given up.
const ROUNDS: usize = 3;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// User name or e-mail address.
    pub username: String,
    /// Exactly as it was chosen.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// Sign in.
#[utoipa::path(post, path = "/login", tag = "sessions",
    request_body(content((Credentials = "application/json"),
                         (Credentials = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Signed in", body = SignedIn),
              (status = 401, description = "`invalid_credentials`", body = Document),
              (status = 403, description = "`account_locked` or `email_not_verified`",
               body = Document),
              (status = 429, description = "Too many attempts; see `Retry-After`", body = Document,
               headers(("RateLimit-Policy" = String, description = "The limit that was met"),
                       ("RateLimit" = String, description = "When its next attempt is due"))),
              (status = 503, description = "Try again; see `Retry-After`", body = Document)))]
pub(crate) async fn login(
    State(app): State<App>,
    client: Client,
    JsonOrForm(given): JsonOrForm<Credentials>,
) -> Result<Json<SignedIn>, Problem> {
    sign_in(&app, &client, &given).await.map(Json)
}

/// Judges the credentials and opens a session: for the API and for the page.
pub(crate) async fn sign_in(
    app: &App,
    client: &Client,
    given: &Credentials,
) -> Result<SignedIn, Problem> {
    let mut attempt = Attempt::new(app, client, given);
    // First of all: what would be refused for want of time does not trouble the database.
    let place = attempt.reserve()?;
    let facts = attempt.count().await?;
    let (judged, rehash) = attempt.judge(facts, place).await?;
    attempt.refuse_unconfirmed(&judged.1)?;
    attempt.open(judged, rehash).await
}

/// Have the link to confirm an address sent once more, where nobody signs in before that.
#[utoipa::path(post, path = "/login/confirmation", tag = "account", request_body = Credentials,
    responses((status = 202, description = "A link was sent; those before it end"),
              (status = 401, description = "`invalid_credentials`", body = Document),
              (status = 403, description = "`account_locked`", body = Document),
              (status = 409, description = "`nothing_to_confirm`", body = Document),
              (status = 429, description = "Too many attempts; see `Retry-After`", body = Document),
              (status = 501, description = "`mail_not_configured`", body = Document)))]
pub(crate) async fn confirmation(
    State(app): State<App>,
    client: Client,
    Body(given): Body<Credentials>,
) -> Result<StatusCode, Problem> {
    confirm_again(&app, &client, &given).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Judges the credentials as [`sign_in`] does, and has the link sent once more: for the API and for the page.
pub(crate) async fn confirm_again(
    app: &App,
    client: &Client,
    given: &Credentials,
) -> Result<(), Problem> {
    let attempt = Attempt::new(app, client, given);
    let place = attempt.reserve()?;
    let facts = attempt.count().await?;
    let ((_, Credential { user, epoch, .. }), _) = attempt.judge(facts, place).await?;
    let refunds = attempt.refunds(user.id);
    let who = Asking::Judged { user: user.id, epoch, refunds };
    email::again(app, client, (who, &user.username)).await
}

struct Attempt<'a> {
    app: &'a App,
    client: &'a Client,
    password: &'a SecretString,
    question: SignIn,
}

impl<'a> Attempt<'a> {
    fn new(app: &'a App, client: &'a Client, given: &'a Credentials) -> Self {
        // A text that can be nobody's name is asked for all the same: same time, same answer.
        let name = user::login_key(&given.username).unwrap_or_else(|| "\u{1}".to_owned());
        let address = client.address.zip(app.settings.limit_address);
        let question = SignIn {
            unknown_key: limit::unknown_name_key(&given.username.to_lowercase()),
            name,
            account: app.settings.limit_account.map(|limit| limit.cost()),
            address: address.map(|(from, limit)| (limit::address_key(from), limit.cost())),
        };
        Self { app, client, password: &given.password, question }
    }

    fn reserve(&self) -> Result<Place, Problem> {
        let place = self.app.hashing.reserve();
        Ok(place.inspect_err(|_| self.app.metrics.attempt(Outcome::Overloaded))?)
    }

    async fn count(&self) -> Result<SignInFacts, Problem> {
        let facts = self.app.store.sign_in_facts(self.question.clone()).await?;
        if let Verdict::Refused { by, wait } = facts.verdict {
            self.app.metrics.attempt(Outcome::Limited);
            self.note(Level::Warn, "tokenhouse.login.limited", facts.credential.as_ref());
            return Err(Problem::limited(&self.app.settings, by, wait));
        }
        Ok(facts)
    }

    /// The account, if the password is right; and the hash to replace, if it is outdated.
    async fn judge(
        &self,
        facts: SignInFacts,
        place: Place,
    ) -> Result<((SignInFacts, Credential), Option<(String, String)>), Problem> {
        let hash = facts.credential.as_ref().map(|known| known.hash.as_str());
        let password = self.password.expose_secret();
        let verdict = place.verify(password, hash).await.inspect_err(|_| {
            self.app.metrics.attempt(Outcome::Overloaded);
        })?;
        let outdated = match verdict {
            hashing::Verdict::Right { outdated } => outdated,
            hashing::Verdict::Wrong => return Err(self.refuse(&facts)),
            hashing::Verdict::Corrupt => {
                self.app.metrics.corrupt_hash();
                self.note(Level::Error, "tokenhouse.password.corrupt", facts.credential.as_ref());
                return Err(self.refuse(&facts));
            }
        };
        let Some(credential) = facts.credential.clone() else { return Err(self.refuse(&facts)) };
        self.refuse_locked(&credential)?;
        let rehash = match outdated {
            true => Some((credential.hash.clone(), self.app.hashing.hash(password).await?)),
            false => None,
        };
        Ok(((facts, credential), rehash))
    }

    /// Opens the session. When the account changed since it was judged, it is looked at again, without
    /// another count: the same hash is still the right password, any other is not.
    async fn open(
        &mut self,
        (mut facts, mut credential): (SignInFacts, Credential),
        rehash: Option<(String, String)>,
    ) -> Result<SignedIn, Problem> {
        let refunds = self.refunds(credential.user.id);
        for _ in 0..ROUNDS {
            let prepared = Prepared::new(self.app, credential.user.id, facts.now, self.client);
            let opening = OpenSession {
                user: credential.user.id,
                epoch: credential.epoch,
                session: prepared.session.clone(),
                rehash: rehash.clone(),
                refunds: refunds.clone(),
                mail: notices::new_device(
                    self.app,
                    self.client,
                    &credential.user.username,
                    facts.now,
                ),
                trail: self.client.trail(Event::SessionOpened, facts.now),
            };
            if self.app.store.open_session(opening).await? == Opened::Open {
                self.app.metrics.attempt(Outcome::Succeeded);
                self.note(Level::Info, "tokenhouse.session.opened", Some(&credential));
                return Ok(prepared.answer(&credential.user));
            }
            self.question.account = None;
            self.question.address = None;
            facts = self.app.store.sign_in_facts(self.question.clone()).await?;
            match &facts.credential {
                Some(now) if now.hash == credential.hash => credential = now.clone(),
                _ => return Err(self.refuse(&facts)),
            }
            self.refuse_locked(&credential)?;
        }
        Err(Problem::too_slow())
    }

    fn refunds(&self, user: UserId) -> Vec<Refund> {
        let key = limit::account_key(user);
        let account = self.question.account.map(|cost| Refund { key, step: cost.step });
        let address = self.question.address.as_ref();
        let address = address.map(|(key, cost)| Refund { key: key.clone(), step: cost.step });
        address.into_iter().chain(account).collect()
    }

    fn refuse(&self, facts: &SignInFacts) -> Problem {
        self.app.metrics.attempt(Outcome::Refused);
        self.note(Level::Warn, "tokenhouse.login.refused", facts.credential.as_ref());
        Problem::invalid_credentials()
    }

    /// Said only after the right password.
    fn refuse_locked(&self, credential: &Credential) -> Result<(), Problem> {
        if credential.user.locked_at.is_none() {
            return Ok(());
        }
        self.app.metrics.attempt(Outcome::Locked);
        self.note(Level::Warn, "tokenhouse.login.locked", Some(credential));
        Err(Problem::new(StatusCode::FORBIDDEN, "account_locked", "This account is locked"))
    }

    /// Said only after the right password.
    fn refuse_unconfirmed(&self, credential: &Credential) -> Result<(), Problem> {
        if credential.email_confirmed || self.app.settings.address != Address::Confirmed {
            return Ok(());
        }
        self.app.metrics.attempt(Outcome::Unconfirmed);
        self.note(Level::Warn, "tokenhouse.login.unconfirmed", Some(credential));
        let title = "The e-mail address is not confirmed yet";
        Err(Problem::new(StatusCode::FORBIDDEN, "email_not_verified", title))
    }

    fn note(&self, level: Level, name: &str, credential: Option<&Credential>) {
        let attributes = json!({
            "user.id": credential.map(|known| known.user.id.to_string()),
            "client.address": self.client.address_text(),
            "tokenhouse.request.id": self.client.request_id,
        });
        self.app.log.event(level, name, attributes);
    }
}
