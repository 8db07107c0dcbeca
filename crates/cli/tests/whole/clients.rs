//! Applications, groups and claims, looked after by commands while a server runs.

use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_suite::PASSWORD;

use crate::client::{Cli, on};

/// A server, the commands over its database, and a way to ask it.
struct Place {
    server: Tokenhouse,
    cli: Cli,
    client: Client,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = on(folder.path()).env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256").start().await;
        let server = server.expect("a server");
        let client = Client::fresh(server.addr());
        let cli = Cli(format!("sqlite:{}", folder.path().join("test.db").display()));
        Self { server, cli, client, _folder: folder }
    }

    async fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.cli.good(args, "").await).expect("JSON")
    }

    /// The status of asking for a token by a secret.
    async fn token(&self, id: &str, secret: &str) -> u16 {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let asking = self.client.post("/oauth2/token").form(&form);
        asking.send().await.expect("an answer").status
    }

    /// Runs a command that is refused; what it says.
    async fn refused(&self, args: &[&str], code: i32) -> String {
        let output = self.cli.run(args, "").await;
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", output.stderr);
        assert_eq!(output.stdout, "", "{args:?}");
        output.stderr
    }
}

/// The secret in what `client create` prints.
fn secret(printed: &str) -> &str {
    let line = printed.lines().find_map(|line| line.strip_prefix("client_secret"));
    line.expect("a secret").trim()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_known_by_its_secrets_until_each_of_them_ends() {
    let place = Place::new().await;
    let made = place.cli.good(&["client", "create", "robot", "--preset", "machine"], "").await;
    let first = secret(&made);
    assert!(first.starts_with("thk_") && made.contains("client_id      robot"), "{made}");
    assert_eq!(place.token("robot", first).await, 200);
    assert_eq!(place.token("robot", "thk_wrong").await, 401);

    let second = place.cli.good(&["client", "rotate-secret", "robot"], "").await;
    let second = second.trim();
    assert_eq!(place.token("robot", first).await, 200, "for a day");
    assert_eq!(place.token("robot", second).await, 200);
    let at_once = ["client", "rotate-secret", "robot", "--overlap", "0", "--json"];
    let third = place.json(&at_once).await;
    let third = third["client_secret"].as_str().expect("a secret");
    assert_eq!(place.token("robot", first).await, 401);
    assert_eq!(place.token("robot", second).await, 401);
    assert_eq!(place.token("robot", third).await, 200);

    place.cli.good(&["client", "update", "robot", "--disable"], "").await;
    assert_eq!(place.token("robot", third).await, 401);
    place.cli.good(&["client", "update", "robot", "--enable"], "").await;
    assert_eq!(place.token("robot", third).await, 200);
    place.refused(&["client", "delete", "robot"], 2).await;
    place.cli.good(&["client", "delete", "robot", "--yes"], "").await;
    assert_eq!(place.token("robot", third).await, 401);
    place.refused(&["client", "get", "robot"], 1).await;

    let audit = place.cli.good(&["audit", "--json"], "").await;
    for (event, count) in [
        ("client.created", 1),
        ("client.secret_created", 2),
        ("client.changed", 2),
        ("client.deleted", 1),
    ] {
        assert_eq!(audit.matches(&format!("\"{event}\"")).count(), count, "{event}: {audit}");
    }
    let said = [place.server.lines(), place.server.error_lines()].concat();
    assert!(!said.iter().any(|line| line.contains("thk_")), "no secret is in a log");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_each_kind_is_made_shown_and_changed() {
    let place = Place::new().await;
    let uri = "https://app.example.org/callback";
    let redirect = ["--redirect-uri", uri];
    let kinds: [(&str, &[&str], bool); 6] = [
        ("spa", &redirect, false),
        ("server", &redirect, true),
        ("native", &["--redirect-uri", "http://127.0.0.1/callback"], false),
        ("device", &[], false),
        ("machine", &[], true),
        ("proxy", &["--host", "Wiki.example.org", "--allow-group", "staff"], false),
    ];
    for (kind, more, has_secret) in kinds {
        let create = ["client", "create", kind, "--preset", kind, "--json"];
        let made = place.json(&[&create[..], more].concat()).await;
        assert_eq!(made["client_secret"].is_string(), has_secret, "{made}");
        assert_eq!(made["settings"]["kind"], kind);
        let shown = place.json(&["client", "get", kind, "--json"]).await;
        assert_eq!(shown["settings"], made["settings"]);
        assert_eq!(shown["secrets"].as_array().map(Vec::len), Some(usize::from(has_secret)));
        assert!(!shown.to_string().contains("thk_"), "a secret is shown once");
    }
    let rule = json!({ "host": "wiki.example.org", "paths": [], "methods": [],
                       "allow": { "groups": ["staff"] } });
    let proxy = place.json(&["client", "get", "proxy", "--json"]).await;
    assert_eq!(proxy["settings"]["access"], json!([rule]));

    let update = ["client", "update", "spa", "--name", "Notes", "--scope", "openid", "--scope"];
    let update = [&update[..], &["groups", "--set", "access_token=jwt"]].concat();
    place.cli.good(&update, "").await;
    let again = place.cli.run(&update, "").await;
    assert!(again.status.success() && again.stderr.contains("nothing to do"), "{}", again.stderr);
    let shown = place.json(&["client", "get", "spa", "--json"]).await;
    let settings = &shown["settings"];
    assert_eq!(settings["name"], "Notes");
    assert_eq!(settings["access_token"], "jwt");
    assert_eq!(settings["scopes"], "groups openid");
    assert_eq!(settings["redirect_uris"], json!([uri]), "what is not given stays");
    assert_eq!(shown["version"], 2);
    let text = place.cli.good(&["client", "get", "spa"], "").await;
    assert!(text.lines().any(|line| line.starts_with("redirect_uris ") && line.ends_with(uri)));

    let listed = place.cli.good(&["client", "list", "--json", "--limit", "4"], "").await;
    let ids: Vec<Value> = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["client_id"].clone())
        .collect();
    assert_eq!(ids, ["device", "machine", "native", "proxy"]);
    let rest = place.cli.good(&["client", "list", "--after", "proxy"], "").await;
    assert_eq!(rest.lines().count(), 2, "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_application_is_told_and_nothing_is_made() {
    let place = Place::new().await;
    let cases: &[(&[&str], i32, &str)] = &[
        (&["app", "--preset", "spa"], 2, "/redirect_uris must name at least one"),
        (&["app", "--preset", "wizard"], 2, "wizard"),
        (&["a b", "--preset", "machine"], 2, "letters"),
        (&["app", "--preset", "machine", "--set", "acces_token=jwt"], 2, "mean `access_token`?"),
        (&["app", "--preset", "machine", "--set", "access_token=yes"], 2, "access_token: "),
        (&["app", "--preset", "machine", "--set", "access_token"], 2, "NAME=VALUE"),
        (&["app", "--preset", "spa", "--redirect-uri", "javascript:x"], 2, "/redirect_uris/0 "),
        (&["app", "--preset", "proxy", "--allow-group", "staff"], 2, "--host"),
        (&["app", "--preset", "proxy", "--host", "a/b"], 2, "/access/0"),
    ];
    for (args, code, said) in cases {
        let refused = place.refused(&[&["client", "create"], *args].concat(), *code).await;
        assert!(refused.contains(said), "{args:?}: {refused}");
    }
    assert_eq!(place.cli.good(&["client", "list"], "").await, "");
    let proxy = |id| ["client", "create", id, "--preset", "proxy", "--host", "wiki.example.org"];
    place.cli.good(&proxy("wiki"), "").await;
    assert!(place.refused(&proxy("wiki"), 5).await.contains("already"));
    assert!(place.refused(&proxy("other"), 5).await.contains("wiki.example.org"));
    assert!(place.refused(&["client", "rotate-secret", "wiki"], 5).await.contains("no secret"));
    place.refused(&["client", "update", "nobody", "--name", "Notes"], 1).await;
    place.refused(&["client", "delete", "nobody", "--yes"], 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_have_members_who_come_and_go() {
    let place = Place::new().await;
    let cli = &place.cli;
    for name in ["ada", "bob"] {
        cli.good(&["user", "create", name], PASSWORD).await;
    }
    cli.good(&["group", "create", "staff"], "").await;
    place.refused(&["group", "create", "staff"], 5).await;
    place.refused(&["group", "create", "a,b"], 2).await;
    cli.good(&["group", "add", "staff", "ada"], "").await;
    cli.good(&["group", "add", "staff", "bob"], "").await;
    let again = cli.run(&["group", "add", "staff", "ada"], "").await;
    assert!(again.status.success() && again.stderr.contains("nothing to do"), "{}", again.stderr);
    place.refused(&["group", "add", "staff", "nobody"], 1).await;
    place.refused(&["group", "add", "nothing", "ada"], 1).await;
    let members = cli.good(&["group", "members", "staff", "--json"], "").await;
    assert_eq!(members.lines().count(), 2, "{members}");
    cli.good(&["group", "remove", "staff", "bob"], "").await;
    let members = cli.good(&["group", "members", "staff"], "").await;
    assert!(members.trim_end().ends_with("  ada"), "{members}");
    let audit = cli.good(&["audit", "--user", "bob"], "").await;
    assert!(audit.contains("group.joined") && audit.contains("group.left"), "{audit}");
    place.refused(&["group", "delete", "staff"], 2).await;
    cli.good(&["group", "delete", "staff", "--yes"], "").await;
    assert_eq!(cli.good(&["group", "list"], "").await, "");
    place.refused(&["group", "members", "staff"], 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_set_from_standard_input_and_judged() {
    let place = Place::new().await;
    let cli = &place.cli;
    cli.good(&["user", "create", "ada"], PASSWORD).await;
    assert_eq!(cli.good(&["user", "claims", "ada"], "").await, "{}\n");
    let claims = json!({ "name": "Ada Lovelace", "address": { "country": "GB" } });
    let set = ["user", "claims", "ada", "--set", "-"];
    cli.good(&set, &claims.to_string()).await;
    assert_eq!(place.json(&["user", "claims", "ada", "--json"]).await, claims);
    for bad in [r#"{"nickname":1}"#, r#"{"sub":"eve"}"#, "[]", ""] {
        let output = cli.run(&set, bad).await;
        assert_eq!(output.status.code(), Some(2), "{bad}: {}", output.stderr);
    }
    assert_eq!(place.json(&["user", "claims", "ada", "--json"]).await, claims);
    assert!(cli.good(&["audit", "--user", "ada"], "").await.contains("user.claims_set"));
}

/// Does what a reader does: pastes every command, one after the other.
#[cfg(feature = "real-servers")]
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_documentation_work_when_pasted() {
    let (place, folder) = (Place::new().await, tempfile::tempdir().expect("a temporary folder"));
    let text = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/applications.md");
    let text = std::fs::read_to_string(text).expect("the document");
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        lines.extend(line.strip_prefix("    ").filter(|_| !fenced));
    }
    let script = lines.join("\n").replace("http://127.0.0.1:8080", &place.server.url());
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_tokenhouse"));
    let programs = binary.parent().expect("a folder").display();
    let output = std::process::Command::new("sh")
        .args(["-euc", &script])
        .env_clear()
        .env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"))
        .env("DATABASE_URL", &place.cli.0)
        .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    let [said, noted] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{said}{noted}");
    assert!(said.contains(r#""active":true"#) && !said.contains(r#""error""#), "{said}");
    assert!(noted.contains("no changes"), "{noted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_register_themselves_by_what_an_operator_hands_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path())
        .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
        .env("TOKENHOUSE_DYNAMIC_REGISTRATION", "token");
    let server = server.start().await.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = Cli(format!("sqlite:{}", folder.path().join("test.db").display()));
    let invited = cli.run(&["client", "invite", "--uses", "2", "--expires", "1h"], "").await;
    let token = invited.stdout.trim();
    assert!(token.starts_with("thi_") && token.len() == 75, "{token}");
    assert!(invited.stderr.contains("TOKENHOUSE_DYNAMIC_REGISTRATION=token"), "it is off here");
    let said = json!({ "redirect_uris": ["https://dyn.example/cb"], "client_name": "Dynamic" });
    for status in [201, 201, 401] {
        let asking = client.post_json("/oauth2/register", &said).bearer(token);
        let answer = asking.send().await.expect("an answer");
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let listed = cli.good(&["client", "list"], "").await;
    assert_eq!(listed.matches("Dynamic").count(), 2, "{listed}");
    let output = cli.run(&["client", "invite", "--uses", "0"], "").await;
    assert_eq!(output.status.code(), Some(2), "{}", output.stderr);
}
