//! Whether mails are written, where they go, and what the links in them begin with.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Result, bail};
use tokenhouse_rules::origin::Origin;
use tokenhouse_rules::registration::Address;
use tokenhouse_server::mail::{Mailing, Smtp, sender};
use tokenhouse_store::Location;

use super::listen::{Place, is_own_machine};
use super::settings::public_url;
use super::value::switch;
use crate::config::{BadConfig, Written};

/// What the settings say of mails, judged together: each is right or wrong by what the others say.
pub(super) struct Mails {
    pub(super) mailing: Mailing,
    pub(super) address: Address,
    pub(super) base_url: String,
    pub(super) from: String,
}

impl Mails {
    pub(super) fn of(written: &Written, bound: Option<SocketAddr>) -> Result<Self> {
        let public = public_url(written)?.and_then(|url| Origin::parse(&url).ok());
        let place = Place::of(written, bound)?;
        let mailing = mailing(written, public.as_ref(), &place)?;
        let address = written.read("email_policy", Address::parse)?;
        if address == Address::Confirmed && matches!(mailing, Mailing::Off) {
            bail!(BadConfig(
                "TOKENHOUSE_EMAIL=confirmed needs mails, and this server sends none: set TOKENHOUSE_SMTP_URL \
                 (and PUBLIC_URL)"
                    .to_owned()
            ));
        }
        Ok(Self {
            mailing,
            address,
            from: from(written, public.as_ref())?,
            base_url: public.map_or(place.url, |origin| origin.to_string()),
        })
    }
}

fn mailing(written: &Written, public: Option<&Origin>, place: &Place) -> Result<Mailing> {
    let outbox = written.value("dev_outbox").unwrap_or("auto");
    let forced = match outbox {
        "auto" => None,
        _ => Some(
            written
                .read("dev_outbox", |text| switch(text).map_err(|_| "must be auto, on or off"))?,
        ),
    };
    if written.value("smtp_url").is_some() {
        if forced == Some(true) {
            bail!(BadConfig(
                "TOKENHOUSE_DEV_OUTBOX=on keeps mails here and TOKENHOUSE_SMTP_URL sends them: leave one of \
                 the two out"
                    .to_owned()
            ));
        }
        if public.is_none() {
            bail!(BadConfig(
                "PUBLIC_URL is missing: links in mails begin with it, and TOKENHOUSE_SMTP_URL is set"
                    .to_owned()
            ));
        }
        return smtp(written);
    }
    if forced == Some(true) && !place.is_local {
        bail!(BadConfig(format!(
            "TOKENHOUSE_DEV_OUTBOX=on lets everybody read the mails who reaches {}; it needs LISTEN_ADDR on \
             127.0.0.1",
            place.url
        )));
    }
    let only_here = public.is_none_or(|origin| is_own_machine(origin.authority()));
    let developing = place.is_local && only_here && is_embedded(written);
    Ok(if forced.unwrap_or(developing) { Mailing::Outbox } else { Mailing::Off })
}

fn smtp(written: &Written) -> Result<Mailing> {
    let authority = match written.value("smtp_ca") {
        None => None,
        Some(path) => Some(
            fs::read(path)
                .map_err(|error| BadConfig(format!("TOKENHOUSE_SMTP_CA: {path}: {error}")))?,
        ),
    };
    written.read("smtp_url", |url| Smtp::parse(url, authority.as_deref())).map(Mailing::Smtp)
}

/// Who mails are from. A mail server would refuse what is no address only when the first mail is sent.
fn from(written: &Written, public: Option<&Origin>) -> Result<String> {
    if written.value("mail_from").is_some() {
        return written.read("mail_from", |text| sender(text).map(|()| text.to_owned()));
    }
    let host = public.map_or("localhost", |origin| host(origin.authority()));
    Ok(format!("Tokenhouse <no-reply@{host}>"))
}

/// The name in an authority, without the port; numbers are no domain of an address.
fn host(authority: &str) -> &str {
    let name = authority.split(':').next().unwrap_or_default();
    if name.starts_with('[') || name.parse::<IpAddr>().is_ok() { "localhost" } else { name }
}

fn is_embedded(written: &Written) -> bool {
    let url = written.value("database_url");
    url.is_none_or(|url| matches!(Location::parse(url), Ok(Location::Sqlite(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_never_made_of_numbers_or_ports() {
        for (authority, expected) in [
            ("login.example.org", "login.example.org"),
            ("login.example.org:8443", "login.example.org"),
            ("127.0.0.1:8080", "localhost"),
            ("[::1]:8080", "localhost"),
        ] {
            assert_eq!(host(authority), expected);
        }
    }
}
