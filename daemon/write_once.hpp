#pragma once

#include "daemon/idempotency.hpp"

#include <functional>
#include <optional>

namespace postern::daemon {

// A POST's effect together with its answer, at most once for each Idempotency-Key: the key, the
// effect and the answer are one transaction, so a retry after a crash gets the first answer or does
// the whole.
//
// The work may run more than once before it commits. Whatever it answers is committed, so it
// refuses before it writes; a refusal is not kept, because the caller may mend what was wrong and
// ask again with the same key. A request that is no POST, or has no key, is simply done.
using OnceWork = std::function<Result<HttpReply, storage::StoreError>(storage::Transaction&)>;
net::Task<HttpReply> write_once(const ApiCall& call, OnceWork work);

// For an effect that is not a transaction: the answer that this request's key had before, or the
// refusal of the key. After the effect its answer is kept with write_once().
net::Task<std::optional<HttpReply>>
answered_before(const ApiCall& call, std::string_view key_in_body = {});

}  // namespace postern::daemon
