//! The suite of applications over two apps that take turns, which know its applications as an operator would have
//! registered them.

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, SecretId};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_server::app::App;
use tokenhouse_server::settings as server;
use tokenhouse_store::{NewSecret, SaveClient, Saved, Trail};
use tokenhouse_suite::Api;
use tokenhouse_suite::authorize::{Registered, clients};
use uuid::Uuid;

use crate::apps::{Place, Stage};

mod sqlite {
    tokenhouse_suite::oauth_suite!(super::on_sqlite);
}

#[cfg(feature = "real-servers")]
mod postgres {
    tokenhouse_suite::oauth_suite!(super::on_postgres);
}

/// Two apps over a new SQLite file.
pub(crate) async fn on_sqlite() -> (Api, Stage) {
    on(Place::Sqlite).await
}

/// Two apps over a new PostgreSQL database.
#[cfg(feature = "real-servers")]
pub(crate) async fn on_postgres() -> (Api, Stage) {
    on(Place::Postgres).await
}

/// Two apps that know the applications of the suite.
pub(crate) async fn on(place: Place) -> (Api, Stage) {
    with(place, |_| {}).await
}

/// The same with other settings of the servers.
pub(crate) async fn with(place: Place, adjust: impl Fn(&mut server::Settings)) -> (Api, Stage) {
    let stage = place.stage(adjust).await;
    for client in clients() {
        register(&stage.app, client).await;
    }
    (stage.api.clone(), stage)
}

async fn register(app: &App, client: Registered) {
    let text = client.settings.to_string();
    let settings = Settings::stored(&text).expect("settings");
    assert_eq!(settings.check(), Ok(()), "{}", client.id);
    let secret = client.secret.map(|secret| {
        let id = SecretId::from_uuid(Uuid::new_v4());
        let seal = || client_secret::seal(&app.root, (client.id, id), secret.as_bytes(), [7; 12]);
        let sealed = settings.makes_macs().then(seal);
        NewSecret { id, hash: client_secret::hash(secret), sealed }
    });
    let save = SaveClient {
        id: client.id.to_owned(),
        settings: text,
        hosts: settings.hosts(),
        disabled: false,
        version: None,
        secret,
        trail: Trail {
            id: EventId::from_uuid(Uuid::new_v4()),
            event: Event::ClientCreated,
            actor: Actor::Operator,
            address: None,
            request_id: None,
        },
    };
    assert_eq!(app.store.save_client(save).await.expect("the store"), Saved::Done(1));
}
