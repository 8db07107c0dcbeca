//! The smallest server on this crate, run by its tests: answers every request with its process's number and name.
//!
//! `echo serve ADDR` serves, alone or as a child; `echo supervise ADDR N` is the parent of N such processes and prints
//! their numbers whenever all of them are ready. `ECHO_EXIT` makes a child end at once with that status, `ECHO_EXIT_READY` as soon as it is
//! ready.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokenhouse_processes::connections::{Limits, serve};
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_processes::supervisor::{self, Handle, Phase, Plan, Supervisor};
use tokenhouse_processes::{child, listener, notify, signals};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words[..] {
        ["serve", addr] => serve_until_told(addr),
        ["supervise", addr, processes] => supervise(addr, processes.parse()?),
        _ => Err("echo serve ADDR | echo supervise ADDR N".into()),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

#[expect(clippy::disallowed_methods, reason = "an example for tests reads its own variables")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn serve_until_told(addr: &str) -> Outcome {
    if let Some(status) = number("ECHO_EXIT") {
        std::process::exit(i32::try_from(status)?);
    }
    let parent = child::adopt();
    let (socket, origin) = listener::acquire(addr)?;
    let id = ProcessId::random();
    let answer = format!("{} {id} {origin:?}", std::process::id());
    runtime()?.block_on(async {
        let lifecycle = Lifecycle::new();
        signals::install(lifecycle.clone())?;
        let service = tower::service_fn(move |_: Request<Incoming>| {
            let body = Full::new(Bytes::from(answer.clone()));
            async move { Ok::<_, Infallible>(Response::new(body)) }
        });
        let limits = Limits {
            drain_delay: Duration::from_millis(100),
            max_requests: number("ECHO_MAX_REQUESTS"),
            ..Limits::default()
        };
        let socket = tokio::net::TcpListener::from_std(socket)?;
        if parent.is_none() {
            println!("{}", socket.local_addr()?);
        }
        lifecycle.set_ready();
        notify::to_parent_ready(&id, None)?;
        if let Some(status) = number("ECHO_EXIT_READY") {
            std::process::exit(i32::try_from(status)?);
        }
        serve(socket, service, limits, lifecycle).await;
        Ok(())
    })
}

fn supervise(addr: &str, processes: usize) -> Outcome {
    let (listener, _) = listener::acquire(addr)?;
    let addr = listener.local_addr()?;
    runtime()?.block_on(async {
        let (supervisor, handle) = Supervisor::new(Plan {
            program: std::env::current_exe()?,
            args: vec!["serve".into(), addr.to_string().into()],
            env: Vec::new(),
            listener,
            processes,
            stop_timeout: Duration::from_secs(5),
        })?;
        supervisor::signals(handle.clone())?;
        println!("{addr}");
        tokio::spawn(report(handle));
        Ok(supervisor.run().await?)
    })
}

async fn report(handle: Handle) {
    let mut children = handle.children();
    while children.changed().await.is_ok() {
        let now = children.borrow_and_update().clone();
        if now.iter().all(|child| child.phase == Phase::Ready) {
            let pids: Vec<_> = now.iter().map(|child| child.pid.to_string()).collect();
            println!("{}", pids.join(" "));
        }
    }
}
