//! The files that are in the binary: everything below `pages/` at the root of the repository.

use super::Files;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../../pages/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] = embedded![
    "assets/errors.js",
    "assets/logo.svg",
    "assets/password.js",
    "assets/style.css",
    "assets/times.js",
    "messages/ar.ftl",
    "messages/de.ftl",
    "messages/en.ftl",
    "messages/es.ftl",
    "messages/fr.ftl",
    "messages/ja.ftl",
    "templates/account-delete.html",
    "templates/account-password.html",
    "templates/account-sessions.html",
    "templates/account.html",
    "templates/base.html",
    "templates/elsewhere.html",
    "templates/error.html",
    "templates/login.html",
    "templates/logout.html",
    "templates/parts.html",
    "templates/plain.html",
    "templates/register.html",
];

/// All of them, by their path below `pages/`.
pub fn files() -> Files {
    FILES.iter().map(|(name, bytes)| ((*name).to_owned(), (*bytes).into())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_in_the_binary() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages");
        let mut found = Vec::new();
        for kind in ["assets", "messages", "templates"] {
            for entry in std::fs::read_dir(folder.join(kind)).expect("a folder") {
                let name = entry.expect("an entry").file_name();
                found.push(format!("{kind}/{}", name.to_string_lossy()));
            }
        }
        found.sort_unstable();
        assert_eq!(files().into_keys().collect::<Vec<_>>(), found);
    }
}
