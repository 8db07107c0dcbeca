//! The product as its users run it: the real binary, real processes, real signals, and (with the feature
//! `real-servers`) a real PostgreSQL behind a real HAProxy.

mod client;
mod command_line;
mod first_minute;
mod one_request_per_life;
mod processes;
mod templates;

#[cfg(feature = "real-servers")]
mod on_postgres;
