//! What differs between two states of a client, member by member.

use serde_json::{Map, Value, json};

use crate::command::client::show::text;

/// A member that is not as it is wanted.
pub(super) struct Difference {
    name: String,
    from: Option<Value>,
    to: Value,
}

impl Difference {
    /// Between what there is and what is wanted.
    pub(super) fn between(from: &Map<String, Value>, to: &Map<String, Value>) -> Vec<Self> {
        let differs = |(name, value): &(&String, &Value)| from.get(*name) != Some(*value);
        let of = |(name, value): (&String, &Value)| Self {
            name: name.clone(),
            from: from.get(name).cloned(),
            to: value.clone(),
        };
        to.iter().filter(differs).map(of).collect()
    }

    /// As the line of a person; what is new has no former value.
    pub(super) fn line(&self, is_new: bool) -> String {
        let to = text(Some(&self.to));
        match is_new {
            true => format!("    {}: {to}", self.name),
            false => format!("    {}: {} -> {to}", self.name, text(self.from.as_ref())),
        }
    }

    /// As a member of a JSON object.
    pub(super) fn member(&self, is_new: bool) -> (String, Value) {
        let from = self.from.as_ref().filter(|_| !is_new);
        (self.name.clone(), json!({ "from": from, "to": self.to }))
    }
}
