//! From the wire into types, before a handler runs.

pub(crate) mod accept;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod request_id;
pub(crate) mod session;
