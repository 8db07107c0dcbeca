//! What an application may do, in words.

use serde::Serialize;
use tokenhouse_rules::oauth::scope::{self, Scopes};

use super::visitor::Visitor;
use crate::app::App;

/// One scope; an application's own has no words but its name.
#[derive(Serialize)]
pub(super) struct ScopeShown {
    name: String,
    text: Option<String>,
}

/// Each of them, in her language.
pub(super) fn shown(app: &App, visitor: &Visitor, scopes: &Scopes) -> Vec<ScopeShown> {
    let one = |name: &str| {
        let text = key(name).map(|key| visitor.say(app, key));
        ScopeShown { name: name.to_owned(), text }
    };
    scopes.iter().map(one).collect()
}

fn key(name: &str) -> Option<&'static str> {
    Some(match name {
        scope::OPENID => "scope-openid",
        scope::PROFILE => "scope-profile",
        scope::EMAIL => "scope-email",
        scope::ADDRESS => "scope-address",
        scope::PHONE => "scope-phone",
        scope::GROUPS => "scope-groups",
        scope::OFFLINE_ACCESS => "scope-offline-access",
        _ => return None,
    })
}
