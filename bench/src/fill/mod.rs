//! Databases full of people who have signed in, made without signing anybody in: rows written directly,
//! with the digests of tokens that are sealed here under the bench's root secret. One password hash,
//! made once, is everybody's.
//!
//! Who person number n is, is decided in [`person`]; how her rows get into the database quickly in
//! [`postgres`] and [`sqlite`].

pub(crate) mod applications;
mod content;
pub(crate) mod person;
mod postgres;
mod sqlite;

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_store::{Location, PostgresOptions};

pub(crate) use content::Content;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The root secret of every server that is measured.
pub(crate) const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// The length of a session token in characters.
const TOKEN: usize = 104;

/// Tokens of people in a database, and how long the answer to each of them is.
pub(crate) struct People {
    tokens: String,
    /// The people are number 0 and every so many-th after.
    stride: u32,
    answer_length: usize,
}

impl People {
    /// Seals the tokens of all `count` people. Nothing is stored by it.
    pub(crate) fn new(count: u32, content: &Content) -> Result<Self> {
        Self::among(count, count, content)
    }

    /// At most `most` of `total` people, evenly spread over them.
    pub(crate) fn among(total: u32, most: u32, content: &Content) -> Result<Self> {
        let root = RootSecret::parse(SECRET)?;
        let count = total.min(most);
        let stride = total.checked_div(count).context("nobody is there")?;
        let mut tokens = String::with_capacity(TOKEN * count as usize);
        for index in 0..count {
            tokens.push_str(&person::token(index * stride, content, &root));
        }
        let answer_length = person::answer(0, content).len();
        Ok(Self { tokens, stride, answer_length })
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.tokens.len() / TOKEN).unwrap_or(u32::MAX)
    }

    /// The number of the person with that index.
    pub(crate) fn number(&self, index: u32) -> u32 {
        index * self.stride
    }

    /// The token of the person with that index.
    pub(crate) fn token(&self, index: u32) -> &str {
        let start = index as usize * TOKEN;
        &self.tokens[start..start + TOKEN]
    }

    /// The bytes of the answer to `GET /data`.
    pub(crate) fn answer_length(&self) -> usize {
        self.answer_length
    }
}

/// Makes the schema, as `tokenhouse db migrate` does.
pub(crate) async fn migrate(url: &str) -> Result<()> {
    let store = Location::parse(url)?.open(PostgresOptions::default())?;
    store.migrate().await.context("the schema could not be made")?;
    Ok(())
}

/// Adds these people to a database that has the schema.
pub(crate) async fn add(url: &str, numbers: Range<u32>, content: &Content) -> Result<()> {
    match Location::parse(url)? {
        Location::Postgres(url) => postgres::add(&url, numbers, content).await,
        Location::Sqlite(path) => add_to_file(&path, numbers, content),
    }
}

/// Adds the applications of the bench, and a grant of each of these people, to a database that has them.
pub(crate) async fn add_applications(
    url: &str,
    numbers: Range<u32>,
    content: &Content,
) -> Result<()> {
    applications::register(url).await?;
    match Location::parse(url)? {
        Location::Postgres(url) => postgres::add_grants(&url, numbers, content).await,
        Location::Sqlite(path) => {
            tokio::task::block_in_place(|| sqlite::add_grants(&path, numbers, content))
        }
    }
}

fn add_to_file(path: &Path, numbers: Range<u32>, content: &Content) -> Result<()> {
    tokio::task::block_in_place(|| sqlite::add(path, numbers, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenhouse_rules::token;
    use tokenhouse_server::hashing::{Cost, Hashing, Verdict};
    use tokenhouse_store::{SessionKey, SignIn};

    /// The server would accept them: their sessions live, are not due to be renewed, and their
    /// password is right.
    #[tokio::test(flavor = "multi_thread")]
    async fn people_are_as_if_they_had_signed_in() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("people.db").display());
        let cost = Cost { memory: 64, iterations: 1, parallelism: 1 };
        let content = Content::at(cost).await?.with_document(50);
        migrate(&url).await?;
        add(&url, 0..30, &content).await?;
        let store = Location::parse(&url)?.open(PostgresOptions::default())?;
        let hashing = Hashing::start(cost, 1, std::time::Duration::from_secs(60))?;
        let people = People::among(30, 10, &content)?;
        assert_eq!(people.count(), 10);
        for index in 0..people.count() {
            let number = people.number(index);
            let presented = token::open(people.token(index), &RootSecret::parse(SECRET)?)?;
            let data = store.session_with_data(&SessionKey::from(presented)).await?;
            let data = data.context("the session is not alive")?;
            assert_eq!((data.user.id, data.body), (person::user_id(number), content.body(number)));
            assert_eq!(content::LIFETIME.renew(data.expiry, data.now), None);
            let name = person::name(number);
            let question = SignIn { unknown_key: name.clone(), name, account: None, address: None };
            let credential = store.sign_in_facts(question).await?.credential;
            let credential = credential.context("nobody has that name")?;
            let verdict = hashing.verify(PASSWORD, Some(&credential.hash)).await;
            assert_eq!(verdict, Ok(Verdict::Right { outdated: false }));
        }
        Ok(())
    }
}
