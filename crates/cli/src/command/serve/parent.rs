//! The parent of several processes. It holds the socket and no state.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_processes::supervisor::{self, Phase, Plan, Supervisor};
use tokenhouse_server::log::Level;

use super::{banner, log};
use crate::config::Written;
use crate::config::used::{self, Config};

pub(super) fn supervise(config: &Config, written: &Written, listener: TcpListener) -> Result<()> {
    // Found out before N children find it out.
    used::settings(written)?;
    config.root()?;
    let log = log(config)?;
    let address = listener.local_addr()?;
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
    banner(config, address);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (supervisor, handle) = Supervisor::new(plan)?;
        let mut children = handle.children();
        supervisor::signals(handle)?;
        let announce = async {
            let all = |children: &Vec<supervisor::Child>| {
                children.iter().filter(|child| child.phase == Phase::Ready).count() >= config.processes
            };
            if children.wait_for(all).await.is_ok() {
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
