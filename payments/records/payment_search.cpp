#include "payments/records/payment_search.hpp"

#include "core/assert.hpp"
#include "payments/records/search_source.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace postern::payments {
namespace {

using Terms = std::vector<SearchTerm>;

// What a page may cost, in entries of an index; a row costs so many of them.
constexpr std::int64_t kPageCostMax = 20'000;
constexpr std::int64_t kRowCost = 40;
constexpr std::int64_t kLookedAtAtOnceMax = 2'000;

struct Request {
    Owner owner;
    std::int64_t ids_last = std::numeric_limits<std::int64_t>::max();
    std::size_t rows_max = 0;
    std::int64_t cost_max = kPageCostMax;
};

constexpr std::int64_t kStatusCount = 7;
static_assert(static_cast<std::int64_t>(PaymentStatus::canceled) == kStatusCount - 1);

void append(std::vector<Payment>& to, std::vector<Payment> more) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
}

Result<std::vector<Payment>, StoreError>
rows_that_match(Connection& connection, const SearchRange& range, const Candidates& candidates) {
    std::vector<Payment> payments;
    for (const PaymentId id : candidates.found) {
        auto payment = find_payment(connection, range.owner, id);
        if (!payment) return payment.error();
        if (*payment && matches_all(range.terms, **payment))
            payments.push_back(std::move(**payment));
    }
    return payments;
}

// Walks one index, and asks the rows of what may match.
Result<SearchPage, StoreError> search_walking(
    Connection& connection,
    const SearchSource& source,
    SearchRange range,
    const Request& request
) {
    SearchPage page;
    for (std::int64_t cost = 0;;) {
        const auto wanted = static_cast<std::int64_t>(request.rows_max - page.payments.size());
        const CandidateLimits limits{.found_max = wanted, .looked_at_max = kLookedAtAtOnceMax};
        const auto candidates = next_candidates(connection, source, range, limits);
        if (!candidates) return candidates.error();
        auto matching = rows_that_match(connection, range, *candidates);
        if (!matching) return matching.error();
        append(page.payments, std::move(*matching));
        if (candidates->ended == Candidates::Ended::yes) return page;
        cost += candidates->looked_at;
        cost += static_cast<std::int64_t>(candidates->found.size()) * kRowCost;
        range.ids.last = candidates->last_looked_at - 1;
        if (page.payments.size() == request.rows_max || cost >= request.cost_max) {
            page.resume = PaymentId{candidates->last_looked_at};
            return page;
        }
    }
}

// Each arm is complete down to where it ended; below the highest of these ends nothing is certain.
SearchPage merge(std::vector<SearchPage> arms) {
    SearchPage page;
    for (SearchPage& arm : arms) {
        if (arm.resume && (!page.resume || *arm.resume > *page.resume)) page.resume = arm.resume;
        append(page.payments, std::move(arm.payments));
    }
    auto& rows = page.payments;
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
    const auto is_same = [](const auto& a, const auto& b) {
        return a.id == b.id;
    };
    rows.erase(std::unique(rows.begin(), rows.end(), is_same), rows.end());
    if (page.resume)
        std::erase_if(rows, [&page](const Payment& row) { return row.id < *page.resume; });
    return page;
}

// There is no index of what has not a status, but each of the others has its own.
std::vector<Terms> arms_of_other_statuses(const Terms& terms) {
    const auto term = std::find_if(terms.begin(), terms.end(), [](const SearchTerm& each) {
        return each.field == SearchTerm::Field::status && each.sense == SearchTerm::Sense::negated;
    });
    std::vector<Terms> arms;
    if (term == terms.end()) return arms;
    for (std::int64_t status = 0; status < kStatusCount; ++status) {
        if (status == term->number) continue;
        Terms arm = terms;
        SearchTerm& own = arm[static_cast<std::size_t>(term - terms.begin())];
        own.sense = SearchTerm::Sense::plain;
        own.number = status;
        arms.push_back(std::move(arm));
    }
    return arms;
}

Result<SearchPage, StoreError>
search_any(Connection& connection, const std::vector<Terms>& arms, Request request);

Result<SearchPage, StoreError>
search_all(Connection& connection, const Terms& terms, const Request& request) {
    const Bounds bounds = id_bounds(terms);
    const SearchRange range{
        request.owner,
        terms,
        {.first = bounds.first, .last = std::min(bounds.last, request.ids_last)}};
    const auto source = most_telling_source(connection, range);
    if (!source) return source.error();
    if (source->kind == SearchSource::Kind::owner) {
        const std::vector<Terms> arms = arms_of_other_statuses(terms);
        if (!arms.empty()) return search_any(connection, arms, request);
    }
    return search_walking(connection, *source, range, request);
}

// The arms share what the page may cost.
Result<SearchPage, StoreError>
search_any(Connection& connection, const std::vector<Terms>& arms, Request request) {
    request.cost_max /= static_cast<std::int64_t>(arms.size());
    std::vector<SearchPage> pages;
    for (const Terms& terms : arms) {
        auto page = search_all(connection, terms, request);
        if (!page) return page.error();
        pages.push_back(std::move(*page));
    }
    return merge(std::move(pages));
}

Result<SearchPage, StoreError>
search_joined(Connection& connection, const PaymentSearch& search, const Request& request) {
    if (search.join == PaymentSearch::Join::all)
        return search_all(connection, search.terms, request);
    std::vector<Terms> arms;
    for (const SearchTerm& term : search.terms) arms.push_back({term});
    return search_any(connection, arms, request);
}

}  // namespace

Result<SearchPage, StoreError> search_payments(
    Connection& connection,
    const PaymentSearch& search,
    const storage::PageRequest<PaymentId>& page
) {
    POSTERN_ASSERT(!search.terms.empty());
    POSTERN_ASSERT(page.rows_max > 0 && page.rows_max <= storage::kPageRowsMax);
    Request request{.owner = search.owner, .rows_max = page.rows_max + 1};
    if (page.after) request.ids_last = page.after->value - 1;
    auto found = search_joined(connection, search, request);
    if (!found) return found.error();
    auto& rows = found->payments;
    if (rows.size() > page.rows_max) {
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(page.rows_max), rows.end());
        found->resume = rows.back().id;
    }
    return found;
}

}  // namespace postern::payments
