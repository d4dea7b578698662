#include "payments/gateways/sandbox/sandbox_desk.hpp"

#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/replies.hpp"
#include "payments/gateways/sandbox/sandbox_deeds.hpp"
#include "payments/views/rcommerce_objects.hpp"

#include <array>

namespace postern::payments {
namespace {

using namespace rcommerce;

constexpr std::string_view kDisputeReasons[] = {
    "fraudulent",
    "duplicate",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "credit_not_processed",
    "unrecognized",
    "general"};
constexpr std::string_view kDisputeOutcomes[] = {"won", "lost"};
constexpr std::string_view kPayoutFailures[] = {
    "account_closed",
    "account_frozen",
    "bank_account_restricted",
    "could_not_process",
    "insufficient_funds",
    "invalid_account_number",
    "no_account"};
constexpr std::string_view kRefundFailures[] = {
    "expired_or_canceled_card",
    "lost_or_stolen_card",
    "declined",
    "insufficient_funds",
    "unknown"};

// A live key must not reach any of this, whatever it asks for.
std::optional<HttpReply> refuse_live(const Call& call) {
    if (call.caller.owner.livemode == storage::Livemode::test) return std::nullopt;
    const bool chinese = call.language == Language::chinese;
    return rc_error(
        audience_of(call),
        {.code = ErrorCode::forbidden,
         .message = chinese ? "沙盒操作仅限测试模式。" : "The sandbox is for test mode only."}
    );
}

HttpReply missing_reply(const Call& call, ErrorCode code) {
    return rc_error(audience_of(call), {.code = code});
}

struct Answer {
    Audience audience;
    int status = kOk;
};

Reply dispute_reply(const Answer& answer, const Books& books, const Done<Dispute>& dispute) {
    if (!dispute) return rc_refusal(answer.audience, dispute.error());
    const auto payment = find_payment(books.connection, books.owner, dispute->payment);
    if (!payment) return payment.error();
    std::string body;
    JsonWriter writer{body};
    append_rc_dispute(writer, books.around, *dispute, *payment ? **payment : Payment{});
    return rc_json(answer.audience, answer.status, std::move(body));
}

Plan post_dispute(const Call& call) {
    if (auto refusal = refuse_live(call)) return std::move(*refusal);
    Body body{call};
    body.require("payment_id");
    const auto spelled = body.text("payment_id");
    std::optional<PaymentId> payment;
    if (spelled) {
        payment = read_id<PaymentId>(call.around.ids, *spelled);
        if (!payment) body.refuse({.code = ErrorCode::payment_not_found});
    }
    DisputeWish wish;
    wish.decimal = body.amount_text();
    wish.reason = body.word("reason", kDisputeReasons).value_or("fraudulent");
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    wish.payment = *payment;
    const Answer answer{.audience = audience_of(call), .status = kCreated};
    plan.run = [wish, answer](Work& work) -> Reply {
        const auto dispute = dispute_by_sandbox(work, wish);
        return dispute_reply(answer, work.books(), dispute);
    };
    return plan;
}

Plan post_resolve(const Call& call) {
    if (auto refusal = refuse_live(call)) return std::move(*refusal);
    const auto id = read_id<DisputeId>(call.around.ids, call.path.front());
    if (!id) return missing_reply(call, ErrorCode::dispute_not_found);
    Body body{call};
    body.require("outcome");
    const auto outcome = body.word("outcome", kDisputeOutcomes);
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    const DisputeStatus status = outcome == "won" ? DisputeStatus::won : DisputeStatus::lost;
    plan.run = [id = *id, status, answer = Answer{.audience = audience_of(call)}](Work& work
               ) -> Reply {
        const auto dispute = resolve_by_sandbox(work, id, status);
        return dispute_reply(answer, work.books(), dispute);
    };
    return plan;
}

Plan post_settle(const Call& call) {
    if (auto refusal = refuse_live(call)) return std::move(*refusal);
    Body body{call};
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    plan.run = [audience = audience_of(call)](Work& work) -> Reply {
        const auto settlement = settle_by_sandbox(work);
        if (!settlement) return settlement.error();
        std::string text;
        JsonWriter writer{text};
        writer.begin_object();
        writer.member_integer("settled", settlement->lines);
        writer.member_boolean("more", settlement->rest == SandboxSettlement::Rest::some);
        writer.key("balance");
        append_rc_balance(writer, settlement->balances);
        writer.end_object();
        return rc_json(audience, kOk, std::move(text));
    };
    return plan;
}

Plan post_payout_end(const Call& call, PayoutStatus status) {
    if (auto refusal = refuse_live(call)) return std::move(*refusal);
    const auto id = read_id<PayoutId>(call.around.ids, call.path.front());
    if (!id) return missing_reply(call, ErrorCode::not_found);
    Body body{call};
    PayoutFact fact{.status = status};
    if (status == PayoutStatus::failed) {
        fact.failure_code = body.word("failure_code", kPayoutFailures).value_or("account_closed");
    }
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    plan.run = [id = *id, fact, audience = audience_of(call)](Work& work) -> Reply {
        const auto payout = end_payout_by_sandbox(work, id, fact);
        if (!payout) return rc_refusal(audience, payout.error());
        std::string text;
        JsonWriter writer{text};
        append_rc_payout(writer, work.around, *payout);
        return rc_json(audience, kOk, std::move(text));
    };
    return plan;
}

Plan post_payout_fail(const Call& call) {
    return post_payout_end(call, PayoutStatus::failed);
}

Plan post_payout_pay(const Call& call) {
    return post_payout_end(call, PayoutStatus::paid);
}

Plan post_refund_end(const Call& call, RefundStatus status) {
    if (auto refusal = refuse_live(call)) return std::move(*refusal);
    const auto id = read_id<RefundId>(call.around.ids, call.path.front());
    if (!id) return missing_reply(call, ErrorCode::not_found);
    Body body{call};
    RefundFact fact{.status = status};
    if (status == RefundStatus::failed) {
        fact.failure_reason =
            body.word("failure_reason", kRefundFailures).value_or("expired_or_canceled_card");
    }
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    plan.run = [id = *id, fact, audience = audience_of(call)](Work& work) -> Reply {
        const auto full = end_refund_by_sandbox(work, id, fact);
        if (!full) return rc_refusal(audience, full.error());
        std::string text;
        JsonWriter writer{text};
        append_rc_refund(writer, work.around, full->refund, full->payment.payment);
        return rc_json(audience, kOk, std::move(text));
    };
    return plan;
}

Plan post_refund_fail(const Call& call) {
    return post_refund_end(call, RefundStatus::failed);
}

Plan post_refund_succeed(const Call& call) {
    return post_refund_end(call, RefundStatus::succeeded);
}

constexpr Route desk_route(std::string_view pattern, Endpoint plan) {
    return {
        .method = "POST",
        .pattern = pattern,
        .needs = Needs::writing,
        .dialect = Dialect::rcommerce,
        .plan = plan};
}

constexpr std::array kRoutes = {
    desk_route("/api/v2/sandbox/disputes", post_dispute),
    desk_route("/api/v2/sandbox/disputes/{id}/resolve", post_resolve),
    desk_route("/api/v2/sandbox/settle", post_settle),
    desk_route("/api/v2/sandbox/payouts/{id}/fail", post_payout_fail),
    desk_route("/api/v2/sandbox/payouts/{id}/pay", post_payout_pay),
    desk_route("/api/v2/sandbox/refunds/{id}/fail", post_refund_fail),
    desk_route("/api/v2/sandbox/refunds/{id}/succeed", post_refund_succeed),
};

}  // namespace

std::span<const Route> sandbox_desk_routes() {
    return kRoutes;
}

}  // namespace postern::payments
