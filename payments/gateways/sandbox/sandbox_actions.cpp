#include "payments/gateways/sandbox/sandbox_actions.hpp"

namespace postern::payments {
namespace {

SandboxAnswers answers_for(const FullAction& action, const Surroundings& around) {
    return {action.kind, {.public_url = around.public_url, .ids = around.ids}};
}

// The order that led to the page has the action's number.
GatewayOrder order_of(const FullAction& action, TimePoint now) {
    return {
        .id = OrderId{action.row.id.value},
        .kind = OrderKind::complete,
        .payment = action.payment.payment,
        .method = action.payment.method,
        .minor = action.payment.payment.amount.minor,
        .now = now};
}

bool is_awaited(const FullAction& action) {
    const Payment& payment = action.payment.payment;
    return payment.status == PaymentStatus::requires_action && payment.next_action
           && payment.next_action->id == action.row.id;
}

ActionRow::State state_after(ActionOutcome outcome) {
    return outcome == ActionOutcome::succeeded ? ActionRow::State::approved
                                               : ActionRow::State::declined;
}

}  // namespace

Result<std::optional<FullAction>, StoreError>
load_action(storage::Connection& connection, const Surroundings& around, ActionId id) {
    const auto row = find_action(connection, id);
    if (!row) return row.error();
    if (!*row) return std::optional<FullAction>{};
    auto payment = find_payment(connection, (*row)->owner, (*row)->payment);
    if (!payment) return payment.error();
    if (!*payment) return std::optional<FullAction>{};
    const PaymentGateway* gateway = around.gateways.find((*payment)->gateway);
    if (gateway == nullptr || gateway->mode != PaymentGateway::Mode::sandbox) {
        return std::optional<FullAction>{};
    }
    const auto kind = sandbox_kind_of(gateway->kind);
    if (!kind) return std::optional<FullAction>{};
    const Books books{connection, around, (*row)->owner, {}};  // nothing is shown of them
    auto full = complete_payment(books, std::move(**payment));
    if (!full) return full.error();
    return std::optional{FullAction{.row = **row, .payment = std::move(*full), .kind = *kind}};
}

ActionStanding standing_of(const FullAction& action, TimePoint now) {
    const bool open = action.row.state == ActionRow::State::open;
    const bool in_time = now < action.row.expires_at;
    if (open && is_awaited(action)) {
        return in_time ? ActionStanding::waiting : ActionStanding::expired;
    }
    const bool used = action.row.state == ActionRow::State::approved
                      || action.row.state == ActionRow::State::declined;
    return used || in_time ? ActionStanding::over : ActionStanding::expired;
}

Result<FullPayment, StoreError>
decide_action(Work& work, const FullAction& action, ActionOutcome outcome) {
    work.owner = action.row.owner;
    const auto closed = close_action(work.transaction, action.row.id, state_after(outcome));
    if (!closed) return closed.error();
    const GatewayOrder order = order_of(action, work.now());
    const GatewayAnswer answer = answers_for(action, work.around).after_action(order, outcome);
    const auto settled = settle_order(work, order, answer);
    if (!settled) return settled.error();
    auto payment = find_payment(work.transaction.connection(), work.owner, action.row.payment);
    if (!payment) return payment.error();
    if (!*payment) return StoreError::failed;
    return complete_payment(work.books(), std::move(**payment));
}

Result<void, StoreError> expire_action(Work& work, const FullAction& action) {
    work.owner = action.row.owner;
    const auto closed = close_action(work.transaction, action.row.id, ActionRow::State::expired);
    if (!closed) return closed.error();
    if (!is_awaited(action)) return {};
    const GatewayOrder order = order_of(action, work.now());
    const GatewayAnswer answer = answers_for(action, work.around).after_expiry(order);
    return settle_order(work, order, answer);
}

Result<std::size_t, StoreError> expire_actions(Work& work, std::size_t rows_max) {
    auto& connection = work.transaction.connection();
    const auto rows = expired_actions(connection, work.now(), rows_max);
    if (!rows) return rows.error();
    for (const ActionRow& row : *rows) {
        const auto action = load_action(connection, work.around, row.id);
        if (!action) return action.error();
        // Nobody can come back to what cannot be loaded; it must not be met again either.
        if (!*action) {
            const auto closed = close_action(work.transaction, row.id, ActionRow::State::expired);
            if (!closed) return closed.error();
            continue;
        }
        const auto expired = expire_action(work, **action);
        if (!expired) return expired.error();
    }
    return rows->size();
}

}  // namespace postern::payments
