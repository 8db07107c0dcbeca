//! `tokenhouse demo`: several processes over one database, real traffic, and a page on which each can be killed.
//!
//! Decides the order of events from the first process to the last and what ends the demo. [`stage`] prepares,
//! [`traffic`] asks, [`verdict`] and [`ledger`] judge, [`roster`] and [`board`] keep the picture, [`page`] shows it.

mod account;
mod banner;
mod board;
mod chance;
mod guard;
mod ledger;
mod notes;
mod page;
mod roster;
mod snapshot;
mod stage;
mod traffic;
mod verdict;
mod wire;

use std::{future::Future, io, net::TcpListener, pin::pin, sync::Arc};

use anyhow::{Context, bail};
use tokenhouse_processes::supervisor::{Command, Ended, Handle, Phase, Supervisor};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinSet,
};

use self::{
    board::Board, guard::Guard, notes::Note, page::Page, snapshot::Snapshot, stage::Stage,
    traffic::Client,
};
use crate::print;

/// Notes that may wait for the board; beyond that the clients wait.
const NOTES: usize = 1024;

/// Show several processes at work, and kill them
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many processes to begin with
    #[arg(long, default_value_t = 4)]
    processes: usize,
    /// Port of the page; the processes answer at the next one
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Runs the demo on the main thread, as the supervisor demands.
///
/// # Errors
/// Those of [`run`].
pub(crate) fn start(arguments: Arguments) -> anyhow::Result<()> {
    let written = crate::config::Written::gather(&crate::config::Flags::default())?;
    let options = Options {
        processes: arguments.processes,
        port: arguments.port,
        // Beside an embedded database the processes find or make the secret themselves.
        secret_is_missing: written.value("secret").is_none()
            && written.value("database_url").is_some_and(|url| url.starts_with("postgres")),
        database_url: written.value("database_url").map(str::to_owned),
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(options))
}

/// What is to be shown.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How many processes to begin with.
    pub(crate) processes: usize,
    /// The port of the page; the processes answer at the next one. With 0 the system chooses both.
    pub(crate) port: u16,
    /// The database to use, instead of an embedded one in a temporary folder.
    pub(crate) database_url: Option<String>,
    /// Whether the processes would look for a root secret in vain, so that one has to be made for the occasion.
    pub(crate) secret_is_missing: bool,
}

/// Runs the demo until it is interrupted. To be awaited by the main thread's `block_on`, as the supervisor demands.
///
/// # Errors
/// A port is taken, the processes do not start or refuse their configuration ([`Ended`]), or the page fails.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let (stage, plan) = Stage::set(&options)?;
    let (supervisor, handle) =
        Supervisor::new(plan).context("the processes cannot be supervised")?;
    let outcome = play(&stage, supervisor.run(), handle).await;
    stage.strike().context("the temporary folder could not be removed")?;
    outcome
}

/// From the first process to the last.
#[expect(clippy::disallowed_methods, reason = "pictures of what goes on, for the page")]
async fn play(
    stage: &Stage,
    supervised: impl Future<Output = Result<(), Ended>>,
    handle: Handle,
) -> anyhow::Result<()> {
    let mut supervised = pin!(supervised);
    let mut interrupts = Interrupts::catch()?;
    let (publish, pictures) = watch::channel(Arc::new(Snapshot::default()));
    let outcome = tokio::select! {
        ended = &mut supervised => {
            ended?;
            bail!("the processes ended by themselves");
        }
        outcome = perform(stage, &handle, publish) => outcome,
        () = interrupts.next() => Ok(()),
    };
    // The clients went with `perform`, so nothing is on its way that the end could cut off.
    handle.send(Command::Stop);
    loop {
        tokio::select! {
            ended = &mut supervised => {
                print::aside(banner::closing(&pictures.borrow().counts));
                return outcome.and(ended.map_err(Into::into));
            }
            () = interrupts.next() => handle.send(Command::StopNow),
        }
    }
}

/// Shows the page and keeps the clients at work; ends only by an error, or by being dropped.
#[expect(clippy::disallowed_methods, reason = "what the clients have seen, for the page")]
async fn perform(
    stage: &Stage,
    handle: &Handle,
    publish: watch::Sender<Arc<Snapshot>>,
) -> anyhow::Result<()> {
    let page = stage.page.local_addr()?;
    let lines = banner::lines(stage.api, &stage.visitor);
    let guard = Guard::new(page, chance::word(26)?);
    let (notes, noted) = mpsc::channel(NOTES);
    let routes = page::router(Arc::new(Page {
        document: page::document(guard.token(), stage.api, &stage.visitor, &lines),
        guard,
        handle: handle.clone(),
        notes: notes.clone(),
        pictures: publish.subscribe(),
    }));

    let mut cast = JoinSet::new();
    cast.spawn(Board::new(chance::word(8)?).run(noted, handle.children(), publish));
    for client in register(stage, handle, &notes).await? {
        cast.spawn(client.work());
    }
    let listener = listening(&stage.page)?;
    print::aside(banner::opening((page, stage.api), &stage.visitor, &lines, stage.lasting));
    tokio::select! {
        served = axum::serve(listener, routes) => served.context("the page cannot be served"),
        Some(left) = cast.join_next() => left.context("the demo lost one of its parts"),
    }
}

/// Waits for the first process and registers everybody with it.
async fn register(
    stage: &Stage,
    handle: &Handle,
    notes: &mpsc::Sender<Note>,
) -> anyhow::Result<Vec<Client>> {
    handle
        .children()
        .wait_for(|children| children.iter().any(|child| child.phase == Phase::Ready))
        .await?;
    stage.visitor.register(stage.api).await?;
    let mut clients = Vec::with_capacity(stage.clients.len());
    for (number, account) in stage.clients.iter().enumerate() {
        let token = account.register(stage.api).await?;
        clients.push(Client::new(number, stage.api, (account.clone(), token), notes.clone()));
    }
    Ok(clients)
}

fn listening(socket: &TcpListener) -> io::Result<tokio::net::TcpListener> {
    let socket = socket.try_clone()?;
    socket.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(socket)
}

/// The signals that end the demo.
struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Interrupts {
    fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}
