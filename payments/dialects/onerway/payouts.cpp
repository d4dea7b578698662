#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/service/balance_service.hpp"

#include <array>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "payout";
constexpr std::array<std::string_view, 2> kMethods = {"instant", "standard"};
constexpr std::array<std::string_view, 3> kSourceTypes = {"bank_account", "card", "fpx"};
constexpr std::array<std::string_view, 5> kStatuses =
    {"canceled", "failed", "in_transit", "paid", "pending"};

PayoutDraft read_draft(Parameters& parameters) {
    PayoutDraft draft;
    if (const auto amount = read_money(parameters)) draft.amount = *amount;
    if (parameters.word("method", kMethods) == "instant") draft.method = Payout::Method::instant;
    parameters.word("source_type", kSourceTypes);
    draft.destination = read_text(parameters, "destination").value_or("");
    draft.description = read_description(parameters).value_or("");
    draft.statement_descriptor =
        read_statement_descriptor(parameters, "statement_descriptor").value_or("");
    draft.metadata = metadata_of(read_metadata(parameters));
    return draft;
}

Done<Payout> change_payout(Work& work, PayoutId id, const MetadataChange& metadata) {
    const auto payout = load_payout(work.books(), id);
    if (!payout) return payout;
    if (auto refusal = why_not_metadata(payout->metadata, metadata)) return std::move(*refusal);
    PaymentEdit edit;
    edit.metadata = metadata.pairs;
    edit.clear_metadata = metadata.clear;
    return update_payout_of(work, id, edit);
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.front()};
}

HttpReply no_such_payout(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

}  // namespace

Plan create_payout(const Call& call) {
    Incoming in{call};
    PayoutDraft draft = read_draft(in.parameters());
    ExpandTree expand = read_expand(in.parameters(), Kind::payout);
    if (auto refusal = in.finish()) return std::move(*refusal);
    return order_plan(
        {.audience = audience_of(call)},
        std::move(expand),
        [draft = std::move(draft)](Work& work) { return payments::create_payout(work, draft); },
        load_payout
    );
}

Plan list_payouts(const Call& call) {
    Incoming in{call};
    Parameters& parameters = in.parameters();
    auto wish = read_list<PayoutId>(in, {kWhat, Kind::payout});
    PayoutFilter filter{.owner = call.caller.owner};
    if (const auto status = parameters.word("status", kStatuses)) {
        filter.status = payout_status_from_text(*status);
    }
    const TimeRange created = read_range(parameters, "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    const TimeRange arrival = read_range(parameters, "arrival_date");
    filter.arrival_from = arrival.from;
    filter.arrival_until = arrival.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), filter, find_payout, payments::list_payouts);
}

Plan get_payout(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::payout);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PayoutId>(call);
    if (!id) return no_such_payout(call);
    return get_plan(asked_for(call), std::move(expand), [id = *id](const Books& books) {
        return load_payout(books, id);
    });
}

Plan update_payout(const Call& call) {
    Incoming in{call};
    MetadataChange metadata = read_metadata(in.parameters());
    ExpandTree expand = read_expand(in.parameters(), Kind::payout);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PayoutId>(call);
    if (!id) return no_such_payout(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, metadata = std::move(metadata)](Work& work) {
            return change_payout(work, id, metadata);
        }
    );
}

Plan cancel_payout(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::payout);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PayoutId>(call);
    if (!id) return no_such_payout(call);
    return write_plan(asked_for(call), std::move(expand), [id = *id](Work& work) {
        return payments::cancel_payout(work, id);
    });
}

}  // namespace postern::payments::onerway
