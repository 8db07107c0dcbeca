//! The shipped examples of `deploy/` in the proxies they are for, over TLS, in front of two processes that share
//! nothing but a database: somebody signs in on the way to a service that knows nothing of it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, Uri};
use serde_json::{Map, Value, json};
use tokenhouse_proof::http::{Answer, Client, Tls};
use tokenhouse_proof::keeper::Folder;
use tokenhouse_proof::ports::free_address;
use tokenhouse_proof::process::{Running, bare_command};
use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::certificates::certify;
use crate::client::{Cli, on, over, register};

const LOGIN: &str = "login.example.org";
const APP: &str = "app.example.org";
const COOKIE: &str = "__Secure-tokenhouse-forward";
const HTML: &str = "text/html,*/*;q=0.8";
const LONG: Duration = Duration::from_secs(30);

/// A service that says what it was told.
#[expect(clippy::disallowed_methods, reason = "it ends with the test")]
async fn service() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let told = async |uri: Uri, headers: HeaderMap| {
        let text = |value: &HeaderValue| json!(String::from_utf8_lossy(value.as_bytes()));
        let mut told = Map::from_iter([("uri".to_owned(), json!(uri.to_string()))]);
        told.extend(headers.iter().map(|(name, value)| (name.to_string(), text(value))));
        Json(Value::Object(told))
    };
    let router = axum::Router::new().fallback(told);
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}

/// A proxy between a person, two processes and a service.
struct Place {
    folder: Folder,
    proxy: SocketAddr,
    servers: Vec<Tokenhouse>,
    service: SocketAddr,
    running: Option<Running>,
}

impl Place {
    /// Without a proxy yet.
    async fn make() -> Self {
        let folder = Folder::create("tokenhouse-forward-").expect("a folder");
        certify(folder.path(), &[LOGIN, APP, "other.example.org"]);
        let proxy = free_address().expect("a port");
        let mut servers = Vec::new();
        for _ in 0..2 {
            let server = on(folder.path())
                .env("PUBLIC_URL", &format!("https://{LOGIN}:{}", proxy.port()))
                .env("TRUSTED_PROXIES", "127.0.0.1")
                .env("TOKENHOUSE_COOKIE_DOMAIN", "example.org");
            servers.push(server.start().await.expect("a server"));
        }
        let place = Self { folder, proxy, servers, service: service().await, running: None };
        let cli = Cli(format!("sqlite:{}", place.file("test.db").display()));
        let client = ["client", "create", "app", "--preset", "proxy", "--host", APP];
        cli.good(&client, "").await;
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text_of(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }

    /// Starts the proxy, and waits until it listens: it announces nothing.
    async fn start(&mut self, mut command: Command) {
        // Debian has them where the PATH of a user need not lead.
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin");
        let running = Running::start(command).expect("scripts/install-test-tools.sh was run");
        let listening = async {
            while tokio::net::TcpStream::connect(self.proxy).await.is_err() {
                assert!(running.is_running(), "{}", running.last_words().await);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(LONG, listening).await.is_err() {
            panic!("it does not listen: {}", running.last_words().await);
        }
        self.running = Some(running);
    }

    fn client(&self, host: &str) -> Client {
        let authority = self.file("authority.pem");
        let tls = Tls::new(host, Some(authority.as_path())).expect("an authority");
        Client::fresh(self.proxy).over(Some(tls))
    }

    fn authority(&self, host: &str) -> String {
        format!("{host}:{}", self.proxy.port())
    }

    fn browser(&self) -> Browser {
        Browser::at(&over(self.client(LOGIN)), &self.authority(LOGIN))
    }

    /// Asks the service, through the proxy.
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let client = self.client(APP);
        let method = method.parse().expect("a method");
        let mut asking = client.request(method, path).header("host", &self.authority(APP));
        for (name, value) in headers {
            asking = asking.header(name, value);
        }
        asking.send().await.expect("an answer")
    }
}

/// The way of somebody to the service, and what nobody gets to.
async fn a_person_signs_in_for_a_service(place: &mut Place) {
    let name = "ada";
    register(&Client::fresh(place.servers[0].addr()), name).await;
    let path = "/notes?a=b&c=%26";
    let url = format!("https://{}{path}", place.authority(APP));

    let program = place.ask("GET", path, &[("accept", "application/json")]).await;
    assert_eq!(program.status, 401, "{}", program.text());
    let sent = place.ask("GET", path, &[("accept", HTML)]).await;
    assert_eq!(sent.status, 302, "{}", sent.text());
    let login = format!("https://{}", place.authority(LOGIN));
    let location = sent.header("location").expect("a location").to_owned();
    let to_form = location.strip_prefix(&login).unwrap_or_else(|| panic!("{location}"));
    let mut ada = place.browser();
    let form = ada.open(to_form).await;
    let typed = [("username", name), ("password", PASSWORD)];
    let in_session = ada.send(&form, "/login", &typed).await;
    let onward = in_session.answer.header("location").expect("a location").to_owned();
    let back = ada.look(&onward).await;
    assert_eq!(back.answer.header("location"), Some(url.as_str()), "{}", back.html);

    let cookie = format!("a=b; {COOKIE}={}; c=d", ada.cookies[COOKIE]);
    let known = [
        ("accept", HTML),
        ("cookie", cookie.as_str()),
        ("remote-user", "root"),
        ("remote-groups", "admins"),
        ("remote-email", "root@example.org"),
        ("remote_email", "root@example.org"),
        ("x-forwarded-host", "other.example.org"),
        ("x-forwarded-uri", "/other"),
        ("x-original-url", "https://other.example.org/"),
    ];
    for method in ["GET", "POST", "DELETE"] {
        let passed = place.ask(method, path, &known).await;
        assert_eq!(passed.status, 200, "{method}: {}", passed.text());
        let told = passed.json().expect("JSON");
        assert_eq!((&told["uri"], &told["remote-user"]), (&json!(path), &json!(name)), "{told}");
        assert!(!told.to_string().contains("root"), "{told}");
        assert!(!told.to_string().contains("admins"), "{told}");
        let cookies = told["cookie"].as_str().expect("cookies");
        assert!(cookies.contains("a=b") && cookies.contains("c=d"), "{cookies}");
        assert!(!told.to_string().contains("thf_"), "{told}");
    }
    let hidden = ada.look("/api/authz/forward-auth").await;
    assert_eq!(hidden.answer.status, 404, "{}", hidden.html);
    let unclear = place.ask("GET", "/a/%2e%2e/b", &known[..2]).await;
    assert_eq!(unclear.status, 403, "{}", unclear.text());

    place.servers[0].kill9().await.expect("killed");
    for _ in 0..6 {
        let passed = place.ask("GET", path, &known[..2]).await;
        assert_eq!(passed.status, 200, "the other process answers: {}", passed.text());
    }
    let page = ada.open("/logout").await;
    let left = ada.submit(&page, "/logout", &[]).await;
    assert_eq!(left.path, "/login?said=signed-out", "{}: {}", left.answer.status, left.html);
    assert_eq!(place.ask("GET", path, &known[..2]).await.status, 302, "signed out");

    place.servers[1].kill9().await.expect("killed");
    let trouble = place.ask("GET", path, &known[..2]).await;
    assert!([502, 503].contains(&trouble.status), "nobody can say who it is: {}", trouble.status);
}

/// A shipped file.
fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_asks_before_it_lets_somebody_to_a_service() {
    let mut place = Place::make().await;
    let mut example = fs::read_to_string(shipped("nginx/forward-auth.conf")).expect("the example");
    let certificate = place.text_of("certificate.pem");
    for (from, to) in [
        ("listen 443", format!("listen {}", place.proxy)),
        ("/etc/nginx/tls/certificate.pem", certificate),
        ("/etc/nginx/tls/key.pem", place.text_of("key.pem")),
        ("127.0.0.1:8081", place.servers[0].addr().to_string()),
        ("127.0.0.1:8082", place.servers[1].addr().to_string()),
        ("127.0.0.1:9000", place.service.to_string()),
    ] {
        assert!(example.contains(from), "the example has {from}");
        example = example.replace(from, &to);
    }
    let folder = place.folder.path().display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
        .concat();
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}{example}\n}}\n"
    );
    fs::write(place.file("nginx.conf"), configuration).expect("a file");
    let mut command = bare_command("nginx");
    command.args(["-e", "stderr", "-p"]).arg(place.folder.path());
    command.arg("-c").arg(place.file("nginx.conf"));
    place.start(command).await;
    a_person_signs_in_for_a_service(&mut place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_asks_before_it_lets_somebody_to_a_service() {
    let mut place = Place::make().await;
    let example = shipped("caddy/Caddyfile");
    let wrapper = format!(
        "{{\n\tadmin off\n\tauto_https disable_redirects\n}}\nimport {}\n",
        example.display()
    );
    fs::write(place.file("Caddyfile"), wrapper).expect("a file");
    let tls = format!("tls {} {}", place.text_of("certificate.pem"), place.text_of("key.pem"));
    let mut command = bare_command("caddy");
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(place.file("Caddyfile"))
        .env("HOME", place.folder.path())
        .env("SITE_TLS", tls)
        .env("LOGIN_SITE", place.authority(LOGIN))
        .env("APP_SITE", place.authority(APP))
        .env("TOKENHOUSE_1", place.servers[0].addr().to_string())
        .env("TOKENHOUSE_2", place.servers[1].addr().to_string())
        .env("SERVICE", place.service.to_string());
    place.start(command).await;
    a_person_signs_in_for_a_service(&mut place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn haproxy_asks_before_it_lets_somebody_to_a_service() {
    let mut place = Place::make().await;
    let read = |name: &str| fs::read_to_string(place.file(name)).expect("a file");
    fs::write(place.file("both.pem"), read("certificate.pem") + &read("key.pem")).expect("a file");
    let asking = free_address().expect("a port");
    let mut command = bare_command("haproxy");
    command
        .args(["-db", "-f"])
        .arg(shipped("haproxy/forward-auth.cfg"))
        .env("FA_SCRIPT", shipped("haproxy/forward-auth.lua"))
        .env("FA_BIND", place.proxy.to_string())
        .env("FA_CERTIFICATE", place.file("both.pem"))
        .env("FA_ASKING", asking.to_string())
        .env("FA_TOKENHOUSE_1", place.servers[0].addr().to_string())
        .env("FA_TOKENHOUSE_2", place.servers[1].addr().to_string())
        .env("FA_SERVICE", place.service.to_string());
    place.start(command).await;
    a_person_signs_in_for_a_service(&mut place).await;
}
