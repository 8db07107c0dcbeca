//! What clients and operators see of serving, draining and supervising. The modules follow `src`.

mod budget;
mod ceiling;
mod client;
mod drain;
mod house;
mod silence;
#[cfg(target_os = "linux")]
mod supervisor;
