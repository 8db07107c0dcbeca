//! Languages and looks.

use tokenhouse_suite::browser::Browser;

use crate::apps;

#[tokio::test]
async fn the_address_comes_before_the_choice_and_that_before_the_browser() {
    let (api, _alive) = apps::on_sqlite().await;
    let mut ada = Browser::new(&api);
    ada.headers.insert("accept-language", "it, fr;q=0.9".to_owned());
    assert!(ada.open("/login").await.says("<html lang=\"fr\" dir=\"ltr\">"));
    let page = ada.open("/login?return_to=%2Flogout").await;
    let chosen = ada.submit(&page, "/preferences", &[("language", "ja"), ("theme", "dark")]).await;
    assert_eq!(chosen.path, "/login?return_to=%2Flogout", "she is where she was");
    assert!(
        chosen.says("<html lang=\"ja\" dir=\"ltr\" data-theme=\"dark\">")
            && chosen.says("ログイン")
    );
    let arabic = ada.open("/login?ui_locales=xx%20ar-EG").await;
    assert!(arabic.says("<html lang=\"ar\" dir=\"rtl\" data-theme=\"dark\">"), "{}", arabic.html);
    let page = ada.open("/login").await;
    let back = ada.submit(&page, "/preferences", &[("language", "de"), ("theme", "auto")]).await;
    assert!(back.says("<html lang=\"de\" dir=\"ltr\">"));
}

#[tokio::test]
async fn what_cannot_be_chosen_is_not_kept_and_leads_nowhere_else() {
    let (api, _alive) = apps::on_sqlite().await;
    let mut ada = Browser::new(&api);
    let page = ada.open("/login").await;
    let evil =
        [("language", "x; Domain=evil"), ("theme", "\"><script>"), ("return_to", "//evil.example")];
    let sent = ada.send(&page, "/preferences", &evil).await;
    assert_eq!((sent.answer.status, sent.answer.header("location")), (303, Some("/")));
    assert_eq!(ada.cookies["tokenhouse-choice"], ".auto");
    assert!(ada.open("/login").await.says("lang=\"en\""));
    let foreign = Browser::new(&api).open("/login").await;
    ada.send(&foreign, "/preferences", &[("language", "de")]).await;
    assert_eq!(ada.cookies["tokenhouse-choice"], ".auto", "a form of another browser is not taken");
}

#[tokio::test]
async fn every_language_has_every_page() {
    let (api, _alive) = apps::with_mail_on_sqlite().await;
    for language in ["en", "de", "fr", "es", "ja", "ar"] {
        let mut ada = Browser::new(&api);
        ada.headers.insert("accept-language", language.to_owned());
        ada.newcomer().await;
        for path in [
            "/recover",
            "/account",
            "/account/email",
            "/account/password",
            "/account/sessions",
            "/account/applications",
            "/account/delete",
            "/logout",
        ] {
            let page = ada.open(path).await;
            assert_eq!((page.path.as_str(), page.answer.status), (path, 200));
            assert!(page.says(&format!("lang=\"{language}\"")));
        }
    }
}
