//! The client says how a request failed, by what a server on a plain socket does to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_proof::http::{Client, Failure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How many connections a server has accepted.
type Accepted = Arc<AtomicUsize>;

/// Serves every connection with `behaviour`, which is told the connection's number, from 0.
async fn serve<F, R>(behaviour: F) -> Result<(SocketAddr, Accepted)>
where
    F: Fn(TcpStream, usize) -> R + Send + 'static,
    R: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let accepted = Accepted::default();
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(behaviour(stream, number));
        }
    });
    Ok((addr, accepted))
}

/// Reads up to the end of a request's head; `false` at the end of the connection.
async fn read_head(stream: &mut TcpStream) -> std::io::Result<bool> {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => seen.push(byte),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Answers each request with the number of the connection.
async fn answer_all(mut stream: TcpStream, number: usize) -> std::io::Result<()> {
    while read_head(&mut stream).await? {
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{number}");
        stream.write_all(text.as_bytes()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_refused() -> Result<()> {
    let addr = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let failure = Client::fresh(addr).get("/").send().await.unwrap_err();
    assert!(matches!(failure, Failure::Refused(_)), "{failure}");
    Ok(())
}

#[tokio::test]
async fn a_connection_closed_after_the_request_is_reset_before_the_answer() -> Result<()> {
    let (addr, _) = serve(|mut stream, _| async move {
        read_head(&mut stream).await?;
        Ok(())
    })
    .await?;
    let failure = Client::fresh(addr).get("/").send().await.unwrap_err();
    assert!(matches!(failure, Failure::ResetBeforeAnswer(_)), "{failure}");
    Ok(())
}

#[tokio::test]
async fn a_connection_closed_in_head_or_body_is_reset_mid_answer() -> Result<()> {
    for part in ["HTTP/1.1 200 OK\r\ncon", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let (addr, _) = serve(move |mut stream, _| async move {
            read_head(&mut stream).await?;
            stream.write_all(part.as_bytes()).await
        })
        .await?;
        let failure = Client::fresh(addr).get("/").send().await.unwrap_err();
        assert!(matches!(failure, Failure::ResetMidAnswer(_)), "{part:?}: {failure}");
    }
    Ok(())
}

#[tokio::test]
async fn a_kept_connection_forgets_the_answers_it_has_given() -> Result<()> {
    let (addr, _) = serve(|mut stream, _| async move {
        read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        read_head(&mut stream).await?;
        Ok(())
    })
    .await?;
    let client = Client::kept(addr);
    client.get("/").send().await?;
    let failure = client.get("/").send().await.unwrap_err();
    assert!(matches!(failure, Failure::ResetBeforeAnswer(_)), "{failure}");
    Ok(())
}

#[tokio::test]
async fn silence_is_a_timeout() -> Result<()> {
    let (addr, _) = serve(|mut stream, _| async move {
        while read_head(&mut stream).await? {}
        Ok(())
    })
    .await?;
    let deadline = Duration::from_millis(50);
    let request = Client::fresh(addr).get("/").deadline(deadline).send().await;
    assert_eq!(request.unwrap_err(), Failure::Timeout(deadline));
    Ok(())
}

#[tokio::test]
async fn what_is_not_http_and_what_cannot_be_sent_is_other() -> Result<()> {
    let (addr, _) = serve(|mut stream, _| async move {
        read_head(&mut stream).await?;
        stream.write_all(b"220 mail.example ESMTP\r\n").await
    })
    .await?;
    let client = Client::fresh(addr);
    let failure = client.get("/").send().await.unwrap_err();
    assert!(matches!(failure, Failure::Other(_)), "{failure}");
    let failure = client.get("/").header("a", "b\nc").send().await;
    assert!(matches!(failure, Err(Failure::Other(_))), "{failure:?}");
    Ok(())
}

#[tokio::test]
async fn fresh_connects_each_time_and_kept_once() -> Result<()> {
    let (addr, accepted) = serve(answer_all).await?;
    let kept = Client::kept(addr);
    for _ in 0..3 {
        assert_eq!(kept.get("/").send().await?.text(), "0");
    }
    let fresh = Client::fresh(addr);
    for number in ["1", "2"] {
        assert_eq!(fresh.get("/").send().await?.text(), number);
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 3);
    Ok(())
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_fails_nothing() -> Result<()> {
    let (closed, mut closings) = tokio::sync::mpsc::unbounded_channel();
    let (addr, _) = serve(move |mut stream, number| {
        let closed = closed.clone();
        async move {
            read_head(&mut stream).await?;
            let text = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}", number % 10);
            stream.write_all(text.as_bytes()).await?;
            drop(stream);
            closed.send(()).ok();
            Ok(())
        }
    })
    .await?;
    let client = Client::kept(addr);
    for number in 0..20 {
        let answer = client.get("/").send().await?;
        assert_eq!(answer.text(), (number % 10).to_string());
        closings.recv().await;
    }
    Ok(())
}

#[tokio::test]
async fn the_verbs_put_together_what_they_say() -> Result<()> {
    let (addr, _) = serve(|mut stream, _| async move {
        let mut seen = Vec::new();
        while !seen.ends_with(b"{\"a\":1}") {
            seen.push(stream.read_u8().await?);
        }
        let head = format!(
            "HTTP/1.1 201 Created\r\ntokenhouse-process: p7\r\ncontent-length: {}\r\n\r\n",
            seen.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&seen).await
    })
    .await?;
    let client = Client::kept(addr);
    let answer = client
        .patch_json("/data?x=1", &json!({"a": 1}))
        .bearer("secret")
        .header("if-match", "\"3\"")
        .send()
        .await?;
    assert_eq!((answer.status, answer.process()), (201, Some("p7")));
    let sent = answer.text();
    assert!(sent.starts_with("PATCH /data?x=1 HTTP/1.1\r\n"), "{sent}");
    for line in [
        format!("host: {addr}"),
        "authorization: Bearer secret".to_owned(),
        "content-type: application/json".to_owned(),
        "if-match: \"3\"".to_owned(),
    ] {
        assert!(sent.contains(&format!("\r\n{line}\r\n")), "{sent}");
    }
    Ok(())
}
