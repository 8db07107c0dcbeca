//! What the signals mean to the parent: the same commands as a [`Handle`] sends.
//!
//! A second request to stop means "at once", as for a serving process in [`crate::signals`].

use std::io;

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::{Command, Handle};

/// Turns the parent's signals into commands: SIGHUP replaces all, SIGTTIN adds, SIGTTOU removes, SIGTERM and SIGINT
/// stop, and a second one of these stops at once. Inside a tokio runtime only.
///
/// # Errors
/// A signal cannot be caught.
pub fn signals(handle: Handle) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut add = signal(SignalKind::from_raw(Signal::TTIN.as_raw()))?;
    let mut remove = signal(SignalKind::from_raw(Signal::TTOU.as_raw()))?;
    tokio::spawn(async move {
        let mut stop = Command::Stop;
        loop {
            let command = tokio::select! {
                Some(()) = terminate.recv() => std::mem::replace(&mut stop, Command::StopNow),
                Some(()) = interrupt.recv() => std::mem::replace(&mut stop, Command::StopNow),
                Some(()) = hangup.recv() => Command::ReplaceAll,
                Some(()) = add.recv() => Command::Add,
                Some(()) = remove.recv() => Command::Remove,
                else => return,
            };
            handle.send(command);
        }
    });
    Ok(())
}
