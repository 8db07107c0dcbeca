//! What the shipped balancer configuration promises, shown with the real HAProxy in front of tiny
//! servers whose health and manners the test decides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokenhouse_proof::haproxy::{Balancer, Health, Options, Upstream};
use tokenhouse_proof::http::{Client, Failure};
use tokenhouse_proof::load::Load;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

const LONG: Duration = Duration::from_secs(10);

/// A server with a name; it answers with what it was sent.
struct Tiny {
    upstream: Upstream,
    /// What `/readyz` says.
    ready: Arc<AtomicBool>,
    /// Whether it closes connections without an answer.
    rude: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    /// Whether it answers at once.
    prompt: watch::Sender<bool>,
}

impl Tiny {
    async fn start(name: &'static str) -> Result<Self> {
        let public = TcpListener::bind("127.0.0.1:0").await?;
        let management = TcpListener::bind("127.0.0.1:0").await?;
        let tiny = Self {
            upstream: Upstream { addr: public.local_addr()?, management: management.local_addr()? },
            ready: Arc::new(AtomicBool::new(true)),
            rude: Arc::default(),
            served: Arc::default(),
            prompt: watch::Sender::new(true),
        };
        let ready = Arc::clone(&tiny.ready);
        spawn(management, watch::Sender::new(true).subscribe(), move |request| {
            let good = request.uri() == "/readyz" && ready.load(Ordering::SeqCst);
            let status = if good { 200 } else { 503 };
            Some(answer(status, name, Value::Null))
        });
        let (rude, served) = (Arc::clone(&tiny.rude), Arc::clone(&tiny.served));
        spawn(public, tiny.prompt.subscribe(), move |request| {
            served.fetch_add(1, Ordering::SeqCst);
            let polite = !rude.load(Ordering::SeqCst);
            polite.then(|| answer(200, name, echo(request)))
        });
        Ok(tiny)
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    /// Waits until so many requests have come.
    async fn has_served(&self, requests: usize) -> Result<()> {
        let coming = async {
            while self.served() < requests {
                tokio::task::yield_now().await;
            }
        };
        Ok(tokio::time::timeout(LONG, coming).await?)
    }
}

/// Serves with `handle`, when it is `prompt`; where that gives no answer, the connection is closed.
fn spawn<F>(listener: TcpListener, prompt: watch::Receiver<bool>, handle: F)
where
    F: Fn(&Request<Incoming>) -> Option<Response<Full<Bytes>>> + Send + Sync + 'static,
{
    let handle = Arc::new(handle);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handle = Arc::clone(&handle);
            let prompt = prompt.clone();
            let service = service_fn(move |request| {
                let answer = handle(&request).ok_or("rude");
                let mut prompt = prompt.clone();
                async move {
                    // Nobody asks any more when the other end is gone.
                    let _ = prompt.wait_for(|prompt| *prompt).await;
                    answer
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

fn answer(status: u16, name: &str, body: Value) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(body.to_string()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if let Ok(name) = name.parse() {
        answer.headers_mut().insert("tokenhouse-process", name);
    }
    answer
}

/// The request's headers, several of one name joined.
fn echo(request: &Request<Incoming>) -> Value {
    let headers = request.headers();
    headers
        .keys()
        .map(|name| {
            let values = headers.get_all(name).iter();
            let values: Vec<_> = values.map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
            (name.to_string(), Value::from(values.join(", ")))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Load that blames everything but 200.
fn load_on(addr: SocketAddr) -> Load {
    let client = Client::kept(addr);
    Load::start(4, move |_| {
        let client = client.clone();
        async move {
            let answer = client.get("/").send().await.map_err(|e| e.to_string())?;
            (answer.status == 200)
                .then_some(())
                .ok_or_else(|| format!("{}: {}", answer.status, answer.text()))
        }
    })
}

#[tokio::test]
async fn requests_go_round_and_a_server_that_is_not_ready_gets_none() -> Result<()> {
    let (a, b) = (Tiny::start("a").await?, Tiny::start("b").await?);
    let balancer = Balancer::start(&[a.upstream, b.upstream], Options::default()).await?;
    let client = Client::fresh(balancer.addr());
    for _ in 0..20 {
        assert_eq!(client.get("/").send().await?.status, 200);
    }
    assert_eq!((a.served(), b.served()), (10, 10));

    let load = load_on(balancer.addr());
    load.succeeded(100, LONG).await?;
    b.ready.store(false, Ordering::SeqCst);
    balancer.wait_for(1, Health::Down, LONG).await?;
    // Each of the four tasks may still have one request there.
    let before = b.served();
    load.succeeded(100, LONG).await?;
    let after = b.served();
    assert!(after <= before + 4, "{before} {after}");

    b.ready.store(true, Ordering::SeqCst);
    balancer.wait_for(1, Health::Up, LONG).await?;
    load.succeeded(100, LONG).await?;
    assert!(b.served() > after + 4);
    load.stop().await?.assert_no_failures();
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_only_if_the_method_is_safe() -> Result<()> {
    let (a, b) = (Tiny::start("a").await?, Tiny::start("b").await?);
    b.rude.store(true, Ordering::SeqCst);
    let balancer = Balancer::start(&[a.upstream, b.upstream], Options::default()).await?;
    let client = Client::fresh(balancer.addr());
    for _ in 0..10 {
        let answer = client.get("/").send().await?;
        assert_eq!((answer.status, answer.process()), (200, Some("a")));
    }
    assert!(b.served() > 0);

    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let method: http::Method = method.parse()?;
        let (before_a, before_b) = (a.served(), b.served());
        let mut statuses = Vec::new();
        for _ in 0..4 {
            let request = client.request(method.clone(), "/");
            statuses.push(request.json(&json!({})).send().await?.status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 502, 502], "{method}");
        assert_eq!((a.served(), b.served()), (before_a + 2, before_b + 2));
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_connection_goes_to_the_next_server_at_once_whatever_the_method() -> Result<()> {
    let (a, gone) = (Tiny::start("a").await?, Tiny::start("gone").await?);
    let nobody = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let dead = Upstream { addr: nobody, ..gone.upstream };
    let balancer = Balancer::start(&[a.upstream, dead], Options::default()).await?;
    let client = Client::fresh(balancer.addr());
    let began = Instant::now();
    for _ in 0..10 {
        let answer = client.post_json("/login", &json!({})).send().await?;
        assert_eq!((answer.status, answer.process()), (200, Some("a")));
    }
    // Each pause before a retry on the same server would take a second.
    assert!(began.elapsed() < Duration::from_secs(1));
    Ok(())
}

#[tokio::test]
async fn a_reload_under_load_exchanges_the_servers_and_fails_nothing() -> Result<()> {
    let (a, b) = (Tiny::start("a").await?, Tiny::start("b").await?);
    let mut balancer = Balancer::start(&[a.upstream], Options::default()).await?;
    let load = load_on(balancer.addr());
    load.succeeded(100, LONG).await?;
    balancer.reload(&[b.upstream]).await?;
    balancer.wait_for_leaving(LONG).await?;
    let before = a.served();
    load.succeeded(100, LONG).await?;
    assert_eq!(a.served(), before);
    assert!(b.served() >= 100);
    load.stop().await?.assert_no_failures();
    Ok(())
}

#[tokio::test]
async fn a_server_takes_the_place_of_another_without_a_reload() -> Result<()> {
    let (a, b) = (Tiny::start("a").await?, Tiny::start("b").await?);
    let balancer = Balancer::start(&[a.upstream], Options::default()).await?;
    balancer.replace(0, b.upstream).await?;
    let answer = Client::fresh(balancer.addr()).get("/").send().await?;
    assert_eq!(answer.process(), Some("b"));
    // The check follows: it is asked of the new server.
    b.ready.store(false, Ordering::SeqCst);
    balancer.wait_for(0, Health::Down, LONG).await?;
    let missing = balancer.replace(1, a.upstream).await;
    assert!(missing.is_err(), "there is one place");
    Ok(())
}

#[tokio::test]
async fn the_client_cannot_choose_its_address_and_every_request_has_an_id() -> Result<()> {
    let a = Tiny::start("a").await?;
    let balancer = Balancer::start(&[a.upstream], Options::default()).await?;
    let client = Client::fresh(balancer.addr());
    let sent = client
        .get("/")
        .header("x-forwarded-for", "192.0.2.1")
        .header("forwarded", "for=192.0.2.1")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https")
        .send()
        .await?
        .json()?;
    assert_eq!(sent["x-forwarded-for"], "127.0.0.1");
    assert_eq!(sent["x-forwarded-proto"], "http");
    assert_eq!(sent.get("forwarded"), None);
    assert_eq!(sent.get("x-forwarded-host"), None);
    let id = sent["x-request-id"].as_str().context("no id")?;
    uuid::Uuid::parse_str(id)?;

    let kept = client.get("/").header("x-request-id", "mine-1").send();
    assert_eq!(kept.await?.json()?["x-request-id"], "mine-1");
    Ok(())
}

#[tokio::test]
async fn without_any_server_the_answer_is_a_quick_and_honest_503() -> Result<()> {
    let a = Tiny::start("a").await?;
    a.ready.store(false, Ordering::SeqCst);
    let options = Options { wait_until_up: false, ..Options::default() };
    let balancer = Balancer::start(&[a.upstream], options).await?;
    balancer.wait_for(0, Health::Down, LONG).await?;
    let answer = Client::fresh(balancer.addr()).get("/").send().await?;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()?["status"], 503);

    let addr = balancer.addr();
    drop(balancer);
    let failure = Client::fresh(addr).get("/").send().await;
    assert!(matches!(failure, Err(Failure::Refused(_))), "{failure:?}");
    Ok(())
}

#[tokio::test]
async fn logins_beyond_what_processes_let_wait_are_refused_at_once_and_nothing_else_is()
-> Result<()> {
    const ROOM: usize = 250;
    let a = Tiny::start("a").await?;
    let balancer = Balancer::start(&[a.upstream], Options::default()).await?;
    let addr = balancer.addr();
    a.prompt.send_replace(false);
    let mut waiting = JoinSet::new();
    for _ in 0..ROOM {
        waiting
            .spawn(async move { Client::fresh(addr).post_json("/login", &json!({})).send().await });
    }
    a.has_served(ROOM).await?;

    let client = Client::fresh(addr);
    for path in ["/login", "/register"] {
        let refused = client.post_json(path, &json!({})).send().await?;
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("2")));
        assert_eq!(refused.json()?["code"], "overloaded");
    }
    let form = client
        .request(http::Method::POST, "/login")
        .header("content-type", "application/x-www-form-urlencoded")
        .send()
        .await?;
    assert_eq!((form.status, form.header("content-type")), (503, Some("text/html; charset=utf-8")));
    assert_eq!(a.served(), ROOM);

    // Others do not wait behind them: they reach the server, which answers when it is prompt again.
    let others = ["/data", "/login"]
        .map(|path| tokio::spawn(async move { Client::fresh(addr).get(path).send().await }));
    a.has_served(ROOM + others.len()).await?;
    a.prompt.send_replace(true);
    for other in others {
        assert_eq!(other.await??.status, 200);
    }
    while let Some(answer) = waiting.join_next().await {
        assert_eq!(answer??.status, 200);
    }
    assert_eq!(client.post_json("/login", &json!({})).send().await?.status, 200);
    let told = balancer.lines().iter().filter(|line| line.contains(" 503 ")).count();
    assert_eq!(told, 0, "a flood of refusals would be a flood of lines");
    Ok(())
}
