//! Who asks, and where the answer is to go. What is wrong here is shown to the person: who sent her is not known,
//! and an answer to an address that nobody registered would be an open redirect (RFC 9700 §4.11.2).

use super::super::client::{ClientId, Settings};
use super::super::form::Parameters;
use super::super::redirect;
use super::super::request_object::BadObject;
use super::{Refusal, ResponseMode};

/// The longest `state`.
const MAX_STATE: usize = 4096;

/// Why a request is answered by a page and by no redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shown {
    /// Who asks is not said, or twice.
    #[error("client_id is missing, or comes more than once")]
    NoClient,
    /// There is no such application; also for what cannot be a `client_id`.
    #[error("there is no such client")]
    UnknownClient,
    /// An operator disabled it.
    #[error("the client is disabled")]
    DisabledClient,
    /// Where to answer is not said, or twice.
    #[error("redirect_uri is missing, or comes more than once")]
    NoRedirect,
    /// The application has not registered it.
    #[error("redirect_uri is not one that the client has registered")]
    UnknownRedirect,
    /// The request was not sent ahead, was by another client or too long ago, or has been answered.
    #[error("request_uri is not known (any more); the application has to send its request again")]
    UnknownRequest,
    /// What the client signed counts for nothing, and with it what it says of where to answer.
    #[error("the request object is not valid: {0}")]
    BadObject(BadObject),
}

/// Who says that it asks, and where it says that the answer is to go. Nothing of it is known to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Who.
    pub client: ClientId,
    /// Where.
    pub redirect_uri: String,
}

/// Where an answer goes: an address of the application's own. There is none but from [`destination`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    client: ClientId,
    redirect_uri: String,
    response_mode: ResponseMode,
    state: Option<String>,
}

/// Reads who asks, alone: where to answer may be in what it sent ahead, or signed.
///
/// # Errors
/// [`Shown`].
pub fn client(parameters: &Parameters) -> Result<ClientId, Shown> {
    let client = once(parameters, "client_id").ok_or(Shown::NoClient)?;
    ClientId::parse(client).map_err(|_| Shown::UnknownClient)
}

/// Reads who asks and where the answer is to go, before anything of it is looked up. Take parameters that were gathered, not parsed: one that
/// is repeated is an error which the application is told.
///
/// # Errors
/// [`Shown`].
pub fn client_and_redirect(parameters: &Parameters) -> Result<Asking, Shown> {
    let client = client(parameters)?;
    let redirect_uri = once(parameters, "redirect_uri").ok_or(Shown::NoRedirect)?.to_owned();
    Ok(Asking { client, redirect_uri })
}

fn once<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters.text(name).filter(|_| !parameters.is_repeated(name))
}

/// Judges where the answer is to go by the settings of the client that asks.
///
/// # Errors
/// [`Shown::UnknownRedirect`].
pub fn destination(
    asking: Asking,
    parameters: &Parameters,
    settings: &Settings,
) -> Result<Destination, Shown> {
    let Asking { client, redirect_uri } = asking;
    if !redirect::is_registered(&redirect_uri, &settings.redirect_uris, settings.kind) {
        return Err(Shown::UnknownRedirect);
    }
    let mode = parameters.text("response_mode").and_then(ResponseMode::named);
    let good = |text: &&str| is_state(text) && !parameters.is_repeated("state");
    let state = parameters.text("state").filter(good);
    Ok(Destination {
        client,
        redirect_uri,
        response_mode: mode.unwrap_or_default(),
        state: state.map(str::to_owned),
    })
}

/// Visible ASCII and spaces (RFC 6749 appendix A.5), and not without end.
pub(super) fn is_state(text: &str) -> bool {
    text.len() <= MAX_STATE && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

impl Destination {
    /// Whose it is.
    pub fn client(&self) -> &ClientId {
        &self.client
    }

    /// The address, as it was asked for.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// How the answer travels.
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// What the application wants back.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The answer to a request that was granted (§3.1.2.5), with who gives it (RFC 9207).
    pub fn code(&self, code: &str, issuer: &str) -> Vec<(&'static str, String)> {
        self.answer(vec![("code", code.to_owned())], issuer)
    }

    /// The answer to one that was refused (§3.1.2.6).
    pub fn refusal(&self, refusal: &Refusal, issuer: &str) -> Vec<(&'static str, String)> {
        let error = ("error", refusal.error.name().to_owned());
        let description = ("error_description", refusal.description.to_owned());
        self.answer(vec![error, description], issuer)
    }

    /// An answer as a `Location`, for [`ResponseMode::Query`].
    pub fn location(&self, answer: &[(&'static str, String)]) -> String {
        let pairs: Vec<_> = answer.iter().map(|(name, value)| (*name, value.as_str())).collect();
        redirect::with_query(&self.redirect_uri, &pairs)
    }

    fn answer(
        &self,
        mut answer: Vec<(&'static str, String)>,
        issuer: &str,
    ) -> Vec<(&'static str, String)> {
        answer.extend(self.state.iter().map(|state| ("state", state.clone())));
        answer.push(("iss", issuer.to_owned()));
        answer
    }
}
