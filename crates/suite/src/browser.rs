//! A browser, as far as pages without scripts need one: it keeps cookies, fills in the forms it was given, and
//! follows where it is sent.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, header};
use uuid::Uuid;

use crate::{Answer, Api, PASSWORD};

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// One browser of one person.
#[derive(Clone)]
pub struct Browser {
    api: Api,
    host: String,
    /// What it keeps, by name.
    pub cookies: BTreeMap<String, String>,
    /// What it sends with every request.
    pub headers: BTreeMap<&'static str, String>,
}

/// A page, and the answer that it came with.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address it was found at, after being sent on; or that of somebody else's page, to which the answer
    /// sends.
    pub path: String,
    /// The answer.
    pub answer: Answer,
    /// The page.
    pub html: String,
}

impl Browser {
    /// One that has never been here.
    pub fn new(api: &Api) -> Self {
        Self::at(api, "localhost")
    }

    /// One that came by this host.
    pub fn at(api: &Api, host: &str) -> Self {
        let headers = BTreeMap::from([("accept", HTML.to_owned())]);
        Self { api: api.clone(), host: host.to_owned(), cookies: BTreeMap::new(), headers }
    }

    /// Asks for a page and follows where it is sent, as far as that is here.
    pub async fn open(&mut self, path: &str) -> Page {
        let answer = self.ask(Method::GET, path, None).await;
        self.follow(path, answer).await
    }

    /// Asks for a page and goes nowhere else.
    pub async fn look(&mut self, path: &str) -> Page {
        let answer = self.ask(Method::GET, path, None).await;
        Page::new(path, answer)
    }

    /// Fills in the form of a page that goes to `action` and sends it; follows where it is sent.
    pub async fn submit(&mut self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let sent = self.send(page, action, typed).await;
        self.follow(action, sent.answer).await
    }

    /// The same, without following.
    pub async fn send(&mut self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.hidden(action);
        for (name, value) in typed {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(action, &fields).await
    }

    /// Sends a form that no page of ours has.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        Page::new(path, self.ask(Method::POST, path, Some(query(fields))).await)
    }

    /// Registers somebody with a name of her own; her name and the page she lands on.
    pub async fn newcomer(&mut self) -> (String, Page) {
        let name = format!("u{}", Uuid::new_v4().simple());
        let page = self.open("/register").await;
        let typed = [("username", name.as_str()), ("password", PASSWORD)];
        (name.clone(), self.submit(&page, "/register", &typed).await)
    }

    /// Signs in; the page she lands on.
    pub async fn sign_in(&mut self, name: &str, password: &str) -> Page {
        let page = self.open("/login").await;
        self.submit(&page, "/login", &[("username", name), ("password", password)]).await
    }

    async fn ask(&mut self, method: Method, path: &str, form: Option<String>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header(header::HOST, &self.host);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let all: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, all.join("; "));
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Bytes::from(form.unwrap_or_default());
        let answer = self.api.send(request.body(body).expect("a good request")).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(set.to_str().expect("text"));
        }
        answer
    }

    fn keep(&mut self, set: &str) {
        let (pair, attributes) = set.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a pair");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    async fn follow(&mut self, path: &str, mut answer: Answer) -> Page {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let Some(to) = answer.header("location").filter(|_| answer.status == 303) else {
                break;
            };
            path = to.to_owned();
            if !path.starts_with('/') {
                // Somebody else's page.
                break;
            }
            answer = self.ask(Method::GET, &path, None).await;
        }
        Page::new(&path, answer)
    }
}

impl Page {
    fn new(path: &str, answer: Answer) -> Self {
        Self { path: path.to_owned(), html: answer.text(), answer }
    }

    /// The tags of that name, as their attributes.
    pub fn tags(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        tags(&self.html, name)
    }

    /// Whether it says that.
    pub fn says(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    /// What the form that goes to `action` brings along by itself.
    fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let mark = format!("action=\"{action}\"");
        let (_, after) =
            self.html.split_once(&mark).unwrap_or_else(|| panic!("no form {action}: {self:?}"));
        let form = after.split("</form>").next().unwrap_or_default();
        let hidden = tags(form, "input").into_iter().filter(|tag| tag["type"] == "hidden");
        hidden.map(|tag| (tag["name"].clone(), tag["value"].clone())).collect()
    }
}

/// Attributes are double-quoted in our pages; one without a value is empty.
fn tags(html: &str, name: &str) -> Vec<BTreeMap<String, String>> {
    let mark = format!("<{name}");
    let starts = html
        .match_indices(&mark)
        .filter(|(at, _)| html[at + mark.len()..].starts_with([' ', '>', '\n']));
    starts.map(|(at, _)| attributes(&html[at + mark.len()..])).collect()
}

fn attributes(mut rest: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with('>') {
            return found;
        }
        let end =
            rest.find(|c: char| c == '=' || c == '>' || c.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"').expect("a closing quote");
                rest = after;
                plain(value)
            }
            None => String::new(),
        };
        found.insert(name, value);
    }
}

fn plain(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Names and values as a form or a query has them.
pub fn query(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", encoded(name), encoded(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The names and values of the query of an address.
pub fn parameters(address: &str) -> BTreeMap<String, String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).expect("two digits")
            }
            other => other,
        });
    }
    String::from_utf8(bytes).expect("text")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        b' ' => "+".to_owned(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
