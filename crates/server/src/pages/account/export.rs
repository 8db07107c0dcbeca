//! `POST /account/export`: everything that is stored about a person, to her browser's downloads. `GET`, with a
//! token, is the API's.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::account::everything;
use crate::app::App;
use crate::pages::person::{self, Person};
use crate::pages::posted::Posted;
use crate::pages::render;

/// The file.
pub(in crate::pages) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match Person::of(&app, &mut posted.visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let visitor = &posted.visitor;
    if posted.of_session(&app, &person).is_err() {
        // A page that is too old is shown afresh.
        return render::see_other("/account");
    }
    match everything(&app, &visitor.client, &person.key).await {
        Ok(file) => file,
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) => problem.into_response(),
    }
}
