//! What services ask of tokens, many questions in one statement: the userinfo endpoint and introspection are
//! asked as often as a person's data is.
//!
//! Each question is a row, and a grant is judged as everywhere; so an answer is what the same question would
//! get alone.

use tokio_postgres::Row;
use uuid::Uuid;

use super::grants::is_good;
use super::rows::{
    self, AFTER_CLIENT, AFTER_GRANT, NOW, alive, client_columns, grant_columns, grants, secrets_of,
};
use crate::postgres::batch::Kind;
use crate::postgres::connection::Database;
use crate::postgres::rows::{instant, value};
use crate::{Error, GrantKey, Introspected, Introspection, Result, Subject};

const ASKED: &str = concat!(
    "SELECT ",
    grant_columns!(),
    ", ",
    client_columns!("a", "of_asking"),
    ", ",
    is_good!("q.revocation"),
    " AND EXISTS (SELECT 1 FROM clients WHERE id = q.client AND disabled_at IS NULL), q.number
     FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bytea[], $5::text[]) WITH ORDINALITY
        AS q (asking, about, generation, revocation, client, number)
     LEFT JOIN clients a ON a.id = q.asking",
    secrets_of!("a", "of_asking"),
    " LEFT JOIN (",
    grants!(),
    ") ON g.id = q.about AND (q.generation IS NULL OR g.generation = q.generation) AND ",
    alive!(),
    " AND ",
    is_good!("q.revocation"),
    secrets_of!()
);

/// Questions by the connections that are kept for them.
pub(in crate::postgres) struct Asked(pub(in crate::postgres) Database);

impl Kind for Asked {
    type Question = Introspection;
    type Answer = Introspected;

    async fn send(&self, questions: &[Introspection]) -> Result<Vec<Result<Introspected>>> {
        let about: Vec<About<'_>> =
            questions.iter().map(|question| About::from(&question.subject)).collect();
        let asking: Vec<&str> = questions.iter().map(|question| &*question.asking).collect();
        let rows = self
            .0
            .ask(
                ASKED,
                &[
                    &asking,
                    &column(&about, |about| about.grant),
                    &column(&about, |about| about.generation),
                    &column(&about, |about| about.revocation),
                    &column(&about, |about| about.client),
                ],
            )
            .await?;
        in_their_order(rows, questions.len())
    }
}

/// The question of which access token `key` is; nobody has to be known to ask it.
pub(super) fn of_grant(key: GrantKey) -> Introspection {
    Introspection { asking: String::new(), subject: Subject::Grant(key) }
}

/// What a question is about, as parameters.
#[derive(Default)]
struct About<'a> {
    grant: Option<Uuid>,
    generation: Option<i64>,
    revocation: Option<&'a [u8]>,
    client: Option<&'a str>,
}

impl<'a> From<&'a Subject> for About<'a> {
    fn from(subject: &'a Subject) -> Self {
        let nothing = Self::default();
        match subject {
            Subject::Grant(key) => {
                Self { grant: Some(key.grant.uuid()), revocation: Some(&key.revocation), ..nothing }
            }
            Subject::Refresh(grant, generation) => {
                Self { grant: Some(grant.uuid()), generation: Some(*generation), ..nothing }
            }
            Subject::Client { id, revocation } => {
                Self { client: Some(id), revocation: Some(revocation), ..nothing }
            }
            Subject::Nothing => nothing,
        }
    }
}

fn column<'a, T>(about: &[About<'a>], of: impl Fn(&About<'a>) -> T) -> Vec<T> {
    about.iter().map(of).collect()
}

/// The rows come in any order; each has the number of its question, from 1 on.
fn in_their_order(rows: Vec<Row>, questions: usize) -> Result<Vec<Result<Introspected>>> {
    let number = AFTER_GRANT + rows::CLIENT_COLUMNS + 1;
    let mut numbered = Vec::with_capacity(rows.len());
    for row in rows {
        numbered.push((value::<i64>(&row, number)?, row));
    }
    numbered.sort_unstable_by_key(|(number, _)| *number);
    if numbered.len() != questions {
        return Err(Error::Corrupt("one row for each question was expected".to_owned()));
    }
    Ok(numbered.iter().map(|(_, row)| introspected(row)).collect())
}

fn introspected(row: &Row) -> Result<Introspected> {
    let has_grant = value::<Option<Uuid>>(row, AFTER_CLIENT)?.is_some();
    Ok(Introspected {
        now: instant(row, NOW)?,
        asking: rows::optional_client(row, AFTER_GRANT)?,
        grant: has_grant.then(|| rows::grant(row)).transpose()?,
        client_lives: value(row, AFTER_GRANT + rows::CLIENT_COLUMNS)?,
    })
}
