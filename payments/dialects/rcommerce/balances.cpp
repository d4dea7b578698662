#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/filters.hpp"
#include "payments/dialects/rcommerce/numbered_rows.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/views/rcommerce_objects.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kPayoutStatusWords[] =
    {"pending", "in_transit", "paid", "failed", "canceled"};

PayoutFilter read_payout_filter(const Call& call, Filters& filters) {
    PayoutFilter filter;
    filter.owner = call.caller.owner;
    if (const auto status = filters.word("status", kPayoutStatusWords)) {
        filter.status = payout_status_from_text(*status);
    }
    // Whole days: both dates that are named belong to the list.
    filter.created_from = filters.date("date_after");
    filter.created_until = filters.date("date_before");
    if (filter.created_until) *filter.created_until += std::chrono::days{1};
    return filter;
}

Reply payouts_reply(
    const Books& books,
    const Audience& audience,
    const PayoutFilter& filter,
    const NumberedPage& page
) {
    const auto total = count_payouts(books.connection, filter);
    if (!total) return total.error();
    const auto payouts =
        rows_of_page<PayoutId>({page, *total}, [&books, &filter](const auto& wish) {
            return list_payouts(books.connection, filter, wish);
        });
    if (!payouts) return payouts.error();
    std::string rows;
    JsonWriter writer{rows};
    writer.begin_array();
    for (const Payout& payout : payouts->rows) append_rc_payout(writer, books.around, payout);
    writer.end_array();
    return rc_list(audience, count_of(page, *total), rows);
}

Reply transactions_reply(const Books& books, const Audience& audience, const NumberedPage& page) {
    const auto found = list_balance_transactions_by_page(books.connection, books.owner, page);
    if (!found) return found.error();
    std::string rows;
    JsonWriter writer{rows};
    writer.begin_array();
    for (const BalanceTransaction& line : found->lines) {
        append_rc_balance_transaction(writer, books.around, line);
    }
    writer.end_array();
    return rc_list(audience, count_of(page, found->total), rows);
}

}  // namespace

Plan get_payouts(const Call& call) {
    Filters filters{call};
    const NumberedPage page = filters.page();
    const PayoutFilter filter = read_payout_filter(call, filters);
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return ReadPlan{[filter, page, audience = audience_of(call)](const Books& books) {
        return payouts_reply(books, audience, filter, page);
    }};
}

Plan get_payout(const Call& call) {
    const auto id = read_id<PayoutId>(call.around.ids, call.path.front());
    const Audience audience = audience_of(call);
    if (!id) {
        return rc_error(
            audience, fault_of(ErrorCode::not_found, Text::payout_not_found, call.language)
        );
    }
    return ReadPlan{[id = *id, audience](const Books& books) -> Reply {
        const auto payout = load_payout(books, id);
        if (!payout) return rc_refusal(audience, payout.error());
        std::string body;
        JsonWriter writer{body};
        append_rc_payout(writer, books.around, *payout);
        return rc_json(audience, kOk, std::move(body));
    }};
}

Plan get_balance(const Call& call) {
    return ReadPlan{[audience = audience_of(call)](const Books& books) -> Reply {
        const auto balances = read_balances(books.connection, books.owner);
        if (!balances) return balances.error();
        std::string body;
        JsonWriter writer{body};
        append_rc_balance(writer, *balances);
        return rc_json(audience, kOk, std::move(body));
    }};
}

Plan get_balance_transactions(const Call& call) {
    Filters filters{call};
    const NumberedPage page = filters.page();
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return ReadPlan{[page, audience = audience_of(call)](const Books& books) {
        return transactions_reply(books, audience, page);
    }};
}

}  // namespace postern::payments::rcommerce
