//! Somebody who wants an account: what she typed is judged all at once, then her names are looked for, and only
//! then is a hash paid for. What her account is then made with, registration and setup decide.

use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::limit::{self, Limit, Verdict};
use tokenhouse_rules::password;
use tokenhouse_rules::user::{BadName, Email, Username};
use tokenhouse_store::{NewUser, User};

use crate::app::App;
use crate::entropy;
use crate::error::Problem;
use crate::extract::client::Client;
use crate::signed_in::Prepared;
use crate::told::Told;

/// What somebody typed.
pub(crate) struct Typed<'a> {
    pub username: &'a str,
    pub password: &'a SecretString,
    pub email: Option<&'a str>,
}

/// What is asked of her address.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// She has to have one.
    pub required: bool,
    /// She may not have somebody else's as her user name: it will be claimed by who reads its mail.
    pub guarded: bool,
    /// The only one that she may have.
    pub invited: Option<&'a str>,
}

/// Her names, judged, and not looked for yet.
pub(crate) struct Newcomer {
    pub username: Username,
    pub email: Option<Email>,
}

/// Why a name is refused that is one.
#[derive(Clone, Copy)]
enum Refusal {
    Taken,
    NotInvited,
    AnothersAddress,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Taken => "is taken",
            Self::NotInvited => "is not the address that is invited",
            Self::AnothersAddress => "must be the e-mail address when it is one",
        })
    }
}

impl From<Refusal> for Told {
    fn from(refusal: Refusal) -> Self {
        Self::plain(match refusal {
            Refusal::Taken => "taken",
            Refusal::NotInvited => "not-invited",
            Refusal::AnothersAddress => "anothers-address",
        })
    }
}

impl Newcomer {
    /// Every member is judged before anything is said, so that a person corrects all at once.
    pub(crate) fn judge(app: &App, typed: &Typed<'_>, terms: Terms<'_>) -> Result<Self, Problem> {
        let mut problem = Problem::invalid();
        let username = Username::parse(typed.username);
        if let Err(wrong) = &username {
            problem = problem.refuse("/username", *wrong);
        }
        let given = typed.email.or(terms.invited);
        let mut email = given.map(Email::parse).transpose();
        if let (Ok(username), Ok(None)) = (&username, &email) {
            email = Ok(username.as_email());
        }
        match &email {
            Err(wrong) => problem = problem.refuse("/email", *wrong),
            Ok(None) if terms.required => problem = problem.refuse("/email", BadName::Empty),
            Ok(Some(email)) if terms.invited.is_some_and(|one| !is_same(one, email)) => {
                problem = problem.refuse("/email", Refusal::NotInvited);
            }
            Ok(_) => {}
        }
        if let (Ok(username), Ok(Some(email))) = (&username, &email)
            && terms.guarded
            && username.as_email().is_some_and(|own| own.key() != email.key())
        {
            problem = problem.refuse("/username", Refusal::AnothersAddress);
        }
        let known: Vec<&str> = std::iter::once(typed.username).chain(given).collect();
        let chosen = typed.password.expose_secret();
        if let Err(refusal) = password::accept(chosen, &known, app.settings.password_min) {
            problem = problem.refuse("/password", refusal);
        }
        match (username, email) {
            (Ok(username), Ok(email)) if problem.errors.is_empty() => Ok(Self { username, email }),
            _ => Err(problem),
        }
    }

    /// The names she will sign in with; with `claims_address`, her address among them.
    pub(crate) fn keys(&self, claims_address: bool) -> Vec<String> {
        let email = self.email.as_ref().map(Email::key);
        let mut keys = vec![self.username.key()];
        match claims_address {
            true => keys.extend(email),
            // Nobody's before it is confirmed, also as a user name.
            false => keys.retain(|key| Some(*key) != email),
        }
        keys.dedup();
        keys.into_iter().map(str::to_owned).collect()
    }

    /// An account under these names, with a session to open, if none of them is taken. With a limit, the client's
    /// address is counted.
    pub(crate) async fn prepare(
        &self,
        (app, client): (&App, &Client),
        keys: Vec<String>,
        password: &SecretString,
        limit: Option<Limit>,
    ) -> Result<(NewUser, Prepared), Problem> {
        let place = app.hashing.reserve()?;
        let address = client.address.zip(limit);
        // Beside the key that counts attempts to sign in: neither uses up the other.
        let address = address
            .map(|(from, limit)| (format!("reg:{}", limit::address_key(from)), limit.cost()));
        let facts = app.store.registration_facts(keys.clone(), address).await?;
        if let Verdict::Refused { by, wait } = facts.verdict {
            return Err(Problem::beyond((by, limit), wait));
        }
        if !facts.taken.is_empty() {
            return Err(self.taken(&facts.taken));
        }
        let hash = place.hash(password.expose_secret()).await?;
        let id = UserId::new(facts.now, entropy::bytes());
        let prepared = Prepared::new(app, id, facts.now, client);
        let new = NewUser {
            id,
            username: self.username.shown().to_owned(),
            email: self.email.as_ref().map(|email| email.shown().to_owned()),
            email_confirmed: false,
            pending_email: None,
            names: keys,
            password: hash,
            created_at: facts.now,
            session: Some(prepared.session.clone()),
            confirmation: None,
            invitation: None,
            trail: client.trail(Event::UserRegistered, facts.now),
        };
        Ok((new, prepared))
    }

    /// Where both are taken the user name is named; the address is judged again with the next one.
    pub(crate) fn taken(&self, names: &[String]) -> Problem {
        let (code, title, pointer) = if names.iter().any(|name| name == self.username.key()) {
            ("username_taken", "This user name is taken", "/username")
        } else {
            ("email_taken", "This e-mail address is taken", "/email")
        };
        Problem::new(StatusCode::CONFLICT, code, title).refuse(pointer, Refusal::Taken)
    }
}

/// Whether that is the same address, however it is written.
pub(crate) fn is_same(one: &str, email: &Email) -> bool {
    Email::parse(one).is_ok_and(|one| one.key() == email.key())
}

/// The user as she is shown, once she is stored.
pub(crate) fn made(new: &NewUser) -> User {
    User {
        id: new.id,
        username: new.username.clone(),
        email: new.email.clone(),
        created_at: new.created_at,
        locked_at: None,
        version: 1,
    }
}
