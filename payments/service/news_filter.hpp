#pragma once

#include "core/ids.hpp"
#include "payments/service/provider_news.hpp"

#include <cstddef>
#include <set>
#include <vector>

namespace postern::payments {

// The places of those news that may be about something of ours; the others surely are not. Where
// many write, one statement tells for all of them, and the answer holds until then only: whoever
// finds some takes their turn and reads again. Where one writes, looking is what taking begins
// with, so all of them may.
[[nodiscard]] Result<std::set<std::size_t>, storage::StoreError> find_news_of_ours(
    storage::Transaction& transaction,
    const IdCodec& ids,
    const std::vector<ProviderNews>& news
);

}  // namespace postern::payments
