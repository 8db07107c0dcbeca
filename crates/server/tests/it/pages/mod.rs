//! What holds for every page, and what depends on how people reach the server. What a person can do on them is in
//! `crates/suite/src/pages.rs`.

mod every_page;
mod forgery;
mod looks;
mod states;
mod tastes;
mod ways;
