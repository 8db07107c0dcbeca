//! A request for authorization, from its parameters to its answer: facts, a pure decision, and one write where a
//! code is issued. Nothing is kept between two steps of a person: the whole request comes along and is judged anew.

use std::time::Duration;

use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::oauth::authorize::{
    self, ASKED_AT, Authorized, Carried, Destination, Person, Refusal, Request, Shown, Step,
};
use tokenhouse_rules::oauth::client::{CODE_LIFETIME, Settings};
use tokenhouse_rules::oauth::code;
use tokenhouse_rules::oauth::form::Parameters;
use tokenhouse_rules::oauth::scope::Scopes;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::token::secret_hash;
use tokenhouse_store::{Client, Error, NewCode, Pushed, SessionKey, SignedIn};

use super::carried::{self, Understood, Wrong};
use super::hint::Hint;
use crate::app::App;
use crate::entropy;
use crate::error::Problem;
use crate::extract::client::Client as Peer;
use crate::presence::renew;

/// A good request of a known application, and before whom it is.
pub(crate) struct Inquiry {
    /// What people call the application.
    pub application: String,
    pub request: Request,
    /// The database's time.
    pub now: Timestamp,
    pub signed_in: Option<SignedIn>,
    settings: Settings,
    /// Whether she is the one whom the application means.
    is_expected: bool,
    /// When she was sent to sign in for this very request, if she was.
    asked_at: Option<Timestamp>,
    /// Whether the address only leads to what is asked for.
    pub is_carried: bool,
    /// Whether it comes for the first time.
    is_new: bool,
    /// What its client sent ahead, if it did.
    pushed: Option<Pushed>,
}

/// What an application is told.
pub(crate) struct Answer {
    /// What people call the application.
    pub application: String,
    pub to: Destination,
    pub pairs: Vec<(&'static str, String)>,
}

/// What comes in the place of a decision.
pub(crate) enum Instead {
    /// The person is told, and stays here.
    Shown(Shown),
    /// The application is told.
    Told(Box<Answer>),
    Problem(Box<Problem>),
}

impl From<Shown> for Instead {
    fn from(shown: Shown) -> Self {
        Self::Shown(shown)
    }
}

impl From<Error> for Instead {
    fn from(error: Error) -> Self {
        Self::Problem(Box::new(error.into()))
    }
}

impl Inquiry {
    /// Understands a request, with one question to the database; with another for what was sent ahead.
    ///
    /// # Errors
    /// [`Instead`].
    pub(crate) async fn read(
        app: &App,
        parameters: &Parameters,
        session: Option<&SessionKey>,
    ) -> Result<Self, Instead> {
        let id = authorize::client(parameters)?;
        let facts = app.store.authorize_facts(id.as_str(), session).await?;
        let client = facts.client.ok_or(Shown::UnknownClient)?;
        if client.disabled_at.is_some() {
            return Err(Shown::DisabledClient.into());
        }
        let settings = settings_of(&client)?;
        let application = named(&client, &settings);
        let mark = parameters.text(ASKED_AT);
        let asked_at =
            mark.and_then(|mark| authorize::request_mark_time(&app.root, mark, parameters));
        let came_at = authorize::came_at(facts.now, asked_at);
        let understood = carried::understand(app, parameters, (&id, &settings), came_at).await;
        let Understood { request, how, pushed } = match understood {
            Ok(understood) => understood,
            Err(Wrong::Shown(shown)) => return Err(shown.into()),
            Err(Wrong::Error(error)) => return Err(error.into()),
            Err(Wrong::Refused(to, refusal)) => {
                let pairs = to.refusal(&refusal, super::issuer(app));
                return Err(Instead::Told(Box::new(Answer { application, to: *to, pairs })));
            }
        };
        if let (Some(session), Some(expiry)) = (session, facts.expiry) {
            renew(app, session, expiry, facts.now).await;
        }
        let is_expected = is_expected(app, &request, facts.signed_in.as_ref()).await?;
        Ok(Self {
            application,
            request,
            now: facts.now,
            signed_in: facts.signed_in,
            settings,
            is_expected,
            asked_at,
            is_carried: how != Carried::default(),
            is_new: came_at == facts.now,
            pushed,
        })
    }

    /// Whether it is in something whose time runs out, for which has to be noted when it came.
    pub(crate) fn is_to_be_marked(&self) -> bool {
        self.is_carried && self.is_new
    }

    /// Where the application says what it does with what it learns, and on which terms it may be used.
    pub(crate) fn links(&self) -> [Option<&str>; 2] {
        [&self.settings.policy_uri, &self.settings.tos_uri].map(Option::as_deref)
    }

    /// What has to happen next.
    pub(crate) fn step(&self) -> Step {
        let person = self.person();
        authorize::decide(&self.request, &self.settings, person.as_ref(), self.now, self.asked_at)
    }

    fn person(&self) -> Option<Person> {
        let SignedIn { since, consent, .. } = self.signed_in.as_ref()?;
        let consent = consent.as_deref().and_then(|text| Scopes::parse(text).ok());
        Some(Person { auth_time: *since, consent, expected: self.is_expected })
    }

    /// Issues a code; with it is remembered what she agreed to now, if she was asked. `None` when session or
    /// client ended meanwhile, or another code answered what was sent ahead: then the request has to be judged anew.
    pub(crate) async fn issue(
        &self,
        app: &App,
        peer: &Peer,
        session: &SessionKey,
        was_asked: bool,
    ) -> Result<Option<Answer>, Problem> {
        let Some(person) = self.person() else { return Ok(None) };
        let (id, secret) = (CodeId::new(self.now, entropy::bytes()), entropy::bytes());
        let authorized = Authorized::of(&self.request, person.auth_time);
        let code = NewCode {
            id,
            secret_hash: secret_hash(&secret),
            client: self.request.to.client().to_string(),
            session: *session,
            authorized: serde_json::to_string(&authorized).expect("it has texts and numbers only"),
            lifetime: Duration::from_secs(CODE_LIFETIME),
            consent: was_asked.then(|| person.agreeing(&self.request.agreement()).to_string()),
            pushed: self.pushed,
            trail: peer.trail(Event::ConsentGiven, self.now),
        };
        if !app.store.issue_code(code).await? {
            return Ok(None);
        }
        let code = code::seal(id, &secret, &app.root);
        Ok(Some(self.answer(self.request.to.code(&code, super::issuer(app)))))
    }

    /// Tells the application why it gets no code.
    pub(crate) fn refuse(&self, app: &App, refusal: &Refusal) -> Answer {
        self.answer(self.request.to.refusal(refusal, super::issuer(app)))
    }

    fn answer(&self, pairs: Vec<(&'static str, String)>) -> Answer {
        Answer { application: self.application.clone(), to: self.request.to.clone(), pairs }
    }
}

/// The settings of a client.
///
/// # Errors
/// When this release cannot read them.
pub(crate) fn settings_of(client: &Client) -> Result<Settings, Error> {
    Settings::stored(&client.settings)
        .map_err(|bad| Error::Corrupt(format!("settings of client {}: {bad}", client.id)))
}

/// What people call an application, whatever else its settings say.
pub(crate) fn name_of(client: &Client) -> String {
    settings_of(client).map_or_else(|_| client.id.clone(), |settings| named(client, &settings))
}

fn named(client: &Client, settings: &Settings) -> String {
    if settings.name.is_empty() { client.id.clone() } else { settings.name.clone() }
}

/// Whether the application means who is signed in. A hint that nobody here can read means anybody who is asked,
/// but nobody who is not.
async fn is_expected(
    app: &App,
    request: &Request,
    signed_in: Option<&SignedIn>,
) -> Result<bool, Error> {
    let Some(user) = signed_in.map(|person| person.owner.user.id) else { return Ok(true) };
    if !request.claims.admits(user) {
        return Ok(false);
    }
    let Some(text) = &request.id_token_hint else { return Ok(true) };
    let hint = Hint::read(app, text).await?;
    Ok(hint.map_or(!request.prompt.none, |hint| hint.user == user))
}
