//! How a request travelled, and whether its client may send it so.

use super::super::client::Settings;
use super::Refusal;

/// How a request travelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// By the client itself, ahead of the browser (RFC 9126).
    pub ahead: bool,
    /// Under the client's signature (RFC 9101).
    pub signed: bool,
}

impl Carried {
    /// Judges it by what the client has to do (RFC 9126 §5, RFC 9101 §10.5).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn suffices(self, settings: &Settings) -> Result<(), Refusal> {
        if settings.require_pushed_authorization_requests && !self.ahead {
            return Err(Refusal::invalid("The client has to push its requests"));
        }
        if settings.require_signed_request_object && !self.signed {
            return Err(Refusal::invalid("The client has to sign its requests"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_travels_as_its_client_has_to_send_it() {
        let all = [(false, false), (false, true), (true, false), (true, true)];
        for (pushed, signed) in all {
            let settings = Settings {
                require_pushed_authorization_requests: pushed,
                require_signed_request_object: signed,
                ..Settings::default()
            };
            for (ahead, under) in all {
                let carried = Carried { ahead, signed: under };
                let fits = (ahead || !pushed) && (under || !signed);
                assert_eq!(
                    carried.suffices(&settings).is_ok(),
                    fits,
                    "{pushed} {signed} {carried:?}"
                );
            }
        }
    }
}
