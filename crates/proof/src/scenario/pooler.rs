//! F19: pgbouncer in transaction mode between the processes and PostgreSQL, so that no two statements of a
//! process need meet the same connection; and then the pooler dies, too.

use std::time::Duration;

use super::drive::drive;
use super::probe::Probe;
use super::slow_database::all_answer;
use super::stage::{DATABASE, Setup, Stage};
use super::{Scenario, ran};
use crate::fault_proxy::{Fate, FaultProxy, Reach};
use crate::postgres::{Cluster, Pooler};

/// Fewer than the processes have, so that they share.
const CONNECTIONS: u16 = 12;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F19",
    fault: "pgbouncer in transaction mode, its clients' connections reset every 2 s",
    allowed: "what met a reset",
    target: "nothing else is different",
    seconds: (12, 60),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup {
                adjust: |builder| builder.env("TOKENHOUSE_DB_PREPARE", "off"),
                ..Setup::default()
            };
            let cluster = Cluster::start(setup.postgres.clone()).await?;
            cluster.create_database(DATABASE).await?;
            let pooler = Pooler::start(&cluster, CONNECTIONS).await?;
            let (proxy, through) = FaultProxy::before(&pooler.url(DATABASE)).await?;
            let direct = cluster.url(DATABASE);
            let mut stage = Stage::before(cluster, vec![proxy], &through, direct, setup).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                tokio::time::sleep(Duration::from_secs(ctx.times(2, 10).into())).await;
                for _ in 0..ctx.times(2, 15) {
                    let window = book.fault("all connections to pgbouncer are reset");
                    stage.controls[0].impose(Fate::Reset, Reach::This);
                    all_answer(stage, &probe, book).await?;
                    book.over(window);
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};
