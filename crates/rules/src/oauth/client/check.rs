//! What is wrong with the settings of an application, all of it at once.

use std::collections::HashSet;

use super::super::claims::mapping;
use super::super::{access, redirect, scope};
use super::{Authentication, Fault, GrantType, Kind, MAX_ACCESS_TOKEN_LIFETIME, Pkce, Settings};
use crate::origin::Origin;

/// The longest name, in code points.
const MAX_NAME: usize = 100;
/// The longest list of addresses.
const MAX_LIST: usize = 50;
/// The longest life of a grant: ten years. Beyond any use, but short of an overflow.
const MAX_GRANT_LIFETIME: u64 = 3_660 * 86_400;

struct Faults(Vec<Fault>);

impl Faults {
    fn when(&mut self, wrong: bool, pointer: &str, text: &str) {
        if wrong {
            self.0.push(Fault::at(pointer, text));
        }
    }

    /// Judges each member of a list, its length, and that none is there twice.
    fn each(&mut self, list: &[String], pointer: &str, judge: impl Fn(&str) -> Result<(), String>) {
        self.when(list.len() > MAX_LIST, pointer, "must have at most 50 members");
        let mut seen = HashSet::new();
        for (place, member) in list.iter().enumerate() {
            let pointer = format!("{pointer}/{place}");
            if let Err(text) = judge(member) {
                self.0.push(Fault::at(pointer, text));
            } else if !seen.insert(member) {
                self.0.push(Fault::at(pointer, "is there twice"));
            }
        }
    }
}

impl Settings {
    /// Judges the settings as a whole.
    ///
    /// # Errors
    /// Each [`Fault`] of them.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Faults(Vec::new());
        self.check_name(&mut faults);
        self.check_links(&mut faults);
        self.check_addresses(&mut faults);
        self.check_authentication(&mut faults);
        faults.0.extend(self.signing_faults());
        faults.0.extend(self.profile_faults());
        self.check_grants(&mut faults);
        self.check_tokens(&mut faults);
        self.check_exchange(&mut faults);
        self.check_proxy(&mut faults);
        faults.0.extend(mapping::check(self));
        faults.0.extend(self.logout_faults());
        if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
    }

    fn signs_people_in(&self) -> bool {
        self.allows(GrantType::AuthorizationCode)
    }

    fn check_name(&self, faults: &mut Faults) {
        let (name, at) = (&self.name, "/name");
        faults.when(name.trim().is_empty(), at, "must not be empty");
        faults.when(name.chars().count() > MAX_NAME, at, "must have at most 100 characters");
        faults.when(name.contains(char::is_control), at, "must have no control characters");
    }

    /// Links that people are shown (OpenID Connect Dynamic Client Registration 1.0 §2).
    fn check_links(&self, faults: &mut Faults) {
        for (at, link) in [("/policy_uri", &self.policy_uri), ("/tos_uri", &self.tos_uri)] {
            let Some(link) = link else { continue };
            let page = link.split_once('#').map_or(link.as_str(), |(page, _)| page);
            let is_good = redirect::accept(page, Kind::Server).is_ok() && page.starts_with("https");
            faults.when(!is_good, at, "must be an address that begins with https://");
        }
    }

    fn check_addresses(&self, faults: &mut Faults) {
        let accept =
            |uri: &str| redirect::accept(uri, self.kind).map_err(|error| error.to_string());
        faults.each(&self.redirect_uris, "/redirect_uris", accept);
        faults.each(&self.post_logout_redirect_uris, "/post_logout_redirect_uris", accept);
        faults.each(&self.origins, "/origins", |text| match Origin::parse(text) {
            Ok(origin) if origin.to_string() == text => Ok(()),
            _ => Err("must be an origin like https://app.example.org".to_owned()),
        });
        let missing = self.signs_people_in() && self.redirect_uris.is_empty();
        faults.when(missing, "/redirect_uris", "must name at least one");
        if matches!(self.kind, Kind::Machine | Kind::Proxy) {
            let none = "must be empty: an application of this kind signs nobody in";
            faults.when(!self.redirect_uris.is_empty(), "/redirect_uris", none);
            let after = !self.post_logout_redirect_uris.is_empty();
            faults.when(after, "/post_logout_redirect_uris", none);
        }
    }

    fn check_authentication(&self, faults: &mut Faults) {
        let at = "/authentication";
        let keeps_a_secret = matches!(self.kind, Kind::Server | Kind::Machine);
        let secret = "must be none: an application of this kind has no secret";
        faults.when(!keeps_a_secret && self.is_confidential(), at, secret);
        let lacks = self.authentication == Authentication::None;
        let needed = "must not be none: an application of this kind has a secret";
        faults.when(keeps_a_secret && lacks, at, needed);
        let loose = self.pkce == Pkce::Optional && lacks;
        faults.when(loose, "/pkce", "must be required where there is no secret");
    }

    fn check_grants(&self, faults: &mut Faults) {
        let at = "/grants";
        let (code, machine) = (self.signs_people_in(), self.allows(GrantType::ClientCredentials));
        let device = self.allows(GrantType::DeviceCode);
        let refresh = self.allows(GrantType::RefreshToken);
        let alone = self.kind == Kind::Machine && code;
        faults.when(alone, at, "must not hold authorization_code: a machine signs nobody in");
        let alone = self.kind == Kind::Machine && device;
        faults.when(alone, at, "must not hold device_code: a machine signs nobody in");
        let proxied = self.kind == Kind::Proxy && !self.grants.is_empty();
        faults.when(proxied, at, "must be empty: behind a proxy nobody asks for tokens");
        let none = self.kind != Kind::Proxy && self.grants.is_empty();
        faults.when(none, at, "must name at least one");
        let bare = machine && !self.is_confidential();
        faults.when(bare, at, "must not hold client_credentials where there is no secret");
        let nobody = refresh && !code && !device;
        let needed = "must hold authorization_code or device_code beside refresh_token";
        faults.when(nobody, at, needed);
        let no_scope = (code || device) && self.scopes.is_empty();
        faults.when(no_scope, "/scopes", "must hold at least one");
        let offline = self.scopes.contains(scope::OFFLINE_ACCESS) && !refresh;
        faults.when(offline, "/scopes", "must not hold offline_access without refresh_token");
    }

    fn check_tokens(&self, faults: &mut Faults) {
        let at = "/access_token_lifetime";
        let fits = (10..=MAX_ACCESS_TOKEN_LIFETIME).contains(&self.access_token_lifetime);
        faults.when(!fits, at, "must be 10 to 86400 seconds");
        let bound = self.dpop_bound_access_tokens && self.kind == Kind::Proxy;
        let none = "must be false: behind a proxy nobody asks for tokens";
        faults.when(bound, "/dpop_bound_access_tokens", none);
        let grant = |seconds: u64| (60..=MAX_GRANT_LIFETIME).contains(&seconds);
        let span = "must be between a minute and ten years, in seconds";
        faults.when(!grant(self.refresh_idle), "/refresh_idle", span);
        faults.when(!grant(self.refresh_absolute), "/refresh_absolute", span);
        let late = self.refresh_idle > self.refresh_absolute;
        faults.when(late, "/refresh_idle", "must not be longer than refresh_absolute");
        let audience =
            |text: &String| (1..=255).contains(&text.len()) && redirect::is_uri_text(text);
        let strange = self.audience.as_ref().is_some_and(|text| !audience(text));
        faults.when(strange, "/audience", "must be a URI or a name of at most 255 characters");
        faults.each(&self.resources, "/resources", |text| match redirect::is_absolute(text) {
            true => Ok(()),
            false => Err("must be a URI with a scheme and without a fragment".to_owned()),
        });
    }

    fn check_exchange(&self, faults: &mut Faults) {
        let asks = self.allows(GrantType::TokenExchange);
        let bare = asks && !self.is_confidential();
        faults.when(bare, "/grants", "must not hold token-exchange where there is no secret");
        let at = "/token_exchange";
        let only_half = asks == self.token_exchange.is_empty();
        let both = "must name somebody where grants holds token-exchange, and nobody elsewhere";
        faults.when(only_half, at, both);
        faults.each(&self.token_exchange, at, |text| {
            match (1..=255).contains(&text.len()) && redirect::is_uri_text(text) {
                true => Ok(()),
                false => Err("must be a URI or a name of at most 255 characters".to_owned()),
            }
        });
    }

    fn check_proxy(&self, faults: &mut Faults) {
        let proxy = self.kind == Kind::Proxy;
        let rules = !self.access.is_empty();
        faults.when(!proxy && rules, "/access", "must be empty: only proxies ask about hosts");
        faults.when(proxy && !rules, "/access", "must name at least one host");
        faults.0.extend(access::check(&self.access, "/access"));
        for (member, text) in self.forward.faults() {
            faults.0.push(Fault::at(format!("/forward/{member}"), text));
        }
    }
}
