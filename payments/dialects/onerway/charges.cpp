#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/service/previous_attributes.hpp"

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "charge";

Done<Charge> load_charge(const Books& books, ChargeId id) {
    auto charge = find_charge(books.connection, books.owner, id);
    if (!charge) return charge.error();
    if (*charge) return std::move(**charge);
    return Refusal{
        .reason = Reason::not_found,
        .what = std::string{kWhat},
        .id = stripe_id(books.around.ids, id)};
}

struct ChargeChange {
    PaymentEdit edit;
    MetadataChange metadata;
};

// A charge's words are its payment's: one row holds them for both.
Done<Charge> change_charge(Work& work, ChargeId id, const ChargeChange& change) {
    const auto charge = load_charge(work.books(), id);
    if (!charge) return charge;
    const auto full = load_payment(work.books(), charge->payment);
    if (!full) return full.error();
    const Metadata& present = full->payment.details.metadata;
    if (auto refusal = why_not_metadata(present, change.metadata)) return std::move(*refusal);
    PaymentEdit edit = change.edit;
    edit.metadata = change.metadata.pairs;
    edit.clear_metadata = change.metadata.clear;
    const auto updated = update_payment_of(work, charge->payment, edit);
    if (!updated) return updated.error();
    const std::string previous = previous_attributes(Change<PaymentDetails>{
        full->payment.details, updated->payment.details});
    if (!previous.empty()) {
        const auto told = announce_charge(work, "charge.updated", *charge, *updated, previous);
        if (!told) return told.error();
    }
    return charge;
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.front()};
}

}  // namespace

Plan list_charges(const Call& call) {
    Incoming in{call};
    auto wish = read_list<ChargeId>(in, {kWhat, Kind::charge});
    ChargeFilter filter{.owner = call.caller.owner};
    filter.payment = read_reference<PaymentId>(in, {"payment_intent", "payment_intent"});
    filter.customer = read_reference<CustomerId>(in, {"customer", "customer"});
    const TimeRange created = read_range(in.parameters(), "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), filter, find_charge, payments::list_charges);
}

Plan get_charge(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::charge);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<ChargeId>(call);
    if (!id) return missing_reply({kWhat, call.path.front()});
    return get_plan(asked_for(call), std::move(expand), [id = *id](const Books& books) {
        return load_charge(books, id);
    });
}

Plan update_charge(const Call& call) {
    Incoming in{call};
    Parameters& parameters = in.parameters();
    ChargeChange change;
    change.edit.description = read_description(parameters);
    change.edit.receipt_email = read_email(parameters, "receipt_email");
    change.edit.shipping = read_shipping(parameters);
    change.edit.transfer_group = read_text(parameters, "transfer_group");
    change.metadata = read_metadata(parameters);
    ExpandTree expand = read_expand(parameters, Kind::charge);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<ChargeId>(call);
    if (!id) return missing_reply({kWhat, call.path.front()});
    return write_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, change = std::move(change)](Work& work) {
            return change_charge(work, id, change);
        }
    );
}

}  // namespace postern::payments::onerway
