//! The product as its users run it: the real binary, real processes, real signals, and (with the feature
//! `real-servers`) a real PostgreSQL behind a real HAProxy.

mod apply;
mod certificates;
mod client;
mod clients;
mod command_line;
mod exactly_once;
mod first_minute;
mod keys;
mod logouts;
mod logouts_over_tls;
mod macs;
mod mails;
mod one_request_per_life;
mod outbox;
mod processes;
mod setup;
mod templates;

#[cfg(feature = "real-servers")]
mod counted;
#[cfg(feature = "real-servers")]
mod exchanges;
#[cfg(feature = "real-servers")]
mod forward_auth;
#[cfg(feature = "real-servers")]
mod on_postgres;
#[cfg(feature = "real-servers")]
mod questions;
#[cfg(feature = "real-servers")]
mod sending;
#[cfg(feature = "real-servers")]
mod smtp;
