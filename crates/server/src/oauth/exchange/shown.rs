//! The tokens that a service shows when it asks for another one: which sort they are said to be, whether they are of
//! this issuer, and what has to live for them to be worth anything.

use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::claims::MAY_ACT;
use tokenhouse_rules::oauth::dpop::Thumbprint;
use tokenhouse_rules::oauth::exchange::{Bond, Shown, TokenType};
use tokenhouse_rules::oauth::scope::Scopes;
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::token;
use tokenhouse_store::{Alive, Basis, Party, SessionKey};

use crate::app::App;
use crate::oauth::error::OAuthFailure;
use crate::oauth::form::PostedForm;
use crate::oauth::presented::{self, Presented};

/// A genuine token. Whether it is alive is not known.
pub(super) struct Token {
    pub shown: Shown,
    /// With what the next one ends.
    pub bond: Bond,
    pub party: Party,
    /// What an access token says.
    pub claims: Option<Box<Claims>>,
    /// Of the token of a session.
    pub session: Option<SessionKey>,
}

/// The token whose worth another one is to have; none where it is garbage.
pub(super) async fn subject(app: &App, form: &PostedForm) -> Result<Option<Token>, OAuthFailure> {
    let text = form.needed("subject_token", "The subject_token is missing")?;
    let kind = form.needed("subject_token_type", "The subject_token_type is missing")?;
    let unknown = OAuthFailure::invalid_request("The subject_token_type is not known here");
    open(app, text, TokenType::named(kind).ok_or(unknown)?).await
}

/// The token of who is to act, if somebody is: none within where it is garbage.
pub(super) async fn actor(
    app: &App,
    form: &PostedForm,
) -> Result<Option<Option<Token>>, OAuthFailure> {
    let text = form.parameters.text("actor_token");
    match (text, form.parameters.text("actor_token_type")) {
        (None, None) => Ok(None),
        (Some(text), Some(kind)) => {
            let unknown = OAuthFailure::invalid_request("The actor_token_type is not known here");
            open(app, text, TokenType::named(kind).ok_or(unknown)?).await.map(Some)
        }
        // RFC 8693 §2.1: one never comes without the other.
        _ => {
            let why = "The actor_token and the actor_token_type go together";
            Err(OAuthFailure::invalid_request(why))
        }
    }
}

/// Reads a token as what it is said to be, and as nothing else.
async fn open(app: &App, text: &str, kind: TokenType) -> Result<Option<Token>, OAuthFailure> {
    if kind == TokenType::Session {
        return Ok(token::open(text, &app.root).ok().map(Token::of_session));
    }
    let is_opaque = text.starts_with(access_token::PREFIX);
    match presented::open(app, text).await? {
        Presented::Access(_) if kind == TokenType::Jwt && is_opaque => Ok(None),
        Presented::Access(claims) => Ok(Token::of_claims(claims)),
        Presented::Refresh(_) | Presented::Nothing => Ok(None),
    }
}

/// What has to live for an access token to be worth something; nothing for one of which that cannot be said, as
/// for those that services behind a proxy get.
pub(super) fn party(claims: &Claims) -> Option<Party> {
    let mut clients = vec![claims.client_id.clone()];
    let basis = match bond(claims)? {
        Bond::Session(id) => {
            Basis::Session { id, user: claims.sub.parse().ok()?, secret_hash: None }
        }
        Bond::Grant(id) => Basis::Grant(id),
        Bond::Client(id) => {
            clients.push(id);
            Basis::Clients
        }
    };
    Some(Party { basis, clients, revocation: Some(access_token::revocation(claims)) })
}

fn bond(claims: &Claims) -> Option<Bond> {
    match (&claims.bond, claims.gid) {
        (Some(bond), _) => Some(bond.clone()),
        (None, Some(grant)) => Some(Bond::Grant(grant)),
        (None, None) => {
            (claims.sub == claims.client_id).then(|| Bond::Client(claims.client_id.clone()))
        }
    }
}

impl Token {
    fn of_session(token: token::Presented) -> Self {
        let key = SessionKey::from(token);
        let shown = Shown {
            sub: key.user.to_string(),
            issued: None,
            scope: None,
            ends: token.expires_at.seconds(),
            act: None,
            may_act: None,
        };
        let secret_hash = Some(key.secret_hash);
        let basis = Basis::Session { id: key.id, user: key.user, secret_hash };
        let party = Party { basis, clients: Vec::new(), revocation: None };
        Self { shown, bond: Bond::Session(key.id), party, claims: None, session: Some(key) }
    }

    fn of_claims(claims: Box<Claims>) -> Option<Self> {
        let shown = Shown {
            sub: claims.sub.clone(),
            issued: Some((claims.client_id.clone(), claims.aud.clone())),
            scope: Some(Scopes::parse(&claims.scope).ok()?),
            ends: claims.exp,
            act: claims.act.clone(),
            may_act: claims.extra.get(MAY_ACT).cloned(),
        };
        let (bond, party) = (bond(&claims)?, party(&claims)?);
        Some(Self { shown, bond, party, claims: Some(claims), session: None })
    }

    /// Nor does it outlive what it stands for.
    pub(super) fn ends_with(&mut self, expiry: Option<Expiry>) {
        if let Some(expiry) = expiry {
            self.shown.ends = self.shown.ends.min(expiry.live_until.seconds());
        }
    }

    /// Whether it speaks for whom the row says.
    pub(super) fn is_of(&self, alive: &Alive) -> bool {
        alive.owner.as_ref().is_none_or(|owner| owner.user.id.to_string() == self.shown.sub)
    }

    /// The key whose possession a client has to prove with a token of its own (RFC 9449). A service that was shown
    /// a token has seen the proof, and cannot make another.
    pub(super) fn key_of(&self, client: &str) -> Option<&Thumbprint> {
        let claims = self.claims.as_ref().filter(|claims| claims.client_id == client)?;
        claims.cnf.as_ref().map(|cnf| &cnf.jkt)
    }
}
