#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/sweep.hpp"

#include <optional>
#include <string>

namespace postern::storage {

// The answer to a request that carried an Idempotency-Key, written in the transaction that did what
// was asked: there is no moment at which one exists without the other.
struct IdempotencyRow {
    AccountId account;
    Livemode livemode = Livemode::test;
    std::string key;           // as sent, bounded by the caller
    std::string request_hash;  // method, path and body
    std::int64_t status = 200;
    std::string reply;  // sealed by the daemon
    TimePoint created_at;

    bool operator==(const IdempotencyRow&) const = default;
};

[[nodiscard]] Result<std::optional<IdempotencyRow>, StoreError> find_idempotent_reply(
    Connection& connection,
    const IdempotencyRow& which  // account, livemode and key
);
// Takes the place of one that is there. Whether that one is too old to count is for the caller to
// ask first, in the same transaction.
[[nodiscard]] Result<void, StoreError>
put_idempotent_reply(Transaction& transaction, const IdempotencyRow& row);
// A few at a time; how many went.
[[nodiscard]] Result<SweptRows, StoreError>
forget_idempotent_replies(Transaction& transaction, const OldRows& old);

}  // namespace postern::storage
