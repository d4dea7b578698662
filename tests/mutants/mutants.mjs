// The faults that the tests must notice. `find` stands exactly once in `file`; `target` and `args`
// are the test that fails once it reads `replace`.
const worlds = (seeds) => ({ target: 'scenario_test', args: ['--seeds', String(seeds)] });
const clusters = (seeds) => ({
  target: 'cluster_scenario_test',
  args: ['--seeds', String(seeds)],
});
const payments = (seeds) => ({
  target: 'payments_scenario_test',
  args: ['--seeds', String(seeds)],
});
const units = (module, filter) => ({
  target: `${module}_test`,
  args: ['--gtest_brief=1', `--gtest_filter=${filter}`],
});

export const mutants = [
  // What is written: the book.
  {
    name: 'late_worker_wins',
    file: 'dispatch/delivery_book.cpp',
    find: 'if (row->fence != finished.fence || !is_open(row->state)) {',
    replace: 'if (!is_open(row->state)) {',
    ...worlds(60),
  },
  {
    name: 'held_ones_sent_at_once',
    file: 'dispatch/delivery_book.cpp',
    find: 'row.queue = is_held ? DeliveryQueue::held : queue;',
    replace: 'row.queue = queue;',
    ...worlds(30),
  },
  {
    name: 'successor_never_promoted',
    file: 'dispatch/delivery_book.cpp',
    find: 'released[{row->endpoint, key_before}] = i;',
    replace: '',
    ...worlds(30),
  },
  {
    name: 'sequence_skipped',
    file: 'dispatch/delivery_book.cpp',
    find: 'row.sequence = (*sequences)[one.endpoint]++;',
    replace: 'row.sequence = 2 * (*sequences)[one.endpoint]++;',
    ...worlds(5),
  },
  {
    name: 'attempts_uncounted',
    file: 'dispatch/delivery_book.cpp',
    find: 'change.round_attempts += 1;',
    replace: '',
    ...worlds(5),
  },
  {
    name: 'cancel_promotes_nobody',
    file: 'dispatch/delivery_book.cpp',
    find: '.withdrawn = withdrawn, .successor = *successor}',
    replace: '.withdrawn = withdrawn, .successor = std::nullopt}',
    ...units('dispatch', 'DeliveryBook*'),
  },

  // What an attempt means.
  {
    name: 'retry_after_ignored',
    file: 'dispatch/delivery_machine.cpp',
    find: 'if (result.retry_after) {',
    replace: 'if (result.retry_after && false) {',
    ...worlds(30),
  },
  {
    name: 'maximum_age_ignored',
    file: 'dispatch/delivery_machine.cpp',
    find: 'if (due_at > progress.round_started_at + policy.maximum_age) return dead("too_old");',
    replace: '',
    ...worlds(30),
  },
  {
    name: 'schedule_one_short',
    file: 'dispatch/delivery_machine.cpp',
    find: 'if (attempts_done >= static_cast',
    replace: 'if (attempts_done + 1 >= static_cast',
    ...worlds(30),
  },
  {
    name: 'jitter_early',
    file: 'dispatch/retry_policy.cpp',
    find: 'kSpreadLeast = 0.8',
    replace: 'kSpreadLeast = 0.1',
    ...worlds(30),
  },
  {
    name: 'redirect_is_success',
    file: 'dispatch/attempt.cpp',
    find: 'return AttemptError::redirected;',
    replace: 'return AttemptError::none;',
    ...units('dispatch', 'AnswerMeaning*'),
  },
  {
    name: 'gone_is_tried_again',
    file: 'dispatch/attempt.cpp',
    find: 'head.status == kGone ? ReceiverWish::stop_endpoint : ReceiverWish::none',
    replace: 'ReceiverWish::none',
    ...units('dispatch', 'AnswerMeaning*'),
  },

  // The breaker.
  {
    name: 'breaker_never_opens',
    file: 'dispatch/breaker.cpp',
    find: 'return failures_ >= limits_.failures_to_open\n',
    replace: 'return failures_ < 0\n',
    ...units('dispatch', 'Breaker*'),
  },
  {
    name: 'breaker_never_closes',
    file: 'dispatch/breaker.cpp',
    find: 'if (!pause_stands) not_before_.reset();',
    replace: '',
    ...units('dispatch', 'Breaker*'),
  },
  {
    name: 'hopeless_too_soon',
    file: 'dispatch/breaker.cpp',
    find: 'now - *failing_since_ >= limits_.failing_to_disable;',
    replace: 'now - *failing_since_ >= limits_.failing_to_disable / 50;',
    ...worlds(60),
  },

  // What is sent when: the engine.
  {
    name: 'requeue_lost_after_failure',
    file: 'dispatch/engine_ends.cpp',
    find: 'keep_or_leave(lane, *row.queue, due_item_of(row));',
    replace: '',
    ...worlds(5),
  },
  {
    name: 'unrecorded_end_forgotten',
    file: 'dispatch/engine_ends.cpp',
    find: 'records_asleep.emplace(at + pause, delivery);',
    replace: '',
    ...worlds(10),
  },
  {
    name: 'disable_forgotten',
    file: 'dispatch/engine_ends.cpp',
    find: 'record.disable_reason = reason;',
    replace: '',
    ...units('dispatch', '*Engine*'),
  },
  {
    name: 'settled_during_load_sent_again',
    file: 'dispatch/engine_loads.cpp',
    find: 'if (news != Window::News::current) return;',
    replace: '',
    ...worlds(60),
  },
  {
    name: 'rest_of_a_load_forgotten',
    file: 'dispatch/engine_loads.cpp',
    find: 'if (rows.next_due) window.lower_store_due(*rows.next_due);',
    replace: '',
    ...worlds(20),
  },
  {
    name: 'failed_load_forgotten',
    file: 'dispatch/engine_loads.cpp',
    find: 'if (window.load->from) window.lower_store_due(*window.load->from);',
    replace: '',
    ...worlds(30),
  },
  {
    name: 'evicted_item_forgotten',
    file: 'dispatch/engine_windows.cpp',
    find: 'held.erase(key.second.value);\n    window.lower_store_due(key.first);',
    replace: 'held.erase(key.second.value);',
    ...worlds(400),
  },
  {
    name: 'overtaken_wish_forgotten',
    file: 'dispatch/engine_loads.cpp',
    find: 'flight.newer = {.fence = row.fence, .queue = *row.queue, .due_at = row.due_at};',
    replace: '',
    ...units('dispatch', 'EngineOvertaken*'),
  },
  {
    name: 'nobody_gives_way_in_full_memory',
    file: 'dispatch/engine_windows.cpp',
    find: 'return items < limits.items_max && window.items.size() < limits.window_items;',
    replace: 'return window.items.size() < limits.window_items;',
    ...worlds(60),
  },
  {
    name: 'rate_ignored',
    file: 'dispatch/engine_lanes.cpp',
    find: 'lane.bucket.take(now);',
    replace: '',
    ...worlds(30),
  },
  {
    name: 'origin_cap_ignored',
    file: 'dispatch/engine_lanes.cpp',
    find: 'if (may_start(lane) && lane.origin->in_flight >= in_flight_per_origin()) {',
    replace: 'if (may_start(lane) && lane.origin->in_flight < 0) {',
    ...worlds(30),
  },
  {
    name: 'disabled_still_sent',
    file: 'dispatch/lane.cpp',
    find: 'presence == Presence::here && endpoint->status == storage::EndpointStatus::enabled',
    replace: 'presence == Presence::here',
    ...worlds(30),
  },
  {
    name: 'old_retries_before_fresh_ones',
    file: 'dispatch/lane.cpp',
    find: 'if (retry_due && (!fresh_due || turns % kTurnsForOneRetry == 0))',
    replace: 'if (retry_due)',
    ...units('dispatch', '*Engine*:*Lane*'),
  },

  // Who serves a lane: the engine as one of several.
  {
    name: 'begun_after_the_lease',
    file: 'dispatch/engine_lanes.cpp',
    find: 'while (!is_full() && now < standing.ours_until) {',
    replace: 'while (!is_full()) {',
    ...clusters(40),
  },
  {
    name: 'revoke_forgotten',
    file: 'dispatch/engine.cpp',
    find: 'if (Lane* lane = impl_->find_lane(id)) impl_->end_tenure(*lane);',
    replace: '',
    ...clusters(40),
  },
  {
    name: 'given_back_in_flight',
    file: 'dispatch/engine_claims.cpp',
    find: 'if (is_wanted || lane.outstanding() > 0 || lane.is_reading()) {',
    replace: 'if (is_wanted || lane.is_reading()) {',
    ...clusters(40),
  },
  {
    name: 'health_forgotten_at_the_grant',
    file: 'dispatch/engine_claims.cpp',
    find: 'lane.take_health(health, limits.breaker);',
    replace: '',
    ...clusters(40),
  },
  {
    name: 'old_read_taken_after_a_grant',
    file: 'dispatch/engine_loads.cpp',
    find: 'if (!lane->is_at_work() || window.load->is_void) {',
    replace: 'if (!lane->is_at_work()) {',
    ...units('dispatch', 'EngineClaims*'),
  },
  {
    name: 'old_offer_trusted_after_a_grant',
    file: 'dispatch/engine_windows.cpp',
    find: 'if (!is_ours || is_older) {',
    replace: 'if (!is_ours) {',
    ...units('dispatch', 'EngineClaims*'),
  },
  {
    name: 'rate_given_away_at_the_grant',
    file: 'dispatch/engine_claims.cpp',
    find: 'lane.bucket.drain(at);',
    replace: '',
    ...units('dispatch', 'EngineClaims*'),
  },
  {
    name: 'origin_not_shared_out',
    file: 'dispatch/engine_claims.cpp',
    find: 'limits.in_flight_per_origin_max / nodes, 1);',
    replace: 'limits.in_flight_per_origin_max, nodes);',
    ...units('dispatch', 'EngineClaims*'),
  },

  // Who gets what, and how it is proven.
  {
    name: 'subscription_not_checked',
    file: 'dispatch/endpoint.cpp',
    find: 'bool is_subscribed(const EndpointSettings& settings, const EventContent& event) {\n',
    replace:
      'bool is_subscribed(const EndpointSettings& settings, const EventContent& event) {\n' +
      '    if (event.id.value >= 0) return true;\n',
    ...units('dispatch', 'Endpoint.*'),
  },
  {
    name: 'expired_secret_signs',
    file: 'dispatch/signing.cpp',
    find: 'return !secret.expires_at || now < *secret.expires_at;',
    replace: 'return !secret.expires_at || now >= TimePoint{};',
    ...units('dispatch', '*Sign*'),
  },
  {
    name: 'private_address_called',
    file: 'dispatch/url_guard_address.cpp',
    find: 'if (!is_public(address)) return GuardRefusal::address_private;',
    replace: '',
    ...units('dispatch', '*Guard*'),
  },
  {
    name: 'one_bad_answer_of_many_allowed',
    file: 'dispatch/url_guard_address.cpp',
    find: 'if (const auto refusal = judge_address(address, rules)) return refusal;\n    }',
    replace:
      'if (const auto refusal = judge_address(address, rules); !refusal) return refusal;\n    }',
    ...units('dispatch', '*Guard*'),
  },

  // What is stored, and what a provider is told.
  {
    name: 'dedupe_off',
    file: 'storage/sqlite/sqlite_ingest.cpp',
    find: 'known_.push_back({*known});',
    replace: 'known_.push_back({InboxId{}});',
    ...units('storage', '*Ingest*:*Dedupe*'),
  },
  {
    name: 'fence_not_in_the_statement',
    file: 'storage/delivery_repository.cpp',
    find: '" WHERE id = $13 AND fence = $14"};',
    replace: '" WHERE id = $13 AND $14 >= 0"};',
    ...units('storage', '*DeliveryRepository*'),
  },
  {
    name: 'due_rows_without_their_order',
    file: 'storage/delivery_repository.cpp',
    find: '" WHERE endpoint_id = $1 AND queue = $2 ORDER BY due_at, id LIMIT $3"',
    replace: '" WHERE endpoint_id = $1 AND queue = $2 ORDER BY due_at DESC, id LIMIT $3"',
    ...units('storage', '*DeliveryRepository*'),
  },
  {
    name: 'failed_unit_answered_as_committed',
    file: 'storage/writer_lane.cpp',
    find: 'if (error) {\n            unit->done(*error);',
    replace: 'if (error && number == 0) {\n            unit->done(*error);',
    ...units('storage', '*Writer*'),
  },
  {
    name: 'lock_out_of_order_is_waited_for',
    file: 'storage/row_locks.cpp',
    find: 'const bool waits = is_in_order && !is_distrusted(wanted);',
    replace: 'const bool waits = true;',
    ...units('storage', '*RowLocks*'),
  },
  {
    name: 'unknown_commit_tried_again',
    file: 'storage/write_batch.cpp',
    find: 'if (error == StoreError::unavailable) return error;',
    replace: '',
    ...units('storage', '*WriteBatch*'),
  },
  {
    name: 'any_signature_is_right',
    file: 'core/crypto.cpp',
    find: 'return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;',
    replace: 'return a.size() == b.size();',
    ...units('verifiers', '*Stripe*'),
  },

  // Other people's money: the payment API.
  {
    name: 'refund_of_more_than_is_left',
    file: 'payments/domain/refund.cpp',
    find: 'if (minor > left) return RefundFault::over_what_is_left;',
    replace: '',
    ...payments(12),
  },
  {
    name: 'refund_limit_off_by_one',
    file: 'payments/domain/refund.cpp',
    find: 'if (minor > left) return RefundFault::over_what_is_left;',
    replace: 'if (minor > left + 1) return RefundFault::over_what_is_left;',
    ...units('payments', '*Refund*'),
  },
  {
    name: 'failed_refund_not_given_back',
    file: 'payments/domain/refund.cpp',
    find: 'payment.refunded_minor -= refund.amount.minor;',
    replace: '',
    ...payments(12),
  },
  {
    name: 'doubled_webhook_books_twice',
    file: 'payments/domain/payment.cpp',
    find: 'if (is_ended(payment_.status)) return Effect::stale;\n    if (fact.minor <= 0',
    replace: 'if (fact.minor <= 0',
    ...units('payments', '*News*:*Payment*'),
  },
  {
    name: 'paid_and_then_declined',
    file: 'payments/domain/payment.cpp',
    find: 'if (!is_undecided()) return Effect::stale;\n    if (has_no_try() && is_same_error',
    replace: 'if (has_no_try() && is_same_error',
    ...payments(12),
  },
  {
    name: 'capture_of_more_than_is_held',
    file: 'payments/domain/payment.cpp',
    find: 'if (minor > payment.capturable_minor) return PaymentFault::amount_over_capturable;',
    replace:
      'if (minor > payment.capturable_minor + 1) return PaymentFault::amount_over_capturable;',
    ...units('payments', '*Payment*'),
  },
  {
    name: 'fee_added_to_the_charge',
    file: 'payments/ledger/ledger.cpp',
    find: 'append(postings, account_of(charge.bucket), charge.gross - charge.fee);',
    replace: 'append(postings, account_of(charge.bucket), charge.gross + charge.fee);',
    ...payments(4),
  },
  {
    name: 'dispute_won_and_money_kept_back',
    file: 'payments/service/dispute_service.cpp',
    find: 'if (moved && dispute.status == DisputeStatus::won && holds_funds(before)) {',
    replace: 'if (moved && dispute.status == DisputeStatus::won && !holds_funds(before)) {',
    ...payments(12),
  },
  {
    name: 'dispute_lost_and_money_still_aside',
    file: 'payments/service/dispute_service.cpp',
    find: 'if (moved && dispute.status == DisputeStatus::lost) {',
    replace: 'if (moved && dispute.status == DisputeStatus::warning_closed) {',
    ...payments(12),
  },
  {
    name: 'refund_from_where_the_money_was',
    file: 'payments/service/booking.cpp',
    find: 'if (line.state == BalanceTransaction::State::available)',
    replace: 'if (line.state != BalanceTransaction::State::available)',
    ...units('payments', '*Refund*:*Balance*'),
  },
  {
    name: 'event_told_twice',
    file: 'payments/service/news_door.cpp',
    find: 'kept_back_ = announcement;',
    replace:
      'kept_back_ = announcement;\n' +
      '    if (auto told = door_.announce(transaction, announcement); !told) return told;',
    ...payments(12),
  },
  {
    name: 'late_failure_ends_the_next_try',
    file: 'payments/service/payment_news.cpp',
    find: 'if (*earlier) return Effect::already;',
    replace: '',
    ...units('payments', '*ProviderNews*'),
  },
  {
    name: 'payout_of_more_than_there_is',
    file: 'payments/service/payout_service.cpp',
    find: 'if (draft.amount.minor > spendable(*balance, draft.method))',
    replace: 'if (draft.amount.minor > spendable(*balance, draft.method) + 1)',
    ...units('payments', '*Payout*'),
  },
  {
    name: 'paid_payout_is_paid_again',
    file: 'payments/domain/payout.cpp',
    find: 'case PayoutStatus::paid: return to == PayoutStatus::failed;',
    replace: 'case PayoutStatus::paid: return true;',
    ...units('payments', '*Payout*'),
  },
  {
    name: 'yen_have_cents',
    file: 'core/money.cpp',
    find: 'if (contains(kNoDecimals, code)) return 0;',
    replace: 'if (contains(kNoDecimals, code)) return 2;',
    ...units('payments', 'Currency*:Money*'),
  },
  {
    name: 'answer_of_a_key_not_kept',
    file: 'storage/idempotency_repository.cpp',
    find: 'query.bind(Blob{row.reply});\n    return query.run();',
    replace: 'query.bind(Blob{row.reply});\n    return {};',
    ...units('storage', '*Idempoten*'),
  },
];
