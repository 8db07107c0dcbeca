//! Which rule decides, and what it says.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn rule(host: &str, paths: &[&str], methods: &[&str], allow: Allow) -> AccessRule {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    AccessRule { host: host.to_owned(), paths: owned(paths), methods: owned(methods), allow }
}

fn groups(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A wiki: its pictures for everybody, its administration for a group, the rest for who is signed in.
fn wiki() -> Vec<AccessRule> {
    let host = "wiki.example.org";
    vec![
        rule(host, &["/static"], &["GET"], Allow::Anyone),
        rule(host, &["/admin"], &[], Allow::Groups(groups(&["staff", "owners"]))),
        rule(host, &[], &[], Allow::SignedIn),
    ]
}

fn at(path: &str, method: &str, who: Option<&[&str]>) -> Verdict {
    let who = who.map(groups);
    judge(&wiki(), "wiki.example.org", path, method, who.as_deref())
}

#[test]
fn the_first_rule_that_fits_decides() {
    use Verdict::*;
    assert_eq!(at("/static/logo.svg", "GET", None), Allowed);
    assert_eq!(at("/static/logo.svg?v=2", "HEAD", None), Allowed);
    assert_eq!(at("/static/logo.svg", "POST", None), SignInFirst);
    assert_eq!(at("/", "GET", None), SignInFirst);
    assert_eq!(at("/", "GET", Some(&[])), Allowed);
    assert_eq!(at("/admin", "GET", None), SignInFirst);
    assert_eq!(at("/admin", "GET", Some(&[])), Forbidden);
    assert_eq!(at("/admin/x", "DELETE", Some(&["guests", "owners"])), Allowed);
    assert_eq!(at("/administrator", "GET", Some(&[])), Allowed);
}

#[test]
fn what_no_rule_fits_is_forbidden() {
    let all = Some(groups(&["staff"]));
    assert_eq!(judge(&[], "wiki.example.org", "/", "GET", all.as_deref()), Verdict::Forbidden);
    let elsewhere = judge(&wiki(), "other.example.org", "/", "GET", all.as_deref());
    assert_eq!(elsewhere, Verdict::Forbidden);
    let narrow = [rule("wiki.example.org", &["/a"], &["GET"], Allow::Anyone)];
    assert_eq!(judge(&narrow, "wiki.example.org", "/b", "GET", None), Verdict::Forbidden);
    assert_eq!(judge(&narrow, "wiki.example.org", "/a", "PUT", None), Verdict::Forbidden);
}

#[test]
fn a_path_or_method_that_tricks_a_service_is_forbidden_to_everybody() {
    for path in [
        "/static/../admin",
        "/static/%2e%2e/admin",
        "/static/..%2fadmin",
        "/static/..;/admin",
        "//admin",
        "/%2561dmin",
        "",
    ] {
        assert_eq!(at(path, "GET", Some(&["owners"])), Verdict::Forbidden, "{path}");
    }
    assert_eq!(at("/%61dmin", "GET", Some(&[])), Verdict::Forbidden, "decoded, it is /admin");
    for method in ["", "get", "Get", "GET ", "GET\r\n", "G\0"] {
        assert_eq!(at("/", method, Some(&["owners"])), Verdict::Forbidden, "{method:?}");
    }
    assert_eq!(at("/", "PROPFIND", Some(&[])), Verdict::Allowed);
}

#[test]
fn a_rule_for_get_is_one_for_head_so_that_nothing_is_learnt_by_it() {
    let rules = [
        rule("a.example", &["/secret"], &["GET"], Allow::Groups(groups(&["staff"]))),
        rule("a.example", &[], &[], Allow::Anyone),
    ];
    assert_eq!(judge(&rules, "a.example", "/secret", "HEAD", None), Verdict::SignInFirst);
}

#[test]
fn a_wildcard_covers_what_is_below_and_nothing_beside() {
    let rules = [rule("*.example.org", &[], &[], Allow::Anyone)];
    for host in ["a.example.org", "a.b.example.org"] {
        assert_eq!(judge(&rules, host, "/", "GET", None), Verdict::Allowed, "{host}");
    }
    for host in
        ["example.org", ".example.org", "evilexample.org", "a.example.org.evil", "*.example.org.x"]
    {
        assert_eq!(judge(&rules, host, "/", "GET", None), Verdict::Forbidden, "{host}");
    }
    let odd = [rule("*", &[], &[], Allow::Anyone), rule("*x", &[], &[], Allow::Anyone)];
    assert_eq!(judge(&odd, "x", "/", "GET", None), Verdict::Forbidden);
    assert_eq!(judge(&odd, "axx", "/", "GET", None), Verdict::Forbidden);
}

#[test]
fn a_host_is_folded_before_it_is_compared() {
    for (sent, folded) in [
        ("Wiki.Example.ORG", "wiki.example.org"),
        ("wiki.example.org:8443", "wiki.example.org"),
        ("wiki.example.org.", "wiki.example.org"),
        ("wiki.example.org.:443", "wiki.example.org"),
        ("localhost:3000", "localhost"),
        ("[::1]:3000", "[::1]"),
        ("[2001:DB8::1]", "[2001:db8::1]"),
        ("10.0.0.5", "10.0.0.5"),
        ("my_service", "my_service"),
    ] {
        assert_eq!(fold_host(sent).as_deref(), Some(folded), "{sent}");
    }
    for bad in
        ["", ".", "a..b", "a b", "a/b", "a@b", "*.a", "a:b", "a,b", "::1", "[::1", "a\0", "ä"]
    {
        assert_eq!(fold_host(bad), None, "{bad:?}");
    }
}

#[test]
fn a_host_is_looked_up_under_every_name_that_covers_it() {
    let all = patterns("a.b.example.org");
    assert_eq!(all, ["a.b.example.org", "*.b.example.org", "*.example.org", "*.org"]);
    assert_eq!(patterns("localhost"), ["localhost"]);
}

#[test]
fn rules_are_written_by_people() {
    let json = json!([
        {"host": "a.example", "allow": "anyone"},
        {"host": "*.example", "paths": ["/x"], "methods": ["GET"], "allow": {"groups": ["g"]}},
        {"host": "b.example", "allow": "signed_in"},
    ]);
    let rules: Vec<AccessRule> = serde_json::from_value(json).expect("rules");
    assert_eq!(rules[1], rule("*.example", &["/x"], &["GET"], Allow::Groups(groups(&["g"]))));
    assert!(check(&rules, "/access").is_empty());
    assert_eq!(hosts(&rules), ["a.example", "*.example", "b.example"]);
    for bad in [
        json!({"host": "a.example"}),
        json!({"allow": "anyone"}),
        json!({"host": "a.example", "allow": "everyone"}),
        json!({"host": "a.example", "allow": "anyone", "query": "x"}),
    ] {
        assert!(serde_json::from_value::<AccessRule>(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn a_rule_that_would_never_fit_is_a_fault() {
    let bad = rule("A.example:80", &["/ok", "x", "/%61", "/a/../b"], &["get"], Allow::Anyone);
    let empty = rule("*.", &[], &[], Allow::Groups(Vec::new()));
    let names = rule("a.example", &[], &[], Allow::Groups(groups(&["ok", "a,b"])));
    let faults = check(&[bad, empty, names], "/access");
    let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    let expected = [
        "/access/0/host",
        "/access/0/paths/1",
        "/access/0/paths/2",
        "/access/0/paths/3",
        "/access/0/methods/0",
        "/access/1/host",
        "/access/1/allow/groups",
        "/access/2/allow/groups/1",
    ];
    assert_eq!(pointers, expected);
}

#[test]
fn the_name_of_a_group_fits_into_a_list() {
    for good in ["staff", "team:a", "a@b.example", "A_b-c.1", &"x".repeat(MAX_GROUP)] {
        assert_eq!(check_group(good), Ok(()), "{good}");
    }
    for bad in ["", "a b", "a,b", "ä", "a\n", "a\"", &"x".repeat(MAX_GROUP + 1)] {
        assert_eq!(check_group(bad), Err(BadGroup), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn a_rule_for_a_host_is_found_by_its_patterns(host in "[a-z]{1,5}(\\.[a-z]{1,5}){0,4}") {
        prop_assert_eq!(fold_host(&host), Some(host.clone()));
        for pattern in patterns(&host) {
            prop_assert!(covers(&pattern, &host), "{} {}", pattern, host);
        }
    }

    #[test]
    fn without_a_rule_for_everybody_nobody_passes_who_is_not_known(path in "\\PC{0,30}") {
        let rules = [
            rule("a.example", &["/x"], &[], Allow::Groups(groups(&["g"]))),
            rule("a.example", &[], &[], Allow::SignedIn),
        ];
        prop_assert_ne!(judge(&rules, "a.example", &path, "GET", None), Verdict::Allowed);
    }
}
