#include "daemon/payment_house.hpp"

#include "core/log.hpp"
#include "daemon/blocking_read.hpp"
#include "payments/gateways/sandbox/sandbox_actions.hpp"
#include "payments/gateways/sandbox/sandbox_holds.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/service/balance_service.hpp"
#include "storage/meta_repository.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::daemon {

namespace {

constexpr std::chrono::seconds kRoundEvery{5};
constexpr std::chrono::minutes kCountBooksEvery{1};
constexpr std::size_t kRowsAtOnce = 200;
constexpr std::string_view kPayoutDay = "payout_day";
constexpr std::size_t kDayCharacters = 10;  // "2026-01-28"

std::string day_of(TimePoint at) {
    return to_iso8601(at).substr(0, kDayCharacters);
}

}  // namespace

PaymentHouse::PaymentHouse(Parts parts)
    : parts_{parts},
      books_{parts.metrics.gauge(
          {"postern_ledger_books", "Books that are kept: one an account, mode and currency"}
      )},
      unbalanced_books_{parts.metrics.gauge(
          {"postern_ledger_unbalanced_books", "Books whose balances do not add up to zero"}
      )} {}

PaymentHouse::~PaymentHouse() {
    stop();
}

void PaymentHouse::start() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = false;
    }
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

void PaymentHouse::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    // Where another node counts from here on, an old count would be believed for ever.
    books_.set(0);
    unbalanced_books_.set(0);
    count_books_at_ = {};
}

PaymentWork PaymentHouse::guarded(PaymentWork work) const {
    if (!parts_.guard) return work;
    return [this, work = std::move(work)](payments::Work& unit) -> StoreResult {
        if (const StoreResult agreed = parts_.guard(unit.transaction); !agreed) return agreed;
        return work(unit);
    };
}

bool PaymentHouse::is_stopping() {
    const std::lock_guard lock{mutex_};
    return stopping_;
}

void PaymentHouse::run_thread() {
    for (;;) {
        if (!keep() && !is_stopping()) log::warn("payments.round_failed");
        std::unique_lock lock{mutex_};
        if (wake_.wait_for(lock, kRoundEvery, [this] { return stopping_; })) return;
    }
}

bool PaymentHouse::keep() {
    const Chore settling{
        .is_due = [](storage::Connection& connection, TimePoint now) -> IsDue {
            const auto lines = payments::due_balance_transactions(connection, now, 1);
            if (!lines) return lines.error();
            return !lines->empty();
        },
        .step =
            [](payments::Work& work) {
                return payments::settle_due(work, kRowsAtOnce);
            }};
    const Chore expiring{
        .is_due = [](storage::Connection& connection, TimePoint now) -> IsDue {
            const auto actions = payments::expired_actions(connection, now, 1);
            if (!actions) return actions.error();
            return !actions->empty();
        },
        .step =
            [](payments::Work& work) {
                return payments::expire_actions(work, kRowsAtOnce);
            }};
    const Chore letting_go{
        .is_due = [this](storage::Connection& connection, TimePoint now) -> IsDue {
            const payments::Surroundings& everything = parts_.surroundings.everything();
            const auto holds = payments::expired_holds({connection, everything, {}, now}, 1);
            if (!holds) return holds.error();
            return !holds->empty();
        },
        .step =
            [](payments::Work& work) {
                return payments::expire_holds(work, kRowsAtOnce);
            }};
    return do_all(settling) && do_all(expiring) && do_all(letting_go) && pay_out() && count_books();
}

// Looks through a reader first: while nothing is due, the writer is left alone. A step that does
// nothing ends it too, or what cannot be done would be tried for ever.
bool PaymentHouse::do_all(const Chore& chore) {
    while (!is_stopping()) {
        bool due = false;
        const TimePoint now = parts_.clock.now();
        const ReadWork look = [&chore, &due, now](storage::Connection& connection) -> StoreResult {
            const IsDue found = chore.is_due(connection, now);
            if (!found) return found.error();
            due = *found;
            return {};
        };
        if (!read_and_wait(parts_.store.store.readers, look)) return false;
        if (!due) return true;
        std::size_t done = 0;
        const auto work = [&chore, &done](payments::Work& unit) -> StoreResult {
            const auto made = chore.step(unit);
            if (!made) return made.error();
            done = *made;
            return {};
        };
        if (!write_payments(parts_.store, parts_.surroundings.everything(), guarded(work))) {
            return false;
        }
        if (done == 0) return true;
    }
    return true;
}

// Once a day, whether or not this process was there when the day began: the day is kept when all
// its payouts were made. Whoever was paid out before a crash has nothing left to be paid twice.
bool PaymentHouse::pay_out() {
    if (parts_.payouts == config::PayoutSchedule::manual) return true;
    std::optional<std::string> last;
    const ReadWork look = [&last](storage::Connection& connection) -> StoreResult {
        auto found = storage::find_meta(connection, kPayoutDay);
        if (!found) return found.error();
        last = std::move(*found);
        return {};
    };
    if (!read_and_wait(parts_.store.store.readers, look)) return false;
    const std::string today = day_of(parts_.clock.now());
    if (last == today) return true;
    if (!pay_out_all()) return false;
    const auto note = [&today](payments::Work& work) -> StoreResult {
        return storage::put_meta(work.transaction, kPayoutDay, storage::Blob{today});
    };
    return write_payments(parts_.store, parts_.surroundings.everything(), guarded(note))
        .has_value();
}

// One transaction for each owner and currency, with the gateways that may move this owner's money.
// False: not all of them had their turn.
bool PaymentHouse::pay_out_all() {
    payments::AvailableQuestion question{.minor_min = payments::kAmountMinorMin};
    std::vector<payments::AvailableMoney> rich;
    const ReadWork look = [&question, &rich](storage::Connection& connection) -> StoreResult {
        auto found = payments::owners_with_available(connection, question, kRowsAtOnce);
        if (!found) return found.error();
        rich = std::move(*found);
        return {};
    };
    do {
        if (!read_and_wait(parts_.store.store.readers, look)) return false;
        for (const payments::AvailableMoney& one : rich) {
            if (is_stopping()) return false;
            const auto work = [&one](payments::Work& unit) {
                return payments::make_scheduled_payout(unit, one.owner, one.money.currency);
            };
            if (!write_payments(parts_.store, parts_.surroundings.of(one.owner), guarded(work))) {
                return false;
            }
        }
        if (!rich.empty()) question.after = rich.back();
    } while (!rich.empty());
    return true;
}

// Only the sums are read, so that it costs little however long the books are. `postern check`
// reads every entry.
bool PaymentHouse::count_books() {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now < count_books_at_) return true;
    payments::BookCount count;
    const ReadWork look = [&count](storage::Connection& connection) -> StoreResult {
        const auto counted = payments::count_books(connection);
        if (!counted) return counted.error();
        count = *counted;
        return {};
    };
    if (!read_and_wait(parts_.store.store.readers, look)) return false;
    books_.set(static_cast<double>(count.books));
    unbalanced_books_.set(static_cast<double>(count.unbalanced));
    if (count.unbalanced > 0) log::error("ledger.unbalanced", {{"books", count.unbalanced}});
    count_books_at_ = now + kCountBooksEvery;
    return true;
}

}  // namespace postern::daemon
