#include "storage/dedupe_repository.hpp"

namespace postern::storage {

Result<InboxId, StoreError> claim_thing(Transaction& transaction, DedupeKey wanted, InboxId row) {
    const auto known = transaction.connection().claim({wanted, row, transaction.next_id()});
    if (!known) return known.error();
    return known->value == 0 ? row : *known;
}

}  // namespace postern::storage
