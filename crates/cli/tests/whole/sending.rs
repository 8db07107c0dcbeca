//! Mails as they reach a real mail server, over both engines; and what becomes of them when it refuses, or the sender is
//! killed.

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokenhouse_proof::http::Client;
use tokenhouse_proof::postgres;
use tokenhouse_proof::server::{Builder, Output, Tokenhouse, run};
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::client::{api, token};
use crate::smtp::{LONG, Mail, Smtp};

/// A root secret for servers that share a database.
const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const SECOND: &str = "another fine long phrase";
const THIRD: &str = "yet another fine long phrase";

/// A database and a mail server.
struct Place {
    database: String,
    smtp: Smtp,
    _folder: Option<TempDir>,
}

impl Place {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { database, smtp: Smtp::start().await, _folder: Some(folder) }
    }

    async fn postgres() -> Self {
        let cluster = postgres::shared().await.expect("PostgreSQL");
        let database = cluster.fresh_database().await.expect("a database");
        Self { database, smtp: Smtp::start().await, _folder: None }
    }

    fn settings(&self) -> [(&'static str, String); 6] {
        [
            ("DATABASE_URL", self.database.clone()),
            ("TOKENHOUSE_SECRET", SECRET.to_owned()),
            ("TOKENHOUSE_SMTP_URL", self.smtp.url()),
            ("TOKENHOUSE_SMTP_CA", self.smtp.authority()),
            ("TOKENHOUSE_MAIL_FROM", "Front desk <desk@example.com>".to_owned()),
            ("PUBLIC_URL", "http://localhost".to_owned()),
        ]
    }

    fn server(&self) -> Builder {
        let builder = Tokenhouse::builder().env("TOKENHOUSE_ACCESS_LOG", "off");
        self.settings().iter().fold(builder, |builder, (name, value)| builder.env(name, value))
    }

    /// A command on the same database and mail server.
    async fn run(&self, args: &[&str]) -> Output {
        let settings = self.settings();
        let envs: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        run(args, &envs, "").await.expect("the binary runs")
    }

    /// What `mail list` says of the mails to an address.
    async fn listed(&self, args: &[&str], address: &str) -> Vec<Value> {
        let output = self.run(&[&["mail", "list", "--json"], args].concat()).await;
        assert!(output.status.success(), "{}", output.stderr);
        let lines = output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        lines.filter(|mail: &Value| mail["recipient"] == address).collect()
    }
}

macro_rules! on_both_engines {
    ($($case:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case(super::Place::sqlite().await).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case(super::Place::postgres().await).await;
            })*
        }
    };
}

on_both_engines! {
    a_mail_of_each_kind_arrives_and_its_link_works,
    a_mail_whose_sender_was_killed_before_the_note_comes_again_and_is_counted,
    a_mail_that_is_refused_for_now_is_tried_again,
    a_mail_that_is_refused_for_good_is_dead_until_an_operator_has_it_tried_again,
    what_was_written_for_a_developer_long_ago_is_not_sent_when_mails_are,
}

/// Registers somebody with an address.
async fn register(client: &Client, name: &str, email: &str) -> String {
    let body = json!({ "username": name, "password": PASSWORD, "email": email });
    let answer = client.post_json("/register", &body).send().await.expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.text());
    token(&answer.json().expect("JSON"))
}

async fn told(client: &Client, method: Method, path: &str, token: &str, body: Value) -> u16 {
    let asking = client.request(method, path).json(&body);
    let asking = if token.is_empty() { asking } else { asking.bearer(token) };
    asking.send().await.expect("an answer").status
}

/// What each mail has, whatever it tells.
fn is_whole(mail: &Mail) {
    let header = |name: &str| mail.header(name).unwrap_or_else(|| panic!("no {name}: {mail:?}"));
    assert_eq!(mail.0["kind"], "multipart/alternative");
    assert_eq!(mail.0["from"], "desk@example.com");
    assert_eq!(mail.0["hello"], "example.com");
    assert_eq!(mail.0["is_protected"], true, "the password of the account is not to be read");
    assert_eq!(header("from"), "Front desk <desk@example.com>");
    assert_eq!(header("auto-submitted"), "auto-generated");
    assert!(header("message-id").ends_with("@example.com>"), "{mail:?}");
    assert!(header("date").ends_with("+0000"), "{mail:?}");
    assert!(header("subject").contains("Tokenhouse"), "{mail:?}");
    assert!(mail.part("html").contains(header("subject")), "{mail:?}");
    assert!(mail.part("text").contains("Tokenhouse"), "{mail:?}");
}

async fn a_mail_of_each_kind_arrives_and_its_link_works(place: Place) {
    let server = place.server().start().await.expect("a server");
    let client = Client::fresh(server.addr());
    let (smtp, old, new) = (&place.smtp, "ada@example.org", "ada@example.net");
    let session = register(&client, "ada", old).await;
    let mail = smtp.mail(old, "Confirm your address").await;
    is_whole(&mail);
    assert!(mail.part("text").contains("one day"), "{mail:?}");
    let follow = json!({ "token": mail.token("confirm") });
    let confirmed = told(&client, Method::POST, "/confirm", "", follow).await;
    assert!((200..300).contains(&confirmed), "{confirmed}");

    let change = json!({ "old_password": PASSWORD, "new_password": SECOND });
    assert_eq!(told(&client, Method::POST, "/password", &session, change).await, 204);
    let mail = smtp.mail(old, "Your password for Tokenhouse was changed").await;
    is_whole(&mail);
    assert!(mail.part("text").contains("http://localhost/recover"), "{mail:?}");
    assert!(mail.part("text").contains("Account: ada"), "{mail:?}");

    let login = json!({ "username": "ada", "password": SECOND });
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let login = client.post_json("/login", &login).header("user-agent", agent);
    assert_eq!(login.send().await.expect("an answer").status, 200);
    let mail = smtp.mail(old, "New sign-in").await;
    is_whole(&mail);
    assert!(mail.part("text").contains("Firefox") && mail.part("text").contains("127.0.0.1"));

    let wanted = json!({ "email": new, "password": SECOND });
    assert_eq!(told(&client, Method::PUT, "/account/email", &session, wanted).await, 202);
    let mail = smtp.mail(new, "Confirm your address").await;
    let follow = json!({ "token": mail.token("confirm") });
    let confirmed = told(&client, Method::POST, "/confirm", "", follow).await;
    assert!((200..300).contains(&confirmed), "{confirmed}");
    for address in [old, new] {
        is_whole(&smtp.mail(address, "The address of your account").await);
    }

    let asked = json!({ "login": "ada" });
    assert_eq!(told(&client, Method::POST, "/recover", "", asked).await, 202);
    let mail = smtp.mail(new, "Set a new password").await;
    is_whole(&mail);
    assert!(mail.part("text").contains("10 minutes"), "{mail:?}");
    let reset = json!({ "token": mail.token("reset"), "password": THIRD });
    assert_eq!(told(&client, Method::POST, "/reset", "", reset).await, 204);
    is_whole(&smtp.mail(new, "Your password for Tokenhouse was changed").await);

    let mut browser = Browser::new(&api(server.addr()));
    browser.sign_in("ada", THIRD).await;
    let page = browser.open("/account/delete").await;
    browser.submit(&page, "/account/delete", &[("password", THIRD)]).await;
    let mail = smtp.mail(new, "will be deleted").await;
    is_whole(&mail);
    assert!(mail.part("text").contains("Deletion: 20"), "{mail:?}");

    let login = json!({ "username": "ada", "password": THIRD });
    let login = client.post_json("/login", &login).send().await.expect("an answer");
    let session = token(&login.json().expect("JSON"));
    let gone = json!({ "password": THIRD });
    assert_eq!(told(&client, Method::DELETE, "/account", &session, gone).await, 204);
    is_whole(&smtp.mail(new, "is deleted").await);

    let invited = place.run(&["invitation", "create", "--email", "eve@example.org"]).await;
    assert!(invited.status.success(), "{}", invited.stderr);
    let mail = smtp.mail("eve@example.org", "You are invited").await;
    is_whole(&mail);
    assert!(invited.stdout.contains(&mail.token("invitation")), "{}", invited.stdout);
}

async fn a_mail_whose_sender_was_killed_before_the_note_comes_again_and_is_counted(place: Place) {
    let (smtp, ada) = (&place.smtp, "ada@example.org");
    smtp.order(ada, &["stall"]);
    // The lease of a mail is twice that.
    let server = || place.server().env("TOKENHOUSE_TASK_LEASE", "2s");
    let mut first = server().start().await.expect("a server");
    register(&Client::fresh(first.addr()), "ada", ada).await;
    let mail = smtp.mail(ada, "Confirm your address").await;
    let mark = smtp.mark();
    first.kill9().await.expect("killed");
    let second = server().start().await.expect("a server");
    let again = smtp.mail_after(mark, ada, "Confirm your address").await;
    assert_eq!(again.header("message-id"), mail.header("message-id"));
    assert_eq!(again.part("text"), mail.part("text"), "the same link");
    second.wait_for_event("tokenhouse.mail.sent", LONG).await.expect("a note");
    let management = Client::fresh(second.management().expect("an address"));
    let metrics = management.get("/metrics").send().await.expect("an answer").text();
    for line in [
        "tokenhouse_mails_retaken_total 1",
        "tokenhouse_mails_total{kind=\"confirm\",outcome=\"Sent\"} 1",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line}: {metrics}");
    }
    assert_eq!(place.listed(&["--state", "sent"], ada).await.len(), 1);
}

async fn a_mail_that_is_refused_for_now_is_tried_again(place: Place) {
    let (smtp, ada) = (&place.smtp, "ada@example.org");
    smtp.order(ada, &["451 4.7.1 come again, ada@example.org"]);
    let server = place.server().start().await.expect("a server");
    register(&Client::fresh(server.addr()), "ada", ada).await;
    let failed = server.wait_for_event("tokenhouse.mail.failed", LONG).await.expect("a failure");
    assert_eq!(failed["tokenhouse.mail.kind"], "confirm");
    assert_eq!(failed["tokenhouse.mail.reply"], 451);
    assert_eq!(failed["error.type"], "refusal");
    let again = failed["tokenhouse.mail.retry_after"].as_u64().expect("seconds");
    assert!((30..38).contains(&again), "{failed}");
    let waiting = place.listed(&["--state", "waiting"], ada).await;
    let error = waiting[0]["last_error"].as_str().expect("an error");
    assert!(error.contains("451 4.7.1 come again"), "{error}");
    smtp.mail(ada, "Confirm your address").await;
    server.wait_for_event("tokenhouse.mail.sent", LONG).await.expect("a note");
    let sent = place.listed(&["--state", "sent"], ada).await;
    assert_eq!(sent[0]["attempts"], 2);
    let log = server.lines().join("\n");
    assert!(!log.contains(ada), "no address is in the log: {log}");
}

async fn a_mail_that_is_refused_for_good_is_dead_until_an_operator_has_it_tried_again(
    place: Place,
) {
    let (smtp, ada) = (&place.smtp, "ada@example.org");
    smtp.order(ada, &["550 5.1.1 no such mailbox"]);
    let server = place.server().start().await.expect("a server");
    register(&Client::fresh(server.addr()), "ada", ada).await;
    server.wait_for_event("tokenhouse.mail.dead", LONG).await.expect("the end of a mail");
    let dead = place.listed(&["--state", "dead"], ada).await;
    let error = dead[0]["last_error"].as_str().expect("an error");
    assert!(error.contains("550 5.1.1 no such mailbox"), "{error}");
    let id = dead[0]["id"].as_str().expect("an id");
    assert!(place.listed(&["--before", id], ada).await.is_empty());
    let retried = place.run(&["mail", "retry", id]).await;
    assert!(retried.status.success(), "{}", retried.stderr);
    smtp.mail(ada, "Confirm your address").await;
    server.wait_for_event("tokenhouse.mail.sent", LONG).await.expect("a note");
    assert_eq!(place.listed(&["--state", "sent"], ada).await[0]["id"], id);
    let again = place.run(&["mail", "retry", id]).await;
    assert_eq!(again.status.code(), Some(1), "what was sent is not sent again: {}", again.stderr);
}

async fn what_was_written_for_a_developer_long_ago_is_not_sent_when_mails_are(place: Place) {
    let ada = "ada@example.org";
    let kept = place.server().without_env("TOKENHOUSE_SMTP_URL").env("TOKENHOUSE_DEV_OUTBOX", "on");
    let kept = kept.start().await.expect("a server");
    register(&Client::fresh(kept.addr()), "ada", ada).await;
    assert_eq!(place.listed(&["--state", "waiting"], ada).await.len(), 1);
    drop(kept);
    let sends = place.server().env("TOKENHOUSE_MAIL_RETRY_FOR", "1ms").start().await;
    let sends = sends.expect("a server");
    sends.wait_for_event("tokenhouse.mail.dead", LONG).await.expect("the end of a mail");
    let dead = place.listed(&["--state", "dead"], ada).await;
    let error = dead[0]["last_error"].as_str().expect("an error");
    assert!(error.contains("waited too long"), "{error}");
    assert_eq!(place.smtp.mark(), 1, "it has said its ports and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_on_the_way_to_the_mail_server_is_told_step_by_step() {
    let smtp = Smtp::start().await;
    let authority = smtp.authority();
    let (url, wrapped) = (smtp.url(), smtp.wrapped_url());
    let test = async |url: &str, authority: &str, to: &str| {
        let envs = [
            ("TOKENHOUSE_SMTP_URL", url),
            ("TOKENHOUSE_SMTP_CA", authority),
            ("PUBLIC_URL", "https://login.example.org"),
        ];
        let output = run(&["mail", "test", to], &envs, "").await.expect("the binary runs");
        let code = output.status.code();
        (code, output.stderr)
    };
    let (ada, eve) = ("ada@example.org", "eve@example.org");
    for (url, to) in [(&url, ada), (&wrapped, eve)] {
        let (code, said) = test(url, &authority, to).await;
        assert_eq!(code, Some(0), "{said}");
        let mail = smtp.mail(to, "Test mail of Tokenhouse").await;
        assert_eq!(mail.0["from"], "no-reply@login.example.org");
    }
    smtp.order(ada, &["", "550 5.1.1 no such mailbox"]);
    let wrong = |url: &str| url.replace("p%40ss%2Fword", "wrong");
    let closed = tokenhouse_proof::ports::free_address().expect("a port").port();
    for (url, authority, to, told) in [
        (url.clone(), authority.as_str(), ada, "did not take the mail: localhost:"),
        (wrong(&url), &authority, eve, "does not accept user and password"),
        (wrong(&wrapped), &authority, eve, "does not accept user and password"),
        (url.clone(), "", eve, "cannot be protected by TLS"),
        (wrapped.clone(), "", eve, "cannot be protected by TLS"),
        (url.replace("smtp:", "smtps:"), &authority, eve, "cannot be protected by TLS"),
        (wrapped.replace("smtps:", "smtp:"), &authority, eve, "(is it one for smtps:// ?)"),
        (url.replace("localhost", "127.0.0.1"), &authority, eve, "cannot be protected by TLS"),
        (format!("smtp://localhost:{closed}"), &authority, eve, "cannot be reached"),
        (format!("smtps://localhost:{closed}"), &authority, eve, "cannot be reached"),
        ("smtp://mail.invalid".to_owned(), &authority, eve, "name of the mail server is not found"),
        (url.clone(), &authority, "nobody", "the recipient must be an e-mail address"),
    ] {
        let (code, said) = test(&url, authority, to).await;
        assert_eq!(code, Some(1), "{url}: {said}");
        assert!(said.contains(told), "{url}: {said}");
        assert!(!said.contains("word@") && !said.contains("wrong@"), "{said}");
    }
    let none = run(&["mail", "test", ada], &[], "").await.expect("the binary runs");
    assert_eq!(none.status.code(), Some(1));
    assert!(none.stderr.contains("TOKENHOUSE_SMTP_URL"), "{}", none.stderr);
}
