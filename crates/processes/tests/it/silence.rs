//! Clients that connect and then say too little.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokenhouse_processes::connections::Limits;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::client::PATIENCE;
use crate::house::{House, limits, patient_limits};

/// Says `text`, then nothing; returns how long the connection lasted from there.
async fn lasts(limits: Limits, text: &str) -> Duration {
    let house = House::open(limits).await;
    let began = Instant::now();
    let mut client = house.client().await;
    client.say(text).await.unwrap();
    client.until_closed().await;
    began.elapsed()
}

#[tokio::test]
async fn a_client_that_never_says_a_byte_is_closed() {
    let took = lasts(limits(), "").await;
    assert!(took >= limits().header_timeout, "{took:?}");
}

#[tokio::test]
async fn half_a_head_is_closed() {
    lasts(limits(), "GET / HTTP/1.1\r\nhost: te").await;
}

#[tokio::test]
async fn half_an_http2_preface_is_closed() {
    lasts(limits(), "PRI * HTTP/2.0\r\n").await;
}

#[tokio::test]
async fn a_head_that_drips_is_closed() {
    let house = House::open(limits()).await;
    let mut client = house.client().await;
    client.say("GET / HTTP/1.1\r\n").await.unwrap();
    let mut drip = tokio::time::interval(limits().header_timeout / 5);
    let dripping = async {
        let mut byte = [0];
        loop {
            tokio::select! {
                heard = client.0.read(&mut byte) => return heard,
                _ = drip.tick() => {}
            }
            // A failed write is followed by the end of reading, which is what the test waits for.
            let _ = client.0.try_write(b"x");
        }
    };
    let heard = timeout(PATIENCE, dripping).await.unwrap();
    assert!(matches!(heard, Ok(0) | Err(_)), "{heard:?}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_by_the_idle_timeout_and_not_before() {
    let house = House::open(limits()).await;
    let mut client = house.client().await;
    client.ask("/").await.unwrap();
    let idle_from = Instant::now();
    client.until_closed().await;
    let idle = idle_from.elapsed();
    // The server's clock starts a little before the client has read the answer.
    assert!(idle >= limits().idle_timeout.mul_f32(0.9), "{idle:?}");
}

#[tokio::test]
async fn half_a_later_head_is_closed_by_the_header_timeout() {
    let quick_heads = Limits { header_timeout: limits().header_timeout, ..patient_limits() };
    let house = House::open(quick_heads).await;
    let mut client = house.client().await;
    client.ask("/").await.unwrap();
    client.say("GET / HT").await.unwrap();
    client.until_closed().await;
}

#[tokio::test]
async fn a_request_that_takes_longer_than_every_timeout_is_answered() {
    let house = House::open(limits()).await;
    let mut patient = house.client().await;
    patient.say("GET /held HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    house.entered().await;
    // Another client sees both timeouts pass meanwhile.
    let mut idle = house.client().await;
    idle.ask("/").await.unwrap();
    idle.until_closed().await;
    house.release();
    assert_eq!(patient.hear().await.unwrap().body, "held");
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_seat() {
    let one_seat =
        Limits { max_connections: 1, idle_timeout: limits().idle_timeout, ..patient_limits() };
    let house = House::open(one_seat).await;
    let mut greedy = house.client().await;
    greedy.say("GET /large HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let answer = house.client().await.ask("/").await.unwrap();
    assert_eq!(answer.body, "hello");
}

#[tokio::test]
async fn an_idle_http2_connection_is_told_to_go() {
    let house = House::open(limits()).await;
    let io = TokioIo::new(house.client().await.0);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), io)
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("http://test/").body(Empty::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    timeout(PATIENCE, connection).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_request_knows_its_peer() {
    let house = House::open(limits()).await;
    let mut client = house.client().await;
    let answer = client.ask("/peer").await.unwrap();
    assert_eq!(answer.body, client.0.local_addr().unwrap().to_string());
}
