//! One direction of one connection: reads, tells messages apart, and passes them on or does not.

use std::num::NonZeroU64;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::Instant;

use super::connection::{Dialogue, Meaning};
use super::fault::{Fate, Link, Scope};
use super::framing::{BadLength, Piece};
use super::marks::What;
use super::message::{Direction, Kind};

const READ_AT_ONCE: usize = 64 * 1024;
/// How much is kept of what follows a held reply, while it is awaited whole.
const KEPT: usize = 64 * 1024;

/// Why a connection ends other than by both sides closing it.
#[derive(Debug)]
pub(super) enum Broken {
    /// One side is gone, or both are to be: the other learns it by a reset.
    Reset,
    Garbage(BadLength),
}

pub(super) struct Pump<'a> {
    dialogue: &'a Dialogue,
    direction: Direction,
    fate: watch::Receiver<Fate>,
    link: watch::Receiver<Link>,
    hold: watch::Receiver<Option<Scope>>,
    /// What is held back, from the reply to a commit on.
    held: Option<Vec<Piece>>,
    /// Whether the receiver was told that no more comes.
    closed: bool,
}

impl<'a> Pump<'a> {
    pub(super) fn new(
        dialogue: &'a Dialogue,
        direction: Direction,
        fate: watch::Receiver<Fate>,
    ) -> Self {
        let link = dialogue.shared.link(direction).subscribe();
        let hold = dialogue.shared.hold.subscribe();
        Self { dialogue, direction, fate, link, hold, held: None, closed: false }
    }

    /// Until the sender closes.
    pub(super) async fn run(
        mut self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> Result<(), Broken> {
        let mut buffer = vec![0; READ_AT_ONCE];
        loop {
            if self.fate() == Fate::HalfClosed(self.direction) {
                self.close(&mut to).await;
            }
            let read = tokio::select! {
                read = from.read(&mut buffer) => read,
                _ = self.fate.changed() => continue,
            };
            match read {
                Ok(count @ 1..) => self.take(&buffer[..count], &mut to).await?,
                ended => return self.end(ended.is_ok(), &mut to).await,
            }
        }
    }

    fn fate(&mut self) -> Fate {
        *self.fate.borrow_and_update()
    }

    /// Whether messages of this direction pass.
    fn passes(&mut self) -> bool {
        match self.fate() {
            Fate::Open => true,
            Fate::HalfClosed(direction) => direction != self.direction,
            Fate::BlackHole | Fate::Mute | Fate::Reset => false,
        }
    }

    async fn close(&mut self, to: &mut WriteHalf<'_>) {
        if !std::mem::replace(&mut self.closed, true) {
            // A receiver that is gone needs not be told.
            to.shutdown().await.ok();
        }
    }

    /// The sender is gone: in order, or by a reset. A black hole hides that until it is healed.
    async fn end(mut self, in_order: bool, to: &mut WriteHalf<'_>) -> Result<(), Broken> {
        self.fate.wait_for(|fate| *fate != Fate::BlackHole).await.ok();
        if !in_order {
            return Err(Broken::Reset);
        }
        self.close(to).await;
        Ok(())
    }

    async fn take(&mut self, mut bytes: &[u8], to: &mut WriteHalf<'_>) -> Result<(), Broken> {
        self.delay().await;
        while let Some((piece, meaning)) =
            self.dialogue.next(self.direction, &mut bytes).map_err(Broken::Garbage)?
        {
            if let (true, Some(kind)) = (piece.begins, piece.kind)
                && self.passes()
            {
                self.dialogue.shared.begins(self.dialogue.id, self.direction, kind);
            }
            if self.passes() {
                self.pass(piece, &meaning, to).await?;
            }
        }
        Ok(())
    }

    async fn pass(
        &mut self,
        piece: Piece,
        meaning: &Meaning,
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Broken> {
        if let Some(sql) = &meaning.sql {
            self.dialogue.carries(sql);
        }
        if self.held.is_none() && meaning.tells_of_commit && self.dialogue.holds(&self.hold) {
            self.held = Some(Vec::new());
        }
        let Some(held) = &mut self.held else { return self.write(piece, to).await };
        let ready = piece.kind == Some(Kind::Backend(b'Z')) && piece.ends.is_some();
        held.push(piece);
        if ready || held.iter().map(|piece| piece.bytes.len()).sum::<usize>() > KEPT {
            self.dialogue.shared.marks.add(Some(self.dialogue.id), What::Held);
            self.released().await;
            for piece in self.held.take().into_iter().flatten() {
                if self.passes() {
                    self.write(piece, to).await?;
                }
            }
        }
        Ok(())
    }

    /// Until replies are no longer held, or are not to pass at all.
    async fn released(&mut self) {
        tokio::select! {
            _ = self.hold.wait_for(Option::is_none) => {}
            _ = self.fate.wait_for(|fate| *fate != Fate::Open) => {}
        }
    }

    async fn write(&mut self, piece: Piece, to: &mut WriteHalf<'_>) -> Result<(), Broken> {
        let whole = piece.kind.filter(|_| piece.ends.is_some());
        let mut rest = &piece.bytes[..];
        while !rest.is_empty() {
            let rate = self.link.borrow_and_update().rate;
            let most = rate.map_or(rest.len(), portion);
            let (now, later) = rest.split_at(most.min(rest.len()));
            if let (Some(kind), true) = (whole, later.is_empty()) {
                self.dialogue.shared.passes(self.dialogue.id, self.direction, kind);
            }
            to.write_all(now).await.map_err(|_| Broken::Reset)?;
            rest = later;
            if let Some(rate) = rate {
                self.pause(Duration::from_secs_f64(now.len() as f64 / rate.get() as f64)).await;
            }
        }
        if let Some(kind) = whole {
            self.dialogue.shared.passed(self.dialogue.id, self.direction, kind);
        }
        Ok(())
    }

    /// Waits as long as the link's delay is, which may change meanwhile.
    async fn delay(&mut self) {
        let arrived = Instant::now();
        loop {
            let due = arrived + self.link.borrow_and_update().delay;
            tokio::select! {
                () = tokio::time::sleep_until(due) => return,
                _ = self.link.changed() => {}
            }
        }
    }

    /// Waits, or until the link changes.
    async fn pause(&mut self, span: Duration) {
        tokio::time::timeout(span, self.link.changed()).await.ok();
    }
}

/// A fiftieth of a second's bytes at once, so that a slow link is slow and not jerky.
fn portion(rate: NonZeroU64) -> usize {
    usize::try_from(rate.get() / 50).unwrap_or(usize::MAX).max(1)
}
