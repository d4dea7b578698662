#pragma once

#include "storage/database.hpp"
#include "storage/ingest.hpp"

namespace postern::storage {

// The row that told this thing first: the given one, if none did before. Ingest claims for its
// batches itself; this is for things that are found in a row later, when it is reprocessed.
[[nodiscard]] Result<InboxId, StoreError>
claim_thing(Transaction& transaction, DedupeKey wanted, InboxId row);

}  // namespace postern::storage
