//! What a request for authorization asks for, wherever that stands: in the address, in what its client sent ahead
//! (RFC 9126 §4), or in what it signed (RFC 9101 §5.1). In the latter two the address says whose it is, and nothing
//! else of it counts.

use tokenhouse_rules::oauth::authorize::{
    self, Carried, Destination, Refusal, Request, Shown, client_and_redirect, destination,
};
use tokenhouse_rules::oauth::client::{ClientId, Settings};
use tokenhouse_rules::oauth::form::Parameters;
use tokenhouse_rules::oauth::jws::Typ;
use tokenhouse_rules::oauth::{request_object, request_uri};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Error, Pushed};

use super::client_keys;
use crate::app::App;

/// A good request, and how it travelled.
pub(super) struct Understood {
    pub request: Request,
    pub how: Carried,
    pub pushed: Option<Pushed>,
}

/// What is wrong with one.
pub(super) enum Wrong {
    /// The person is told.
    Shown(Shown),
    /// The application is told, there.
    Refused(Box<Destination>, Refusal),
    Error(Error),
}

impl From<Shown> for Wrong {
    fn from(shown: Shown) -> Self {
        Self::Shown(shown)
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What a request holds. Nothing where the address itself says what is asked for.
#[derive(Default)]
struct Unpacked {
    inside: Option<Parameters>,
    how: Carried,
    pushed: Option<Pushed>,
}

/// Understands a request that came at `came_at`.
pub(super) async fn understand(
    app: &App,
    address: &Parameters,
    (client, settings): (&ClientId, &Settings),
    came_at: Timestamp,
) -> Result<Understood, Wrong> {
    let Unpacked { inside, how, pushed } =
        unpack(app, address, (client, settings), came_at).await?;
    let asked = inside.as_ref().unwrap_or(address);
    let to = destination(client_and_redirect(asked)?, asked, settings)?;
    let read = how.suffices(settings).and_then(|()| authorize::read(asked, settings, &to));
    match read {
        Ok(request) => Ok(Understood { request, how, pushed }),
        Err(refusal) => Err(Wrong::Refused(Box::new(to), refusal)),
    }
}

/// A `request_uri` of another server, and a `request` of a client without keys, stay in the address, where they are
/// refused.
async fn unpack(
    app: &App,
    address: &Parameters,
    (client, settings): (&ClientId, &Settings),
    came_at: Timestamp,
) -> Result<Unpacked, Wrong> {
    let once = |name: &str| address.text(name).filter(|_| !address.is_repeated(name));
    match (once("request_uri"), once("request")) {
        (Some(uri), None) if uri.starts_with(request_uri::PREFIX) => {
            pushed(app, uri, client, came_at).await
        }
        (None, Some(object)) if settings.signs() => {
            let signed = (object, Typ::RequestObject);
            let keys = client_keys::find(app, (client, settings), signed).await?;
            let issuer = super::issuer(app);
            match request_object::read(object, client, &keys, issuer, came_at) {
                Ok(inside) => {
                    let how = Carried { ahead: false, signed: true };
                    Ok(Unpacked { inside: Some(inside), how, pushed: None })
                }
                // Where the address names a place for answers that is registered, it goes there.
                Err(bad) => match client_and_redirect(address)
                    .and_then(|asking| destination(asking, address, settings))
                {
                    Ok(to) => Err(Wrong::Refused(Box::new(to), Refusal::object(bad))),
                    Err(_) => Err(Shown::BadObject(bad).into()),
                },
            }
        }
        _ => Ok(Unpacked::default()),
    }
}

async fn pushed(
    app: &App,
    uri: &str,
    client: &ClientId,
    came_at: Timestamp,
) -> Result<Unpacked, Wrong> {
    let id = request_uri::open(uri, &app.root).ok_or(Shown::UnknownRequest)?;
    let found = app.store.pushed_request(id).await?;
    let request = found
        .filter(|request| request.client == client.as_str() && request.expires_at > came_at)
        .ok_or(Shown::UnknownRequest)?;
    let inside = Parameters::gather(request.parameters.as_bytes())
        .map_err(|bad| Error::Corrupt(format!("a request that was sent ahead: {bad}")))?;
    // Whether it is signed was judged when it was sent.
    let how = Carried { ahead: true, signed: true };
    Ok(Unpacked { inside: Some(inside), how, pushed: Some(Pushed { id, came_at }) })
}
