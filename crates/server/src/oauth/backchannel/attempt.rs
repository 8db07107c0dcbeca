//! One attempt to tell an application that a session ended: what it wants by now, the token, and the way to it.

use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::form;
use tokenhouse_rules::oauth::jws::Typ;
use tokenhouse_rules::oauth::logout_token::{self, Ending};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::Logout;
use zeroize::Zeroizing;

use crate::oauth::issue;
use crate::oauth::keyring::Keys;
use crate::oauth::receiver::{Failed, Http};

/// What all attempts of one turn share.
pub(super) struct Attempt<'a> {
    pub keys: &'a Keys,
    /// The database's time.
    pub now: Timestamp,
    pub issuer: &'a str,
    pub http: &'a Http,
}

impl Attempt<'_> {
    /// Tells it; `false` when there is nobody any more who wants to be told.
    pub(super) async fn tell(&self, logout: &Logout) -> Result<bool, Failed> {
        let Some(settings) = &logout.settings else { return Ok(false) };
        let settings = Settings::stored(settings).map_err(|_| Failed::Settings)?;
        let Some(address) = &settings.backchannel_logout_uri else { return Ok(false) };
        let token = self.token(logout, &settings)?;
        let form = Zeroizing::new(form::encode(&[("logout_token", token.as_str())]));
        self.http.post(address, &form).await.map(|()| true)
    }

    /// Signed as the ID tokens that the application knows (Back-Channel Logout §2.6).
    fn token(&self, logout: &Logout, settings: &Settings) -> Result<Zeroizing<String>, Failed> {
        let signer = self.keys.signer(settings.id_token_algorithm, self.now);
        let claims = logout_token::claims(Ending {
            issuer: self.issuer,
            client: &logout.client,
            session: logout.session,
            subject: logout.user,
            jti: issue::unique(),
            iat: self.now.seconds(),
        });
        let signed = signer.ok_or(Failed::Key)?.sign(Typ::LogoutToken, &claims);
        signed.map(Zeroizing::new).map_err(|_| Failed::Key)
    }
}
