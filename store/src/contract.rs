//! What every engine must do, as cases that run on any open [`Storage`]; each wants one of its own, freshly opened.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::needless_pass_by_value, missing_docs)]

mod actions;
mod alerts;
mod amends;
mod analytics;
mod attachments;
mod audit;
mod calls;
mod cases;
mod challenges;
mod desk;
mod identity;
mod imports;
mod outbox;
mod privacy;
mod recall;
mod search;
mod speech;
mod stage;
mod story;
mod tasks;
mod team;

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::Storage;

pub use stage::{Person, Stage};
pub use story::{story, two_servers};

/// A case: panics when the promise in its name is broken.
pub type Case = fn(Arc<Storage>) -> BoxFuture<'static, ()>;

macro_rules! cases {
    ($($module:ident::$name:ident),* $(,)?) => {
        /// All cases by name.
        pub const CASES: &[(&str, Case)] = &[$((stringify!($name), |store| Box::pin($module::$name(store)))),*];
    };
}

cases! {
    cases::a_message_goes_in_and_its_reply_goes_out,
    cases::the_same_event_is_accepted_once,
    cases::an_identifier_taken_meanwhile_makes_the_placement_stale,
    cases::a_conversation_goes_on_across_doors_until_it_is_resolved_or_old,
    cases::a_message_goes_where_its_sender_put_it,
    cases::a_burst_ends_with_its_last_message_but_never_late,
    cases::two_doors_of_one_customer_are_two_turns_in_order,
    cases::a_lease_fences_off_the_worker_before,
    cases::a_stale_turn_writes_nothing,
    cases::one_failing_job_harms_nobody,
    cases::a_poison_message_is_quarantined_and_can_be_replayed,
    cases::a_poison_message_takes_nothing_that_was_said_beside_it_along,
    cases::a_turn_that_came_to_nothing_through_nobodys_fault_is_no_attempt,
    cases::the_ledger_adds_up,
    cases::a_foreign_workspace_finds_nothing,
    cases::timers_come_due_once,
    cases::what_a_turn_learns_is_there_before_the_next,
    cases::what_models_cost_adds_up_by_day_and_workspace,
    outbox::replies_leave_in_order,
    outbox::a_reply_claimed_with_its_turn_is_nobody_elses,
    outbox::a_busy_door_keeps_its_own_waiting_and_no_other,
    outbox::a_door_that_stays_down_holds_up_no_other,
    outbox::once_a_door_works_again_what_failed_there_is_tried_at_once,
    outbox::what_a_vendor_delays_waits_and_was_no_attempt,
    outbox::what_has_not_arrived_may_leave_by_another_door,
    outbox::drafts_wait_and_hold_up_nobody,
    outbox::a_draft_nobody_sends_leaves_no_word_behind,
    outbox::a_receipt_before_the_send_returned_counts,
    outbox::states_only_move_forward,
    outbox::what_may_have_arrived_is_not_resent_by_itself,
    outbox::what_was_given_up_too_early_is_known_to_be_sent,
    outbox::a_stopped_address_is_known,
    amends::a_deleted_message_leaves_no_word_behind,
    amends::what_was_said_elsewhere_too_is_still_known,
    amends::a_message_deleted_before_its_turn_makes_none,
    amends::a_deletion_may_overtake_its_message,
    amends::an_edit_is_read_by_the_turn_that_has_not_run,
    amends::our_own_message_that_was_unsent_shows_nothing,
    amends::an_echo_of_ours_is_known_by_id_by_ours_or_by_its_words,
    amends::what_a_person_wrote_elsewhere_takes_the_conversation_once,
    amends::a_receipt_up_to_a_moment_counts_for_all_before_it,
    actions::an_action_is_written_with_its_turn_and_opened_by_what_it_gave,
    actions::what_waits_is_decided_once,
    actions::a_place_is_taken_once_and_free_again,
    analytics::whoever_changes_is_counted_anew_until_it_has_been_said,
    analytics::figures_are_sums_of_marks_and_name_their_conversations,
    analytics::a_story_is_one_persons_over_all_doors,
    analytics::an_erased_customer_is_in_no_figure,
    audit::what_is_audited_is_found_by_who_whom_and_when,
    audit::every_altered_or_missing_entry_is_found_and_named,
    attachments::a_file_is_sealed_and_goes_with_its_person,
    attachments::a_file_with_the_vendor_waits_until_it_is_here,
    attachments::what_never_comes_is_no_longer_asked_for,
    attachments::a_file_follows_its_message_to_another_person,
    attachments::a_file_that_is_sent_goes_with_its_message_and_opens_by_its_link,
    speech::what_is_said_grows_and_leaves_with_the_commit,
    speech::a_newer_message_ends_what_is_being_said,
    speech::a_lost_lease_says_nothing_more,
    speech::what_a_dead_turn_was_saying_ends_with_the_next_claim,
    calls::a_call_is_kept_once_and_ends_once,
    calls::what_was_not_heard_was_not_said,
    calls::an_erased_caller_leaves_no_call,
    calls::a_recording_hangs_on_its_call_and_is_kept_for_its_time,
    challenges::a_code_opens_once_and_for_whom_it_was_asked,
    challenges::guessing_a_code_ends_after_five_tries,
    challenges::a_code_that_went_to_nobody_opens_nothing,
    challenges::a_code_is_good_for_its_time_and_a_newer_one_ends_it,
    challenges::a_code_is_on_no_timeline_and_goes_with_its_people,
    identity::a_pair_is_suggested_once_and_never_again,
    identity::everybody_is_listed_page_by_page_newest_first,
    identity::a_merge_shows_one_record_and_unmerge_gives_everything_back,
    identity::random_merges_and_unmerges_lose_nothing,
    identity::who_is_who_can_be_told_from_the_log_alone,
    identity::a_merge_ends_running_turns_of_both,
    identity::a_strand_opened_for_another_person_takes_its_messages_along,
    identity::who_speaks_up_on_anothers_number_begins_a_talk_of_their_own,
    identity::a_claim_never_takes_an_identifier,
    identity::links_are_single_use_and_guessing_stops,
    identity::a_name_or_number_finds_its_customer,
    desk::a_teammate_taking_over_makes_a_running_turn_stale,
    desk::an_escalation_stays_on_top_until_it_ends,
    desk::a_reply_that_came_by_mail_twice_is_written_once,
    desk::lists_page_without_gaps,
    desk::what_is_snoozed_comes_back_by_itself,
    desk::one_talk_becomes_two_matters_and_one_again,
    desk::two_escalations_of_one_matter_are_one,
    desk::conversations_are_found_by_their_tags,
    desk::sessions_tokens_and_marks_end,
    tasks::a_task_stands_by_its_day_and_falls_to_whoever_has_the_conversation,
    tasks::a_promise_is_kept_by_doing_its_task,
    team::every_talk_that_goes_on_is_in_somebodys_hands,
    team::who_is_named_in_a_note_finds_it_until_they_have_looked,
    team::a_teammates_message_waits_for_its_time_and_can_be_taken_back,
    team::canned_replies_are_kept_by_name,
    team::a_saved_view_is_its_owners_or_the_teams_and_counts_by_itself,
    team::a_team_has_its_conversations_until_they_are_given_on,
    team::of_two_choices_made_at_once_one_stands,
    team::a_document_is_kept_replaced_and_taken_away,
    alerts::an_alert_is_told_by_every_way_until_it_was_taken,
    recall::blocks_are_kept_in_their_order_and_once,
    recall::what_was_said_is_read_in_slices_and_by_id,
    recall::a_draft_is_nothing_that_was_said,
    recall::a_message_that_moves_to_another_person_takes_its_words_along,
    recall::an_edited_message_leaves_no_words,
    recall::an_erased_customer_leaves_no_words,
    recall::vectors_follow_each_other_and_are_of_one_model,
    recall::what_is_unsaid_or_erased_leaves_no_vectors,
    search::whatever_was_said_is_found_by_its_words,
    search::search_finds_no_draft_until_it_is_sent,
    search::search_follows_edits_and_deletions,
    search::search_knows_whose_a_message_is_now,
    search::an_erased_customer_is_swept_from_search,
    imports::an_import_is_taken_back_and_leaves_what_was_there,
    imports::a_fact_that_an_import_replaced_is_in_force_again,
    imports::whoever_writes_after_an_import_outlives_it,
    privacy::a_dossier_holds_everything_of_every_strand,
    privacy::who_is_erased_is_met_as_a_stranger,
    privacy::an_erased_customer_goes_with_every_record_that_was_joined,
    privacy::who_parted_before_the_erasure_keeps_what_is_theirs,
    privacy::of_two_people_on_one_number_one_is_erased_alone,
    privacy::a_turn_that_runs_while_its_customer_is_erased_comes_to_nothing,
    privacy::whatever_comes_in_while_somebody_is_erased_leaves_nothing_behind,
    privacy::links_and_visits_of_an_erased_customer_open_nothing,
    privacy::who_only_claims_the_same_number_is_named_and_not_erased,
    privacy::an_erasure_can_be_taken_back_until_it_is_due,
    privacy::an_erasure_of_a_list_takes_exactly_whom_it_names,
}

/// Somebody on WhatsApp, for tests outside this crate.
pub fn person(number: &str) -> Person {
    Person::on_whatsapp(number)
}
