//! `tokenhouse healthcheck`: asks the server of this machine, for containers without a shell.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::config::used::Config;
use crate::config::{Flags, Written};

/// Ask a running server whether it is healthy (for containers)
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    flags: Flags,
}

const PATIENCE: Duration = Duration::from_secs(3);

/// # Errors
/// When the server does not answer `GET /healthz` with 200 within three seconds.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let config = Config::new(&Written::gather(&arguments.flags)?)?;
    let mut address: SocketAddr =
        config.listen.to_socket_addrs()?.next().context("the listener has no address")?;
    if address.ip().is_unspecified() {
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        address.set_ip(loopback[usize::from(address.is_ipv6())]);
    }
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if &answer[9..] != b"200" {
        bail!("{address} answers {}", String::from_utf8_lossy(&answer[9..]));
    }
    Ok(())
}
