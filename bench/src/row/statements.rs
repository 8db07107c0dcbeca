//! Row 6: how many statements a request costs PostgreSQL, as PostgreSQL counts them. `BEGIN` and `COMMIT`
//! would count too. Exact, so it holds on any machine.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::postgres::{Cluster, Options};
use tokenhouse_proof::server::Tokenhouse;

use crate::figure::{Bar, Figure};
use crate::fill::{PASSWORD, SECRET};
use crate::table::Table;

/// Requests of each kind, one after another.
const REQUESTS: usize = 20;
const DATABASE: &str = "statements";
const CHANGED: &str = "another correct horse battery";

/// The statements of everybody in the database that is measured; asked from another one.
const COUNT: &str = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'statements'";
const LIST: &str = "SELECT calls, left(regexp_replace(query, '\\s+', ' ', 'g'), 60)
    FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
    WHERE d.datname = 'statements' ORDER BY calls DESC LIMIT 10";

/// A kind of request, with the statements it may cost.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Register,
    Login,
    Data,
    Write,
    Password,
    Logout,
}

/// In an order in which each finds what it needs.
const KINDS: [(Kind, &str, f64); 6] = [
    (Kind::Register, "`POST /register`", 2.0),
    (Kind::Login, "`POST /login`", 2.0),
    (Kind::Data, "`GET /data`", 1.0),
    (Kind::Write, "`PUT /data`", 1.0),
    (Kind::Password, "`POST /password`", 2.0),
    (Kind::Logout, "`POST /logout`", 1.0),
];

pub(super) async fn measure(table: &mut Table) -> Result<()> {
    let options = Options { statement_statistics: true, ..Options::quick() };
    let cluster = Cluster::start(options).await?;
    cluster.create_database(DATABASE).await?;
    cluster.psql("postgres", "CREATE EXTENSION pg_stat_statements").await?;
    // Background tasks have statements of their own.
    let server = Tokenhouse::builder()
        .database(&cluster.url(DATABASE))
        .secret(SECRET)
        .arg("--no-worker")
        .start()
        .await?;
    let client = Client::kept(server.addr());
    // Each kind once without counting, for what a connection asks when it is new.
    let mut people = vec![Person::named("first")];
    for (kind, ..) in KINDS {
        ask(&client, kind, &mut people).await?;
    }
    people = (0..REQUESTS).map(|number| Person::named(&format!("user{number}"))).collect();
    for (kind, name, wanted) in KINDS {
        cluster.psql("postgres", "SELECT pg_stat_statements_reset()").await?;
        ask(&client, kind, &mut people).await?;
        let calls: f64 = cluster.psql("postgres", COUNT).await?.parse()?;
        let each = calls / REQUESTS as f64;
        let figure = Figure::new(6, &format!("statements of {name}"), "", Bar::Exactly(wanted))
            .rounds(vec![each]);
        let note = if each == wanted {
            String::new()
        } else {
            cluster.psql("postgres", LIST).await?.replace('\n', "; ")
        };
        table.figures.push(figure.note(note));
    }
    Ok(())
}

struct Person {
    name: String,
    token: String,
}

impl Person {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), token: String::new() }
    }
}

/// One request of the kind by each of the people.
async fn ask(client: &Client, kind: Kind, people: &mut [Person]) -> Result<()> {
    for person in people {
        let credentials = json!({ "username": person.name, "password": PASSWORD });
        let request = match kind {
            Kind::Register => client.post_json("/register", &credentials),
            Kind::Login => client.post_json("/login", &credentials),
            Kind::Data => client.get("/data").bearer(&person.token),
            Kind::Write => client.put_json("/data", &json!({ "a": 1 })).bearer(&person.token),
            Kind::Password => {
                let change = json!({ "old_password": PASSWORD, "new_password": CHANGED });
                client.post_json("/password", &change).bearer(&person.token)
            }
            Kind::Logout => client.post("/logout").bearer(&person.token),
        };
        let answer = request.send().await?;
        ensure!((200..300).contains(&answer.status), "{kind:?}: {}", answer.text());
        if matches!(kind, Kind::Register | Kind::Login) {
            let token = answer.json()?.get("token").and_then(Value::as_str).map(str::to_owned);
            person.token = token.context("no token")?;
        }
    }
    Ok(())
}
