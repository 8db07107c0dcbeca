//! F14: every few seconds another key signs, while people sign in and applications refresh; and the root secret is
//! changed under them. Who reads the public keys, at whichever process, always knows the key of what was just
//! signed.
//!
//! The product's own shortest schedule is minutes long, because others may keep what they read. So each key is made
//! by the operator's command and the instant at which it begins is moved up in the database, to a little more than a
//! process may hold the keys itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::join_all;

use super::book::Book;
use super::drive::{Ran, Resolved};
use super::stage::{DATABASE, LONG, SECRET, Setup, Stage};
use super::{Context, Scenario, ran};
use crate::application::{Application, Grant, PUBLIC_URL};
use crate::checker::{Circumstances, Published, check};
use crate::haproxy::Health;
use crate::history::Nanos;
use crate::http::Client;
use crate::server::{Builder, run};

const EVERY: Duration = Duration::from_secs(3);
/// A process holds the keys for ten seconds.
const AHEAD: u32 = 13;
/// So a key is shown by each of them for so long before it signs, and for longer than the scenario lasts after.
const PUBLISHED: Published =
    Published { before: Duration::from_secs(2), after: Duration::from_secs(3600) };
const PEOPLE: u32 = 4;
const PAUSE: Duration = Duration::from_millis(20);
const NEXT_SECRET: &str = "k2:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F14",
    fault: "another signing key every 3 s; root secret changed",
    allowed: "none",
    target: "the key of every token is published by every process",
    seconds: (35, 150),
    play: |ctx| Box::pin(async move { ran(play(ctx).await?) }),
};

fn adjust(builder: Builder) -> Builder {
    builder.env("PUBLIC_URL", PUBLIC_URL).env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
}

async fn play(ctx: &Context) -> Result<Ran> {
    let mut stage =
        Stage::start(Setup { places: 3, running: 3, adjust, ..Setup::default() }).await?;
    let application = Application::register(&stage.direct, ctx.seed).await?;
    let front = Client::kept(stage.balancer.addr());
    let places: Vec<_> = stage.places.iter().map(|place| Client::fresh(place.addr())).collect();
    // The first key is the processes' own.
    application.keys(&front).await;
    let (book, over) = (ctx.live.book(), AtomicBool::new(false));
    let life = |number| live(&application, &front, &places[number as usize % places.len()], &over);
    let people = join_all((0..PEOPLE).map(life));
    let turning = async {
        let turned = turn(ctx, &mut stage, &book).await;
        over.store(true, Ordering::Relaxed);
        turned
    };
    let (lived, turned) = tokio::join!(people, turning);
    turned?;
    lived.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(judge(&application, &book, ctx))
}

/// The keys are turned, and then the root secret.
async fn turn(ctx: &Context, stage: &mut Stage, book: &Book) -> Result<()> {
    let mut every = tokio::time::interval(EVERY);
    for number in 0..ctx.times(5, 30) {
        every.tick().await;
        book.harmless(format!("key {}", number + 2));
        rotate(stage, SECRET).await?;
    }
    // Until the last of them has signed for a while.
    tokio::time::sleep(Duration::from_secs(u64::from(AHEAD) + 3)).await;
    if ctx.quick {
        return Ok(());
    }
    // First every process can read what the next secret seals, then they seal with it.
    for secrets in [format!("{SECRET},{NEXT_SECRET}"), format!("{NEXT_SECRET},{SECRET}")] {
        book.harmless("another list of root secrets");
        for (number, place) in stage.places.iter_mut().enumerate() {
            place.set_env("TOKENHOUSE_SECRET", &secrets);
            place.drain().await?;
            place.start().await?;
            stage.balancer.wait_for(number, Health::Up, LONG).await?;
        }
    }
    let secrets = format!("{NEXT_SECRET},{SECRET}");
    operator(stage, &["key", "rewrap"], &secrets).await?;
    rotate(stage, &secrets).await?;
    tokio::time::sleep(Duration::from_secs(u64::from(AHEAD) + 3)).await;
    Ok(())
}

async fn rotate(stage: &Stage, secrets: &str) -> Result<()> {
    let key = operator(stage, &["key", "rotate"], secrets).await?;
    let key = key.trim();
    ensure!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{key}");
    let begin = format!(
        "UPDATE signing_keys SET activate_at = now() + interval '{AHEAD} s' WHERE id = '{key}'"
    );
    stage.cluster.psql(DATABASE, &begin).await.map(drop)
}

async fn operator(stage: &Stage, args: &[&str], secrets: &str) -> Result<String> {
    let envs = [
        ("DATABASE_URL", stage.direct.as_str()),
        ("TOKENHOUSE_SECRET", secrets),
        ("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256"),
    ];
    let output = run(args, &envs, "").await?;
    ensure!(output.status.success(), "{args:?}: {}", output.stderr);
    Ok(output.stdout)
}

/// One person after the other signs in, and her application goes on until it is over.
async fn live(
    application: &Application,
    front: &Client,
    place: &Client,
    over: &AtomicBool,
) -> Result<()> {
    while !over.load(Ordering::Relaxed) {
        let person = application.newcomer(front).await?;
        let code = application.authorize(front, &person).await.context("no code")?;
        // Whoever comes second ends what the first was given: that is tried with a code of its own.
        let spoiled = application.authorize(front, &person).await.context("no code")?;
        let twice = [front, place].map(|at| application.redeem(at, &spoiled));
        join_all(twice).await;
        let mut grant = application.redeem(front, &code).await.context("no grant")?;
        let first = grant.refresh.clone();
        for _ in 0..8 {
            step(application, [front, place], &mut grant).await;
            tokio::time::sleep(PAUSE).await;
        }
        // A token that was turned long ago ends it.
        application.refresh(place, &grant, &first).await;
        application.refresh(front, &grant, &grant.refresh).await;
        application.user_info(place, &grant).await;
    }
    Ok(())
}

/// One turn, asked for by two at once, and a look at the keys before and after.
async fn step(application: &Application, [front, place]: [&Client; 2], grant: &mut Grant) {
    application.keys(place).await;
    let (presented, copy) = (grant.refresh.clone(), grant.clone());
    let second = application.refresh(place, &copy, &presented);
    tokio::join!(application.turn(front, grant), second);
    application.keys(place).await;
    application.user_info(place, grant).await;
}

fn judge(application: &Application, book: &Book, ctx: &Context) -> Ran {
    let history = application.history();
    let circumstances = Circumstances {
        faults: Some(Vec::new()),
        published: Some(PUBLISHED),
        ..Circumstances::default()
    };
    let report = check(&history, &circumstances);
    let signed_by = history.operations.iter().filter_map(|o| o.seen()?.signed_by.as_deref());
    let keys = signed_by.collect::<std::collections::BTreeSet<_>>().len();
    let wanted = ctx.times(5, 30) as usize;
    book.target("keys that signed", &format!("> {wanted}"), keys.to_string(), keys > wanted);
    Ran {
        report,
        notes: book.read(),
        resolved: Resolved::default(),
        users: PEOPLE,
        warm: Nanos::default(),
        must_lose: false,
        bounded: false,
        history,
    }
}
