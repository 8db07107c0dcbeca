//! The parent as a process of its own: signals, its death, and sockets from systemd.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tokenhouse_processes::listener::bind_next;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use super::parent::echo;
use crate::client::{Client, PATIENCE, ask_once, patiently};

/// A program whose output is read line by line; killed when the test ends.
struct Program {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    fn supervise(processes: usize) -> Self {
        Self::start(Command::new(echo()).args(["supervise", "127.0.0.1:0", &processes.to_string()]))
    }

    async fn line(&mut self) -> String {
        patiently(self.lines.next_line()).await.unwrap().expect("a line")
    }

    async fn addr(&mut self) -> SocketAddr {
        self.line().await.parse().unwrap()
    }

    /// Waits until it reports exactly `count` processes that all serve and none of which is in `not`.
    async fn processes(&mut self, count: usize, not: &[i32]) -> Vec<i32> {
        loop {
            let line = self.line().await;
            let pids: Vec<i32> = line.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
            if pids.len() == count && pids.iter().all(|pid| !not.contains(pid)) {
                return pids;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = self.process.id().unwrap().cast_signed();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
}

/// Waits for the end of a process; false when it does not come.
fn has_ended(process: &OwnedFd) -> bool {
    let patience = Timespec::try_from(PATIENCE).unwrap();
    let mut watched = [PollFd::new(process, PollFlags::IN)];
    poll(&mut watched, Some(&patience)).unwrap() == 1
}

#[tokio::test]
async fn the_signals_of_the_parent_are_obeyed() {
    let mut program = Program::supervise(1);
    program.addr().await;
    let first = program.processes(1, &[]).await;
    program.signal(Signal::TTIN);
    program.processes(2, &[]).await;
    program.signal(Signal::TTOU);
    assert_eq!(program.processes(1, &[]).await, first);
    program.signal(Signal::HUP);
    program.processes(1, &first).await;
    program.signal(Signal::TERM);
    assert!(patiently(program.process.wait()).await.unwrap().success());
}

#[tokio::test]
async fn when_the_parent_is_killed_its_processes_end_and_the_port_is_free() {
    let mut program = Program::supervise(3);
    let addr = program.addr().await;
    let mut ends = JoinSet::new();
    for pid in program.processes(3, &[]).await {
        let end = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()).unwrap();
        ends.spawn_blocking(move || has_ended(&end));
    }
    ask_once(addr, "/").await.unwrap();
    program.process.kill().await.unwrap();
    while let Some(ended) = ends.join_next().await {
        assert!(ended.unwrap(), "a process outlives its parent");
    }
    bind_next(addr, 1).expect("nobody holds the port");
}

#[tokio::test]
async fn a_socket_from_systemd_is_served() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = socket.local_addr().unwrap();
    // Only the shell can put a descriptor in its place without unsafe code.
    let script = r#"exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve unused:0"#;
    let mut program = Program::start(
        Command::new("sh")
            .args(["-c", script])
            .arg(echo())
            .stdin(Stdio::from(OwnedFd::from(socket))),
    );
    assert_eq!(program.addr().await, addr);
    let answer = ask_once(addr, "/").await.unwrap();
    assert!(answer.body.ends_with("Systemd"), "{}", answer.body);
    program.signal(Signal::TERM);
    assert!(patiently(program.process.wait()).await.unwrap().success());
}

#[tokio::test]
async fn a_process_keeps_no_second_descriptor_on_the_socket() {
    let mut program = Program::supervise(1);
    program.addr().await;
    let process = program.processes(1, &[]).await[0];
    let standard_input = std::fs::read_link(format!("/proc/{process}/fd/0")).unwrap();
    assert_eq!(standard_input.to_str(), Some("/dev/null"));
}

#[tokio::test]
async fn running_out_of_descriptors_is_survived() {
    let script = r#"ulimit -n 24; exec "$0" serve 127.0.0.1:0"#;
    let mut program = Program::start(Command::new("sh").args(["-c", script]).arg(echo()));
    let addr = program.addr().await;
    let mut crowd = Vec::new();
    for _ in 0..40 {
        crowd.push(Client::connect(addr).await.unwrap());
    }
    // The first is served beside a crowd that fills the table; the last only when others have gone.
    crowd[0].ask("/").await.unwrap();
    let mut last = crowd.pop().unwrap();
    drop(crowd);
    last.ask("/").await.unwrap();
}
