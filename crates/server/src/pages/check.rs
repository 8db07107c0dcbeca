//! Whether pages can be made of an operator's files: every template, filled in every way and language.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};
use tokenhouse_rules::mail::Kind;

use super::Pages;
use super::form::Form;
use super::letters;
use super::messages::Language;
use super::outbox;
use super::taste::{Taste, Theme};

impl Pages {
    /// What is wrong: templates that fail, and messages that a language lacks (English is shown for those).
    pub fn check(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for language in self.messages.all() {
            self.check_messages(language, &mut complaints);
            for (template, parts) in samples() {
                if let Err(error) = self.sample(template, language, parts) {
                    let tag = &self.messages.of(language).tag;
                    complaints.push(format!("templates/{template} ({tag}): {error:#}"));
                }
            }
            self.check_mails(language, &mut complaints);
        }
        complaints
    }

    fn check_mails(&self, language: Language, complaints: &mut Vec<String>) {
        for kind in Kind::ALL {
            for contents in letters::samples() {
                if let Err(error) = self.letter_in(language, *kind, &contents, true) {
                    let (tag, kind) = (&self.messages.of(language).tag, kind.name());
                    complaints.push(format!("templates/mail/{kind} ({tag}): {error:#}"));
                }
            }
        }
    }

    fn check_messages(&self, language: Language, complaints: &mut Vec<String>) {
        let missing = keys().filter(|key| !self.messages.has(language, key));
        let tag = &self.messages.of(language).tag;
        complaints.extend(missing.map(|key| format!("messages/{tag}.ftl: lacks `{key}`")));
    }

    pub(super) fn sample(
        &self,
        template: &str,
        language: Language,
        parts: Value,
    ) -> Result<String, minijinja::Error> {
        let taste = Taste { language, theme: Some(Theme::Dark) };
        let mut ui = self.ui("Tokenhouse", taste);
        ui.here = Some("/login");
        ui.visit_token = Some("token".to_owned());
        self.write((template, taste), &ui, parts, true)
    }
}

/// The names of all messages, by those in English.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    include_str!("../../../../pages/messages/en.ftl").lines().filter_map(|line| {
        let (key, _) = line.split_once(" =")?;
        key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-').then_some(key)
    })
}

/// Every template with what it can be filled with.
pub(super) fn samples() -> Vec<(&'static str, Value)> {
    let users = [None, Some("ada@example.org")].map(
        |email| json!({ "username": "ada", "email": email, "created_at": "2026-01-02T03:04:05Z" }),
    );
    let session = json!({ "id": "1", "created_at": "2026-01-02T03:04:05Z", "current": false,
        "last_used_at": "2026-01-02T03:04:05Z", "address": "192.0.2.1", "user_agent": "curl/8",
        "program": "curl", "system": null });
    let way = json!({ "seen": "localhost:8080", "expected": "https://a.example", "link": "https://a.example/" });
    let problem = json!({ "title": "Wrong", "text": "Text", "status": 503, "again": "/login", "request_id": "r" });
    let mut all = Vec::new();
    for form in Form::samples() {
        let form = Value::from(Serde(form));
        for template in ["login.html", "register.html", "recover.html", "logout.html"] {
            all.push((template, context! { form => form.clone() }));
        }
        for (user, profile) in
            users.iter().flat_map(|user| profiles().map(|profile| (user, profile)))
        {
            let parts =
                context! { form => form.clone(), user => value(user), profile => value(&profile) };
            for template in OF_ACCOUNT {
                all.push((template, parts.clone()));
            }
        }
        for is_addressed in [true, false] {
            let words = context! { username => "ada", email => "ada@example.org", action => "/", is_addressed };
            for template in OF_LINKS {
                all.push((template, context! { form => form.clone(), ..words.clone() }));
            }
        }
        for (next, alone) in [(Some("1"), false), (None, true)] {
            let sessions = value(&json!([session]));
            let parts = context! { form => form.clone(), sessions => sessions, next => next, alone => alone };
            all.push(("account-sessions.html", parts));
        }
        all.extend(of_applications(&form));
    }
    for template in ["elsewhere.html", "plain.html"] {
        all.push((template, context! { way => value(&way) }));
    }
    all.push(("error.html", context! { problem => value(&problem) }));
    let message = json!({ "title": "Title", "text": "Text", "link": "/login", "link_text": "On" });
    all.push(("message.html", context! { message => value(&message) }));
    all.extend(outbox::samples());
    all
}

/// Pages that an application is the reason of: of which nothing is known, and with all there is.
fn of_applications(form: &Value) -> Vec<(&'static str, Value)> {
    let scopes = json!([{ "name": "openid", "text": "Text" }, { "name": "own", "text": null }]);
    let none = json!([]);
    let mut all = Vec::new();
    for (asked, granted, link) in
        [(&scopes, &none, None), (&none, &scopes, Some("https://a.example/x"))]
    {
        let consent = json!({ "application": "Calendar", "username": "ada", "asked": asked,
            "granted": granted, "leads": "a.example", "policy": link, "terms": link,
            "other": "/login" });
        all.push(("consent.html", context! { form => form.clone(), consent => value(&consent) }));
    }
    for application in [None, Some("Calendar")] {
        let leaving = json!({ "username": "ada", "application": application });
        all.push((
            "end-session.html",
            context! { form => form.clone(), leaving => value(&leaving) },
        ));
    }
    let at = "2026-01-02T03:04:05Z";
    let entered = json!({ "username": "ada", "code": "BCDF-GHJK", "other": "/login" });
    all.push(("device.html", context! { form => form.clone(), device => value(&entered) }));
    for from in [None, Some("192.0.2.1")] {
        let device = json!({ "application": "Television", "username": "ada", "code": "BCDF-GHJK",
            "id": "1", "scopes": scopes, "address": from, "agent": from, "since": at, "other": "/login" });
        let parts = context! { form => form.clone(), device => value(&device) };
        all.push(("device-consent.html", parts));
    }
    let used =
        json!({ "id": "a", "name": "Calendar", "since": at, "last_used_at": at, "scopes": scopes });
    let unused =
        json!({ "id": "b", "name": "b", "since": at, "last_used_at": null, "scopes": none });
    for applications in [json!([used, unused]), json!([])] {
        let parts = context! { form => form.clone(), applications => value(&applications) };
        all.push(("account-applications.html", parts));
    }
    let failure =
        json!({ "text": "Text", "code": "invalid_request", "description": "d", "request_id": "r" });
    all.push(("application-error.html", context! { failure => value(&failure) }));
    let frames = json!([{ "application": "Calendar", "address": "https://a.example/out" }]);
    let left = json!({ "frames": frames, "onward": "/login" });
    all.push(("signed-out.html", context! { left => value(&left) }));
    let fields = json!([{ "name": "code", "value": "thc_" }]);
    let onward =
        json!({ "application": "Calendar", "address": "https://a.example/", "fields": fields });
    all.push(("form-post.html", context! { onward => value(&onward) }));
    all
}

const OF_ACCOUNT: [&str; 4] =
    ["account.html", "account-email.html", "account-password.html", "account-delete.html"];
const OF_LINKS: [&str; 4] = ["reset.html", "confirm.html", "invitation.html", "setup.html"];

/// Somebody of whom little is known, and somebody who has everything there can be.
fn profiles() -> [Json; 3] {
    let bare = json!({ "email_confirmed": false, "pending_email": null, "delete_after": null,
        "is_administrator": false, "has_mail": false, "grace_hours": 0, "grace_days": 0 });
    let full = json!({ "email_confirmed": true, "pending_email": "a@b", "is_administrator": true,
        "delete_after": "2026-01-02T03:04:05Z", "has_mail": true, "grace_hours": 0, "grace_days": 7 });
    let mut hours = full.clone();
    (hours["grace_days"], hours["grace_hours"]) = (0.into(), 36.into());
    [bare, full, hours]
}

fn value(json: &Json) -> Value {
    Value::from(Serde(json))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeSet;

    use super::*;
    use crate::pages::{Files, embedded_files};

    fn embedded() -> Pages {
        Pages::new(Files::new()).expect("our own pages")
    }

    fn with(file: &str, text: &'static str) -> Result<Pages, String> {
        let own = Files::from([(file.to_owned(), Cow::Borrowed(text.as_bytes()))]);
        Pages::new(own).map_err(|bad| bad.to_string())
    }

    #[test]
    fn every_page_can_be_written_in_every_language_and_no_message_is_missing() {
        assert_eq!(embedded().check(), Vec::<String>::new());
    }

    #[test]
    fn every_template_is_a_sample_or_part_of_one() {
        let files = embedded_files();
        let ours: BTreeSet<_> =
            files.keys().filter_map(|name| name.strip_prefix("templates/")).collect();
        let mut shown: BTreeSet<_> = samples().into_iter().map(|(name, _)| name).collect();
        shown.extend(["base.html", "parts.html"]);
        let mails: Vec<_> = Kind::ALL.iter().map(|kind| format!("mail/{}", kind.name())).collect();
        let mails = mails.iter().map(String::as_str).chain(["mail/base"]);
        let mails: Vec<_> =
            mails.flat_map(|one| ["txt", "html"].map(|kind| format!("{one}.{kind}"))).collect();
        shown.extend(mails.iter().map(String::as_str));
        assert_eq!(ours, shown);
    }

    #[test]
    fn no_language_has_messages_that_the_others_lack_and_none_is_unused() {
        let known: BTreeSet<_> = keys().collect();
        let files = embedded_files();
        let text = |name: &str| String::from_utf8_lossy(&files[name]).into_owned();
        let templates: String = files
            .keys()
            .filter(|name| name.starts_with("templates/"))
            .map(|name| text(name))
            .collect();
        let sources = concat!(
            include_str!("form.rs"),
            include_str!("posted.rs"),
            include_str!("render.rs"),
            include_str!("failure.rs"),
            include_str!("letters.rs"),
            include_str!("message.rs"),
            include_str!("messages.rs"),
            include_str!("oauth_failure.rs"),
            include_str!("scopes.rs"),
        );
        for name in files.keys().filter(|name| name.ends_with(".ftl")) {
            for line in
                text(name).lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                let key = line.split(" =").next().unwrap_or_default();
                assert!(known.contains(key), "{name}: {key}");
            }
        }
        for key in known {
            let subject = key.starts_with("mail-") && key.ends_with("-subject");
            let composed =
                subject || ["problem-", "fault-", "said-"].iter().any(|kind| key.starts_with(kind));
            let named =
                templates.contains(&format!("'{key}'")) || sources.contains(&format!("\"{key}\""));
            assert!(composed || named, "{key} is said nowhere");
        }
    }

    #[test]
    fn an_operators_words_replace_ours_one_by_one_and_her_language_is_offered() {
        let pages = with("messages/de.ftl", "sign-in-title = Hereinspaziert\n").expect("pages");
        let wishes =
            tokenhouse_rules::language::Wishes { accepted: Some("de"), ..Default::default() };
        let german = pages.messages.choose(&wishes);
        assert_eq!(pages.messages.say(german, "sign-in-title"), "Hereinspaziert");
        assert_eq!(pages.messages.say(german, "field-password"), "Passwort");
        let pages = with("messages/it.ftl", "language-name = Italiano\n").expect("pages");
        assert!(pages.messages.offered().iter().any(|one| one.name == "Italiano"));
        assert!(pages.check().contains(&"messages/it.ftl: lacks `sign-in-title`".to_owned()));
    }

    #[test]
    fn a_mail_that_fails_is_named_with_its_kind_and_an_operators_own_is_used() {
        let pages = with("templates/mail/recover.txt", "{{ t('no-such-message') }}");
        let complaints = pages.expect("a template").check();
        assert_eq!(complaints.len(), 2 * embedded().messages.all().count(), "{complaints:?}");
        assert!(complaints[0].starts_with("templates/mail/recover (en): "), "{complaints:?}");
        let pages = with("templates/mail/recover.txt", "Go to {{ mail.link }} & be quick");
        let [contents, _] = letters::samples();
        let letter = pages.expect("a template").letter(Kind::Recover, "de", &contents);
        let letter = letter.expect("a letter");
        let link = "https://login.example.org/reset/thl_sample";
        assert_eq!(letter.text, format!("Go to {link} & be quick"));
        assert!(letter.html.contains("Neues Passwort setzen"), "{}", letter.html);
    }

    #[test]
    fn what_cannot_be_a_page_is_refused_by_the_name_of_its_file() {
        let refused = |file, text| with(file, text).map(drop).expect_err("refused");
        assert!(refused("templates/login.html", "{% if %}").starts_with("templates/login.html: "));
        assert!(refused("messages/de.ftl", "no message at all").starts_with("messages/de.ftl: "));
        assert!(refused("login.html", "").starts_with("login.html: "));
        assert!(refused("assets/run.exe", "").starts_with("assets/run.exe: "));
        let pages = with("templates/login.html", "{{ t('no-such-message') }}{{ form.nothing }}");
        let complaints = pages.expect("a template").check();
        assert!(complaints[0].contains("no-such-message"), "{complaints:?}");
    }
}
