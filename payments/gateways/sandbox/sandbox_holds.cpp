#include "payments/gateways/sandbox/sandbox_holds.hpp"

#include "payments/gateways/sandbox/sandbox_answers.hpp"
#include "payments/gateways/sandbox/sandbox_kind.hpp"
#include "payments/records/lookups.hpp"
#include "payments/service/payment_service.hpp"

#include <utility>

namespace postern::payments {
namespace {

// What Stripe says of a hold that ran out.
constexpr std::string_view kReason = "automatic";

Result<bool, StoreError> is_left_alone(const Work& work, PaymentId id) {
    const auto orders = open_orders_of(work.transaction.connection(), id);
    if (!orders) return orders.error();
    return orders->empty();
}

Result<void, StoreError> expire(Work& work, const FullPayment& held) {
    const PaymentGateway* gateway = work.around.gateways.find(held.payment.gateway);
    const auto kind = sandbox_kind_of(gateway->kind);
    GatewayOrder order{
        .id = OrderId{work.transaction.next_id()},
        .kind = OrderKind::cancel,
        .payment = held.payment,
        .method = held.method,
        .minor = held.payment.capturable_minor,
        .now = work.now()};
    order.payment.cancellation_reason = kReason;
    const SandboxAnswers answers{
        *kind, {.public_url = work.around.public_url, .ids = work.around.ids}};
    return settle_order(work, order, answers.answer(order));
}

}  // namespace

Result<std::vector<PaymentId>, StoreError> expired_holds(const Books& books, std::size_t rows_max) {
    std::vector<PaymentId> expired;
    for (const PaymentGateway& gateway : books.around.gateways.all()) {
        const bool plays = gateway.mode == PaymentGateway::Mode::sandbox;
        if (!plays || !sandbox_kind_of(gateway.kind)) continue;
        const auto held = payments_held(
            books.connection,
            {.gateway = gateway.number, .at = books.now - kHoldLives, .rows_max = rows_max}
        );
        if (!held) return held.error();
        expired.insert(expired.end(), held->begin(), held->end());
    }
    return expired;
}

Result<std::size_t, StoreError> expire_holds(Work& work, std::size_t rows_max) {
    const auto expired = expired_holds(work.books(), rows_max);
    if (!expired) return expired.error();
    std::size_t done = 0;
    for (const PaymentId id : *expired) {
        const auto alone = is_left_alone(work, id);
        if (!alone) return alone.error();
        auto payment = find_anyones_payment(work.transaction.connection(), id);
        if (!payment) return payment.error();
        if (!*alone || !*payment) continue;
        work.owner = (*payment)->owner;
        auto full = complete_payment(work.books(), std::move(**payment));
        if (!full) return full.error();
        if (const auto ended = expire(work, *full); !ended) return ended.error();
        ++done;
    }
    return done;
}

}  // namespace postern::payments
