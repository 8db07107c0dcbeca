//! What a client calls itself, in words that its owner recognises: "Firefox", "Linux".
//!
//! A guess for display, nothing is decided by it. Product names are the same in every language.

/// The parts of a user agent that mean something to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The browser or program.
    pub program: Option<&'static str>,
    /// What it runs on.
    pub system: Option<&'static str>,
}

/// In this order: many call themselves by the names of those that come later.
const PROGRAMS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// Looks for the names that are known.
    pub fn of(user_agent: &str) -> Self {
        let find = |names: &[(&str, &'static str)]| {
            names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
        };
        Self { program: find(PROGRAMS), system: find(SYSTEMS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_what_their_owners_call_them() {
        let name = |agent| {
            let device = Device::of(agent);
            (device.program.unwrap_or("-"), device.system.unwrap_or("-"))
        };
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        assert_eq!(
            name("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
            ("Firefox", "Linux")
        );
        let edge = format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64) {webkit} Chrome/142.0 Safari/537.36 Edg/142.0"
        );
        assert_eq!(name(&edge), ("Edge", "Windows"));
        let phone = format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {webkit} Version/18.0 Safari/604.1"
        );
        assert_eq!(name(&phone), ("Safari", "iPhone"));
        let android =
            format!("Mozilla/5.0 (Linux; Android 15) {webkit} Chrome/142.0 Mobile Safari/537.36");
        assert_eq!(name(&android), ("Chrome", "Android"));
        assert_eq!(name("curl/8.5.0"), ("curl", "-"));
        assert_eq!(name("<script>"), ("-", "-"));
    }
}
