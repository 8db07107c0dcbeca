//! Processes that can reach nothing but the database: each in a network of its own, with PostgreSQL by its
//! unix socket, and one wire by which clients come in. They cannot reach each other, and say what
//! processes say that can.

use std::net::Ipv4Addr;

use anyhow::{Result, ensure};

use super::flows;
use super::player::{Player, Route};
use super::process;
use super::transcript::same;
use crate::check::{Check, Verdict};
use crate::generator::Random;
use crate::postgres::Cluster;
use crate::process::bare_command;
use crate::server::{Tokenhouse, binary};
use crate::wrapper::{Wrapper, works};

pub(super) async fn no_peers(cluster: &Cluster) -> Result<Check> {
    let what = "processes that can reach the database and nothing else say the same";
    // A wire whose other end is in a new network: what is needed below.
    let rights = "nsenter --net=/proc/$PPID/ns/net ip link add thprobe type veth peer name eth0 \
                  netns $$";
    if !works("unshare", &["--net", "sh", "-c", rights]) {
        let why = "this user may not make networks and wires between them".to_owned();
        return Ok(Check::new("no-peers", what, Verdict::NotRun(why)));
    }
    let outcome = alone(cluster).await;
    let requests = outcome.as_ref().copied().unwrap_or_default();
    Ok(Check::of("no-peers", what, &outcome).figure("requests", requests))
}

async fn alone(cluster: &Cluster) -> Result<usize> {
    let usual = cluster.fresh_database().await?;
    let server = process(&usual).start().await?;
    let expected = play(Route::One(server.addr())).await?;
    cluster.create_database("alone").await?;
    let url = cluster.socket_url("alone")?;
    let (a, _a) = enclosed(&url, 1).await?;
    let (b, _b) = enclosed(&url, 2).await?;
    for (from, to) in [(&a, &b), (&b, &a)] {
        ensure!(!reaches(from, &to.addr().to_string())?, "one process reaches the other");
        let outside = server.addr().to_string();
        ensure!(!reaches(from, &outside)?, "a process reaches the outer network");
        ensure!(reaches(&server, &outside)?, "the check itself reaches nothing");
        ensure!(reaches(from, &from.addr().to_string())?, "the check itself reaches nothing");
    }
    let seen = play(Route::Any(vec![a.addr(), b.addr()], Random::new(3))).await?;
    same(&expected, &seen)?;
    Ok(seen.len())
}

/// A process in a network of its own. The network ends with it, and the wire with the network.
async fn enclosed(url: &str, number: u8) -> Result<(Tokenhouse, Wrapper)> {
    // Of 10.0.0.0/8, so that another run at the same time has other ones.
    let random = uuid::Uuid::new_v4();
    let [x, y, ..] = *random.as_bytes();
    let block = (y & 0b1111_1000) | number << 2;
    let outer = Ipv4Addr::new(10, 211, x, block | 1);
    let inner = Ipv4Addr::new(10, 211, x, block | 2);
    let name = format!("th{}", &random.simple().to_string()[..10]);
    let wrapper = Wrapper::new(|_| {
        let outside = format!(
            "ip link add {name} type veth peer name eth0 netns $$ && \
             ip addr add {outer}/30 dev {name} && ip link set {name} up"
        );
        let inside =
            format!("ip addr add {inner}/30 dev eth0 && ip link set eth0 up && ip link set lo up");
        format!(
            "exec unshare --net sh -c 'PATH=$PATH:/usr/sbin:/sbin; \
             nsenter --net=/proc/$PPID/ns/net sh -c \"{outside}\" && {inside} && exec \"$@\"' \
             sh \"$program\" \"$@\""
        )
    })?;
    let listen = format!("{inner}:0");
    let builder = process(url).binary(wrapper.path()).env("LISTEN_ADDR", &listen);
    let server = builder.env("TOKENHOUSE_DEV_OUTBOX", "off").start().await?;
    Ok((server, wrapper))
}

/// Whether a healthy server is at that address as seen from where that process is.
fn reaches(from: &Tokenhouse, address: &str) -> Result<bool> {
    let mut command = bare_command("nsenter");
    command
        .arg(format!("--net=/proc/{}/ns/net", from.pid()))
        .arg(binary()?)
        .arg("healthcheck")
        .env("LISTEN_ADDR", address);
    Ok(command.output()?.status.success())
}

async fn play(route: Route) -> Result<Vec<String>> {
    let mut player = Player::new(route);
    let without_mail = flows::ALL.iter().filter(|(name, _)| !flows::WITH_MAIL.contains(name));
    for (_, flow) in without_mail {
        flow(&mut player).await?;
        player.next_scene();
    }
    Ok(player.lines())
}
