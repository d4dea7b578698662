#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/filters.hpp"
#include "payments/dialects/rcommerce/payment_answer.hpp"
#include "payments/views/rcommerce_objects.hpp"

#include <algorithm>
#include <memory>

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kReasonWords[] = {"duplicate", "fraudulent", "requested_by_customer"};

struct RefundInput {
    std::optional<std::string> decimal;  // absent: all that is left
    std::string reason;
    Metadata metadata;
};

RefundInput read_refund(Body& body) {
    RefundInput input;
    input.decimal = body.amount_text();
    input.reason = body.word("reason", kReasonWords).value_or("");
    input.metadata = body.metadata();
    return input;
}

// "-5.00" is an amount, only no refund; "five" is not even one.
Result<std::int64_t, Reason> refund_minor(std::string_view decimal, const Currency& currency) {
    const auto minor = minor_from_decimal(decimal, currency);
    if (minor) return *minor;
    const bool negative =
        decimal.starts_with('-') && minor_from_decimal(decimal.substr(1), currency).has_value();
    return negative ? Reason::refund_not_positive : Reason::amount_invalid;
}

Done<FullRefund> refund(Work& work, PaymentId id, const RefundInput& input) {
    const auto payment = load_payment(work.books(), id);
    if (!payment) return payment.error();
    RefundDraft draft{.payment = id, .reason = input.reason, .metadata = input.metadata};
    if (input.decimal) {
        const auto minor = refund_minor(*input.decimal, payment->payment.amount.currency);
        if (!minor) return Failure{Refusal{.reason = minor.error(), .parameter = "amount"}};
        draft.minor = *minor;
    }
    return create_refund(work, draft);
}

struct RefundAnswer {
    Audience audience;
    int status = kOk;
};

HttpReply
refund_reply(const RefundAnswer& answer, const Surroundings& around, const FullRefund& full) {
    std::string body;
    JsonWriter writer{body};
    append_rc_refund(writer, around, full.refund, full.payment.payment);
    return rc_json(answer.audience, answer.status, std::move(body));
}

Fault no_refund(const Audience& audience) {
    return fault_of(ErrorCode::not_found, Text::refund_not_found, audience.language);
}

// The page of a payment's refunds, newest first; a payment can have only so many.
HttpReply refunds_reply(
    const Audience& audience,
    const Surroundings& around,
    const FullPayment& payment,
    const NumberedPage& page
) {
    const auto& refunds = payment.refunds;
    const auto total = static_cast<std::int64_t>(refunds.size());
    const std::int64_t from = std::min((page.page - 1) * page.per_page, total);
    const std::int64_t until = std::min(from + page.per_page, total);
    std::string rows;
    JsonWriter writer{rows};
    writer.begin_array();
    for (std::int64_t i = from; i < until; ++i) {
        const auto place = static_cast<std::size_t>(total - 1 - i);
        append_rc_refund(writer, around, refunds[place], payment.payment);
    }
    writer.end_array();
    return rc_list(audience, count_of(page, total), rows);
}

}  // namespace

Plan post_refund(const Call& call) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    Body body{call};
    const RefundInput input = read_refund(body);
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    const auto made = std::make_shared<RefundId>();
    const RefundAnswer answer{.audience = audience_of(call), .status = kCreated};
    plan.run = [id = *id, input, made, answer](Work& work) -> Reply {
        const auto full = refund(work, id, input);
        if (!full) return rc_refusal(answer.audience, full.error());
        *made = full->refund.id;
        return refund_reply(answer, work.around, *full);
    };
    plan.answer_later = [made, answer](const Books& books) -> Reply {
        const auto full = load_refund(books, *made);
        if (!full) return rc_refusal(answer.audience, full.error());
        return refund_reply(answer, books.around, *full);
    };
    return plan;
}

Plan get_refunds(const Call& call) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    Filters filters{call};
    const NumberedPage page = filters.page();
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return ReadPlan{[id = *id, page, audience = audience_of(call)](const Books& books) -> Reply {
        const auto payment = load_payment(books, id);
        if (!payment) return rc_refusal(audience, payment.error());
        return refunds_reply(audience, books.around, *payment, page);
    }};
}

Plan get_refund(const Call& call) {
    const auto payment = payment_of(call);
    if (!payment) return no_payment_reply(call);
    const RefundAnswer answer{.audience = audience_of(call)};
    const auto id = read_id<RefundId>(call.around.ids, call.path[1]);
    if (!id) return rc_error(answer.audience, no_refund(answer.audience));
    return ReadPlan{[payment = *payment, id = *id, answer](const Books& books) -> Reply {
        const auto named = load_payment(books, payment);
        if (!named) return rc_refusal(answer.audience, named.error());
        const auto full = load_refund(books, id);
        if (!full) return rc_refusal(answer.audience, full.error());
        if (full->refund.payment != payment) {
            return rc_error(answer.audience, no_refund(answer.audience));
        }
        return refund_reply(answer, books.around, *full);
    }};
}

}  // namespace postern::payments::rcommerce
