//! Where the listening socket comes from: the parent that started this process, systemd, or a fresh `bind`.
//!
//! Every socket is handed out non-blocking. Which address to use, and what is done with the socket, is for the caller.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::os::fd::AsFd;

use socket2::{Domain, Protocol, Socket, Type};

use crate::rendezvous::PARENT_VARIABLE;

/// Connections the kernel completes on our behalf while no process is accepting, as during a roll.
const BACKLOG: i32 = 4096;

/// Who opened a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The supervisor that started this process; it keeps the socket when the process ends.
    Parent,
    /// systemd's socket activation (`LISTEN_FDS`).
    Systemd,
    /// This process.
    Bound,
}

/// Takes the listening socket this process was handed, or binds `addr` (`host:port`; names and IPv6 are resolved).
///
/// To be called once and before threads are started: standard input and `LISTEN_FDS` are used up by it.
///
/// # Errors
/// What was handed over is no listening TCP socket, or `addr` cannot be resolved or bound.
pub fn acquire(addr: &str) -> io::Result<(TcpListener, Origin)> {
    let (listener, origin) = if std::env::var_os(PARENT_VARIABLE).is_some() {
        (from_parent()?, Origin::Parent)
    } else if let Some(listener) = listenfd::ListenFd::from_env().take_tcp_listener(0)? {
        (listener, Origin::Systemd)
    } else {
        (bind_any(addr)?, Origin::Bound)
    };
    listener.set_nonblocking(true)?;
    Ok((listener, origin))
}

/// Binds `addr`, or the next free port above it, trying `tries` ports in all. Port 0 is left to the kernel.
///
/// # Errors
/// All ports were in use, or `bind` failed for another reason.
pub fn bind_next(addr: SocketAddr, tries: u16) -> io::Result<TcpListener> {
    let mut candidate = addr;
    for _ in 1..tries.max(1) {
        match bind(candidate) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            outcome => return outcome,
        }
        match candidate.port().checked_add(1) {
            Some(port) if candidate.port() != 0 => candidate.set_port(port),
            _ => break,
        }
    }
    bind(candidate)
}

fn from_parent() -> io::Result<TcpListener> {
    let listener = TcpListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    listener.local_addr()?;
    // A second descriptor on the socket would keep the port taken for as long as this process drains.
    rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
    Ok(listener)
}

fn bind_any(addr: &str) -> io::Result<TcpListener> {
    let mut failure =
        io::Error::new(io::ErrorKind::InvalidInput, format!("{addr} names no address"));
    for candidate in addr.to_socket_addrs()? {
        match bind(candidate) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if addr.is_ipv6() && addr.ip().is_unspecified() {
        // `[::]` means every address of the machine, whatever the system's default is.
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_resolved_and_bound() {
        let listener = bind_any("localhost:0").unwrap();
        assert!(listener.local_addr().unwrap().ip().is_loopback());
    }

    #[test]
    fn a_taken_port_leads_to_a_later_one() {
        let first = bind_next("127.0.0.1:0".parse().unwrap(), 1).unwrap();
        let taken = first.local_addr().unwrap();
        assert_eq!(bind_next(taken, 1).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let next = bind_next(taken, 50).unwrap().local_addr().unwrap();
        assert!(next.port() > taken.port(), "{next} after {taken}");
    }
}
