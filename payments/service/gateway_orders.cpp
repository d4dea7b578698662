#include "payments/service/gateway_orders.hpp"

#include "core/assert.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/settlement.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

using Written = Result<void, StoreError>;

const PaymentGateway& gateway_of(const Work& work, const Payment& payment) {
    const PaymentGateway* gateway = work.around.gateways.find(payment.gateway);
    POSTERN_ASSERT(gateway != nullptr);
    return *gateway;
}

Owner owner_of(const GatewayOrder& order) {
    return order.payout ? order.payout->owner : order.payment.owner;
}

storage::GatewayNumber gateway_number_of(const GatewayOrder& order) {
    return order.payout ? order.payout->gateway : order.payment.gateway;
}

// When it happened is what tells news of one try from news of the next.
Written keep_messages(Work& work, const GatewayOrder& order, const GatewayAnswer& answer) {
    for (const ProviderMessage& message : answer.messages) {
        MessageRow row;
        row.gateway = gateway_number_of(order);
        row.due_at = work.now() + message.delay;
        row.message = message;
        if (row.message.event.occurred_at.empty()) {
            row.message.event.occurred_at = to_iso8601(row.due_at);
        }
        if (const Written kept = insert_message(work.transaction, row); !kept) return kept;
    }
    return {};
}

// The number of what the order is about, beside its payment.
std::int64_t object_of(const GatewayOrder& order) {
    if (order.refund) return order.refund->id.value;
    if (order.payout) return order.payout->id.value;
    return order.dispute ? order.dispute->id.value : 0;
}

Written leave_order(Work& work, const GatewayOrder& order) {
    OrderRow row{
        .id = order.id,
        .owner = work.owner,
        .gateway = gateway_number_of(order),
        .kind = order.kind,
        .payment = order.payment.id,
        .object = object_of(order),
        .minor = order.minor,
        .due_at = work.now()};
    if (const Written left = insert_order(work.transaction, row); !left) return left;
    work.orders.push_back(row.id);
    return {};
}

GatewayOrder::Challenge challenge_of(const Payment& payment) {
    const bool passed = payment.method && payment.authenticated_method == payment.method;
    return passed ? GatewayOrder::Challenge::passed : GatewayOrder::Challenge::open;
}

// Of a payment that was sent and not answered the status alone tells: charge and event follow with
// the gateway's own word. Why it is to be canceled must outlive the waiting.
Written mark_unanswered(Work& work, FullPayment& full, const GatewayOrder& order) {
    const Payment before = full.payment;
    if (order.kind == OrderKind::authorize) apply(full.payment, Processing{}, work.now());
    full.payment.cancellation_reason = order.payment.cancellation_reason;
    if (full.payment == before) return {};
    return save_payment(work, full.payment, before);
}

// The gateway knows that it was canceled; why, it has from us.
PaymentFact with_reason(const PaymentFact& fact, const GatewayOrder& order) {
    const auto* canceled = std::get_if<Canceled>(&fact);
    if (canceled == nullptr || !canceled->reason.empty()) return fact;
    return Canceled{order.payment.cancellation_reason};
}

Written take_dispute(Work& work, FullPayment& full, const std::optional<Dispute>& disputed) {
    if (!disputed) return {};
    const DisputeDraft draft{
        .gateway_dispute_id = disputed->gateway_dispute_id,
        .reason = disputed->reason,
        .minor = disputed->amount.minor == 0 ? std::nullopt : std::optional{disputed->amount.minor},
        .status = disputed->status};
    const auto opened = open_dispute(work, full.payment, draft);
    if (!opened && opened.error().store_error() != nullptr) return *opened.error().store_error();
    auto payment = find_payment(work.transaction.connection(), work.owner, full.payment.id);
    if (!payment) return payment.error();
    POSTERN_ASSERT(payment->has_value());
    auto reloaded = complete_payment(work.books(), std::move(**payment));
    if (!reloaded) return reloaded.error();
    full = std::move(*reloaded);
    return {};
}

Written take_payment_answer(
    Work& work,
    FullPayment& full,
    const GatewayOrder& order,
    const GatewayAnswer& answer
) {
    const AnswerTerms terms{
        .gateway_payment_id = answer.gateway_payment_id,
        .three_d_secure = answer.three_d_secure,
        .bucket = answer.bucket,
        .fee_minor = answer.fee_minor,
        .gateway_charge_id = answer.gateway_object_id};
    for (const PaymentFact& fact : answer.facts) {
        const auto effect = settle_fact(work, full, with_reason(fact, order), terms);
        if (!effect) return effect.error();
    }
    return take_dispute(work, full, answer.dispute);
}

Written take_refund_answer(Work& work, FullRefund& full, const GatewayAnswer& answer) {
    const bool named = !answer.gateway_object_id.empty();
    if (named) full.refund.gateway_refund_id = answer.gateway_object_id;
    if (answer.refund) {
        const auto effect = settle_refund_of(work, full, *answer.refund);
        if (!effect) return effect.error();
        if (*effect == Effect::moved) return {};
    }
    return named ? update_refund(work.transaction, full.refund) : Written{};
}

Written take_payout_answer(Work& work, PayoutId id, const GatewayAnswer& answer) {
    auto payout = find_payout(work.transaction.connection(), work.owner, id);
    if (!payout) return payout.error();
    if (!*payout) return {};
    if (!answer.gateway_object_id.empty()) {
        (*payout)->gateway_payout_id = answer.gateway_object_id;
        const Written named = update_payout(work.transaction, **payout);
        if (!named) return named;
    }
    if (!answer.payout) return {};
    const auto effect = settle_payout(work, **payout, *answer.payout);
    if (!effect) return effect.error();
    const bool is_over = answer.payout->status == PayoutStatus::canceled;
    if (!is_over || *effect != Effect::moved) return {};
    return withdraw_messages(work.transaction, {(*payout)->gateway, (*payout)->gateway_payout_id});
}

Written take_dispute_answer(Work& work, const GatewayOrder& order, const GatewayAnswer& answer) {
    if (!order.dispute || !answer.dispute) return {};
    const auto dispute = find_dispute(work.transaction.connection(), work.owner, order.dispute->id);
    if (!dispute) return dispute.error();
    if (!*dispute) return {};
    const auto effect = settle_dispute(work, **dispute, {answer.dispute->status});
    if (!effect) return effect.error();
    return {};
}

// The answer was waited for outside of any transaction: what it is about is read again.
Result<std::optional<FullPayment>, StoreError> read_again(Work& work, PaymentId id) {
    auto payment = find_payment(work.transaction.connection(), work.owner, id);
    if (!payment) return payment.error();
    if (!*payment) return std::optional<FullPayment>{};
    auto full = complete_payment(work.books(), std::move(**payment));
    if (!full) return full.error();
    return std::optional{std::move(*full)};
}

// A webhook may have settled the order, and the next try may be under way by now: then the answer
// must not be taken for that one's.
Result<bool, StoreError> is_overtaken(Work& work, const GatewayOrder& order) {
    if (order.payment.id.value == 0) return false;
    const auto open = open_orders_of(work.transaction.connection(), order.payment.id);
    if (!open) return open.error();
    const auto is_try = [](const OrderRow& row) {
        return row.kind == OrderKind::authorize;
    };
    const auto is_this = [&order](const OrderRow& row) {
        return row.id == order.id;
    };
    return order.kind == OrderKind::authorize && std::any_of(open->begin(), open->end(), is_try)
           && std::none_of(open->begin(), open->end(), is_this);
}

Written take_late_answer(Work& work, const GatewayOrder& order, const GatewayAnswer& answer) {
    if (order.payout) return take_payout_answer(work, order.payout->id, answer);
    if (order.dispute) return take_dispute_answer(work, order, answer);
    auto full = read_again(work, order.payment.id);
    if (!full) return full.error();
    if (!*full) return {};
    if (order.kind != OrderKind::refund) return take_payment_answer(work, **full, order, answer);
    if (!order.refund) return {};
    auto refund = find_refund(work.transaction.connection(), work.owner, order.refund->id);
    if (!refund) return refund.error();
    if (!*refund) return {};
    FullRefund both{std::move(**refund), std::move(**full)};
    return take_refund_answer(work, both, answer);
}

// Reads what an order's row names; an object that is gone leaves nothing to ask.
class OrderReader {
 public:
    OrderReader(const Books& books, const OrderRow& row) : books_{books}, row_{row} {}

    Result<std::optional<GatewayOrder>, StoreError> read();

 private:
    Result<bool, StoreError> read_payment(GatewayOrder& order);
    Result<bool, StoreError> read_object(GatewayOrder& order);
    template <class Found, class Target>
    Result<bool, StoreError> take(Found found, Target& target) {
        if (!found) return found.error();
        if (!*found) return false;
        target = std::move(**found);
        return true;
    }

    const Books& books_;
    const OrderRow& row_;
};

Result<bool, StoreError> OrderReader::read_payment(GatewayOrder& order) {
    if (row_.payment.value == 0) return true;
    auto& connection = books_.connection;
    auto found = take(find_payment(connection, row_.owner, row_.payment), order.payment);
    if (!found || !*found || !order.payment.method) return found;
    return take(find_payment_method(connection, row_.owner, *order.payment.method), order.method);
}

Result<bool, StoreError> OrderReader::read_object(GatewayOrder& order) {
    auto& connection = books_.connection;
    switch (row_.kind) {
        case OrderKind::refund:
            return take(find_refund(connection, row_.owner, RefundId{row_.object}), order.refund);
        case OrderKind::payout:
        case OrderKind::payout_cancel:
            return take(find_payout(connection, row_.owner, PayoutId{row_.object}), order.payout);
        case OrderKind::evidence:
        case OrderKind::dispute_close:
            return take(
                find_dispute(connection, row_.owner, DisputeId{row_.object}), order.dispute
            );
        case OrderKind::authorize:
        case OrderKind::capture:
        case OrderKind::cancel:
        case OrderKind::complete: return true;
    }
    return true;
}

Result<std::optional<GatewayOrder>, StoreError> OrderReader::read() {
    GatewayOrder order{
        .id = row_.id, .kind = row_.kind, .minor = row_.minor, .now = row_.created_at};
    const auto payment = read_payment(order);
    if (!payment) return payment.error();
    order.challenge = challenge_of(order.payment);
    const auto object = read_object(order);
    if (!object) return object.error();
    if (!*payment || !*object) return std::optional<GatewayOrder>{};
    return std::optional{std::move(order)};
}

}  // namespace

Result<void, StoreError> ask_about_payment(Work& work, FullPayment& full, const Asking& asking) {
    GatewayOrder order{
        .id = OrderId{work.transaction.next_id()},
        .kind = asking.kind,
        .payment = full.payment,
        .method = full.method,
        .challenge = challenge_of(full.payment),
        .minor = asking.minor,
        .now = work.now()};
    if (asking.kind == OrderKind::cancel) order.payment.cancellation_reason = asking.reason;
    const auto answer = gateway_of(work, full.payment).gateway->answer_at_once(order);
    if (!answer) {
        const Written marked = mark_unanswered(work, full, order);
        return marked ? leave_order(work, order) : marked;
    }
    const Written taken = take_payment_answer(work, full, order, *answer);
    return taken ? keep_messages(work, order, *answer) : taken;
}

Result<void, StoreError> ask_about_refund(Work& work, FullRefund& full) {
    const GatewayOrder order{
        .id = OrderId{work.transaction.next_id()},
        .kind = OrderKind::refund,
        .payment = full.payment.payment,
        .method = full.payment.method,
        .minor = full.refund.amount.minor,
        .refund = full.refund,
        .now = work.now()};
    const auto answer = gateway_of(work, order.payment).gateway->answer_at_once(order);
    if (!answer) return leave_order(work, order);
    const Written taken = take_refund_answer(work, full, *answer);
    return taken ? keep_messages(work, order, *answer) : taken;
}

Result<void, StoreError> ask_about_payout(Work& work, const Payout& payout, OrderKind kind) {
    const GatewayOrder order{
        .id = OrderId{work.transaction.next_id()},
        .kind = kind,
        .minor = payout.amount.minor,
        .payout = payout,
        .now = work.now()};
    const PaymentGateway* gateway = work.around.gateways.find(payout.gateway);
    POSTERN_ASSERT(gateway != nullptr);
    const auto answer = gateway->gateway->answer_at_once(order);
    if (!answer) return leave_order(work, order);
    const Written taken = take_payout_answer(work, payout.id, *answer);
    return taken ? keep_messages(work, order, *answer) : taken;
}

Result<void, StoreError> ask_about_dispute(Work& work, const Disputed& disputed, OrderKind kind) {
    const GatewayOrder order{
        .id = OrderId{work.transaction.next_id()},
        .kind = kind,
        .payment = disputed.payment,
        .minor = disputed.dispute.amount.minor,
        .dispute = disputed.dispute,
        .now = work.now()};
    const auto answer = gateway_of(work, disputed.payment).gateway->answer_at_once(order);
    if (!answer) return leave_order(work, order);
    const Written taken = take_dispute_answer(work, order, *answer);
    return taken ? keep_messages(work, order, *answer) : taken;
}

Result<bool, StoreError> is_asked(const Work& work, const OpenQuestion& question) {
    const auto open = open_orders_of(work.transaction.connection(), question.payment);
    if (!open) return open.error();
    return std::any_of(open->begin(), open->end(), [&question](const OrderRow& row) {
        return row.kind == question.kind && row.object == question.object;
    });
}

// An order knows whose it is, and whoever carries answers need not.
Result<void, StoreError>
settle_order(Work& work, const GatewayOrder& order, const GatewayAnswer& answer) {
    work.owner = owner_of(order);
    const auto overtaken = is_overtaken(work, order);
    if (!overtaken) return overtaken.error();
    if (*overtaken) return {};
    if (const Written taken = take_late_answer(work, order, answer); !taken) return taken;
    if (const Written kept = keep_messages(work, order, answer); !kept) return kept;
    return delete_order(work.transaction, order.id);
}

Result<std::optional<GatewayOrder>, StoreError> load_order(const Books& books, OrderId id) {
    const auto row = find_order(books.connection, id);
    if (!row) return row.error();
    if (!*row) return std::optional<GatewayOrder>{};
    return OrderReader{books, **row}.read();
}

}  // namespace postern::payments
