#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/domain/evidence.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/balance_service.hpp"

#include <algorithm>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "dispute";
constexpr std::size_t kEvidenceCharactersMax = 20'000;

struct DisputeChange {
    EvidenceEdit edit;
    MetadataChange metadata;
};

Metadata read_evidence(Parameters& parameters) {
    Metadata evidence;
    if (!parameters.has("evidence")) return evidence;
    for (const std::string_view name : kEvidence) {
        auto text = read_text(parameters, inside("evidence", name), kEvidenceCharactersMax);
        if (text) evidence.emplace_back(name, std::move(*text));
    }
    return evidence;
}

// Evidence goes to the bank at once unless the request holds it back; a change of metadata alone
// says nothing to a bank.
DisputeChange read_change(Parameters& parameters) {
    DisputeChange change;
    change.edit.evidence = read_evidence(parameters);
    change.metadata = read_metadata(parameters);
    const bool submits = parameters.flag("submit").value_or(!change.edit.evidence.empty());
    change.edit.submit = submits ? EvidenceEdit::Submit::yes : EvidenceEdit::Submit::no;
    return change;
}

Done<Dispute> change_dispute(Work& work, DisputeId id, const DisputeChange& change) {
    const auto dispute = load_dispute(work.books(), id);
    if (!dispute) return dispute;
    if (auto refusal = why_not_metadata(dispute->metadata, change.metadata)) {
        return std::move(*refusal);
    }
    EvidenceEdit edit = change.edit;
    edit.metadata = change.metadata.pairs;
    edit.clear_metadata = change.metadata.clear;
    return update_dispute_of(work, id, edit);
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.front()};
}

HttpReply no_such_dispute(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

}  // namespace

Plan list_disputes(const Call& call) {
    Incoming in{call};
    auto wish = read_list<DisputeId>(in, {kWhat, Kind::dispute});
    DisputeFilter filter{.owner = call.caller.owner};
    filter.payment = read_reference<PaymentId>(in, {"payment_intent", "payment_intent"});
    filter.charge = read_reference<ChargeId>(in, {"charge", "charge"});
    const TimeRange created = read_range(in.parameters(), "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), filter, find_dispute, payments::list_disputes);
}

Plan get_dispute(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::dispute);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<DisputeId>(call);
    if (!id) return no_such_dispute(call);
    return get_plan(asked_for(call), std::move(expand), [id = *id](const Books& books) {
        return load_dispute(books, id);
    });
}

Plan update_dispute(const Call& call) {
    Incoming in{call};
    DisputeChange change = read_change(in.parameters());
    ExpandTree expand = read_expand(in.parameters(), Kind::dispute);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<DisputeId>(call);
    if (!id) return no_such_dispute(call);
    return order_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, change = std::move(change)](Work& work) {
            return change_dispute(work, id, change);
        },
        load_dispute
    );
}

Plan close_dispute(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::dispute);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<DisputeId>(call);
    if (!id) return no_such_dispute(call);
    return write_plan(asked_for(call), std::move(expand), [id = *id](Work& work) {
        return payments::close_dispute(work, id);
    });
}

}  // namespace postern::payments::onerway
