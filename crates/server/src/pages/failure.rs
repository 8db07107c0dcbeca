//! What went wrong, told to a person: in her language, with the request's id and a way on.

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::render;
use super::taste::{Taste, Wish};
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Problem;

#[derive(Serialize)]
struct Shown<'a> {
    title: String,
    text: Option<String>,
    status: u16,
    /// Where to try again, if that helps.
    again: Option<&'a str>,
    request_id: &'a str,
}

/// The title of a problem in a person's language; the English one for a kind without a message.
pub(crate) fn title(app: &App, taste: Taste, problem: &Problem) -> String {
    let key = format!("problem-{}", problem.code.replace('_', "-"));
    let found = app.pages.messages.find(taste.language, &key, None);
    found.unwrap_or_else(|| problem.title.to_owned())
}

impl Taste {
    /// That of a program that asks for a language.
    pub(crate) fn accepted(app: &App, languages: &str) -> Self {
        Self::of_program(&app.pages.messages, languages)
    }
}

/// The page for a problem.
pub(crate) fn written(app: &App, wish: &Wish, problem: &Problem, request_id: &str) -> Response {
    let passing = problem.status == StatusCode::SERVICE_UNAVAILABLE;
    let again = wish.here.as_ref().filter(|_| passing).map(|here| here.as_str());
    let title = title(app, wish.taste, problem);
    let status = problem.status.as_u16();
    let shown = Shown { title, text: None, status, again, request_id };
    let mut response = page(app, wish.taste, problem.status, &shown);
    response.headers_mut().extend(problem.headers());
    response
}

/// The page for what is refused without a problem of the API.
pub(super) fn refused(app: &App, visitor: &Visitor, status: StatusCode, text: String) -> Response {
    let title = visitor.say(app, "problem-invalid-request");
    let request_id = visitor.client.request_id.as_str();
    let again = visitor.here.as_ref().map(|here| here.as_str());
    let shown = Shown { title, text: Some(text), status: status.as_u16(), again, request_id };
    page(app, visitor.taste, status, &shown)
}

fn page(app: &App, taste: Taste, status: StatusCode, shown: &Shown<'_>) -> Response {
    let ui = app.pages.ui(&app.settings.site_name, taste);
    let parts = context! { problem => Value::from(Serde(shown)) };
    render::answer(app, status, app.pages.write(("error.html", taste), &ui, parts, false))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::pages::check::keys;
    use crate::pages::{Files, Pages};

    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => sources(&path, all),
                false => all.push_str(&std::fs::read_to_string(path).expect("a source")),
            }
        }
    }

    /// The code of each problem that is made in the sources: the first text of its kind after `new(`.
    fn codes(sources: &str) -> Vec<&str> {
        let is_code = |text: &&str| {
            text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let made =
            ["Problem::new(StatusCode", "Self::new(StatusCode", "Problem::new(\n", "Self::new(\n"];
        let places = made.iter().flat_map(|made| sources.match_indices(made));
        places
            .filter(|(at, _)| {
                sources[*at..].chars().take(60).collect::<String>().contains("StatusCode::")
            })
            .filter_map(|(at, _)| sources[at..].split('"').skip(1).step_by(2).take(1).find(is_code))
            .collect()
    }

    #[test]
    fn every_problem_has_a_title_in_the_messages_and_in_english_it_is_the_same() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let pages = Pages::new(Files::new()).expect("our own pages");
        let english = pages.messages.choose(&Default::default());
        let codes = codes(&all);
        assert!(codes.len() >= 15, "{codes:?}");
        for code in codes {
            let key = format!("problem-{}", code.replace('_', "-"));
            assert!(keys().any(|known| known == key), "{key} is missing");
        }
        for key in keys().filter(|key| key.starts_with("problem-")) {
            let title = pages.messages.say(english, key);
            let code = key.trim_start_matches("problem-").replace('-', "_");
            for text in [code, title] {
                assert!(all.contains(&format!("\"{text}\"")), "{key}: {text}");
            }
        }
    }
}
