#pragma once

#include "storage/ingest.hpp"
#include "storage/sqlite/dedupe_index.hpp"
#include "storage/sqlite/sqlite_handle.hpp"

#include <span>
#include <vector>

namespace postern::storage {

// Ingest as a loop over prepared statements: each round trip is a function call here.
class SqliteIngest {
 public:
    SqliteIngest(SqliteHandle& handle, DedupeIndex& dedupe, SipKey dedupe_key)
        : handle_{handle}, dedupe_{dedupe}, key_{dedupe_key} {}

    [[nodiscard]] Result<void, StoreError>
    run(Transaction& transaction, std::span<IngestItem* const> items);

 private:
    // What is known of one thing that the request says: 0 is new.
    struct Known {
        InboxId inbox;
        bool is_new() const { return inbox.value == 0; }
    };
    struct Draft {
        Transaction& transaction;
        const IngestRequest& request;
        IngestOutcome& outcome;
        InboxId row;  // where it goes if it is stored
    };

    [[nodiscard]] Result<void, StoreError> ingest_one(Transaction& transaction, IngestItem& item);
    [[nodiscard]] Result<void, StoreError> claim_all(const Draft& draft);
    [[nodiscard]] Result<void, StoreError> store(const Draft& draft);
    [[nodiscard]] Result<void, StoreError> keep_known(const Draft& draft);
    enum class Bytes { same, other, unknown };  // unknown: the row went, since it was old
    [[nodiscard]] Result<Bytes, StoreError>
    compare_body(InboxId inbox, const IngestRequest& request);
    [[nodiscard]] Result<InboxId, StoreError>
    find_second_version(InboxId original, const IngestRequest& request);
    struct Flags {
        Verdict verdict;
        InboxId duplicate_of;  // 0: of none
    };
    [[nodiscard]] Result<void, StoreError> insert_inbox(const Draft& draft, Flags flags);
    [[nodiscard]] Result<void, StoreError> insert_event(const Draft& draft, std::size_t index);

    SqliteHandle& handle_;
    DedupeIndex& dedupe_;
    SipKey key_;
    std::vector<Known> known_;  // of the request in hand, one for each thing it says
};

}  // namespace postern::storage
