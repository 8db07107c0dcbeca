//! How Tokenhouse is spoken over HTTP.
//!
//! A handler loads facts with one call to the store, lets a rule decide, and commits the decision with
//! a second call. Handlers never call each other. [`app::App`] is the only value they share; it holds
//! nothing that a next request could need (`docs/decisions/0002-stateless-by-construction.md`).

mod account;
pub mod app;
mod confirm;
mod data;
mod email;
mod entropy;
mod error;
mod extract;
mod forward_auth;
mod front;
pub mod hashing;
mod health;
mod links;
pub mod log;
mod login;
mod logout;
pub mod mail;
pub mod management;
pub mod metrics;
mod newcomer;
mod notices;
pub mod oauth;
mod openapi;
pub mod pages;
mod password;
#[cfg(feature = "planted-bugs")]
mod planted;
mod presence;
mod recover;
mod register;
mod reset;
pub mod router;
mod sessions;
pub mod settings;
mod setup;
mod signed_in;
pub mod tasks;
mod text;
mod told;
