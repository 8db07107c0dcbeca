//! The server as the library discovers it, with the two endpoints that it has to be told of: they are no part of OpenID
//! Connect (RFC 8414 §2).

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AdditionalProviderMetadata, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IntrospectionUrl, IssuerUrl, ProviderMetadata, RedirectUrl, RevocationUrl,
};
use serde::{Deserialize, Serialize};

use crate::http::ask;
use crate::{Asked, Result};

/// What is answered at the token endpoint.
pub type Tokens = CoreTokenResponse;

/// A client of which is known where each endpoint is that is used here.
pub type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointSet,
    EndpointSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Beside {
    introspection_endpoint: IntrospectionUrl,
    revocation_endpoint: String,
    code_challenge_methods_supported: Vec<String>,
}

impl AdditionalProviderMetadata for Beside {}

type Metadata = ProviderMetadata<
    Beside,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Discovers the server; the client that was registered there.
pub fn client(asked: &Asked) -> Result<Client> {
    let issuer = IssuerUrl::new(asked.issuer.clone())?;
    let metadata = Metadata::discover(&issuer, &ask)?;
    let beside = metadata.additional_metadata().clone();
    if !beside.code_challenge_methods_supported.iter().any(|method| method == "S256") {
        return Err("the server does not say that it takes S256".into());
    }
    let revocation = beside.revocation_endpoint.replacen("http://", "https://", 1);
    let (id, secret) = (ClientId::new(asked.id.clone()), ClientSecret::new(asked.secret.clone()));
    Ok(CoreClient::from_provider_metadata(metadata, id, Some(secret))
        .set_redirect_uri(RedirectUrl::new(asked.callback.clone())?)
        .set_introspection_url(beside.introspection_endpoint)
        .set_revocation_url(RevocationUrl::new(revocation)?))
}
