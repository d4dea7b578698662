#include "tests/scenario/payments_world.hpp"

#include "payments/gateways/sandbox/sandbox_actions.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/service/provider_news.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace postern::payments::scenario {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kStepsLeast = 60;
constexpr std::int64_t kStepsMore = 120;
constexpr int kRoundsToRestMax = 400;
constexpr std::size_t kRowsAtOnce = 1'000;
constexpr seconds kAskedAgainAfter{90};  // as the daemon does

}  // namespace

WorldResult PaymentsWorld::run() {
    const std::int64_t steps = kStepsLeast + random_.below(kStepsMore);
    for (std::int64_t i = 0; i < steps && !result_.violation; ++i) {
        step();
        if (!result_.violation) check_step();
    }
    if (!result_.violation) come_to_rest();
    if (!result_.violation) check_end();
    result_.payments = house_.number("SELECT COUNT(*) FROM payments");
    result_.told = static_cast<std::int64_t>(house_.door.told.size());
    return result_;
}

void PaymentsWorld::step() {
    ++result_.steps;
    switch (random_.below(10)) {
        case 0:
        case 1:
        case 2:
            if (!mail_.empty()) {
                deliver(
                    static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(mail_.size())))
                );
            }
            return;
        case 3: ask_order(); return;
        case 4:
            if (!late_answers_.empty()) {
                const LateAnswer late = late_answers_.back();
                late_answers_.pop_back();
                take_answer(late);
            }
            return;
        case 5:
            pass(random_.one_in(12) ? hours{50} : random_.within({seconds{1}, minutes{20}}));
            return;
        default: command(); return;
    }
}

// No more commands, crashes or losses: what is under way comes to its end.
void PaymentsWorld::come_to_rest() {
    weather_ = Weather::good;
    for (int round = 0; round < kRoundsToRestMax && !result_.violation; ++round) {
        if (is_at_rest()) return;
        while (!late_answers_.empty()) {
            const LateAnswer late = late_answers_.back();
            late_answers_.pop_back();
            take_answer(late);
        }
        for (std::size_t i = 0; i < 4; ++i) ask_order();
        while (!mail_.empty()) deliver(0);
        pass(minutes{2});
        check_step();
    }
    if (!result_.violation) violate("the world never comes to rest", "");
}

bool PaymentsWorld::is_at_rest() {
    collect_mail();
    return mail_.empty() && late_answers_.empty()
           && house_.number("SELECT COUNT(*) FROM gateway_orders") == 0
           && house_.number("SELECT COUNT(*) FROM sandbox_actions WHERE state = 0") == 0;
}

void PaymentsWorld::pass(Microseconds time) {
    house_.clock.at += time;
    do_what_is_due();
}

void PaymentsWorld::do_what_is_due() {
    must("expire actions", [](Work& work) { return expire_actions(work, kRowsAtOnce); });
    must("settle", [](Work& work) { return settle_due(work, kRowsAtOnce); });
}

// What sandboxes leave in the store is on its way as soon as it is committed.
void PaymentsWorld::collect_mail() {
    const TimePoint ever = house_.clock.at + hours{24 * 365};
    const auto rows = due_messages(house_.connection(), ever, kRowsAtOnce);
    if (!rows) return violate("store error", "messages");
    if (rows->empty()) return;
    const auto taken =
        house_.work(House::Fate::commits, [&rows](Work& work) -> Result<void, StoreError> {
            for (const MessageRow& row : *rows) {
                const auto gone = delete_message(work.transaction, row.id);
                if (!gone) return gone;
            }
            return {};
        });
    if (!taken) return violate("store error", "messages");
    for (const MessageRow& row : *rows) {
        mail_.push_back({row.gateway, row.due_at, row.message.event});
    }
}

// Early letters are late ones of another order; some come twice, some are lost and sent again.
void PaymentsWorld::deliver(std::size_t index) {
    const bool bad = weather_ == Weather::bad;
    Letter letter = mail_[index];
    if (letter.due_at > house_.clock.at) {
        if (bad) return;
        house_.clock.at = letter.due_at;
    }
    if (bad && random_.one_in(8)) {
        mail_[index].due_at = house_.clock.at + random_.within({seconds{1}, minutes{30}});
        return note("lost", std::string{to_text(letter.event.type)});
    }
    const bool comes_again = bad && random_.one_in(4);
    if (!comes_again) mail_.erase(mail_.begin() + static_cast<std::ptrdiff_t>(index));
    hear(letter);
}

// As the daemon does with a webhook of its own receiver: what moved something is told by the
// webhook's event, what was told before is linked to what told it.
void PaymentsWorld::hear(const Letter& letter) {
    ++result_.heard;
    bool nobodys = false;
    const auto run = [&](Work& work) -> Result<void, StoreError> {
        auto effect = take_provider_news(work, {letter.gateway, letter.event});
        if (!effect) return effect.error();
        nobodys = !*effect;
        if (nobodys || (*effect)->effect == Effect::stale) return {};
        const bool already = (*effect)->effect == Effect::already;
        if (already && (*effect)->told_before) return {};
        if (!already && (*effect)->object.empty()) return {};
        Announcement own;
        own.owner = (*effect)->owner;
        own.type = letter.event.type;
        own.subject = (*effect)->subject;
        own.gateway = letter.gateway;
        const auto kept = house_.door.announce(work.transaction, own);
        if (!kept) return kept.error();
        return {};
    };
    const auto [fate, done] = must(to_text(letter.event.type), run);
    if (done && nobodys)
        violate("news about nothing of ours", std::string{to_text(letter.event.type)});
    // The receiver answered nothing, so the provider sends it again.
    if (fate == House::Fate::crashes) mail_.push_back(letter);
}

void PaymentsWorld::ask_order() {
    const auto due = due_orders(house_.connection(), house_.clock.at, kRowsAtOnce);
    if (!due) return violate("store error", "orders");
    for (const OrderRow& row : *due) {
        const bool under_way =
            std::any_of(late_answers_.begin(), late_answers_.end(), [&row](const LateAnswer& late) {
                return late.order == row.id;
            });
        if (!under_way) return ask(row);
    }
}

void PaymentsWorld::ask(const OrderRow& row) {
    const auto [fate, postponed] = must("postpone", [&](Work& work) {
        return postpone_order(work.transaction, row.id, house_.clock.at + kAskedAgainAfter);
    });
    if (fate == House::Fate::crashes) return;
    const auto order = load_order(house_.books(), row.id);
    if (!order) return violate("store error", "order");
    if (!*order) return violate("an order is about nothing", "");
    const bool bad = weather_ == Weather::bad;
    if (bad && random_.one_in(8)) return note("ask", "never arrived");
    Provider::Done done = house_.provider.carry_out(**order);
    for (ProviderMessage& message : done.messages) {
        const TimePoint due_at = house_.clock.at + message.delay;
        if (message.event.occurred_at.empty()) message.event.occurred_at = to_iso8601(due_at);
        mail_.push_back({row.gateway, due_at, std::move(message.event)});
    }
    if (bad && random_.one_in(8)) return note("ask", "the answer is lost");
    const LateAnswer late{row.id, std::move(done.answer)};
    if (bad && random_.one_in(3)) {
        late_answers_.push_back(late);
        return note("ask", "the answer is late");
    }
    take_answer(late);
}

void PaymentsWorld::take_answer(const LateAnswer& late) {
    must("answer", [&](Work& work) -> Result<void, StoreError> {
        const auto row = find_order(work.transaction.connection(), late.order);
        if (!row) return row.error();
        if (!*row) return {};  // a webhook told it before
        work.owner = (*row)->owner;
        const auto order = load_order(work.books(), late.order);
        if (!order) return order.error();
        if (!*order) return {};
        return settle_order(work, **order, late.answer);
    });
}

House::Fate PaymentsWorld::any_fate() {
    const bool crashes = weather_ == Weather::bad && random_.one_in(40);
    return crashes ? House::Fate::crashes : House::Fate::commits;
}

// What was only in memory is gone.
void PaymentsWorld::crash() {
    ++result_.crashes;
    late_answers_.clear();
}

std::optional<std::int64_t> PaymentsWorld::any(const std::string& sql) {
    const auto found = house_.numbers(sql);
    if (found.empty()) return std::nullopt;
    return random_.pick(found);
}

void PaymentsWorld::note(std::string_view what, const std::string& detail) {
    if (printing_ == Printing::off) return;
    std::printf(
        "%5lld  %.*s  %s\n",
        static_cast<long long>(result_.steps),
        static_cast<int>(what.size()),
        what.data(),
        detail.c_str()
    );
}

void PaymentsWorld::violate(std::string_view what, const std::string& detail) {
    if (result_.violation) return;
    result_.violation = "step " + std::to_string(result_.steps) + ": ";
    *result_.violation += what;
    if (!detail.empty()) {
        *result_.violation += ": ";
        *result_.violation += detail;
    }
}

}  // namespace postern::payments::scenario
