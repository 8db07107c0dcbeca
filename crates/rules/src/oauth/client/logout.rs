//! Where an application wants to be told that a session ended, and what is wrong with that.

use super::super::redirect;
use super::{Fault, Kind, Settings};
use crate::origin::Origin;

impl Settings {
    /// The address of a frame that tells it that a session ended, if it is told in that way (OpenID Connect
    /// Front-Channel Logout 1.0 §3). Issuer and session are in it where the application asked for them.
    pub fn frame(&self, issuer: &str, session: &str) -> Option<String> {
        let address = self.frontchannel_logout_uri.as_deref()?;
        Some(match self.frontchannel_logout_session_required {
            true => redirect::with_query(address, &[("iss", issuer), ("sid", session)]),
            false => address.to_owned(),
        })
    }

    /// What is wrong with it.
    pub(super) fn logout_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let both = [
            ("/backchannel_logout_uri", &self.backchannel_logout_uri),
            ("/frontchannel_logout_uri", &self.frontchannel_logout_uri),
        ];
        for (at, address) in both {
            let Some(address) = address else { continue };
            // An address of the web in any case: this server or a browser asks for it.
            if let Err(bad) = redirect::accept(address, Kind::Server) {
                faults.push(Fault::at(at, bad.to_string()));
            } else if matches!(self.kind, Kind::Machine | Kind::Proxy) {
                let none = "must be left out: an application of this kind signs nobody in";
                faults.push(Fault::at(at, none));
            }
        }
        if self.frontchannel_logout_uri.as_deref().is_some_and(|address| !self.is_home(address)) {
            let text = "must have scheme, host and port of one of redirect_uris";
            faults.push(Fault::at("/frontchannel_logout_uri", text));
        }
        for (required, address, at) in [
            (self.backchannel_logout_session_required, both[0].1, "/backchannel_logout"),
            (self.frontchannel_logout_session_required, both[1].1, "/frontchannel_logout"),
        ] {
            if required && address.is_none() {
                let text = format!("must be false without {}_uri", &at[1..]);
                faults.push(Fault::at(format!("{at}_session_required"), text));
            }
        }
        faults
    }

    /// Whether an address is where its people come back to (Front-Channel Logout §2).
    fn is_home(&self, address: &str) -> bool {
        let origin = |address: &str| Origin::parse(address).ok();
        let home = origin(address);
        home.is_some() && self.redirect_uris.iter().any(|known| origin(known) == home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(back: Option<&str>, front: Option<&str>) -> Settings {
        Settings {
            name: "Notes".to_owned(),
            redirect_uris: vec!["https://notes.example.org/cb".to_owned()],
            backchannel_logout_uri: back.map(str::to_owned),
            frontchannel_logout_uri: front.map(str::to_owned),
            ..Settings::preset(Kind::Server)
        }
    }

    fn faults(settings: &Settings) -> Vec<String> {
        let faults = settings.check().err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn an_application_is_told_at_addresses_of_the_web_only() {
        for good in
            ["https://back.example/out?a=b", "http://127.0.0.1:9000/out", "http://localhost/x"]
        {
            assert_eq!(told(Some(good), None).check(), Ok(()), "{good}");
        }
        for bad in [
            "http://back.example/out",
            "http://169.254.169.254/latest",
            "https://user@back.example/",
            "https://back.example/#x",
            "file:///etc/passwd",
            "com.example.app:/out",
            "",
        ] {
            assert_eq!(faults(&told(Some(bad), None)), ["/backchannel_logout_uri"], "{bad}");
        }
        let machine = Settings {
            backchannel_logout_uri: Some("https://back.example/out".to_owned()),
            ..Settings { name: "Robot".to_owned(), ..Settings::preset(Kind::Machine) }
        };
        assert_eq!(faults(&machine), ["/backchannel_logout_uri"]);
    }

    #[test]
    fn a_frame_shows_what_its_people_come_back_to() {
        for (address, is_good) in [
            ("https://notes.example.org/out", true),
            ("https://notes.example.org:443/out", true),
            ("https://notes.example.org:444/out", false),
            ("https://evil.example/out", false),
            ("http://notes.example.org/out", false),
        ] {
            assert_eq!(told(None, Some(address)).check().is_ok(), is_good, "{address}");
        }
        let mut settings = told(None, Some("https://notes.example.org/out?a=b"));
        let frame = |settings: &Settings| settings.frame("https://login.example", "s");
        assert_eq!(frame(&settings).as_deref(), Some("https://notes.example.org/out?a=b"));
        settings.frontchannel_logout_session_required = true;
        let expected = "https://notes.example.org/out?a=b&iss=https%3A%2F%2Flogin.example&sid=s";
        assert_eq!(frame(&settings).as_deref(), Some(expected));
        assert_eq!(frame(&told(None, None)), None);
    }

    #[test]
    fn nothing_is_required_of_what_is_not_told() {
        let mut settings = told(None, None);
        settings.backchannel_logout_session_required = true;
        settings.frontchannel_logout_session_required = true;
        let expected =
            ["/backchannel_logout_session_required", "/frontchannel_logout_session_required"];
        assert_eq!(faults(&settings), expected);
    }
}
