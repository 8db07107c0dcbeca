//! The harness for whole-product tests and benchmarks: it starts the real PostgreSQL, the real
//! HAProxy with the shipped configuration and the real `tokenhouse` binary, speaks HTTP to them, keeps
//! them under load, and stands between them and PostgreSQL to do harm ([`fault_proxy`]). What is
//! asserted about the product is left to the tests that use it, and to [`cut_points`].
//!
//! Everything runs on loopback, on free ports, in temporary folders, and ends with the test: by
//! `Drop`, or by [`keeper`] when the test process itself is killed. Linux only.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the harness is no part of the product"
)]

pub mod application;
pub mod check;
pub mod checker;
pub mod control_group;
pub mod cut_points;
pub mod fault_proxy;
pub mod generator;
pub mod haproxy;
pub mod history;
pub mod http;
pub mod keeper;
pub mod load;
pub mod output;
pub mod planted;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod prove;
pub mod report;
pub mod scenario;
pub mod server;
pub mod sqlite;
pub mod stateless;
mod wrapper;
