//! Clients and groups as a file says they are to be.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::{Output, run};
use tokenhouse_suite::PASSWORD;

use crate::client::{Cli, on};

const SECRET: &str = "vV6oV0yV7jyKcUwlQd0V1Ywnlc9gm7bH5cC9Hk0Jw2E";
const OTHER: &str = "another-secret-of-more-than-32-characters";

/// The commands over the database of a folder.
fn commands(folder: &Path) -> Cli {
    Cli(format!("sqlite:{}", folder.join("test.db").display()))
}

/// Applies a text.
async fn apply(cli: &Cli, text: &str, more: &[&str]) -> Output {
    cli.run(&[&["apply", "-"], more].concat(), text).await
}

/// Applies a text that is good; what it prints.
async fn applied(cli: &Cli, text: &str, more: &[&str]) -> String {
    let output = apply(cli, text, more).await;
    assert!(output.status.success(), "{}", output.stderr);
    output.stdout
}

/// Applies a text that has to change nothing.
async fn nothing(cli: &Cli, text: &str) {
    let output = apply(cli, text, &[]).await;
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", "no changes\n"));
}

/// A file with everything in it.
fn whole(secret: &Path) -> String {
    format!(
        r#"
[clients.notes]
preset = "spa"
name = "Notes"
redirect_uris = ["https://notes.example.org/callback"]
origins = ["https://notes.example.org"]
scopes = ["openid", "profile"]

[clients.robot]
preset = "machine"
secret_file = "{}"

[clients.wiki]
preset = "proxy"
access = [{{ host = "wiki.example.org", allow = {{ groups = ["staff"] }} }}]

[groups.staff]
members = ["ada"]

[groups.guests]
"#,
        secret.display()
    )
}

async fn status(client: &Client, secret: &str) -> u16 {
    let form = format!("grant_type=client_credentials&client_id=robot&client_secret={secret}");
    client.post("/oauth2/token").form(&form).send().await.expect("an answer").status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_applied_once_and_changes_nothing_after_that() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256").start().await;
    let server = server.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = commands(folder.path());
    cli.good(&["user", "create", "ada"], PASSWORD).await;
    let path = folder.path().join("robot-secret");
    fs::write(&path, format!("{SECRET}\n")).expect("a file");
    let text = whole(&path);

    let planned = applied(&cli, &text, &["--dry-run"]).await;
    for line in ["+ client notes", "    name: Notes", "+ client wiki", "+ group staff"] {
        assert!(planned.lines().any(|other| other == line), "{line}: {planned}");
    }
    assert!(planned.contains("+ ada in group staff"), "{planned}");
    assert_eq!(cli.good(&["client", "list"], "").await, "", "nothing was changed");
    assert_eq!(applied(&cli, &text, &[]).await, planned);
    nothing(&cli, &text).await;
    assert_eq!(status(&client, SECRET).await, 200);
    assert!(cli.good(&["group", "members", "staff"], "").await.contains("ada"));

    let as_json: toml::Table = text.parse().expect("TOML");
    nothing(&cli, &json!(as_json).to_string()).await;
    let file = folder.path().join("wanted.toml");
    fs::write(&file, &text).expect("a file");
    cli.good(&["apply", file.to_str().expect("text"), "--dry-run"], "").await;
    let audit = cli.good(&["audit", "--json"], "").await;
    for (event, count) in [("client.created", 3), ("group.created", 2), ("group.joined", 1)] {
        assert_eq!(audit.matches(&format!("\"{event}\"")).count(), count, "{event}: {audit}");
    }
    assert!(!audit.contains("client.changed") && !planned.contains(SECRET), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_differs_is_done_and_what_is_not_named_stays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256").start().await;
    let server = server.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = commands(folder.path());
    for name in ["ada", "bob"] {
        cli.good(&["user", "create", name], PASSWORD).await;
    }
    let path = folder.path().join("robot-secret");
    fs::write(&path, SECRET).expect("a file");
    let text = whole(&path);
    applied(&cli, &text, &[]).await;
    cli.good(&["client", "create", "other", "--preset", "machine"], "").await;

    let changed = text
        .replace("members = [\"ada\"]", "members = [\"bob\"]")
        .replace("name = \"Notes\"\n", "name = \"Pads\"\ndisabled = true\n")
        .replace("origins = [\"https://notes.example.org\"]\n", "");
    fs::write(&path, OTHER).expect("a file");
    let done = applied(&cli, &changed, &["--json"]).await;
    let done: Vec<Value> =
        done.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let events: Vec<&str> = done.iter().filter_map(|one| one["event"].as_str()).collect();
    let expected = ["client.changed", "client.secret_created", "group.left", "group.joined"];
    assert_eq!(events, expected, "{done:?}");
    let difference = |name: &str| &done[0]["differences"][name];
    assert_eq!(difference("name"), &json!({ "from": "Notes", "to": "Pads" }));
    assert_eq!(
        difference("origins")["to"],
        json!([]),
        "what the file says no more is as by itself"
    );
    assert_eq!(difference("disabled")["to"], true);
    assert_eq!(difference("scopes"), &Value::Null);
    nothing(&cli, &changed).await;
    for secret in [SECRET, OTHER] {
        assert_eq!(status(&client, secret).await, 200, "the former one for a day");
    }
    let members = cli.good(&["group", "members", "staff"], "").await;
    assert!(members.contains("bob") && !members.contains("ada"), "{members}");
    assert!(cli.good(&["client", "list"], "").await.contains("other"));
    let at_once = changed.replace("secret_file", "secret_overlap = \"0\"\nsecret_file");
    fs::write(&path, SECRET).expect("a file");
    applied(&cli, &at_once, &[]).await;
    assert_eq!((status(&client, SECRET).await, status(&client, OTHER).await), (200, 401));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_refused_with_a_suggestion_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cli = commands(folder.path());
    cli.good(&["db", "migrate"], "").await;
    let good =
        "[clients.a]\npreset = \"proxy\"\naccess = [{ host = \"a.b\", allow = \"anyone\" }]\n";
    for (bad, said) in [
        ("[client.b]", "mean `clients`?"),
        ("[clients.b]\npreset = \"spa\"\nredirect_uri = []", "mean `redirect_uris`?"),
        ("[clients.b]\npreset = \"machine\"\nsecret = \"x\"", "mean `secret_"),
        ("[clients.b]\npreset = \"spa\"\nkind = \"spa\"", "there is no `kind`"),
        ("[clients.b]\nname = \"B\"", "clients.b: `preset` is missing"),
        ("[clients.b]\npreset = \"wizard\"", "wizard"),
        ("[clients.b]\npreset = \"spa\"", "/redirect_uris"),
        ("[clients.b]\npreset = \"machine\"", "secret_file"),
        ("[clients.b]\npreset = \"machine\"\naccess_token = 1", "access_token: "),
        ("[clients.b]\npreset = \"machine\"\nsecret_overlap = \"soon\"", "soon"),
        ("[clients.b]\nabsent = true\nname = \"B\"", "to be absent"),
        ("[clients.\"b c\"]\npreset = \"machine\"", "letters"),
        ("[groups.b]\nmember = []", "mean `members`?"),
        ("[groups.\"b,c\"]", "letters"),
        ("[groups.b]\nmembers = \"ada\"", "members: "),
        ("[groups", "TOML"),
    ] {
        let output = apply(&cli, &format!("{good}{bad}"), &[]).await;
        assert_eq!(output.status.code(), Some(2), "{bad}: {}", output.stderr);
        assert!(output.stderr.contains(said), "{bad}: {}", output.stderr);
    }
    let nobody = apply(&cli, &format!("{good}[groups.b]\nmembers = [\"nobody\"]"), &[]).await;
    assert_eq!(nobody.status.code(), Some(1), "{}", nobody.stderr);
    let twice = apply(&cli, r#"{"clients":{"a":{},"a":{}}}"#, &[]).await;
    assert_eq!(twice.status.code(), Some(2), "{}", twice.stderr);
    assert_eq!(cli.run(&["apply", "/nowhere"], "").await.status.code(), Some(1));
    assert_eq!(cli.good(&["client", "list"], "").await, "");
    assert_eq!(cli.good(&["group", "list"], "").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_absent_goes_when_that_is_confirmed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cli = commands(folder.path());
    cli.good(&["client", "create", "robot", "--preset", "machine"], "").await;
    cli.good(&["group", "create", "staff"], "").await;
    let text = r#"{"clients":{"robot":{"absent":true}},"groups":{"staff":{"absent":true}}}"#;
    assert_eq!(applied(&cli, text, &["--dry-run"]).await, "- client robot\n- group staff\n");
    assert_eq!(apply(&cli, text, &[]).await.status.code(), Some(2), "it asks first");
    assert!(cli.good(&["client", "list"], "").await.contains("robot"));
    applied(&cli, text, &["--yes"]).await;
    nothing(&cli, text).await;
    assert_eq!(cli.good(&["client", "list"], "").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_may_come_from_a_variable_and_is_never_repeated() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let text = "[clients.robot]\npreset = \"machine\"\nsecret_env = \"ROBOT_SECRET\"";
    let given = async |secret: &str| {
        let envs = [("DATABASE_URL", url.as_str()), ("ROBOT_SECRET", secret)];
        run(&["apply", "-"], &envs, text).await.expect("the binary runs")
    };
    for weak in ["hunter2-hunter2", "a secret with spaces in it, and long enough", ""] {
        let output = given(weak).await;
        assert_eq!(output.status.code(), Some(2), "{weak}: {}", output.stderr);
        assert!(weak.is_empty() || !output.stderr.contains(weak), "{}", output.stderr);
    }
    let made = given(SECRET).await;
    assert!(made.status.success(), "{}", made.stderr);
    assert!(!made.stdout.contains(SECRET) && !made.stderr.contains(SECRET));
    assert_eq!(given(SECRET).await.stderr, "no changes\n");
    let cli = commands(folder.path());
    let unset = apply(&cli, text, &[]).await;
    assert_eq!(unset.status.code(), Some(2), "{}", unset.stderr);
    assert!(unset.stderr.contains("ROBOT_SECRET"), "{}", unset.stderr);
}
