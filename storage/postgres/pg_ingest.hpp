#pragma once

#include "storage/ingest.hpp"
#include "storage/postgres/pg_values.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace postern::storage {

class PgConnection;

// Ingest as a few statements over whole columns, whatever the size of the batch: one round trip
// claims all that is said and reads what is known, and the rows go with the commit. It decides what
// a loop over the requests in their order would decide.
class PgIngest {
 public:
    PgIngest(PgConnection& connection, SipKey dedupe_key)
        : connection_{connection}, key_{dedupe_key} {}

    [[nodiscard]] Result<void, StoreError>
    run(Transaction& transaction, std::span<IngestItem* const> items);
    [[nodiscard]] Result<InboxId, StoreError> claim(const DedupeClaim& claim);

 private:
    // One thing that one request says, and what is known of it.
    struct Saying {
        DedupeKey wanted;
        std::size_t item = 0;
        std::size_t leader = 0;  // the first of the batch that says the same, perhaps itself
        std::int64_t place = 0;
        InboxId known;       // the row that told it; 0: nobody did, and it is claimed
        std::string sha256;  // of that row's body; empty: the row went, since it was old
        InboxId second;      // the row that keeps this request's bytes as a second version
    };
    struct Item {
        IngestItem* item = nullptr;
        InboxId row;  // where it goes if it is stored
        std::size_t first_saying = 0;
        std::size_t sayings = 0;
    };
    struct Flags {
        Verdict verdict;
        InboxId duplicate_of;  // 0: of none
    };

    void collect(Transaction& transaction, std::span<IngestItem* const> items);
    void collect_sayings(std::size_t item);
    [[nodiscard]] Result<void, StoreError> claim_all();
    [[nodiscard]] Result<void, StoreError> claim_round();
    [[nodiscard]] Result<void, StoreError> insert_claims();
    [[nodiscard]] Result<void, StoreError> read_known();
    void note_known(std::size_t saying, Query& query);
    void share_new_claims();
    bool is_new(std::size_t saying) const;
    [[nodiscard]] Result<void, StoreError> decide(Transaction& transaction, const Item& item);
    void store(Transaction& transaction, const Item& item);
    [[nodiscard]] Result<void, StoreError> keep_known(const Item& item);
    [[nodiscard]] Result<InboxId, StoreError> claim_second(const Item& item, InboxId original);
    void add_inbox(const Item& item, Flags flags);
    void add_event(const Item& item, std::size_t index, TimePoint now);
    [[nodiscard]] Result<void, StoreError> write_rows();

    PgConnection& connection_;
    SipKey key_;
    // Of the batch in hand.
    std::vector<Item> items_;
    std::vector<Saying> sayings_;
    std::vector<std::size_t> open_;   // the leaders whose place is not known yet
    std::vector<std::size_t> asked_;  // of these, the ones in this round
    std::map<std::pair<std::int64_t, std::string>, InboxId> seconds_;  // by original and bytes
    std::vector<PgArray> inbox_columns_;
    std::vector<PgArray> event_columns_;
    std::size_t inbox_rows_ = 0;
    std::size_t event_rows_ = 0;
};

}  // namespace postern::storage
