//! The bearer token (RFC 6750 §2.1): shape and MAC are checked here, so that garbage never reaches the
//! database. Whether its session lives only the store can say.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tokenhouse_rules::token;
use tokenhouse_store::SessionKey;

use crate::app::App;
use crate::error::Problem;

/// The session that a genuine token names.
pub(crate) struct Bearer(pub SessionKey);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(AUTHORIZATION).iter();
        let (value, more) = (values.next(), values.next());
        if more.is_some() {
            return Err(Problem::invalid_token());
        }
        let value = value.ok_or_else(Problem::missing_token)?;
        let text = value.to_str().map_err(|_| Problem::invalid_token())?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::missing_token());
        }
        token::open(token.trim_matches(' '), &app.root)
            .map(|presented| Self(presented.into()))
            .map_err(|_| Problem::invalid_token())
    }
}
