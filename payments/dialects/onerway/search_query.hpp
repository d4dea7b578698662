#pragma once

#include "core/ids.hpp"
#include "payments/records/payment_search.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::payments::onerway {

inline constexpr std::size_t kSearchTermsMax = 10;

struct SearchQuery {
    std::vector<SearchTerm> terms;
    PaymentSearch::Join join = PaymentSearch::Join::all;
    bool operator==(const SearchQuery&) const = default;
};

// Stripe's search language for payment intents: amount>100 AND -status:"canceled", clauses joined
// by AND (or a space) or by OR, never both; metadata['k']:'v', metadata['k']:null. nullopt: it is
// not one.
std::optional<SearchQuery> parse_search(const IdCodec& ids, std::string_view text);

}  // namespace postern::payments::onerway
