//! The generator against servers that are good, wrong or slow on purpose.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::{Arrivals, Crowd, Ending, Same};

/// Answers each request as `answer` says for its number, a thread for each connection.
fn server(answer: impl Fn(u64) -> String + Send + Sync + 'static) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    let (answer, asked) = (Arc::new(answer), Arc::new(AtomicU64::new(0)));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
            std::thread::spawn(move || serve(stream, answer.as_ref(), &asked));
        }
    });
    Ok(addr)
}

fn serve(mut stream: TcpStream, answer: &impl Fn(u64) -> String, asked: &AtomicU64) {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while stream.read_exact(&mut byte).is_ok() {
        request.push(byte[0]);
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            let answer = answer(asked.fetch_add(1, Ordering::Relaxed));
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn say(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn asking() -> Same {
    Same { token: "t".to_owned(), answer_length: 5 }
}

#[test]
fn a_closed_loop_sends_what_was_asked_for_and_reads_every_answer() -> Result<()> {
    let addr = server(|_| say(200, "hello"))?;
    let outcome = Crowd::connect(&[addr], 7)?.count(&mut asking(), 1000)?.flawless()?;
    assert_eq!((outcome.good, outcome.latency.len()), (1000, 1000));
    Ok(())
}

#[test]
fn wrong_statuses_and_wrong_lengths_spoil_a_figure() -> Result<()> {
    let addr = server(|number| match number {
        10 => say(503, "hello"),
        20 => say(200, "hello!"),
        _ => say(200, "hello"),
    })?;
    let outcome = Crowd::connect(&[addr], 2)?.count(&mut asking(), 100)?;
    assert_eq!((outcome.good, outcome.wrong), (98, 2));
    assert_eq!(outcome.statuses.get(&503), Some(&1));
    assert!(outcome.flawless().is_err());
    Ok(())
}

#[test]
fn a_connection_that_the_server_closes_is_an_error() -> Result<()> {
    let addr = server(|_| "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n".to_owned())?;
    assert!(Crowd::connect(&[addr], 1)?.count(&mut asking(), 1).is_err());
    Ok(())
}

/// With one connection, all that falls due while a request hangs has to wait, and that counts.
#[test]
fn requests_that_a_stall_kept_from_being_sent_count_as_slow() -> Result<()> {
    let stall = Duration::from_millis(300);
    let addr = server(move |number| {
        if number == 10 {
            std::thread::sleep(stall);
        }
        say(200, "hello")
    })?;
    let arrivals =
        Arrivals { rate: 200.0, turn: Duration::from_secs(1), most: 1, ending: Ending::Await };
    let outcome = Crowd::connect(&[addr], 1)?.open(&mut asking(), arrivals)?.flawless()?;
    let slow = outcome.latency.len() - outcome.latency.count_between(0, 50_000);
    // About 60 fell due in 300 ms; of these, 50 had to wait for longer than 50 ms.
    assert!((40..=120).contains(&slow), "{slow} slow answers of {}", outcome.good);
    Ok(())
}

#[test]
fn an_open_loop_opens_connections_as_it_needs_them_and_may_hang_up() -> Result<()> {
    let addr = server(|_| {
        std::thread::sleep(Duration::from_secs(5));
        say(200, "hello")
    })?;
    let arrivals = Arrivals {
        rate: 100.0,
        turn: Duration::from_millis(500),
        most: 20,
        ending: Ending::HangUp,
    };
    let mut crowd = Crowd::connect(&[addr], 0)?;
    let outcome = crowd.open(&mut asking(), arrivals)?;
    assert_eq!((crowd.connections.len(), outcome.good, outcome.unsent), (20, 0, 30));
    Ok(())
}
