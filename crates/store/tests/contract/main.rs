//! The store's contract: one suite of cases that every engine must pass.
//!
//! This file names the cases and runs each on each engine, every time on a database of its own that is
//! removed again. A case gets two handles on it, as two processes would have, so that races and
//! visibility are always tested across them. SQLite needs nothing; PostgreSQL runs under the cargo
//! feature `real-servers` on the server that `TOKENHOUSE_TEST_POSTGRES` names, and again through the
//! pgbouncer that `TOKENHOUSE_TEST_PGBOUNCER` names.

#[macro_use]
mod engines;

mod access;
mod accounts;
mod addresses;
mod administration;
mod applications;
mod attempts;
#[cfg(feature = "real-servers")]
mod batches;
mod bench;
mod claims;
mod client_keys;
mod clients;
mod codes;
mod deleted_clients;
mod deletion;
mod device_codes;
mod device_limits;
mod devices;
mod documents;
mod endings;
mod exchange;
mod exports;
mod grants;
mod groups;
mod housekeeping;
mod invitations;
mod keys;
mod logouts;
mod make;
mod operator;
mod outbox;
mod passwords;
mod persons;
mod place;
mod pushed_requests;
mod recovery;
mod refreshes;
mod registrations;
mod reminders;
mod schema;
mod sessions;
mod tasks;
mod tellings;
mod trail;
#[cfg(feature = "real-servers")]
mod waiting;

use engines::{on_empty, on_ready};
use place::Place;

/// What a case gives: an error of the store fails it like any assertion.
type Outcome = tokenhouse_store::Result<()>;

contract! {
    empty {
        schema::migrating_twice_applies_nothing_the_second_time,
        schema::eight_processes_that_start_at_once_make_one_schema,
        schema::without_a_schema_the_database_is_unavailable_and_nothing_worse,
    }

    ready {
        access::who_asks_is_told_by_a_living_session,
        access::nobody_is_told_by_a_session_that_is_not_alive,
        access::a_host_finds_its_client_and_who_asks,
        access::a_host_is_found_by_its_name_or_else_by_its_longest_end,
        access::she_is_connected_by_consent_or_by_a_living_grant,
        access::a_connection_was_last_used_when_it_was_last_given_a_token,
        access::disconnecting_forgets_consent_and_ends_grants_and_codes,

        accounts::a_registered_user_signs_in_at_the_other_process_by_every_name,
        accounts::a_taken_name_leaves_nothing_behind,
        accounts::repeating_a_registration_with_the_same_id_is_done,
        accounts::a_registration_is_refused_for_its_names_only,
        accounts::of_two_registrations_at_once_the_loser_is_told_which_name_was_taken,
        accounts::eight_registrations_of_one_name_have_one_winner,
        accounts::a_user_is_found_by_id_and_by_each_of_her_names,
        accounts::users_are_given_page_by_page,
        accounts::deleting_a_user_removes_everything_but_the_trail,
        accounts::a_user_is_deleted_only_in_the_epoch_she_was_judged_in,
        accounts::an_export_holds_everything_about_one_user,
        accounts::an_export_shows_everything_as_it_was_at_one_instant,

        addresses::an_address_is_hers_once_its_link_was_followed,
        addresses::the_address_of_a_registration_is_confirmed_and_nobody_is_told,
        addresses::a_pending_address_is_a_name_only_once_it_is_confirmed,
        addresses::a_link_confirms_once_but_for_its_own_repetition,
        addresses::another_address_or_none_ends_the_links_to_the_one_before,
        addresses::an_address_that_somebody_took_meanwhile_uses_the_link_up,
        addresses::of_two_who_confirm_one_address_at_once_one_gets_it,
        addresses::only_who_was_judged_as_she_is_asks_for_an_address,
        addresses::many_things_asked_at_once_of_an_account_that_goes_are_no_error,

        administration::a_server_is_set_up_once_by_its_link,
        administration::of_eight_who_set_up_at_once_one_wins,
        administration::a_taken_name_leaves_setup_open,
        administration::who_is_made_an_administrator_closes_setup,
        administration::the_last_administrator_stays_one,
        administration::of_two_administrators_who_go_at_once_one_stays,
        administration::rights_granted_to_who_is_being_deleted_leave_the_count_right,

        attempts::a_burst_is_admitted_and_the_next_attempt_waits,
        attempts::both_engines_keep_to_the_arithmetic_of_the_rules,
        attempts::a_success_gives_its_attempts_back,
        attempts::an_address_over_its_limit_does_not_charge_the_account,
        attempts::an_unknown_name_is_counted_by_its_own_key,
        attempts::every_name_of_an_account_counts_against_the_same_limit,
        attempts::the_ceiling_holds_for_forty_attempts_at_once,
        attempts::charging_and_giving_back_at_once_neither_fails_nor_loses_count,
        attempts::attempts_inside_a_session_count_against_the_account,

        clients::a_client_made_here_is_found_there,
        clients::a_client_is_made_once,
        clients::a_change_is_made_to_the_version_that_it_names,
        clients::eight_changes_of_one_version_have_one_winner,
        clients::of_eight_who_make_one_client_at_once_one_does,
        clients::a_client_is_disabled_until_it_is_enabled_again,
        clients::clients_are_given_page_by_page,
        clients::another_secret_ends_those_before_it_after_the_overlap,
        clients::one_secret_of_a_client_is_ended_alone,
        clients::a_host_is_answered_for_by_one_client,
        clients::of_clients_that_claim_one_host_at_once_one_gets_it,
        clients::deleting_a_client_takes_all_that_it_was_given,

        codes::a_code_issued_here_is_known_there,
        codes::a_code_is_issued_on_the_word_of_a_living_session,
        codes::a_code_is_redeemed_once_but_for_its_own_repetition,
        codes::eight_redemptions_of_one_code_at_once_have_one_winner_and_end_its_grant,
        codes::a_code_is_redeemed_by_its_own_client_only,
        codes::a_code_ends_with_the_session_it_was_issued_in,
        codes::a_code_ends_with_all_sessions_of_its_user,
        codes::a_code_of_a_disabled_client_is_not_redeemed,
        codes::a_code_past_its_time_is_not_redeemed,
        codes::a_code_goes_with_its_user,
        codes::what_she_agrees_to_is_remembered_with_the_code,
        codes::signing_out_while_a_code_is_redeemed_leaves_no_living_grant,

        deleted_clients::a_client_that_was_given_much_is_over_at_once,
        deleted_clients::what_a_deleted_client_was_given_goes_in_steps,
        deleted_clients::of_two_who_clear_at_once_each_row_is_deleted_by_one,

        deletion::an_account_to_be_deleted_is_signed_out_and_told,
        deletion::who_thinks_again_keeps_her_account,
        deletion::housekeeping_deletes_what_nobody_kept,
        deletion::the_last_administrator_is_never_deleted,
        deletion::with_an_account_go_mails_that_have_done_their_work,

        device_codes::a_device_code_issued_here_is_found_there_by_what_is_typed,
        device_codes::a_device_code_is_issued_once_and_to_a_client_that_may,
        device_codes::a_poll_that_comes_too_soon_is_hasty,
        device_codes::what_is_allowed_is_redeemed_as_a_code,
        device_codes::what_is_refused_is_worth_nothing,
        device_codes::a_device_is_decided_on_the_word_of_a_living_session,
        device_codes::of_eight_who_decide_at_once_one_does,
        device_codes::deciding_again_in_the_same_way_is_done_and_nothing_is_noted,
        device_codes::a_device_code_past_its_time_is_over_and_goes,

        device_limits::devices_of_one_address_are_counted,
        device_limits::guesses_at_codes_are_counted_before_they_are_looked_up,

        devices::a_client_that_no_other_session_is_from_is_told_of,
        devices::nobody_is_told_at_an_address_that_is_not_confirmed,
        devices::many_who_sign_in_at_once_are_each_told,

        documents::a_new_user_has_an_empty_document,
        documents::a_document_comes_back_byte_for_byte,
        documents::the_last_writer_wins,
        documents::a_stale_condition_writes_nothing,
        documents::any_one_of_several_versions_suffices,
        documents::eight_conditional_writers_have_one_winner,
        documents::a_session_that_is_not_alive_writes_nothing,

        endings::a_session_ends_itself_for_every_process,
        endings::one_other_session_is_ended_and_the_rest_live,
        endings::all_sessions_end_at_once,
        endings::all_other_sessions_end_and_the_one_that_asks_goes_on,
        endings::of_two_sessions_that_end_each_other_at_once_one_is_left,
        endings::nobody_ends_the_session_of_another_user,
        endings::a_session_that_is_not_alive_ends_nothing,
        endings::deleting_a_user_while_she_signs_in_is_an_outcome_and_no_error,
        endings::signing_out_between_judgement_and_opening_wins,

        exchange::what_lives_is_found_by_what_its_token_names,
        exchange::what_ends_session_or_grant_ends_all_that_follows,
        exchange::every_client_on_the_way_has_to_be_there,
        exchange::a_token_that_was_revoked_is_worth_no_other,
        exchange::subject_and_actor_are_judged_each_by_itself,

        exports::an_export_of_who_has_no_applications_is_empty_there,
        exports::an_export_holds_claims_groups_consents_and_grants,
        exports::an_export_holds_living_grants_only,

        claims::a_document_is_read_where_claims_come_from_it,
        grants::a_grant_is_found_by_its_tokens_with_its_person,
        grants::a_grant_ends_with_its_session_and_an_offline_one_does_not,
        grants::what_ends_all_sessions_ends_all_grants,
        grants::the_grants_of_a_disabled_client_rest,
        grants::a_grant_ends_without_use_and_in_any_case,
        grants::a_grant_is_revoked_by_its_own_client,
        grants::something_is_used_once_until_its_time_is_over,
        grants::a_revoked_access_token_finds_no_grant_and_others_do,
        grants::introspection_tells_who_asks_and_what_lives,
        grants::introspection_tells_of_what_was_revoked_or_disabled,
        grants::what_applications_have_is_deleted_when_it_is_over_and_nothing_else,

        groups::groups_made_here_are_listed_there_by_name,
        groups::eight_groups_of_one_name_have_one_winner,
        groups::who_is_put_into_a_group_is_in_it_until_she_is_taken_out,
        groups::nobody_is_put_into_a_group_that_is_none,
        groups::of_eight_who_put_her_into_a_group_at_once_one_does,
        groups::members_are_given_page_by_page,
        groups::with_a_group_or_a_user_goes_the_membership,
        groups::groups_and_claims_go_where_the_person_goes,

        housekeeping::only_expired_rows_are_deleted,
        housekeeping::expired_rows_go_in_chunks,

        invitations::a_link_made_here_is_found_there_by_its_purpose,
        invitations::an_invitation_makes_one_account,
        invitations::eight_registrations_by_one_invitation_have_one_winner,
        invitations::an_invitation_for_an_address_is_for_no_other,
        invitations::a_link_for_something_else_or_past_its_time_invites_nobody,
        invitations::a_taken_name_leaves_the_invitation_to_be_used,

        keys::a_key_made_here_is_found_there,
        keys::eight_keys_of_one_number_have_one_winner,
        keys::a_key_past_its_time_is_not_there_and_leaves_its_number,
        keys::a_key_is_retired_while_another_one_signs,
        keys::the_last_active_key_is_not_retired,
        keys::of_two_active_keys_retired_at_once_one_stays,
        keys::a_key_is_sealed_anew_by_compare_and_swap,

        logouts::whatever_ends_a_session_tells_the_applications_it_led_to_and_no_other,
        logouts::with_an_account_end_its_sessions_whoever_deletes_it,
        logouts::a_session_that_expired_is_told_to_nobody_and_leaves_nothing,
        logouts::where_no_application_wants_to_be_told_nothing_is_written,
        logouts::who_signs_out_while_a_code_is_redeemed_is_told_of_too,

        operator::locking_ends_sessions_and_refuses_new_ones_until_unlocked,
        operator::an_operator_ends_the_wait_after_too_many_failures,
        operator::setting_a_password_ends_all_sessions,
        operator::signing_a_user_out_ends_all_sessions,
        operator::what_is_done_to_nobody_is_false_and_leaves_no_trail,

        outbox::a_mail_is_taken_by_one_holder_the_oldest_first,
        outbox::holders_who_claim_at_once_share_and_never_meet,
        outbox::a_mail_whose_holder_was_killed_is_taken_after_the_lease,
        outbox::a_mail_that_was_sent_is_never_taken_again,
        outbox::a_mail_that_failed_waits_or_is_given_up_until_it_is_retried,
        outbox::the_outbox_is_given_page_by_page,
        outbox::mails_are_limited_by_kind_and_recipient,
        outbox::a_reader_is_written_to_in_the_language_she_chose,
        outbox::links_and_mails_go_a_week_after_they_have_done_their_work,

        passwords::changing_a_password_keeps_only_the_session_that_asked,
        passwords::a_change_spares_only_a_session_of_the_same_user,
        passwords::a_second_change_in_the_same_epoch_is_refused,
        passwords::eight_changes_at_once_have_one_winner,
        passwords::only_the_expected_hash_is_replaced_at_sign_in,

        persons::a_person_sees_what_is_hers,
        persons::what_she_chooses_is_kept_until_she_chooses_again,
        persons::an_export_tells_of_addresses_confirmed_and_pending,
        persons::registrations_of_one_client_are_counted_where_there_is_a_limit,
        persons::a_changed_password_is_told_to_the_confirmed_address,

        client_keys::copies_of_secrets_are_kept_where_they_are_given,
        client_keys::no_copy_is_left_of_the_secret_of_who_shows_it,
        client_keys::a_copy_is_sealed_anew_if_it_is_still_what_it_was,
        client_keys::of_eight_who_fetch_at_once_one_does,
        client_keys::what_one_process_fetched_all_have,
        client_keys::a_fetch_that_fails_leaves_what_there_is,
        client_keys::keys_of_another_address_are_forgotten,
        client_keys::keys_are_fetched_for_a_client_that_may_be_used,
        pushed_requests::a_request_pushed_here_is_known_there,
        pushed_requests::a_request_is_kept_for_a_client_that_may_be_used,
        pushed_requests::a_request_is_answered_by_one_code_but_for_its_own_repetition,
        pushed_requests::of_eight_codes_for_one_request_at_once_one_is_issued,
        pushed_requests::a_request_is_answered_to_its_own_client_only,
        pushed_requests::a_request_waits_for_its_person_once_its_browser_came_in_time,
        pushed_requests::a_request_is_not_used_up_where_no_code_is_issued,
        pushed_requests::a_request_goes_with_its_client_and_after_its_time,

        recovery::a_link_goes_to_the_confirmed_address_of_whoever_has_the_name,
        recovery::who_cannot_be_sent_a_link_is_answered_alike_and_nothing_is_written,
        recovery::an_address_over_its_limit_is_refused_whoever_it_asks_for,
        recovery::over_the_limit_of_a_recipient_there_is_no_link_and_no_event,
        recovery::a_link_sets_a_password_and_ends_all_sessions,
        recovery::a_link_is_used_once_but_by_its_own_repetition,
        recovery::eight_uses_of_one_link_at_once_have_one_winner,
        recovery::what_ends_sessions_ends_links_to_a_new_password,
        recovery::asking_for_an_account_that_is_being_deleted_is_no_error,

        refreshes::a_refresh_token_turns_to_the_next_generation,
        refreshes::eight_refreshes_at_once_all_get_the_same_next_one,
        refreshes::who_turned_a_token_says_which_key_seals_the_next_one,
        refreshes::the_former_token_gets_the_same_one_inside_the_window,
        refreshes::a_token_whose_child_was_used_ends_the_grant,
        refreshes::a_former_token_after_the_window_ends_the_grant,
        refreshes::the_token_of_a_client_of_the_profile_is_not_turned,
        refreshes::the_window_is_not_for_the_current_token,
        refreshes::who_does_not_show_to_be_the_client_turns_nothing,
        refreshes::a_name_is_enough_only_for_a_client_without_a_secret,
        refreshes::a_disabled_client_refreshes_nothing,
        refreshes::an_ended_grant_is_not_refreshed,
        refreshes::a_refresh_moves_the_end_but_not_past_the_absolute_one,
        refreshes::a_grant_revoked_while_it_is_refreshed_has_ended,

        registrations::of_eight_who_register_at_once_as_many_do_as_were_invited,
        registrations::an_invitation_that_is_none_or_over_registers_nobody,
        registrations::a_registration_is_looked_after_by_its_own_token,
        registrations::of_eight_changes_of_one_registration_at_once_one_is_made,
        registrations::with_a_registration_goes_all_that_its_client_was_given,

        reminders::the_mail_is_sent_again_and_the_former_link_ends,
        reminders::over_the_limit_of_a_recipient_the_former_link_stays,
        reminders::who_may_not_sign_in_yet_asks_by_her_password,

        sessions::a_session_opened_here_is_read_there,
        sessions::a_session_opened_with_the_registration_is_read_there,
        sessions::a_wrong_secret_user_or_id_reads_nothing,
        sessions::a_session_past_its_end_reads_nothing,
        sessions::what_was_ended_before_a_read_began_is_never_read,
        sessions::repeating_the_opening_leaves_one_session_and_one_event,
        sessions::renewing_moves_the_end_but_not_past_the_absolute_one,
        sessions::renewing_never_revives_a_session,
        sessions::sessions_are_given_page_by_page,

        tasks::a_task_is_claimed_by_one_of_two_at_once,
        tasks::a_leased_task_is_claimed_again_only_after_the_lease,
        tasks::an_extended_lease_is_held_longer,
        tasks::a_finished_task_is_due_only_later,

        tellings::who_is_killed_while_telling_is_followed_by_another,
        tellings::what_could_not_be_told_waits_until_it_is_given_up,
        tellings::eight_who_tell_at_once_share_and_never_meet,
        tellings::a_client_that_is_gone_is_found_out_when_it_is_told,

        trail::every_operation_leaves_exactly_one_event,
        trail::the_trail_is_given_page_by_page_and_by_user,
    }

    postgres_only {
        batches::statements_for_one_and_for_many_answer_alike,
        batches::bad_data_fails_the_member_that_brought_it,
        batches::who_gives_up_leaves_nothing_stuck,
        batches::a_connection_that_dies_in_mid_batch_leaves_each_its_own_outcome,
    }

    postgres_ready {
        waiting::a_mail_that_somebody_is_taking_is_left_to_him,
        waiting::a_link_to_a_new_password_ends_with_what_is_being_ended,
        waiting::nobody_gets_a_link_who_is_being_deleted,
        waiting::rights_that_are_being_granted_count_when_she_is_deleted,
        waiting::the_last_administrator_stays_whoever_is_going,
        waiting::a_session_that_is_being_ended_ends_no_others,
        waiting::an_address_that_is_being_taken_is_taken,
        waiting::the_same_sessions_in_two_orders_are_opened_without_a_deadlock,
    }
}
