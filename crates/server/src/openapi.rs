//! `GET /openapi.json`: the OpenAPI 3.1 document, made from the handlers themselves.

use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Server};

use crate::settings::Settings;

#[derive(OpenApi)]
#[openapi(info(
    title = "Tokenhouse",
    description = "Log in at one process, read your data at any other.",
    license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT")
))]
struct Base;

/// The document without its paths, which the router adds.
pub(crate) fn base() -> utoipa::openapi::OpenApi {
    let mut document = Base::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("session token")
        .description(Some("The token that `POST /login` returns"))
        .build();
    let access = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token of `POST /oauth2/token`"))
        .build();
    let client = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("`client_id` and `client_secret` (RFC 6749 §2.3.1)"))
        .build();
    let registration = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of `tokenhouse client invite`, or that of a registration"))
        .build();
    let mut components = document.components.take().unwrap_or_else(Components::new);
    components.add_security_scheme("session", SecurityScheme::Http(bearer));
    components.add_security_scheme("access", SecurityScheme::Http(access));
    components.add_security_scheme("client", SecurityScheme::Http(client));
    components.add_security_scheme("registration", SecurityScheme::Http(registration));
    document.components = Some(components);
    document
}

/// Names the server people reach, if it is configured.
pub(crate) fn serve_at(document: &mut utoipa::openapi::OpenApi, settings: &Settings) {
    if let Some(url) = &settings.public_url {
        document.servers = Some(vec![Server::new(url.clone())]);
    }
}
