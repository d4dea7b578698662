#include "tests/scenario/payments_provider.hpp"

#include "core/assert.hpp"
#include "core/money.hpp"

#include <utility>

namespace postern::payments::scenario {
namespace {

// Everything that asks a provider for money that is not there, or no more, is told how it stands.
GatewayAnswer standing(PaymentFact fact) {
    GatewayAnswer answer;
    answer.facts.push_back(std::move(fact));
    return answer;
}

}  // namespace

std::optional<GatewayAnswer> Provider::refusal(const GatewayOrder& order) const {
    const AtProvider* known = find(order.payment.id);
    if (known == nullptr) return std::nullopt;
    const bool about_money = order.kind == OrderKind::authorize || order.kind == OrderKind::capture
                             || order.kind == OrderKind::cancel;
    if (!about_money) return std::nullopt;
    if (known->canceled == AtProvider::Canceled::yes) return standing(Canceled{});
    if (known->captured_minor > 0) return standing(Captured{known->captured_minor});
    return std::nullopt;
}

void Provider::remember(const GatewayOrder& order, const GatewayAnswer& answer) {
    AtProvider& known = payments_[order.payment.id];
    for (const PaymentFact& fact : answer.facts) {
        if (const auto* captured = std::get_if<Captured>(&fact)) {
            known.captured_minor = captured->minor;
        }
        if (std::holds_alternative<Canceled>(fact)) known.canceled = AtProvider::Canceled::yes;
    }
    // What it will do by itself, as with a bank's debit, is only in what it will say.
    for (const ProviderMessage& message : answer.messages) {
        const bool taken = message.event.type == EventType::payment_succeeded
                           || message.event.type == EventType::payment_captured;
        const auto minor = minor_units(message.event.amount, message.event.currency);
        if (taken && minor) known.captured_minor = *minor;
    }
}

Provider::Done Provider::carry_out(const GatewayOrder& order) {
    const auto before = answers_.find(order.id);
    if (before != answers_.end()) return {before->second, {}};
    auto answer = refusal(order);
    if (!answer) answer = words_->answer_at_once(order);
    POSTERN_ASSERT(answer.has_value());
    remember(order, *answer);
    Done done{std::move(*answer), {}};
    done.messages = std::exchange(done.answer.messages, {});
    answers_.emplace(order.id, done.answer);
    return done;
}

void Provider::correct(PaymentId payment, std::int64_t captured_minor) {
    payments_[payment].captured_minor = captured_minor;
}

const AtProvider* Provider::find(PaymentId payment) const {
    const auto found = payments_.find(payment);
    return found == payments_.end() ? nullptr : &found->second;
}

}  // namespace postern::payments::scenario
