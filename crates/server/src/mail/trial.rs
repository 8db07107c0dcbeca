//! What an operator tries by hand: whether the mail server can be reached, and whether it takes a mail.

use std::time::Duration;

use tokenhouse_rules::id::MailId;
use tokenhouse_rules::time::Timestamp;

use super::Mailing;
use super::address::mailbox;
use super::failed::Failed;
use super::message::{Label, message};
use super::post::Post;
use crate::entropy;
use crate::pages::Letter;
use crate::settings::Settings;

/// Who waits at a terminal does not wait as long as the outbox does.
const PATIENCE: Duration = Duration::from_secs(20);

/// Goes all the way to the mail server, up to the point where a mail could be given to it. Nothing is tried where mails
/// are not sent.
///
/// # Errors
/// [`Failed`], naming the step.
pub async fn check(settings: &Settings) -> Result<(), Failed> {
    let Mailing::Smtp(smtp) = &settings.mailing else { return Ok(()) };
    let from = mailbox(&settings.mail_from).map_err(|bad| Failed::unprepared(bad, true))?;
    Post::new(smtp, &from, PATIENCE)?.greet().await?.close().await;
    Ok(())
}

/// Gives one mail, dated `now`, to the mail server at once, without the outbox.
///
/// # Errors
/// [`Failed`], naming the step; also where mails are not sent.
pub async fn test(settings: &Settings, now: Timestamp, to: &str) -> Result<(), Failed> {
    let Mailing::Smtp(smtp) = &settings.mailing else {
        return Err(Failed::unprepared("no mail server is configured (TOKENHOUSE_SMTP_URL)", true));
    };
    let from = mailbox(&settings.mail_from).map_err(|bad| Failed::unprepared(bad, true))?;
    let id = MailId::new(now, entropy::bytes());
    let label = Label { id, created_at: now, recipient: to };
    let message = message(&label, &from, letter(&settings.site_name))?;
    Post::new(smtp, &from, PATIENCE)?.send(&message).await?.close().await;
    Ok(())
}

/// In English, as everything at a terminal.
fn letter(site: &str) -> Letter {
    let site: String = site.chars().filter(|c| !c.is_control()).collect();
    let text = "This is a test. Whoever runs this server asked for it, and mails from it reach this address.";
    let escaped = minijinja::HtmlEscape(&site).to_string();
    Letter {
        subject: format!("Test mail of {site}"),
        text: format!("{text}\n\n-- \n{site}\n"),
        html: format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><p>{text}</p><p>{escaped}</p></html>\n"
        ),
        language: "en".to_owned(),
        direction: "ltr".to_owned(),
    }
}
