//! Draining and stopping, as clients see it.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokenhouse_processes::connections::{Limits, Served};
use tokenhouse_processes::lifecycle::Drain;
use tokio::time::timeout;

use crate::client::{Client, PATIENCE};
use crate::house::{House, limits, patient_limits};

async fn held(house: &House) -> Client {
    let mut client = house.client().await;
    client.say("GET /held HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    house.entered().await;
    client
}

#[tokio::test]
async fn a_request_in_flight_is_answered_and_told_to_close() {
    let house = House::open(patient_limits()).await;
    let mut client = held(&house).await;
    house.lifecycle.begin_drain(Drain::Prompt);
    house.release();
    let answer = client.hear().await.unwrap();
    assert_eq!(answer.body, "held");
    assert!(answer.says_close(), "{}", answer.head);
    client.until_closed().await;
    let served = house.closed().await;
    assert_eq!(served, Served { requests: 1, aborted_connections: 0 });
}

#[tokio::test]
async fn what_outlasts_the_drain_timeout_is_cut_and_counted() {
    let house =
        House::open(Limits { drain_timeout: Duration::from_millis(200), ..patient_limits() }).await;
    let mut client = held(&house).await;
    let began = Instant::now();
    house.lifecycle.begin_drain(Drain::Prompt);
    client.until_closed().await;
    assert!(began.elapsed() >= Duration::from_millis(200));
    assert_eq!(house.closed().await, Served { requests: 1, aborted_connections: 1 });
}

#[tokio::test]
async fn stopping_waits_for_nobody() {
    let house = House::open(patient_limits()).await;
    let mut client = held(&house).await;
    house.lifecycle.begin_drain(Drain::Graceful);
    house.lifecycle.stop_now();
    client.until_closed().await;
    assert_eq!(house.closed().await.aborted_connections, 1);
}

#[tokio::test]
async fn during_the_drain_delay_an_idle_connection_is_answered_and_told_to_close() {
    let house = House::open(patient_limits()).await;
    let mut client = house.client().await;
    assert!(!client.ask("/").await.unwrap().says_close());
    house.lifecycle.begin_drain(Drain::Graceful);
    assert!(client.ask("/").await.unwrap().says_close());
    client.until_closed().await;
}

#[tokio::test]
async fn during_the_drain_delay_new_connections_are_served() {
    let house = House::open(patient_limits()).await;
    house.lifecycle.begin_drain(Drain::Graceful);
    assert!(house.client().await.ask("/").await.unwrap().says_close());
    house.lifecycle.begin_drain(Drain::Prompt);
    assert_eq!(house.closed().await.requests, 1);
}

#[tokio::test]
async fn after_the_drain_delay_idle_connections_end_and_the_port_is_closed() {
    let house = House::open(Limits { drain_delay: limits().drain_delay, ..patient_limits() }).await;
    let mut client = house.client().await;
    client.ask("/").await.unwrap();
    let began = Instant::now();
    house.lifecycle.begin_drain(Drain::Graceful);
    client.until_closed().await;
    assert!(began.elapsed() >= limits().drain_delay);
    let refused = Client::connect(house.addr).await.err().map(|error| error.kind());
    assert_eq!(refused, Some(io::ErrorKind::ConnectionRefused));
    assert_eq!(house.closed().await.aborted_connections, 0);
}

#[tokio::test]
async fn a_client_let_in_just_before_the_end_is_heard_out() {
    let house = House::open(patient_limits()).await;
    let mut known = house.client().await;
    known.ask("/").await.unwrap();
    let mut late = house.client().await;
    house.lifecycle.begin_drain(Drain::Prompt);
    // The idle connection ends first: the server is past its drain delay by now.
    known.until_closed().await;
    assert!(late.ask("/").await.unwrap().says_close());
    assert_eq!(house.closed().await, Served { requests: 2, aborted_connections: 0 });
}

#[tokio::test]
async fn an_http2_stream_in_flight_is_finished_before_the_connection_goes() {
    let house = House::open(patient_limits()).await;
    let io = TokioIo::new(house.client().await.0);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), io)
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("http://test/held").body(Empty::new()).unwrap();
    let answer = tokio::spawn(sender.send_request(request));
    house.entered().await;
    house.lifecycle.begin_drain(Drain::Prompt);
    house.release();
    let answer = timeout(PATIENCE, answer).await.unwrap().unwrap().unwrap();
    assert!(!answer.headers().contains_key("connection"));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "held");
    timeout(PATIENCE, connection).await.unwrap().unwrap().unwrap();
    assert_eq!(house.closed().await.aborted_connections, 0);
}
