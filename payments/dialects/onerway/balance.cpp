#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/records/ledger_records.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "balance_transaction";
using Type = TransactionType;

struct TypeName {
    std::string_view name;
    Type type;
};
// Two kinds of ours have one name at Stripe.
constexpr std::array kTypes = {
    TypeName{"adjustment", Type::dispute},
    TypeName{"adjustment", Type::dispute_reversal},
    TypeName{"charge", Type::charge},
    TypeName{"payout", Type::payout},
    TypeName{"payout_cancel", Type::payout_cancel},
    TypeName{"payout_failure", Type::payout_failure},
    TypeName{"refund", Type::refund},
    TypeName{"refund_failure", Type::refund_failure},
    TypeName{"transfer", Type::transfer},
    TypeName{"transfer_refund", Type::transfer_refund}};
// What else Stripe's statements have, and ours never do: no rows, and no mistake.
constexpr std::array<std::string_view, 8> kOtherTypes = {
    "application_fee",
    "application_fee_refund",
    "issuing_transaction",
    "payment",
    "payment_refund",
    "stripe_fee",
    "topup",
    "topup_reversal"};

using Page = storage::Page<BalanceTransaction>;
using PageRequest = storage::PageRequest<BalanceTransactionId>;

struct LineFilter {
    BalanceTransactionFilter filter;
    enum class Types { any, some } narrowed = Types::any;
    std::vector<Type> types;
};

void read_type(Parameters& parameters, LineFilter& wish) {
    const auto name = parameters.text("type");
    if (!name) return;
    wish.narrowed = LineFilter::Types::some;
    for (const TypeName& known : kTypes) {
        if (known.name == *name) wish.types.push_back(known.type);
    }
    if (!wish.types.empty()) return;
    if (std::find(kOtherTypes.begin(), kOtherTypes.end(), *name) != kOtherTypes.end()) return;
    parameters.complain(
        {.message = "Invalid type: " + *name
                    + ". It must be one of adjustment, charge, payout, payout_cancel, "
                      "payout_failure, refund, refund_failure, transfer, or transfer_refund.",
         .parameter = "type"}
    );
}

// Each type is a list of its own; their union is cut to a page.
Page merge(Page all, Page more, const PageRequest& request) {
    std::move(more.rows.begin(), more.rows.end(), std::back_inserter(all.rows));
    const bool ascending = request.order == storage::Order::oldest_first;
    const auto before = [ascending](const BalanceTransaction& a, const BalanceTransaction& b) {
        return ascending ? a.id < b.id : b.id < a.id;
    };
    std::sort(all.rows.begin(), all.rows.end(), before);
    if (more.more == Page::More::yes || all.rows.size() > request.rows_max) {
        all.more = Page::More::yes;
    }
    if (all.rows.size() > request.rows_max) {
        all.rows.erase(
            all.rows.begin() + static_cast<std::ptrdiff_t>(request.rows_max), all.rows.end()
        );
    }
    return all;
}

Result<Page, StoreError>
list_lines(Connection& connection, const LineFilter& wish, const PageRequest& request) {
    if (wish.narrowed == LineFilter::Types::any) {
        return payments::list_balance_transactions(connection, wish.filter, request);
    }
    Page all;
    for (const Type type : wish.types) {
        BalanceTransactionFilter filter = wish.filter;
        filter.type = type;
        auto page = payments::list_balance_transactions(connection, filter, request);
        if (!page) return page.error();
        all = merge(std::move(all), std::move(*page), request);
    }
    return all;
}

}  // namespace

Plan get_balance(const Call& call) {
    Incoming in{call};
    if (auto refusal = in.finish()) return std::move(*refusal);
    return ReadPlan{[](const Books& books) -> Reply {
        const auto balances = read_balances(books.connection, books.owner);
        if (!balances) return balances.error();
        std::string body;
        JsonWriter writer{body};
        append_balance(writer, *balances, books.owner.livemode);
        return json_reply(std::move(body));
    }};
}

Plan list_balance_transactions(const Call& call) {
    Incoming in{call};
    Parameters& parameters = in.parameters();
    auto wish = read_list<BalanceTransactionId>(in, {kWhat, Kind::balance_transaction});
    LineFilter lines{.filter = {.owner = call.caller.owner}};
    lines.filter.source = parameters.text("source").value_or("");
    lines.filter.payout = parameters.text("payout").value_or("");
    lines.filter.currency = read_currency(parameters);
    read_type(parameters, lines);
    const TimeRange created = read_range(parameters, "created");
    lines.filter.created_from = created.from;
    lines.filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), std::move(lines), find_balance_transaction, list_lines);
}

Plan get_balance_transaction(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::balance_transaction);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<BalanceTransactionId>(call);
    if (!id) return missing_reply({kWhat, call.path.front()});
    Asked asked{.audience = audience_of(call), .id = call.path.front()};
    return get_plan(
        std::move(asked),
        std::move(expand),
        [id = *id](const Books& books) -> Done<BalanceTransaction> {
            auto line = find_balance_transaction(books.connection, books.owner, id);
            if (!line) return line.error();
            if (*line) return std::move(**line);
            return Refusal{.reason = Reason::not_found, .what = std::string{kWhat}};
        }
    );
}

}  // namespace postern::payments::onerway
