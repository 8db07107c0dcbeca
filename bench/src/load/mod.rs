//! Load over HTTP/1.1 that costs as little as it can: one thread, one epoll, requests copied together
//! from prepared bytes, and of an answer only what has to be checked.
//!
//! It shares the machine with what it measures, so whatever it used would be taken from the figure. The
//! same generator drives the server and the bare yardstick. What is asked and what is a good answer is
//! decided in [`asking`], when in [`closed`] and [`open`].

mod answer;
mod applications;
mod asking;
mod closed;
mod connection;
mod crowd;
mod open;
mod outcome;
#[cfg(test)]
mod tests;

pub(crate) use applications::{
    Authorizations, Documents, Introspections, Machines, Refreshes, RoundTrips, UserInfos,
};
pub(crate) use asking::{Accounts, Asking, Flood, Logins, Reads, Same, SignIns};
pub(crate) use crowd::Crowd;
pub(crate) use open::{Arrivals, Ending};
pub(crate) use outcome::Outcome;

/// Many connections need many descriptors; the soft limit is often 1024.
pub(crate) fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // If it cannot be raised, a connection that cannot be made says so.
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).ok();
}
