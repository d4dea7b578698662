#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/dialects/onerway/search_query.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/records/payment_search.hpp"

#include <algorithm>
#include <array>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "payment_intent";
// Stripe stops counting there too.
constexpr std::int64_t kCountMax = 10'000;
// A page that is not full looked at as many payments as one search may: what is so rare is counted
// as far as these lead.
constexpr int kScarcePagesMax = 10;

constexpr std::array<std::string_view, 7> kStatuses = {
    "canceled",
    "processing",
    "requires_action",
    "requires_capture",
    "requires_confirmation",
    "requires_payment_method",
    "succeeded"};

struct SearchWish {
    PaymentSearch search;
    storage::PageRequest<PaymentId> page;
    std::string url;
    SearchExpand expand;
};

SearchWish read_search(Incoming& in) {
    Parameters& parameters = in.parameters();
    SearchWish wish;
    wish.search.owner = in.call().caller.owner;
    wish.url = in.call().request.path;
    wish.page.rows_max = read_limit(parameters);
    wish.expand = read_search_expand(parameters, Kind::payment_intent);
    if (!parameters.has("query")) parameters.complain_of_missing("query");
    auto query = parse_search(in.ids(), parameters.text("query").value_or(""));
    if (query) {
        wish.search.terms = std::move(query->terms);
        wish.search.join = query->join;
    } else {
        parameters.complain(
            {.code = "parameter_invalid_string",
             .message = "Provide a query parameter with a valid search query string.",
             .parameter = "query"}
        );
    }
    const auto page = parameters.text("page");
    if (!page) return wish;
    wish.page.after = read_id<PaymentId>(in.ids(), *page);
    if (!wish.page.after) {
        parameters.complain(
            {.message = "Invalid page: give the next_page of the answer before",
             .parameter = "page"}
        );
    }
    return wish;
}

Result<std::int64_t, StoreError> count_matches(const Books& books, const PaymentSearch& search) {
    std::int64_t count = 0;
    storage::PageRequest<PaymentId> page{.rows_max = storage::kPageRowsMax};
    for (int scarce_pages = 0; count < kCountMax && scarce_pages < kScarcePagesMax;) {
        const auto found = search_payments(books.connection, search, page);
        if (!found) return found.error();
        count += static_cast<std::int64_t>(found->payments.size());
        if (!found->resume) return count;
        page.after = found->resume;
        if (found->payments.size() < page.rows_max) ++scarce_pages;
    }
    return std::min(count, kCountMax);
}

// {"object":"search_result","data":[…],"has_more","next_page","url"}
Reply search_reply(const Books& books, const SearchWish& wish) {
    const auto found = search_payments(books.connection, wish.search, wish.page);
    if (!found) return found.error();
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("object", "search_result");
    writer.key("data");
    writer.begin_array();
    for (const Payment& payment : found->payments) {
        const auto json = Printer{books}.print(payment, wish.expand.data);
        if (!json) return json.error();
        writer.raw(*json);
    }
    writer.end_array();
    writer.member_boolean("has_more", found->resume.has_value());
    writer.key("next_page");
    found->resume ? writer.string(stripe_id(books.around.ids, *found->resume)) : writer.null();
    if (wish.expand.total_count == SearchExpand::TotalCount::yes) {
        const auto count = count_matches(books, wish.search);
        if (!count) return count.error();
        writer.member_integer("total_count", *count);
    }
    writer.member("url", wish.url);
    writer.end_object();
    return json_reply(std::move(body));
}

}  // namespace

Plan list_payment_intents(const Call& call) {
    Incoming in{call};
    Parameters& parameters = in.parameters();
    auto wish = read_list<PaymentId>(in, {kWhat, Kind::payment_intent});
    PaymentFilter filter{.owner = call.caller.owner};
    filter.customer = read_reference<CustomerId>(in, {"customer", "customer"});
    if (const auto status = parameters.word("status", kStatuses)) {
        filter.status = payment_status_from_text(*status);
    }
    const TimeRange created = read_range(parameters, "created");
    filter.created_from = created.from;
    filter.created_until = created.until;
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), filter, find_payment, list_payments);
}

Plan search_payment_intents(const Call& call) {
    Incoming in{call};
    SearchWish wish = read_search(in);
    if (auto refusal = in.finish()) return std::move(*refusal);
    return ReadPlan{[wish = std::move(wish)](const Books& books) {
        return search_reply(books, wish);
    }};
}

}  // namespace postern::payments::onerway
