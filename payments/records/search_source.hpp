#pragma once

#include "payments/records/search_terms.hpp"

#include <cstdint>
#include <vector>

// The indexes that a search can walk, newest payment first.
namespace postern::payments {

struct SearchSource {
    enum class Kind : std::uint8_t { owner, status, customer, amount, amounts, metadata };
    Kind kind = Kind::owner;
    const SearchTerm* term = nullptr;  // which the index answers; of `owner` and `amounts`: none
    std::vector<Bounds> amounts;       // of `amount`, each a single one, and of `amounts`
};

// What may match the terms, from an owner's payments with ids within the bounds.
struct SearchRange {
    Owner owner;
    const std::vector<SearchTerm>& terms;
    Bounds ids;
};
// The one whose index has the fewest entries, as far as a short look tells.
[[nodiscard]] Result<SearchSource, StoreError>
most_telling_source(Connection& connection, const SearchRange& range);

struct Candidates {
    std::vector<PaymentId> found;  // newest first
    std::int64_t looked_at = 0;
    std::int64_t last_looked_at = 0;  // the smallest id seen; found or not
    enum class Ended : std::uint8_t { no, yes } ended = Ended::no;
};
struct CandidateLimits {
    std::int64_t found_max = 0;
    std::int64_t looked_at_max = 0;
};
[[nodiscard]] Result<Candidates, StoreError> next_candidates(
    Connection& connection,
    const SearchSource& source,
    const SearchRange& range,
    const CandidateLimits& limits
);

}  // namespace postern::payments
