#include "payments/records/search_terms.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

using Field = SearchTerm::Field;
using Compare = SearchTerm::Compare;
using Sense = SearchTerm::Sense;

bool compares(std::int64_t value, const SearchTerm& term) {
    switch (term.compare) {
        case Compare::equal: return value == term.number;
        case Compare::greater: return value > term.number;
        case Compare::less: return value < term.number;
        case Compare::greater_equal: return value >= term.number;
        case Compare::less_equal: return value <= term.number;
        case Compare::absent: return false;
    }
    return false;
}

bool has_pair(const SearchTerm& term, const Metadata& metadata) {
    const auto found = std::find_if(metadata.begin(), metadata.end(), [&term](const auto& pair) {
        return pair.first == term.name;
    });
    if (term.compare == Compare::absent) return found == metadata.end();
    return found != metadata.end() && found->second == term.text;
}

bool holds(const SearchTerm& term, const Payment& payment) {
    switch (term.field) {
        case Field::amount: return compares(payment.amount.minor, term);
        case Field::created: return compares(unix_seconds(payment.created_at), term);
        case Field::currency: return payment.amount.currency.lower() == term.text;
        case Field::customer:
            return term.compare == Compare::absent
                       ? !payment.customer
                       : payment.customer && payment.customer->value == term.number;
        case Field::status: return compares(static_cast<std::int64_t>(payment.status), term);
        case Field::metadata: return has_pair(term, payment.details.metadata);
    }
    return false;
}

bool may_match(const SearchTerm& term, const MoneyOfRow& money) {
    const bool is_plain = term.sense == Sense::plain;
    if (term.field == Field::amount) {
        const auto currency = Currency::parse(money.currency);
        return !currency
               || compares(money.thousandths / thousandths_per_minor(*currency), term) == is_plain;
    }
    if (term.field == Field::currency) return (money.currency == term.text) == is_plain;
    return true;
}

// Of whole numbers, so that each comparison is a closed range.
void narrow(Bounds& bounds, const SearchTerm& term) {
    switch (term.compare) {
        case Compare::equal:
            bounds.first = std::max(bounds.first, term.number);
            bounds.last = std::min(bounds.last, term.number);
            return;
        case Compare::greater: bounds.first = std::max(bounds.first, term.number + 1); return;
        case Compare::greater_equal: bounds.first = std::max(bounds.first, term.number); return;
        case Compare::less: bounds.last = std::min(bounds.last, term.number - 1); return;
        case Compare::less_equal: bounds.last = std::min(bounds.last, term.number); return;
        case Compare::absent: return;
    }
}

std::optional<Bounds> bounds_of(const std::vector<SearchTerm>& terms, Field field) {
    std::optional<Bounds> bounds;
    for (const SearchTerm& term : terms) {
        if (term.field != field || term.sense == Sense::negated) continue;
        if (!bounds) bounds.emplace();
        narrow(*bounds, term);
    }
    return bounds;
}

// What fits into a row in thousandths of every currency.
constexpr std::int64_t kMinorMax = std::numeric_limits<std::int64_t>::max() / 1'000;

// How many thousandths the smallest unit may be, the fewest first.
std::vector<std::int64_t> possible_scales(const std::vector<SearchTerm>& terms) {
    for (const SearchTerm& term : terms) {
        if (term.field != Field::currency || term.sense == Sense::negated) continue;
        if (const auto currency = Currency::parse(term.text))
            return {thousandths_per_minor(*currency)};
    }
    return {1, 10, 1'000};
}

// The moments that an id can hold: 43 bits of milliseconds.
constexpr std::int64_t kLastSecondOfIds = (std::int64_t{1} << 43) / 1'000 - 2;

}  // namespace

bool matches(const SearchTerm& term, const Payment& payment) {
    return holds(term, payment) == (term.sense == Sense::plain);
}

bool matches_all(const std::vector<SearchTerm>& terms, const Payment& payment) {
    return std::all_of(terms.begin(), terms.end(), [&payment](const SearchTerm& term) {
        return matches(term, payment);
    });
}

bool may_match(const std::vector<SearchTerm>& terms, const MoneyOfRow& money) {
    return std::all_of(terms.begin(), terms.end(), [&money](const SearchTerm& term) {
        return may_match(term, money);
    });
}

Bounds id_bounds(const std::vector<SearchTerm>& terms) {
    const auto seconds = bounds_of(terms, Field::created);
    if (!seconds) return {};
    const std::int64_t first = std::clamp<std::int64_t>(seconds->first, 0, kLastSecondOfIds);
    const std::int64_t last = std::clamp<std::int64_t>(seconds->last, -1, kLastSecondOfIds);
    return {
        .first = first_id_at(from_unix_seconds(first)),
        .last = first_id_at(from_unix_seconds(last + 1)) - 1};
}

std::vector<Bounds> amount_bounds(const std::vector<SearchTerm>& terms) {
    const auto minor = bounds_of(terms, Field::amount);
    if (!minor) return {};
    const std::vector<std::int64_t> scales = possible_scales(terms);
    const std::int64_t first = std::clamp<std::int64_t>(minor->first, 0, kMinorMax);
    const std::int64_t last = std::clamp<std::int64_t>(minor->last, -1, kMinorMax);
    std::vector<Bounds> amounts;
    for (const std::int64_t scale : scales) {
        const Bounds scaled{.first = first * scale, .last = last * scale};
        if (amounts.empty() || scaled.first > amounts.back().last) {
            amounts.push_back(scaled);
        } else {
            amounts.back().last = scaled.last;
        }
    }
    return amounts;
}

}  // namespace postern::payments
