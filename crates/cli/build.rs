//! The program has no symbols. Cargo forgets `strip` for a package whose optimisation is its own, as this one's is
//! (`profile.release.package` in the workspace's manifest).

use std::env;

#[expect(clippy::disallowed_methods, reason = "Cargo speaks to this by the environment")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
