//! An operator's own pages: copied, changed, checked, served.

use std::fs;
use std::path::Path;

use tokenhouse_proof::server::{Output, run};
use tokenhouse_suite::browser::Browser;

use crate::client::{api, on};

async fn template(args: &[&str]) -> Output {
    run(&[&["template"], args].concat(), &[], "").await.expect("the binary runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ejected_is_good_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pages = folder.path().join("pages");
    let ejected = template(&["eject", text(&pages)]).await;
    assert!(ejected.status.success(), "{}", ejected.stderr);
    let checked = template(&["check", text(&pages)]).await;
    assert_eq!(
        (checked.status.code(), checked.stdout.as_str()),
        (Some(0), ""),
        "{}",
        checked.stderr
    );
    fs::write(pages.join("templates/login.html"), "mine").expect("a write");
    fs::remove_file(pages.join("assets/style.css")).expect("a file");
    let again = template(&["eject", text(&pages)]).await;
    assert_eq!(again.status.code(), Some(5), "{}", again.stderr);
    assert_eq!(fs::read_to_string(pages.join("templates/login.html")).expect("a file"), "mine");
    assert!(!pages.join("assets/style.css").exists(), "all or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_folder_is_told_before_it_is_served() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pages = folder.path().join("pages");
    fs::create_dir_all(pages.join("templates")).expect("a folder");
    fs::write(pages.join("templates/login.html"), "{{ t('no-such-word') }}").expect("a write");
    let checked = template(&["check", text(&pages)]).await;
    assert_eq!(checked.status.code(), Some(1), "{}", checked.stderr);
    assert!(checked.stdout.contains("templates/login.html (de): "), "{}", checked.stdout);
    assert!(checked.stdout.contains("no-such-word"), "{}", checked.stdout);

    fs::write(pages.join("templates/login.html"), "{% if %}").expect("a write");
    let config = ["config", "check", "--templates", text(&pages)];
    let refused = run(&config, &[], "").await.expect("the binary runs");
    assert_eq!(refused.status.code(), Some(78), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("TOKENHOUSE_TEMPLATES: templates/login.html"),
        "{}",
        refused.stderr
    );
    let missing = template(&["check", "/nowhere/at/all"]).await;
    assert_eq!(missing.status.code(), Some(78), "{}", missing.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_words_name_and_style_sheet_are_served() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pages = folder.path().join("pages");
    fs::create_dir_all(pages.join("assets")).expect("a folder");
    fs::create_dir_all(pages.join("messages")).expect("a folder");
    fs::write(pages.join("assets/custom.css"), ":root { --accent: #00695c; }").expect("a write");
    fs::write(pages.join("messages/en.ftl"), "sign-in-title = Come in\n").expect("a write");
    fs::write(pages.join(".hidden"), "").expect("a write");
    let server = on(folder.path())
        .env("TOKENHOUSE_TEMPLATES", text(&pages))
        .env("TOKENHOUSE_SITE_NAME", "Ada & Co")
        .start()
        .await
        .expect("a server");
    let page = Browser::new(&api(server.addr())).open("/login").await;
    assert!(page.says("<title>Come in · Ada &amp; Co</title>"), "{}", page.html);
    assert!(page.says("/assets/custom.") && page.says("Create an account"));
}

#[tokio::test]
async fn a_public_url_that_is_no_address_is_a_bad_configuration() {
    for bad in ["login.example.org", "ftp://login.example.org", "https://"] {
        let refused =
            run(&["config", "check"], &[("PUBLIC_URL", bad)], "").await.expect("the binary runs");
        assert_eq!(refused.status.code(), Some(78), "{bad}: {}", refused.stderr);
        assert!(refused.stderr.contains("PUBLIC_URL"), "{}", refused.stderr);
    }
}
