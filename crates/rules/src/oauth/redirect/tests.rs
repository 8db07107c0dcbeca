//! Addresses that look like a registered one and are not (RFC 9700 §4.1), and the one freedom there is.

use proptest::prelude::*;

use super::*;

const REGISTERED: &str = "https://app.example.org/cb";

fn goes(asked: &str, known: &str, kind: Kind) -> bool {
    is_registered(asked, &[known.to_owned()], kind)
}

#[test]
fn an_address_is_the_registered_one_or_none() {
    for kind in Kind::ALL {
        assert!(goes(REGISTERED, REGISTERED, *kind));
        for trick in [
            "",
            "https://app.example.org/cb/",
            "https://app.example.org/cb?",
            "https://app.example.org/cb?x=1",
            "https://app.example.org/cb#",
            "https://app.example.org/cb#x",
            "https://app.example.org/CB",
            "https://app.example.org/c%62",
            "https://app.example.org/%63b",
            "https://app.example.org//cb",
            "https://app.example.org/./cb",
            "https://app.example.org/x/../cb",
            "https://app.example.org/cb/../evil",
            "https://app.example.org/cb/%2e%2e/evil",
            "https://app.example.org/cb%2f..%2fevil",
            "https://app.example.org/cb;x",
            "https://app.example.org\\cb",
            "https://app.example.org",
            "https://app.example.org/",
            "https://App.example.org/cb",
            "HTTPS://app.example.org/cb",
            "http://app.example.org/cb",
            "https:app.example.org/cb",
            "//app.example.org/cb",
            "https://app.example.org:443/cb",
            "https://app.example.org:8443/cb",
            "https://app.example.org./cb",
            "https://user@app.example.org/cb",
            "https://app.example.org@evil.example/cb",
            "https://app.example.org:x@evil.example/cb",
            "https://evil.example/https://app.example.org/cb",
            "https://evil.example?https://app.example.org/cb",
            "https://evil.example#https://app.example.org/cb",
            "https://evil.example\\@app.example.org/cb",
            "https://app.example.org.evil.example/cb",
            "https://evil-app.example.org/cb",
            "https://x.app.example.org/cb",
            "https://example.org/cb",
            "https://app.example.org/cb\n",
            " https://app.example.org/cb",
            "https://app.example.org/cb ",
            "https://app.example.org/cb\0",
            "https://app.exаmple.org/cb",
            "javascript:alert(1)//https://app.example.org/cb",
        ] {
            assert!(!goes(trick, REGISTERED, *kind), "{trick:?}");
        }
    }
}

#[test]
fn nothing_goes_anywhere_when_nothing_is_registered() {
    assert!(!is_registered("", &[], Kind::Native));
    assert!(!is_registered("http://127.0.0.1/cb", &[], Kind::Native));
}

#[test]
fn the_port_of_a_loopback_address_is_free_for_native_applications() {
    for known in ["http://127.0.0.1/cb", "http://127.0.0.1:8080/cb"] {
        for asked in ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"] {
            assert!(goes(asked, known, Kind::Native), "{asked}");
        }
    }
    assert!(goes("http://[::1]:51004/cb?a=b", "http://[::1]/cb?a=b", Kind::Native));
    assert!(goes("http://127.0.0.1:51004", "http://127.0.0.1", Kind::Native));
    for kind in [Kind::Spa, Kind::Server] {
        assert!(!goes("http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", kind), "{kind:?}");
    }
}

#[test]
fn only_the_port_and_only_of_a_literal_address_is_free() {
    for (asked, known) in [
        ("http://localhost:51004/cb", "http://localhost/cb"),
        ("http://localhost:51004/cb", "http://localhost:8080/cb"),
        ("http://localhost/cb", "http://127.0.0.1/cb"),
        ("http://[::1]:51004/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.2:51004/cb", "http://127.0.0.1/cb"),
        ("http://127.1:51004/cb", "http://127.0.0.1/cb"),
        ("http://[0:0:0:0:0:0:0:1]:51004/cb", "http://[::1]/cb"),
        ("http://[::ffff:127.0.0.1]:51004/cb", "http://127.0.0.1/cb"),
        ("https://127.0.0.1:51004/cb", "https://127.0.0.1/cb"),
        ("https://127.0.0.1:51004/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:51004/cb/", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:51004/CB", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:51004/cb?x", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:51004/cb#x", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:51004#/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:0/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:080/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:+80/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:65536/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:51004@evil.example/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1.evil.example/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:80.evil.example/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1@evil.example/cb", "http://127.0.0.1/cb"),
        ("http://evil.example:51004/cb", "http://evil.example/cb"),
    ] {
        assert!(!goes(asked, known, Kind::Native), "{asked}");
    }
}

#[test]
fn what_can_be_registered() {
    for good in [
        "https://app.example.org",
        "https://app.example.org/cb?tenant=a%20b",
        "https://app.example.org:8443/",
        "https://10.0.0.5/cb",
        "https://[2001:db8::1]:8443/cb",
        "https://xn--bcher-kva.example/cb",
        "http://localhost:5173/cb",
        "http://app.localhost:8080/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:9000/cb",
    ] {
        assert_eq!(accept(good, Kind::Spa), Ok(()), "{good}");
    }
    for native in ["com.example.app:/cb", "com.example.app://cb", "org.example.my-app:/"] {
        assert_eq!(accept(native, Kind::Native), Ok(()), "{native}");
        assert_eq!(accept(native, Kind::Server), Err(BadRedirect::Scheme), "{native}");
    }
}

#[test]
fn what_cannot_be_registered_and_why() {
    use BadRedirect::*;
    for (bad, why) in [
        ("", Malformed),
        ("/cb", Malformed),
        ("app.example.org/cb", Malformed),
        ("https:/app.example.org", Malformed),
        ("https://app.example.org/ cb", Malformed),
        ("https://app.example.org/cb\\", Malformed),
        ("https://app.example.org/%zz", Malformed),
        ("https://app.example.org/%e", Malformed),
        ("https://bücher.example/cb", Malformed),
        ("https://app.example.org/cb#", Fragment),
        ("https://*.example.org/cb", Wildcard),
        ("https://app.example.org/*", Wildcard),
        ("https://user@app.example.org/cb", Userinfo),
        ("https://", Host),
        ("https:///cb", Host),
        ("https://App.example.org/cb", Host),
        ("https://app..example.org/cb", Host),
        ("https://app.example.org./cb", Host),
        ("https://app.example.org:/cb", Host),
        ("https://app.example.org:0443/cb", Host),
        ("https://app.example.org:65536/cb", Host),
        ("https://[::1/cb", Host),
        ("https://[::G]/cb", Host),
        // 127.0.0.1 to browsers, and nothing.
        ("https://0x7f.1/cb", Host),
        ("https://app.example.1/cb", Host),
        ("https://app.example.org/a/../cb", DotSegment),
        ("https://app.example.org/a/%2E%2e/cb", DotSegment),
        ("https://app.example.org/.", DotSegment),
        ("http://app.example.org/cb", PlainHttp),
        ("http://localhost.example.org/cb", PlainHttp),
        ("http://10.0.0.5/cb", PlainHttp),
        ("HTTPS://app.example.org/cb", Scheme),
        ("javascript:alert(1)", Scheme),
        ("data:text/html,x", Scheme),
        ("myapp:/cb", Scheme),
        ("myapp://cb", Scheme),
        (".example:/cb", Scheme),
        ("com..example:/cb", Scheme),
        ("com.example.app:cb", Scheme),
    ] {
        assert_eq!(accept(bad, Kind::Native), Err(why), "{bad}");
    }
    let long = format!("https://app.example.org/{}", "x".repeat(MAX));
    assert_eq!(accept(&long, Kind::Spa), Err(Malformed));
}

#[test]
fn a_query_is_kept_and_what_is_added_is_encoded() {
    let answer = [("code", "a b&c"), ("iss", "https://login.example.org")];
    for (uri, expected) in [
        ("https://a.example/cb", "https://a.example/cb?code="),
        ("https://a.example/cb?", "https://a.example/cb?code="),
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1&code="),
        ("https://a.example/cb?x=1&", "https://a.example/cb?x=1&code="),
        ("com.example.app:/cb", "com.example.app:/cb?code="),
    ] {
        let rest = "a%20b%26c&iss=https%3A%2F%2Flogin.example.org";
        assert_eq!(with_query(uri, &answer), format!("{expected}{rest}"));
    }
}

proptest! {
    #[test]
    fn one_changed_character_leads_nowhere(place in 0..REGISTERED.len(), to in any::<char>()) {
        let mut changed: Vec<char> = REGISTERED.chars().collect();
        changed[place] = to;
        let changed: String = changed.into_iter().collect();
        prop_assert_eq!(goes(&changed, REGISTERED, Kind::Native), changed == REGISTERED);
    }

    #[test]
    fn an_inserted_text_leads_nowhere(place in 0..=REGISTERED.len(), more in "\\PC{1,12}") {
        let mut longer = REGISTERED.to_owned();
        longer.insert_str(place, &more);
        prop_assert!(!goes(&longer, REGISTERED, Kind::Native));
    }

    #[test]
    fn between_loopback_and_path_only_a_port_fits(middle in "[:@.0-9a-z/?#\\[\\]]{0,8}") {
        let asked = format!("http://127.0.0.1{middle}/cb");
        let port = middle.strip_prefix(':').and_then(|port| port.parse::<u16>().ok());
        let fits = middle.is_empty() || port.is_some_and(|port| middle == format!(":{port}") && port > 0);
        prop_assert_eq!(goes(&asked, "http://127.0.0.1/cb", Kind::Native), fits);
    }
}
