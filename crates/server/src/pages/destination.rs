//! For which application somebody signs in, so that the pages on the way there can say so.
//!
//! Only a name is shown: what the application asks for is judged where she goes on to. Where there is none, or the
//! database cannot be asked, the pages do without; they are not the ones that need it.

use tokenhouse_rules::oauth::client::ClientId;
use tokenhouse_rules::service_address::ServiceAddress;

use super::places::{self, CONTINUE};
use super::visitor::Visitor;
use crate::app::App;
use crate::oauth::authorize::name_of;

/// By what an application is found.
enum Wanted {
    /// It asks for her itself.
    Client(ClientId),
    /// A proxy in front of it does.
    Host(String),
}

/// What people call the application that she goes on to. Where she goes to none, nobody is asked.
pub(super) async fn application(app: &App, visitor: &Visitor) -> Option<String> {
    let found = match wanted(visitor)? {
        Wanted::Client(id) => app.store.client(id.as_str()).await,
        Wanted::Host(host) => app.store.access_facts(&host, None).await.map(|facts| facts.client),
    };
    match found {
        Ok(client) => client.filter(|client| client.disabled_at.is_none()).as_ref().map(name_of),
        Err(error) => {
            app.log.failure("application_unnamed", &error, visitor.client.request_id.as_str());
            None
        }
    }
}

fn wanted(visitor: &Visitor) -> Option<Wanted> {
    if let Some(id) = visitor.asked_by_application("client_id") {
        return ClientId::parse(&id).ok().map(Wanted::Client);
    }
    let query = visitor.return_to.as_ref()?.as_str().strip_prefix(CONTINUE)?.strip_prefix('?')?;
    let address = ServiceAddress::parse(&places::parameter(query, "to")?).ok()?;
    Some(Wanted::Host(address.host().to_owned()))
}
