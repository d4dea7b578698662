#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/filters.hpp"
#include "payments/dialects/rcommerce/numbered_rows.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/views/rcommerce_objects.hpp"

namespace postern::payments::rcommerce {
namespace {

// As people write evidence here, and the name by which it is kept.
struct EvidenceName {
    std::string_view here;
    std::string_view stripe;
};
constexpr EvidenceName kEvidence[] = {
    {"product_description", "product_description"},
    {"customer_email", "customer_email_address"},
    {"customer_name", "customer_name"},
    {"customer_purchase_ip", "customer_purchase_ip"},
    {"billing_address", "billing_address"},
    {"shipping_address", "shipping_address"},
    {"shipping_date", "shipping_date"},
    {"shipping_carrier", "shipping_carrier"},
    {"shipping_tracking_number", "shipping_tracking_number"},
    {"service_date", "service_date"},
    {"access_activity_log", "access_activity_log"},
    {"cancellation_policy_disclosure", "cancellation_policy_disclosure"},
    {"cancellation_rebuttal", "cancellation_rebuttal"},
    {"duplicate_charge_explanation", "duplicate_charge_explanation"},
    {"refund_policy_disclosure", "refund_policy_disclosure"},
    {"refund_refusal_explanation", "refund_refusal_explanation"},
    {"uncategorized_text", "uncategorized_text"},
    {"uncategorized_file", "uncategorized_file"},
};
constexpr std::size_t kEvidenceCharactersMax = 20'000;

constexpr std::string_view kStatusWords[] = {
    "needs_response",
    "under_review",
    "won",
    "lost",
    "warning_needs_response",
    "warning_under_review",
    "warning_closed"};

Metadata read_evidence(Body& body) {
    Metadata evidence;
    for (const EvidenceName& name : kEvidence) {
        auto sent = body.text(name.here, kEvidenceCharactersMax);
        if (sent) evidence.emplace_back(name.stripe, std::move(*sent));
    }
    return evidence;
}

Result<void, StoreError>
append_with_payment(JsonWriter& writer, const Books& books, const Dispute& dispute) {
    const auto payment = find_payment(books.connection, books.owner, dispute.payment);
    if (!payment) return payment.error();
    append_rc_dispute(writer, books.around, dispute, *payment ? **payment : Payment{});
    return {};
}

Reply dispute_reply(const Books& books, const Audience& audience, const Done<Dispute>& dispute) {
    if (!dispute) return rc_refusal(audience, dispute.error());
    std::string body;
    JsonWriter writer{body};
    const auto written = append_with_payment(writer, books, *dispute);
    if (!written) return written.error();
    return rc_json(audience, kOk, std::move(body));
}

std::optional<DisputeStatus> status_from_text(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    for (std::size_t i = 0; i < std::size(kStatusWords); ++i) {
        if (*text == kStatusWords[i]) return static_cast<DisputeStatus>(i);
    }
    return std::nullopt;
}

Reply disputes_reply(
    const Books& books,
    const Audience& audience,
    const DisputeFilter& filter,
    const NumberedPage& page
) {
    const auto total = count_disputes(books.connection, filter);
    if (!total) return total.error();
    const auto disputes =
        rows_of_page<DisputeId>({page, *total}, [&books, &filter](const auto& wish) {
            return list_disputes(books.connection, filter, wish);
        });
    if (!disputes) return disputes.error();
    std::string rows;
    JsonWriter writer{rows};
    writer.begin_array();
    for (const Dispute& dispute : disputes->rows) {
        const auto written = append_with_payment(writer, books, dispute);
        if (!written) return written.error();
    }
    writer.end_array();
    return rc_list(audience, count_of(page, *total), rows);
}

HttpReply no_dispute_reply(const Call& call) {
    return rc_error(audience_of(call), {.code = ErrorCode::dispute_not_found});
}

}  // namespace

Plan get_disputes(const Call& call) {
    Filters filters{call};
    DisputeFilter filter;
    filter.owner = call.caller.owner;
    const NumberedPage page = filters.page();
    filter.status = status_from_text(filters.word("status", kStatusWords));
    if (const auto spelled = filters.text("payment_id")) {
        filter.payment = read_id<PaymentId>(call.around.ids, *spelled);
        if (!filter.payment) filters.complain("payment_id", Text::not_an_id);
    }
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return ReadPlan{[filter, page, audience = audience_of(call)](const Books& books) {
        return disputes_reply(books, audience, filter, page);
    }};
}

Plan get_dispute(const Call& call) {
    const auto id = read_id<DisputeId>(call.around.ids, call.path.front());
    if (!id) return no_dispute_reply(call);
    return ReadPlan{[id = *id, audience = audience_of(call)](const Books& books) {
        return dispute_reply(books, audience, load_dispute(books, id));
    }};
}

Plan post_evidence(const Call& call) {
    const auto id = read_id<DisputeId>(call.around.ids, call.path.front());
    if (!id) return no_dispute_reply(call);
    Body body{call};
    EvidenceEdit edit;
    edit.evidence = read_evidence(body);
    WritePlan plan;
    plan.idempotency_key = body.idempotency_key();
    const std::size_t beside = plan.idempotency_key.empty() ? 0 : 1;
    if (body.is_good() && body.object().size() == beside) {
        body.complain("body", Text::nothing_given);
    }
    if (auto refusal = body.finish()) return std::move(*refusal);
    plan.run = [id = *id, edit, audience = audience_of(call)](Work& work) -> Reply {
        const auto dispute = update_dispute_of(work, id, edit);
        return dispute_reply(work.books(), audience, dispute);
    };
    plan.answer_later = [id = *id, audience = audience_of(call)](const Books& books) {
        return dispute_reply(books, audience, load_dispute(books, id));
    };
    return plan;
}

}  // namespace postern::payments::rcommerce
