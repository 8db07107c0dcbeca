//! The store's contract: one suite of cases that every engine must pass.
//!
//! This file names the cases and runs each on each engine, every time on a database of its own that is
//! removed again. A case gets two handles on it, as two processes would have, so that races and
//! visibility are always tested across them. SQLite needs nothing; PostgreSQL runs under the cargo
//! feature `real-servers` on the server that `TOKENHOUSE_TEST_POSTGRES` names, and again through the
//! pgbouncer that `TOKENHOUSE_TEST_PGBOUNCER` names.

mod accounts;
mod attempts;
#[cfg(feature = "real-servers")]
mod batches;
mod bench;
mod documents;
mod endings;
mod housekeeping;
mod make;
mod operator;
mod passwords;
mod place;
mod schema;
mod sessions;
mod tasks;
mod trail;

use bench::Bench;
use place::Place;

/// What a case gives: an error of the store fails it like any assertion.
type Outcome = tokenhouse_store::Result<()>;

async fn on_empty(place: Place, case: impl AsyncFnOnce(&Place) -> Outcome) -> Outcome {
    case(&place).await?;
    place.remove().await;
    Ok(())
}

async fn on_ready(place: Place, case: impl AsyncFnOnce(&Bench) -> Outcome) -> Outcome {
    let bench = Bench::at(place).await?;
    case(&bench).await?;
    bench.close().await;
    Ok(())
}

/// `empty` cases find a database without a schema and open it themselves, and so do those of
/// `postgres_only`; `ready` ones find it migrated and open twice.
macro_rules! contract {
    (
        empty { $($empty_file:ident::$empty:ident,)* }
        ready { $($file:ident::$case:ident,)* }
        postgres_only { $($its_file:ident::$its:ident,)* }
    ) => {
        mod sqlite {
            use crate::{Outcome, Place, on_empty, on_ready};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $empty() -> Outcome {
                on_empty(Place::folder(), crate::$empty_file::$empty).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> Outcome {
                on_ready(Place::folder(), crate::$file::$case).await
            })*
        }

        #[cfg(feature = "real-servers")]
        mod postgres {
            use crate::{Outcome, Place, on_empty, on_ready};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $empty() -> Outcome {
                let place = Place::server(stringify!($empty)).await;
                on_empty(place, crate::$empty_file::$empty).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> Outcome {
                let place = Place::server(stringify!($case)).await;
                on_ready(place, crate::$file::$case).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $its() -> Outcome {
                let place = Place::server(stringify!($its)).await;
                on_empty(place, crate::$its_file::$its).await
            })*
        }

        #[cfg(feature = "real-servers")]
        mod pgbouncer {
            use crate::{Outcome, Place, on_empty, on_ready};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $empty() -> Outcome {
                let place = Place::pooled(stringify!($empty)).await;
                on_empty(place, crate::$empty_file::$empty).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> Outcome {
                let place = Place::pooled(stringify!($case)).await;
                on_ready(place, crate::$file::$case).await
            })*
        }
    };
}

contract! {
    empty {
        schema::migrating_twice_applies_nothing_the_second_time,
        schema::eight_processes_that_start_at_once_make_one_schema,
        schema::without_a_schema_the_database_is_unavailable_and_nothing_worse,
    }

    ready {
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

        attempts::a_burst_is_admitted_and_the_next_attempt_waits,
        attempts::both_engines_keep_to_the_arithmetic_of_the_rules,
        attempts::a_success_gives_its_attempts_back,
        attempts::an_address_over_its_limit_does_not_charge_the_account,
        attempts::an_unknown_name_is_counted_by_its_own_key,
        attempts::every_name_of_an_account_counts_against_the_same_limit,
        attempts::the_ceiling_holds_for_forty_attempts_at_once,
        attempts::charging_and_giving_back_at_once_neither_fails_nor_loses_count,
        attempts::attempts_inside_a_session_count_against_the_account,

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
        endings::nobody_ends_the_session_of_another_user,
        endings::a_session_that_is_not_alive_ends_nothing,
        endings::deleting_a_user_while_she_signs_in_is_an_outcome_and_no_error,
        endings::signing_out_between_judgement_and_opening_wins,

        housekeeping::only_expired_rows_are_deleted,
        housekeeping::expired_rows_go_in_chunks,

        operator::locking_ends_sessions_and_refuses_new_ones_until_unlocked,
        operator::an_operator_ends_the_wait_after_too_many_failures,
        operator::setting_a_password_ends_all_sessions,
        operator::signing_a_user_out_ends_all_sessions,
        operator::what_is_done_to_nobody_is_false_and_leaves_no_trail,

        passwords::changing_a_password_keeps_only_the_session_that_asked,
        passwords::a_change_spares_only_a_session_of_the_same_user,
        passwords::a_second_change_in_the_same_epoch_is_refused,
        passwords::eight_changes_at_once_have_one_winner,
        passwords::only_the_expected_hash_is_replaced_at_sign_in,

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

        trail::every_operation_leaves_exactly_one_event,
        trail::the_trail_is_given_page_by_page_and_by_user,
    }

    postgres_only {
        batches::statements_for_one_and_for_many_answer_alike,
        batches::bad_data_fails_the_member_that_brought_it,
        batches::who_gives_up_leaves_nothing_stuck,
        batches::a_connection_that_dies_in_mid_batch_leaves_each_its_own_outcome,
    }
}
