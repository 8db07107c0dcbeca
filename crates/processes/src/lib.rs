//! How a process starts, is handed a socket, serves connections, drains and stops, and how a parent keeps N of them.
//!
//! The crate decides nothing about what is served: [`connections::serve`] takes any tower service, and
//! [`supervisor::Supervisor`] starts any program. Configuration, routes and the store are for others.

pub mod child;
pub mod connections;
pub mod identity;
pub mod lifecycle;
pub mod listener;
pub mod notify;
mod rendezvous;
pub mod signals;
pub mod supervisor;
