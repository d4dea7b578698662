#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/service/balance_service.hpp"

#include <algorithm>
#include <array>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "transfer";
constexpr std::string_view kReversal = "transfer_reversal";
constexpr std::size_t kDestinationCharactersMax = 255;
constexpr std::array<std::string_view, 3> kSourceTypes = {"bank_account", "card", "fpx"};

// Whoever is paid outside of this account, under whatever name the shop knows them by.
std::string read_destination(Parameters& parameters) {
    constexpr std::string_view kName = "destination";
    const std::string sent = parameters.required_text(kName);
    const bool printable =
        std::none_of(sent.begin(), sent.end(), [](unsigned char c) { return c < ' '; });
    if (!printable) {
        parameters.complain({.message = "Invalid destination", .parameter = std::string{kName}});
    }
    return read_text(parameters, kName, kDestinationCharactersMax).value_or("");
}

TransferDraft read_draft(Incoming& in) {
    Parameters& parameters = in.parameters();
    TransferDraft draft;
    if (const auto amount = read_money(parameters)) draft.amount = *amount;
    draft.destination = read_destination(parameters);
    draft.description = read_description(parameters).value_or("");
    draft.transfer_group = read_text(parameters, "transfer_group").value_or("");
    draft.source = read_reference<ChargeId>(in, {"source_transaction", "charge"});
    parameters.word("source_type", kSourceTypes);
    draft.metadata = metadata_of(read_metadata(parameters));
    return draft;
}

struct TransferChange {
    std::optional<std::string> description;
    MetadataChange metadata;
};

Done<Transfer> change_transfer(Work& work, TransferId id, const TransferChange& change) {
    const auto transfer = load_transfer(work.books(), id);
    if (!transfer) return transfer;
    if (auto refusal = why_not_metadata(transfer->metadata, change.metadata)) {
        return std::move(*refusal);
    }
    PaymentEdit edit;
    edit.description = change.description;
    edit.metadata = change.metadata.pairs;
    edit.clear_metadata = change.metadata.clear;
    return update_transfer_of(work, id, edit);
}

struct ReversalDraft {
    std::optional<std::int64_t> minor;
    Metadata metadata;
};

Done<TransferReversal> make_reversal(Work& work, TransferId id, const ReversalDraft& draft) {
    auto full = reverse_transfer(work, id, draft.minor, draft.metadata);
    if (!full) return full.error();
    return std::move(full->reversal);
}

// The newest first, as every list has them; their number is bounded by what there is to reverse.
Done<std::vector<TransferReversal>> reversals_newest_first(const Books& books, TransferId id) {
    const auto transfer = load_transfer(books, id);
    if (!transfer) return transfer.error();
    auto reversals = reversals_of(books.connection, id);
    if (!reversals) return reversals.error();
    const auto newer = [](const TransferReversal& a, const TransferReversal& b) {
        return a.id > b.id;
    };
    std::sort(reversals->begin(), reversals->end(), newer);
    return std::move(*reversals);
}

using ReversalPage = storage::Page<TransferReversal>;

// As the database would page them: from the cursor on, in the direction asked for.
ReversalPage cut(std::vector<TransferReversal> rows, const ListWish<ReversalId>& wish) {
    const bool newer = wish.direction == Direction::newer;
    if (newer) std::reverse(rows.begin(), rows.end());
    if (wish.page.after) {
        std::erase_if(rows, [&](const TransferReversal& row) {
            return newer ? row.id <= *wish.page.after : row.id >= *wish.page.after;
        });
    }
    ReversalPage page;
    if (rows.size() > wish.page.rows_max) {
        page.more = ReversalPage::More::yes;
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(wish.page.rows_max), rows.end());
    }
    page.rows = std::move(rows);
    return page;
}

Done<TransferReversal> find_reversal(const Books& books, TransferId transfer, ReversalId id) {
    auto reversals = reversals_newest_first(books, transfer);
    if (!reversals) return reversals.error();
    for (TransferReversal& reversal : *reversals) {
        if (reversal.id == id) return std::move(reversal);
    }
    return Refusal{.reason = Reason::not_found, .what = std::string{kReversal}};
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.back()};
}

HttpReply no_such_transfer(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

}  // namespace

Plan create_transfer(const Call& call) {
    Incoming in{call};
    TransferDraft draft = read_draft(in);
    ExpandTree expand = read_expand(in.parameters(), Kind::transfer);
    if (auto refusal = in.finish()) return std::move(*refusal);
    return write_plan(
        {.audience = audience_of(call)},
        std::move(expand),
        [draft = std::move(draft)](Work& work) { return payments::create_transfer(work, draft); }
    );
}

Plan list_transfers(const Call& call) {
    Incoming in{call};
    Parameters& parameters = in.parameters();
    auto wish = read_list<TransferId>(in, {kWhat, Kind::transfer});
    TransferFilter filter{
        .owner = call.caller.owner,
        .destination = parameters.text("destination").value_or(""),
        .transfer_group = parameters.text("transfer_group").value_or("")};
    const TimeRange created = read_range(parameters, "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), std::move(filter), find_transfer, payments::list_transfers);
}

Plan get_transfer(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::transfer);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<TransferId>(call);
    if (!id) return no_such_transfer(call);
    return get_plan(asked_for(call), std::move(expand), [id = *id](const Books& books) {
        return load_transfer(books, id);
    });
}

Plan update_transfer(const Call& call) {
    Incoming in{call};
    TransferChange change{
        .description = read_description(in.parameters()),
        .metadata = read_metadata(in.parameters())};
    ExpandTree expand = read_expand(in.parameters(), Kind::transfer);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<TransferId>(call);
    if (!id) return no_such_transfer(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, change = std::move(change)](Work& work) {
            return change_transfer(work, id, change);
        }
    );
}

Plan create_reversal(const Call& call) {
    Incoming in{call};
    ReversalDraft draft{
        .minor = read_minor(in.parameters(), "amount"),
        .metadata = metadata_of(read_metadata(in.parameters()))};
    ExpandTree expand = read_expand(in.parameters(), Kind::transfer_reversal);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<TransferId>(call);
    if (!id) return no_such_transfer(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [id = *id, draft = std::move(draft)](Work& work) { return make_reversal(work, id, draft); }
    );
}

Plan list_reversals(const Call& call) {
    Incoming in{call};
    auto wish = read_list<ReversalId>(in, {kReversal, Kind::transfer_reversal});
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<TransferId>(call);
    if (!id) return no_such_transfer(call);
    return ReadPlan{
        [id = *id, wish = std::move(wish), asked = asked_for(call)](const Books& books) -> Reply {
            auto rows = reversals_newest_first(books, id);
            if (!rows) return refusal_reply(books.around, rows.error(), asked);
            return list_reply(books, wish, cut(std::move(*rows), wish));
        }};
}

Plan get_reversal(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::transfer_reversal);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto transfer = path_id<TransferId>(call);
    if (!transfer) return no_such_transfer(call);
    const auto id = path_id<ReversalId>(call, 1);
    if (!id) return missing_reply({kReversal, call.path[1]});
    return get_plan(
        asked_for(call),
        std::move(expand),
        [transfer = *transfer, id = *id](const Books& books) {
            return find_reversal(books, transfer, id);
        }
    );
}

}  // namespace postern::payments::onerway
