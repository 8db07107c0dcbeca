//! How long a password hash takes, and whether refusals can be told apart by time:
//!
//!     cargo run --release -p tokenhouse-server --example argon2
//!
//! All figures of a table are taken in turns: medians of the rounds in milliseconds of processor time, so
//! that other programs on the machine matter less.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokenhouse_server::hashing::{Cost, Hashing, Implementation};

const ROUNDS: usize = 60;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    implementations().await;
    refusals().await;
    start();
}

fn hashing(by: Implementation, cost: Cost) -> Hashing {
    Hashing::start_by(by, cost, 1, Duration::from_secs(60)).expect("a thread")
}

async fn implementations() {
    let [fast, portable] =
        [Implementation::Fast, Implementation::Portable].map(|by| hashing(by, Cost::default()));
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        times[0].push(clocked(|| allocating(Cost::default())));
        for (at, hashing) in [(1, &portable), (2, &fast)] {
            let started = spent();
            hashing.hash("correct horse").await.expect("not busy");
            times[at].push(spent() - started);
        }
    }
    let [allocating, portable, fast] = times.map(median);
    println!("m=19456, t=2, p=1            ms    ratio");
    println!("argon2, allocating       {allocating:6.2}     1.00");
    println!("portable, memory reused  {portable:6.2}   {:6.2}", portable / allocating);
    println!("fast, memory reused      {fast:6.2}   {:6.2}", fast / allocating);
}

/// One hash as a program would make it that knows of nothing else.
fn allocating(cost: Cost) {
    let params = argon2::Params::new(cost.memory, cost.iterations, cost.parallelism, Some(32))
        .expect("possible");
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut output = [0; 32];
    argon2.hash_password_into(b"correct horse", &[7; 16], &mut output).expect("possible");
    std::hint::black_box(output);
}

/// An unknown name against a wrong password of an account whose hash was made at another cost.
async fn refusals() {
    let changes = [
        ((19_456, 2), (19_456, 2)),
        ((12_288, 2), (19_456, 2)),
        ((19_456, 2), (19_456, 3)),
        ((19_456, 2), (65_536, 3)),
        ((47_104, 1), (19_456, 2)),
    ];
    println!("\nstored → configured            unknown    wrong    ratio    not filled up");
    for (stored, configured) in changes {
        let cost = |(memory, iterations)| Cost { memory, iterations, parallelism: 1 };
        let old = hashing(Implementation::Fast, cost(stored));
        let hash = old.hash("correct horse").await.expect("not busy");
        let new = hashing(Implementation::Fast, cost(configured));
        let mut times = [const { Vec::new() }; 3];
        let (wrong, right) = ("wrong horse", "correct horse");
        for _ in 0..ROUNDS {
            // The right password is what is not filled up.
            let asked = [(wrong, None), (wrong, Some(hash.as_str())), (right, Some(hash.as_str()))];
            for (at, (password, against)) in asked.into_iter().enumerate() {
                let started = spent();
                new.verify(password, against).await.expect("not busy");
                times[at].push(spent() - started);
            }
        }
        let [unknown, wrong, bare] = times.map(median);
        let (m, t) = stored;
        let title = format!("m={m}, t={t} → m={}, t={}", configured.0, configured.1);
        let (filled, bare) = (wrong / unknown, bare / unknown);
        println!("{title:30} {unknown:7.2}  {wrong:7.2}   {filled:6.2}   {bare:6.2}");
    }
}

/// What the comparison of both implementations adds to a start.
fn start() {
    let time = |by| {
        let times = (0..ROUNDS).map(|_| clocked(|| drop(hashing(by, Cost::default()))));
        median(times.collect())
    };
    let (checked, unchecked) = (time(Implementation::Fast), time(Implementation::Portable));
    println!("\nthe check at start: {:.3} ms", checked - unchecked);
}

fn clocked(work: impl FnOnce()) -> Duration {
    let started = spent();
    work();
    spent() - started
}

/// Processor time of all threads of this process so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}
