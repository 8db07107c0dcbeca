//! `/login/continue`: the way back to a service on another host, whose proxy sent somebody here to sign in.
//!
//! Nobody is sent to an address because it stands in a query: it must be on https or on this very machine, on a host
//! that gets the cookie, and a client of a proxy must answer for it (RFC 9700 §4.11). This is also where a browser
//! gets that cookie whose session began without one.

use axum::extract::State;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::oauth::forwarding;
use tokenhouse_rules::service_address::ServiceAddress;
use tokenhouse_store::SessionKey;

use super::cookies;
use super::person::to_sign_in;
use super::places::{self, AFTER_SIGN_IN, CONTINUE};
use super::render;
use super::visitor::{Here, Ticket, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::forward_auth::{answering, unknown_service};
use crate::presence::renew;

/// What means something in a query, or may not stand in an address.
const SPECIAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The longest `Location` that is written: nginx has room for 4 KiB of an answer's head.
const MOST_LOCATION: usize = 3000;

/// Sends her on, or to sign in first.
pub(super) async fn show(State(app): State<App>, Here(mut visitor, _): Here, uri: Uri) -> Response {
    let Some(address) = wanted(&app, &uri) else { return unknown_service().into_response() };
    match seconds_left(&app, &visitor, &address).await {
        Ok(Some((key, seconds))) => {
            let mut response = render::see_other(&address.to_string());
            if let Some(shown) = cookies::show(&app, &key, visitor.is_secure(), seconds) {
                render::cookie(&mut response, shown);
            }
            response
        }
        Ok(None) => {
            visitor.here = LocalPath::parse(&back_to(&address), AFTER_SIGN_IN);
            to_sign_in(&visitor)
        }
        Err(problem) => problem.into_response(),
    }
}

/// The address that is asked for, if a browser would show our cookie there, and nobody could read it on the way.
fn wanted(app: &App, uri: &Uri) -> Option<ServiceAddress> {
    let to = places::parameter(uri.query()?, "to")?;
    let address = ServiceAddress::parse(&to).ok()?;
    let domain = app.settings.cookie_domain.as_deref()?;
    let is_reached = forwarding::covers(domain, address.host());
    (is_reached && address.origin().is_protected()).then_some(address)
}

/// Her session and for how long it lasts at most, if there is one: one round trip, which also says whether the host
/// is answered for.
async fn seconds_left(
    app: &App,
    visitor: &Visitor,
    address: &ServiceAddress,
) -> Result<Option<(SessionKey, u64)>, Problem> {
    let key = match visitor.ticket {
        Ticket::Session(key) => Some(key),
        Ticket::None | Ticket::Void => None,
    };
    let facts = app.store.access_facts(address.host(), key.as_ref()).await?;
    answering(&facts)?;
    let (Some(key), Some(expiry)) = (key, facts.expiry) else { return Ok(None) };
    renew(app, &key, expiry, facts.now).await;
    Ok(Some((key, expiry.expires_at.since(facts.now).as_secs())))
}

/// The sign-in page, which leads back to an address on another host.
pub(crate) fn sign_in_at(app: &App, address: &ServiceAddress) -> HeaderValue {
    let base = app.settings.issuer();
    let at =
        |address: &ServiceAddress| format!("{base}/login?return_to={}", encoded(&back_to(address)));
    let address = address.protected();
    let [path, first] = address.shorter();
    let fitting = [at(&address), at(&path)].into_iter().find(|to| to.len() <= MOST_LOCATION);
    let to = fitting.unwrap_or_else(|| at(&first));
    HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/login"))
}

/// The path by which she goes back there.
fn back_to(address: &ServiceAddress) -> String {
    format!("{CONTINUE}?to={}", encoded(&address.to_string()))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SPECIAL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_being_a_parameter_of_a_parameter() {
        let sent = "https://app.example.org/a%20b?c=d&e=%26+f";
        let address = ServiceAddress::parse(sent).expect("an address");
        let written = "/login/continue?to=https://app.example.org/a%2520b?c=d%26e=%2526%2Bf";
        assert_eq!(back_to(&address), written);
        for special in ["", "\"", "<", ">", "\\", "'", "^", "`", "{", "|", "}", "&", "%", "+", "="]
        {
            let sent = format!("https://app.example.org/?a={special}");
            let address = ServiceAddress::parse(&sent).expect("an address");
            let query = format!("return_to={}", encoded(&back_to(&address)));
            let path = places::parameter(&query, "return_to").expect("a path");
            assert!(LocalPath::parse(&path, AFTER_SIGN_IN).is_some(), "{path}");
            let (_, query) = path.split_once('?').expect("a query");
            assert_eq!(places::parameter(query, "to"), Some(sent));
        }
    }
}
