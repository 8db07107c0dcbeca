//! The bound on connections.

use tokenhouse_processes::connections::Limits;

use crate::client::ask_once;
use crate::house::{House, patient_limits};

#[tokio::test]
async fn beyond_the_ceiling_connections_wait_for_a_seat() {
    let house = House::open(Limits { max_connections: 1, ..patient_limits() }).await;
    let mut first = house.client().await;
    first.say("GET /held HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    house.entered().await;
    let mut second = tokio::spawn(ask_once(house.addr, "/"));
    // Two more requests of the first client are answered while the second waits.
    for _ in 0..2 {
        house.release();
        first.hear().await.unwrap();
        first.say("GET /held HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        house.entered().await;
        assert!(futures_util::FutureExt::now_or_never(&mut second).is_none());
    }
    drop(first);
    assert_eq!(second.await.unwrap().unwrap().body, "hello");
}
