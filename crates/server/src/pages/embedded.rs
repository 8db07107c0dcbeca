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
    "assets/onward.js",
    "assets/password.js",
    "assets/signed-out.js",
    "assets/style.css",
    "assets/times.js",
    "messages/ar.ftl",
    "messages/de.ftl",
    "messages/en.ftl",
    "messages/es.ftl",
    "messages/fr.ftl",
    "messages/ja.ftl",
    "templates/account-applications.html",
    "templates/account-delete.html",
    "templates/account-email.html",
    "templates/account-password.html",
    "templates/account-sessions.html",
    "templates/account.html",
    "templates/application-error.html",
    "templates/base.html",
    "templates/confirm.html",
    "templates/consent.html",
    "templates/device-consent.html",
    "templates/device.html",
    "templates/elsewhere.html",
    "templates/end-session.html",
    "templates/error.html",
    "templates/form-post.html",
    "templates/invitation.html",
    "templates/login.html",
    "templates/logout.html",
    "templates/mail/account-deleted.html",
    "templates/mail/account-deleted.txt",
    "templates/mail/address-changed.html",
    "templates/mail/address-changed.txt",
    "templates/mail/base.html",
    "templates/mail/base.txt",
    "templates/mail/confirm.html",
    "templates/mail/confirm.txt",
    "templates/mail/deletion-scheduled.html",
    "templates/mail/deletion-scheduled.txt",
    "templates/mail/invitation.html",
    "templates/mail/invitation.txt",
    "templates/mail/new-device.html",
    "templates/mail/new-device.txt",
    "templates/mail/password-changed.html",
    "templates/mail/password-changed.txt",
    "templates/mail/recover.html",
    "templates/mail/recover.txt",
    "templates/message.html",
    "templates/outbox-mail.html",
    "templates/outbox.html",
    "templates/parts.html",
    "templates/plain.html",
    "templates/recover.html",
    "templates/register.html",
    "templates/reset.html",
    "templates/setup.html",
    "templates/signed-out.html",
];

/// All of them, by their path below `pages/`.
pub fn files() -> Files {
    FILES.iter().map(|(name, bytes)| ((*name).to_owned(), (*bytes).into())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn below(folder: &Path, name: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder.join(name)).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            match entry.path().is_dir() {
                true => below(folder, &name, found),
                false => found.push(name),
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_in_the_binary() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages");
        let mut found = Vec::new();
        for kind in ["assets", "messages", "templates"] {
            below(&folder, kind, &mut found);
        }
        found.sort_unstable();
        assert_eq!(files().into_keys().collect::<Vec<_>>(), found);
    }
}
