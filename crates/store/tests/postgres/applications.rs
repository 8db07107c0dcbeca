//! What is asked about applications is one statement each: what a token costs does not grow unseen.

use std::sync::Arc;
use std::time::Duration;

use tokenhouse_proof::fault_proxy::{Control, FaultProxy, Kind};
use tokenhouse_proof::postgres::Cluster;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{
    CodeId, EventId, GrantId, GroupId, PushedRequestId, SecretId, SessionId, UserId,
};
use tokenhouse_rules::oauth::refresh_token::Sealer;
use tokenhouse_rules::session::Expiry;
use tokenhouse_store::{
    GrantKey, GrantLifetime, Group, Introspection, NewCode, NewPushedRequest, NewSecret,
    NewSession, NewSigningKey, NewUser, Redeem, Redeemed, Refresh, SaveClient, SessionKey, Shown,
    Store, Subject, Trail,
};
use uuid::Uuid;

use crate::{Outcome, database, generous, open};

const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));

/// Her session.
pub(crate) const SESSION: SessionKey =
    SessionKey { id: SessionId::from_uuid(Uuid::from_u128(5)), user: ADA, secret_hash: [7; 32] };

/// What every access token of her grant names.
pub(crate) const TOKEN: GrantKey =
    GrantKey { grant: GrantId::from_uuid(Uuid::from_u128(1)), revocation: [6; 32] };

const SECRET: [u8; 32] = [9; 32];

/// A database with Ada, who is signed in, the application `app`, and a code for it.
pub(crate) struct Place {
    pub(crate) cluster: &'static Cluster,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) async fn place() -> Result<Place, Box<dyn std::error::Error>> {
    let (cluster, name, url) = database().await?;
    let store = open(&url, generous())?;
    store.migrate().await?;
    let now = store.now().await?;
    let until = now.plus(HOUR);
    let session = NewSession {
        id: SESSION.id,
        secret_hash: SESSION.secret_hash,
        created_at: now,
        expiry: Expiry { expires_at: until, live_until: until },
        address: None,
        user_agent: None,
    };
    let ada = NewUser {
        id: ADA,
        username: "ada".to_owned(),
        email: None,
        email_confirmed: false,
        pending_email: None,
        names: vec!["ada".to_owned()],
        password: "$argon2id$".to_owned(),
        created_at: now,
        session: Some(session),
        confirmation: None,
        invitation: None,
        trail: trail(1, Event::UserRegistered),
    };
    store.register(ada).await?;
    store.save_client(client("app", &[])).await?;
    assert!(store.issue_code(code(1)).await?);
    Ok(Place { cluster, name, url, store })
}

pub(crate) fn trail(number: u128, event: Event) -> Trail {
    let id = EventId::from_uuid(Uuid::from_u128(number));
    Trail { id, event, actor: Actor::User, address: None, request_id: None }
}

/// A client to be made.
pub(crate) fn client(id: &str, hosts: &[&str]) -> SaveClient {
    SaveClient {
        id: id.to_owned(),
        settings: "{}".to_owned(),
        hosts: hosts.iter().map(ToString::to_string).collect(),
        disabled: false,
        version: None,
        secret: Some(NewSecret {
            id: SecretId::from_uuid(Uuid::from_u128(9)),
            hash: SECRET,
            sealed: None,
        }),
        trail: trail(2, Event::ClientCreated),
    }
}

/// A code on Ada's word, with her consent.
pub(crate) fn code(number: u128) -> NewCode {
    NewCode {
        id: CodeId::from_uuid(Uuid::from_u128(number)),
        secret_hash: [8; 32],
        client: "app".to_owned(),
        session: SESSION,
        authorized: "{}".to_owned(),
        lifetime: HOUR,
        consent: Some("openid".to_owned()),
        pushed: None,
        trail: trail(10 + number, Event::ConsentGiven),
    }
}

/// A request that was sent ahead.
fn pushed() -> NewPushedRequest {
    NewPushedRequest {
        id: PushedRequestId::from_uuid(Uuid::from_u128(50)),
        client: "app".to_owned(),
        parameters: "scope=openid".to_owned(),
        lifetime: HOUR,
        patience: HOUR,
    }
}

/// A redemption of the code that is there.
pub(crate) fn redeem() -> Redeem {
    Redeem {
        code: code(1).id,
        client: "app".to_owned(),
        operation: Uuid::from_u128(20),
        offline: true,
        lifetime: GrantLifetime { idle: HOUR, absolute: HOUR },
        trail: trail(20, Event::GrantMade),
        replayed: trail(21, Event::CodeReplayed),
    }
}

pub(crate) fn refresh(generation: i64) -> Refresh {
    Refresh {
        grant: TOKEN.grant,
        generation,
        client: "app".to_owned(),
        shown: Shown::Secret(SECRET),
        window: HOUR,
        idle: HOUR,
        sealer: Sealer([1; 4]),
        replayed: trail(30, Event::RefreshReplayed),
    }
}

/// The place, with a proxy before its database that counts, and a store behind that.
async fn counting() -> Result<(Place, FaultProxy), Box<dyn std::error::Error>> {
    let place = place().await?;
    let (proxy, url) = FaultProxy::before(&place.url).await?;
    let store = open(&url, generous())?;
    Ok((Place { store, ..place }, proxy))
}

/// How many statements the server is sent by what is asked.
async fn sent<T>(
    control: &Control,
    asked: impl Future<Output = tokenhouse_store::Result<T>>,
) -> tokenhouse_store::Result<usize> {
    control.record();
    asked.await?;
    let passed = control.recorded();
    Ok(passed.iter().filter(|message| message.kind == Kind::Frontend(b'E')).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_goes_through_is_one_statement_each() -> Outcome {
    let (place, proxy) = counting().await?;
    let (store, control) = (&place.store, &proxy.control());
    let (ada, until) = (Some(&SESSION), store.now().await?.plus(HOUR));
    let question = |subject| Introspection { asking: "app".to_owned(), subject };
    let by_client = Subject::Client { id: "app".to_owned(), revocation: [6; 32] };
    let replay = Redeem { operation: Uuid::from_u128(21), ..redeem() };
    let revoked = trail(40, Event::GrantRevoked);
    let ended = trail(41, Event::GrantRevoked);
    let counts = [
        ("authorize_facts", sent(control, store.authorize_facts("app", ada)).await?),
        ("issue_code", sent(control, store.issue_code(code(2))).await?),
        ("push_request", sent(control, store.push_request(pushed())).await?),
        ("pushed_request", sent(control, store.pushed_request(pushed().id)).await?),
        ("code_facts", sent(control, store.code_facts("app", code(1).id)).await?),
        ("redeem_code", sent(control, store.redeem_code(redeem())).await?),
        ("refresh", sent(control, store.refresh(refresh(0))).await?),
        ("a refresh that is repeated", sent(control, store.refresh(refresh(0))).await?),
        ("grant", sent(control, store.grant(&TOKEN)).await?),
        ("introspect", sent(control, store.introspect(question(Subject::Grant(TOKEN)))).await?),
        ("introspect a client", sent(control, store.introspect(question(by_client))).await?),
        ("use_once", sent(control, store.use_once(&[1; 32], until)).await?),
        ("access_facts", sent(control, store.access_facts("a.example.org", ada)).await?),
        ("applications", sent(control, store.applications(&SESSION)).await?),
        ("a replay", sent(control, store.redeem_code(replay)).await?),
        ("revoke_grant", sent(control, store.revoke_grant("app", TOKEN.grant, revoked)).await?),
        ("disconnect", sent(control, store.disconnect(&SESSION, "app", ended)).await?),
    ];
    for (what, count) in counts {
        assert_eq!(count, 1, "{what}");
    }
    Ok(())
}

fn signing_key() -> NewSigningKey {
    NewSigningKey {
        id: "key".to_owned(),
        algorithm: "ES256".to_owned(),
        number: 1,
        public_key: "{}".to_owned(),
        private_key: vec![1],
        activate: Duration::ZERO,
        retire: HOUR,
        remove: HOUR,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_does_is_one_statement_each() -> Outcome {
    let (place, proxy) = counting().await?;
    let (store, control) = (&place.store, &proxy.control());
    let named = |number: u128| trail(100 + number, Event::ClientChanged);
    let id = SecretId::from_uuid(Uuid::from_u128(10));
    let secret = NewSecret { id, hash: [1; 32], sealed: Some(vec![1]) };
    let change = SaveClient { version: Some(1), ..client("app", &["a.example.org"]) };
    let group = Group {
        id: GroupId::from_uuid(Uuid::from_u128(1)),
        name: "staff".to_owned(),
        created_at: store.now().await?,
    };
    let counts = [
        ("add_signing_key", sent(control, store.add_signing_key(signing_key(), None)).await?),
        ("signing_keys", sent(control, store.signing_keys()).await?),
        ("rewrap_signing_key", sent(control, store.rewrap_signing_key("key", &[1], &[2])).await?),
        (
            "retire_signing_key",
            sent(control, store.retire_signing_key("key", HOUR, named(1))).await?,
        ),
        ("client", sent(control, store.client("app")).await?),
        ("clients", sent(control, store.clients(None, 10)).await?),
        ("save_client", sent(control, store.save_client(change)).await?),
        (
            "add_secret",
            sent(control, store.add_client_secret("app", secret, HOUR, named(2))).await?,
        ),
        ("delete_secret", sent(control, store.delete_client_secret("app", id, named(3))).await?),
        ("make_group", sent(control, store.make_group(group, named(4))).await?),
        ("groups", sent(control, store.groups()).await?),
        (
            "set_membership",
            sent(control, store.set_membership("staff", ADA, true, named(5))).await?,
        ),
        ("groups_of", sent(control, store.groups_of(ADA)).await?),
        ("members", sent(control, store.members("staff", None, 10)).await?),
        ("delete_group", sent(control, store.delete_group("staff", named(6))).await?),
        ("set_claims", sent(control, store.set_claims(ADA, "{}", named(7))).await?),
        ("claims_of", sent(control, store.claims_of(ADA)).await?),
        ("delete_client", sent(control, store.delete_client("app", named(8))).await?),
        ("clear_deleted_clients", sent(control, store.clear_deleted_clients()).await?),
    ];
    for (what, count) in counts {
        assert_eq!(count, 1, "{what}");
    }
    Ok(())
}

/// The place after its code has become a grant.
pub(crate) async fn granted() -> Result<Place, Box<dyn std::error::Error>> {
    let place = place().await?;
    assert_eq!(place.store.redeem_code(redeem()).await?, Redeemed::Done);
    assert!(place.store.grant(&TOKEN).await?.is_some());
    Ok(place)
}
