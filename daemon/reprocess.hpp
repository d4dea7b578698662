#pragma once

#include "daemon/gateways.hpp"
#include "daemon/provider_desk.hpp"
#include "daemon/store.hpp"
#include "dispatch/endpoint_directory.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/inbox_repository.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::daemon {

// Reads a stored webhook again with the provider's code of today. The bytes were proved when they
// came, so only their meaning is asked for.
struct Reading {
    storage::Verdict verdict = storage::Verdict::verified;
    std::string reason;
    std::vector<ProviderEvent> events;
};

// The complaint says why this row cannot be read again.
[[nodiscard]] Result<Reading, Complaint>
read_again(const storage::InboxRow& row, const Gateway& gateway);

struct ReprocessSurroundings {
    const storage::StoreKeys& keys;
    const IdCodec& ids;
    const dispatch::EndpointDirectory& endpoints;
    ProviderDesk* desk = nullptr;  // null: no payment API, so all is as told
};

// Adds the events that the reading has and the store has not, with their deliveries, and corrects
// the row's verdict. What another webhook told first stays that one's: nothing happens twice. The
// nudges are for after the commit.
[[nodiscard]] Result<std::vector<dispatch::Nudge>, storage::StoreError> apply_reading(
    storage::Transaction& transaction,
    const ReprocessSurroundings& around,
    InboxId id,
    const Gateway& gateway,
    const Reading& reading
);

}  // namespace postern::daemon
