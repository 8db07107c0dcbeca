//! A process that takes in only so many requests.

use tokenhouse_processes::connections::Limits;

use crate::client::ask_once;
use crate::house::{House, limits};

fn counted(requests: u64) -> Limits {
    Limits { max_requests: Some(requests), ..limits() }
}

#[tokio::test]
async fn of_fifty_clients_at_once_one_is_answered_by_a_process_for_one() {
    let house = House::open(counted(1)).await;
    let clients: Vec<_> = (0..50).map(|_| tokio::spawn(ask_once(house.addr, "/"))).collect();
    let mut answers = Vec::new();
    for client in clients {
        answers.extend(client.await.unwrap());
    }
    assert_eq!(answers.len(), 1);
    assert!(answers[0].says_close());
    assert_eq!(house.closed().await.requests, 1);
}

#[tokio::test]
async fn kept_connections_share_the_count() {
    let house = House::open(counted(10)).await;
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let addr = house.addr;
            tokio::spawn(async move {
                let mut answered = 0;
                let Ok(mut client) = crate::client::Client::connect(addr).await else {
                    return answered;
                };
                while let Ok(answer) = client.ask("/").await {
                    answered += 1;
                    if answer.says_close() {
                        break;
                    }
                }
                answered
            })
        })
        .collect();
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    while ask_once(house.addr, "/").await.is_ok() {
        answered += 1;
    }
    assert_eq!(answered, 10);
    assert_eq!(house.closed().await.requests, 10);
}

#[tokio::test]
async fn a_silent_connection_costs_no_request() {
    let house = House::open(counted(1)).await;
    let mut silent = house.client().await;
    silent.until_closed().await;
    assert_eq!(ask_once(house.addr, "/").await.unwrap().body, "hello");
    assert_eq!(house.closed().await.requests, 1);
}

#[tokio::test]
async fn where_requests_are_counted_http2_is_not_spoken() {
    let house = House::open(counted(1)).await;
    let mut client = house.client().await;
    client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let refused = client.hear().await;
    assert!(refused.is_err() || refused.is_ok_and(|answer| answer.head.contains(" 400 ")));
    assert_eq!(ask_once(house.addr, "/").await.unwrap().body, "hello");
}
