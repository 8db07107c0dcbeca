//! Processes that share nothing but PostgreSQL, behind a real HAProxy without stickiness.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokenhouse_proof::haproxy::{Balancer, Health, Options, Upstream};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::load::Load;
use tokenhouse_proof::postgres::{self, Cluster, StopMode};
use tokenhouse_proof::server::{Builder, Tokenhouse};
use tokenhouse_suite::{Api, PASSWORD};

use crate::client::{Cli, api, counter, read, register};

/// A root secret for servers that share a database.
const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

const LONG: Duration = Duration::from_secs(60);

fn on(url: &str) -> Builder {
    Tokenhouse::builder().database(url).secret(SECRET).env("TOKENHOUSE_DRAIN_DELAY", "1s")
}

async fn servers(url: &str, count: usize) -> Vec<Tokenhouse> {
    let mut servers = Vec::new();
    for _ in 0..count {
        servers.push(on(url).start().await.expect("a server"));
    }
    servers
}

async fn balance(servers: &[Tokenhouse]) -> Balancer {
    let upstreams: Vec<_> =
        servers.iter().map(|server| Upstream::of(server).expect("addresses")).collect();
    Balancer::start(&upstreams, Options::default()).await.expect("HAProxy")
}

async fn balanced() -> (Api, (Balancer, Vec<Tokenhouse>)) {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let servers = servers(&url, 3).await;
    let balancer = balance(&servers).await;
    (api(balancer.addr()), (balancer, servers))
}

mod behind_haproxy {
    tokenhouse_suite::api_suite!(super::balanced);
}

/// Two processes whose statements each go over another connection.
#[expect(clippy::disallowed_methods, reason = "tests are told where the pooler is")]
async fn pooled() -> (Api, (Balancer, Vec<Tokenhouse>)) {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let direct = cluster.fresh_database().await.expect("a database");
    let pooler = std::env::var("TOKENHOUSE_TEST_PGBOUNCER").expect("make test starts pgbouncer");
    let (base, _) = pooler.rsplit_once('/').expect("a URL with a database");
    let (_, database) = direct.rsplit_once('/').expect("a URL with a database");
    let url = format!("{base}/{database}");
    let mut servers = Vec::new();
    for _ in 0..2 {
        let server = on(&url).env("TOKENHOUSE_DB_PREPARE", "off").start().await;
        servers.push(server.expect("a server"));
    }
    let balancer = balance(&servers).await;
    (api(balancer.addr()), (balancer, servers))
}

mod behind_pgbouncer {
    tokenhouse_suite::api_suite!(super::pooled);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_at_one_process_is_true_at_every_other() {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let servers = servers(&url, 3).await;
    let [a, b, c] = [0, 1, 2].map(|index| Client::fresh(servers[index].addr()));
    let token = register(&a, "ada").await;
    assert_eq!((read(&b, &token).await, read(&c, &token).await), (200, 200));
    let write = a.put_json("/data", &json!({ "n": 1 })).bearer(&token);
    assert_eq!(write.send().await.expect("an answer").status, 200);
    assert_eq!(counter(&b, &token).await, Some(1));
    let change = json!({ "old_password": PASSWORD, "new_password": "another fine long phrase" });
    let changed = a.post_json("/password", &change).bearer(&token).send().await;
    assert_eq!(changed.expect("an answer").status, 204);
    let old = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(b.post_json("/login", &old).send().await.expect("an answer").status, 401);
    assert_eq!(c.post("/logout").bearer(&token).send().await.expect("an answer").status, 204);
    assert_eq!((read(&a, &token).await, read(&b, &token).await), (401, 401));
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_and_removing_servers_behind_the_balancer_fails_no_request() {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let mut servers = servers(&url, 2).await;
    let balancer = balance(&servers).await;
    let client = Arc::new(Client::fresh(balancer.addr()));
    let token = register(&client, "ada").await;
    let load = {
        let (client, token) = (Arc::clone(&client), token.clone());
        Load::start(4, move |_| {
            let (client, token) = (Arc::clone(&client), token.clone());
            async move {
                let write =
                    client.put_json("/data", &json!({ "n": 1 })).bearer(&token).send().await;
                match write {
                    Ok(answer) if answer.status == 200 => Ok(()),
                    other => Err(format!("{other:?}")),
                }
            }
        })
    };
    load.succeeded(100, LONG).await.expect("requests go on");
    for (place, server) in servers.iter_mut().enumerate() {
        server.terminate().expect("a signal");
        server.wait(LONG).await.expect("it ends");
        *server = on(&url).start().await.expect("a server");
        let successor = Upstream::of(server).expect("addresses");
        balancer.replace(place, successor).await.expect("a new place");
        balancer.wait_for(place, Health::Up, LONG).await.expect("it is up");
        load.succeeded(100, LONG).await.expect("requests go on");
    }
    load.stop().await.expect("a report").assert_no_failures();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_a_quick_503_and_never_a_401() {
    let mut cluster = Cluster::start(postgres::Options::default()).await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let server = on(&url).start().await.expect("a server");
    let client = Client::fresh(server.addr());
    let token = register(&client, "ada").await;
    cluster.stop(StopMode::Kill).await.expect("killed");
    for _ in 0..10 {
        let asked = Instant::now();
        let answer = client.get("/data").bearer(&token).send().await.expect("an answer");
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.header("retry-after").is_some());
        assert!(asked.elapsed() < Duration::from_millis(2_500), "{:?}", asked.elapsed());
    }
    let healthy = client.get("/healthz").send().await.expect("an answer");
    assert_eq!(healthy.status, 200, "a shared database that is away takes no process out");
    cluster.start_again().await.expect("PostgreSQL again");
    let recovering = Instant::now();
    while read(&client, &token).await != 200 {
        assert!(recovering.elapsed() < Duration::from_secs(5), "it does not recover");
    }
}

#[expect(clippy::disallowed_methods, reason = "they start at once")]
#[tokio::test(flavor = "multi_thread")]
async fn servers_may_start_before_their_database_and_all_at_once() {
    let mut cluster = Cluster::start(postgres::Options::quick()).await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    cluster.stop(StopMode::Fast).await.expect("stopped");
    let starting: Vec<_> = (0..4).map(|_| tokio::spawn(on(&url).start())).collect();
    cluster.start_again().await.expect("PostgreSQL");
    let mut servers = Vec::new();
    for start in starting {
        servers.push(start.await.expect("no panic").expect("a server"));
    }
    let token = register(&Client::fresh(servers[0].addr()), "ada").await;
    for server in &servers {
        assert_eq!(read(&Client::fresh(server.addr()), &token).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_servers_that_start_at_once_one_makes_the_first_administrator() {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let start = || {
        let server = on(&url).env("BOOTSTRAP_ADMIN_EMAIL", "ada@example.org");
        server.env("BOOTSTRAP_ADMIN_PASSWORD", PASSWORD).start()
    };
    let started = join_all((0..4).map(|_| start())).await;
    let body = json!({ "username": "ada@example.org", "password": PASSWORD });
    for server in started {
        let server = server.expect("a server");
        let client = Client::fresh(server.addr());
        let answer = client.post_json("/login", &body).send().await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let cli = Cli(url);
    assert_eq!(cli.good(&["admin", "list"], "").await.lines().count(), 1);
    let audit = cli.good(&["audit", "--json"], "").await;
    assert_eq!(audit.matches("\"setup.completed\"").count(), 1, "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_variables_alone_start_it() {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(&url).clean_env().folder(folder.path()).start().await.expect("a server");
    let token = register(&Client::fresh(server.addr()), "ada").await;
    assert_eq!(read(&Client::fresh(server.addr()), &token).await, 200);
    let left = folder.path().read_dir().expect("a folder").count();
    assert_eq!(left, 0, "with PostgreSQL nothing is written");
}

/// Writes a program that runs the binary in its own way, and gives its path.
fn wrapper(folder: &Path, command: &str) -> PathBuf {
    let path = folder.join("wrapper");
    let binary = env!("CARGO_BIN_EXE_tokenhouse");
    std::fs::write(&path, format!("#!/bin/sh\n{command} {binary} \"$@\"\n")).expect("a file");
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a mode");
    path
}

/// Registers, signs in, writes, reads and signs out.
async fn use_it(server: &Tokenhouse) {
    let client = Client::fresh(server.addr());
    let token = register(&client, "ada").await;
    let right = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(client.post_json("/login", &right).send().await.expect("an answer").status, 200);
    let write = client.put_json("/data", &json!({ "n": 1 })).bearer(&token);
    assert_eq!(write.send().await.expect("an answer").status, 200);
    assert_eq!(counter(&client, &token).await, Some(1));
    assert_eq!(client.post("/logout").bearer(&token).send().await.expect("an answer").status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_start_to_end_no_file_is_opened_for_writing() {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trace = folder.path().join("trace");
    let calls =
        "openat,open,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,linkat";
    let command = format!("exec strace -f -qq -e trace={calls} -o {}", trace.display());
    let program = wrapper(folder.path(), &command);
    let mut server = on(&url).binary(program).start().await.expect("a server");
    use_it(&server).await;
    let pid = server.events("tokenhouse.ready")[0]["process.pid"].as_i64().expect("a pid");
    let pid = Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::TERM).expect("a signal");
    server.wait(LONG).await.expect("it ends");
    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert!(text.contains("openat("), "strace saw nothing");
    let writes = |line: &&str| {
        let changes = ["mkdir", "unlink", "rename", "link(", "linkat(", "creat("];
        let opens = ["O_WRONLY", "O_RDWR", "O_CREAT"];
        (changes.iter().chain(&opens).any(|part| line.contains(part)))
            && !line.contains("\"/dev/null\"")
    };
    let found: Vec<&str> = text.lines().filter(writes).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_file_system_is_enough() {
    let may = std::process::Command::new("unshare").args(["--mount", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("not run: this user may not mount; the test above shows the same by strace");
        return;
    }
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inner = "mount -o remount,ro,bind / 2>/dev/null || mount -o remount,ro /; \
                 ! touch /tokenhouse-test 2>/dev/null || exit 99; exec";
    let program = folder.path().join("wrapper");
    let script = format!(
        "#!/bin/sh\nexec unshare --mount sh -c '{inner} \"$@\"' sh {} \"$@\"\n",
        env!("CARGO_BIN_EXE_tokenhouse")
    );
    std::fs::write(&program, script).expect("a file");
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a mode");
    let server = on(&url).binary(program).start().await.expect("a server");
    use_it(&server).await;
}

fn worker(url: &str) -> std::process::Child {
    std::process::Command::new(env!("CARGO_BIN_EXE_tokenhouse"))
        .arg("worker")
        .env_clear()
        .env("DATABASE_URL", url)
        .env("TOKENHOUSE_TASK_LEASE", "1s")
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("a worker")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_the_middle_leaves_its_task_to_another() {
    let cluster = postgres::shared().await.expect("PostgreSQL");
    let url = cluster.fresh_database().await.expect("a database");
    let (_, database) = url.rsplit_once('/').expect("a URL with a database");
    let server = on(&url).arg("--no-worker").start().await.expect("a server");
    let token = register(&Client::fresh(server.addr()), "ada").await;
    let many = "INSERT INTO sessions SELECT gen_random_uuid(), id, 1, '\\x00', now(), now(),
                now() - interval '1 day', now(), NULL, NULL FROM users, generate_series(1, 60000)";
    cluster.psql(database, many).await.expect("expired sessions");
    let left = async || {
        let count = "SELECT count(*) FROM sessions WHERE live_until <= now()";
        let text = cluster.psql(database, count).await.expect("a count");
        text.trim().parse::<u64>().expect("a number")
    };
    let started = Instant::now();
    let mut first = worker(&url);
    while left().await == 60_000 {
        assert!(started.elapsed() < LONG, "the first worker does nothing");
    }
    first.kill().expect("killed");
    first.wait().expect("it ended");
    assert!(left().await > 0, "it was killed in the middle");
    let mut second = worker(&url);
    while left().await > 0 {
        assert!(started.elapsed() < LONG, "the second worker does not finish");
    }
    second.kill().expect("killed");
    second.wait().expect("it ended");
    assert_eq!(read(&Client::fresh(server.addr()), &token).await, 200, "a living session stays");
}
