//! x
/// x
pub struct Postgres;
