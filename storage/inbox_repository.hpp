#pragma once

#include "core/ids.hpp"
#include "core/trace.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"
#include "storage/sweep.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct InboxRow {
    InboxId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    GatewayNumber gateway;
    Verdict verdict = Verdict::verified;
    std::string reason;
    std::optional<InboxId> duplicate_of;
    TimePoint received_at;
    std::string gateway_event_id;
    std::vector<EventId> event_ids;
    std::string headers;
    std::string body_sha256;                 // 32 bytes
    std::string body;                        // empty in a page: a list does not read bodies
    std::optional<TraceContext> trace = {};  // of a single row only, as the body

    bool operator==(const InboxRow&) const = default;
};

struct InboxFilter {
    std::optional<AccountId> account;
    std::optional<Livemode> livemode;
    std::optional<GatewayNumber> gateway;
    std::optional<Verdict> verdict;
    std::optional<TimePoint> since;  // by arrival, to the millisecond; included
    std::optional<TimePoint> until;  // not included
};

struct InboxCorrection {
    InboxId id;
    Verdict verdict = Verdict::verified;
    std::string reason;
    std::vector<EventId> event_ids;
};

[[nodiscard]] Result<Page<InboxRow>, StoreError>
list_inbox(Connection& connection, const InboxFilter& filter, const PageRequest<InboxId>& page);
[[nodiscard]] Result<std::optional<InboxRow>, StoreError>
find_inbox(Connection& connection, InboxId id);
// What is known better after an upgrade; the bytes received never change.
[[nodiscard]] Result<void, StoreError>
correct_inbox(Transaction& transaction, const InboxCorrection& correction);

// Those that came before, the oldest first and a few at a time, since the writer serves nobody else
// meanwhile; how many went. Their events stay, and so does what they said: a provider that says it
// again is known to repeat itself, whatever the bytes.
[[nodiscard]] Result<SweptRows, StoreError>
forget_inbox(Transaction& transaction, const OldRows& old);

// What tells of a webhook's contents, and whose payments they are about.
struct InboxLinks {
    InboxId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    std::vector<EventId> event_ids;
};
[[nodiscard]] Result<void, StoreError>
relink_inbox(Transaction& transaction, const InboxLinks& links);

}  // namespace postern::storage
