//! What a case works with: two handles on one migrated database, and the verbs that most cases begin
//! with. What a verb must achieve it asserts; what a case is about it does itself.

use std::sync::Arc;

use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_store::{
    Credential, LinkState, Mail, NewSession, OpenSession, Opened, Registered, Removed, Result,
    Store, Trail, Written,
};

use crate::make::{self, key, name, sign_in, trail};
use crate::place::Place;

/// Two processes at one database.
pub(crate) struct Bench {
    /// One process.
    pub(crate) a: Arc<dyn Store>,
    /// Another.
    pub(crate) b: Arc<dyn Store>,
    place: Place,
}

impl Bench {
    pub(crate) async fn at(place: Place) -> Result<Self> {
        let (a, b) = (place.open()?, place.open()?);
        a.migrate().await?;
        Ok(Self { a, b, place })
    }

    pub(crate) async fn close(self) {
        drop((self.a, self.b));
        self.place.remove().await;
    }

    /// The processes in turn.
    pub(crate) fn either(&self, number: usize) -> &Arc<dyn Store> {
        if number.is_multiple_of(2) { &self.a } else { &self.b }
    }

    /// How many rows a table has, or a table with a condition.
    pub(crate) async fn rows(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// The single number that a statement gives, asked without the store.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.place.number(sql).await
    }

    /// A connection behind the store's back.
    #[cfg(feature = "real-servers")]
    pub(crate) async fn connect(&self) -> tokio_postgres::Client {
        self.place.connect().await
    }

    /// Registers a person.
    pub(crate) async fn register(&self, user: u128) -> Result<()> {
        let now = self.a.now().await?;
        let registered = self.a.register(make::person(user, now)).await?;
        assert_eq!(registered, Registered::Done);
        Ok(())
    }

    /// Registers a person whose address is known to reach her.
    pub(crate) async fn register_confirmed(&self, user: u128) -> Result<()> {
        let now = self.a.now().await?;
        let registered = self.a.register(make::confirmed(user, now)).await?;
        assert_eq!(registered, Registered::Done);
        Ok(())
    }

    /// Deletes a person, who is no last administrator.
    pub(crate) async fn delete(&self, user: u128, trail: Trail) -> Result<()> {
        let removed = self.a.delete_user(make::user_id(user), None, None, trail).await?;
        assert_eq!(removed, Removed::Done);
        Ok(())
    }

    /// The mails of the outbox, newest first, as process B finds them.
    pub(crate) async fn outbox(&self) -> Result<Vec<Mail>> {
        self.b.mails(None, None, 1_000).await
    }

    /// Kinds and recipients of the mails of the outbox, newest first.
    pub(crate) async fn told(&self) -> Result<Vec<(String, String)>> {
        let outbox = self.outbox().await?;
        Ok(outbox.into_iter().map(|mail| (mail.kind_name, mail.recipient)).collect())
    }

    /// Whether a link may be used, as process B finds it.
    pub(crate) async fn link(&self, number: u128, purpose: Purpose) -> Result<Option<LinkState>> {
        let facts = self.b.link(make::link_id(number), purpose).await?;
        Ok(facts.map(|facts| facts.state))
    }

    /// Makes the instants in a column eight days older, without the store.
    pub(crate) async fn age(&self, table: &str, column: &str) {
        self.place.age(table, column).await;
    }

    /// The account of a person, as process B finds it.
    pub(crate) async fn credential(&self, user: u128) -> Result<Credential> {
        let facts = self.b.sign_in_facts(sign_in(&name(user))).await?;
        Ok(facts.credential.expect("the account is there"))
    }

    /// An opening that is judged by the account as it is now; its audit row has the number of the
    /// session and a thousand.
    pub(crate) async fn opening(&self, user: u128, session: NewSession) -> Result<OpenSession> {
        Ok(OpenSession {
            user: make::user_id(user),
            epoch: self.credential(user).await?.epoch,
            trail: trail(session.id.uuid().as_u128() + 1_000, Event::SessionOpened),
            session,
            rehash: None,
            refunds: Vec::new(),
            mail: None,
        })
    }

    /// Opens a session that starts now.
    pub(crate) async fn open(&self, user: u128, session: u128) -> Result<()> {
        let session = make::session(session, self.a.now().await?);
        let opening = self.opening(user, session).await?;
        assert_eq!(self.a.open_session(opening).await?, Opened::Open);
        Ok(())
    }

    /// Registers person 1 and opens these sessions of hers.
    pub(crate) async fn person_with_sessions(&self, sessions: &[u128]) -> Result<()> {
        self.register(1).await?;
        for session in sessions {
            self.open(1, *session).await?;
        }
        Ok(())
    }

    /// Whether a session of person 1 is alive; both processes must agree.
    pub(crate) async fn is_alive(&self, session: u128) -> Result<bool> {
        let here = self.a.session_with_data(&key(session, 1)).await?.is_some();
        let there = self.b.session_with_data(&key(session, 1)).await?.is_some();
        assert_eq!(here, there, "the processes disagree about session {session}");
        Ok(here)
    }

    /// The document that a session of person 1 sees at process B.
    pub(crate) async fn body(&self, session: u128) -> Result<String> {
        let read = self.b.session_with_data(&key(session, 1)).await?;
        Ok(read.expect("a living session").body)
    }

    /// The events of the trail, newest first, as process B reads them.
    pub(crate) async fn events(&self) -> Result<Vec<String>> {
        Ok(self.b.events(None, None, 1_000).await?.into_iter().map(|row| row.event).collect())
    }
}

/// An audit row that must not be written, or is of no interest to the case.
pub(crate) fn some_trail(number: u128) -> Trail {
    trail(10_000 + number, Event::SessionEnded)
}

/// Whether a write of the document was made.
pub(crate) fn is_done(written: &Written) -> bool {
    matches!(written, Written::Done { .. })
}
