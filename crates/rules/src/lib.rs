//! The decisions of Tokenhouse, and nothing else.
//!
//! Everything here is a pure function of its arguments: no async, no HTTP, no SQL, no clock and no
//! source of randomness. Time and entropy arrive as values, so each rule is tested as arithmetic.

pub mod audit;
pub mod csrf;
pub mod device;
pub mod document;
pub mod forward_token;
pub mod id;
pub mod keys;
pub mod language;
pub mod limit;
pub mod link;
pub mod local_path;
pub mod mail;
pub mod oauth;
pub mod origin;
pub mod password;
pub mod registration;
pub mod service_address;
pub mod session;
pub mod span;
pub mod time;
pub mod token;
pub mod user;
