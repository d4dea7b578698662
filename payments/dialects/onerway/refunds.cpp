#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/payment_service.hpp"

#include <array>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "refund";
constexpr std::array<std::string_view, 3> kReasons = {
    "duplicate",
    "fraudulent",
    "requested_by_customer"};

Done<Refund> only_refund(Done<FullRefund> full) {
    if (!full) return full.error();
    return std::move(full->refund);
}

Done<Refund> reload_refund(const Books& books, RefundId id) {
    return only_refund(load_refund(books, id));
}

RefundDraft read_draft(Incoming& in) {
    Parameters& parameters = in.parameters();
    RefundDraft draft;
    draft.payment = read_reference<PaymentId>(in, {"payment_intent", "payment_intent"});
    draft.charge = read_reference<ChargeId>(in, {"charge", "charge"});
    if (!parameters.has("payment_intent") && !parameters.has("charge")) {
        parameters.complain(
            {.code = "parameter_missing",
             .message = "One of the following params should be provided for this request: "
                        "payment_intent or charge.",
             .parameter = "payment_intent"}
        );
    }
    draft.minor = read_minor(parameters, "amount");
    draft.reason = parameters.word("reason", kReasons).value_or("");
    draft.metadata = metadata_of(read_metadata(parameters));
    return draft;
}

Done<Refund> change_refund(Work& work, RefundId id, const MetadataChange& metadata) {
    const auto full = load_refund(work.books(), id);
    if (!full) return full.error();
    if (auto refusal = why_not_metadata(full->refund.metadata, metadata)) {
        return std::move(*refusal);
    }
    PaymentEdit edit;
    edit.metadata = metadata.pairs;
    edit.clear_metadata = metadata.clear;
    return only_refund(update_refund_of(work, id, edit));
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.front()};
}

HttpReply no_such_refund(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

}  // namespace

Plan create_refund(const Call& call) {
    Incoming in{call};
    RefundDraft draft = read_draft(in);
    ExpandTree expand = read_expand(in.parameters(), Kind::refund);
    if (auto refusal = in.finish()) return std::move(*refusal);
    return order_plan(
        {.audience = audience_of(call)},
        std::move(expand),
        [draft = std::move(draft)](Work& work) {
            return only_refund(payments::create_refund(work, draft));
        },
        reload_refund
    );
}

Plan list_refunds(const Call& call) {
    Incoming in{call};
    auto wish = read_list<RefundId>(in, {kWhat, Kind::refund});
    RefundFilter filter{.owner = call.caller.owner};
    filter.payment = read_reference<PaymentId>(in, {"payment_intent", "payment_intent"});
    filter.charge = read_reference<ChargeId>(in, {"charge", "charge"});
    const TimeRange created = read_range(in.parameters(), "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), filter, find_refund, payments::list_refunds);
}

Plan get_refund(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::refund);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<RefundId>(call);
    if (!id) return no_such_refund(call);
    return get_plan(asked_for(call), std::move(expand), [id = *id](const Books& books) {
        return reload_refund(books, id);
    });
}

Plan update_refund(const Call& call) {
    Incoming in{call};
    MetadataChange metadata = read_metadata(in.parameters());
    ExpandTree expand = read_expand(in.parameters(), Kind::refund);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<RefundId>(call);
    if (!id) return no_such_refund(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, metadata = std::move(metadata)](Work& work) {
            return change_refund(work, id, metadata);
        }
    );
}

Plan cancel_refund(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::refund);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<RefundId>(call);
    if (!id) return no_such_refund(call);
    return write_plan(asked_for(call), std::move(expand), [id = *id](Work& work) {
        return only_refund(payments::cancel_refund(work, id));
    });
}

}  // namespace postern::payments::onerway
