//! The whole API suite, once: it is run over two separately built apps that take turns, over one process
//! per request, and over processes behind a load balancer, on both engines. So every case is also a
//! case for statelessness.
//!
//! A case makes its own users and can run beside any other on one database.

pub mod account;
pub mod addresses;
pub mod assertions;
pub mod authorize;
pub mod bound_tokens;
pub mod browser;
pub mod claims;
pub mod consent;
pub mod data;
pub mod destinations;
pub mod device;
pub mod dpop;
pub mod end_session;
pub mod exchange;
pub mod exchanged_claims;
pub mod input;
pub mod leaving;
pub mod logout;
pub mod macs;
pub mod mail;
pub mod mutated;
pub mod oauth_client;
pub mod pages;
pub mod profile;
pub mod prompts;
pub mod protected;
pub mod prover;
pub mod pushed;
pub mod recovery;
pub mod redeeming;
pub mod refreshing;
pub mod refused_devices;
pub mod refused_requests;
pub mod sessions;
pub mod signed_requests;
pub mod signer;
pub mod tokens;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, header};
use serde_json::{Value, json};

/// A password that every policy accepts.
pub const PASSWORD: &str = "correct horse battery staple";

type Send = dyn Fn(Request<Bytes>) -> BoxFuture<'static, Answer> + std::marker::Send + Sync;

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of that name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// How a case asks; it does not know whom.
#[derive(Clone)]
pub struct Api(Arc<Send>);

impl Api {
    /// Asks through `send`.
    pub fn new(
        send: impl Fn(Request<Bytes>) -> BoxFuture<'static, Answer> + std::marker::Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(send))
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Bytes>) -> Answer {
        (self.0)(request).await
    }

    /// Sends a body of a given type, with a token if there is one.
    pub async fn ask(
        &self,
        (method, path): (Method, &str),
        token: Option<&str>,
        body: Option<(&str, &[u8])>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let bytes = match body {
            Some((kind, bytes)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                Bytes::copy_from_slice(bytes)
            }
            None => Bytes::new(),
        };
        self.send(request.body(bytes).expect("a good request")).await
    }

    /// `GET` with a token.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask((Method::GET, path), Some(token), None).await
    }

    /// `POST` of JSON without a token.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let text = body.to_string();
        self.ask((Method::POST, path), None, Some(("application/json", text.as_bytes()))).await
    }

    /// A method with JSON and a token.
    pub async fn json(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        let text = body.to_string();
        self.ask((method, path), Some(token), Some(("application/json", text.as_bytes()))).await
    }

    /// Registers a user with a name of her own; her name and first token.
    pub async fn newcomer(&self) -> (String, String) {
        let name = format!("u{}", uuid::Uuid::new_v4().simple());
        let answer =
            self.post("/register", &json!({ "username": name, "password": PASSWORD })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        (name, token(&answer))
    }

    /// Signs in with the password; the token.
    pub async fn login(&self, name: &str) -> String {
        let answer = self.try_login(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        token(&answer)
    }

    /// Signs in with some password.
    pub async fn try_login(&self, name: &str, password: &str) -> Answer {
        self.post("/login", &json!({ "username": name, "password": password })).await
    }
}

/// The token of an answer to a login.
pub fn token(answer: &Answer) -> String {
    body(answer)["token"].as_str().expect("a token").to_owned()
}

/// The JSON of an answer.
pub fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("not JSON: {answer:?}"))
}

/// Asserts that an answer is a complete problem document with this status and code.
pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = body(answer);
    assert_eq!(problem["code"], code);
    assert_eq!(problem["status"], status);
    assert!(problem["title"].is_string() && problem["request_id"].is_string(), "{problem}");
}

/// Makes a test of every case: `api_suite!(async || Api)`.
#[macro_export]
macro_rules! api_suite {
    ($api:expr) => {
        $crate::api_suite!(@ $api;
            account: registering_signs_in, a_name_can_be_taken_once,
                a_race_for_an_address_is_lost_for_the_address, bad_registrations_say_what_is_wrong,
                login_works_by_name_and_by_email_as_json_or_form,
                an_unknown_user_and_a_wrong_password_get_the_same_answer,
                a_password_change_ends_the_other_sessions, a_refused_new_password_changes_nothing,
                too_many_wrong_passwords_are_refused_for_a_while, an_account_can_be_deleted_with_its_password,
                an_export_holds_everything;
            data: data_starts_empty_and_can_be_replaced, a_patch_changes_members_only,
                a_stale_if_match_writes_nothing, a_held_version_is_not_sent_again,
                concurrent_patches_of_different_members_survive, users_never_see_each_others_data,
                documents_come_back_as_they_were_written;
            sessions: a_logout_is_seen_everywhere_at_once, logout_all_ends_every_session,
                sessions_are_listed_in_pages_and_ended_one_by_one, nobody_ends_another_users_session;
            input: bodies_that_are_no_json_are_refused, documents_that_are_no_objects_are_refused,
                too_much_is_refused, content_types_and_methods_are_checked,
                tokens_that_are_not_ours_are_refused, unknown_addresses_get_a_problem_document,
                the_openapi_document_describes_every_path;
            pages: a_person_registers_changes_her_password_and_deletes_her_account,
                a_refused_sign_in_says_why_and_keeps_the_name, a_refused_registration_names_every_field,
                a_person_sees_her_devices_and_signs_them_out, signing_out_takes_a_form_and_ends_the_session,
                a_new_sign_in_ends_the_session_that_the_browser_had, a_person_downloads_her_data,
                the_cookie_opens_no_part_of_the_api, programs_get_the_api_at_the_same_addresses,
                what_goes_wrong_is_told_in_the_language_of_who_asks;
        );
    };
    (@ $api:expr; $($file:ident: $($case:ident),*;)*) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (api, _alive) = ($api)().await;
                $crate::$file::$case(api).await;
            }
        )*)*
    };
}

/// Makes a test of every case that reads mails: `mail_suite!(async || Api)`. The servers behind it keep their mails
/// to be read at `/dev/outbox`, and are asked without a proxy.
#[macro_export]
macro_rules! mail_suite {
    ($api:expr) => {
        $crate::api_suite!(@ $api;
            recovery: a_forgotten_password_is_replaced_by_a_link, asking_for_a_link_tells_nothing,
                a_link_is_used_once_whoever_tries_at_once, a_link_ends_with_the_password_it_was_made_for,
                links_that_are_not_ours_are_refused, a_person_recovers_her_account_in_a_browser;
            addresses: an_address_is_confirmed_by_its_link,
                a_new_address_takes_the_place_of_the_former_when_it_is_confirmed,
                a_wish_for_an_address_can_be_withdrawn,
                an_address_of_somebody_else_is_told_only_to_who_reads_its_mail,
                a_person_changes_her_address_in_a_browser;
            leaving: an_account_to_be_deleted_can_be_kept,
                language_and_looks_follow_a_person_to_another_browser, a_sign_in_from_a_new_device_is_told;
        );
    };
}

/// Makes a test of every case of applications: `oauth_suite!(async || Api)`. The servers behind it know the
/// applications of [`authorize::clients`].
#[macro_export]
macro_rules! oauth_suite {
    ($api:expr) => {
        $crate::api_suite!(@ $api;
            authorize: a_person_signs_in_and_comes_back_to_the_application,
                a_newcomer_makes_an_account_on_the_way_to_the_application, an_answer_can_be_a_form,
                a_native_application_comes_back_to_whichever_port_it_was_given,
                a_request_may_come_as_a_form_of_the_application;
            refused_requests: who_is_not_registered_is_sent_nowhere,
                what_is_wrong_with_a_request_is_told_to_its_application,
                a_request_that_is_too_long_is_refused_as_a_whole;
            prompts: prompt_none_is_answered_without_a_page, prompt_login_asks_for_the_password_once,
                a_sign_in_that_is_too_long_ago_is_asked_for_again,
                an_application_says_who_will_sign_in_and_in_which_language,
                nobody_is_answered_for_in_the_place_of_somebody_else;
            consent: consent_is_remembered_and_asked_again_when_the_scope_grows,
                who_refuses_is_sent_back_and_asked_again_the_next_time,
                consent_is_taken_from_her_own_form_only,
                nobody_is_asked_for_an_application_of_the_house, another_account_can_be_used_instead,
                connected_applications_are_listed_and_disconnected,
                an_export_holds_consents_and_what_applications_were_given;
            end_session: an_application_has_somebody_signed_out_who_agrees,
                who_asks_without_a_name_gets_nobody_back,
                after_signing_out_nobody_is_sent_to_an_address_that_is_not_registered,
                nobody_is_signed_out_without_being_asked;
            logout: applications_are_told_in_frames_that_she_signed_out,
                who_signs_out_by_an_application_goes_on_after_the_frames,
                the_metadata_says_that_applications_are_told;
            tokens: the_metadata_names_every_endpoint, every_key_is_published_before_it_signs,
                a_machine_gets_a_token_of_its_own, requests_that_cannot_be_understood_are_refused,
                a_signed_token_is_for_the_service_that_is_named,
                scripts_of_registered_origins_read_answers, an_id_token_is_no_access_token;
            redeeming: a_code_is_worth_tokens,
                an_application_without_a_secret_redeems_by_its_verifier,
                a_code_is_refused_to_everybody_but_who_asked_for_it,
                a_challenge_cannot_be_taken_out_of_a_request,
                a_code_that_comes_again_ends_what_it_was_worth,
                of_many_who_redeem_a_code_at_once_one_wins;
            refreshing: a_refresh_token_has_one_successor,
                many_who_refresh_at_once_get_the_same_successor,
                a_refresh_asks_for_less_and_never_for_more,
                a_refresh_token_is_worth_nothing_to_another_application,
                tokens_end_with_the_session_unless_they_are_for_longer;
            device: a_device_signs_in_who_allows_it,
                an_address_with_the_code_in_it_decides_nothing,
                a_device_that_comes_too_soon_is_told_to_slow_down,
                a_device_that_is_refused_is_told_so,
                what_was_allowed_ends_with_the_session_unless_it_is_for_longer,
                of_many_who_poll_at_once_one_gets_tokens_and_a_later_one_ends_them;
            refused_devices: guesses_at_codes_come_to_an_end,
                a_device_code_is_refused_to_everybody_but_its_own_application,
                a_device_is_decided_by_her_own_form_only,
                what_a_device_may_not_ask_for_is_refused;
            protected: the_userinfo_endpoint_tells_what_the_scopes_stand_for,
                the_userinfo_endpoint_refuses_every_other_token,
                a_service_learns_what_a_token_is_worth, garbage_is_not_active_and_never_an_error,
                who_has_no_secret_asks_for_no_tokens_worth, an_answer_about_a_token_can_be_signed,
                what_is_given_back_is_worth_nothing,
                tokens_that_are_in_no_row_can_be_given_back;
            assertions: an_application_shows_who_it_is_by_its_signature,
                assertions_that_say_anything_else_are_refused, an_assertion_is_good_once,
                a_key_is_no_secret_and_a_secret_is_no_key;
            macs: an_application_shows_who_it_is_by_a_mac,
                a_mac_is_no_signature_and_a_signature_is_no_mac,
                who_makes_macs_does_not_show_its_secret;
            pushed: a_request_that_was_sent_ahead_is_answered_once, nothing_beside_a_reference_counts,
                a_request_that_is_wrong_is_refused_when_it_is_sent,
                who_has_to_send_requests_ahead_is_refused_otherwise,
                a_reference_is_worth_nothing_to_anybody_else,
                of_many_who_bring_one_reference_at_once_one_gets_a_code,
                an_application_with_a_key_sends_requests_ahead;
            signed_requests: a_signed_request_counts_and_nothing_beside_it,
                a_request_object_that_does_not_count_is_refused,
                who_has_to_sign_requests_is_refused_otherwise;
            dpop: tokens_are_bound_to_the_key_that_is_proved,
                a_proof_is_refused_by_each_check_and_costs_nothing,
                a_proof_comes_once_whichever_process_it_comes_to;
            bound_tokens: a_bound_token_is_worth_nothing_to_who_does_not_prove_its_key,
                a_bound_refresh_token_is_turned_by_its_key_only,
                a_code_is_redeemed_by_the_key_that_was_announced,
                a_request_that_is_sent_ahead_with_a_proof_is_bound_to_its_key,
                an_application_that_has_to_prove_a_key_gets_no_other_tokens,
                scripts_of_registered_origins_send_proofs_and_read_nonces;
            profile: an_assertion_of_the_profile_is_made_out_to_the_issuer_alone,
                the_refresh_token_of_the_profile_stays;
            claims: claims_are_mapped_for_the_application_that_wants_them,
                an_answer_about_a_person_can_be_signed,
                an_application_asks_for_claims_one_by_one,
                a_request_for_claims_that_cannot_be_met_is_told_to_its_application,
                a_token_that_would_be_too_long_is_not_made_and_costs_nothing,
                an_application_names_who_is_to_sign_in_by_a_claim;
            exchange: a_service_gets_a_token_for_the_next_service,
                the_token_of_a_session_is_exchanged_and_ends_with_it,
                what_is_exchanged_ends_with_its_grant,
                a_token_that_is_not_for_the_service_is_exchanged_for_nothing,
                nothing_more_is_had_by_an_exchange,
                who_acts_for_somebody_is_named_in_the_token,
                who_may_exchange_nothing_gets_nothing,
                a_bound_token_is_exchanged_by_its_key_only;
            exchanged_claims: an_exchanged_token_has_the_claims_of_who_exchanged,
                a_token_says_who_may_act;
            destinations: the_pages_on_the_way_name_the_application,
                who_goes_on_to_no_application_is_told_of_none;
        );
    };
}
