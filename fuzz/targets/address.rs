#![no_main]
//! Addresses, an asked one and, on a second line, a registered one: whatever is taken for good, a browser reads in the
//! same way (WHATWG), and nothing leads anywhere else.

use std::net::Ipv6Addr;

use libfuzzer_sys::{Corpus, fuzz_target};
use tokenhouse_fuzz::begin;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::oauth::client::Kind;
use tokenhouse_rules::oauth::redirect;
use tokenhouse_rules::origin::Origin;
use tokenhouse_rules::service_address::ServiceAddress;
use url::{Host, Url};

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(input) else { return Corpus::Reject };
    let (asked, known) = text.split_once('\n').unwrap_or((text, text));
    for kind in Kind::ALL {
        judge_redirect(asked, known, *kind);
    }
    judge_local(asked);
    judge_service(asked);
    Corpus::Keep
});

fn judge_redirect(asked: &str, known: &str, kind: Kind) {
    if redirect::accept(known, kind).is_err() {
        return;
    }
    assert!(redirect::is_registered(known, &[known.to_owned()], kind), "{known}");
    // What follows the private scheme of an application is its own affair.
    if let Some(written) = host_of(known) {
        judge_web(known, written);
    }
    if redirect::is_registered(asked, &[known.to_owned()], kind) && asked != known {
        assert_eq!(kind, Kind::Native, "{asked} {known}");
        let (asked, known) = (Url::parse(asked), Url::parse(known));
        let (mut asked, known) = (asked.expect("an address"), known.expect("an address"));
        asked.set_port(known.port()).expect("it has a host");
        assert_eq!(asked, known, "nothing but the port differs");
    }
}

fn judge_web(known: &str, written: &str) {
    let Ok(url) = Url::parse(known) else {
        // A name in Punycode may be none, and a browser then goes nowhere.
        assert!(known.contains("xn--"), "{known}");
        return;
    };
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    is_its_host(&url, written, known);
    keeps_its_query(known, &url);
}

/// The host as it is written, if this is an address of the web.
fn host_of(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?']).next()?;
    let port = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    Some(
        authority.rsplit_once(':').filter(|(_, end)| port(end)).map_or(authority, |(host, _)| host),
    )
}

fn is_its_host(url: &Url, written: &str, address: &str) {
    match url.host().expect("a host") {
        Host::Domain(name) => assert_eq!(name, written, "{address}"),
        Host::Ipv4(number) => assert_eq!(number.to_string(), written, "{address}"),
        Host::Ipv6(number) => {
            let inner = written.trim_start_matches('[').trim_end_matches(']');
            assert_eq!(inner.parse::<Ipv6Addr>(), Ok(number), "{address}");
        }
    }
}

fn keeps_its_query(known: &str, url: &Url) {
    let answer = [("code", "a b&c=d#e"), ("state", "ä%20")];
    let answered = redirect::with_query(known, &answer);
    let answered = Url::parse(&answered).expect("an address with a query");
    assert_eq!((answered.host(), answered.path()), (url.host(), url.path()));
    let pairs: Vec<_> = answered.query_pairs().collect();
    let last = &pairs[pairs.len() - answer.len()..];
    for ((name, value), wanted) in last.iter().zip(answer) {
        assert_eq!((&**name, &**value), wanted, "{known}");
    }
}

fn judge_local(text: &str) {
    let Some(path) = LocalPath::parse(text, &["/account", "/oauth2/authorize"]) else { return };
    let base = Url::parse("https://login.example/sign-in?return=x").expect("an address");
    let to = base.join(path.as_str()).expect("a path");
    assert_eq!(to.origin(), base.origin(), "{text:?}");
    assert!(["/account", "/oauth2/authorize"].contains(&to.path()), "{text:?}");
}

fn judge_service(text: &str) {
    let Ok(address) = ServiceAddress::parse(text) else { return };
    let written = address.to_string();
    assert_eq!(ServiceAddress::parse(&written).as_ref(), Ok(&address), "{text:?}");
    assert!(Origin::parse(&written).is_ok());
    let Ok(url) = Url::parse(&written) else {
        assert!(written.contains("xn--"), "{written}");
        return;
    };
    is_its_host(&url, address.host(), &written);
}

fn seeds() -> Vec<String> {
    [
        "https://shop.example/cb?a=b",
        "https://shop.example:8443/a/b/\nhttps://shop.example:8443/a/b/",
        "http://127.0.0.1:8080/cb\nhttp://127.0.0.1/cb",
        "http://[::1]:1/cb?x=y\nhttp://[::1]/cb?x=y",
        "http://localhost:3000/cb",
        "com.example.app:/cb",
        "https://xn--bcher-kva.example/%2e/x",
        "https://10.0.0.1/x",
        "https://0x7f.1/",
        "/account?said=welcome",
        "/oauth2/authorize?client_id=shop&state=%2F%2Fevil",
        "//evil.example/\\@x",
        "HTTPS://App.Example:443/a?b#c",
        "https://user:word@shop.example/../x",
    ]
    .map(str::to_owned)
    .to_vec()
}
