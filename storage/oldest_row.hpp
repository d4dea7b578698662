#pragma once

#include "core/time.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <optional>

namespace postern::storage {

// The tables whose rows go when they are old, and whose ids tell how old they are.
enum class DatedTable : std::uint8_t { request_log, inbox, events, attempts, jobs };

// When the oldest row that is there was made; nullopt: there is none.
[[nodiscard]] Result<std::optional<TimePoint>, StoreError>
oldest_row(Connection& connection, DatedTable table);

}  // namespace postern::storage
