//! The parent of several processes. It holds the socket and no state: it asks the database once, when a child is
//! ready, whether a link that sets the server up belongs into what it prints.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_processes::supervisor::{self, Child, Phase, Plan, Supervisor};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_server::log::{Level, Sink};
use tokio::sync::watch;

use super::banner::Banner;
use super::{log, setup};
use crate::config::Written;
use crate::config::used::{self, Config};

/// How long the banner waits for a child that is ready. Without one the database is away, and a person should see
/// where the server listens all the same.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn supervise(config: &Config, written: &Written, listener: TcpListener) -> Result<()> {
    let address = listener.local_addr()?;
    // Found out before N children find it out.
    let settings = used::settings_at(written, Some(address))?;
    used::bootstrap(written)?;
    let root = config.root()?;
    let log = log(config)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut env = Vec::new();
    if written.value("hash_permits") == Some("auto") {
        let permits = cores.div_ceil(config.processes).to_string();
        env.push(("TOKENHOUSE_HASH_PERMITS".into(), permits.into()));
    }
    let plan = Plan {
        program: std::env::current_exe()?,
        args: std::env::args_os().skip(1).collect(),
        env,
        listener,
        processes: config.processes,
        stop_timeout: config.limits.drain_delay
            + config.limits.drain_timeout
            + Duration::from_secs(2),
    };
    let banner = Banner::new(config, &settings, address);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (supervisor, handle) = Supervisor::new(plan)?;
        let mut children = handle.children();
        supervisor::signals(handle)?;
        let announce = async {
            greet(&mut children, config, &banner, (&settings.base_url, &root, &log)).await;
            if ready(&mut children, config.processes).await {
                log.event(
                    Level::Info,
                    "tokenhouse.supervisor.ready",
                    json!({ "server.address": address.ip().to_string(), "server.port": address.port(),
                            "process.pid": std::process::id() }),
                );
            }
            std::future::pending::<()>().await
        };
        let ended = tokio::select! {
            ended = supervisor.run() => ended,
            () = announce => Ok(()),
        };
        log.flush();
        ended.map_err(anyhow::Error::from)
    })
}

/// Waits for so many children to be ready; `false` when the end comes first.
async fn ready(children: &mut watch::Receiver<Vec<Child>>, count: usize) -> bool {
    let enough = |children: &Vec<Child>| {
        children.iter().filter(|child| child.phase == Phase::Ready).count() >= count
    };
    children.wait_for(enough).await.is_ok()
}

/// Prints the banner when the first child is ready, or when that takes too long; the log says where setup is open
/// and the banner does not.
async fn greet(
    children: &mut watch::Receiver<Vec<Child>>,
    config: &Config,
    banner: &Banner,
    (base_url, root, log): (&str, &RootSecret, &Sink),
) {
    let in_time = tokio::time::timeout(PATIENCE, ready(children, 1)).await.is_ok();
    if !in_time {
        banner.print(None);
        ready(children, 1).await;
    }
    let (is_open, link) = match config.store() {
        Ok(store) => {
            let is_open = store.setup_state().await.is_ok_and(|state| state.closed_at.is_none());
            let link = match is_open && in_time {
                true => setup::link_for(banner, store.as_ref(), base_url, root).await,
                false => None,
            };
            (is_open, link)
        }
        Err(_) => (false, None),
    };
    if in_time {
        banner.print(link.as_deref().map(String::as_str));
    }
    if is_open && link.is_none() {
        setup::tell(log);
    }
}
